//! One answer, and the two error envelopes that Azure mixes (contract azure-resource-manager, section 1.3).

use bytes::Bytes;
use serde_json::{Value, json};

/// An answer before it is put on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Headers besides the content's type and length.
    pub(crate) headers: Vec<(String, String)>,
    /// The body; empty: none is sent.
    pub(crate) body: Bytes,
}

impl Reply {
    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// An answer with a JSON body.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::json_text(status, body.to_string())
    }

    /// An answer with a JSON body that is written already.
    pub(crate) fn json_text(status: u16, body: impl Into<Bytes>) -> Self {
        let headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// An error as Resource Manager's front door sends it: below `error`.
    pub(crate) fn wrapped(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!({ "error": { "code": code, "message": message } }))
    }

    /// An error as the DNS provider sends it: `code` and `message` at the top.
    pub(crate) fn bare(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &json!({ "code": code, "message": message }))
    }

    /// The same answer with its slashes escaped, as the DNS provider sends them (contract azure-resource-manager,
    /// section 2.3). In JSON a slash stands only inside texts, where both forms mean the same.
    #[must_use]
    pub(crate) fn with_escaped_slashes(mut self) -> Self {
        if self.body.contains(&b'/') {
            self.body = Bytes::from(String::from_utf8_lossy(&self.body).replace('/', "\\/"));
        }
        self
    }

    /// The same answer with a JSON body.
    #[must_use]
    pub(crate) fn with_json(mut self, body: &Value) -> Self {
        let Self { headers, body, .. } = Self::json(self.status, body);
        self.headers.extend(headers);
        self.body = body;
        self
    }

    /// The same answer with one more header.
    #[must_use]
    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
