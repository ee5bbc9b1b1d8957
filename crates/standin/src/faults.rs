//! Faults that are put into the way of calls: statuses, delays, dropped connections, cut bodies.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderName, HeaderValue, Method};
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::reply::Reply;

/// When a connection is dropped, seen from the effect of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reset {
    /// Before: nothing happens.
    Before,
    /// After: it happens, and nobody is told.
    After,
}

/// What happens to one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effect {
    pub(crate) status: Option<u16>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    pub(crate) delay_ms: u64,
    pub(crate) reset: Option<Reset>,
    pub(crate) truncate: bool,
    /// Whether the call happens although something else is answered.
    pub(crate) takes_effect: bool,
}

impl Effect {
    /// The answer that stands in place of the real one; none: the real one is given.
    pub(crate) fn canned(&self) -> Option<Reply> {
        let status = self.status.or_else(|| self.body.as_ref().map(|_| 200))?;
        let reply = match &self.body {
            None => Reply::wrapped(status, code_of(status), "The stand-in was told to answer so."),
            Some(Value::String(text)) => {
                Reply { status, headers: Vec::new(), body: bytes::Bytes::from(text.clone()) }
            }
            Some(body) => Reply::json(status, body),
        };
        Some(self.dress(reply))
    }

    /// The fault's own headers, on whatever is answered.
    pub(crate) fn dress(&self, mut reply: Reply) -> Reply {
        for (name, value) in &self.headers {
            reply.headers.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
            reply.headers.push((name.clone(), value.clone()));
        }
        reply
    }
}

/// The code that usually stands beside a status.
fn code_of(status: u16) -> &'static str {
    match status {
        400 => "BadRequest",
        401 => "InvalidAuthenticationToken",
        403 => "AuthorizationFailed",
        404 => "NotFound",
        408 => "RequestTimeout",
        409 => "Conflict",
        412 => "PreconditionFailed",
        429 => "ResourceRequestsThrottled",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        _ => "InternalServerError",
    }
}

#[derive(Debug, Clone)]
struct Fault {
    method: Option<String>,
    path: Regex,
    times: u64,
    effect: Effect,
}

/// The faults that are still to come, in order; the first that fits a call is used up by it.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Takes the effect that the next call of this method and target must suffer.
    pub(crate) fn take(&self, method: &str, target: &str) -> Option<Effect> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = faults.iter_mut().find(|fault| {
            fault.times > 0
                && fault.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && fault.path.is_match(target)
        })?;
        fault.times -= 1;
        let effect = fault.effect.clone();
        faults.retain(|fault| fault.times > 0);
        Some(effect)
    }

    /// Replaces all faults by an array of them.
    ///
    /// # Errors
    /// A sentence that names the place of what cannot be understood; nothing is replaced then.
    pub(crate) fn replace(&self, body: &Value) -> Result<(), String> {
        let list = match body {
            Value::Array(list) => list.as_slice(),
            Value::Object(_) => std::slice::from_ref(body),
            _ => return Err("an array of faults is wanted".to_owned()),
        };
        let parsed = list
            .iter()
            .enumerate()
            .map(|(index, value)| parse(value).map_err(|error| format!("[{index}]{error}")))
            .collect::<Result<Vec<_>, _>>()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = parsed;
        Ok(())
    }

    /// The faults still to come, in the form in which they were put.
    pub(crate) fn list(&self) -> Value {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Value::Array(faults.iter().map(show).collect())
    }

    /// Forgets all faults.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn parse(value: &Value) -> Result<Fault, String> {
    let members = value.as_object().ok_or(": an object is wanted")?;
    let mut fault = Fault {
        method: None,
        // An empty pattern fits every call.
        path: Regex::new("").map_err(|error| error.to_string())?,
        times: 1,
        effect: Effect::default(),
    };
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let wanted = |what: &str| format!(".{name}: {what} is wanted, not {value}");
        match name.as_str() {
            "method" => {
                let method = value.as_str().filter(|method| Method::from_bytes(method.as_bytes()).is_ok());
                let method = method.ok_or_else(|| wanted("a method"))?;
                fault.method = (method != "*").then(|| method.to_owned());
            }
            "path" => {
                let pattern = value.as_str().ok_or_else(|| wanted("a regular expression"))?;
                fault.path = Regex::new(pattern).map_err(|error| format!(".path: {error}"))?;
            }
            "times" => fault.times = value.as_u64().ok_or_else(|| wanted("a count"))?,
            "status" => {
                let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
                let status = status.filter(|status| (200..=599).contains(status));
                fault.effect.status = Some(status.ok_or_else(|| wanted("a status from 200 to 599"))?);
            }
            "headers" => {
                let headers = value.as_object().ok_or_else(|| wanted("an object"))?;
                for (header, value) in headers {
                    let text = header_text(header, value)
                        .ok_or_else(|| format!(".{name}.{header}: no header can be {value}"))?;
                    fault.effect.headers.insert(header.clone(), text);
                }
            }
            "body" => fault.effect.body = Some(value.clone()),
            "delay_ms" => fault.effect.delay_ms = value.as_u64().ok_or_else(|| wanted("milliseconds"))?,
            "reset" => {
                fault.effect.reset = Some(match value.as_str() {
                    Some("before") => Reset::Before,
                    Some("after") => Reset::After,
                    _ => return Err(wanted("\"before\" or \"after\"")),
                });
            }
            "truncate" => fault.effect.truncate = value.as_bool().ok_or_else(|| wanted("a boolean"))?,
            "effect" => fault.effect.takes_effect = value.as_bool().ok_or_else(|| wanted("a boolean"))?,
            _ => return Err(format!(": no member '{name}' is known")),
        }
    }
    if fault.effect.takes_effect && fault.effect.reset == Some(Reset::Before) {
        return Err(".effect: a call whose connection is cut before has none".to_owned());
    }
    Ok(fault)
}

/// The text of a header that can be sent under this name; none: there is no such header.
fn header_text(name: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(is) => is.to_string(),
        _ => return None,
    };
    let fits = HeaderName::try_from(name).is_ok() && HeaderValue::try_from(text.as_str()).is_ok();
    fits.then_some(text)
}

fn show(fault: &Fault) -> Value {
    let mut members = Map::new();
    if let Some(method) = &fault.method {
        members.insert("method".to_owned(), json!(method));
    }
    members.insert("path".to_owned(), json!(fault.path.as_str()));
    members.insert("times".to_owned(), json!(fault.times));
    let effect = &fault.effect;
    if let Some(status) = effect.status {
        members.insert("status".to_owned(), json!(status));
    }
    if !effect.headers.is_empty() {
        members.insert("headers".to_owned(), json!(effect.headers));
    }
    if let Some(body) = &effect.body {
        members.insert("body".to_owned(), body.clone());
    }
    if effect.delay_ms > 0 {
        members.insert("delay_ms".to_owned(), json!(effect.delay_ms));
    }
    if let Some(reset) = effect.reset {
        members.insert("reset".to_owned(), json!(if reset == Reset::Before { "before" } else { "after" }));
    }
    if effect.truncate {
        members.insert("truncate".to_owned(), json!(true));
    }
    if effect.takes_effect {
        members.insert("effect".to_owned(), json!(true));
    }
    Value::Object(members)
}
