//! Which machines are asked for, and what besides their ids and the tag that names names: only what the policy speaks of.

use std::collections::BTreeSet;

use pure::domain::{MachineKind, Zones};
use pure::plan::{NameForm, Placeholder, Policy};

/// Which machines are asked for, and what besides their ids and the tag that names names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineColumns {
    /// The kinds that can have names (`TARGETS`).
    pub kinds: BTreeSet<MachineKind>,
    /// The keys of further tags, in lower case.
    pub tags: BTreeSet<String>,
    /// Whether the management groups above each machine are wanted.
    pub groups: bool,
    /// Whether machines without the tag claim names too.
    pub untagged: bool,
    /// The managed zones: a tag of another key that holds names of theirs may be the one that was meant.
    pub zones: Zones,
}

impl Default for MachineColumns {
    /// Of Arc machines, whose names stand in the tag.
    fn default() -> Self {
        let kinds = [MachineKind::Arc].into();
        Self { kinds, tags: BTreeSet::new(), groups: false, untagged: false, zones: Zones::default() }
    }
}

impl MachineColumns {
    pub(super) fn of(policy: &Policy, kinds: &BTreeSet<MachineKind>) -> Self {
        let of_claims = policy.grants.tags().into_iter();
        let of_template =
            policy.template.iter().flat_map(NameForm::placeholders).filter_map(Placeholder::tag);
        Self {
            kinds: kinds.clone(),
            tags: of_claims.chain(of_template).map(str::to_owned).collect(),
            groups: !policy.grants.management_groups().is_empty(),
            untagged: policy.template.is_some(),
            zones: policy.zones.clone(),
        }
    }
}
