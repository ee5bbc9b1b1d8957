//! How soon after one another calls may start runs.
//!
//! A workspace answers 200 queries in 30 seconds to one identity (contract azure-monitor, section 4.6). A run without anything to
//! change asks two, one with some asks up to four: at this pace whoever holds the key spends 60 of them at most.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::clock;

/// From the beginning of a run that a call has started to that of the next.
const PACE: Duration = Duration::from_secs(2);

/// When the last run began that a call has started: by the wall, and by the clock of the data. In Azure they are one; in a day
/// that is played in seconds the second one says how far apart two calls are.
#[derive(Debug, Default)]
pub(super) struct CallPace(Mutex<Option<(Instant, Timestamp)>>);

impl CallPace {
    fn begun(&self) -> Option<(Instant, Timestamp)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the next may begin now.
    pub(super) fn is_over(&self) -> bool {
        let pace = SignedDuration::try_from(PACE).unwrap_or_default();
        self.begun()
            .is_none_or(|(begun, at)| begun.elapsed() >= PACE || clock::now().duration_since(at) >= pace)
    }

    /// Waits until the next may begin.
    pub(super) async fn over(&self) {
        if let Some((begun, _)) = self.begun().filter(|_| !self.is_over()) {
            tokio::time::sleep_until(begun + PACE).await;
        }
    }

    /// One begins now.
    pub(super) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), clock::now()));
    }
}
