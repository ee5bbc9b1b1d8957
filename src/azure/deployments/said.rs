//! What a deployment says of what went wrong: errors in errors, some of them JSON in a text, read leniently.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::azure::error::{line, public};
use crate::azure::redact::Secrets;

/// How deep errors lie in each other at most.
const DEEPEST: usize = 8;
/// Octets of a text that is looked into for JSON.
const LARGEST: usize = 64 * 1024;

/// What went wrong, in the words of whoever refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its code; empty where it gave none.
    pub code: String,
    /// Its words; empty where it gave none.
    pub words: String,
}

/// The innermost error of an error.
pub(super) fn said(error: &Value, secrets: &Secrets) -> Option<Said> {
    let (code, words) = innermost(error, DEEPEST)?;
    let told = |text: &str| public(&line(text, secrets));
    Some(Said { code: told(&code), words: told(&words) })
}

/// The resources of a page of operations that failed, by their ids in lower case.
pub(super) fn failures(page: &Value, secrets: &Secrets) -> BTreeMap<String, Said> {
    let operations = page.get("value").and_then(Value::as_array).into_iter().flatten();
    let failed = operations.filter_map(|operation| {
        let properties = operation.get("properties")?;
        let state = properties.get("provisioningState").and_then(Value::as_str)?;
        let id = properties.pointer("/targetResource/id").and_then(Value::as_str)?;
        let failed = state.eq_ignore_ascii_case("Failed");
        let said = said(properties.get("statusMessage").filter(|_| failed)?, secrets)?;
        Some((id.to_ascii_lowercase(), said))
    });
    failed.collect()
}

fn innermost(value: &Value, depth: usize) -> Option<(String, String)> {
    let depth = depth.checked_sub(1)?;
    if let Value::String(text) = value {
        let nested = within(text).and_then(|value| innermost(&value, depth));
        return nested.or_else(|| Some((String::new(), text.clone())));
    }
    let error = value.get("error").filter(|error| error.is_object() || error.is_string()).unwrap_or(value);
    if error.is_string() {
        return innermost(error, depth);
    }
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    let first = error.get("details").and_then(Value::as_array).and_then(|details| details.first());
    let deeper = first.and_then(|first| innermost(first, depth));
    let deeper = deeper.or_else(|| innermost(&within(text("message")?)?, depth));
    deeper.or_else(|| {
        let (code, message) = (text("code").unwrap_or_default(), text("message").unwrap_or_default());
        (!code.is_empty() || !message.is_empty()).then(|| (code.to_owned(), message.to_owned()))
    })
}

/// The document that a text is, if it is one.
fn within(text: &str) -> Option<Value> {
    let is_document = text.len() <= LARGEST && text.trim_start().starts_with('{');
    is_document.then(|| serde_json::from_str(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(error: &Value) -> Option<(String, String)> {
        said(error, &Secrets::default()).map(|said| (said.code, said.words))
    }

    fn pair(code: &str, words: &str) -> Option<(String, String)> {
        Some((code.to_owned(), words.to_owned()))
    }

    #[test]
    fn the_innermost_error_is_found_in_details_and_in_texts() {
        let bare = json!({ "code": "BadRequest", "message": "no" });
        let in_text = json!({ "code": "Conflict", "message": json!({ "error": bare }).to_string() });
        let twice = json!({ "code": "DeploymentFailed", "message": "see", "details": [in_text] });
        for error in [&bare, &json!({ "error": bare }), &in_text, &twice, &json!(twice.to_string())] {
            assert_eq!(told(error), pair("BadRequest", "no"), "{error}");
        }
        assert_eq!(told(&json!({ "status": "Failed", "error": "plain" })), pair("", "plain"));
        assert_eq!(told(&json!("{ no JSON")), pair("", "{ no JSON"));
        assert_eq!(told(&json!({ "details": [] })), None);
        assert_eq!(told(&json!([1])), None);
    }

    #[test]
    fn what_is_told_is_one_line_without_secrets_and_places() {
        let secrets = Secrets::new(["very-secret-word".to_owned()]);
        let error =
            json!({ "code": "No\r\nWay", "message": "ask\nhttps://10.0.0.1/x with very-secret-word" });
        let said = said(&error, &secrets).unwrap();
        assert!(!said.code.contains('\n') && !said.code.contains('\r'), "{said:?}");
        assert!(said.words.starts_with("ask … with "), "{said:?}");
        assert!(!said.words.contains("very-secret-word"), "{said:?}");
    }

    #[test]
    fn what_lies_too_deep_is_not_looked_for() {
        let mut error = json!({ "code": "Inner", "message": "no" });
        for _ in 0..40 {
            error = json!({ "code": "Outer", "message": "x", "details": [error] });
        }
        assert_eq!(told(&error), pair("Outer", "x"));
    }

    #[test]
    fn only_resources_that_failed_are_told_of() {
        let operation = |state: &str, id: &str| {
            let error = json!({ "error": { "code": "Locked", "message": id } });
            json!({ "properties": { "provisioningState": state, "targetResource": { "id": id }, "statusMessage": error } })
        };
        let page =
            json!({ "value": [operation("Failed", "/X/A/a"), operation("Succeeded", "/X/A/b"), 7, {}] });
        let failures = failures(&page, &Secrets::default());
        assert_eq!(failures.keys().collect::<Vec<_>>(), ["/x/a/a"]);
    }
}
