//! One invocation: what its lines carry, its body, and the answer to it.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::StreamExt;
use hyper::ext::ReasonPhrase;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use tracing::Span;

use crate::run::Trouble;
use crate::telemetry;
use pure::shown::one_line;

/// The largest envelope that is read, in bytes. A caller's 256 KiB may stand in it twice, each byte escaped.
const ENVELOPE_LIMIT: usize = 8 * 1024 * 1024;

/// How long the body of an invocation may take; the host is on this machine.
const BODY: Duration = Duration::from_secs(60);

/// What lines about an invocation carry: the host's id for it, and the trace id of its telemetry (contract
/// functions-custom-handler, sections 3.1 and 12).
pub(super) fn around(headers: &HeaderMap) -> Span {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = text("x-azure-functions-invocationid").filter(|id| id.len() <= 64);
    let trace = text("traceparent").and_then(|parent| parent.split('-').nth(1));
    let is_trace = |trace: &&str| trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit());
    telemetry::invocation(id, trace.filter(is_trace))
}

/// The body of an invocation.
pub(super) enum Envelope {
    /// All of it.
    Whole(Vec<u8>),
    /// The beginning of one that is too large.
    Cut(Vec<u8>),
}

/// When an invocation arrived, and its body; a fault when it broke off.
pub(super) async fn read(request: Request) -> (Instant, Result<Envelope, String>) {
    let arrived = Instant::now();
    let mut body = Vec::new();
    let mut fits = true;
    let mut pieces = request.into_body().into_data_stream();
    loop {
        let piece = match timeout_at(arrived + BODY, pieces.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(fault))) => return (arrived, Err(format!("the request broke off: {fault}"))),
            Ok(None) => break,
            Err(_) => return (arrived, Err("the request did not come to its end".to_owned())),
        };
        // A body that is too large is read to its end all the same, so that its sender hears the answer.
        let room = ENVELOPE_LIMIT - body.len();
        fits &= piece.len() <= room;
        body.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    (arrived, Ok(if fits { Envelope::Whole(body) } else { Envelope::Cut(body) }))
}

/// Any answer of ours: JSON, never empty.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// A failed invocation: logged in one line first, because the host drops the body.
///
/// The reason stands in the reason phrase too, which is all that the host's exception shows (contract
/// functions-custom-handler, section 12).
pub(super) fn failure(status: StatusCode, function: &str, trouble: &Trouble) -> Response {
    let because = &trouble.because;
    tracing::error!(function, status = status.as_u16(), "{function} failed: {}", one_line(&trouble.logged));
    let mut response = answer(status, &json!({ "error": because }));
    if let Ok(phrase) = ReasonPhrase::try_from(phrase(because)) {
        response.extensions_mut().insert(phrase);
    }
    response
}

/// The longest reason phrase, in characters.
const PHRASE: usize = 200;

/// A text as a reason phrase: printable ASCII on one line, of bounded length.
fn phrase(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    one_line(text).chars().map(plain).take(PHRASE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_that_it_is_json() {
        let answer = answer(StatusCode::OK, &json!({}));
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json; charset=utf-8");
    }

    #[test]
    fn a_reason_phrase_is_one_line_of_ascii() {
        assert_eq!(phrase("no\r\nX-Evil: 1 \u{e9}\u{7f}"), r"no X-Evil: 1 ?\u{7f}");
        assert_eq!(phrase(&"x".repeat(1000)).len(), PHRASE);
        let response = failure(StatusCode::INTERNAL_SERVER_ERROR, "f", &Trouble::new("tags: \u{2026}\nno"));
        assert_eq!(response.extensions().get::<ReasonPhrase>().unwrap().as_bytes(), b"tags: ? no");
    }
}
