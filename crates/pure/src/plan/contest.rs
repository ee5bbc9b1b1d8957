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
    if asked.adopted.holds(id) || set.is_none() && asked.insisted.holds(id) {
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
/// Without our mark every write of the day that left one and does not stand there was undone, whatever a newer row says of the
/// set. Under our mark only the write that the mark names was, so that rows alone make no such set contested. A write whose
/// fate nobody knows is none that was undone.
fn by_the_log(
    id: &RecordId,
    present: &BTreeSet<IpAddr>,
    mark: Option<&Mark>,
    case: &Case,
    now: Timestamp,
) -> Option<Bout> {
    let changes = case.history.changes.get(id)?;
    let is_counted = |change: &PastChange| {
        let is_known_to_land = !case.history.unconfirmed.contains(&(id.clone(), change.run.clone()));
        change.is_recent(now) && change.left_our_mark() && is_known_to_land
    };
    let is_witnessed = |change: &PastChange| mark.is_none_or(|mark| names(mark, change, changes));
    let is_undone = |change: &PastChange| is_counted(change) && change.to != *present && is_witnessed(change);
    let at = changes.iter().rposition(is_undone)?;
    let last = &changes[at];
    // What came after it has found nothing else undone than this.
    let until = changes[..=at].iter().enumerate();
    let found_undone = until.filter(|(at, next)| undoes(&changes[..*at], next, &is_counted));
    // A run writes a set once, however many rows tell of it.
    let times = 1 + found_undone.map(|(_, next)| &next.run).collect::<BTreeSet<_>>().len();
    Some(Bout { times, last: last.time })
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

/// Whether this is the write that the mark speaks of, by all that the mark and the rows of that run say of it: rows that contradict
/// each other in what was written are no witnesses.
fn names(mark: &Mark, change: &PastChange, changes: &[PastChange]) -> bool {
    let is_told_alike = || changes.iter().all(|other| other.run != change.run || other.to == change.to);
    mark.run == change.run && mark.previous == change.from && is_told_alike()
}

/// Whether a write found that somebody had put anything else there after one before it.
///
/// Where our mark was gone any write before it will do, not the last alone: a row more must never make it look as if nothing
/// had been undone.
fn undoes(before: &[PastChange], next: &PastChange, is_counted: &impl Fn(&PastChange) -> bool) -> bool {
    let is_other = |change: &&PastChange| change.run != next.run && is_counted(change);
    let is_left = |change: &PastChange| change.to != next.from;
    match next.footing {
        Footing::Unmarked => before.iter().any(|change| is_other(&change) && is_left(change)),
        // What went back to the old addresses was put back.
        Footing::Unknown => before
            .last()
            .filter(is_other)
            .is_some_and(|change| is_left(change) && next.from == change.from && change.is_move()),
        // The same was written anew. Where it is not, a write between may be missing in the log.
        Footing::Marked => {
            let last = before.iter().rfind(|change| change.run != next.run);
            last.filter(is_other).is_some_and(|change| is_left(change) && next.to == change.to)
        }
        Footing::Undoing | Footing::Releasing => false,
    }
}
