//! The end of a name: a record set with our mark that nobody claims any more, and when it may go.
//!
//! ```text
//! no tag row of the grace names it ∧ a complete tag sweep on each of its days ∧ no live tag names it   gone
//! ∧ the set carries our mark, no hold, and still holds what we wrote last                              may go
//! ∧ of its zone no more go within a day than the limit                                                 goes
//! ```

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{HostName, Mark, ResourceId, ZoneId};

use super::brake_kind::{About, Brake, BrakeKind, Opens};
use super::case::History;
use super::cause::Cause;
use super::change::{After, Change};
use super::marked::{ClaimPast, Marked};
use super::need::{Answer, Read};
use super::policy::Policy;

/// Record sets of one zone that may go within a day, however small the zone.
const FEW: u64 = 5;
/// Percent of a zone's own record sets that may go within a day.
const PERCENT: u64 = 5;

/// How many record sets of a zone may go within a day, by how many carry our mark.
#[must_use]
pub fn daily_limit(marked_sets: u64) -> u64 {
    FEW.max(marked_sets.saturating_mul(PERCENT) / 100)
}

/// Whether the tags were swept in full on each day of the grace: of a day without a sweep nobody knows what tags held.
#[must_use]
pub fn is_watched(past: &ClaimPast, grace: SignedDuration) -> bool {
    let day = SignedDuration::from_hours(24).as_secs();
    let days = u64::try_from(grace.as_secs().saturating_add(day - 1) / day).unwrap_or(u64::MAX);
    (0..days.max(1)).all(|day| past.swept_days.contains(&day))
}

/// Those that are gone by the log's word, and hold by its word what was written last.
#[must_use]
pub fn gone<'a>(
    orphans: impl IntoIterator<Item = &'a Marked>,
    past: &ClaimPast,
    policy: &Policy,
    now: Timestamp,
) -> Vec<&'a Marked> {
    let grace = policy.orphan_grace;
    if !is_watched(past, grace) {
        return Vec::new();
    }
    let is_gone =
        |name: &HostName| past.claimed.get(name).is_none_or(|claimed| now.duration_since(*claimed) > grace);
    let holds = |marked: &Marked| {
        let write = past.written.get(&marked.id);
        write.is_some_and(|write| write.run == marked.run && write.addresses == marked.addresses)
    };
    orphans.into_iter().filter(|marked| is_gone(&marked.id.name) && holds(marked)).collect()
}

/// What a zone lets go today, and the brakes of zones that would lose too many at once. Those lose none: when all tags were
/// lost with a template, a few each day would be all of them in the end.
#[must_use]
pub fn weigh<'a>(gone: &[&'a Marked], history: &History) -> (Vec<&'a Marked>, Vec<Brake>) {
    let mut zones: BTreeMap<&ZoneId, Vec<&'a Marked>> = BTreeMap::new();
    for marked in gone {
        zones.entry(&marked.id.zone).or_default().push(marked);
    }
    let mut going = Vec::new();
    let mut brakes = Vec::new();
    for (zone, marked) in zones {
        let own = history.zones.get(zone).map_or(0, |zone| zone.marked_sets);
        let limit = daily_limit(own);
        let before = history.deletions.get(zone).copied().unwrap_or_default();
        let seen = before.saturating_add(marked.len() as u64);
        if seen > limit {
            brakes.push(brake(zone, &marked, limit, seen));
        } else {
            going.extend(marked);
        }
    }
    (going, brakes)
}

fn brake(zone: &ZoneId, held: &[&Marked], limit: u64, seen: u64) -> Brake {
    let because = format!(
        "nobody claims {} record sets of {} any more, and with those that went within the day that is {seen}, more than \
         the {limit} that may go: tags may have been lost, so none goes; write the tags again, or delete the sets that are \
         really over",
        held.len(),
        zone.zone_name()
    );
    Brake {
        brake: BrakeKind::Orphans,
        // There is no change that a digest could stand for: the sets are not read while the brake stands.
        digest: None,
        zone: Some(zone.clone()),
        limit,
        seen: Some(seen),
        names: held.iter().map(|marked| marked.id.name.to_string()).collect(),
        opens: Opens::NextRun,
        because,
        about: About::Ends,
    }
}

/// The deletion of a record set as it stands now; none where it is not ours alone to end: another's mark or none, a hold,
/// an alias, other addresses than we wrote, or nobody knows.
#[must_use]
pub fn depart(marked: &Marked, read: Option<&Answer<Read>>, policy: &Policy) -> Option<Change> {
    let Some(Answer::Known(Read { set: Some(set), .. })) = read else { return None };
    let mark = set.mark_of(&policy.owner)?;
    let is_ours = mark.version == Mark::VERSION && mark.hold.is_none() && set.hold().is_none();
    let is_as_written = mark.run == marked.run && set.addresses == marked.addresses;
    if !is_ours || !is_as_written || set.alias.is_some() || !set.is_guarded() {
        return None;
    }
    let machine = ResourceId::parse(&mark.machine).ok()?;
    let after = After { addresses: BTreeSet::new(), ttl: set.ttl, machine };
    Some(Change { id: marked.id.clone(), before: Some(set.clone()), after, cause: Cause::Orphaned })
}
