//! A server that answers what a test wants, and notes who asked and when.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use heartbeat_dns::azure::{Azure, Clients};
use heartbeat_dns::config::Variables;
use serde_json::Value;
use tokio::time::{Duration, Instant};

use crate::stage::Stage;

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) at: Instant,
    pub(super) method: Method,
    pub(super) path: String,
    /// The bearer token.
    pub(super) token: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asked {
    /// A header; empty without one.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Script = dyn Fn(&Asked, usize) -> Response + Send + Sync;

struct Shared {
    asked: Mutex<Vec<Asked>>,
    script: Box<Script>,
}

/// A running double; tokens come from a stand-in.
pub(super) struct Double {
    pub(super) stage: Stage,
    pub(super) url: String,
    shared: Arc<Shared>,
}

impl Double {
    /// Answers with what `script` says to a request and its number, counted from 0.
    pub(super) async fn start(script: impl Fn(&Asked, usize) -> Response + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared { asked: Mutex::default(), script: Box::new(script) });
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { stage: Stage::with(&crate::stage::world(&[], &[])).await, url, shared }
    }

    pub(super) fn clients(&self, more: &[(&str, &str)]) -> Clients {
        let own = ["ARM_ENDPOINT", "LOGS_QUERY_ENDPOINT", "LOGS_INGESTION_ENDPOINT"]
            .map(|name| (name, self.url.as_str()));
        let variables: Variables = self.stage.variables(&[&own[..], more].concat());
        Clients::new(heartbeat_dns::config::Settings::read(&variables).unwrap().connect)
    }

    pub(super) fn azure(&self) -> Azure {
        self.clients(&[]).until(Instant::now() + Duration::from_secs(30)).unwrap()
    }

    /// What was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Requests for tokens so far.
    pub(super) async fn tokens(&self) -> usize {
        self.stage.all_calls().await.iter().filter(|call| call.path.contains("/msi/token")).count()
    }
}

/// An answer.
pub(super) fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let builder = headers
        .iter()
        .fold(Response::builder().status(status), |builder, (name, value)| builder.header(*name, *value));
    builder.body(body.into()).unwrap()
}

async fn take(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = token.trim_start_matches("Bearer ").to_owned();
    let asked = Asked { at: Instant::now(), method, path: uri.path().to_owned(), token, headers, body };
    let number = {
        let mut all = shared.asked.lock().unwrap();
        all.push(asked.clone());
        all.len() - 1
    };
    (shared.script)(&asked, number)
}
