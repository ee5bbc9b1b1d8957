//! A contest: another tool takes our mark off a record set and puts other addresses there, again and again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{RecordId, RecordSet};

use super::case::Case;
use super::past_change::{Footing, PastChange};
use super::why::{Contested, Why};
use super::words;

/// With so many writes undone within a day somebody else is at it, and not by chance.
const UNDONE: usize = 2;
/// A write that was undone is tried again so much later.
const PAUSE: SignedDuration = SignedDuration::from_hours(24);
/// For so long the log's word that a set was contested counts: what is tried once a day is older than a day when it is undone.
const MEMORY: SignedDuration = SignedDuration::from_hours(48);

/// Why nothing is written here for now, if somebody undoes what we write.
///
/// Only a set without our mark is contested, or one that is gone: whoever changes addresses and leaves the mark has not
/// asked us to go. Which addresses are put there does not matter, as long as they are not those that we wrote: a tool may
/// have another value each time. A write whose fate nobody knows is none that was undone.
pub(super) fn contested(id: &RecordId, set: Option<&RecordSet>, case: &Case, now: Timestamp) -> Option<Why> {
    let asked = &case.asked;
    // A person settles it: over a set by adopting it, over one that is gone by asking for it.
    if asked.adopted.contains(&id.name) || set.is_none() && asked.insisted.contains(&id.name) {
        return None;
    }
    if set.is_some_and(|set| set.mark().is_some()) {
        return None;
    }
    let nothing = BTreeSet::new();
    let present = set.map_or(&nothing, |set| &set.addresses);
    let changes = case.history.changes.get(id)?;
    let is_counted = |change: &PastChange| {
        let is_known_to_land = !case.history.unconfirmed.contains(&(id.clone(), change.run.clone()));
        change.is_recent(now) && change.left_our_mark() && is_known_to_land
    };
    // The set has no mark now, whatever a newer row says of it: of all that left one the last that does not stand there is undone.
    let last = changes.iter().rfind(|change| is_counted(change) && change.to != *present)?;
    let found_undone =
        changes.iter().enumerate().filter(|(at, next)| undoes(&changes[..*at], next, &is_counted));
    // A run writes a set once, however many rows tell of it.
    let undone = 1 + found_undone.map(|(_, next)| &next.run).collect::<BTreeSet<_>>().len();
    let is_known = || case.history.contested.get(id).is_some_and(|time| now.duration_since(*time) <= MEMORY);
    if undone < UNDONE && !is_known() {
        return None;
    }
    let next = last.time.checked_add(PAUSE).unwrap_or(Timestamp::MAX);
    Some(Why::Contested(Box::new(Contested {
        name: id.name.to_string(),
        record_type: id.record_type,
        present: words::addresses(present),
        undone,
        next,
    })))
}

/// Whether a write found that somebody had taken our mark off after one before it and put anything else there.
///
/// Any write before it will do, not the last alone: a row more must never make it look as if nothing had been undone.
fn undoes(before: &[PastChange], next: &PastChange, is_counted: &impl Fn(&PastChange) -> bool) -> bool {
    let is_other = |change: &PastChange| change.run != next.run && is_counted(change);
    match next.footing {
        Footing::Unmarked => before.iter().any(|change| is_other(change) && change.to != next.from),
        // What went back to the old addresses was put back.
        Footing::Unknown => before.last().is_some_and(|change| {
            let is_back = next.from == change.from && next.from != change.to;
            is_back && change.is_move() && is_other(change)
        }),
        Footing::Marked | Footing::Undoing | Footing::Releasing => false,
    }
}
