//! Conditional requests: `If-Match` and `If-None-Match` (contract azure-resource-manager, section 2.4).

use crate::{Call, Reply};

/// Judges the conditions of a write against the etag of what is there; none: nothing is there.
///
/// # Errors
/// A 412. Which envelope the service uses is not known, so both occur: bare for `If-Match`, wrapped for
/// `If-None-Match`, as in the contract's samples.
pub(crate) fn check(call: &Call, present: Option<&str>) -> Result<(), Reply> {
    if let Some(wanted) = call.header("if-match").map(str::trim).filter(|wanted| !wanted.is_empty()) {
        let holds = match present {
            None => false,
            Some(etag) => wanted.split(',').map(plain).any(|wanted| wanted == "*" || wanted == etag),
        };
        if !holds {
            let message =
                "The condition in the If-Match header was not satisfied: the resource has another etag.";
            return Err(Reply::bare(412, "PreconditionFailed", message));
        }
    }
    // Only `*` means anything here; other values are ignored.
    if call.header("if-none-match").map(plain) == Some("*") && present.is_some() {
        let message = "The condition in the If-None-Match header was not satisfied: the resource exists.";
        return Err(Reply::wrapped(412, "PreconditionFailed", message));
    }
    Ok(())
}

/// An etag without the quotes and the weakness mark that some clients add.
fn plain(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}
