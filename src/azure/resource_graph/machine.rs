//! A machine as Resource Graph lists it.

use std::collections::BTreeMap;

use pure::domain::ResourceId;

/// A machine that has tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its id, as given.
    pub id: ResourceId,
    /// Its name.
    pub name: String,
    /// Its resource type.
    pub resource_type: String,
    /// Its region.
    pub location: String,
    /// The raw values of the tag, whatever the case of its name; more than one when two spellings exist, none
    /// without the tag.
    pub tag_values: Vec<String>,
    /// Those of its other tags that were asked for, by their keys in lower case.
    pub tags: BTreeMap<String, String>,
    /// The management groups above it; none where they were not asked for, or not told.
    pub groups: Option<Vec<String>>,
}
