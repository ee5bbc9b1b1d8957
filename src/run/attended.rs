//! Somebody waits for a run: how far its writes are, and that they shall stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

use pure::plan::report::{Outcome, ReportedChange};
use pure::progress::{Fate, Mishap};

/// The code of a change that was not begun because somebody stopped the run.
const STOPPED: &str = "stopped";

/// How somebody who waits follows the writes of a run, and stops them. What nobody waits for is never stopped.
#[derive(Clone, Debug, Default)]
pub struct Attended {
    /// When cancelled, no new write begins; those under way are finished, told and proved as far as one look shows.
    pub stop: CancellationToken,
    ended: Arc<AtomicUsize>,
}

impl Attended {
    /// Somebody who may stop it so.
    #[must_use]
    pub fn until(stop: CancellationToken) -> Self {
        Self { stop, ..Self::default() }
    }

    /// Changes that have come to an end.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.ended.load(Ordering::Relaxed)
    }

    pub(super) fn one_has_ended(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// What became of a change that was not begun.
pub(super) fn not_begun() -> Fate {
    let words = "the run was stopped before this was written; the next run goes on".to_owned();
    Fate::without_effect(Outcome::Deferred, Mishap { code: STOPPED.to_owned(), words })
}

/// Whether a change was not begun because somebody stopped the run.
#[must_use]
pub fn was_stopped(reported: &ReportedChange) -> bool {
    reported.reason.as_deref() == Some(STOPPED)
}
