//! Errors of this service: what is wrong stands in the details.

use serde_json::{Value, json};

use crate::Reply;
use crate::world::guid;

/// What the service said where a token was wanted, in every recorded answer.
const EXPECTED: &str = "\u{1cf}";

/// What parsers call the end of a query.
const END: &str = "<EOF>";

fn refused(status: u16, code: &str, details: &Value) -> Reply {
    let support = format!(
        "Please provide below info when asking for support: timestamp = {}, correlationId = {}.",
        crate::clock::wall(),
        guid()
    );
    Reply::json(status, &json!({ "error": { "code": code, "message": support, "details": details } }))
}

fn refused_for(status: u16, code: &str, detail: &str, message: &str) -> Reply {
    refused(status, code, &json!([{ "code": detail, "message": message }]))
}

/// A body that asks for what cannot be.
pub(super) fn bad(message: impl AsRef<str>) -> Reply {
    refused_for(400, "BadRequest", "InvalidQuery", message.as_ref())
}

/// A management group that the caller may not see, or that is not there.
pub(super) fn no_access() -> Reply {
    let text = "Access is denied to the requested resource. The user might not have enough permission.";
    refused_for(403, "AccessDenied", "AccessDenied", text)
}

/// Subscriptions of which none can be read.
pub(super) fn no_subscriptions() -> Reply {
    let text = "None of the given subscriptions can be read by the caller.";
    refused_for(403, "Forbidden", "NoValidSubscriptionsInQueryRequest", text)
}

/// Too many queries.
pub(super) fn throttled() -> Reply {
    let text = "Client application has been throttled and should not attempt to repeat the request until an amount \
                of time has elapsed.";
    refused_for(429, "RateLimiting", "RateLimiting", text)
}

/// A query that cannot be read, or that names what is not there; `added` characters in front of the first line are
/// not the caller's.
pub(super) fn of_query(added: usize, error: &kql::Error) -> Reply {
    let ours = if error.line == 1 { added } else { 0 };
    let column = error.column.saturating_sub(1).saturating_sub(ours);
    let invalid = json!({
        "code": "InvalidQuery",
        "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix \
                    the error before retrying.",
    });
    let why = match &error.cause {
        kql::Cause::Syntax { found } => json!({
            "code": "ParserFailure", "message": "ParserFailure", "line": error.line,
            "characterPositionInLine": column, "token": if found.is_empty() { END } else { found },
            "expectedToken": EXPECTED,
        }),
        kql::Cause::Unknown { .. } | kql::Cause::OutOfMemory { .. } | kql::Cause::Refused => {
            json!({ "code": "Default", "message": error.message })
        }
    };
    refused(400, "BadRequest", &json!([invalid, why]))
}
