//! The stand-in's own surface, `/standin/…`: what exists, what was asked, what shall go wrong.

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::world::Document;
use crate::{Call, Reply, State, heartbeats, ingestion, world};

/// Answers a call below `/standin`; these calls are neither logged nor delayed nor broken.
pub(crate) async fn answer(state: &Arc<State>, call: &Call) -> Reply {
    let segments = call.segments();
    let name = segments.get(1).map(|name| name.to_ascii_lowercase()).unwrap_or_default();
    match (name.as_str(), &call.method) {
        ("world", &Method::GET) => match world::form::get(state) {
            Ok(text) => Reply::json_text(200, text),
            Err(error) => Reply::bare(500, "InternalServerError", &error.to_string()),
        },
        ("world", &Method::PUT) => match Document::of(&call.body) {
            Ok(document) => outcome(world::form::put(state, document)),
            Err(error) => no_json(&error),
        },
        ("calls", &Method::GET) => Reply::json(200, &json!(state.calls.list())),
        ("calls", &Method::DELETE) => {
            state.calls.clear();
            Reply::empty(204)
        }
        ("faults", &Method::GET) => Reply::json(200, &state.faults.list()),
        ("faults", &Method::PUT) => changed(call, |body| state.faults.replace(body)),
        ("faults", &Method::DELETE) => {
            state.faults.clear();
            Reply::empty(204)
        }
        ("quotas", &Method::GET) => Reply::json(200, &json!({ "enabled": state.quotas.enabled() })),
        ("quotas", &Method::PUT) => changed(call, |body| {
            let enabled =
                body.get("enabled").and_then(Value::as_bool).ok_or("enabled: a boolean is wanted")?;
            state.quotas.enable(enabled);
            Ok(())
        }),
        ("tokens", _) => tokens(state, call, segments.get(2).map(String::as_str)),
        ("ingestion-delay", &Method::GET) => Reply::json(200, &state.workspace().delays()),
        ("ingestion-delay", &Method::PUT) => changed(call, |body| {
            let tables: Vec<String> = ingestion::tables(&state.world()).map(|(name, _)| name).collect();
            state.workspace().set_delays(body, &tables)
        }),
        ("ingestion-delay", &Method::DELETE) => {
            state.workspace().forget_delays();
            Reply::empty(204)
        }
        ("registration-delay", &Method::GET) => Reply::json(200, &state.registrar.show()),
        ("registration-delay", &Method::PUT) => changed(call, |body| state.registrar.replace(body)),
        ("registration-delay", &Method::DELETE) => {
            state.registrar.reset();
            Reply::empty(204)
        }
        ("deployments", &Method::GET) => Reply::json(200, &state.held.show()),
        ("deployments", &Method::PUT) => changed(call, |body| state.held.replace(body)),
        ("hidden", &Method::GET) => Reply::json(200, &state.hidden.list()),
        ("hidden", &Method::PUT) => changed(call, |body| state.hidden.replace(&state.world(), body)),
        ("hidden", &Method::DELETE) => {
            state.hidden.clear();
            Reply::empty(204)
        }
        ("name-servers", _) => name_servers(state, call).await,
        ("heartbeats", _) => heartbeats::answer(state, call).await,
        (
            "world" | "calls" | "faults" | "quotas" | "ingestion-delay" | "registration-delay" | "hidden"
            | "deployments",
            _,
        ) => no_method(call),
        _ => nothing_here(call),
    }
}

/// `POST /standin/tokens/revoke`, whose body may be missing; `…/sign`: a token over any claims; `…/rotate`: another key.
fn tokens(state: &State, call: &Call, what: Option<&str>) -> Reply {
    let what = what.map(str::to_ascii_lowercase).unwrap_or_default();
    if !matches!(what.as_str(), "revoke" | "sign" | "rotate") {
        return nothing_here(call);
    }
    if call.method != Method::POST {
        return no_method(call);
    }
    match what.as_str() {
        "sign" => sign(state, call),
        "rotate" => {
            state.signing.rotate();
            Reply::json(200, &json!({}))
        }
        _ => {
            let revoke = |body: &Value| state.tokens.revoke(body, &call.base);
            if call.body.is_empty() { changed_to(&json!({}), revoke) } else { changed(call, revoke) }
        }
    }
}

/// A token over `claims`; members of `header` take the place of the usual ones.
fn sign(state: &State, call: &Call) -> Reply {
    let body = match read(call) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let none = Map::new();
    let header = body.get("header").map_or(Some(&none), Value::as_object);
    let claims = body.get("claims").filter(|claims| claims.is_object());
    match (header, claims) {
        (Some(header), Some(claims)) => {
            Reply::json(200, &json!({ "token": state.signing.token(header, claims) }))
        }
        _ => Reply::bare(400, "BadRequest", "claims, and header where it is given: objects are wanted"),
    }
}

async fn name_servers(state: &Arc<State>, call: &Call) -> Reply {
    let servers = &state.name_servers;
    match call.method {
        Method::GET => Reply::json(200, &servers.list().await),
        Method::PUT => match read(call) {
            Ok(body) => match servers.replace(state, &body).await {
                Ok(opened) => Reply::json(200, &opened),
                Err(place) => Reply::bare(400, "BadRequest", &place),
            },
            Err(refusal) => refusal,
        },
        Method::DELETE => {
            servers.closed().await;
            Reply::empty(204)
        }
        _ => no_method(call),
    }
}

/// Applies a JSON body; 200 when it was taken, else 400 with the place that is wrong.
fn changed(call: &Call, apply: impl FnOnce(&Value) -> Result<(), String>) -> Reply {
    match read(call) {
        Ok(body) => changed_to(&body, apply),
        Err(refusal) => refusal,
    }
}

fn changed_to(body: &Value, apply: impl FnOnce(&Value) -> Result<(), String>) -> Reply {
    outcome(apply(body))
}

fn outcome(outcome: Result<(), String>) -> Reply {
    match outcome {
        Ok(()) => Reply::json(200, &json!({})),
        Err(place) => Reply::bare(400, "BadRequest", &place),
    }
}

fn read(call: &Call) -> Result<Value, Reply> {
    serde_json::from_slice(&call.body).map_err(|error| no_json(&error))
}

fn no_json(error: &serde_json::Error) -> Reply {
    Reply::bare(400, "BadRequest", &format!("the body is not JSON: {error}"))
}

fn no_method(call: &Call) -> Reply {
    Reply::bare(405, "MethodNotAllowed", &format!("{} is not answered here.", call.method))
}

fn nothing_here(call: &Call) -> Reply {
    Reply::bare(404, "NotFound", &format!("Nothing answers at '{}'.", call.path))
}
