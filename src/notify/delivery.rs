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
            tokio::time::sleep(patience(pause, asked)).await;
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

/// How long the next try is waited for: our own pause, or the longer one that was asked for.
fn patience(pause: Duration, asked: Option<Duration>) -> Duration {
    pause.max(asked.unwrap_or_default().min(LONGEST))
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

    /// When each try came, of which so many are answered with this status and asked for this pause.
    async fn tries(status: u16, retry_after: &'static str, refused: usize) -> Vec<Duration> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let begin = tokio::time::Instant::now();
        let tries = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&tries);
        let answer = move || {
            let mut seen = seen.lock().unwrap();
            seen.push(begin.elapsed());
            let status = if seen.len() <= refused { status } else { 200 };
            (axum::http::StatusCode::from_u16(status).unwrap(), [("retry-after", retry_after)])
        };
        let routes = axum::Router::new().fallback(move || std::future::ready(answer()));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let delivery = Delivery::new("a call", Network::default());
        let ended = delivery.tries(|client| client.get(&url)).await;
        assert_eq!(ended.is_ok(), refused == 1, "{ended:?}");
        std::mem::take(&mut *tries.lock().unwrap())
    }

    #[tokio::test]
    async fn who_says_when_to_come_again_is_left_alone_until_then() {
        let pause = async |status, retry_after| {
            let tries = tries(status, retry_after, 1).await;
            (tries[1] - tries[0]).as_millis()
        };
        let (busy, away, broken, hasty, vain) = tokio::join!(
            pause(429, "3"),
            pause(503, "3"),
            pause(500, "3"),
            pause(429, "0"),
            tries(500, "0", 9)
        );
        assert_eq!(vain.len(), 3, "and then it is given up");
        assert!((2900..10_000).contains(&busy) && (2900..10_000).contains(&away), "{busy} {away}");
        assert!((900..2900).contains(&broken) && (900..2900).contains(&hasty), "{broken} {hasty}");
    }

    #[test]
    fn nobody_who_asks_for_hours_holds_up_what_comes_after() {
        let asked = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(patience(PAUSES[0], asked(7200)), LONGEST);
        assert_eq!((patience(PAUSES[1], asked(1)), patience(PAUSES[1], None)), (PAUSES[1], PAUSES[1]));
    }

    #[test]
    fn what_helps_only_if_somebody_mends_it_is_not_tried_again() {
        let again = [429, 500, 502, 503, 504, 301, 400, 401, 403, 404, 410]
            .map(|code| refusal(StatusCode::from_u16(code).unwrap()).1);
        assert_eq!(again, [true, true, true, true, true, false, false, false, false, false, false]);
    }

    /// A receiver that answers each request after all of them have had a chance to come, and how many were there at once.
    #[tokio::test]
    async fn a_few_wait_their_turn_and_what_comes_on_top_is_lost() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let hold = Arc::new(Semaphore::new(0));
        let inside = Arc::new(AtomicU64::new(0));
        let (held, seen) = (Arc::clone(&hold), Arc::clone(&inside));
        let answer = async move || {
            seen.fetch_add(1, Ordering::Relaxed);
            let _ = held.acquire().await;
        };
        let routes = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let delivery = Arc::new(Delivery::new("a call", Network::default()));
        for _ in 0..ROOM + 2 {
            let url = url.clone();
            Arc::clone(&delivery).send(move |client| client.get(&url));
        }
        assert_eq!(delivery.counts(), Deliveries { delivered: 0, failed: 2 });
        while inside.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(inside.load(Ordering::Relaxed), 1, "one after the other");
        hold.add_permits(Semaphore::MAX_PERMITS >> 1);
        delivery.idle().await;
        assert_eq!(delivery.counts(), Deliveries { delivered: u64::from(ROOM), failed: 2 });
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
