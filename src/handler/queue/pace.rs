//! How soon after one another calls may start runs, and how much they may ask.
//!
//! A workspace answers 200 queries in 30 seconds to one identity (contract azure-monitor, section 4.6). Whoever holds the key spends
//! 60 of them at most: a run asks four as a rule, one that has asked more is followed later, and what was asked in the last 30
//! seconds counts, whatever asked it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::clock;

/// From the beginning of a run that a call has started to that of the next, at least.
const PACE: Duration = Duration::from_secs(2);
/// In so much time calls spend so many queries.
const SPENT: (Duration, u64) = (Duration::from_secs(30), 60);
/// What a run asks as a rule.
const RULE: u64 = 4;

/// When the last run began that a call has started, and what calls have asked.
#[derive(Debug, Default)]
pub(super) struct CallPace(Mutex<Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    last: Option<LastStart>,
    /// What the run that goes on is expected to ask.
    running: u64,
    /// What was asked, and when it was known; none of it older than the time that counts.
    spent: Vec<(Moment, u64)>,
}

#[derive(Debug, Clone, Copy)]
struct LastStart {
    at: Moment,
    /// What it keeps the next from.
    gap: Duration,
    /// What the next is expected to ask.
    queries: u64,
}

/// By the wall, and by the clock of the data. In Azure they are one; in a day that is played in seconds the second one says how
/// far apart two calls are.
#[derive(Debug, Clone, Copy)]
struct Moment {
    by_the_wall: Instant,
    by_the_data: Timestamp,
}

impl Moment {
    fn now() -> Self {
        Self { by_the_wall: Instant::now(), by_the_data: clock::now() }
    }

    /// How long it takes until it lies so far back.
    fn until_past(&self, time: Duration) -> Duration {
        let signed = SignedDuration::try_from(time).unwrap_or_default();
        if clock::now().duration_since(self.by_the_data) >= signed {
            return Duration::ZERO;
        }
        time.saturating_sub(self.by_the_wall.elapsed())
    }
}

impl Ledger {
    /// How long whoever asks so much has to wait until there is room for it.
    fn until_room(&mut self, queries: u64) -> Duration {
        let (time, most) = SPENT;
        self.spent.retain(|(at, _)| !at.until_past(time).is_zero());
        let mut left: u64 = self.spent.iter().map(|(_, queries)| queries).sum();
        let mut wait = Duration::ZERO;
        for (at, spent) in &self.spent {
            if left == 0 || left.saturating_add(self.running).saturating_add(queries) <= most {
                break;
            }
            wait = wait.max(at.until_past(time));
            left -= spent;
        }
        wait
    }

    fn until_run(&mut self) -> Duration {
        let Some(last) = self.last else { return self.until_room(RULE) };
        last.at.until_past(last.gap).max(self.until_room(last.queries))
    }
}

impl CallPace {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the next may begin now.
    pub(super) fn is_over(&self) -> bool {
        self.ledger().until_run().is_zero()
    }

    /// Waits until the next may begin.
    pub(super) async fn over(&self) {
        loop {
            let wait = self.ledger().until_run();
            if wait.is_zero() {
                return;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// One begins now.
    pub(super) fn begin(&self) {
        let mut ledger = self.ledger();
        ledger.last = Some(LastStart { at: Moment::now(), gap: PACE, queries: RULE });
        ledger.running = RULE;
    }

    /// The one that began last has asked so many questions.
    pub(super) fn spent(&self, queries: u64) {
        let (time, most) = SPENT;
        let runs = (most / queries.max(1)).clamp(1, u64::from(u32::MAX));
        let gap = (time / u32::try_from(runs).unwrap_or(1)).max(PACE);
        let mut ledger = self.ledger();
        ledger.running = 0;
        ledger.spent.push((Moment::now(), queries));
        if let Some(last) = ledger.last.as_mut() {
            (last.gap, last.queries) = (gap, queries.max(RULE));
        }
    }

    /// So many questions are asked beside all runs, if there is room for them.
    ///
    /// # Errors
    /// How long it takes until there is.
    pub(super) fn ask_beside(&self, queries: u64) -> Result<(), Duration> {
        let mut ledger = self.ledger();
        let wait = ledger.until_room(queries);
        if wait.is_zero() {
            ledger.spent.push((Moment::now(), queries));
            return Ok(());
        }
        Err(wait)
    }

    /// So many more were asked beside all runs than were said before.
    pub(super) fn asked_more(&self, queries: u64) {
        self.ledger().spent.push((Moment::now(), queries));
    }
}
