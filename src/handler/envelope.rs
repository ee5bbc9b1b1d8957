//! The envelope in which the Functions host wraps an invocation and expects the answer.
//!
//! (contract functions-custom-handler, sections 3.2 and 3.3). `Metadata` is filled by callers and is never read.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The largest body that a caller of `function-remediate` may send, in bytes (contract azure-monitor, section 8.4).
pub const BODY_LIMIT: usize = 256 * 1024;

/// One invocation as the host posts it: the values of the trigger's bindings by name.
#[derive(Debug)]
pub struct Invocation {
    data: Map<String, Value>,
}

/// Why a body is not an invocation; a lower-case fragment without any of the body's text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct EnvelopeFault(String);

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "Data", alias = "data")]
    data: Value,
}

impl Invocation {
    /// Reads the host's envelope: `Data` as an object or as JSON text of one.
    ///
    /// # Errors
    /// When the body is no JSON object, nests too deeply or has no `Data` object.
    pub fn parse(body: &[u8]) -> Result<Self, EnvelopeFault> {
        let wire: Wire = serde_json::from_slice(body).map_err(|fault| {
            let place = format!("line {} column {}", fault.line(), fault.column());
            let what = match fault.classify() {
                serde_json::error::Category::Eof => "ends too early",
                serde_json::error::Category::Syntax => "is not JSON, or nests too deeply",
                _ => "is not an object with a member Data",
            };
            EnvelopeFault(format!("the envelope {what} ({place})"))
        })?;
        match decode(wire.data) {
            Value::Object(data) => Ok(Self { data }),
            _ => Err(EnvelopeFault("the envelope's Data is not an object".to_owned())),
        }
    }

    /// The HTTP request of the binding `req`; none when the trigger was another.
    #[must_use]
    pub fn http_request(&self) -> Option<HttpRequest> {
        let Value::Object(mut request) = decode(self.data.get("req")?.clone()) else { return None };
        let method = match member(&request, "Method") {
            Some(Value::String(method)) => method.trim().to_ascii_uppercase(),
            None | Some(Value::Null) => "POST".to_owned(),
            Some(_) => return None,
        };
        let binary = member(&request, "Headers").is_some_and(|headers| is_binary(&decode(headers.clone())));
        let body = match request.remove("Body").or_else(|| request.remove("body")) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) if binary => from_base64(&text).unwrap_or(text),
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
        };
        Some(HttpRequest { method, body })
    }

    /// Whether a timer triggered this: any binding, whatever its name, that holds a timer's facts
    /// (contract functions-custom-handler, section 3.2.1).
    #[must_use]
    pub fn is_timer(&self) -> bool {
        self.data.values().any(|value| match decode(value.clone()) {
            Value::Object(timer) => {
                ["IsPastDue", "ScheduleStatus", "Schedule"].iter().any(|key| member(&timer, key).is_some())
            }
            _ => false,
        })
    }
}

/// What a caller of the HTTP trigger sent: the method in capitals, and the body as text, empty when there was none.
#[derive(Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `POST` …; `POST` when the host names none.
    pub method: String,
    /// The body's text; base64 of binary content types is undone.
    pub body: String,
}

/// The answer for an HTTP trigger: what the caller sees stands in `Outputs.res`
/// (contract functions-custom-handler, section 3.3).
#[must_use]
pub fn http_answer(status: u16, body: &Value, log: &str) -> Value {
    json!({
        "Outputs": {
            "res": {
                "statusCode": status,
                "headers": { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" },
                "body": body.to_string(),
            }
        },
        "Logs": [log],
        "ReturnValue": null,
    })
}

/// The answer for a timer's invocation that went well.
#[must_use]
pub fn timer_answer(log: &str) -> Value {
    json!({ "Outputs": {}, "Logs": [log], "ReturnValue": null })
}

/// Undoes the host's text encodings: JSON text of an object, once or twice encoded, becomes the object; all
/// else stays as it is (contract functions-custom-handler, section 3.2.4).
#[must_use]
pub fn decode(value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    match serde_json::from_str::<Value>(text) {
        Ok(object @ Value::Object(_)) => object,
        Ok(Value::String(inner)) => match serde_json::from_str::<Value>(&inner) {
            Ok(object @ Value::Object(_)) => object,
            _ => value,
        },
        _ => value,
    }
}

fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Bodies of these types arrive as base64 (contract functions-custom-handler, section 3.2.2).
fn is_binary(headers: &Value) -> bool {
    let Value::Object(headers) = headers else { return false };
    let kind = match member(headers, "Content-Type") {
        Some(Value::Array(values)) => values.first().and_then(Value::as_str),
        Some(Value::String(value)) => Some(value.as_str()),
        _ => None,
    };
    kind.is_some_and(|kind| {
        let kind = kind.trim().to_ascii_lowercase();
        kind.starts_with("application/octet-stream") || kind.starts_with("multipart/")
    })
}

fn from_base64(text: &str) -> Option<String> {
    String::from_utf8(azure_core::base64::decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation(data: &Value) -> Invocation {
        Invocation::parse(json!({ "Data": data, "Metadata": {} }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_request_is_read_as_object_and_as_text_once_and_twice_encoded() {
        let request = json!({ "Method": "post", "Body": "{}" });
        let once = request.to_string();
        let twice = json!(once).to_string();
        for form in [request.clone(), json!(once), json!(twice)] {
            let seen = invocation(&json!({ "req": form })).http_request().unwrap();
            assert_eq!(seen, HttpRequest { method: "POST".to_owned(), body: "{}".to_owned() });
        }
        let data = json!({ "req": request }).to_string();
        let whole = json!({ "Data": data }).to_string();
        assert!(Invocation::parse(whole.as_bytes()).unwrap().http_request().is_some());
    }

    #[test]
    fn the_metadata_of_a_caller_counts_for_nothing() {
        let body =
            json!({ "Data": { "req": { "Method": "GET" } }, "Metadata": { "Method": "POST", "Body": "x" } });
        let seen = Invocation::parse(body.to_string().as_bytes()).unwrap().http_request().unwrap();
        assert_eq!(seen, HttpRequest { method: "GET".to_owned(), body: String::new() });
    }

    #[test]
    fn a_timer_is_known_by_its_facts_not_by_its_name() {
        assert!(invocation(&json!({ "timer": { "IsPastDue": false } })).is_timer());
        assert!(invocation(&json!({ "collectorTimer": "{\"ScheduleStatus\":null}" })).is_timer());
        assert!(!invocation(&json!({ "queueItem": "\"plain\"" })).is_timer());
        assert!(invocation(&json!({ "queueItem": "\"plain\"" })).http_request().is_none());
    }

    #[test]
    fn binary_bodies_are_unwrapped() {
        let headers = json!({ "content-type": ["application/octet-stream"] });
        let seen =
            invocation(&json!({ "req": { "Body": "e30=", "Headers": headers } })).http_request().unwrap();
        assert_eq!(seen.body, "{}");
    }

    #[test]
    fn what_is_no_envelope_is_refused_without_a_panic() {
        let deep = format!("{{\"Data\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        for body in ["", "null", "[]", "{}", "{\"Data\":1}", "{\"Data\":null}", "{\"Data\"", "\u{0}", &deep] {
            assert!(Invocation::parse(body.as_bytes()).is_err(), "{body:.20}");
        }
    }

    #[test]
    fn an_answer_carries_its_body_as_text() {
        let answer = http_answer(202, &json!({ "run": "x" }), "log");
        assert_eq!(answer["Outputs"]["res"]["body"], "{\"run\":\"x\"}");
        assert_eq!(answer["Outputs"]["res"]["statusCode"], 202);
        assert!(timer_answer("log")["Outputs"].is_object());
    }
}
