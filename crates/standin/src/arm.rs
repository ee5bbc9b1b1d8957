//! Resource Manager's front door: token, api-version, subscription and group, then the provider.

mod conditions;
pub(crate) mod deployments;
mod locks;
mod machines;
mod paging;
mod record_sets;
mod set_body;
mod subscriptions;
mod tags;
pub(crate) mod versions;
mod zones;

use std::sync::Arc;

use axum::http::Method;

use crate::access::{self, Audience, Caller};
use crate::world::{ZoneKind, guid};
use crate::{Call, Reply, State, resource_graph};

/// A call that is past the front door.
pub(crate) struct Request<'c> {
    pub(crate) state: &'c Arc<State>,
    pub(crate) call: &'c Call,
    pub(crate) caller: Caller,
    /// The api-version as sent.
    pub(crate) version: String,
}

/// Where below `/subscriptions` a call points.
pub(crate) struct Scope<'s> {
    pub(crate) subscription: &'s str,
    /// The resource group; none for calls on the subscription.
    pub(crate) group: Option<&'s str>,
}

/// Answers a call to Resource Manager and adds the ids that every answer carries
/// (contract azure-resource-manager, section 1.2).
pub(crate) fn answer(state: &Arc<State>, call: &Call) -> Reply {
    let reply = admit(state, call).unwrap_or_else(|refusal| refusal);
    let correlation = call.header("x-ms-correlation-request-id").map_or_else(guid, str::to_owned);
    // The provider's own budget, in the order of size in which it was recorded (section 1.4); a hint, no promise.
    let remaining = if call.method == Method::GET { "499" } else { "11999" };
    let reply = reply.with_header("x-ms-ratelimit-remaining-subscription-resource-requests", remaining);
    let mut reply =
        reply.with_header("x-ms-request-id", guid()).with_header("x-ms-correlation-request-id", correlation);
    let echo =
        call.header("x-ms-return-client-request-id").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if let Some(id) = call.header("x-ms-client-request-id").filter(|_| echo) {
        reply = reply.with_header("x-ms-client-request-id", id);
    }
    reply
}

fn admit(state: &Arc<State>, call: &Call) -> Result<Reply, Reply> {
    let caller = access::check(state, call, Audience::Management)?;
    let version = call.parameter("api-version").filter(|version| !version.is_empty()).ok_or_else(|| {
        Reply::wrapped(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    })?;
    let request = Request { state, call, caller, version };
    let segments = call.segments();
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        ["subscriptions"] => subscriptions::list(&request),
        ["tenants"] => subscriptions::tenants(&request),
        ["providers", "microsoft.resourcegraph", "resources"] => resource_graph::answer(&request),
        ["subscriptions", _, ..] => below_subscription(&request, &segments, &lower),
        _ => Err(nothing_here(call)),
    }
}

fn below_subscription(request: &Request<'_>, segments: &[String], lower: &[&str]) -> Result<Reply, Reply> {
    let subscription = segments.get(1).map(String::as_str).unwrap_or_default();
    if !request.state.world().subscriptions.contains(&subscription.to_ascii_lowercase()) {
        let message = format!("The subscription '{subscription}' could not be found.");
        return Err(Reply::wrapped(404, "SubscriptionNotFound", &message));
    }
    let group = segments.get(3).map(String::as_str);
    let on_subscription = Scope { subscription, group: None };
    let on_group = Scope { subscription, group };
    let without =
        |last: usize| format!("/{}", segments.get(..segments.len() - last).unwrap_or_default().join("/"));
    match lower {
        [.., "providers", "microsoft.authorization", "locks"] => {
            return locks::answer(request, &without(3), None);
        }
        [.., "providers", "microsoft.authorization", "locks", _] => {
            return locks::answer(request, &without(4), segments.last().map(String::as_str));
        }
        _ => locks::refuse(&request.state.world(), &request.call.method, &without(0))?,
    }
    if let [.., "providers", "microsoft.resources", "tags", "default"] = lower {
        return tags::answer(request, &without(4));
    }
    match lower.get(2..).unwrap_or_default() {
        [] => subscriptions::get(request, subscription),
        ["resourcegroups"] => subscriptions::groups(request, subscription),
        ["resourcegroups", _] => subscriptions::group(request, &on_group),
        ["providers", namespace, rest @ ..] => {
            provider(request, &on_subscription, namespace, rest, segments.get(4..).unwrap_or_default())
        }
        ["resourcegroups", _, "providers", namespace, rest @ ..] => {
            subscriptions::must_have_group(request, &on_group)?;
            provider(request, &on_group, namespace, rest, segments.get(6..).unwrap_or_default())
        }
        _ => Err(nothing_here(request.call)),
    }
}

/// Hands a call to the provider of a resource; `lower` and `given` are the segments after the namespace.
fn provider(
    request: &Request<'_>,
    scope: &Scope<'_>,
    namespace: &str,
    lower: &[&str],
    given: &[String],
) -> Result<Reply, Reply> {
    let kind = |kind: &&str| ZoneKind::of(&format!("{namespace}/{kind}"));
    match (namespace, lower) {
        ("microsoft.network", [resource, rest @ ..]) if kind(resource).is_some() => {
            let kind = kind(resource).unwrap_or(ZoneKind::Public);
            versions::check(request, namespace, resource)?;
            let answered = match rest {
                [] => zones::list(request, scope, kind),
                [_] => zones::one(request, scope, kind, &given[1]),
                [_, "virtualnetworklinks"] if kind == ZoneKind::Private => {
                    zones::links(request, scope, &given[1])
                }
                _ => record_sets::answer(request, scope, kind, &given[1..]),
            };
            answered.map(Reply::with_escaped_slashes)
        }
        ("microsoft.network", ["dnsoperationstatuses" | "dnsoperationresults", _]) => {
            zones::operation(request, lower[0])
        }
        ("microsoft.network", ["dnsresourcereferencerequest" | "getdnsresourcereference"]) => {
            zones::references(request)
        }
        ("microsoft.resources", ["deployments", ..]) => deployments::answer(request, scope, &given[1..]),
        (_, [resource, rest @ ..]) if machines::is_machine(namespace, resource) => {
            versions::check(request, namespace, resource)?;
            machines::answer(request, scope, &format!("{namespace}/{resource}"), rest)
        }
        _ => {
            let message = format!(
                "The resource type could not be found in the namespace '{namespace}' for api version '{}'.",
                request.version
            );
            Err(Reply::wrapped(404, "InvalidResourceType", &message))
        }
    }
}

/// The 404 for a path that means nothing.
pub(crate) fn nothing_here(call: &Call) -> Reply {
    Reply::wrapped(404, "NotFound", &format!("Nothing answers at '{}'.", call.path))
}

/// The 405 for a method that a resource does not know.
pub(crate) fn no_such_method(method: &Method) -> Reply {
    let message = format!("The requested resource does not support http method '{method}'.");
    Reply::wrapped(405, "HttpMethodNotSupported", &message)
}
