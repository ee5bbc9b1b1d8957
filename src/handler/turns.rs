//! Who is told whether everything works: one call at a time, and with a gap behind each answer.

use std::fmt;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

/// So long after an answer nobody is asked again: whoever holds a key could else have us ask without end, and use up what
/// Azure lets this identity ask and write.
const GAP: Duration = Duration::from_secs(60);

/// Why nobody was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotNow {
    /// Another call asks the same.
    UnderWay,
    /// The last answer is so old; the next may be asked for after the second time.
    Lately(Duration, Duration),
    /// Calls have asked the workspace as much as they may; it may be asked for after this time.
    Spent(Duration),
}

impl fmt::Display for NotNow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnderWay => f.write_str("another call asks the same; wait for its answer"),
            Self::Lately(age, left) => write!(
                f,
                "all of this was asked {} s ago, and is asked at most once a minute; ask again in {} s",
                age.as_secs(),
                left.as_secs() + 1
            ),
            Self::Spent(left) => write!(
                f,
                "calls have asked the workspace as much as they may in half a minute; ask again in {} s",
                left.as_secs() + 1
            ),
        }
    }
}

/// Who asks whether everything works: one call at a time, and with a gap.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Option<Instant>>);

impl Turns {
    /// The turn of a call, held until it has its answer.
    pub(super) fn take(&self) -> Result<MutexGuard<'_, Option<Instant>>, NotNow> {
        let turn = self.0.try_lock().map_err(|_| NotNow::UnderWay)?;
        match turn.map(|last| last.elapsed()) {
            Some(age) if age < GAP => Err(NotNow::Lately(age, GAP - age)),
            _ => Ok(turn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_minute_lies_between_an_answer_and_the_next_question() {
        let turns = Turns::default();
        let mut turn = turns.take().unwrap();
        assert_eq!(turns.take().unwrap_err(), NotNow::UnderWay);
        *turn = Some(Instant::now());
        drop(turn);
        tokio::time::advance(Duration::from_secs(20)).await;
        let refused = turns.take().unwrap_err();
        assert_eq!(refused, NotNow::Lately(Duration::from_secs(20), Duration::from_secs(40)));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(turns.take().is_ok());
    }
}
