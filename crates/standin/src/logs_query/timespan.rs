//! The `timespan` of a query: a duration, or two points in time, as ISO 8601 (contract azure-monitor, section 4.2).

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Both ends count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timespan {
    /// The first moment.
    pub start: Timestamp,
    /// The last moment.
    pub end: Timestamp,
}

impl Timespan {
    /// Reads `PT2H`, `start/end`, `start/PT2H` or `PT2H/end`; a duration alone ends `now`.
    ///
    /// # Errors
    ///
    /// A sentence that names the part which cannot be read.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, String> {
        let Some((left, right)) = text.split_once('/') else {
            let length = duration(text)?;
            return Ok(Self { start: back(now, length), end: now });
        };
        let (start, end) = match (is_duration(left), is_duration(right)) {
            (true, true) => return Err(format!("two durations: {text}")),
            (true, false) => {
                let end = moment(right)?;
                (back(end, duration(left)?), end)
            }
            (false, true) => {
                let start = moment(left)?;
                (start, start.saturating_add(duration(right)?).unwrap_or(Timestamp::MAX))
            }
            (false, false) => (moment(left)?, moment(right)?),
        };
        if start > end {
            return Err(format!("the start is after the end: {text}"));
        }
        Ok(Self { start, end })
    }

    /// What both cover; when they do not touch, an empty span (its start is after its end).
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }
}

fn is_duration(text: &str) -> bool {
    text.trim().starts_with(['P', 'p'])
}

fn back(from: Timestamp, length: SignedDuration) -> Timestamp {
    from.saturating_sub(length).unwrap_or(Timestamp::MIN)
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    let civil = || {
        let date = || text.parse::<Date>().map(|date| date.at(0, 0, 0, 0));
        let civil = text.parse::<DateTime>().or_else(|_| date()).ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    text.parse().ok().or_else(civil).ok_or_else(|| format!("no point in time: {text}"))
}

/// `P1Y2M3W4DT5H6M7.8S`; a year has 365 days and a month 30, as in .NET.
fn duration(text: &str) -> Result<SignedDuration, String> {
    let fault = || format!("no ISO 8601 duration: {text}");
    let upper = text.trim().to_ascii_uppercase();
    let rest = upper.strip_prefix('P').ok_or_else(fault)?;
    let (days, times) = rest.split_once('T').map_or((rest, None), |(days, times)| (days, Some(times)));
    if days.is_empty() && times.is_none_or(str::is_empty) {
        return Err(fault());
    }
    let seconds =
        sum(days, &[('Y', 365.0 * 86_400.0), ('M', 30.0 * 86_400.0), ('W', 604_800.0), ('D', 86_400.0)])
            .zip(sum(times.unwrap_or_default(), &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)]))
            .map(|(days, times)| days + times)
            .ok_or_else(fault)?;
    SignedDuration::try_from_secs_f64(seconds).map_err(|_| fault())
}

/// Adds up numbers with units; the units must come in the given order.
fn sum(text: &str, units: &[(char, f64)]) -> Option<f64> {
    let mut total = 0.0;
    let mut units = units.iter();
    for part in text.split_inclusive(|letter: char| letter.is_ascii_alphabetic()) {
        let unit = part.chars().next_back()?;
        let number = part.strip_suffix(unit)?.replace(',', ".");
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return None;
        }
        let (_, seconds) = units.by_ref().find(|(name, _)| *name == unit)?;
        total += number.parse::<f64>().ok()? * seconds;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_timespan() {
        let now: Timestamp = "2026-05-04T10:30:00Z".parse().expect("a time");
        for (text, start, end) in [
            ("PT1H", "2026-05-04T09:30:00Z", "2026-05-04T10:30:00Z"),
            ("PT3600.0S", "2026-05-04T09:30:00Z", "2026-05-04T10:30:00Z"),
            ("P1DT30M", "2026-05-03T10:00:00Z", "2026-05-04T10:30:00Z"),
            ("2026-05-01T00:00:00Z/2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"),
            ("2026-05-01/PT2H", "2026-05-01T00:00:00Z", "2026-05-01T02:00:00Z"),
            ("PT2H/2026-05-01T02:00:00+02:00", "2026-04-30T22:00:00Z", "2026-05-01T00:00:00Z"),
        ] {
            let found = Timespan::parse(text, now).expect(text);
            assert_eq!(
                (found.start.to_string(), found.end.to_string()),
                (start.to_owned(), end.to_owned()),
                "{text}"
            );
        }
        for text in ["", "P", "PT", "1h", "PT1X", "PT1S1M", "PT1H/PT2H", "2026-05-02/2026-05-01", "x/y"] {
            assert!(Timespan::parse(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn two_timespans_intersect() {
        let now = crate::clock::wall();
        let hour = Timespan::parse("PT1H", now).expect("a span");
        let day = Timespan::parse("P1D", now).expect("a span");
        assert_eq!(hour.intersect(day), hour);
    }
}
