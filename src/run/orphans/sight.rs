//! What is seen live before a name ends: who claims what now, and which record sets of ours stand in the zones.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ends::unclaimed;
use super::super::fleet::Fleet;
use super::super::ours::ours_in;
use super::super::planned::Planned;
use super::super::trouble::Trouble;
use crate::azure::Azure;
use pure::domain::{RecordId, ZoneId};
use pure::plan::census::{Census, Standing};

/// What was seen.
pub(super) struct Sight {
    /// Whether all of the fleet says what it claims, with no right lost: the log is history only.
    pub(super) is_whole: bool,
    /// What the log calls claimed by nobody, and nobody claims now.
    pub(super) unclaimed: BTreeSet<RecordId>,
    /// What stands in the zones that could be read.
    pub(super) census: Census,
    /// Why the other zones could not be: of those none goes.
    pub(super) unread: BTreeMap<ZoneId, Trouble>,
}

impl Planned<'_> {
    /// Reads the fleet, and every managed zone: whether all tags were lost, no zone says alone.
    pub(super) async fn see(&mut self, asking: &Azure) -> Result<Sight, Trouble> {
        let fleet = Fleet::read(asking, &self.installation.settings.collect, self.policy()).await?;
        let unclaimed = unclaimed(&fleet, &self.case.history).map(|marked| marked.id.clone()).collect();
        // A machine that does not show its tags may be the claimant.
        let is_shown = fleet.is_whole();
        self.fleet = Some(fleet);
        let is_whole = is_shown && self.rights_lost().await?.is_empty();
        let mut seen = Sight { is_whole, unclaimed, census: Census::default(), unread: BTreeMap::new() };
        if is_whole {
            self.count_what_stands(asking, &mut seen).await;
        }
        Ok(seen)
    }

    async fn count_what_stands(&self, asking: &Azure, seen: &mut Sight) {
        let (policy, fleet) = (self.policy(), self.fleet.as_ref());
        for zone in policy.zones.iter() {
            match ours_in(asking, &zone.id, &policy.owner).await {
                Ok(sets) => {
                    let standing = sets.iter().filter_map(|set| {
                        let is_claimed = fleet.is_some_and(|fleet| !fleet.claimants(&set.name).is_empty());
                        Standing::of(set, &policy.owner, is_claimed)
                    });
                    seen.census.learn(&zone.id, standing);
                }
                Err(trouble) => drop(seen.unread.insert(zone.id.clone(), trouble)),
            }
        }
    }
}
