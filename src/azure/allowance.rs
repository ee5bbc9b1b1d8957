//! When the next query of the graph is welcome.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use azure_core::http::headers::{HeaderName, Headers};
use azure_core::time::OffsetDateTime;
use tokio::time::{Instant, sleep_until};

use super::retry_after::{THROTTLED, allowance_resets, retry_after};

/// No answer keeps us away for longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// When the next query is welcome: the service tells with each answer (contract azure-resource-manager, section 4.5).
#[derive(Debug, Default)]
pub(super) struct Allowance(Mutex<Option<Instant>>);

impl Allowance {
    /// Waits until a query is welcome.
    ///
    /// # Errors
    /// The moment from which it is, at once, when that is not before the deadline: nobody waits for what will not come.
    pub(super) async fn wait(&self, deadline: Instant) -> Result<(), Instant> {
        loop {
            let from = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(from) = from.filter(|from| *from > Instant::now()) else { return Ok(()) };
            if from >= deadline {
                return Err(from);
            }
            // Somebody may be told to wait for longer meanwhile.
            sleep_until(from).await;
        }
    }

    /// Takes what an answer says of the queries that are left.
    pub(super) fn learn(&self, status: u16, headers: &Headers) {
        let remaining = headers.get_optional_str(&HeaderName::from_static("x-ms-user-quota-remaining"));
        let remaining: Option<u64> = remaining.and_then(|text| text.trim().parse().ok());
        let is_throttled = status == THROTTLED;
        let asked = retry_after(headers, OffsetDateTime::now_utc()).filter(|_| is_throttled);
        let wait = allowance_resets(headers).max(asked.map(|wait| wait.min(LONGEST)));
        if let Some(wait) = wait.filter(|_| is_throttled || remaining == Some(0)) {
            self.wait_until(Instant::now() + wait);
        }
    }

    /// Answers overtake each other: of two moments the later one holds.
    fn wait_until(&self, moment: Instant) {
        let mut from = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *from = from.map_or(Some(moment), |from| Some(from.max(moment)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn of_two_moments_the_later_one_holds() {
        let (allowance, now) = (Allowance::default(), Instant::now());
        allowance.wait_until(now + Duration::from_secs(9));
        allowance.wait_until(now + Duration::from_secs(5));
        allowance.wait(now + Duration::from_secs(60)).await.unwrap();
        assert_eq!(now.elapsed(), Duration::from_secs(9));
        allowance.wait_until(now + Duration::from_secs(50));
        let next = allowance.wait(now + Duration::from_secs(20)).await.unwrap_err();
        assert_eq!(now.elapsed(), Duration::from_secs(9), "what lies beyond the deadline is not waited for");
        assert_eq!(next - now, Duration::from_secs(50));
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_answer_says_of_the_queries_that_are_left_is_taken() {
        let resets = ("x-ms-user-quota-resets-after", "00:00:05");
        let left = |number| ("x-ms-user-quota-remaining", number);
        for (status, pairs, seconds) in [
            (200, vec![left("1"), resets], 0),
            (200, vec![left("0"), resets], 5),
            (200, vec![resets], 0),
            (200, vec![left("0"), ("retry-after", "7")], 0),
            (503, vec![("retry-after", "7"), resets], 0),
            (THROTTLED, vec![resets], 5),
            (THROTTLED, vec![("retry-after", "7")], 7),
            (THROTTLED, vec![("retry-after", "7"), resets, left("3")], 7),
            (THROTTLED, vec![("retry-after", "3"), resets], 5),
            (THROTTLED, vec![("retry-after", "86400")], 3600),
            (THROTTLED, vec![], 0),
        ] {
            let mut headers = Headers::new();
            for (name, value) in &pairs {
                headers.insert(HeaderName::from_static(name), (*value).to_owned());
            }
            let (allowance, now) = (Allowance::default(), Instant::now());
            allowance.learn(status, &headers);
            allowance.wait(now + Duration::from_secs(7200)).await.unwrap();
            assert_eq!(now.elapsed().as_secs(), seconds, "{status} {pairs:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_and_is_told_to_wait_longer_does() {
        let (allowance, now) = (Arc::new(Allowance::default()), Instant::now());
        allowance.wait_until(now + Duration::from_secs(9));
        let other = Arc::clone(&allowance);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            other.wait_until(now + Duration::from_secs(20));
        });
        allowance.wait(now + Duration::from_secs(60)).await.unwrap();
        assert_eq!(now.elapsed(), Duration::from_secs(20));
    }
}
