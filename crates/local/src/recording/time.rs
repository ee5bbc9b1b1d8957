//! Times as people's files write them. One without a zone is UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
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

/// Reads RFC 3339, the same without a zone, a date alone, or a form of the portal's.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    // Browsers put narrow blanks before AM and PM.
    let text = text.replace(['\u{202f}', '\u{a0}'], " ");
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let civil = text.parse::<DateTime>().ok();
    let civil = civil.or_else(|| FORMS.iter().find_map(|form| DateTime::strptime(form, text).ok()))?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
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
        ] {
            assert_eq!(parse(text), Some(wanted.parse().unwrap()), "{text}");
        }
        for text in ["", "25/2/2025, 9:19:25.391 AM", "soon", "None", "2025-02-30T00:00:00Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
