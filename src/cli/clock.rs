//! Times for people: the time of the day with the age beside it.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::clock;
use pure::plan::span;

const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The moment at which something is shown, and the zone whose clock is read.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
}

impl Clock {
    /// The clock of a zone, now.
    pub(super) fn of(zone: TimeZone) -> Self {
        Self { now: clock::now(), zone }
    }

    /// `07:06` of today, else `2026-10-02 21:40`.
    pub(super) fn time(&self, time: Timestamp) -> String {
        let (then, today) = (time.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()));
        let form = if then.date() == today.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        then.strftime(form).to_string()
    }

    /// `2026-10-02 21:40`, of today as well: for columns.
    pub(super) fn day(&self, time: Timestamp) -> String {
        time.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `07:06 (9 min ago)`, `08:31 (in 2 h)`; the day is told where it is another.
    pub(super) fn timed(&self, time: Timestamp) -> String {
        self.beside(self.time(time), time)
    }

    /// `2026-10-02 21:40 (56 d ago)`, of today as well.
    pub(super) fn dated(&self, time: Timestamp) -> String {
        self.beside(self.day(time), time)
    }

    /// The words with how long ago that was, or when it will be; beyond a year nobody counts days.
    fn beside(&self, words: String, time: Timestamp) -> String {
        let ahead = time.duration_since(self.now);
        if ahead > YEAR {
            words
        } else if ahead.is_positive() {
            format!("{words} (in {})", span(ahead))
        } else {
            format!("{words} ({} ago)", self.age(time))
        }
    }

    /// The same with its seconds.
    pub(super) fn second(&self, time: Timestamp) -> String {
        time.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Whether the times are those of UTC.
    pub(super) fn is_utc(&self) -> bool {
        self.zone == TimeZone::UTC
    }

    /// `07:16:02`, of something that has just been.
    pub(super) fn moment(&self, time: Timestamp) -> String {
        time.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }

    /// How long ago that is: `4 s`, `9 min`, `25 h`, `3 d`.
    pub(super) fn age(&self, time: Timestamp) -> String {
        span(self.now.duration_since(time))
    }
}

/// A span to the second, for what is measured: `9 min 58 s`.
pub(super) fn measured(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_told_where_it_is_another() {
        let now: Timestamp = "2026-11-26T07:16:02Z".parse().unwrap();
        let clock = Clock { now, zone: TimeZone::UTC };
        assert_eq!(clock.time("2026-11-26T07:06:59Z".parse().unwrap()), "07:06");
        assert_eq!(clock.time("2026-10-02T21:40:00Z".parse().unwrap()), "2026-10-02 21:40");
        assert_eq!(clock.day("2026-11-26T07:06:59Z".parse().unwrap()), "2026-11-26 07:06");
        assert_eq!(clock.second("2026-10-02T21:40:00Z".parse().unwrap()), "2026-10-02 21:40:00");
        assert_eq!(clock.moment(now), "07:16:02");
        assert_eq!(clock.timed("2026-11-26T07:06:59Z".parse().unwrap()), "07:06 (9 min ago)");
        assert_eq!(clock.timed("2026-11-26T07:19:02Z".parse().unwrap()), "07:19 (in 3 min)");
        assert_eq!(clock.timed("2026-11-25T07:16:02Z".parse().unwrap()), "2026-11-25 07:16 (24 h ago)");
        assert_eq!(clock.timed("2999-01-01T00:00:00Z".parse().unwrap()), "2999-01-01 00:00");
        assert_eq!(clock.dated("2026-11-26T07:06:59Z".parse().unwrap()), "2026-11-26 07:06 (9 min ago)");
        assert_eq!(clock.age("2026-11-26T07:06:59Z".parse().unwrap()), "9 min");
        assert_eq!(clock.age("2026-11-27T07:06:59Z".parse().unwrap()), "0 s");
    }

    #[test]
    fn what_is_measured_is_told_to_the_second() {
        let told = [(7, "7 ms"), (59_999, "59 s"), (598_000, "9 min 58 s"), (7_320_000, "2 h 02 min")];
        for (milliseconds, words) in told {
            assert_eq!(measured(milliseconds), words);
        }
    }
}
