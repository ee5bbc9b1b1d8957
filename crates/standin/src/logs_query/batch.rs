//! Several questions in one call: `POST /v1/$batch` (contract azure-monitor, section 4.7).

use std::sync::Arc;

use axum::http::Method;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::answer;
use super::request::{Preferences, Question};
use super::scope::Scope;
use crate::access::Caller;
use crate::world::record::member_of;
use crate::{Call, Reply, State, World};

/// Questions of a batch at most.
const MOST: usize = 100;

/// Answers a batch. The answers stand in the order in which they came to be, not in that of the questions.
pub(super) async fn respond(state: &Arc<State>, call: &Call, caller: &Caller) -> Result<Reply, Reply> {
    if call.method != Method::POST {
        return Err(answer::method_not_allowed(&call.method));
    }
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|error| answer::bad_argument(&format!("The body is not JSON: {error}.")))?;
    let requests = body["requests"].as_array().filter(|requests| !requests.is_empty());
    let requests = requests.ok_or_else(|| answer::bad_argument("The body has no 'requests'."))?;
    if requests.len() > MOST {
        return Err(answer::bad_argument(&format!("A batch holds at most {MOST} requests.")));
    }
    let now = state.now();
    let mut work: FuturesUnordered<_> =
        requests.iter().map(|request| one(state, caller, request, now)).collect();
    let mut responses = Vec::with_capacity(requests.len());
    while let Some(response) = work.next().await {
        responses.push(response?);
    }
    Ok(Reply::json(200, &json!({ "responses": responses })))
}

/// One question of a batch with its answer.
///
/// # Errors
/// The 400 for the whole batch when a question has no id.
async fn one(state: &Arc<State>, caller: &Caller, request: &Value, now: Timestamp) -> Result<Value, Reply> {
    let empty = Map::new();
    let members = request.as_object().unwrap_or(&empty);
    let text = |name: &str| member_of(members, name).and_then(Value::as_str);
    let id = text("id").ok_or_else(|| answer::bad_argument("A request of the batch has no 'id'."))?;
    let reply = ask(state, caller, members, now).await.unwrap_or_else(|refusal| refusal);
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    Ok(json!({ "id": id, "status": reply.status, "body": body }))
}

async fn ask(
    state: &Arc<State>,
    caller: &Caller,
    members: &Map<String, Value>,
    now: Timestamp,
) -> Result<Reply, Reply> {
    let text = |name: &str| member_of(members, name).and_then(Value::as_str).unwrap_or_default();
    if text("path") != "/query" {
        return Err(answer::no_path());
    }
    if !text("method").eq_ignore_ascii_case("POST") {
        return Err(answer::bad_argument("The method of a request of a batch must be POST."));
    }
    admit(&state.world(), text("workspace"), caller)?;
    let body = member_of(members, "body").unwrap_or(&Value::Null);
    let headers = member_of(members, "headers").and_then(Value::as_object);
    let prefer = headers.and_then(|headers| member_of(headers, "prefer")).and_then(Value::as_str);
    let question = Question::from_json(body, None, now)?;
    super::run_question(state, Scope::Workspace, question, Preferences::of(prefer.unwrap_or_default()), now)
        .await
}

/// # Errors
/// The 400 for a workspace that does not exist, the 403 when callers may not read it.
fn admit(world: &World, workspace: &str, caller: &Caller) -> Result<(), Reply> {
    match super::scope::of(world, &["workspaces".to_owned(), workspace.to_owned()], caller) {
        Ok(_) => Ok(()),
        Err(refusal) if refusal.status == 404 => Err(answer::unresolved_in_batch()),
        Err(refusal) => Err(refusal),
    }
}
