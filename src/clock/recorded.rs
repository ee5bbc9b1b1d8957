//! The clock of a recording that `heartbeat-dns local` plays: told to the handler and to a second terminal.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The course of a recorded clock. Before `wall`, and from `end` on, it runs at the wall's pace. As text: what the clock
/// said, when it was so by the wall, how many times as fast it runs since then, and what it says when it falls back to the
/// wall's pace, between commas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// What this clock says at `wall`.
    pub origin: Timestamp,
    /// When that is.
    pub wall: Timestamp,
    /// So many times as fast as the wall's it runs from then on.
    pub factor: u32,
    /// What it says when that ends.
    pub end: Timestamp,
}

impl Course {
    pub(super) fn at(&self, wall: Timestamp) -> Timestamp {
        let elapsed = wall.duration_since(self.wall).as_nanos();
        let (fast, length) = (self.fast(), self.length());
        let gone = match elapsed {
            ..=0 => elapsed,
            _ if elapsed < fast => elapsed * i128::from(self.factor),
            _ => length + (elapsed - fast),
        };
        Timestamp::from_nanosecond(self.origin.as_nanosecond() + gone).unwrap_or(self.end)
    }

    /// How long `span` of this clock takes by the wall, from `wall` on.
    pub(super) fn by_the_wall(&self, span: Duration, wall: Timestamp) -> Duration {
        let (begin, span) = (self.at(wall).duration_since(self.origin).as_nanos(), nanos(span));
        // What of the span lies in the fast part.
        let (from, to) = (begin.max(0), (begin + span).min(self.length()));
        let fast = (to - from).max(0);
        let slow = span - fast;
        Duration::from_nanos(u64::try_from(slow + fast / i128::from(self.factor)).unwrap_or(u64::MAX))
    }

    fn length(&self) -> i128 {
        self.end.duration_since(self.origin).as_nanos().max(0)
    }

    fn fast(&self) -> i128 {
        self.length() / i128::from(self.factor)
    }
}

fn nanos(span: Duration) -> i128 {
    SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX).as_nanos()
}

impl fmt::Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.origin, self.wall, self.factor, self.end)
    }
}

impl FromStr for Course {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let [origin, wall, factor, end] = parts.as_slice() else {
            return Err(
                "wants two times, a factor and a time between commas, as `local` writes them".to_owned()
            );
        };
        let time = |text: &str| text.parse().map_err(|_| format!("holds '{text}', which is no time"));
        let factor = factor.parse().ok().filter(|factor| *factor > 0);
        let course = Self {
            origin: time(origin)?,
            wall: time(wall)?,
            factor: factor.ok_or("wants a whole number from 1 up as its factor")?,
            end: time(end)?,
        };
        if course.end < course.origin {
            return Err("ends before it begins".to_owned());
        }
        Ok(course)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "2025-02-25T07:00:00Z,2026-11-27T00:00:10Z,180,2025-02-25T09:00:00Z";

    fn course() -> Course {
        TOLD.parse().unwrap()
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_runs_fast_between_its_beginning_and_its_end_alone() {
        for (wall, says) in [
            ("2026-11-27T00:00:08Z", "2025-02-25T06:59:58Z"),
            ("2026-11-27T00:00:11Z", "2025-02-25T07:03:00Z"),
            ("2026-11-27T00:00:50Z", "2025-02-25T09:00:00Z"),
            ("2026-11-27T00:00:55Z", "2025-02-25T09:00:05Z"),
        ] {
            assert_eq!(course().at(time(wall)), time(says), "{wall}");
        }
    }

    #[test]
    fn a_span_takes_what_its_parts_take() {
        for (wall, span, takes) in [
            ("2026-11-27T00:00:09Z", 181, 2000),
            ("2026-11-27T00:00:11Z", 360, 2000),
            ("2026-11-27T00:00:49Z", 190, 11_000),
            ("2026-11-27T00:01:00Z", 60, 60_000),
        ] {
            let span = Duration::from_secs(span);
            assert_eq!(course().by_the_wall(span, time(wall)), Duration::from_millis(takes), "{wall}");
        }
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        assert_eq!(course().to_string(), TOLD);
        for bad in [
            "",
            "now",
            "a,b,c,d",
            &TOLD.replace("180", "0"),
            &TOLD.replace("T09", "T01"),
            &TOLD.replace("180", "-1"),
        ] {
            assert!(bad.parse::<Course>().is_err(), "{bad}");
        }
    }
}
