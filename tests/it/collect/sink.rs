//! A Logs Ingestion API that keeps what it takes, so that a test can look at it byte by byte.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;

/// What was taken, and what is to be refused.
#[derive(Default)]
struct Kept {
    /// Sizes of the unpacked bodies and their rows, by stream.
    taken: BTreeMap<String, Vec<(usize, Vec<Value>)>>,
    refused: BTreeMap<String, u16>,
    /// What the next bodies of a stream are answered, one after the other; 204: they are taken.
    next: BTreeMap<String, VecDeque<u16>>,
    /// How long each body takes.
    pause: Duration,
    /// By stream: bodies that are being taken, and the most that were at one time.
    at_once: BTreeMap<String, (usize, usize)>,
}

/// A running sink.
pub(super) struct Sink {
    pub(super) url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Sink {
    pub(super) async fn start() -> Self {
        let kept = Arc::<Mutex<Kept>>::default();
        let router = Router::new()
            .route("/dataCollectionRules/{rule}/streams/{stream}", post(take))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&kept));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, kept }
    }

    /// Refuses a stream from now on.
    pub(super) fn refuse(&self, stream: &str, status: u16) {
        self.kept.lock().unwrap().refused.insert(stream.to_owned(), status);
    }

    /// Refuses the next body of a stream, and takes those after it.
    pub(super) fn refuse_next(&self, stream: &str, status: u16) {
        self.answer_next(stream, &[status]);
    }

    /// Answers the next bodies of a stream so, one after the other; with 204 they are taken.
    pub(super) fn answer_next(&self, stream: &str, statuses: &[u16]) {
        self.kept.lock().unwrap().next.entry(stream.to_owned()).or_default().extend(statuses);
    }

    /// Takes so long for each body from now on.
    pub(super) fn slow(&self, pause: Duration) {
        self.kept.lock().unwrap().pause = pause;
    }

    /// The most bodies of a stream that were on their way at one time.
    pub(super) fn most_at_once(&self, stream: &str) -> usize {
        self.kept.lock().unwrap().at_once[stream].1
    }

    /// All rows of a stream in the order of their arrival.
    pub(super) fn rows(&self, stream: &str) -> Vec<Value> {
        let kept = self.kept.lock().unwrap();
        kept.taken.get(stream).into_iter().flatten().flat_map(|(_, rows)| rows.clone()).collect()
    }

    /// The sizes of the unpacked bodies of a stream.
    pub(super) fn sizes(&self, stream: &str) -> Vec<usize> {
        let kept = self.kept.lock().unwrap();
        kept.taken.get(stream).into_iter().flatten().map(|(size, _)| *size).collect()
    }
}

async fn take(
    State(kept): State<Arc<Mutex<Kept>>>,
    Path((_, stream)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let pause = {
        let mut kept = kept.lock().unwrap();
        let (now, most) = kept.at_once.entry(stream.clone()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        kept.pause
    };
    tokio::time::sleep(pause).await;
    let mut kept = kept.lock().unwrap();
    kept.at_once.get_mut(&stream).unwrap().0 -= 1;
    let next = kept.next.get_mut(&stream).and_then(VecDeque::pop_front);
    if let Some(status) = next.or_else(|| kept.refused.get(&stream).copied()).filter(|status| *status != 204)
    {
        return StatusCode::from_u16(status).unwrap();
    }
    assert_eq!(headers["content-encoding"], "gzip");
    assert_eq!(headers["content-type"], "application/json");
    assert!(headers["authorization"].to_str().unwrap().starts_with("Bearer "));
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(body.as_ref()).read_to_end(&mut text).unwrap();
    let rows: Vec<Value> = serde_json::from_slice(&text).unwrap();
    kept.taken.entry(stream).or_default().push((text.len(), rows));
    StatusCode::NO_CONTENT
}
