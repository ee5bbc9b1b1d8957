//! What still holds the addresses that one name has left, as far as the log and the marks of its sets remember.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::azure::Azure;
use crate::queries::Past;
use crate::run::installation::Installation;
use crate::run::moves::holding;
use crate::run::past::Remembered;
use crate::run::trouble::Trouble;
use pure::domain::{HostName, RecordId, ResourceId};
use pure::plan::Explanation;
use pure::plan::report::{Moves, left};

/// The most addresses that are looked for: of a name that moves each night the newest.
const ADDRESSES: usize = 20;

/// Looks, where that is wanted and the name has left an address.
pub(super) async fn moves(
    installation: &Installation,
    azure: &Azure,
    (past, unlogged): (&Result<Remembered, Trouble>, &[Past]),
    record_sets: &[Explanation],
    machines: &BTreeSet<ResourceId>,
) -> Result<Option<Moves>, Trouble> {
    if !installation.settings.run.reports_moves {
        return Ok(None);
    }
    let past = past.as_ref().map_err(Clone::clone)?;
    let held: BTreeSet<IpAddr> =
        record_sets.iter().flat_map(|set| &set.record_set.addresses).copied().collect();
    let mut found: BTreeMap<IpAddr, BTreeSet<HostName>> = BTreeMap::new();
    // The newest write comes first. What was left and is held again was not left.
    for write in unlogged.iter().chain(&past.writes) {
        let id = write.record_id();
        let one: (&RecordId, _, _) = (&id, write.from.clone(), write.to.clone());
        let of_one = left(std::iter::once(one)).into_iter().filter(|(address, _)| !held.contains(address));
        for (address, names) in of_one {
            if found.len() < ADDRESSES || found.contains_key(&address) {
                found.entry(address).or_default().extend(names);
            }
        }
    }
    if found.is_empty() {
        return Ok(None);
    }
    let machines = machines.iter().map(|id| id.lower().to_owned()).collect();
    holding(installation, azure, found, &machines).await.map(Some)
}
