//! Messages on their way to one address: one after the other, a few at most, and never in anybody's way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use tokio::sync::Semaphore;

use super::format::Message;
use crate::azure;
use crate::config::{Network, SecretUrl};

/// How long one try may take.
const EACH: Duration = Duration::from_secs(10);
/// The pauses before the second and the third try.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// Messages that wait or are on their way; what comes on top of them is dropped.
const ROOM: u32 = 8;

/// What became of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// Taken with a status of the class 2xx.
    pub delivered: u64,
    /// Not taken, or dropped because too many were on their way.
    pub failed: u64,
}

/// The way to one address.
#[derive(Debug)]
pub(super) struct Delivery {
    /// For the log: the address itself is a secret.
    what: &'static str,
    network: Network,
    client: OnceLock<Client>,
    room: Semaphore,
    turn: tokio::sync::Mutex<()>,
    delivered: AtomicU64,
    failed: AtomicU64,
}

impl Delivery {
    pub(super) fn new(what: &'static str, network: Network) -> Self {
        Self {
            what,
            network,
            client: OnceLock::new(),
            room: Semaphore::new(ROOM as usize),
            turn: tokio::sync::Mutex::default(),
            delivered: AtomicU64::default(),
            failed: AtomicU64::default(),
        }
    }

    pub(super) fn counts(&self) -> Deliveries {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Deliveries { delivered: of(&self.delivered), failed: of(&self.failed) }
    }

    pub(super) fn post(self: Arc<Self>, url: SecretUrl, message: Message) {
        self.send(move |client| {
            let mut request = client.request(Method::POST, url.expose().clone()).body(message.body.clone());
            for (name, value) in &message.headers {
                request = request.header(*name, value);
            }
            request
        });
    }

    pub(super) fn get(self: Arc<Self>, url: SecretUrl) {
        self.send(move |client| client.request(Method::GET, url.expose().clone()));
    }

    /// Nothing is on its way any more.
    pub(super) async fn idle(&self) {
        drop(self.room.acquire_many(ROOM).await);
    }

    fn send(self: Arc<Self>, request: impl Fn(&Client) -> RequestBuilder + Send + Sync + 'static) {
        tokio::spawn(async move {
            let Ok(_place) = self.room.try_acquire() else {
                self.lost("too many are on their way");
                return;
            };
            let _turn = self.turn.lock().await;
            match self.tries(request).await {
                Ok(()) => {
                    self.delivered.fetch_add(1, Ordering::Relaxed);
                }
                Err(because) => self.lost(&because),
            }
        });
    }

    async fn tries(&self, request: impl Fn(&Client) -> RequestBuilder) -> Result<(), String> {
        let client = self.client()?;
        let mut pauses = PAUSES.into_iter();
        loop {
            let (because, again) = match request(client).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => refusal(answer.status()),
                Err(error) => (chain(error), true),
            };
            let Some(pause) = pauses.next().filter(|_| again) else { return Err(because) };
            tokio::time::sleep(pause).await;
        }
    }

    fn client(&self) -> Result<&Client, String> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let built = azure::outside(&self.network, EACH).map_err(|fault| fault.to_string())?;
        Ok(self.client.get_or_init(|| built))
    }

    fn lost(&self, because: &str) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        tracing::warn!("{} was not delivered: {because}", self.what);
    }
}

fn refusal(status: StatusCode) -> (String, bool) {
    let code = status.as_u16();
    let words = if status.is_redirection() {
        format!("it answered {code}, and redirects are not followed")
    } else {
        format!("it answered {code}")
    };
    (words, status.is_server_error() || code == 429)
}

/// The error and its causes without the address, which is a secret.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(below) = cause {
        text.push_str(": ");
        text.push_str(&below.to_string());
        cause = below.source();
    }
    text
}
