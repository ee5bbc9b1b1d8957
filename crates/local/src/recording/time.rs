//! Times as people's files write them. One without a zone is UTC.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use kql::portal::{self, NoTime};

/// How the date of a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// So that it has one meaning.
    Plainly,
    /// With slashes, and the second number can only be the day.
    MonthFirst,
    /// With slashes, and both numbers could be the month.
    EitherWay {
        /// As the portal means it, and as it is read.
        month_first: Date,
        /// As others mean it.
        day_first: Date,
    },
}

/// A time that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read {
    /// The time.
    pub time: Timestamp,
    /// What its date tells of the others in the file.
    pub written: Written,
}

/// Reads a time, as [`read`] does.
///
/// # Errors
/// What is none.
pub(crate) fn parse(text: &str) -> Result<Timestamp, NoTime> {
    Ok(read(text)?.time)
}

/// Reads RFC 3339, the same without a zone, a date alone, or a form of the portal's.
///
/// # Errors
/// What is none of these.
pub(crate) fn read(text: &str) -> Result<Read, NoTime> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Read { time, written: Written::Plainly });
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        let zoned = civil.to_zoned(TimeZone::UTC).map_err(|_| NoTime::Unreadable)?;
        return Ok(Read { time: zoned.timestamp(), written: Written::Plainly });
    }
    // Only what a person reads as such a date: the engine takes forms that no export has.
    if !text.contains('/') {
        return Err(NoTime::Unreadable);
    }
    let nanoseconds = portal::time(text)?.unix_nanoseconds();
    let time = Timestamp::from_nanosecond(nanoseconds).map_err(|_| NoTime::Unreadable)?;
    let month_first = TimeZone::UTC.to_datetime(time).date();
    let written = match Date::new(month_first.year(), month_first.day(), month_first.month()) {
        Ok(day_first) => Written::EitherWay { month_first, day_first },
        Err(_) => Written::MonthFirst,
    };
    Ok(Read { time, written })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_none_is_guessed() {
        for (text, wanted) in [
            ("2025-02-25T09:19:25.3911234Z", "2025-02-25T09:19:25.3911234Z"),
            ("2025-02-25T10:19:25+01:00", "2025-02-25T09:19:25Z"),
            ("2025-02-25 09:19:25.391", "2025-02-25T09:19:25.391Z"),
            ("2025-02-25", "2025-02-25T00:00:00Z"),
            ("2/25/2025, 9:19:25.391 AM", "2025-02-25T09:19:25.391Z"),
            ("2/5/2025, 12:00:00.000 AM", "2025-02-05T00:00:00Z"),
            ("12/5/2025, 12:30:01\u{202f}PM", "2025-12-05T12:30:01Z"),
            ("2/25/2025 21:19", "2025-02-25T21:19:00Z"),
            ("2/25/2025", "2025-02-25T00:00:00Z"),
        ] {
            assert_eq!(parse(text), Ok(wanted.parse().unwrap()), "{text}");
        }
        for text in ["", "soon", "None", "2025-02-30T00:00:00Z", "30/30/2025 10:00"] {
            assert_eq!(parse(text), Err(NoTime::Unreadable), "{text}");
        }
        for text in ["25/2/2025, 9:19:25.391 AM", "13/2/2025 09:19", "13/2/2025"] {
            assert_eq!(parse(text), Err(NoTime::DayFirst), "{text}");
        }
    }
}
