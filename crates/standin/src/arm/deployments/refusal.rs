//! The refusal of a template.

use crate::Reply;

/// The 400 for a template that cannot be.
pub(super) fn invalid(message: impl AsRef<str>) -> Reply {
    let message = format!("Deployment template validation failed: '{}'.", message.as_ref());
    Reply::wrapped(400, "InvalidTemplate", &message)
}
