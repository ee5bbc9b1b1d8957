//! Machines as Resource Graph lists them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pure::domain::{HardwareId, ResourceId};

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
    /// What it says that it is made of; none where it was not asked for, or not told.
    pub hardware: Option<HardwareId>,
    /// The management groups above it; none where they were not asked for, or not told.
    pub groups: Option<Vec<String>>,
}

/// A page of machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachinesPage {
    /// When the request for this page was sent.
    pub sent_at: Timestamp,
    /// Machines that have the tag.
    pub machines: Vec<Machine>,
    /// Machines of which neither their row nor they themselves say what their tags are, here without any, each with why.
    pub unreadable: Vec<(Machine, String)>,
    /// Whether a row was left out because it names no machine: what that machine claims is not known.
    pub is_strange: bool,
}
