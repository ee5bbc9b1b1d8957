//! Durations as people write them.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// No duration of the configuration is longer.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Reads `90s`, `15m`, `2h`, `1d` and their sums, or ISO 8601 such as `PT2H`.
///
/// # Errors
/// A sentence that fits after the variable's name: no duration, not over zero, or longer than a year.
///
/// ```
/// use heartbeat_dns::config::parse_duration;
/// use std::time::Duration;
///
/// assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
/// assert_eq!(parse_duration("PT2H"), parse_duration("2h"));
/// assert!(parse_duration("15").is_err());
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let fault = || format!("is `{text}`, which is no duration; write 90s, 15m, 2h or PT2H");
    let signed = text
        .parse::<SignedDuration>()
        .ok()
        .or_else(|| text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok())
        .ok_or_else(fault)?;
    let duration = Duration::try_from(signed).map_err(|_| fault())?;
    if duration.is_zero() {
        return Err(format!("is `{text}`; write a duration over zero, such as 90s, 15m or 2h"));
    }
    if duration > LONGEST {
        return Err(format!("is `{text}`, which is longer than a year"));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_are_read() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("2h", 7200),
            ("1h30m", 5400),
            ("1d", 86_400),
            ("PT2H", 7200),
            ("PT1H30M", 5400),
            ("P1D", 86_400),
            ("PT0.5S", 0),
            ("500ms", 0),
        ] {
            assert_eq!(parse_duration(text).map(|duration| duration.as_secs()), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn everything_else_is_explained() {
        for text in ["", "15", "-5m", "0s", "PT0S", "soon", "400d", "99999999999999999999h", "1mo", "P1M"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
