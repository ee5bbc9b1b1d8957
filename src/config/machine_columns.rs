//! What is asked of machines besides their ids and the tag that names names: only what the policy speaks of.

use std::collections::BTreeSet;

use pure::plan::{NameForm, Placeholder, Policy};

/// What is asked of machines besides their ids and the tag that names names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineColumns {
    /// The keys of further tags, in lower case.
    pub tags: BTreeSet<String>,
    /// Whether the management groups above each machine are wanted.
    pub groups: bool,
    /// Whether machines without the tag claim names too.
    pub untagged: bool,
}

impl MachineColumns {
    pub(super) fn of(policy: &Policy) -> Self {
        let of_claims = policy.grants.tags().into_iter();
        let of_template =
            policy.template.iter().flat_map(NameForm::placeholders).filter_map(Placeholder::tag);
        Self {
            tags: of_claims.chain(of_template).map(str::to_owned).collect(),
            groups: !policy.grants.management_groups().is_empty(),
            untagged: policy.template.is_some(),
        }
    }
}
