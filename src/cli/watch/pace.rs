//! When the next round begins: on a grid while all is well, later and later while Azure cannot be asked.

use std::time::Duration;

/// No pause grows beyond this, unless a round is asked for more seldom: after an outage everything is looked at again
/// as soon as the Functions timer would.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// A pause that doubles with each failure, without any chance in it.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    failures: u32,
}

impl Pace {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, failures: 0 }
    }

    /// From the beginning of the round that has just ended to that of the next.
    pub(super) fn after(&mut self, failed: bool) -> Duration {
        self.failures = if failed { self.failures.saturating_add(1) } else { 0 };
        let longest = LONGEST.max(self.every);
        self.every.saturating_mul(2_u32.saturating_pow(self.failures)).min(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_fall_back() {
        let mut pace = Pace::new(Duration::from_secs(60));
        let seconds: Vec<_> =
            [false, true, true, true, true, false].map(|failed| pace.after(failed).as_secs()).into();
        assert_eq!(seconds, [60, 120, 240, 300, 300, 60]);
        let mut seldom = Pace::new(Duration::from_secs(3600));
        assert_eq!((seldom.after(true).as_secs(), seldom.after(true).as_secs()), (3600, 3600));
        for _ in 0..100 {
            assert!(pace.after(true) <= LONGEST);
        }
    }
}
