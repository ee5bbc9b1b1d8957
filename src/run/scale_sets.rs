//! Scale sets that carry the tag: why none of them can have the name is said, for no row ever speaks of them.

use std::collections::BTreeSet;

use super::fleet::Fleet;
use super::planned::Planned;
use pure::domain::{HostName, ResourceId};
use pure::plan::{Skip, Why};

impl Planned<'_> {
    /// Says of each name that a scale set carries why it cannot have it: of all names, or of those that were asked for. Whether
    /// there was any.
    pub(super) fn name_scale_sets(&mut self, fleet: &Fleet, only: Option<&BTreeSet<HostName>>) -> bool {
        let found: Vec<(String, ResourceId)> =
            fleet.scale_sets(only).map(|(name, scale_set)| (name.clone(), scale_set.clone())).collect();
        for (name, scale_set) in &found {
            let why = Why::ScaleSet { name: name.clone(), scale_set: scale_set.to_string() };
            self.plan.skips.push(Skip::of_claim(self.policy(), name, scale_set, &why));
            if let (Some(_), Ok(name)) = (only, HostName::parse(name)) {
                self.rowless.push((name, scale_set.clone(), why));
            }
        }
        !found.is_empty()
    }
}
