//! How far the clocks of the services are from ours, as the header `Date` of their answers tells.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use azure_core::http::headers::{HeaderName, Headers};
use azure_core::time::{OffsetDateTime, parse_rfc7231};

use pure::domain::Service;

/// The newest difference of each service that has answered: seconds that its clock is ahead of ours.
#[derive(Debug, Default)]
pub(super) struct Dates(Mutex<BTreeMap<Service, i64>>);

impl Dates {
    /// Notes when an answer that has just come was sent. A header is whole seconds, and somebody on the way may have
    /// kept it; nothing is decided by it.
    pub(super) fn note(&self, service: Service, headers: &Headers) {
        let date = headers.get_optional_str(&HeaderName::from_static("date"));
        let Some(theirs) = date.and_then(|date| parse_rfc7231(date.trim()).ok()) else { return };
        let ahead = (theirs - OffsetDateTime::now_utc()).whole_seconds();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(service, ahead);
    }

    /// What was noted so far.
    pub(super) fn ahead(&self) -> BTreeMap<Service, i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_date_of_each_service_counts_and_what_is_none_does_not() {
        let dates = Dates::default();
        let headers = |text: &str| {
            let mut headers = Headers::new();
            headers.insert("date", text.to_owned());
            headers
        };
        dates.note(Service::LogsQuery, &headers("soon"));
        dates.note(Service::DnsRead, &Headers::new());
        assert!(dates.ahead().is_empty());
        dates.note(Service::LogsQuery, &headers("Thu, 01 Jan 1970 00:00:00 GMT"));
        dates.note(Service::LogsQuery, &headers("Fri, 31 Dec 9999 23:59:59 GMT"));
        let ahead = dates.ahead();
        assert!(ahead.len() == 1 && ahead[&Service::LogsQuery] > 1_000_000_000, "{ahead:?}");
    }
}
