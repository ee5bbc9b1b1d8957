//! Times as people's files write them. One without a zone is UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use kql::portal::{self, NoTime};

/// Reads RFC 3339, the same without a zone, a date alone, or a form of the portal's.
///
/// # Errors
/// What is none of these.
pub(crate) fn parse(text: &str) -> Result<Timestamp, NoTime> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        let zoned = civil.to_zoned(TimeZone::UTC);
        return zoned.map(|zoned| zoned.timestamp()).map_err(|_| NoTime::Unreadable);
    }
    // Only what a person reads as such a date: the engine takes forms that no export has.
    if !text.contains('/') {
        return Err(NoTime::Unreadable);
    }
    let time = portal::time(text)?;
    Timestamp::from_nanosecond(time.unix_nanoseconds()).map_err(|_| NoTime::Unreadable)
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
