//! Machines: Arc servers and virtual machines, of which only id, place and tags matter here.

use std::sync::Arc;

use serde_json::Value;

use super::{ResourceId, Tags};

/// A machine with tags.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its id, as given.
    pub id: ResourceId,
    /// Its name.
    pub name: Arc<str>,
    /// Its type, as given.
    pub kind: Arc<str>,
    /// Its region.
    pub location: Arc<str>,
    /// Its tags; none is sent as null.
    pub tags: Option<Tags>,
    /// Further properties, as given.
    pub properties: Option<Box<Value>>,
}
