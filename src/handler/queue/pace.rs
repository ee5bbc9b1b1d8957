//! How soon after one another calls may start runs.
//!
//! A workspace answers 200 queries in 30 seconds to one identity (contract azure-monitor, section 4.6). Whoever holds the key spends
//! 60 of them at most: a run asks four as a rule, and one that has asked more is followed later.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::clock;

/// From the beginning of a run that a call has started to that of the next, at least.
const PACE: Duration = Duration::from_secs(2);
/// In so much time calls spend so many queries.
const SPENT: (Duration, u64) = (Duration::from_secs(30), 60);

/// When the last run began that a call has started: by the wall, and by the clock of the data. In Azure they are one; in a day
/// that is played in seconds the second one says how far apart two calls are.
#[derive(Debug, Default)]
pub(super) struct CallPace(Mutex<Option<LastStart>>);

#[derive(Debug, Clone, Copy)]
struct LastStart {
    by_the_wall: Instant,
    by_the_data: Timestamp,
    /// What it keeps the next from.
    gap: Duration,
}

impl CallPace {
    fn begun(&self) -> Option<LastStart> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the next may begin now.
    pub(super) fn is_over(&self) -> bool {
        self.begun().is_none_or(|begun| {
            let gap = SignedDuration::try_from(begun.gap).unwrap_or_default();
            begun.by_the_wall.elapsed() >= begun.gap || clock::now().duration_since(begun.by_the_data) >= gap
        })
    }

    /// Waits until the next may begin.
    pub(super) async fn over(&self) {
        if let Some(begun) = self.begun().filter(|_| !self.is_over()) {
            tokio::time::sleep_until(begun.by_the_wall + begun.gap).await;
        }
    }

    /// One begins now.
    pub(super) fn begin(&self) {
        let begun = LastStart { by_the_wall: Instant::now(), by_the_data: clock::now(), gap: PACE };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(begun);
    }

    /// The one that began last has asked so many questions.
    pub(super) fn spent(&self, queries: u64) {
        let (time, most) = SPENT;
        let runs = (most / queries.max(1)).clamp(1, u64::from(u32::MAX));
        let gap = (time / u32::try_from(runs).unwrap_or(1)).max(PACE);
        if let Some(begun) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            begun.gap = gap;
        }
    }
}
