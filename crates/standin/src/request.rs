//! One request, read whole, in the form in which the services look at it.

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::reply::Reply;

/// A request whose body has been read to the end.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The method.
    pub(crate) method: Method,
    /// The path as sent, percent signs and all.
    pub(crate) path: String,
    /// The query string as sent, without the question mark; empty when there is none.
    pub(crate) query: String,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// Scheme and host under which the caller reached us, such as `http://127.0.0.1:7072`, no slash at the end.
    pub(crate) base: String,
}

impl Call {
    /// The path's segments, percent-decoded, in the caller's casing. Empty segments are left out. A scope in front
    /// that came as one segment, with its slashes escaped as some clients do, stands for those in it.
    pub(crate) fn segments(&self) -> Vec<String> {
        let mut segments: Vec<String> =
            self.path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        if let Some(scope) = segments.first().filter(|first| first.contains('/')) {
            let parts = scope.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
            let parts: Vec<String> = parts.collect();
            segments.splice(0..1, parts);
        }
        segments
    }

    /// The path with its query, as it was sent.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// A query parameter's first value; names are compared without case, as Resource Manager does.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.into_owned())
    }

    /// A header's value as text; none when it is missing or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// The 400 that Resource Manager gives for a body that it cannot read.
    pub(crate) fn json(&self) -> Result<Value, Reply> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let message =
                format!("The request content was invalid and could not be deserialized: '{error}'.");
            Reply::wrapped(400, "InvalidRequestContent", &message)
        })
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// The 400 that Resource Manager gives for a body that it cannot read, or that is something else.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Reply> {
        match self.json()? {
            Value::Object(members) => Ok(members),
            _ => {
                let message =
                    "The request content was invalid and could not be deserialized: an object is wanted.";
                Err(Reply::wrapped(400, "InvalidRequestContent", message))
            }
        }
    }
}

/// Percent-decodes one path segment; what is not valid UTF-8 afterwards is replaced.
pub(crate) fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = (byte == b'%').then(|| segment.get(at + 1..at + 3)).flatten();
        if let Some(value) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
