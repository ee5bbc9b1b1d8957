//! The Logs Ingestion API into the workspace's tables (contract azure-monitor, section 1).

mod body;
mod rule;

use std::sync::Arc;

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use kql::Column;
use serde_json::{Map, Value};

use crate::access::{self, Audience};
use crate::workspace::{age, read_time, row_time};
use crate::{Call, Reply, State, World};

use rule::{Rule, Stream};

/// The versions that this surface accepts.
const API_VERSIONS: [&str; 2] = ["2023-01-01", "2021-11-01-preview"];
/// `TimeGenerated` may lie so far before the receive time, and so far ahead of it.
const OLDEST: SignedDuration = SignedDuration::from_hours(48);
const NEWEST: SignedDuration = SignedDuration::from_hours(24);
/// Longer values are cut, in bytes.
const VALUE_LIMIT: usize = 64 * 1024;

/// The tables of the world's rule: a workspace has them before the first row.
pub(crate) fn tables(world: &World) -> impl Iterator<Item = (String, Vec<Column>)> + use<> {
    Rule::of(world).streams.into_iter().map(|stream| (stream.table, stream.columns))
}

/// The world's streams: name, the table that its rows reach, columns.
pub(crate) fn streams(world: &World) -> impl Iterator<Item = (String, String, Vec<Column>)> + use<> {
    Rule::of(world).streams.into_iter().map(|stream| (stream.name, stream.table, stream.columns))
}

/// Answers `POST /dataCollectionRules/{immutableId}/streams/{stream}`.
pub(crate) async fn answer(state: &Arc<State>, call: &Call) -> Reply {
    let reply = upload(state, call).unwrap_or_else(|refusal| refusal);
    match call.header("x-ms-client-request-id") {
        Some(id) => reply.with_header("x-ms-client-request-id", id),
        None => reply,
    }
}

fn upload(state: &Arc<State>, call: &Call) -> Result<Reply, Reply> {
    let segments = call.segments();
    let [_, rule_id, streams, stream] = segments.as_slice() else { return Err(no_path(call)) };
    if !streams.eq_ignore_ascii_case("streams") {
        return Err(no_path(call));
    }
    if call.method != Method::POST {
        return Err(refusal(405, "MethodNotAllowed", &format!("{} is not answered here.", call.method)));
    }
    let caller = access::check(state, call, Audience::Monitor)?;
    let version = call.parameter("api-version").unwrap_or_default();
    if !API_VERSIONS.contains(&version.as_str()) {
        let message = format!("The api-version '{version}' is not supported.");
        return Err(refusal(400, "InvalidApiVersion", &message));
    }
    let rule = Rule::of(&state.world());
    if !rule.immutable_id.eq_ignore_ascii_case(rule_id) {
        let message = format!("Data collection rule with immutable Id '{rule_id}' not found.");
        return Err(refusal(404, "NotFound", &message));
    }
    let may = {
        let world = state.world();
        let id = world.rule.get("id").and_then(Value::as_str).unwrap_or_default();
        world.may(&caller.object_id, "Microsoft.Insights/Telemetry/Write", id)
    };
    if !rule.access || !may {
        let message = format!(
            "The authentication token provided does not have access to ingest data for the data collection rule with \
             immutable Id '{rule_id}' PipelineAccessResult: AccessGranted: False, IsRbacPresent: False, \
             IsDcrDceBindingValid: , DcrArmId: (redacted)"
        );
        return Err(refusal(403, "OperationFailed", &message));
    }
    let Some(stream) = rule.streams.iter().find(|known| known.name == *stream) else {
        let message = format!("Stream '{stream}' is not declared by the data collection rule '{rule_id}'.");
        return Err(refusal(400, "InvalidStream", &message));
    };
    if state.quotas_on()
        && let Err(wait) = state.workspace().admit_upload()
    {
        let seconds = (wait.as_secs() + 1).to_string();
        let reply = refusal(429, "TooManyRequests", "The rule takes 12,000 requests a minute.");
        return Err(reply.with_header("Retry-After", seconds));
    }
    let text = body::unpack(call.header("content-encoding"), &call.body)?;
    let rows: Vec<Map<String, Value>> = serde_json::from_slice(&text).map_err(|error| {
        let message = format!("The request body is not a JSON array of objects: {error}.");
        refusal(400, "InvalidPayload", &message)
    })?;
    let now = state.now();
    let rows = rows.into_iter().map(|row| transform(row, stream, now)).collect();
    state.workspace().accept(&stream.table, &stream.columns, rows);
    Ok(Reply::empty(204).with_header("x-ms-request-id", crate::world::guid()))
}

/// Keeps the declared columns and puts `TimeGenerated` right (contract azure-monitor, sections 1.5 and 1.7).
fn transform(row: Map<String, Value>, stream: &Stream, now: Timestamp) -> Map<String, Value> {
    let mut kept: Map<String, Value> = row
        .into_iter()
        .filter(|(name, _)| stream.columns.iter().any(|column| column.name == *name))
        .map(|(name, value)| (name, cut(value)))
        .collect();
    let time = read_time(kept.get("TimeGenerated")).filter(|time| {
        let age = age(*time, now);
        age <= OLDEST && age >= -NEWEST
    });
    if time.is_none() {
        kept.insert("TimeGenerated".to_owned(), Value::from(row_time(now)));
    }
    kept.insert("Type".to_owned(), Value::from(stream.table.as_str()));
    kept
}

fn cut(value: Value) -> Value {
    match value {
        Value::String(mut text) if text.len() > VALUE_LIMIT => {
            let mut end = VALUE_LIMIT;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            Value::String(text)
        }
        other => other,
    }
}

/// An error in this surface's form: the code stands in a header as well.
fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply::wrapped(status, code, message).with_header("x-ms-error-code", code)
}

fn no_path(call: &Call) -> Reply {
    refusal(404, "NotFound", &format!("Nothing answers at '{}'.", call.path))
}
