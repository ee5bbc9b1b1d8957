//! A listener that nobody can use up: heads must come in time, connections are counted, and descriptors are left over for
//! the work itself.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Connections at one time.
const CONNECTIONS: u32 = 256;
/// From the beginning of a connection to the end of its first head.
const HEAD: Duration = Duration::from_secs(10);
/// How long an answer that has begun may take after its connection has had its time.
const GRACE: Duration = Duration::from_secs(10);
/// Before the next try when there was no descriptor for a connection.
const PAUSE: Duration = Duration::from_secs(1);
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
}

impl Limits {
    /// For whoever can reach us: a connection that is idle or slow ends soon.
    #[must_use]
    pub fn for_everybody() -> Self {
        Self { between: HEAD, whole: Some(Duration::from_secs(60)), ..Self::for_the_host() }
    }

    /// For the Functions host on this machine: it keeps connections for two minutes at most, and one that we closed at
    /// the moment in which it uses it would fail an invocation.
    #[must_use]
    pub fn for_the_host() -> Self {
        let connections = descriptors().map_or(CONNECTIONS, |all| CONNECTIONS.min(all / 4).max(1));
        Self { connections, head: HEAD, between: Duration::from_secs(180), whole: None }
    }
}

/// Serves until told to stop; requests that are on their way are answered before it returns.
pub async fn serve(listener: TcpListener, routes: Router, limits: Limits, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(limits.connections as usize));
    let mut told_full: Option<Instant> = None;
    let mut is_starved = false;
    loop {
        let is_news = told_full.is_none_or(|told| told.elapsed() > QUIET);
        if places.available_permits() == 0 && is_news {
            told_full = Some(Instant::now());
            say_full(limits);
        }
        let accepted = async {
            // Whoever gets no place waits in the queue of the listener, where it costs no descriptor.
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                is_starved = false;
                let (routes, stop) = (routes.clone(), stop.clone());
                tokio::spawn(async move {
                    connection(stream, routes, limits, stop).await;
                    drop(place);
                });
            }
            Err(fault) if is_out_of_descriptors(&fault) => {
                if !std::mem::replace(&mut is_starved, true) {
                    tracing::error!(
                        "no connection can be taken, EMFILE or ENFILE: {fault}; raise the limit of open files (ulimit -n)"
                    );
                }
                tokio::time::sleep(PAUSE).await;
            }
            // A peer that went away before it was taken is nobody's trouble.
            Err(fault) => tracing::debug!("a connection was not taken: {fault}"),
        }
    }
    drop(listener);
    drop(places.acquire_many(limits.connections).await);
}

/// One connection to its end.
async fn connection(stream: TcpStream, routes: Router, limits: Limits, stop: CancellationToken) {
    // Answers are short; without it the last piece of one could wait for the peer's acknowledgement.
    let _ = stream.set_nodelay(true);
    let asked = Arc::new(AtomicBool::new(false));
    let service = Watched { routes: TowerToHyperService::new(routes), asked: Arc::clone(&asked) };
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.between.max(limits.head))
            .serve_connection(TokioIo::new(stream), service)
    );
    let silence = async {
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
        () = silence => return,
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

/// The routes, and whether anything was asked of them.
struct Watched {
    routes: TowerToHyperService<Router>,
    asked: Arc<AtomicBool>,
}

impl hyper::service::Service<Request<Incoming>> for Watched {
    type Response = <TowerToHyperService<Router> as hyper::service::Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as hyper::service::Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as hyper::service::Service<Request<Incoming>>>::Future;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.asked.store(true, Ordering::Relaxed);
        self.routes.call(request)
    }
}

fn say_full(limits: Limits) {
    let connections = limits.connections;
    if connections < CONNECTIONS {
        tracing::warn!(
            "{connections} connections are open; more would end in EMFILE, for this process may open few files: raise the limit (ulimit -n)"
        );
    } else {
        tracing::warn!("{connections} connections are open; further ones wait until one ends");
    }
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
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    async fn started(limits: Limits) -> (SocketAddr, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let routes = Router::new().route("/", get(|| async { "well" }));
        tokio::spawn(serve(listener, routes, limits, stop.clone()));
        (address, stop)
    }

    fn short() -> Limits {
        let short = Duration::from_millis(300);
        Limits { connections: 2, head: short, between: short, whole: None }
    }

    /// What comes until the other side hangs up.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = Vec::new();
        // A reset is an end as well.
        let _ = timeout(LONG, stream.read_to_end(&mut text)).await.expect("the connection is never closed");
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn heads_that_do_not_come_end_the_connection() {
        let (address, _stop) = started(short()).await;
        for (sent, answers) in [(&b""[..], 0), (b"GET / HTTP/1.1\r\nx: ", 0), (REQUEST, 1)] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(sent).await.unwrap();
            assert_eq!(rest(&mut stream).await.matches("well").count(), answers);
        }
    }

    #[tokio::test]
    async fn a_slow_peer_has_its_time_and_no_more() {
        let limits = Limits { whole: Some(Duration::from_millis(500)), between: LONG, ..short() };
        let (address, _stop) = started(limits).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        assert_eq!(rest(&mut stream).await.matches("well").count(), 1);
    }

    #[tokio::test]
    async fn beyond_the_limit_one_waits_until_another_ends() {
        let (address, stop) = started(Limits { head: LONG, ..short() }).await;
        let mut held = Vec::new();
        for _ in 0..2 {
            held.push(TcpStream::connect(address).await.unwrap());
        }
        let mut third = TcpStream::connect(address).await.unwrap();
        third.write_all(REQUEST).await.unwrap();
        let mut byte = [0];
        assert!(timeout(Duration::from_millis(300), third.read(&mut byte)).await.is_err(), "it has no place");
        held.pop();
        timeout(LONG, third.read(&mut byte)).await.unwrap().unwrap();
        assert_eq!(byte, *b"H");
        stop.cancel();
        assert!(rest(&mut third).await.ends_with("well"));
    }

    #[test]
    fn a_want_of_descriptors_is_told_from_other_faults() {
        assert!(is_out_of_descriptors(&io::Error::from_raw_os_error(24)));
        assert!(is_out_of_descriptors(&io::Error::from_raw_os_error(23)));
        assert!(!is_out_of_descriptors(&io::Error::from(io::ErrorKind::ConnectionAborted)));
    }
}
