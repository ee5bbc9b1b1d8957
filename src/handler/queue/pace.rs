//! How soon after one another calls may start runs.
//!
//! A workspace answers 200 queries in 30 seconds to one identity (contract azure-monitor, section 4.6). A run without anything to
//! change asks two, one with some asks up to four: at this pace whoever holds the key spends 60 of them at most.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// From the beginning of a run that a call has started to that of the next.
const PACE: Duration = Duration::from_secs(2);

/// When the last run began that a call has started.
#[derive(Debug, Default)]
pub(super) struct CallPace(Mutex<Option<Instant>>);

impl CallPace {
    fn next(&self) -> Option<Instant> {
        let begun = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        begun.map(|begun| begun + PACE)
    }

    /// Whether the next may begin now.
    pub(super) fn is_over(&self) -> bool {
        self.next().is_none_or(|next| next <= Instant::now())
    }

    /// Waits until the next may begin.
    pub(super) async fn over(&self) {
        if let Some(next) = self.next() {
            tokio::time::sleep_until(next).await;
        }
    }

    /// One begins now.
    pub(super) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}
