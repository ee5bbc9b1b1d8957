//! When the next query of the graph is welcome.

use std::sync::Mutex;
use std::time::Duration;

use azure_core::time::OffsetDateTime;
use tokio::time::{Instant, sleep_until};

use crate::azure::answer::{Answered, retry_after, service_waits};
use crate::azure::call::Call;
use crate::azure::error::Error;

/// When the next query is welcome: the service tells with each answer (contract azure-resource-manager, section 4.5).
#[derive(Debug, Default)]
pub(in crate::azure) struct Allowance(Mutex<Option<Instant>>);

impl Allowance {
    /// Waits until a query is welcome.
    ///
    /// # Errors
    /// At once, when that is not before the deadline: nobody waits for what will not come.
    pub(super) async fn wait(&self, call: &Call, deadline: Instant) -> Result<(), Error> {
        let from = *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(from) = from.filter(|from| *from > Instant::now()) else { return Ok(()) };
        if from >= deadline {
            return Err(service_waits(call, from));
        }
        sleep_until(from).await;
        Ok(())
    }

    /// Takes what an answer says of the queries that are left.
    pub(super) fn learn(&self, reply: &Answered) {
        let remaining: Option<u64> =
            reply.header("x-ms-user-quota-remaining").and_then(|text| text.trim().parse().ok());
        let resets = reply.header("x-ms-user-quota-resets-after").and_then(clock);
        let is_over = remaining == Some(0) || reply.status == THROTTLED;
        let asked = retry_after(&reply.headers, OffsetDateTime::now_utc());
        let wait = resets.max(asked.filter(|_| reply.status == THROTTLED));
        if let Some(wait) = wait.filter(|_| is_over) {
            self.wait_until(Instant::now() + wait.min(LONGEST));
        }
    }

    /// Answers overtake each other: of two moments the later one holds.
    fn wait_until(&self, moment: Instant) {
        let mut from = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *from = from.map_or(Some(moment), |from| Some(from.max(moment)));
    }
}

/// The status that asks us to be slower.
pub(super) const THROTTLED: u16 = 429;
/// No answer keeps us away for longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// `hh:mm:ss`, at most an hour.
fn clock(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    for part in text.trim().split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    Some(Duration::from_secs(seconds).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use azure_core::Bytes;
    use azure_core::http::{Method, Url};
    use pure::domain::Service;

    use super::*;
    use crate::azure::error::Kind;

    #[tokio::test(start_paused = true)]
    async fn of_two_moments_the_later_one_holds() {
        let (allowance, now) = (Allowance::default(), Instant::now());
        let url = Url::parse("https://management.azure.com").unwrap();
        let call = Call {
            service: Service::ResourceGraph,
            operation: "list machines".to_owned(),
            method: Method::Post,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            each: Duration::from_secs(30),
            largest: 1,
            zone: None,
        };
        allowance.wait_until(now + Duration::from_secs(9));
        allowance.wait_until(now + Duration::from_secs(5));
        allowance.wait(&call, now + Duration::from_secs(60)).await.unwrap();
        assert_eq!(now.elapsed(), Duration::from_secs(9));
        allowance.wait_until(now + Duration::from_secs(50));
        let error = allowance.wait(&call, now + Duration::from_secs(20)).await.unwrap_err();
        assert_eq!(now.elapsed(), Duration::from_secs(9), "what lies beyond the deadline is not waited for");
        assert_eq!((error.kind(), error.retry_after), (Kind::Throttled, Some(Duration::from_secs(41))));
        let waits = error.for_people();
        assert!(waits.contains("41 s"), "{waits}");
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
