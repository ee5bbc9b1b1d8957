//! The end of a name: a record set with our mark that nobody claims any more, and when it may go.
//!
//! ```text
//! no tag row of the grace names it ∧ a complete tag sweep on each of its days ∧ no live tag names it   gone
//! ∧ the machine of its mark has said itself that it claims it no more (`last_word`)                    may be asked for
//! ∧ the set carries our mark, no hold, and still holds what we wrote last                              may go
//! ∧ nobody claims no more of its zone than may go within a day, or a person approves                   goes
//! ```

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{HostName, Mark, RecordId, ResourceId, ZoneId};

use super::answer::Answer;
use super::approval::{Approval, Lifted};
use super::approve;
use super::brake_kind::{About, Brake, BrakeKind, Opens};
use super::cause::Cause;
use super::census::Census;
use super::change::{After, Change};
use super::last_word::{LastWord, last_word};
use super::marked::{ClaimPast, Deletion, Marked};
use super::need::{Known, Needs, Read};
use super::policy::Policy;

/// The time within which what went is counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The brake that a person lifts for the end of a name.
pub const LIFTED: Lifted = Lifted { brake: BrakeKind::Orphans, about: About::Ends };

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

/// What becomes of record sets that are gone.
#[derive(Debug, Default)]
pub struct Weighed<'a> {
    /// Those that go by themselves.
    pub going: Vec<&'a Marked>,
    /// Those that a person has approved.
    pub approved: Vec<&'a Marked>,
    /// Those that stay, by zone.
    pub held: Vec<HeldEnds<'a>>,
    /// The digests that were given and that a brake has.
    pub digests: BTreeSet<String>,
}

/// What a zone would lose, and does not.
#[derive(Debug)]
pub struct HeldEnds<'a> {
    zone: &'a ZoneId,
    /// The record sets.
    pub sets: Vec<&'a Marked>,
    /// How many nobody claims, those that are not due yet among them.
    unclaimed: u64,
    limit: u64,
    seen: u64,
    opens: Opens,
}

/// What each zone lets go today, and what the brake holds of zones that would lose too many at once. Those lose none: when all
/// tags were lost with a template, a few each day would be all of them in the end. A person may say that it is right.
///
/// What would go is everything that nobody claims, due or not: what is due is known from rows, and false claims in them would
/// make it few.
///
/// Both the limit and what went before rest on what stands there. What stands there no more goes no more, and of a zone that was
/// not counted nothing goes.
#[must_use]
pub fn weigh<'a>(
    gone: &[&'a Marked],
    deletions: &BTreeMap<RecordId, Deletion>,
    census: &Census,
    approval: Option<&Approval>,
) -> Weighed<'a> {
    let mut zones: BTreeMap<&ZoneId, Vec<&'a Marked>> = BTreeMap::new();
    for marked in gone {
        zones.entry(&marked.id.zone).or_default().push(marked);
    }
    zones.retain(|zone, _| census.knows(zone));
    let mut weighed = Weighed::default();
    for (zone, gone) in zones {
        let limit = census.limit(zone);
        let before = census.departed(zone, gone.iter().copied(), deletions);
        let sets: Vec<_> = gone.into_iter().filter(|marked| census.stands(&marked.id)).collect();
        let unclaimed = census.unclaimed(zone).max(sets.len() as u64);
        let seen = before.count.saturating_add(unclaimed);
        let digest = approve::digest_of_ends(BrakeKind::Orphans, zone, &sets);
        let lifts = |marked: &&Marked| approval.is_some_and(|word| word.lifts(LIFTED, &digest, marked));
        let is_too_many = unclaimed > limit;
        let (approved, rest): (Vec<_>, Vec<_>) = sets.into_iter().partition(lifts);
        weighed.approved.extend(approved);
        if seen <= limit {
            weighed.going.extend(rest);
            continue;
        }
        weighed.digests.extend(approval.map(|word| word.met_by(&digest)).unwrap_or_default());
        // What went before is no part of the day after a day.
        let later = before.newest.and_then(|newest| newest.checked_add(DAY).ok()).filter(|_| !is_too_many);
        let opens = later.map_or(Opens::Approve, Opens::At);
        weighed.held.push(HeldEnds { zone, sets: rest, unclaimed, limit, seen, opens });
    }
    weighed
}

impl HeldEnds<'_> {
    /// The zone.
    #[must_use]
    pub fn zone(&self) -> &ZoneId {
        self.zone
    }

    /// The brake; none where nothing is left to hold. Only what was asked about `is_known` well enough to be approved.
    #[must_use]
    pub fn brake(&self, is_known: bool) -> Option<Brake> {
        let Self { zone, sets, unclaimed, limit, seen, opens } = self;
        let (held, place) = (sets.len(), zone.zone_name());
        let too_many = match limit {
            0 => format!(
                "nobody claims any record set of ours in {place} any more, {held} of them for long enough to go"
            ),
            _ => format!(
                "nobody claims {unclaimed} record sets of ours in {place} any more, {held} of them for long enough to go, and \
                 with those that went within the day that is {seen}, more than the {limit} that may go"
            ),
        };
        let because = format!(
            "{too_many}: tags may have been lost, so none goes; write the tags again, or approve what is really over"
        );
        (!sets.is_empty()).then(|| Brake {
            brake: BrakeKind::Orphans,
            digest: is_known.then(|| approve::digest_of_ends(BrakeKind::Orphans, zone, sets)),
            besides: Vec::new(),
            zone: Some((*zone).clone()),
            limit: *limit,
            seen: Some(*seen),
            names: sets.iter().map(|marked| marked.id.name.to_string()).collect(),
            opens: *opens,
            because: because.into(),
            about: About::Ends,
        })
    }
}

/// What must be known of a record set before it may go.
#[must_use]
pub fn wanted(marked: &Marked, known: &Known, policy: (&Policy, Timestamp)) -> Needs {
    let mut needs = Needs::default();
    drop(depart(marked, known, policy, BTreeSet::new(), &mut needs));
    needs
}

/// The deletion of a record set as it stands now; none where it is not ours alone to end: another's mark or none, a hold,
/// an alias, other addresses than we wrote, a machine that has not said that its claim has ended, or nobody knows. What is
/// not known yet goes to the needs.
#[must_use]
pub fn depart(
    marked: &Marked,
    known: &Known,
    (policy, now): (&Policy, Timestamp),
    lifted: BTreeSet<Lifted>,
    needs: &mut Needs,
) -> Option<Change> {
    let Some(read) = known.set(&marked.id) else {
        needs.sets.insert(marked.id.clone());
        return None;
    };
    let Answer::Known(Read { set: Some(set), .. }) = read else { return None };
    let mark = set.mark_of(&policy.owner)?;
    let is_ours = mark.version == Mark::VERSION && mark.hold.is_none() && set.hold().is_none();
    let is_as_written = mark.run == marked.run && set.addresses == marked.addresses;
    if !is_ours || !is_as_written || set.alias.is_some() || set.auto_registered || !set.is_guarded() {
        return None;
    }
    let machine = ResourceId::parse(&mark.machine).ok()?;
    // By the log alone nothing goes: a right that was lost looks the same in it.
    if last_word((&marked.id, &machine), known, policy, now, needs) != LastWord::Ended {
        return None;
    }
    let after = After { addresses: BTreeSet::new(), ttl: set.ttl, machine };
    Some(Change {
        id: marked.id.clone(),
        before: Some(set.clone()),
        after,
        cause: Cause::Orphaned { lifted },
    })
}
