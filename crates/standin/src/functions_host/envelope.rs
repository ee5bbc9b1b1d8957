//! The body of an invocation: `Data` and `Metadata` with the host's encoding rules.

use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::keys::Caller;

/// The time columns of a monitored timer (contract functions-custom-handler, section 3.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ScheduleStatus {
    /// When it ran last; none: never.
    pub(super) last: Option<Timestamp>,
    /// The occurrence that is due.
    pub(super) next: Option<Timestamp>,
    /// When the status was written; none: never.
    pub(super) updated: Option<Timestamp>,
}

/// An HTTP request as the host hands it on.
#[derive(Debug, Clone)]
pub(super) struct HttpRequest {
    /// Scheme, host, path and query as the caller sent them.
    pub(super) url: String,
    /// The method.
    pub(super) method: Method,
    /// Query parameters in order.
    pub(super) query: Vec<(String, String)>,
    /// Headers.
    pub(super) headers: HeaderMap,
    /// Parameters of the route.
    pub(super) params: Map<String, Value>,
    /// The body; none unless the request had a `Content-Length` above 0.
    pub(super) body: Option<Vec<u8>>,
    /// Who called.
    pub(super) caller: Caller,
}

const ISSUER: &str = "LOCAL AUTHORITY";
const CLAIMS: &str = "http://schemas.microsoft.com/2017/07/functions/claims";
const XML_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";

/// The envelope of a timer's run; `input` is what was given to one by hand.
pub(super) fn timer(
    binding: &str,
    status: Option<&ScheduleStatus>,
    is_past_due: bool,
    input: Option<&str>,
    system: &Value,
) -> Value {
    let status = status.map_or(Value::Null, |status| {
        json!({ "Last": local(status.last), "Next": local(status.next), "LastUpdated": local(status.updated) })
    });
    let info =
        json!({ "Schedule": { "AdjustForDST": true }, "ScheduleStatus": status, "IsPastDue": is_past_due });
    let mut metadata = Map::new();
    if let Some(input) = input {
        put(&mut metadata, binding, &Value::from(input));
    }
    metadata.insert("sys".to_owned(), system.clone());
    json!({ "Data": { binding: info }, "Metadata": metadata })
}

/// The envelope of an HTTP call (contract functions-custom-handler, section 3.2.2).
pub(super) fn http(binding: &str, request: &HttpRequest, system: Value) -> Value {
    let mut headers = Map::new();
    let mut joined_headers = Map::new();
    for name in request.headers.keys() {
        let values: Vec<String> =
            request.headers.get_all(name).iter().map(|value| lossy(value.as_bytes())).collect();
        joined_headers.insert(header_case(name.as_str()), Value::from(values.join(",")));
        headers.insert(header_case(name.as_str()), Value::from(values));
    }
    let (mut query, mut last_of_query) = (Map::new(), Map::new());
    for (name, value) in &request.query {
        // In `Metadata` the last of several values stands, as was recorded.
        last_of_query.insert(name.clone(), Value::from(value.as_str()));
        match query.get_mut(name) {
            Some(Value::String(text)) => {
                text.push(',');
                text.push_str(value);
            }
            _ => drop(query.insert(name.clone(), Value::from(value.as_str()))),
        }
    }
    let body = request.body.as_deref().filter(|body| !body.is_empty());
    let mut data = Map::new();
    data.insert("Url".to_owned(), Value::from(request.url.as_str()));
    data.insert("Method".to_owned(), Value::from(request.method.as_str().to_ascii_uppercase()));
    data.insert("Query".to_owned(), Value::Object(query));
    data.insert("Headers".to_owned(), Value::Object(headers));
    data.insert("Params".to_owned(), Value::Object(request.params.clone()));
    data.insert("Identities".to_owned(), json!([identity(request.caller)]));
    if let Some(body) = body {
        let text = if is_binary(&request.headers) { base64(body) } else { lossy(body) };
        data.insert("Body".to_owned(), Value::from(text));
    }

    let mut metadata = Map::new();
    let members = body.and_then(|body| serde_json::from_slice::<Map<String, Value>>(body).ok());
    for (name, value) in members.unwrap_or_default().into_iter().filter(|(_, value)| !value.is_array()) {
        put(&mut metadata, &name, &as_text(value));
    }
    for (name, value) in last_of_query.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("code")) {
        put(&mut metadata, name, value);
    }
    for (name, value) in &request.params {
        put(&mut metadata, name, value);
    }
    for (name, value) in [("Query", Value::Object(last_of_query)), ("Headers", Value::Object(joined_headers))]
    {
        if !metadata.contains_key(name) {
            metadata.insert(name.to_owned(), value);
        }
    }
    let key = if metadata.contains_key("sys") { "$sys" } else { "sys" };
    metadata.insert(key.to_owned(), system);
    json!({ "Data": { binding: data }, "Metadata": metadata })
}

/// The `sys` entry of every envelope.
pub(super) fn system(function: &str, now: Timestamp, random: &str) -> Value {
    json!({ "MethodName": function, "UtcNow": format!("{now:.7}"), "RandGuid": random })
}

/// Objects stay; all else becomes a string that holds JSON text; nulls and keys that end in "trigger" are left out.
fn put(metadata: &mut Map<String, Value>, name: &str, value: &Value) {
    if value.is_null() || name.to_ascii_lowercase().ends_with("trigger") {
        return;
    }
    let encoded = if value.is_object() { value.clone() } else { Value::from(value.to_string()) };
    metadata.insert(name.to_owned(), encoded);
}

/// Scalar members of a body have become text before they are encoded.
fn as_text(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.to_string()),
        Value::Bool(true) => Value::from("True"),
        Value::Bool(false) => Value::from("False"),
        other => other,
    }
}

/// The claims of a caller, as recorded with a function's key.
fn identity(caller: Caller) -> Value {
    let claim = |kind: &str, value: &str| {
        json!({
            "Issuer": ISSUER, "OriginalIssuer": ISSUER, "Properties": {},
            "Type": format!("{CLAIMS}/{kind}"), "Value": value, "ValueType": XML_STRING,
        })
    };
    let mut claims = vec![claim("authlevel", caller.level.as_str())];
    if let Some(key) = caller.key {
        claims.push(claim("invoke", "true"));
        claims.push(claim("keyid", key));
    }
    json!({
        "AuthenticationType": "WebJobsAuthLevel", "IsAuthenticated": true, "Actor": null, "BootstrapContext": null,
        "Claims": claims, "Label": null, "Name": null,
        "NameClaimType": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "RoleClaimType": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    })
}

/// "Never" is the first moment of year 1.
fn local(time: Option<Timestamp>) -> String {
    match time {
        None => "0001-01-01T00:00:00+00:00".to_owned(),
        Some(time) => format!("{:.7}+00:00", time.to_zoned(jiff::tz::TimeZone::UTC).datetime()),
    }
}

fn is_binary(headers: &HeaderMap) -> bool {
    let kind = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    kind.starts_with("application/octet-stream") || kind.starts_with("multipart/")
}

/// The text of the bytes, without a byte order mark.
fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned()
}

/// `content-length` as `Content-Length`: the wire lost the caller's casing, and this is the usual one.
fn header_case(name: &str) -> String {
    if name == "x-functions-key" {
        return name.to_owned();
    }
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let digit = (group >> (18 - 6 * index)) & 63;
            out.push(if index > chunk.len() { '=' } else { char::from(DIGITS[digit as usize]) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::keys::Level;
    use super::*;

    fn sample(name: &str) -> Value {
        fixture(&format!("custom-handler/{name}"))
    }

    fn fixture(name: &str) -> Value {
        let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).expect("a fixture")).expect("json")
    }

    /// Rebuilds the request that a recorded envelope speaks of.
    fn request_of(envelope: &Value) -> HttpRequest {
        let data = &envelope["Data"]["req"];
        let mut headers = HeaderMap::new();
        for (name, values) in data["Headers"].as_object().expect("headers") {
            let name: axum::http::HeaderName = name.parse().expect("a name");
            headers.append(name, values[0].as_str().expect("text").parse().expect("a value"));
        }
        let query = data["Query"].as_object().expect("query");
        HttpRequest {
            url: data["Url"].as_str().expect("a url").to_owned(),
            method: data["Method"].as_str().expect("a method").parse().expect("a method"),
            query: query.iter().map(|(k, v)| (k.clone(), v.as_str().expect("text").to_owned())).collect(),
            headers,
            params: data["Params"].as_object().expect("params").clone(),
            body: data["Body"].as_str().map(|text| text.as_bytes().to_vec()),
            caller: Caller { level: Level::Function, key: Some("default") },
        }
    }

    #[test]
    fn http_envelopes_are_those_of_the_samples() {
        for name in ["request-http.json", "request-http-no-body.json", "request-http-colliding-metadata.json"]
        {
            let expected = sample(name);
            let metadata = &expected["Metadata"];
            let system = metadata.get("$sys").or(metadata.get("sys")).expect("sys").clone();
            let made = http("req", &request_of(&expected), system);
            assert_eq!(made["Metadata"], *metadata, "{name}");
            for member in ["Url", "Method", "Query", "Headers", "Params"] {
                assert_eq!(made["Data"]["req"][member], expected["Data"]["req"][member], "{name} {member}");
            }
            assert_eq!(made["Data"]["req"].get("Body"), expected["Data"]["req"].get("Body"), "{name}");
        }
    }

    #[test]
    fn http_envelopes_are_those_that_were_recorded() {
        let files = [
            "alert-fired",
            "array",
            "broken-json",
            "chunked-body-dropped",
            "empty",
            "get-with-query",
            "json-unicode",
            "manual-plan",
            "octet-stream",
            "string",
            "text",
        ];
        for name in files {
            let expected = fixture(&format!("functions-host/{name}.json"))["body"].clone();
            let mut request = request_of(&expected);
            let query = request.url.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
            request.query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            if name == "octet-stream" {
                request.body = Some(vec![0, 1, 255]);
            }
            let made = http("req", &request, expected["Metadata"]["sys"].clone());
            assert_eq!(made, expected, "{name}");
        }
    }

    #[test]
    fn timer_envelopes_are_those_that_were_recorded() {
        for (name, input) in [("timer", None), ("admin-invoke-timer", Some("hello"))] {
            let expected = fixture(&format!("functions-host/{name}.json"))["body"].clone();
            assert_eq!(timer("timer", None, false, input, &expected["Metadata"]["sys"]), expected, "{name}");
        }
    }

    #[test]
    fn timer_envelopes_have_the_shape_of_the_samples() {
        let time = |text: &str| Some(text.parse().expect("a time"));
        let status = ScheduleStatus {
            last: time("2026-01-15T10:10:00.0012345Z"),
            next: time("2026-01-15T10:15:00Z"),
            updated: None,
        };
        let made = timer("t", Some(&status), true, None, &json!({}));
        assert_eq!(made["Data"]["t"]["ScheduleStatus"]["Last"], "2026-01-15T10:10:00.0012345+00:00");
        assert_eq!(made["Data"]["t"]["ScheduleStatus"]["LastUpdated"], "0001-01-01T00:00:00+00:00");
        assert_eq!(made["Data"]["t"]["IsPastDue"], true);
        let expected = sample("request-timer-no-monitor.json");
        let made = timer("collectorTimer", None, false, None, &expected["Metadata"]["sys"]);
        assert_eq!(made, expected);
    }

    #[test]
    fn binary_bodies_are_base64() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
