//! Code and message of an answer that refuses, read out of a body that may be anything.

use serde_json::Value;

use crate::azure::redact::Secrets;

/// The longest piece of a foreign text that is kept for people, in characters.
const KEPT: usize = 400;

/// What an error body says.
///
/// Azure's front door wraps code and message in `error`, the DNS provider does not (contract azure-resource-manager,
/// section 1.3); Log Analytics says what is wrong in the innermost `innererror` (contract azure-monitor, section 4.4).
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// The code of the body, else that of the header `x-ms-error-code`.
    pub(crate) code: Option<String>,
    /// The service's own message; empty without.
    pub(crate) message: String,
    /// The beginning of a body that is no error document: proxies answer with pages, or with nothing.
    pub(crate) detail: String,
}

impl Words {
    pub(crate) fn read(header: Option<&str>, body: &[u8], secrets: &Secrets) -> Self {
        let header = header.map(|text| line(text, secrets)).filter(|text| !text.is_empty());
        let mut words = match serde_json::from_slice::<Value>(body) {
            Ok(value @ Value::Object(_)) => Self::of(&value, secrets),
            _ => Self::default(),
        };
        if words.code.is_none() && words.message.is_empty() {
            // Four times as much as is kept: what is hidden in it shrinks.
            words.detail = line(&String::from_utf8_lossy(&body[..body.len().min(16 * KEPT)]), secrets);
        }
        // The header is more exact than the body where both speak (contract azure-sdk-for-rust, section 5).
        words.code = header.or(words.code);
        words
    }

    /// Code and message of a parsed error document.
    pub(crate) fn of(value: &Value, secrets: &Secrets) -> Self {
        let error = value.get("error").filter(|error| error.is_object()).unwrap_or(value);
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).map(|text| line(text, secrets)).unwrap_or_default()
        };
        let mut messages = vec![text(error, "message")];
        let mut inner = error.get("innererror");
        while let Some(deeper) = inner.filter(|inner| inner.is_object() && messages.len() < 8) {
            messages.push(text(deeper, "message"));
            inner = deeper.get("innererror");
        }
        let details = error.get("details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        messages.extend(details.iter().take(3).map(|detail| text(detail, "message")));
        messages.retain(|message| !message.is_empty());
        messages.dedup();
        let code = Some(text(error, "code")).filter(|code| !code.is_empty());
        Self { code, message: messages.join(": "), detail: String::new() }
    }
}

/// The code that stands in a JSON body, and nowhere else: a page has none.
pub(crate) fn code_of_body(body: &[u8]) -> Option<String> {
    let value = serde_json::from_slice::<Value>(body).ok()?;
    let error = value.get("error").filter(|error| error.is_object()).unwrap_or(&value);
    error.get("code")?.as_str().map(str::to_owned)
}

/// Where the innermost `innererror` with a place says a query is wrong: its `line` is counted from 1, its `pos` from 0
/// (contract azure-monitor, section 4.4).
pub(super) fn place_in_query(body: &[u8]) -> Option<(usize, usize)> {
    let value = serde_json::from_slice::<Value>(body).ok()?;
    let number = |value: &Value, name: &str| value.get(name)?.as_u64()?.try_into().ok();
    let mut found = None;
    let mut inner = value.get("error").and_then(|error| error.get("innererror"));
    for _ in 0..8 {
        let Some(deeper) = inner else { break };
        if let (Some(line), Some(pos)) = (number(deeper, "line"), number(deeper, "pos")) {
            found = Some((line, usize::saturating_add(pos, 1)));
        }
        inner = deeper.get("innererror");
    }
    found
}

/// One line of bounded length, without control characters and without secrets.
pub(super) fn line(text: &str, secrets: &Secrets) -> String {
    let hidden = secrets.hide(text);
    let line: String = hidden.chars().map(|c| if c.is_control() { ' ' } else { c }).take(KEPT).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> (String, String, String) {
        let words = Words::read(None, body.as_bytes(), &Secrets::default());
        (words.code.unwrap_or_default(), words.message, words.detail)
    }

    fn said(code: &str, message: &str) -> (String, String, String) {
        (code.to_owned(), message.to_owned(), String::new())
    }

    #[test]
    fn both_envelopes_are_read() {
        let bare = r#"{"code":"NotFound","message":"No record 'web09'."}"#;
        let wrapped = r#"{"error":{"code":"ResourceNotFound","message":"Zone \"example.net\"\nis absent."}}"#;
        assert_eq!(words(bare), said("NotFound", "No record 'web09'."));
        assert_eq!(words(wrapped), said("ResourceNotFound", "Zone \"example.net\" is absent."));
    }

    #[test]
    fn the_innermost_error_of_a_query_is_told() {
        let body = r#"{"error":{"message":"outer","code":"BadArgumentError","innererror":
            {"code":"SyntaxError","message":"middle","innererror":{"code":"SYN0002","message":"near 'joyn'"}}}}"#;
        assert_eq!(words(body), said("BadArgumentError", "outer: middle: near 'joyn'"));
    }

    #[test]
    fn pages_nothing_and_nonsense_are_kept_apart_from_what_a_service_says() {
        let page = |detail: &str| (String::new(), String::new(), detail.to_owned());
        assert_eq!(words(""), page(""));
        assert_eq!(words("<html>\r\n502</html>"), page("<html>  502</html>"));
        assert_eq!(words("[1,2]"), page("[1,2]"));
        assert_eq!(words(r#"{"error":"x"}"#), page(r#"{"error":"x"}"#));
        assert_eq!(words(&"é".repeat(5000)).2.chars().count(), KEPT);
    }

    #[test]
    fn the_header_wins_over_the_body() {
        let body = br#"{"error":{"code":"X","message":"m"}}"#;
        let words = Words::read(Some("ContentLengthLimitExceeded"), body, &Secrets::default());
        assert_eq!(
            (words.code.as_deref(), words.message.as_str()),
            (Some("ContentLengthLimitExceeded"), "m")
        );
        assert_eq!(code_of_body(body).as_deref(), Some("X"));
        assert_eq!(code_of_body(b"<html>NotFound</html>"), None);
    }
}
