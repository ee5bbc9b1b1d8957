//! The custom handler: the HTTP surface that the Functions host calls, and nothing of Azure beyond it.
//!
//! (contract functions-custom-handler, section 1). An invocation is always answered with a JSON object; a failure is
//! logged in one line before it is answered, because the host throws the body of a failed invocation away.

pub mod alert;
mod doctor;
pub mod envelope;
mod errand;
mod invocation;
mod queue;
mod reply;
mod state;
mod timer;
mod turns;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::listen::{self, Limits};
use invocation::answer;
pub use state::Handler;

/// Serves until told to stop; requests that are on their way are answered before it returns.
pub async fn serve(listener: TcpListener, handler: Handler, stop: CancellationToken) {
    let handler = Handler { stop: stop.clone(), ..handler };
    let routes = Router::new()
        .route("/", get(health).fallback(wrong_method))
        .route("/function-collector", post(timer::function_collector).fallback(wrong_method))
        .route("/function-remediate", post(reply::function_remediate).fallback(wrong_method))
        .route_layer(middleware::from_fn(refuse_pages))
        .fallback(unknown_path)
        .with_state(Arc::new(handler));
    listen::serve(listener, routes, Limits::for_the_host(), stop).await;
}

/// Refuses what a page in a browser sends. The port listens on loopback without a key, for the host alone, which asks for keys
/// and sends headers of its own (contract functions-custom-handler, section 2); a browser tells of its pages by these two.
async fn refuse_pages(request: Request, next: Next) -> Response {
    let is_of_a_page = [header::ORIGIN, HeaderName::from_static("sec-fetch-site")]
        .iter()
        .any(|name| request.headers().contains_key(name));
    if is_of_a_page {
        let words =
            "a page in a browser may not call this port; call the Functions host, which asks for a key";
        return answer(StatusCode::FORBIDDEN, &json!({ "error": words }));
    }
    next.run(request).await
}

/// Readiness and health: answered at once, whatever else goes on.
async fn health() -> Response {
    answer(StatusCode::OK, &json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }))
}

async fn unknown_path() -> Response {
    answer(StatusCode::NOT_FOUND, &json!({ "error": "no function of this app has this path" }))
}

async fn wrong_method(method: Method) -> Response {
    let words = format!("the method {method} is not served here");
    answer(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": words }))
}
