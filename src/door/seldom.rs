//! A line that is told once a minute, and how often it was not.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Between two lines.
const GAP: Duration = Duration::from_secs(60);

/// When the line was told last, and how often it was held back since.
#[derive(Debug, Default)]
pub(super) struct Seldom(Mutex<(Option<Instant>, u64)>);

impl Seldom {
    /// Whether the line is told now: how often it was held back before; none: it is held back.
    pub(super) fn now(&self) -> Option<u64> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (told, untold) = *memory;
        if told.is_some_and(|told| told.elapsed() < GAP) {
            memory.1 += 1;
            return None;
        }
        *memory = (Some(Instant::now()), 0);
        Some(untold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_crowd_is_one_line_a_minute_that_counts_the_others() {
        let seldom = Seldom::default();
        assert_eq!(seldom.now(), Some(0));
        for _ in 0..1000 {
            assert_eq!(seldom.now(), None);
        }
        tokio::time::advance(GAP - Duration::from_millis(1)).await;
        assert_eq!(seldom.now(), None);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(seldom.now(), Some(1001));
        tokio::time::advance(GAP).await;
        assert_eq!(seldom.now(), Some(0));
    }
}
