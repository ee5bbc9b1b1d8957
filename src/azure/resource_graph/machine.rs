//! Machines as Resource Graph lists them.

use std::collections::BTreeMap;

use super::misspelt::{Misspelt, OtherTag};
use jiff::Timestamp;
use pure::domain::{HardwareId, ResourceId};

/// The type of scale sets, in lower case.
pub(super) const SCALE_SETS: &str = "microsoft.compute/virtualmachinescalesets";

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
    /// A tag of another key that was probably meant to be the tag; of a machine without the tag alone.
    pub other_tag: Option<Box<OtherTag>>,
    /// The management groups above it; none where they were not asked for, or not told.
    pub groups: Option<Vec<String>>,
}

/// What is known about one machine at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagState {
    /// The raw values of its tag; none without the tag.
    Tagged(Vec<String>),
    /// There is no such machine.
    Gone,
    /// It may exist, but this identity may not read it.
    Unreadable,
}

/// A page of machines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachinesPage {
    /// When the request for this page was sent.
    pub sent_at: Timestamp,
    /// Machines that have the tag.
    pub machines: Vec<Machine>,
    /// Scale sets that have the tag: each is many machines, and none of them can have the name.
    pub scale_sets: Vec<Machine>,
    /// Machines without the tag that carry one which was probably meant to be it.
    pub misspelt: Vec<Misspelt>,
    /// Machines of which neither their row nor they themselves say what their tags are, here without any, each with why.
    pub unreadable: Vec<(Machine, String)>,
    /// Whether a row was left out because it names no machine: what that machine claims is not known.
    pub is_strange: bool,
}

impl MachinesPage {
    /// Takes scale sets out of the machines. Only a tag that somebody wrote is worth a word.
    pub(super) fn set_scale_sets_apart(&mut self) {
        let is_set = |machine: &mut Machine| machine.id.whole_type() == SCALE_SETS;
        self.scale_sets.extend(self.machines.extract_if(.., is_set));
        self.scale_sets.retain(|scale_set| !scale_set.tag_values.is_empty());
        self.unreadable.retain(|(machine, _)| machine.id.whole_type() != SCALE_SETS);
    }
}
