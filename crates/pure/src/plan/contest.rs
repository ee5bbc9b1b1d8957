//! A contest: another tool puts other addresses into a record set of ours, with our mark or without it, again and again.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Mark, RecordId, RecordSet};

use super::case::Case;
use super::past_change::{Footing, OwnChange, PastChange};
use super::why::{Contested, Revert, Why};
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
/// each time.
pub(super) fn contested(id: &RecordId, set: Option<&RecordSet>, case: &Case, now: Timestamp) -> Option<Why> {
    let asked = &case.asked;
    // A person settles it: over a set by adopting it, over one that is gone by asking for it.
    if asked.adopted.contains(&id.name) || set.is_none() && asked.insisted.contains(&id.name) {
        return None;
    }
    let nothing = BTreeSet::new();
    let present = set.map_or(&nothing, |set| &set.addresses);
    let mark = set.and_then(RecordSet::mark);
    let whole = || put_back_whole(id, present, mark.as_ref()?, case, now);
    let Bout { times, last } = by_the_log(id, present, mark.as_ref(), case, now).or_else(whole)?;
    let is_known = || case.history.contested.get(id).is_some_and(|time| now.duration_since(*time) <= MEMORY);
    if times < UNDONE && !is_known() {
        return None;
    }
    let by = match (set, mark) {
        (None, _) => Revert::Deleting,
        (Some(_), None) => Revert::Stripping,
        (Some(_), Some(_)) => Revert::Keeping,
    };
    Some(Why::Contested(Box::new(Contested {
        name: id.name.to_string(),
        record_type: id.record_type,
        by,
        present: words::addresses(present),
        undone: times,
        next: last.checked_add(PAUSE).unwrap_or(Timestamp::MAX),
    })))
}

/// How many writes of a day were undone, the last of them among these.
struct Bout {
    times: usize,
    /// When the last of them landed.
    last: Timestamp,
}

/// What was undone, as the log has it and the live set bears it out.
///
/// Under our mark only the write that the mark names was undone, so that rows alone make no such set contested. A write whose
/// fate nobody knows is none that was undone.
fn by_the_log(
    id: &RecordId,
    present: &BTreeSet<IpAddr>,
    mark: Option<&Mark>,
    case: &Case,
    now: Timestamp,
) -> Option<Bout> {
    let changes = case.history.changes.get(id)?;
    let last = changes.last()?;
    let is_counted = |change: &PastChange| {
        let is_known_to_land = !case.history.unconfirmed.contains(&(id.clone(), change.run.clone()));
        change.is_recent(now) && change.left_our_mark() && is_known_to_land
    };
    let is_disputed = || case.history.disputed.contains(&(id.clone(), last.run.clone()));
    let is_witnessed = mark.is_none_or(|mark| names(mark, last) && !is_disputed());
    if !is_counted(last) || last.to == *present || !is_witnessed {
        return None;
    }
    let before =
        changes.windows(2).filter(|pair| is_counted(&pair[0]) && was_undone(&pair[0], &pair[1])).count();
    Some(Bout { times: before + 1, last: last.time })
}

/// What this very process wrote and somebody undid by putting a set back as it was before, an older mark of ours and all:
/// no mark tells of that, and the rows of a log alone are not believed.
fn put_back_whole(
    id: &RecordId,
    present: &BTreeSet<IpAddr>,
    mark: &Mark,
    case: &Case,
    now: Timestamp,
) -> Option<Bout> {
    let own = case.history.own.get(id)?;
    let last = own.last()?;
    let is_back = |change: &OwnChange, run: &str, found: &BTreeSet<IpAddr>| {
        change.change.is_recent(now)
            && change.change.left_our_mark()
            && change.change.to != *found
            && !run.is_empty()
            && change.replaced == run
    };
    if !is_back(last, &mark.run, present) {
        return None;
    }
    let before =
        own.windows(2).filter(|pair| is_back(&pair[0], &pair[1].replaced, &pair[1].change.from)).count();
    Some(Bout { times: before + 1, last: last.change.time })
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
