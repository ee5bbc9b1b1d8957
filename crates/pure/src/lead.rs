//! Who goes first in a zone whose brake `surge` tripped, and what its proof means for the rest.

use crate::plan::Change;
use crate::plan::report::Outcome;

/// Changes that may lead one after the other before the rest of the zone is left to the next run.
pub const LEADERS: usize = 3;

/// What a leader's end means for the changes that wait behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was written and proved: the rest follows.
    Follow,
    /// It was written and not proved: the rest is held.
    Hold,
    /// It was not written, which proves nothing: the next oldest leads.
    NextLeads,
    /// Too many were not written: the rest is left to the next run.
    LeaveToTheNextRun,
}

/// Judges what became of the `led`-th leader (from 1 on); `proved` is asked of one that was written.
///
/// `outcome` is none when a second look turned the change into a skip.
#[must_use]
pub fn judge(led: usize, outcome: Option<Outcome>, proved: bool) -> Verdict {
    match outcome {
        Some(Outcome::Confirmed) if proved => Verdict::Follow,
        Some(Outcome::Confirmed | Outcome::Unconfirmed) => Verdict::Hold,
        _ if led >= LEADERS => Verdict::LeaveToTheNextRun,
        _ => Verdict::NextLeads,
    }
}

/// Puts changes in the order of writing: the oldest mismatch first. Those that the log knows to have been tried in vain go
/// last, so that what never succeeds never leads for ever.
pub fn order(changes: &mut [Change], was_in_vain: impl Fn(&Change) -> bool) {
    changes.sort_by_cached_key(|change| (was_in_vain(change), change.since(), change.id.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of section 6: one that was *not written* (refused, conflicting, already right, deferred) proves
    /// nothing and leads nothing; only one that was written and not proved holds the rest.
    #[test]
    fn every_leader_by_every_end() {
        use Outcome::{Confirmed, Conflict, Deferred, Failed, Planned, Unconfirmed};
        use Verdict::{Follow, Hold, LeaveToTheNextRun, NextLeads};
        let table = [
            // what became of it            | proved | 1st      | 2nd      | 3rd               | one more
            (Some(Confirmed), true, [Follow, Follow, Follow, Follow]),
            (Some(Confirmed), false, [Hold, Hold, Hold, Hold]),
            // Nobody knows what stands there: no proof can be about it.
            (Some(Unconfirmed), true, [Hold, Hold, Hold, Hold]),
            (Some(Unconfirmed), false, [Hold, Hold, Hold, Hold]),
            (Some(Failed), false, [NextLeads, NextLeads, LeaveToTheNextRun, LeaveToTheNextRun]),
            (Some(Conflict), false, [NextLeads, NextLeads, LeaveToTheNextRun, LeaveToTheNextRun]),
            (Some(Deferred), false, [NextLeads, NextLeads, LeaveToTheNextRun, LeaveToTheNextRun]),
            (Some(Planned), false, [NextLeads, NextLeads, LeaveToTheNextRun, LeaveToTheNextRun]),
            (None, false, [NextLeads, NextLeads, LeaveToTheNextRun, LeaveToTheNextRun]),
            // A proof of what was not written, should there ever be one, is somebody else's.
            (Some(Failed), true, [NextLeads, NextLeads, LeaveToTheNextRun, LeaveToTheNextRun]),
            (None, true, [NextLeads, NextLeads, LeaveToTheNextRun, LeaveToTheNextRun]),
        ];
        for (outcome, proved, verdicts) in table {
            for (led, verdict) in (1..).zip(verdicts) {
                assert_eq!(judge(led, outcome, proved), verdict, "leader {led}: {outcome:?}, {proved}");
            }
        }
    }
}
