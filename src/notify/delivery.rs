//! Messages on their way to one address: one after the other, a few at most, and never in anybody's way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use azure_core::time::OffsetDateTime;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tokio::sync::Semaphore;
use tracing::Instrument;

use super::format::Message;
use crate::azure;
use crate::config::{Network, SecretUrl};

/// How long one try may take.
const EACH: Duration = Duration::from_secs(10);
/// The pauses before the second and the third try.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// The longest pause that an answer may ask for; messages that come meanwhile wait behind this one.
const LONGEST: Duration = Duration::from_secs(60);
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
    room: Arc<Semaphore>,
    turn: tokio::sync::Mutex<()>,
    delivered: AtomicU64,
    failed: AtomicU64,
    lost_in_a_row: AtomicU64,
}

impl Delivery {
    pub(super) fn new(what: &'static str, network: Network) -> Self {
        Self {
            what,
            network,
            client: OnceLock::new(),
            room: Arc::new(Semaphore::new(ROOM as usize)),
            turn: tokio::sync::Mutex::default(),
            delivered: AtomicU64::default(),
            failed: AtomicU64::default(),
            lost_in_a_row: AtomicU64::default(),
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
        // Taken here and not in the task: whoever waits until nothing is on its way must see a task that has not begun yet.
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            self.lost("too many are on their way");
            return;
        };
        let sent = async move {
            let _place = place;
            let _turn = self.turn.lock().await;
            match self.tries(request).await {
                Ok(()) => self.arrived(),
                Err(because) => self.lost(&because),
            }
        };
        // What becomes of it is a line of the run that is told.
        tokio::spawn(sent.in_current_span());
    }

    async fn tries(&self, request: impl Fn(&Client) -> RequestBuilder) -> Result<(), String> {
        let client = self.client()?;
        let mut pauses = PAUSES.into_iter();
        loop {
            let (because, again, asked) = match request(client).send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => {
                    let (because, again) = refusal(answer.status());
                    (because, again, asked_pause(&answer))
                }
                Err(error) => (fault(&error), true, None),
            };
            let Some(pause) = pauses.next().filter(|_| again) else { return Err(because) };
            tokio::time::sleep(pause.max(asked.unwrap_or_default().min(LONGEST))).await;
        }
    }

    fn client(&self) -> Result<&Client, String> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let built = azure::outside(&self.network, EACH).map_err(|fault| fault.to_string())?;
        Ok(self.client.get_or_init(|| built))
    }

    fn arrived(&self) {
        self.delivered.fetch_add(1, Ordering::Relaxed);
        let lost = self.lost_in_a_row.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::info!("{} is delivered again, after {lost} that were not", self.what);
        }
    }

    /// What stands is told once.
    fn lost(&self, because: &str) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        if self.lost_in_a_row.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!("{} was not delivered: {because}", self.what);
        } else {
            tracing::debug!("{} was not delivered once more: {because}", self.what);
        }
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

/// How long an answer asks us to wait, where its status says that waiting helps.
fn asked_pause(answer: &Response) -> Option<Duration> {
    let says_when =
        matches!(answer.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let text = answer.headers().get(RETRY_AFTER).filter(|_| says_when)?.to_str().ok()?;
    azure::seconds_or_date(text, OffsetDateTime::now_utc())
}

/// What went wrong, in words of our own: those of the libraries name hosts, and the host is a part of the secret.
fn fault(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("it did not answer within {} s", EACH.as_secs());
    }
    let otherwise = if error.is_connect() { "it cannot be reached" } else { "the connection broke" };
    azure::network_cause(error).unwrap_or_else(|| otherwise.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn words(url: &str) -> String {
        let delivery = Delivery::new("a call", Network::default());
        let client = delivery.client().unwrap();
        fault(&client.get(url).send().await.unwrap_err())
    }

    /// When each try came whose first answers have this status and ask for this pause.
    async fn tries(status: u16, retry_after: &'static str) -> Vec<Duration> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let begin = tokio::time::Instant::now();
        let tries = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&tries);
        let answer = move || {
            let mut seen = seen.lock().unwrap();
            seen.push(begin.elapsed());
            let status = if seen.len() == 1 { status } else { 200 };
            (axum::http::StatusCode::from_u16(status).unwrap(), [("retry-after", retry_after)])
        };
        let routes = axum::Router::new().fallback(move || std::future::ready(answer()));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let delivery = Delivery::new("a call", Network::default());
        delivery.tries(|client| client.get(&url)).await.unwrap();
        std::mem::take(&mut *tries.lock().unwrap())
    }

    #[tokio::test]
    async fn who_says_when_to_come_again_is_left_alone_until_then() {
        let pause = async |status, retry_after| {
            let tries = tries(status, retry_after).await;
            (tries[1] - tries[0]).as_millis()
        };
        let (busy, away, broken, hasty) =
            tokio::join!(pause(429, "3"), pause(503, "3"), pause(500, "3"), pause(429, "0"));
        assert!((2900..10_000).contains(&busy) && (2900..10_000).contains(&away), "{busy} {away}");
        assert!((900..2900).contains(&broken) && (900..2900).contains(&hasty), "{broken} {hasty}");
    }

    #[tokio::test]
    async fn a_host_is_never_named() {
        assert_eq!(words("https://hush.invalid/hook").await, "the host cannot be looked up");
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(words(&format!("https://{closed}/hook")).await, "connection refused");
        // Whoever speaks plain http at a port for TLS.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
            }
        });
        let tls = words(&format!("https://{address}/hook")).await;
        assert_eq!(tls, "no TLS could be agreed upon");
        let plain = words(&format!("http://{closed}/hook")).await;
        assert_eq!(plain, "connection refused");
    }
}
