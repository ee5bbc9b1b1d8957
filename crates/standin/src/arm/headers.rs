//! The ids and remaining budgets that each answer carries (contract azure-resource-manager, sections 1.2, 1.4, 11.1).

use axum::http::Method;

use crate::world::guid;
use crate::{Call, Reply};

/// Adds them to an answer. The numbers are those that were recorded; hints, no promises.
pub(super) fn dress(call: &Call, mut reply: Reply) -> Reply {
    let correlation = call.header("x-ms-correlation-request-id").map_or_else(guid, str::to_owned);
    let client = call.header("x-ms-client-request-id").filter(|id| !id.is_empty());
    let segments: Vec<String> = call.segments().iter().map(|segment| segment.to_ascii_lowercase()).collect();
    // What stands behind the last namespace answers: tags of a zone are Resource Manager's.
    let at = segments.iter().rposition(|segment| segment == "providers");
    let below = at.and_then(|at| segments.get(at + 1..)).unwrap_or_default();
    let is_read = matches!(call.method, Method::GET | Method::HEAD);
    let namespace = below.first().map(String::as_str);
    let (budget, remaining) = match namespace {
        Some("microsoft.network") => {
            ("subscription-resource-requests", if is_read { "499" } else { "11999" })
        }
        Some("microsoft.resourcegraph") => ("tenant-resource-requests", "14"),
        _ if is_read => ("subscription-reads", "11999"),
        _ if call.method == Method::DELETE => ("subscription-deletes", "14999"),
        _ => ("subscription-writes", "1199"),
    };
    reply = reply.with_header(&format!("x-ms-ratelimit-remaining-{budget}"), remaining);
    let is_of_dns = namespace == Some("microsoft.network");
    // Namespace and type, or those with a zone and a type below it: a list.
    if is_of_dns && call.method == Method::GET && below.len().is_multiple_of(2) {
        reply = reply.with_header("x-ms-ratelimit-remaining-subscription-resource-entities-read", "59999");
    }
    // The DNS provider takes the caller's id for its own.
    let own = if is_of_dns { client.map_or_else(guid, hyphened) } else { correlation.clone() };
    reply = reply.with_header("x-ms-request-id", own).with_header("x-ms-correlation-request-id", correlation);
    let echo =
        call.header("x-ms-return-client-request-id").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    match client.filter(|_| echo) {
        Some(id) => reply.with_header("x-ms-client-request-id", id),
        None => reply,
    }
}

/// A GUID with its hyphens, which clients may leave out.
fn hyphened(id: &str) -> String {
    let is_bare = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_bare {
        return id.to_owned();
    }
    [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-")
}
