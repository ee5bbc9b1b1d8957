//! A contest: another tool puts other addresses into a record set of ours, with our mark or without it, again and again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Mark, RecordId, RecordSet};

use super::case::Case;
use super::past_change::{Footing, PastChange};
use super::why::{Contested, Undoing, Why};
use super::words;

/// With so many writes undone within a day somebody else is at it, and not by chance.
const UNDONE: usize = 2;
/// A write that was undone is tried again so much later.
const PAUSE: SignedDuration = SignedDuration::from_hours(24);
/// For so long the log's word that a set was contested counts: what is tried once a day is older than a day when it is undone.
const MEMORY: SignedDuration = SignedDuration::from_hours(48);

/// Why nothing is written here for now, if somebody undoes what we write.
///
/// Which addresses are put there does not matter, as long as they are not those that we wrote: a tool may have another value
/// each time. Under our mark only the write that the mark names was undone, so that rows alone make no such set contested. A
/// write whose fate nobody knows is none that was undone.
pub(super) fn contested(id: &RecordId, set: Option<&RecordSet>, case: &Case, now: Timestamp) -> Option<Why> {
    let asked = &case.asked;
    // A person settles it: over a set by adopting it, over one that is gone by asking for it.
    if asked.adopted.contains(&id.name) || set.is_none() && asked.insisted.contains(&id.name) {
        return None;
    }
    let nothing = BTreeSet::new();
    let present = set.map_or(&nothing, |set| &set.addresses);
    let changes = case.history.changes.get(id)?;
    let last = changes.last()?;
    let is_counted = |change: &PastChange| {
        let is_known_to_land = !case.history.unconfirmed.contains(&(id.clone(), change.run.clone()));
        change.is_recent(now) && change.left_our_mark() && is_known_to_land
    };
    let mark = set.and_then(RecordSet::mark);
    let is_disputed = || case.history.disputed.contains(&(id.clone(), last.run.clone()));
    let is_witnessed = mark.as_ref().is_none_or(|mark| names(mark, last) && !is_disputed());
    let is_last_undone = is_counted(last) && last.to != *present && is_witnessed;
    let before =
        changes.windows(2).filter(|pair| is_counted(&pair[0]) && was_undone(&pair[0], &pair[1])).count();
    let undone = before + usize::from(is_last_undone);
    let is_known = || case.history.contested.get(id).is_some_and(|time| now.duration_since(*time) <= MEMORY);
    if !is_last_undone || undone < UNDONE && !is_known() {
        return None;
    }
    let next = last.time.checked_add(PAUSE).unwrap_or(Timestamp::MAX);
    let by = match (set, mark) {
        (None, _) => Undoing::Deleting,
        (Some(_), None) => Undoing::Stripping,
        (Some(_), Some(_)) => Undoing::Keeping,
    };
    Some(Why::Contested(Box::new(Contested {
        name: id.name.to_string(),
        record_type: id.record_type,
        by,
        present: words::addresses(present),
        undone,
        next,
    })))
}

/// Whether this is the write that the mark speaks of, by all that the mark says of it.
fn names(mark: &Mark, change: &PastChange) -> bool {
    mark.run == change.run && mark.previous == change.from
}

/// Whether somebody put anything else there after a write, as the write after it tells.
fn was_undone(change: &PastChange, next: &PastChange) -> bool {
    if next.from == change.to {
        return false;
    }
    match next.footing {
        Footing::Unmarked => true,
        // What went back to the old addresses was put back.
        Footing::Unknown => next.from == change.from && change.is_move(),
        // The same was written anew. Where it is not, a write between may be missing in the log.
        Footing::Marked => next.to == change.to,
        Footing::Undoing | Footing::Releasing => false,
    }
}
