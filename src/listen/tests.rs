//! Connections that are slow, idle, too many, or that cannot be taken.

use std::sync::atomic::AtomicUsize;

use axum::routing::get;
use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::*;

const LONG: Duration = Duration::from_secs(30);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const SLOW: &[u8] = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";

async fn started(limits: Limits) -> (SocketAddr, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let routes = Router::new()
        .route("/", get(|| async { "well" }))
        .route("/slow", get(|| async { std::future::pending::<&str>().await }));
    tokio::spawn(serve(listener, routes, limits, stop.clone()));
    (address, stop)
}

#[test]
fn whoever_can_reach_us_is_given_less_time_than_the_host() {
    let everybody = Limits::for_everybody();
    assert_eq!((everybody.head, everybody.between), (HEAD, HEAD));
    assert_eq!((everybody.whole, everybody.keeps), (Some(Duration::from_secs(60)), false));
    let host = Limits::for_the_host();
    assert_eq!((host.head, host.between), (HEAD, Duration::from_secs(180)));
    assert_eq!((host.whole, host.keeps), (None, true));
    assert!(everybody.breath < host.breath && host.breath < host.head);
    assert!((1..=CONNECTIONS).contains(&host.connections) && host.connections == everybody.connections);
}

fn short() -> Limits {
    let short = Duration::from_millis(300);
    Limits { connections: 2, head: short, between: short, whole: None, breath: short, keeps: true }
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

async fn asked(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    stream
}

/// Whether an answer comes.
async fn is_answered(stream: &mut TcpStream) -> bool {
    let mut text = [0; 4096];
    let count = timeout(LONG, stream.read(&mut text)).await.expect("nothing comes").unwrap();
    String::from_utf8_lossy(&text[..count]).contains("well")
}

async fn hears_nothing(stream: &mut TcpStream) -> bool {
    timeout(Duration::from_millis(300), stream.read(&mut [0])).await.is_err()
}

fn patient(keeps: bool) -> Limits {
    Limits { head: LONG, between: LONG, breath: Duration::from_secs(1), keeps, ..short() }
}

#[tokio::test]
async fn whoever_is_silent_for_the_longest_time_makes_room() {
    let (address, _stop) = started(patient(true)).await;
    let mut first = asked(address, b"").await;
    let mut second = asked(address, b"GET / HT").await;
    let mut third = asked(address, REQUEST).await;
    assert!(is_answered(&mut third).await);
    assert_eq!(rest(&mut first).await, "", "the first was closed");
    second.write_all(&REQUEST[8..]).await.unwrap();
    assert!(is_answered(&mut second).await);
}

#[tokio::test]
async fn a_crowd_that_comes_at_once_is_answered_one_by_one() {
    for keeps in [true, false] {
        let (address, _stop) = started(patient(keeps)).await;
        let connecting = (0..100).map(|_| TcpStream::connect(address));
        let mut crowd: Vec<_> = join_all(connecting).await.into_iter().map(Result::unwrap).collect();
        for stream in &mut crowd {
            stream.write_all(REQUEST).await.unwrap();
        }
        // Nobody hangs up: each one's place is had by the next all the same.
        let answered = join_all(crowd.iter_mut().map(is_answered)).await;
        assert_eq!(answered.iter().filter(|is_answered| **is_answered).count(), 100, "keeps: {keeps}");
    }
}

#[tokio::test]
async fn whoever_is_served_keeps_the_place() {
    let (address, stop) = started(patient(false)).await;
    let mut served = asked(address, SLOW).await;
    let _other = asked(address, SLOW).await;
    let mut third = asked(address, REQUEST).await;
    assert!(hears_nothing(&mut third).await, "nobody makes room");
    drop(served);
    assert!(is_answered(&mut third).await);
    // Between two requests it is silent again.
    served = asked(address, REQUEST).await;
    assert!(is_answered(&mut served).await);
    assert_eq!(rest(&mut third).await, "", "it was closed");
    stop.cancel();
}

#[tokio::test]
async fn the_host_keeps_connections_between_two_requests() {
    let breath = Duration::from_millis(50);
    let (address, stop) = started(Limits { connections: 3, breath, ..patient(true) }).await;
    let mut held = [asked(address, REQUEST).await, asked(address, REQUEST).await];
    for stream in &mut held {
        assert!(is_answered(stream).await);
    }
    let _served = asked(address, SLOW).await;
    let mut next = asked(address, REQUEST).await;
    assert!(hears_nothing(&mut next).await);
    held[0].write_all(REQUEST).await.unwrap();
    let said = rest(&mut held[0]).await;
    assert!(said.contains("well") && said.contains("connection: close"), "{said}");
    assert!(is_answered(&mut next).await, "its place was the next one's");
    stop.cancel();
    assert_eq!(rest(&mut held[1]).await, "");
}

/// How often a connection is asked for within ten seconds when each time this comes back, and when it then stops.
async fn asked_in_vain(fault: impl Fn() -> io::Error) -> (usize, Duration) {
    let (count, stop) = (AtomicUsize::new(0), CancellationToken::new());
    let accept = || {
        let fault = fault();
        let count = count.fetch_add(1, Ordering::Relaxed);
        async move {
            // Who spins gives nobody else a turn.
            if count > 100 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(fault)
        }
    };
    let begin = Instant::now();
    let stopped = async {
        tokio::time::sleep(Duration::from_millis(9_500)).await;
        stop.cancel();
    };
    let places = Arc::new(Semaphore::new(2));
    tokio::join!(take_in(accept, &places, Router::new(), short(), stop.clone()), stopped);
    (count.into_inner(), begin.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_cannot_take_connections_is_asked_each_second() {
    // ENFILE, EMFILE, ENOMEM, and one without a number, as ENOBUFS is elsewhere.
    let numbers = [23, 24, 12].map(|number| move || io::Error::from_raw_os_error(number));
    for fault in numbers {
        let (asked, ended) = asked_in_vain(fault).await;
        assert_eq!((asked, ended.as_millis()), (10, 9_500), "{}", fault());
    }
    let (asked, _) = asked_in_vain(|| io::Error::other("no buffer space")).await;
    assert_eq!(asked, 10);
    let (asked, _) = asked_in_vain(|| io::Error::from(io::ErrorKind::ConnectionAborted)).await;
    assert!(asked > 100, "whoever went away keeps nobody waiting: {asked}");
}

#[test]
fn a_want_of_descriptors_is_told_from_other_faults() {
    assert!(is_out_of_descriptors(&io::Error::from_raw_os_error(24)));
    assert!(is_out_of_descriptors(&io::Error::from_raw_os_error(23)));
    assert!(!is_out_of_descriptors(&io::Error::from(io::ErrorKind::ConnectionAborted)));
}
