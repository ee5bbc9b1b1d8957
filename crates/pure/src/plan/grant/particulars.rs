//! What is known of machines besides their ids: where each is, what its tags say, and which management groups are above it.

use std::collections::BTreeMap;

use crate::domain::ResourceId;

use super::claimant::Claimant;
use super::placeholder::Traits;
use super::scope::Ancestors;

/// What is known of machines besides their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// By machine, its id in lower case.
    traits: BTreeMap<String, Traits>,
    ancestors: Ancestors,
}

/// Of nobody anything is known.
static NOTHING: Particulars = Particulars { traits: BTreeMap::new(), ancestors: Ancestors::NONE };

impl Particulars {
    /// Takes what was told of one machine; of its management groups only where these were told.
    pub fn learn(
        &mut self,
        machine: &ResourceId,
        location: &str,
        tags: &BTreeMap<String, String>,
        groups: Option<&Vec<String>>,
    ) {
        let traits = Traits { location: location.to_owned(), tags: tags.clone() };
        self.traits.insert(machine.lower().to_owned(), traits);
        if let Some(groups) = groups {
            self.ancestors.learn(machine.subscription(), groups.iter().cloned());
        }
    }

    /// Takes over all that another one knows, newer ones last.
    pub fn extend(&mut self, other: Self) {
        self.traits.extend(other.traits);
        self.ancestors.extend(other.ancestors);
    }

    /// Nothing at all.
    pub(in crate::plan) fn nothing() -> &'static Self {
        &NOTHING
    }

    /// The machine as somebody who asks for a name.
    pub(in crate::plan) fn claimant<'a>(&'a self, machine: Option<&'a ResourceId>) -> Claimant<'a> {
        let facts = machine.and_then(|machine| self.traits.get(machine.lower()));
        Claimant { machine, facts, ancestors: &self.ancestors }
    }
}
