//! Instants and spans in ticks of 100 ns: reading, writing and the calendar.

use std::fmt;

/// Ticks in one second.
pub(crate) const SECOND: i64 = 10_000_000;
/// Ticks in one minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// Ticks in one hour.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// Ticks in one day.
pub(crate) const DAY: i64 = 24 * HOUR;
/// Ticks of 1970-01-01.
pub(crate) const UNIX_EPOCH: i64 = 719_162 * DAY;
/// Ticks of the last instant, 9999-12-31T23:59:59.9999999Z.
pub(crate) const MAX_TICKS: i64 = 3_155_378_975_999_999_999;

/// An instant in UTC, counted in ticks of 100 ns since 0001-01-01; years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(i64);

impl DateTime {
    /// The instant that many ticks after 0001-01-01; nothing outside the years 1 to 9999.
    #[must_use]
    pub fn from_ticks(ticks: i64) -> Option<DateTime> {
        (0..=MAX_TICKS).contains(&ticks).then_some(DateTime(ticks))
    }

    /// The instant that many nanoseconds after 1970-01-01, cut to 100 ns and to the years 1 to 9999.
    #[must_use]
    pub fn from_unix_nanoseconds(nanoseconds: i128) -> DateTime {
        let ticks = nanoseconds.div_euclid(100) + i128::from(UNIX_EPOCH);
        DateTime(i64::try_from(ticks.clamp(0, i128::from(MAX_TICKS))).unwrap_or(0))
    }

    /// The same instant on the clock of the standard library.
    #[must_use]
    pub fn from_system_time(time: std::time::SystemTime) -> DateTime {
        let nanoseconds = match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
            Err(before) => i128::try_from(before.duration().as_nanos()).map_or(i128::MIN, |n| -n),
        };
        DateTime::from_unix_nanoseconds(nanoseconds)
    }

    /// Ticks of 100 ns since 0001-01-01.
    #[must_use]
    pub fn ticks(self) -> i64 {
        self.0
    }

    /// Nanoseconds since 1970-01-01.
    #[must_use]
    pub fn unix_nanoseconds(self) -> i128 {
        (i128::from(self.0) - i128::from(UNIX_EPOCH)) * 100
    }
}

impl fmt::Display for DateTime {
    /// `2026-01-02T03:04:05.0000000Z`, always with seven digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&datetime_text(self.0))
    }
}

/// A date and time of day taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) fraction: i64,
}

/// Days from 0001-01-01 to the date of the proleptic Gregorian calendar.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted - era * 400;
    let month_index = (month + 9) % 12;
    let day_of_year = (153 * month_index + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 306
}

/// The inverse of [`days_from_civil`]: year, month, day.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 306;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Days of that month.
pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl Civil {
    /// The calendar parts of an instant.
    pub(crate) fn from_ticks(ticks: i64) -> Civil {
        let (year, month, day) = civil_from_days(ticks.div_euclid(DAY));
        let rest = ticks.rem_euclid(DAY);
        Civil {
            year,
            month,
            day,
            hour: rest / HOUR,
            minute: rest % HOUR / MINUTE,
            second: rest % MINUTE / SECOND,
            fraction: rest % SECOND,
        }
    }

    /// The instant, when every part is in its range and the year is 1 to 9999.
    pub(crate) fn ticks(self) -> Option<i64> {
        let whole = (1..=9999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..SECOND).contains(&self.fraction);
        whole.then(|| {
            days_from_civil(self.year, self.month, self.day) * DAY
                + self.hour * HOUR
                + self.minute * MINUTE
                + self.second * SECOND
                + self.fraction
        })
    }
}

/// `2026-01-02T03:04:05.0000000Z`.
pub(crate) fn datetime_text(ticks: i64) -> String {
    let c = Civil::from_ticks(ticks);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z",
        c.year, c.month, c.day, c.hour, c.minute, c.second, c.fraction
    )
}

/// The same without trailing zeros of the fraction, as the query API writes it.
pub(crate) fn datetime_short(ticks: i64) -> String {
    let full = datetime_text(ticks);
    let cut = full.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    format!("{cut}Z")
}

/// `[-][d.]hh:mm:ss[.fffffff]`.
pub(crate) fn timespan_text(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let size = ticks.unsigned_abs();
    let unit = |value: i64| value.unsigned_abs();
    let (days, rest) = (size / unit(DAY), size % unit(DAY));
    let (hours, minutes) = (rest / unit(HOUR), rest % unit(HOUR) / unit(MINUTE));
    let (seconds, fraction) = (rest % unit(MINUTE) / unit(SECOND), rest % unit(SECOND));
    let days = if days == 0 { String::new() } else { format!("{days}.") };
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:07}") };
    format!("{sign}{days}{hours:02}:{minutes:02}:{seconds:02}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_its_own_inverse() {
        assert_eq!(days_from_civil(1, 1, 1), 0);
        assert_eq!(days_from_civil(1970, 1, 1) * DAY, UNIX_EPOCH);
        for days in (0..3_652_059).step_by(97) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn timespans_print_as_kusto_prints_them() {
        assert_eq!(timespan_text(DAY), "1.00:00:00");
        assert_eq!(timespan_text(-(HOUR + 5)), "-01:00:00.0000005");
    }
}
