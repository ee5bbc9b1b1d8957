//! Times as people's files write them. One without a zone is UTC.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// The portal's forms (month first), with and without the comma, and what spreadsheets make of them.
const FORMS: [&str; 6] = [
    "%m/%d/%Y, %I:%M:%S%.f %p",
    "%m/%d/%Y %I:%M:%S%.f %p",
    "%m/%d/%Y, %H:%M:%S%.f",
    "%m/%d/%Y %H:%M:%S%.f",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M",
];

/// A date alone in the portal's order.
const DATE: &str = "%m/%d/%Y";

/// Why a text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It would be one if its first number were the day: then others of the file may be read wrongly.
    DayFirst,
    /// It is none at all.
    NoTime,
}

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
pub(crate) fn parse(text: &str) -> Result<Timestamp, Fault> {
    Ok(read(text)?.time)
}

/// Reads RFC 3339, the same without a zone, a date alone, or a form of the portal's.
///
/// # Errors
/// What is none of these.
pub(crate) fn read(text: &str) -> Result<Read, Fault> {
    // Browsers put narrow blanks before AM and PM.
    let text = text.replace(['\u{202f}', '\u{a0}'], " ");
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Read { time, written: Written::Plainly });
    }
    let slashed = |text: &str| {
        let with_time = FORMS.iter().find_map(|form| DateTime::strptime(form, text).ok());
        with_time.or_else(|| Some(Date::strptime(DATE, text).ok()?.to_datetime(Time::midnight())))
    };
    let told = |civil: DateTime, written: Written| {
        let zoned = civil.to_zoned(TimeZone::UTC).map_err(|_| Fault::NoTime)?;
        Ok(Read { time: zoned.timestamp(), written })
    };
    if let Ok(civil) = text.parse::<DateTime>() {
        return told(civil, Written::Plainly);
    }
    let Some(civil) = slashed(text) else {
        let is_day_first = month_first(text).is_some_and(|turned| slashed(&turned).is_some());
        return Err(if is_day_first { Fault::DayFirst } else { Fault::NoTime });
    };
    let month_first = civil.date();
    let written = match Date::new(month_first.year(), month_first.day(), month_first.month()) {
        Ok(day_first) => Written::EitherWay { month_first, day_first },
        Err(_) => Written::MonthFirst,
    };
    told(civil, written)
}

/// The text with its first two numbers changed over.
fn month_first(text: &str) -> Option<String> {
    let (first, rest) = text.split_once('/')?;
    let (second, rest) = rest.split_once('/')?;
    Some(format!("{second}/{first}/{rest}"))
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
            assert_eq!(parse(text), Err(Fault::NoTime), "{text}");
        }
        for text in ["25/2/2025, 9:19:25.391 AM", "13/2/2025 09:19", "13/2/2025"] {
            assert_eq!(parse(text), Err(Fault::DayFirst), "{text}");
        }
    }
}
