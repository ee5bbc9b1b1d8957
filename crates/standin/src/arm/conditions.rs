//! Conditional requests: `If-Match` and `If-None-Match` (contract azure-resource-manager, sections 2.4 and 2.6).

use crate::{Call, Reply};

/// Judges the conditions of a write against the etag of what is there; none: nothing is there. `what` says what
/// that is, such as `Record set www`.
///
/// # Errors
/// The bare 412 of an unmet condition, or the 400 for an `If-Match` without any etag.
pub(super) fn check(call: &Call, what: &str, present: Option<&str>) -> Result<(), Reply> {
    if let Some(wanted) = call.header("if-match").map(str::trim) {
        if wanted.is_empty() {
            return Err(Reply::bare(400, "BadRequest", "The header If-Match must hold an etag or '*'."));
        }
        let holds = match present {
            None => false,
            Some(etag) => wanted.split(',').map(plain).any(|wanted| wanted == "*" || wanted == etag),
        };
        if !holds {
            let message = format!("The {what} has been modified (etag mismatch).");
            return Err(Reply::bare(412, "PreconditionFailed", &message));
        }
    }
    // Only `*` means anything here; other values are ignored.
    if call.header("if-none-match").map(plain) == Some("*") && present.is_some() {
        let message = format!("The {what} exists already and hence cannot be created again.");
        return Err(Reply::bare(412, "PreconditionFailed", &message));
    }
    Ok(())
}

/// An etag without the quotes and the weakness mark that some clients add.
fn plain(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}
