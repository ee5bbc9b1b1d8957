//! NCRONTAB schedules: six fields (seconds first) or five, evaluated in UTC.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit};

/// A schedule as the timer trigger takes it (contract functions-custom-handler, section 7).
///
/// Day of month and day of week must both match, as in the library that the real host uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ncrontab {
    second: u64,
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// A leap day is at most eight years away, so a longer search would find nothing either.
const SEARCH_DAYS: usize = 366 * 9;

impl Ncrontab {
    /// Reads a schedule; the field count decides whether the seconds are there.
    ///
    /// # Errors
    ///
    /// A sentence that names the field which is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let (second, rest) = match fields.as_slice() {
            [second, rest @ ..] if rest.len() == 5 => (*second, rest),
            rest if rest.len() == 5 => ("0", rest),
            _ => return Err(format!("a schedule has six fields, or five without seconds: `{text}`")),
        };
        let field = |name: &str, text: &str, low: u8, high: u8, names: &[&str]| {
            parse_field(text, low, high, names).map_err(|why| format!("{name} `{text}`: {why}"))
        };
        Ok(Self {
            second: field("second", second, 0, 59, &[])?,
            minute: field("minute", rest[0], 0, 59, &[])?,
            hour: field("hour", rest[1], 0, 23, &[])?,
            day: field("day", rest[2], 1, 31, &[])?,
            month: field("month", rest[3], 1, 12, &MONTHS)?,
            weekday: field("day of week", rest[4], 0, 6, &WEEKDAYS)?,
        })
    }

    /// The first occurrence strictly after `after`, or none (a 30th of February).
    pub(super) fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let start = after.round(Unit::Second).ok()?;
        let start = if start > after { start } else { start.checked_add(1.second()).ok()? };
        let start = start.to_zoned(TimeZone::UTC).datetime();
        let mut date: Date = start.date();
        for index in 0..SEARCH_DAYS {
            if self.matches_date(date) {
                let from =
                    if index == 0 { (start.hour(), start.minute(), start.second()) } else { (0, 0, 0) };
                if let Some((hour, minute, second)) = self.first_time(from) {
                    let found = date.at(hour, minute, second, 0).to_zoned(TimeZone::UTC).ok()?;
                    return Some(found.timestamp());
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// Whether it fires more than once a minute: the host then keeps no schedule status
    /// (contract functions-custom-handler, section 3.2.1).
    pub(super) fn is_faster_than_a_minute(&self) -> bool {
        self.second.count_ones() > 1
    }

    fn matches_date(&self, date: Date) -> bool {
        has(self.month, date.month())
            && has(self.day, date.day())
            && has(self.weekday, date.weekday().to_sunday_zero_offset())
    }

    fn first_time(&self, from: (i8, i8, i8)) -> Option<(i8, i8, i8)> {
        let (hour, minute, second) = from;
        if has(self.hour, hour) {
            if has(self.minute, minute)
                && let Some(second) = first_from(self.second, second)
            {
                return Some((hour, minute, second));
            }
            if let Some(minute) = first_from(self.minute, minute + 1) {
                return Some((hour, minute, first_from(self.second, 0)?));
            }
        }
        let hour = first_from(self.hour, hour + 1)?;
        Some((hour, first_from(self.minute, 0)?, first_from(self.second, 0)?))
    }
}

fn has(set: u64, value: i8) -> bool {
    u32::try_from(value).is_ok_and(|value| set.checked_shr(value).unwrap_or(0) & 1 == 1)
}

fn first_from(set: u64, from: i8) -> Option<i8> {
    (from..60).find(|value| has(set, *value))
}

fn parse_field(text: &str, low: u8, high: u8, names: &[&str]) -> Result<u64, String> {
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(number(step)?)),
            None => (part, None),
        };
        if step == Some(0) {
            return Err("a step of 0".to_owned());
        }
        let (first, last) = if range == "*" {
            (low, high)
        } else if let Some((first, last)) = range.split_once('-') {
            (value(first, low, names)?, value(last, low, names)?)
        } else {
            let only = value(range, low, names)?;
            (only, if step.is_some() { high } else { only })
        };
        if first < low || last > high || first > last {
            return Err(format!("`{part}` is outside {low}-{high}"));
        }
        for value in (first..=last).step_by(usize::from(step.unwrap_or(1))) {
            set |= 1 << value;
        }
    }
    Ok(set)
}

fn value(text: &str, low: u8, names: &[&str]) -> Result<u8, String> {
    let lower = text.to_ascii_lowercase();
    let named = || names.iter().position(|name| lower.len() >= 3 && name.starts_with(&lower));
    match named().and_then(|index| u8::try_from(index).ok()) {
        Some(index) => Ok(index + low),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u8, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{text}` is no number"));
    }
    text.parse().map_err(|_| format!("`{text}` is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> String {
        let schedule = Ncrontab::parse(schedule).expect("a schedule");
        let after: Timestamp = after.parse().expect("a time");
        schedule.next_after(after).map_or_else(|| "never".to_owned(), |time| time.to_string())
    }

    #[test]
    fn the_next_occurrence_is_found() {
        for (schedule, after, expected) in [
            ("0 */5 * * * *", "2026-01-15T10:12:30Z", "2026-01-15T10:15:00Z"),
            ("0 */5 * * * *", "2026-01-15T10:15:00Z", "2026-01-15T10:20:00Z"),
            ("*/5 * * * * *", "2026-01-15T10:14:58.7Z", "2026-01-15T10:15:00Z"),
            ("*/5 * * * * *", "2026-01-15T10:14:54.2Z", "2026-01-15T10:14:55Z"),
            ("*/5 * * * *", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
            ("0 30 9 * * mon-fri", "2026-01-16T09:30:00Z", "2026-01-19T09:30:00Z"),
            ("0 0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("10,20 0 3/6 * jan,JULY *", "2026-01-31T21:00:20Z", "2026-07-01T03:00:10Z"),
            ("0 0 0 30 2 *", "2026-01-01T00:00:00Z", "never"),
        ] {
            assert_eq!(next(schedule, after), expected, "{schedule} after {after}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in
            ["", "* * * *", "60 * * * * *", "* * * * * 7", "*/0 * * * * *", "5-1 * * * * *", "a * * * * *"]
        {
            assert!(Ncrontab::parse(text).is_err(), "{text}");
        }
        assert!(Ncrontab::parse("* * * 0 * *").is_err_and(|why| why.starts_with("day `0`")));
    }
}
