//! Answers and error envelopes of the query surface (contract azure-monitor, sections 4.3 and 4.4).

use std::io;
use std::time::Duration;

use axum::http::Method;
use bytes::Bytes;
use kql::{Answer, Cause, Limit};
use serde::Serialize;
use serde_json::{Value, json};

use super::Refusal;
use super::request::Preferences;
use super::statistics::Read;
use crate::Reply;
use crate::world::guid;

/// The answer with what the caller prefers beside the table. It is written value by value; `share` is that of the query, and stays with the text until it is sent.
///
/// # Errors
///
/// What cannot be written.
pub(super) fn found(
    answer: &Answer,
    preferences: Preferences,
    read: &Read,
    share: kql::Share,
) -> Result<Reply, serde_json::Error> {
    let table = answer.api_table();
    let size = if preferences.statistics { size_of(&table)? } else { 0 };
    let render = || answer.render.as_ref().map_or_else(|| json!({}), chart);
    let statistics = || json!({ "query": read.show(answer.rows.len(), size) });
    let body = Body {
        tables: [table],
        render: preferences.render.then(render),
        statistics: preferences.statistics.then(statistics),
        error: answer.partial.as_ref().map(|partial| partial_error(TOO_LARGE, &too_large(partial.limit))),
    };
    let text = serde_json::to_vec(&body)?;
    share.settle(text.len());
    Ok(Reply::json_text(200, Bytes::from_owner(Held { text, _share: share })))
}

#[derive(Serialize)]
struct Body<T> {
    tables: [T; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    render: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

/// A text that takes of what the queries share.
struct Held {
    text: Vec<u8>,
    _share: kql::Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

/// Bytes of the JSON.
fn size_of(value: &impl Serialize) -> Result<usize, serde_json::Error> {
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, value)?;
    Ok(counted.0)
}

/// Keeps nothing of what is written but its length.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The service's number of an answer that was cut.
const TOO_LARGE: &str = "-2133196797";

/// The member `error` of an answer that is not whole.
fn partial_error(code: &str, message: &str) -> Value {
    json!({
        "code": "PartialError",
        "message": "There were some errors when processing your query.",
        "details": [{
            "code": "EngineError", "message": "Something went wrong processing your query on the server.",
            "innererror": {
                "code": code, "message": message, "severity": 2, "severityName": "Error",
            },
        }],
    })
}

/// What `render` asks for; what it does not say is there all the same, as nothing.
fn chart(render: &kql::Render) -> Value {
    let mut shown = json!({
        "legend": null, "series": null, "yMin": "NaN", "yMax": "NaN", "xAxis": null, "xColumn": null, "xTitle": null,
        "yAxis": null, "yColumns": null, "ySplit": null, "yTitle": null, "anomalyColumns": null,
    });
    if let (Some(shown), Value::Object(asked)) = (shown.as_object_mut(), render.to_api_json()) {
        shown.extend(asked);
    }
    shown
}

/// The words of the service for an answer that was cut.
fn too_large(limit: Limit) -> String {
    let (what, most) = match limit {
        Limit::Rows(most) => ("record count", most),
        Limit::Bytes(most) => ("data size", most),
    };
    format!(
        "Query result set has exceeded the internal {what} limit {most} (E_QUERY_RESULT_SET_TOO_LARGE; see \
         https://aka.ms/kustoquerylimits)"
    )
}

/// The answer to a query that did not run to its end.
pub(super) fn refused(refusal: &Refusal) -> Reply {
    match refusal {
        // By then the service has begun to answer: it is a 200 without rows, and its error says why.
        Refusal::Query(error @ kql::Error { cause: Cause::OutOfMemory { columns, .. }, .. }) => {
            let columns = columns.clone();
            let answer = Answer { columns, rows: Vec::new(), render: None, partial: None };
            let failed = partial_error(error.api_code(), &error.api_message());
            Reply::json(200, &json!({ "tables": [answer.api_table()], "error": failed }))
        }
        Refusal::Query(error) => {
            let (code, message) = if error.is_syntax() {
                ("SyntaxError", "A recognition error occurred in the query.")
            } else {
                ("SemanticError", "A semantic error occurred.")
            };
            // The service counts the position in its line from 0.
            let innermost = json!({
                "code": error.api_code(), "message": error.api_message(), "line": error.line, "pos": error.column.saturating_sub(1),
            });
            let inner = json!({ "code": code, "message": message, "innererror": innermost });
            envelope(400, "BadArgumentError", "The request had some invalid properties", Some(&inner))
        }
        Refusal::TooLong => {
            let inner = json!({ "code": "504", "message": "Gateway timeout." });
            envelope(504, "GatewayTimeout", "The query ran longer than the wait preference.", Some(&inner))
        }
        Refusal::Broken(why) => envelope(500, "InternalServerError", why, None),
    }
}

/// A request that is no question.
pub(super) fn bad_argument(message: &str) -> Reply {
    let inner = json!({ "code": "InvalidRequest", "message": message });
    envelope(400, "BadArgumentError", "The request had some invalid properties", Some(&inner))
}

/// A path that leads nowhere; an unknown workspace is one.
pub(super) fn no_path() -> Reply {
    envelope(404, "PathNotFoundError", "The requested path does not exist", None)
}

/// A resource that does not exist.
pub(super) fn no_resource(id: &str) -> Reply {
    envelope(404, "ResourceNotFoundError", &format!("The resource '{id}' was not found"), None)
}

/// The caller may not read this workspace.
pub(super) fn no_access() -> Reply {
    let message = "The provided credentials have insufficient access to perform the requested operation";
    envelope(403, "InsufficientAccessError", message, None)
}

/// A further workspace that does not exist.
pub(super) fn unresolved(workspace: &str) -> Reply {
    let inner = json!({
        "code": "FailedToResolveResource",
        "message": format!("Failed to resolve the resource named '{workspace}'"),
    });
    envelope(400, "BadArgumentError", "The request had some invalid properties", Some(&inner))
}

/// A question of a batch about a workspace that does not exist.
pub(super) fn unresolved_in_batch() -> Reply {
    envelope(400, "FailedToResolveResource", "Resource identity could not be resolved", None)
}

/// Too many queries.
pub(super) fn throttled(wait: Duration) -> Reply {
    let reply = envelope(429, "ThrottledError", "Too many queries: 200 in 30 seconds are taken.", None);
    reply.with_header("Retry-After", (wait.as_secs() + 1).to_string())
}

/// Neither GET nor POST.
pub(super) fn method_not_allowed(method: &Method) -> Reply {
    envelope(405, "MethodNotAllowedError", &format!("{method} is not answered here"), None)
}

fn envelope(status: u16, code: &str, message: &str, inner: Option<&Value>) -> Reply {
    let mut error = json!({ "message": message, "code": code, "correlationId": guid() });
    if let Some(inner) = inner {
        error["innererror"] = inner.clone();
    }
    Reply::json(status, &json!({ "error": error }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_cut_an_answer_is_named() {
        assert!(too_large(Limit::Rows(5)).contains("internal record count limit 5 "));
        assert!(too_large(Limit::Bytes(5)).contains("internal data size limit 5 "));
    }
}
