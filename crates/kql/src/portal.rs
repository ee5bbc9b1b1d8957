//! What Azure's portal makes of a table that it exports: a zone behind the names of times, and times with the month first.

use crate::time::DateTime;

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTime {
    /// It would be one if its first number were the day: then others beside it may be read wrongly.
    DayFirst,
    /// It is none at all.
    Unreadable,
}

/// A column as the first line of an export names it: its name, and the zone of its times where one stands behind it.
///
/// ```
/// assert_eq!(kql::portal::column("TimeGenerated [UTC]"), ("TimeGenerated", Some("UTC")));
/// assert_eq!(kql::portal::column("Computer"), ("Computer", None));
/// ```
#[must_use]
pub fn column(header: &str) -> (&str, Option<&str>) {
    match header.trim().strip_suffix(']').and_then(|header| header.rsplit_once(" [")) {
        Some((name, zone)) => (name, Some(zone)),
        None => (header.trim(), None),
    }
}

/// Reads a time as the portal writes it, `2/25/2025, 9:19:25.391 AM`, or in any form of [`DateTime::parse`].
///
/// # Errors
/// What is no time, and what has its day first.
pub fn time(text: &str) -> Result<DateTime, NoTime> {
    // Browsers put narrow blanks before AM and PM.
    let text = text.replace(['\u{202f}', '\u{a0}'], " ").replacen(", ", " ", 1);
    if let Some(time) = DateTime::parse(&text) {
        return Ok(time);
    }
    let is_day_first = month_first(&text).is_some_and(|turned| DateTime::parse(&turned).is_some());
    Err(if is_day_first { NoTime::DayFirst } else { NoTime::Unreadable })
}

/// The text with its first two numbers changed over.
fn month_first(text: &str) -> Option<String> {
    let (first, rest) = text.split_once('/')?;
    let (second, rest) = rest.split_once('/')?;
    Some(format!("{}/{}/{rest}", second.trim(), first.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_none_is_guessed() {
        for (text, wanted) in [
            ("2/25/2025, 9:19:25.391 AM", "2025-02-25T09:19:25.3910000Z"),
            ("2/5/2025, 12:00:00.000 AM", "2025-02-05T00:00:00.0000000Z"),
            ("12/5/2025, 12:30:01\u{202f}PM", "2025-12-05T12:30:01.0000000Z"),
            ("2/25/2025 21:19", "2025-02-25T21:19:00.0000000Z"),
            ("2/25/2025, 21:19:25.391", "2025-02-25T21:19:25.3910000Z"),
            ("2/25/2025 9:19 PM", "2025-02-25T21:19:00.0000000Z"),
            ("2/25/2025", "2025-02-25T00:00:00.0000000Z"),
            ("2025-02-25T09:19:25.3911234Z", "2025-02-25T09:19:25.3911234Z"),
        ] {
            assert_eq!(time(text).map(|time| time.to_string()), Ok(wanted.to_owned()), "{text}");
        }
        for text in ["", "soon", "30/30/2025 10:00", "2/30/2025, 9:19:25 AM"] {
            assert_eq!(time(text), Err(NoTime::Unreadable), "{text}");
        }
        for text in ["25/2/2025, 9:19:25.391 AM", "13/2/2025 09:19", "13/2/2025"] {
            assert_eq!(time(text), Err(NoTime::DayFirst), "{text}");
        }
    }
}
