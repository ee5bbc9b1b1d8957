//! The action group: calls one endpoint with an alert, as unkindly as Azure does.
//!
//! A call has ten seconds. 408, 429, 503, 504 and transport errors are retried by the table of contract
//! azure-monitor, section 8.6; any other answer is final. After the last retry nobody calls the endpoint for
//! 15 minutes: what fires meanwhile is lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::broadcast;
use tokio::time::Instant;

use crate::functions_host::{chain, loopback_client};

/// How patient the group is with an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// How long one call may take.
    pub call: Duration,
    /// Before each retry.
    pub gaps: Vec<Duration>,
    /// How long nobody calls the endpoint after its last retry failed.
    pub silence: Duration,
}

impl Default for Patience {
    /// Azure's.
    fn default() -> Self {
        Self {
            call: Duration::from_secs(10),
            gaps: [5, 20, 5, 40, 5].map(Duration::from_secs).to_vec(),
            silence: Duration::from_secs(15 * 60),
        }
    }
}

/// How many events a slow listener may be behind before it loses the oldest.
const EVENTS_KEPT: usize = 1024;

/// What happens with alerts on their way.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionEvent {
    /// One call was made.
    Called {
        /// The alert.
        alert_id: String,
        /// 1 for the first call, up to 6.
        attempt: usize,
        /// The status, or what broke.
        outcome: Result<u16, String>,
        /// The body of the answer, at most its first 8 MB.
        body: String,
        /// How long it took.
        took: Duration,
    },
    /// The last retry failed: the endpoint is left alone from now on.
    Silenced {
        /// For how long.
        lasts: Duration,
    },
    /// An alert was not delivered because the endpoint is silenced.
    Dropped {
        /// The alert.
        alert_id: String,
    },
}

/// One receiver of alerts. Clones share the endpoint's silence.
#[derive(Debug, Clone)]
pub struct ActionGroup {
    endpoint: Arc<Endpoint>,
}

#[derive(Debug)]
struct Endpoint {
    url: String,
    patience: Patience,
    client: reqwest::Client,
    silent_until: Mutex<Option<Instant>>,
    events: broadcast::Sender<ActionEvent>,
}

/// The longest body that an event repeats, in bytes.
const BODY_SHOWN: usize = 8 * 1024 * 1024;

impl ActionGroup {
    /// A group that posts to `url`, as patient as [`Patience::default`] for Azure's.
    ///
    /// # Errors
    ///
    /// When no HTTP client can be built.
    pub fn new(url: impl Into<String>, patience: Patience) -> anyhow::Result<Self> {
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let endpoint = Endpoint {
            url: url.into(),
            patience,
            client: loopback_client()?,
            silent_until: Mutex::new(None),
            events,
        };
        Ok(Self { endpoint: Arc::new(endpoint) })
    }

    /// Everything that happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<ActionEvent> {
        self.endpoint.events.subscribe()
    }

    /// Whether nobody calls the endpoint at the moment.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        let until = *self.endpoint.silent_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Delivers one alert to the end: until an answer is final or the retries are used up.
    pub async fn deliver(&self, alert_id: &str, payload: &Value) {
        // Nobody listening to events is no fault.
        let tell = |event| drop(self.endpoint.events.send(event));
        let body = payload.to_string();
        for attempt in 1..=self.endpoint.patience.gaps.len() + 1 {
            if self.is_silent() {
                tell(ActionEvent::Dropped { alert_id: alert_id.to_owned() });
                return;
            }
            let began = Instant::now();
            let (outcome, answer) = self.endpoint.call(&body).await;
            let is_final = outcome.as_ref().is_ok_and(|status| !matches!(status, 408 | 429 | 503 | 504));
            tell(ActionEvent::Called {
                alert_id: alert_id.to_owned(),
                attempt,
                outcome,
                body: answer,
                took: began.elapsed(),
            });
            if is_final {
                return;
            }
            if let Some(gap) = self.endpoint.patience.gaps.get(attempt - 1) {
                tokio::time::sleep(*gap).await;
            }
        }
        let silence = self.endpoint.patience.silence;
        *self.endpoint.silent_until.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Instant::now() + silence);
        tell(ActionEvent::Silenced { lasts: silence });
    }
}

impl Endpoint {
    async fn call(&self, payload: &str) -> (Result<u16, String>, String) {
        let request = self.client.post(&self.url).header("Content-Type", "application/json; charset=utf-8");
        let exchange = async {
            let response =
                request.header("User-Agent", "IcMBroadcaster/1.0").body(payload.to_owned()).send().await?;
            let status = response.status().as_u16();
            let bytes = response.bytes().await?;
            let shown = &bytes[..bytes.len().min(BODY_SHOWN)];
            Ok::<_, reqwest::Error>((status, String::from_utf8_lossy(shown).into_owned()))
        };
        match tokio::time::timeout(self.patience.call, exchange).await {
            Ok(Ok((status, body))) => (Ok(status), body),
            Ok(Err(error)) => (Err(chain(&error)), String::new()),
            Err(_) => (Err(format!("no answer within {:?}", self.patience.call)), String::new()),
        }
    }
}
