//! How a recorded clock runs beside the wall's: at the wall's pace until it begins, faster to the end, then at the wall's again.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;

/// A course that never goes back: both clocks only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// What this clock says when the wall's says `wall`.
    pub origin: Timestamp,
    /// When the fast part begins. Before it this clock runs at the wall's pace.
    pub wall: Timestamp,
    /// So many times as fast as the wall's it runs then.
    pub speed: NonZeroU32,
    /// What this clock says when it falls back to the wall's pace; never before `origin`.
    pub end: Timestamp,
}

impl Course {
    /// What this clock says.
    pub(super) fn at(&self, wall: Timestamp) -> Timestamp {
        let elapsed = wall.as_nanosecond() - self.wall.as_nanosecond();
        let fast = self.fast();
        let gone = if elapsed <= 0 {
            elapsed
        } else if elapsed <= fast {
            elapsed * self.speed()
        } else {
            self.length() + (elapsed - fast)
        };
        Timestamp::from_nanosecond(self.origin.as_nanosecond() + gone).unwrap_or(self.end)
    }

    /// How long it takes by the wall from `wall` until this clock says `time`; nothing when it said so already.
    pub(super) fn until(&self, time: Timestamp, wall: Timestamp) -> Duration {
        let gone = time.as_nanosecond() - self.origin.as_nanosecond();
        let elapsed = if gone <= 0 {
            gone
        } else if gone <= self.length() {
            gone.div_euclid(self.speed()) + i128::from(gone % self.speed() != 0)
        } else {
            self.fast() + (gone - self.length())
        };
        let left = elapsed - (wall.as_nanosecond() - self.wall.as_nanosecond());
        Duration::from_nanos(u64::try_from(left.max(0)).unwrap_or(u64::MAX))
    }

    /// Nanoseconds of this clock's fast part.
    fn length(&self) -> i128 {
        (self.end.as_nanosecond() - self.origin.as_nanosecond()).max(0)
    }

    /// Nanoseconds that it takes by the wall.
    fn fast(&self) -> i128 {
        self.length().div_euclid(self.speed())
    }

    fn speed(&self) -> i128 {
        i128::from(self.speed.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn course() -> Course {
        Course {
            origin: time("2025-02-25T07:00:00Z"),
            wall: time("2026-11-27T00:00:10Z"),
            speed: NonZeroU32::new(180).unwrap(),
            end: time("2025-02-25T09:00:00Z"),
        }
    }

    #[test]
    fn it_runs_fast_between_its_beginning_and_its_end_alone() {
        for (wall, says) in [
            ("2026-11-27T00:00:08Z", "2025-02-25T06:59:58Z"),
            ("2026-11-27T00:00:10Z", "2025-02-25T07:00:00Z"),
            ("2026-11-27T00:00:11Z", "2025-02-25T07:03:00Z"),
            ("2026-11-27T00:00:50Z", "2025-02-25T09:00:00Z"),
            ("2026-11-27T00:00:55Z", "2025-02-25T09:00:05Z"),
        ] {
            assert_eq!(course().at(time(wall)), time(says), "{wall}");
        }
    }

    #[test]
    fn whoever_waits_for_a_time_wakes_when_it_has_come_and_not_before() {
        let walls = [
            "2026-11-27T00:00:05Z",
            "2026-11-27T00:00:10Z",
            "2026-11-27T00:00:30.5Z",
            "2026-11-27T00:00:50Z",
        ];
        let times =
            ["06:59:59", "07:00:00", "07:00:00.000000001", "08:13:07.123456789", "09:00:00", "09:00:07"];
        for wall in walls.map(time) {
            for due in times.map(|of_day| time(&format!("2025-02-25T{of_day}Z"))) {
                let left = course().until(due, wall);
                let woken = wall.checked_add(jiff::SignedDuration::try_from(left).unwrap()).unwrap();
                assert!(course().at(woken) >= due, "{due} from {wall}");
                if !left.is_zero() {
                    let early = woken.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap();
                    assert!(course().at(early) < due, "{due} from {wall}");
                }
            }
        }
    }
}
