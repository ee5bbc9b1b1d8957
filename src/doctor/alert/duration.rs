//! Durations as Azure writes them, and as people read them.

use std::time::Duration;

/// A duration of ISO 8601, as Azure writes it.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.parse().ok()?;
    // A day of such a range is one of 24 hours.
    let whole = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(whole).ok()
}

pub(super) fn minutes(duration: Duration) -> String {
    format!("{} min", duration.as_secs() / 60)
}

/// The same in the words that a rule takes: whole days, else whole hours, else minutes.
pub(super) fn iso(duration: Duration) -> String {
    match duration.as_secs() / 60 {
        minutes if minutes >= 1440 && minutes % 1440 == 0 => format!("P{}D", minutes / 1440),
        minutes if minutes >= 60 && minutes % 60 == 0 => format!("PT{}H", minutes / 60),
        minutes => format!("PT{minutes}M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_written_as_azure_does() {
        let read = |text: &str| duration(text).map(|range| range.as_secs());
        assert_eq!(
            ["PT5M", "PT2H", "P1D", "P2D"].map(read),
            [Some(300), Some(7200), Some(86_400), Some(172_800)]
        );
        assert_eq!(["", "two hours", "-PT1H"].map(read), [None, None, None]);
        for text in ["PT5M", "PT2H", "PT90M", "P1D", "P2D"] {
            assert_eq!(duration(text).map(iso).as_deref(), Some(text));
        }
    }
}
