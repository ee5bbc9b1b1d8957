//! What the handler's answer means to the host (contract functions-custom-handler, section 3.3).

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

/// A completed invocation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Completed {
    /// Lines that the handler wants logged within the invocation, at level information.
    pub(super) logs: Vec<String>,
    /// `Outputs`; none when missing or null.
    pub(super) outputs: Option<Map<String, Value>>,
}

/// How an answer was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// The invocation succeeded.
    Completed(Completed),
    /// The invocation failed: the caller sees a 500.
    Failed(String),
    /// A 2xx without anything: the host never completes the invocation.
    Nothing,
}

/// Reads one answer; `reason` is its reason phrase, none when it is the usual one of its status.
pub(super) fn read(
    status: StatusCode,
    reason: Option<&str>,
    content_type: Option<&str>,
    body: &[u8],
) -> Reading {
    if !status.is_success() {
        let reason = reason.or_else(|| status.canonical_reason()).unwrap_or_default();
        let code = status.as_u16();
        let why = format!("Response status code does not indicate success: {code} ({reason}).");
        return Reading::Failed(why);
    }
    if body.is_empty() {
        return Reading::Nothing;
    }
    let kind =
        content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && kind != "text/json" {
        return Reading::Failed(format!("UnsupportedMediaType: no formatter reads '{kind}'."));
    }
    let malformed = |why: &str| {
        let text: String = String::from_utf8_lossy(body).chars().take(200).collect();
        Reading::Failed(format!("{status}: the answer is no invocation result ({why}): {text}"))
    };
    let mut object = match serde_json::from_slice(body) {
        Ok(Value::Null) => return Reading::Nothing,
        Ok(Value::Object(object)) => object,
        Ok(_) => return malformed("no object"),
        Err(error) => return malformed(&error.to_string()),
    };
    let logs = match member(&mut object, "Logs") {
        Value::Null => Vec::new(),
        Value::Array(lines) => {
            let read: Option<Vec<String>> =
                lines.iter().map(|line| line.as_str().map(str::to_owned)).collect();
            match read {
                Some(logs) => logs,
                None => return malformed("an element of Logs is no string"),
            }
        }
        _ => return malformed("Logs is no array"),
    };
    let outputs = match member(&mut object, "Outputs") {
        Value::Null => None,
        Value::Object(outputs) => Some(outputs),
        _ => return malformed("Outputs is no object"),
    };
    Reading::Completed(Completed { logs, outputs })
}

/// What the caller of an HTTP trigger gets.
///
/// # Errors
///
/// A sentence when the binding's value cannot be used: the invocation then fails.
pub(super) fn respond(completed: &Completed, binding: Option<&str>) -> Result<Response<Body>, String> {
    let Some(outputs) = &completed.outputs else { return Ok(Response::new(Body::empty())) };
    let Some(value) = binding.and_then(|binding| outputs.get(binding)).filter(|value| !value.is_null())
    else {
        return Ok(Response::new(Body::from("{}")));
    };
    let parsed;
    let response = match value {
        Value::Object(object) => object,
        Value::String(text) => {
            parsed = serde_json::from_str::<Map<String, Value>>(text)
                .map_err(|_| "the http output is text that holds no object".to_owned())?;
            &parsed
        }
        _ => return Err("the http output is neither an object nor text that holds one".to_owned()),
    };
    let status = match response.get("statusCode") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let status = status.and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let body = match response.get("body") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(true)) => "True".to_owned(),
        Some(Value::Bool(false)) => "False".to_owned(),
        Some(other) => serde_json::to_string_pretty(other).map_err(|error| error.to_string())?,
    };
    let has_body = !body.is_empty();
    let mut made = Response::new(Body::from(body));
    *made.status_mut() = status;
    let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
    for (name, value) in headers {
        let text = match value {
            Value::Null if name.eq_ignore_ascii_case("content-type") => {
                return Err("the content type is null".to_owned());
            }
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name: HeaderName = name.parse().map_err(|_| format!("`{name}` is no header's name"))?;
        let value = HeaderValue::from_str(&text)
            .map_err(|_| format!("the value of `{name}` is no header's value"))?;
        if name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING {
            made.headers_mut().entry(name).or_insert(value);
        }
    }
    if has_body {
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        made.headers_mut().entry(header::CONTENT_TYPE).or_insert(text);
    }
    Ok(made)
}

/// Takes a member whose name may differ in case.
fn member(object: &mut Map<String, Value>, name: &str) -> Value {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
    key.and_then(|key| object.remove(&key)).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn json_answer(body: &str) -> Reading {
        read(StatusCode::OK, None, Some("application/json; charset=utf-8"), body.as_bytes())
    }

    #[test]
    fn answers_are_read_as_the_contract_says() {
        assert_eq!(json_answer(""), Reading::Nothing);
        assert_eq!(json_answer("null"), Reading::Nothing);
        assert_eq!(json_answer("{\"unrelated\":1}"), Reading::Completed(Completed::default()));
        let Reading::Completed(completed) = json_answer(r#"{"Outputs":{},"Logs":["a"],"ReturnValue":null}"#)
        else {
            panic!("a completed invocation");
        };
        assert_eq!(completed.logs, ["a"]);
        for body in ["x", "[]", r#"{"Logs":[1]}"#, r#"{"Outputs":3}"#] {
            assert!(matches!(json_answer(body), Reading::Failed(_)), "{body}");
        }
        assert!(matches!(read(StatusCode::OK, None, Some("text/plain"), b"{}"), Reading::Failed(_)));
        for (reason, shown) in [(None, "400 (Bad Request)"), (Some("no, x"), "400 (no, x)")] {
            let why = format!("Response status code does not indicate success: {shown}.");
            let answer = read(StatusCode::BAD_REQUEST, reason, Some("application/json"), b"{}");
            assert_eq!(answer, Reading::Failed(why));
        }
    }

    #[test]
    fn the_http_output_becomes_the_response() {
        let of = |value: Value| {
            let outputs = json!({ "res": value }).as_object().cloned();
            respond(&Completed { logs: Vec::new(), outputs }, Some("res"))
        };
        let made = of(
            json!({ "statusCode": "202", "headers": { "Content-Type": "application/json" }, "body": "{}" }),
        );
        let made = made.expect("a response");
        assert_eq!(made.status(), StatusCode::ACCEPTED);
        assert_eq!(made.headers()["content-type"], "application/json");
        assert_eq!(of(json!({ "status": 404, "body": true })).expect("a response").status(), StatusCode::OK);
        assert_eq!(of(json!("{\"statusCode\":418}")).expect("a response").status(), StatusCode::IM_A_TEAPOT);
        assert!(of(json!("text")).is_err());
        assert!(of(json!({ "headers": { "content-type": null } })).is_err());
        let nothing = respond(&Completed::default(), Some("res")).expect("a response");
        assert_eq!(nothing.status(), StatusCode::OK);
    }
}
