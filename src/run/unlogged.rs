//! Writes of ours that the log has not heard of: a run was broken off, or its rows are on their way. The mark in the record
//! set tells of them.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::installation::Installation;
use super::past::Remembered;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::queries::{Past, Proved};
use pure::domain::{HostName, RecordId, RecordSet, RecordType, ZoneId};
use pure::plan::Motive;

/// The record sets of a name as they stand there now, whosever they are: one call for each zone that holds it and each type,
/// none for a name that no managed zone holds.
///
/// # Errors
/// When one of them cannot be read.
pub async fn sets_of(
    installation: &Installation,
    azure: &Azure,
    name: &HostName,
    side: Option<&ZoneId>,
) -> Result<Vec<RecordSet>, Trouble> {
    let policy = &installation.settings.policy;
    let types = [RecordType::A, RecordType::Aaaa];
    let zones = policy.zones.of_name(name).filter(|zone| side.is_none_or(|side| *side == zone.id));
    let places = zones.flat_map(|zone| types.map(|record_type| (&zone.id, record_type)));
    let read = places.map(|(zone, record_type)| azure.dns.get(zone, name, record_type));
    let sets = join_all(read).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(sets.into_iter().flatten().collect())
}

/// The writes that only the marks of these sets tell of, the newest first; none where a part of the log's answer is missing,
/// for then nobody can say what it does not know.
#[must_use]
pub fn unlogged(sets: &[RecordSet], owner: &str, found: &Remembered) -> Vec<Past> {
    if found.partial.is_some() {
        return Vec::new();
    }
    let key = |write: &Past| (write.record_id(), write.run.clone());
    let known: BTreeSet<(RecordId, String)> = found.writes.iter().map(key).collect();
    let mut told: Vec<Past> = sets.iter().filter_map(|set| by_mark(set, owner)).collect();
    told.retain(|write| !known.contains(&key(write)));
    told.sort_by_key(|write| std::cmp::Reverse(write.time));
    told
}

/// What the mark of a set tells of the write that left it there.
#[must_use]
pub fn by_mark(set: &RecordSet, owner: &str) -> Option<Past> {
    let mark = set.mark_of(owner).filter(|mark| !mark.run.is_empty())?;
    // A hold changes no address, and its mark keeps those of before the last move.
    let (from, motive) = match (mark.is_hold(), mark.undoes.is_empty()) {
        (true, _) => (set.addresses.clone(), Some(Motive::Held)),
        (false, false) => (mark.previous, Some(Motive::RolledBack)),
        (false, true) => (mark.previous, None),
    };
    Some(Past {
        time: mark.time?,
        name: set.name.clone(),
        zone: set.zone.clone(),
        record_type: set.record_type,
        run: mark.run,
        trigger: String::new(),
        from,
        to: set.addresses.clone(),
        machine: mark.machine,
        motive,
        beats: None,
        by: mark.hold.map(|hold| hold.by).unwrap_or_default(),
        policy: String::new(),
        proof: Proved::Untold,
        is_confirmed: true,
        time_to_truth_ms: None,
        is_recovered: true,
    })
}
