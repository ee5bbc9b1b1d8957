//! Lists in pages: `$top`, `$skipToken`, and the absolute link to the next page.

use serde_json::{Value, json};

use super::request::Request;
use crate::access::{decode, encode};
use crate::{Call, Reply};

/// Items a page when nobody asks for more (contract azure-resource-manager, section 2.1).
const DEFAULT: usize = 100;
/// Items a page at most.
const LARGEST: usize = 1000;

/// One page that is being filled.
pub(crate) struct Page {
    limit: usize,
    /// The key of the last item of the page before; empty on the first page.
    pub(crate) after: String,
    items: Vec<(String, Value)>,
}

impl Page {
    /// Reads what page is asked for.
    ///
    /// # Errors
    /// 400 for a `$top` that is no count and for a token that is not ours.
    pub(crate) fn wanted(call: &Call) -> Result<Self, Reply> {
        let top = match call.parameter("$top") {
            None => DEFAULT,
            Some(text) => text.parse().ok().filter(|&top| top > 0).ok_or_else(|| {
                let message = format!("The value '{text}' of the query parameter '$top' is no count.");
                Reply::bare(400, "BadRequest", &message)
            })?,
        };
        let after = match call.parameter("$skipToken").filter(|token| !token.is_empty()) {
            None => String::new(),
            Some(token) => {
                let known = decode(&token).and_then(|bytes| String::from_utf8(bytes).ok());
                let known = known.and_then(|text| text.strip_prefix("after:").map(str::to_owned));
                known.ok_or_else(|| Reply::bare(400, "BadRequest", "The skip token is invalid."))?
            }
        };
        Ok(Self { limit: top.min(LARGEST), after, items: Vec::new() })
    }

    /// Adds an item under its key, by which the list is ordered; false when the page is full.
    ///
    /// A full page does not look ahead, so the last page of a list may be empty.
    pub(crate) fn push(&mut self, key: String, item: Value) -> bool {
        self.items.push((key, item));
        self.items.len() < self.limit
    }

    /// The page as a body. The first page of several is one item short: a client may not take a short page for
    /// the last one (contract azure-resource-manager, section 1.5).
    pub(crate) fn close(mut self, request: &Request<'_>) -> Reply {
        let call = request.call;
        let full = self.items.len() >= self.limit;
        if full && self.after.is_empty() && self.limit > 2 {
            self.items.pop();
        }
        let last = self.items.last().map(|(key, _)| key.clone()).unwrap_or_default();
        let items: Vec<Value> = self.items.into_iter().map(|(_, item)| item).collect();
        let mut body = json!({ "value": items });
        if full {
            let mut link = format!("{}{}?api-version={}", call.base, call.path, request.version);
            for name in ["$top", "$filter", "$expand", "$recordsetnamesuffix"] {
                if let Some(value) = call.parameter(name) {
                    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                    link.push_str(&format!("&{name}={value}"));
                }
            }
            let token = encode(format!("after:{last}").as_bytes());
            body["nextLink"] = json!(format!("{link}&$skipToken={token}"));
        }
        Reply::json(200, &body)
    }
}
