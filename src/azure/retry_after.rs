//! For how long a service asks to be left alone, in every form in which it says so.

use std::time::Duration;

use azure_core::http::headers::{HeaderName, Headers, RETRY_AFTER, RETRY_AFTER_MS, X_MS_RETRY_AFTER_MS};
use azure_core::time::{OffsetDateTime, parse_rfc7231};

/// A longer wait than this is not believed; deadlines are minutes away.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// No answer keeps us away from all queries for longer.
const LONGEST_RESET: Duration = Duration::from_secs(3600);
/// The status that asks us to be slower.
pub(super) const THROTTLED: u16 = 429;

/// How long an answer that refuses asks us to wait. A 429 of Resource Graph may say it in the form of its allowance alone.
pub(super) fn of_refusal(status: u16, headers: &Headers, now: OffsetDateTime) -> Option<Duration> {
    retry_after(headers, now).or_else(|| allowance_resets(headers).filter(|_| status == THROTTLED))
}

/// How long the service asks to be left alone: milliseconds, or seconds, or a date (contract azure-sdk-for-rust,
/// section 4).
pub(super) fn retry_after(headers: &Headers, now: OffsetDateTime) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get_optional_str(name);
    for name in [X_MS_RETRY_AFTER_MS, RETRY_AFTER_MS] {
        if let Some(milliseconds) = text(&name).and_then(|text| text.trim().parse().ok()) {
            return Some(Duration::from_millis(milliseconds).min(LONGEST_WAIT));
        }
    }
    text(&RETRY_AFTER).and_then(|text| seconds_or_date(text, now))
}

/// What `Retry-After` holds: seconds, or a date.
pub(crate) fn seconds_or_date(text: &str, now: OffsetDateTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let wait = Duration::try_from(parse_rfc7231(text).ok()? - now).unwrap_or_default();
    Some(wait.min(LONGEST_WAIT))
}

/// When the allowance of Resource Graph is whole again (contract azure-resource-manager, section 4.5).
pub(super) fn allowance_resets(headers: &Headers) -> Option<Duration> {
    headers.get_optional_str(&HeaderName::from_static("x-ms-user-quota-resets-after")).and_then(clock)
}

/// `hh:mm:ss`, at most an hour.
fn clock(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    for part in text.trim().split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    Some(Duration::from_secs(seconds).min(LONGEST_RESET))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in pairs {
            headers.insert(HeaderName::from_static(name), (*value).to_owned());
        }
        headers
    }

    #[test]
    fn every_form_of_retry_after_is_read() {
        let now = parse_rfc7231("Sat, 21 Nov 2026 01:00:00 GMT").unwrap();
        let wait = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs), now);
        assert_eq!(wait(&[("retry-after", "23")]), Some(Duration::from_secs(23)));
        assert_eq!(
            wait(&[("retry-after-ms", "150"), ("retry-after", "23")]),
            Some(Duration::from_millis(150))
        );
        assert_eq!(
            wait(&[("x-ms-retry-after-ms", "250"), ("retry-after-ms", "150"), ("retry-after", "23")]),
            Some(Duration::from_millis(250))
        );
        assert_eq!(
            wait(&[("x-ms-retry-after-ms", "soon"), ("retry-after", "23")]),
            Some(Duration::from_secs(23))
        );
        assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 01:00:07 GMT")]), Some(Duration::from_secs(7)));
        assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 00:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(wait(&[("retry-after", "18446744073709551615")]), Some(LONGEST_WAIT));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("retry-after", "-3")]), None);
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn the_allowance_is_the_last_form_and_one_of_a_429_alone() {
        let now = OffsetDateTime::now_utc();
        let resets = ("x-ms-user-quota-resets-after", "00:00:05");
        let wait = |status, pairs: &[(&'static str, &str)]| of_refusal(status, &headers(pairs), now);
        assert_eq!(wait(429, &[resets]), Some(Duration::from_secs(5)));
        assert_eq!(wait(429, &[resets, ("retry-after", "2")]), Some(Duration::from_secs(2)));
        assert_eq!(wait(503, &[resets]), None, "it stands in every answer");
    }

    #[test]
    fn the_time_to_the_next_query_is_a_clock() {
        assert_eq!(clock("00:00:05"), Some(Duration::from_secs(5)));
        assert_eq!(clock("00:01:05"), Some(Duration::from_secs(65)));
        assert_eq!(clock("99999999999999999999"), None);
        assert_eq!(clock("18446744073709551615:1"), None);
        assert_eq!(clock("72:00:00"), Some(Duration::from_secs(3600)));
    }
}
