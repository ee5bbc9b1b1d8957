//! The envelope in which the Functions host wraps an invocation and expects the answer.
//!
//! (contract functions-custom-handler, sections 3.2 and 3.3). `Metadata` is filled by callers, and no value of it is read.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::config::Secret;
use pure::shown::json_shown;

/// The largest body that a caller of `function-remediate` may send, in bytes (contract azure-monitor, section 8.4).
pub const BODY_LIMIT: usize = 256 * 1024;

/// One invocation as the host posts it: the values of the trigger's bindings by name.
#[derive(Debug)]
pub struct Invocation {
    data: Map<String, Value>,
    /// The names of the bindings that somebody gave an input by hand.
    by_hand: Vec<String>,
}

/// Why a body is not an invocation; a lower-case fragment without any of the body's text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct EnvelopeFault(String);

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "Data", alias = "data")]
    data: Value,
    #[serde(rename = "Metadata", alias = "metadata", default)]
    metadata: MemberNames,
}

/// The names of an object's members and nothing of their values, which may be anything.
#[derive(Default)]
struct MemberNames(Vec<String>);

impl<'de> Deserialize<'de> for MemberNames {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = MemberNames;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<MemberNames, A::Error> {
                let mut names = Vec::new();
                while let Some((name, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
                    names.push(name);
                }
                Ok(MemberNames(names))
            }

            fn visit_str<E>(self, _: &str) -> Result<MemberNames, E> {
                Ok(MemberNames::default())
            }

            fn visit_unit<E>(self) -> Result<MemberNames, E> {
                Ok(MemberNames::default())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
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
            Value::Object(data) => Ok(Self { data, by_hand: wire.metadata.0 }),
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
        let headers = member(&request, "Headers").cloned().map(decode).unwrap_or_default();
        let query = member(&request, "Query").cloned().map(decode).unwrap_or_default();
        let binary = is_binary(&headers);
        let body = match request.remove("Body").or_else(|| request.remove("body")) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if binary => Some(from_base64(&text).unwrap_or(text)),
            Some(Value::String(text)) => Some(text),
            Some(other) => Some(other.to_string()),
        };
        Some(HttpRequest {
            method,
            query: parameters(&query),
            is_chunked: header(&headers, "Transfer-Encoding").is_some(),
            is_of_action_group: header(&headers, "User-Agent")
                .is_some_and(|agent| agent.starts_with(ACTION_GROUP)),
            authorization: headers_named(&headers, "Authorization"),
            body,
        })
    }

    /// Whether a person called the timer's function through the admin interface: `Metadata` then holds the binding's input
    /// (contract functions-custom-handler, section 12).
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.by_hand.iter().any(|name| name == "timer")
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

/// How the user agent of an action group begins (contract azure-monitor, section 8.6).
const ACTION_GROUP: &str = "IcMBroadcaster";

/// What a caller of the HTTP trigger sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `POST` …; `POST` when the host names none.
    pub method: String,
    /// Names and values behind the question mark; the host joins repeated ones by commas.
    pub query: Vec<(String, String)>,
    /// A body came in pieces; the host drops such a one (contract functions-custom-handler, section 12).
    pub is_chunked: bool,
    /// Every value of every header `Authorization`.
    pub authorization: Vec<Secret>,
    /// The caller says that it is an action group.
    pub is_of_action_group: bool,
    /// The body's text, if there was one; base64 of binary content types is undone.
    pub body: Option<String>,
}

/// The answer for an HTTP trigger: what the caller sees stands in `Outputs.res`
/// (contract functions-custom-handler, section 3.3).
#[must_use]
pub fn http_answer(status: u16, body: &Value, log: Option<&str>) -> Value {
    let mut headers =
        json!({ "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" });
    if status == 401 {
        // RFC 9110, section 15.5.2, asks for it.
        headers["WWW-Authenticate"] = json!("Bearer");
    }
    json!({
        "Outputs": {
            "res": {
                "statusCode": status,
                "headers": headers,
                "body": json_shown(&body.to_string()),
            }
        },
        "Logs": log.into_iter().collect::<Vec<_>>(),
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

/// The first value of a header.
fn header<'a>(headers: &'a Value, name: &str) -> Option<&'a str> {
    match member(headers.as_object()?, name)? {
        Value::Array(values) => values.first()?.as_str(),
        value => value.as_str(),
    }
}

/// All values of a header, however often and in whatever case its name stands there.
fn headers_named(headers: &Value, name: &str) -> Vec<Secret> {
    let members = headers.as_object().into_iter().flatten();
    let named = members.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let values = named.flat_map(|value| match value {
        Value::Array(values) => values.iter().collect::<Vec<_>>(),
        value => vec![value],
    });
    // What is no text is a value all the same: one too many is told from one.
    values.map(|value| Secret::new(value.as_str().unwrap_or_default())).collect()
}

fn parameters(query: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    query.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// Bodies of these types arrive as base64 (contract functions-custom-handler, section 3.2.2).
fn is_binary(headers: &Value) -> bool {
    header(headers, "Content-Type").is_some_and(|kind| {
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
            assert_eq!(
                seen,
                HttpRequest {
                    method: "POST".to_owned(),
                    body: Some("{}".to_owned()),
                    ..HttpRequest::default()
                }
            );
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
        assert_eq!(seen, HttpRequest { method: "GET".to_owned(), ..HttpRequest::default() });
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
        assert_eq!(seen.body.as_deref(), Some("{}"));
        let headers = json!({ "Content-Type": ["multipart/form-data; boundary=x"] });
        for (body, seen) in [("e30=", "{}"), ("no base64", "no base64")] {
            let request = json!({ "req": { "Body": body, "Headers": headers } });
            assert_eq!(invocation(&request).http_request().unwrap().body.as_deref(), Some(seen));
        }
    }

    #[test]
    fn a_body_is_none_only_where_there_is_none() {
        let body = |request: Value| invocation(&json!({ "req": request })).http_request().unwrap().body;
        assert_eq!(body(json!({ "body": "x" })).as_deref(), Some("x"));
        assert_eq!(body(json!({ "Body": { "mode": "apply" } })).as_deref(), Some(r#"{"mode":"apply"}"#));
        assert_eq!((body(json!({})), body(json!({ "Body": null }))), (None, None));
    }

    #[test]
    fn query_and_headers_tell_how_a_call_came() {
        let request = json!({
            "Method": "GET", "Query": { "names": "a,b", "x": ["1", "2"] },
            "Headers": { "transfer-encoding": ["chunked"], "User-Agent": "IcMBroadcaster/1.0" },
        });
        let seen = invocation(&json!({ "req": request })).http_request().unwrap();
        assert_eq!(seen.query, [("names".to_owned(), "a,b".to_owned()), ("x".to_owned(), "1,2".to_owned())]);
        assert!(seen.is_chunked && seen.is_of_action_group && seen.body.is_none());
        let text = invocation(&json!({ "req": { "Method": "GET", "Query": "{}" } })).http_request().unwrap();
        assert!(text.query.is_empty() && !text.is_chunked && !text.is_of_action_group);
    }

    #[test]
    fn every_authorization_is_seen_and_none_is_shown() {
        let seen = |headers: Value| {
            let request = json!({ "req": { "Method": "GET", "Headers": headers } });
            let seen = invocation(&request).http_request().unwrap();
            assert!(!format!("{seen:?}").contains("hush"));
            seen.authorization.iter().map(|value| value.expose().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(seen(json!({ "authorization": ["hush"] })), ["hush"]);
        assert_eq!(seen(json!({ "Authorization": "hush" })), ["hush"]);
        assert_eq!(seen(json!({ "Authorization": ["hush", "hush 2"] })).len(), 2);
        assert_eq!(seen(json!({ "Authorization": ["hush"], "AUTHORIZATION": [7] })).len(), 2);
        assert_eq!(seen(json!({ "X": ["hush"] })), Vec::<String>::new());
    }

    #[test]
    fn a_call_by_hand_is_known_by_its_input_and_other_metadata_may_be_anything() {
        let parse = |metadata: &str| {
            Invocation::parse(format!("{{\"Data\":{{}},\"Metadata\":{metadata}}}").as_bytes()).unwrap()
        };
        assert!(parse(r#"{"timer":"\"\"","sys":{}}"#).is_by_hand());
        for metadata in [r#"{"sys":{"timer":1}}"#, "{}", "null", r#""timer""#, r#"{"a":1e999,"b":[[[1]]]}"#] {
            assert!(!parse(metadata).is_by_hand(), "{metadata}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(!parse(&deep).is_by_hand());
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
        let answer = http_answer(202, &json!({ "run": "x" }), Some("log"));
        assert_eq!(answer["Outputs"]["res"]["body"], "{\"run\":\"x\"}");
        assert_eq!(answer["Outputs"]["res"]["statusCode"], 202);
        let headers =
            json!({ "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" });
        assert_eq!(answer["Outputs"]["res"]["headers"], headers);
        let hidden = http_answer(200, &json!({ "name": "a\u{202e}b" }), None);
        assert_eq!(hidden["Outputs"]["res"]["body"], r#"{"name":"a\u202eb"}"#);
        assert_eq!(hidden["Logs"], json!([]));
        let refused = http_answer(401, &json!({}), None);
        assert_eq!(refused["Outputs"]["res"]["headers"]["WWW-Authenticate"], "Bearer");
        assert!(timer_answer("log")["Outputs"].is_object());
    }
}
