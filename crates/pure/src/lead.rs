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

/// Puts changes in the order of writing: the oldest mismatch first. Those that the log knows as refused go last, so that
/// what is refused for ever never leads for ever.
pub fn order(changes: &mut [Change], is_refused: impl Fn(&Change) -> bool) {
    changes.sort_by_cached_key(|change| (is_refused(change), change.since(), change.id.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_and_not_proved_holds_the_rest() {
        use Outcome::{Confirmed, Conflict, Deferred, Failed, Unconfirmed};
        assert_eq!(judge(1, Some(Confirmed), true), Verdict::Follow);
        assert_eq!(judge(3, Some(Confirmed), true), Verdict::Follow);
        assert_eq!(judge(1, Some(Confirmed), false), Verdict::Hold);
        assert_eq!(judge(1, Some(Unconfirmed), false), Verdict::Hold);
        for outcome in [Some(Failed), Some(Conflict), Some(Deferred), None] {
            assert_eq!(judge(1, outcome, false), Verdict::NextLeads);
            assert_eq!(judge(2, outcome, false), Verdict::NextLeads);
            assert_eq!(judge(3, outcome, false), Verdict::LeaveToTheNextRun);
        }
    }
}
