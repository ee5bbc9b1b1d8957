//! The one door: every request is read whole, logged, delayed, broken on demand, and handed to its service.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures::stream;

use crate::calls::CallRecord;
use crate::connection::Wire;
use crate::faults::Reset;
use crate::{Call, Reply, State, control, loopback, surfaces};

/// The largest body that is read at all; services have smaller limits of their own.
const LARGEST_BODY: usize = 64 << 20;
/// The same for the stage's own surface: what it shows of a large world it also takes.
const LARGEST_OF_STAGE: usize = 1 << 30;
/// Where the stage's own surface begins.
const STAGE: &str = "/standin/";

/// Answers any request.
pub(crate) async fn enter(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let of_stage = request.uri().path().starts_with(STAGE);
    let refusal = loopback::refusal(request.uri(), request.headers());
    let largest = if of_stage && refusal.is_none() { LARGEST_OF_STAGE } else { LARGEST_BODY };
    let Some(call) = read(&wire, request, largest).await else {
        return respond(&Reply::wrapped(413, "RequestContentTooLarge", "The request body is too large."));
    };
    if of_stage {
        let reply = match refusal {
            Some(why) => Reply::bare(403, "Forbidden", why),
            None => control::answer(&state, &call).await,
        };
        return respond(&reply);
    }
    // In a task of its own, because a service finishes what it began even when its caller has hung up.
    match tokio::spawn(served(state, call, wire)).await {
        Ok(response) => response,
        Err(_) => respond(&Reply::wrapped(500, "InternalServerError", "The stand-in failed on this call.")),
    }
}

/// Serves one call with the faults and the latency that it must suffer.
async fn served(state: Arc<State>, call: Call, wire: Wire) -> Response {
    let started = Instant::now();
    let target = call.target();
    let fault = state.faults.take(call.method.as_str(), &target).unwrap_or_default();
    let delay = state.options.latency + Duration::from_millis(fault.delay_ms);
    // Even a sleep of nothing costs a tick of the clock.
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let log = |status: u16| {
        let ms = (started.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
        state.calls.push(CallRecord { method: call.method.to_string(), path: target.clone(), status, ms });
    };
    if fault.reset == Some(Reset::Before) {
        log(0);
        wire.cut();
        return respond(&Reply::empty(500));
    }
    let reply = match fault.canned() {
        Some(reply) => {
            if fault.takes_effect {
                surfaces::answer(&state, &call).await;
            }
            reply
        }
        None => fault.dress(surfaces::answer(&state, &call).await),
    };
    log(reply.status);
    if fault.reset == Some(Reset::After) {
        wire.cut();
    }
    if fault.truncate { truncated(&reply) } else { respond(&reply) }
}

/// Reads a request whole; none when its body is too large or breaks off.
async fn read(wire: &Wire, request: Request, largest: usize) -> Option<Call> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, largest).await.ok()?;
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    Some(Call {
        base: format!("{}://{host}", wire.scheme),
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    })
}

/// Puts an answer on the wire.
fn respond(reply: &Reply) -> Response {
    dressed(reply, Body::from(reply.body.clone()))
}

/// Promises the whole body, sends half of it and closes.
fn truncated(reply: &Reply) -> Response {
    let promised = reply.body.len().max(2);
    let half = reply.body.slice(..reply.body.len() / 2);
    let pieces = stream::unfold(0_u8, move |step| {
        let half = half.clone();
        async move {
            match step {
                0 => Some((Ok::<Bytes, io::Error>(half), 1)),
                _ => {
                    // The server flushes while the body is pending, so the half really arrives.
                    tokio::task::yield_now().await;
                    Some((Err(io::ErrorKind::BrokenPipe.into()), 2))
                }
            }
        }
    });
    let mut response = dressed(reply, Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
    response
}

fn dressed(reply: &Reply, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
