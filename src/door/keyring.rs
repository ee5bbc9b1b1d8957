//! The tenant's keys: kept for a day, and asked for by one call at a time, however many wait.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::azure::SigningKey;

/// How long keys are believed; a tenant shows a new one long before it signs with it.
const BELIEVED: Duration = Duration::from_secs(24 * 60 * 60);
/// Whoever writes names of keys that there are not could else have us ask without end.
const BETWEEN: Duration = Duration::from_secs(5 * 60);
/// After the first failure that followed a failure; each further one doubles it.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The tenant has none of this name.
    Unknown,
    /// The tenant could not be asked.
    Unavailable(String),
}

/// The keys of a tenant.
#[derive(Debug, Default)]
pub(super) struct Keyring {
    known: Mutex<KnownKeys>,
    /// How often the tenant was asked: whoever waited meanwhile shares the answer.
    asked: AtomicU64,
}

#[derive(Debug, Default)]
struct KnownKeys {
    keys: HashMap<String, DecodingKey>,
    /// When they were told; none: never.
    told: Option<Instant>,
    /// When the tenant was asked last.
    asked: Option<Instant>,
    /// How often it failed since it last told.
    failures: u32,
    /// Why it failed last.
    why: String,
}

impl Keyring {
    /// The key of this name; `ask` asks the tenant, and is dropped where that is not due.
    pub(super) async fn find(
        &self,
        id: &str,
        ask: impl Future<Output = Result<Vec<SigningKey>, String>>,
    ) -> Result<DecodingKey, NoKey> {
        let before = self.asked.load(SeqCst);
        let mut known = self.known.lock().await;
        let is_fresh = known.told.is_some_and(|told| told.elapsed() < BELIEVED);
        if let Some(key) = known.keys.get(id).filter(|_| is_fresh) {
            return Ok(key.clone());
        }
        let has_waited = self.asked.load(SeqCst) != before;
        if !has_waited && known.is_due(is_fresh) {
            known.take(ask.await);
            self.asked.fetch_add(1, SeqCst);
        }
        match known.keys.get(id) {
            _ if known.failures > 0 => Err(NoKey::Unavailable(known.why.clone())),
            Some(key) => Ok(key.clone()),
            None => Err(NoKey::Unknown),
        }
    }
}

impl KnownKeys {
    /// Whether the tenant may be asked now, for a key that is not known.
    fn is_due(&self, is_fresh: bool) -> bool {
        let Some(asked) = self.asked else { return true };
        let pause = match self.failures {
            _ if is_fresh => BETWEEN,
            // Whatever the first failure was, it may be over.
            0 | 1 => Duration::ZERO,
            more => PAUSE.saturating_mul(2_u32.saturating_pow(more - 2)).min(LONGEST_PAUSE),
        };
        asked.elapsed() >= pause
    }

    fn take(&mut self, answer: Result<Vec<SigningKey>, String>) {
        let now = Instant::now();
        self.asked = Some(now);
        match answer {
            Ok(keys) => {
                let read = |key: SigningKey| {
                    Some((key.id, DecodingKey::from_rsa_components(&key.modulus, &key.exponent).ok()?))
                };
                self.keys = keys.into_iter().filter_map(read).collect();
                self.told = Some(now);
                self.failures = 0;
            }
            Err(why) => {
                self.failures = self.failures.saturating_add(1);
                self.why = why;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A tenant that counts how often it is asked.
    #[derive(Debug, Default)]
    struct Tenant {
        ring: Keyring,
        asked: AtomicU64,
        says: std::sync::Mutex<Option<&'static str>>,
    }

    impl Tenant {
        fn says(&self, id: Option<&'static str>) {
            *self.says.lock().unwrap() = id;
        }

        async fn find(&self, id: &str) -> Result<(), NoKey> {
            let ask = async {
                self.asked.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                let id = (*self.says.lock().unwrap()).ok_or_else(|| "no answer".to_owned())?;
                Ok(vec![SigningKey {
                    id: id.to_owned(),
                    modulus: "AQ".to_owned(),
                    exponent: "AQAB".to_owned(),
                }])
            };
            self.ring.find(id, ask).await.map(drop)
        }

        fn asked(&self) -> u64 {
            self.asked.swap(0, SeqCst)
        }
    }

    fn unavailable() -> Result<(), NoKey> {
        Err(NoKey::Unavailable("no answer".to_owned()))
    }

    async fn at_once(tenant: &Arc<Tenant>, id: &'static str) -> Vec<Result<(), NoKey>> {
        let calls = (0..1000).map(|_| {
            let tenant = Arc::clone(tenant);
            tokio::spawn(async move { tenant.find(id).await })
        });
        futures::future::join_all(calls).await.into_iter().map(Result::unwrap).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_calls_at_once_ask_once() {
        let tenant = Arc::new(Tenant::default());
        assert!(at_once(&tenant, "a").await.iter().all(|found| *found == unavailable()));
        assert_eq!(tenant.asked(), 1, "a failure is shared");
        tenant.says(Some("a"));
        assert!(at_once(&tenant, "a").await.iter().all(Result::is_ok));
        assert_eq!(tenant.asked(), 1);
        assert!(at_once(&tenant, "other").await.iter().all(|found| *found == Err(NoKey::Unknown)));
        assert_eq!(tenant.asked(), 0, "it was asked just before");
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_key_is_known_when_five_minutes_have_passed() {
        let tenant = Tenant::default();
        tenant.says(Some("a"));
        assert_eq!(tenant.find("unknown").await, Err(NoKey::Unknown));
        tenant.says(Some("b"));
        tokio::time::advance(BETWEEN - Duration::from_millis(1)).await;
        assert_eq!((tenant.find("b").await, tenant.asked()), (Err(NoKey::Unknown), 1));
        assert_eq!(tenant.find("a").await, Ok(()), "it is still believed");
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!((tenant.find("b").await, tenant.asked()), (Ok(()), 1));
        assert_eq!((tenant.find("a").await, tenant.asked()), (Err(NoKey::Unknown), 0), "the old one is gone");
    }

    #[tokio::test(start_paused = true)]
    async fn keys_are_believed_for_a_day() {
        let tenant = Tenant::default();
        tenant.says(Some("a"));
        assert_eq!((tenant.find("a").await, tenant.asked()), (Ok(()), 1));
        tokio::time::advance(BELIEVED - Duration::from_millis(1)).await;
        assert_eq!((tenant.find("a").await, tenant.asked()), (Ok(()), 0));
        tenant.says(None);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!((tenant.find("a").await, tenant.asked()), (unavailable(), 1));
        tenant.says(Some("a"));
        assert_eq!((tenant.find("a").await, tenant.asked()), (Ok(()), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_that_does_not_answer_is_asked_less_and_less() {
        let tenant = Tenant::default();
        for _ in 0..10 {
            assert_eq!(tenant.find("a").await, unavailable());
        }
        assert_eq!(tenant.asked(), 2);
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            tokio::time::advance(Duration::from_millis(pause * 1000 - 1)).await;
            assert_eq!((tenant.find("a").await, tenant.asked()), (unavailable(), 0), "before {pause} s");
            tokio::time::advance(Duration::from_millis(1)).await;
            assert_eq!((tenant.find("a").await, tenant.asked()), (unavailable(), 1), "after {pause} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_takes_no_key_away_that_is_believed() {
        let tenant = Tenant::default();
        tenant.says(Some("a"));
        assert_eq!(tenant.find("a").await, Ok(()));
        tenant.says(None);
        tokio::time::advance(BETWEEN).await;
        assert_eq!((tenant.find("b").await, tenant.asked()), (unavailable(), 2));
        assert_eq!((tenant.find("b").await, tenant.asked()), (unavailable(), 0), "for five minutes");
        assert_eq!(tenant.find("a").await, Ok(()));
    }
}
