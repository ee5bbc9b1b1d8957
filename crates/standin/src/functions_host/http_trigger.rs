//! The host's front: routes of HTTP triggers and the admin calls (contract functions-custom-handler, section 8).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::envelope::{self, HttpRequest};
use super::keys::{Caller, Level};
use super::settings::{Function, Trigger};
use super::{Host, answer};
use crate::loopback;

/// What a caller may send at most, in bytes; more is a 500, as the real host answers.
const BODY_LIMIT: usize = 104_857_600;

/// Answers everything that is no page of the host.
pub(super) async fn answer(State(host): State<Arc<Host>>, request: Request) -> Response {
    let segments: Vec<String> =
        request.uri().path().split('/').filter(|part| !part.is_empty()).map(crate::request::decode).collect();
    let is =
        |index: usize, text: &str| segments.get(index).is_some_and(|part| part.eq_ignore_ascii_case(text));
    if segments.is_empty() {
        return (StatusCode::OK, "The stand-in of the Functions host is running.\n").into_response();
    }
    let caller =
        host.keys.as_ref().map_or(Caller::ANYBODY, |keys| keys.caller(request.headers(), request.uri()));
    // Where no key is asked for, a page of somebody else's could run a function as well.
    if (is(0, "admin") || caller.key.is_none())
        && let Some(why) = loopback::refusal(request.uri(), request.headers())
    {
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    if is(0, "admin") && caller.level < Level::Admin {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if is(0, "admin") && is(1, "functions") && segments.len() == 3 {
        return admin(host, &segments[2], request).await;
    }
    if is(0, "admin") && is(1, "host") && is(2, "status") && request.method() == Method::GET {
        return json_response(&json!({ "state": "Running", "version": super::HOST_VERSION }));
    }
    let prefix = host.settings.route_prefix.trim_matches('/').to_owned();
    let rest = if prefix.is_empty() {
        segments.as_slice()
    } else if is(0, &prefix) {
        &segments[1..]
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let found = host.functions.values().find_map(|function| match &function.trigger {
        Trigger::Http { route, methods, level, output }
            if methods.is_empty() || methods.contains(request.method()) =>
        {
            route.matches(rest).map(|params| (function.clone(), *level, output.clone(), params))
        }
        _ => None,
    });
    match found {
        Some((_, level, ..)) if caller.level < level => StatusCode::UNAUTHORIZED.into_response(),
        Some((function, _, output, params)) => {
            call(&host, &function, output.as_deref(), params, caller, request).await
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn call(
    host: &Host,
    function: &Function,
    output: Option<&str>,
    params: Map<String, Value>,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let authority =
        parts.headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let has_length = length.and_then(|text| text.parse::<u64>().ok()).is_some_and(|length| length > 0);
    let request = HttpRequest {
        url: format!("http://{authority}{target}"),
        method: parts.method,
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        params,
        // A caller that sends chunks without a length loses its body, in the cloud too.
        body: has_length.then(|| bytes.to_vec()),
        headers: parts.headers,
        caller,
    };
    let outcome =
        host.invoke(function, "http", |system| envelope::http(&function.binding, &request, system)).await;
    match outcome.and_then(|completed| answer::respond(&completed, output)) {
        Ok(response) => response,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Runs a function by hand: 202 at once, whatever comes of it.
async fn admin(host: Arc<Host>, name: &str, request: Request) -> Response {
    let Some(function) = host.functions.get(&name.to_ascii_lowercase()).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if request.method() == Method::GET {
        return json_response(&json!({ "name": function.name }));
    }
    if request.method() != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let input = match axum::body::to_bytes(request.into_body(), BODY_LIMIT).await {
        Ok(bytes) => serde_json::from_slice::<Map<String, Value>>(&bytes),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let input = match input {
        Ok(object) => match object.get("input") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => return StatusCode::BAD_REQUEST.into_response(),
        },
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    };
    tokio::spawn(async move {
        let make = |system: Value| match &function.trigger {
            // The status of the schedule is not touched by such a run; its input stands in `Metadata` alone.
            Trigger::Timer { monitored, .. } => {
                let status = monitored.then(|| host.timers.status(&function.name).unwrap_or_default());
                envelope::timer(&function.binding, status.as_ref(), false, input.as_deref(), &system)
            }
            Trigger::Http { .. } => {
                let request = HttpRequest {
                    url: format!("http://localhost/{}", function.name),
                    method: Method::POST,
                    query: Vec::new(),
                    headers: axum::http::HeaderMap::new(),
                    params: Map::new(),
                    body: input.filter(|input| !input.is_empty()).map(String::into_bytes),
                    caller: Caller::ANYBODY,
                };
                envelope::http(&function.binding, &request, system)
            }
        };
        host.invoke(&function, "admin", make).await
    });
    StatusCode::ACCEPTED.into_response()
}

fn json_response(value: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (kind, Body::from(value.to_string())).into_response()
}
