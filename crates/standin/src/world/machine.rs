//! Machines: Arc servers and virtual machines, of which only id, place and tags matter here.

use serde_json::{Map, Value};

use super::ResourceId;

/// A machine with tags.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its id, as given.
    pub id: ResourceId,
    /// Its name.
    pub name: String,
    /// Its type, as given.
    pub kind: String,
    /// Its region.
    pub location: String,
    /// Its tags; none is sent as null.
    pub tags: Option<Map<String, Value>>,
    /// Further properties, as given.
    pub properties: Option<Value>,
}
