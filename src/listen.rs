//! A listener that nobody can use up: heads must come in time, connections are counted, whoever is silent makes room, and
//! descriptors are left over for the work itself.

mod silent;

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use silent::{Silence, Silent};

/// Connections at one time.
const CONNECTIONS: u32 = 256;
/// From the beginning of a connection to the end of its first head.
const HEAD: Duration = Duration::from_secs(10);
/// How long whoever can reach us may be silent while others wait: with strangers who are silent on purpose each place is
/// had by another one a second.
const BREATH: Duration = Duration::from_secs(1);
/// The same for the host, which has something to say on each connection, however late on a machine that is busy.
const BREATH_OF_THE_HOST: Duration = Duration::from_secs(5);
/// How long an answer that has begun may take after its connection has had its time.
const GRACE: Duration = Duration::from_secs(10);
/// Before the next try when no connection could be taken.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a connection that is to make room is waited for before the next one is asked.
const ROOM: Duration = Duration::from_millis(100);
/// A crowd that comes and goes is told once within this time.
const QUIET: Duration = Duration::from_secs(10 * 60);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    connections: u32,
    head: Duration,
    /// From one answer to the end of the next head.
    between: Duration,
    /// For all of it, however slowly answers are read; none: as long as the peer likes.
    whole: Option<Duration>,
    /// How long a connection that has not asked yet is left in peace while others wait for its place.
    breath: Duration,
    /// Whether a connection that was asked once keeps its place while it is silent and others wait.
    keeps: bool,
}

impl Limits {
    /// For whoever can reach us: a connection that is idle or slow ends soon.
    #[must_use]
    pub fn for_everybody() -> Self {
        let whole = Some(Duration::from_secs(60));
        Self { between: HEAD, whole, breath: BREATH, keeps: false, ..Self::for_the_host() }
    }

    /// For the Functions host on this machine: it keeps connections for two minutes at most, and one that we closed at
    /// the moment in which it uses it would fail an invocation.
    #[must_use]
    pub fn for_the_host() -> Self {
        let connections = descriptors().map_or(CONNECTIONS, |all| CONNECTIONS.min(all / 4).max(1));
        let between = Duration::from_secs(180);
        Self { connections, head: HEAD, between, whole: None, breath: BREATH_OF_THE_HOST, keeps: true }
    }
}

/// Serves until told to stop; requests that are on their way are answered before it returns.
pub async fn serve(listener: TcpListener, routes: Router, limits: Limits, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(limits.connections as usize));
    let accepted = &listener;
    take_in(move || accepted.accept(), &places, routes, limits, stop).await;
    drop(listener);
    drop(places.acquire_many(limits.connections).await);
}

/// Takes one connection after the other from `accept` until told to stop.
async fn take_in<F>(
    accept: impl Fn() -> F,
    places: &Arc<Semaphore>,
    routes: Router,
    limits: Limits,
    stop: CancellationToken,
) where
    F: Future<Output = io::Result<(TcpStream, SocketAddr)>>,
{
    let silent = Arc::new(Silent::new(limits.breath));
    let mut told_full: Option<Instant> = None;
    let mut is_starved = false;
    loop {
        let is_news = told_full.is_none_or(|told| told.elapsed() > QUIET);
        if places.available_permits() == 0 && is_news {
            told_full = Some(Instant::now());
            say_full(limits);
        }
        let accepted = tokio::select! {
            accepted = accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                is_starved = false;
                // One waits here, whoever comes after it in the queue of the listener, where it costs no descriptor.
                let place = tokio::select! {
                    place = place(places, &silent) => place,
                    () = stop.cancelled() => break,
                };
                let guest = Guest { silence: Silence::new(&silent), places: Arc::clone(places) };
                let (routes, stop) = (routes.clone(), stop.clone());
                tokio::spawn(async move {
                    connection(stream, routes, limits, stop, guest).await;
                    drop(place);
                });
            }
            // A peer that went away before it was taken is nobody's trouble.
            Err(fault) if is_of_one_connection(&fault) => {
                tracing::debug!("a connection was not taken: {fault}");
            }
            Err(fault) => {
                if !std::mem::replace(&mut is_starved, true) {
                    say_starved(&fault);
                }
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = stop.cancelled() => break,
                }
            }
        }
    }
}

/// A place for one more connection: a free one, else that of whoever is silent for the longest time.
async fn place(places: &Arc<Semaphore>, silent: &Silent) -> Result<OwnedSemaphorePermit, AcquireError> {
    let mut place = pin!(Arc::clone(places).acquire_owned());
    loop {
        // A free place is taken before anybody is asked to make room.
        tokio::select! {
            biased;
            place = place.as_mut() => return place,
            () = silent.end_longest() => {}
        }
        // Whoever was asked something at this very moment makes room when that is answered; the next one may be faster.
        if let Ok(place) = tokio::time::timeout(ROOM, place.as_mut()).await {
            return place;
        }
    }
}

/// One connection to its end.
async fn connection(
    stream: TcpStream,
    routes: Router,
    limits: Limits,
    stop: CancellationToken,
    guest: Guest,
) {
    // Answers are short; without it the last piece of one could wait for the peer's acknowledgement.
    let _ = stream.set_nodelay(true);
    let asked = Arc::new(AtomicBool::new(false));
    let guest = Arc::new(guest);
    let service = Watched {
        routes: TowerToHyperService::new(routes),
        asked: Arc::clone(&asked),
        guest: Arc::clone(&guest),
        keeps: limits.keeps,
    };
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.between.max(limits.head))
            .serve_connection(TokioIo::new(stream), service)
    );
    let no_head = async {
        tokio::time::sleep(limits.head).await;
        if asked.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    };
    let whole = async {
        match limits.whole {
            Some(whole) => tokio::time::sleep(whole).await,
            None => std::future::pending().await,
        }
    };
    let is_stopped = tokio::select! {
        // How a connection ends is the peer's business.
        _ = connection.as_mut() => return,
        () = no_head => return,
        () = guest.silence.ended() => {
            if !asked.load(Ordering::Relaxed) {
                return;
            }
            false
        }
        () = whole => false,
        () = stop.cancelled() => true,
    };
    connection.as_mut().graceful_shutdown();
    if is_stopped {
        // Whoever stops us says how long answers may take.
        let _ = connection.await;
    } else {
        let _ = tokio::time::timeout(GRACE, connection).await;
    }
}

/// What a connection knows of the others.
struct Guest {
    silence: Silence,
    places: Arc<Semaphore>,
}

/// The routes, whether anything was asked of them, and whether they are busy with it.
struct Watched {
    routes: TowerToHyperService<Router>,
    asked: Arc<AtomicBool>,
    guest: Arc<Guest>,
    keeps: bool,
}

type Routed = <TowerToHyperService<Router> as hyper::service::Service<Request<Incoming>>>::Future;

impl hyper::service::Service<Request<Incoming>> for Watched {
    type Response = <TowerToHyperService<Router> as hyper::service::Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as hyper::service::Service<Request<Incoming>>>::Error;
    type Future = Pin<Box<dyn Future<Output = <Routed as Future>::Output> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.asked.store(true, Ordering::Relaxed);
        self.guest.silence.over();
        let (routed, guest, keeps) = (self.routes.call(request), Arc::clone(&self.guest), self.keeps);
        Box::pin(async move {
            let mut answer = routed.await;
            if !keeps {
                guest.silence.begin();
            }
            // Where no place is left, whoever was answered makes room; said in the answer, it surprises nobody.
            if let (0, Ok(answer)) = (guest.places.available_permits(), &mut answer) {
                answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            answer
        })
    }
}

fn say_full(limits: Limits) {
    let connections = limits.connections;
    if connections < CONNECTIONS {
        tracing::warn!(
            "{connections} connections are open; more would end in EMFILE, for this process may open few files: raise the limit (ulimit -n)"
        );
    } else {
        tracing::warn!(
            "{connections} connections are open; further ones take the places of those that are silent"
        );
    }
}

fn say_starved(fault: &io::Error) {
    if is_out_of_descriptors(fault) {
        tracing::error!(
            "no connection can be taken, EMFILE or ENFILE: {fault}; raise the limit of open files (ulimit -n)"
        );
    } else {
        tracing::error!("no connection can be taken: {fault}; it is tried again each second");
    }
}

/// Whether the next connection may be taken all the same.
fn is_of_one_connection(fault: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(fault.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// `EMFILE` (this process) or `ENFILE` (the whole machine); the standard library has no kind for them.
fn is_out_of_descriptors(fault: &io::Error) -> bool {
    cfg!(unix) && matches!(fault.raw_os_error(), Some(23 | 24))
}

/// How many files this process may open, where the system says so.
fn descriptors() -> Option<u32> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests;
