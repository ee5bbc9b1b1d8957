//! The two clocks of the stand-in, and the only place that reads either.
//!
//! Whatever is *data*, or is asked about data, is dated by a [`Clock`]: the wall's, or that of a recording, which runs
//! faster. What protects a conversation goes by the wall always, because the other side has no other clock.
//!
//! | by the [`Clock`] | by the [`wall`] |
//! |---|---|
//! | rows of heartbeats, beats, the telemetry of the Functions host | tokens: when they were issued, when they end |
//! | `now()` and the spans of queries, of Logs Query and Resource Graph | assertions of a cluster |
//! | ingestion: how old or young a row may be, the time that a row without one gets | certificates, handshakes |
//! | the alert rule: when it is evaluated, what its payload says | the action group: time-out, gaps, silence |
//! | the timer: its occurrences, what its envelope says | time-outs of the Functions host, `Retry-After` |
//! | | deployments: how long they take; error texts, whose time is for support |
//! | | latency, faults, quotas, delays and lags that are set |
//!
//! Durations of the right column are measured with `Instant`, which no one may bend. `clippy.toml` keeps all other
//! files from reading the wall's time of day.

mod course;

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

pub use course::Course;

/// The longest single sleep: a wall clock may be set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What the wall's clock says: for what goes by no other.
#[expect(clippy::disallowed_methods, reason = "the one place of the stand-in that reads it")]
#[must_use]
pub fn wall() -> Timestamp {
    Timestamp::now()
}

/// The clock by which data is dated. Clones are one clock.
#[derive(Debug, Clone)]
pub struct Clock(watch::Sender<Reading>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// As the wall's.
    Wall,
    /// It has not begun to run.
    Standing(Timestamp),
    /// It runs.
    Running(Course),
}

impl Default for Clock {
    /// The wall's.
    fn default() -> Self {
        Self(watch::Sender::new(Reading::Wall))
    }
}

impl Clock {
    /// A clock that says `time` until [`Clock::run`].
    #[must_use]
    pub fn standing(time: Timestamp) -> Self {
        Self(watch::Sender::new(Reading::Standing(time)))
    }

    /// Lets it run from now on.
    pub fn run(&self, course: Course) {
        self.0.send_replace(Reading::Running(course));
    }

    /// Whether it is another than the wall's.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        *self.0.borrow() != Reading::Wall
    }

    /// What it says.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match *self.0.borrow() {
            Reading::Wall => wall(),
            Reading::Standing(time) => time,
            Reading::Running(course) => course.at(wall()),
        }
    }

    /// Waits until it says `time`.
    pub async fn until(&self, time: Timestamp) {
        let mut changes = self.0.subscribe();
        loop {
            let reading = *changes.borrow_and_update();
            let left = match reading {
                Reading::Standing(standing) if standing < time => None,
                Reading::Standing(_) => return,
                Reading::Wall => Some(Duration::try_from(time.duration_since(wall())).unwrap_or_default()),
                Reading::Running(course) => Some(course.until(time, wall())),
            };
            match left {
                Some(left) if left.is_zero() => return,
                Some(left) => tokio::time::sleep(left.min(LONGEST_SLEEP)).await,
                // It lives as long as we do: it cannot be dropped meanwhile.
                None => drop(changes.changed().await),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use jiff::SignedDuration;

    use super::*;

    #[tokio::test]
    async fn a_clock_that_stands_is_waited_for() {
        let origin: Timestamp = "2025-02-25T07:00:00Z".parse().unwrap();
        let end = origin + SignedDuration::from_hours(2);
        let clock = Clock::standing(origin);
        clock.until(origin).await;
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.until(end).await;
                clock.now()
            }
        });
        tokio::task::yield_now().await;
        assert_eq!((clock.now(), clock.is_recorded()), (origin, true));
        clock.run(Course { origin, wall: wall(), speed: NonZeroU32::new(1_000_000).unwrap(), end });
        assert!(waiting.await.unwrap() >= end);
    }
}
