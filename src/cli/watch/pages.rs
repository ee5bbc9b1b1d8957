//! What is served: the metrics, the health, and who we are.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::health::Health;
use crate::clock;
use crate::metrics::{Form, Metrics, Outlet};
use crate::run::Installation;
use crate::tell::Reporters;
use pure::shown::json_shown;

/// What the rounds fill and the pages show.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) installation: Arc<Installation>,
    pub(super) metrics: Metrics,
    pub(super) health: Health,
    pub(super) reporters: Arc<Reporters>,
}

pub(super) fn routes(shown: Arc<Shown>) -> Router {
    Router::new()
        .route("/", get(name))
        .route("/metrics", get(metrics))
        .route("/healthz", get(health))
        .fallback(unknown)
        .with_state(shown)
}

/// The process lives, whatever Azure does.
async fn name() -> Response {
    let body = json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
    answer(StatusCode::OK, &body)
}

async fn unknown() -> Response {
    answer(StatusCode::NOT_FOUND, &json!({ "error": "there are /, /metrics and /healthz" }))
}

async fn health(State(shown): State<Arc<Shown>>) -> Response {
    let (well, body) = shown.health.report(clock::now());
    answer(if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, &body)
}

async fn metrics(State(shown): State<Arc<Shown>>, headers: HeaderMap) -> Response {
    // A list may be spread over several headers.
    let accept: Vec<_> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let form = Form::wanted(Some(&accept.join(",")));
    shown.metrics.succeeded(&shown.health.last());
    let notifier = shown.reporters.notifier();
    let told = [(Outlet::Notify, notifier.notices()), (Outlet::Ping, notifier.pings())];
    for (channel, counts) in told {
        shown.metrics.noticed(channel, true, counts.delivered);
        shown.metrics.noticed(channel, false, counts.failed);
    }
    let text = shown.metrics.text(&shown.installation.clients, form);
    respond(StatusCode::OK, form.content_type(), text)
}

fn answer(status: StatusCode, body: &Value) -> Response {
    respond(status, "application/json; charset=utf-8", json_shown(&body.to_string()))
}

fn respond(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
