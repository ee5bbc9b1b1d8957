//! Resource Manager's front door: token, api-version, subscription and group, then the provider.

mod conditions;
pub(crate) mod deployments;
mod dnssec;
mod export;
mod groups;
mod headers;
mod history;
mod links;
mod locks;
mod machines;
mod management_groups;
pub(crate) mod monitor;
pub(crate) mod operations;
mod paging;
mod permissions;
mod providers;
mod published;
mod record_sets;
mod request;
mod resources;
mod rights;
mod set_body;
mod subscriptions;
mod tag_names;
mod tag_rules;
mod tags;
pub(crate) mod versions;
mod zones;

use std::sync::Arc;

use axum::http::Method;
use serde_json::json;

use crate::access::{self, Audience};
use crate::world::ZoneKind;
use crate::{Call, Reply, State, resource_graph};

pub(crate) use request::{Request, Scope, no_such_method, nothing_here};

/// Answers a call to Resource Manager and adds the ids and budgets that every answer carries
/// (contract azure-resource-manager, section 1.2).
pub(crate) fn answer(state: &Arc<State>, call: &Call) -> Reply {
    headers::dress(call, admit(state, call).unwrap_or_else(|refusal| refusal))
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
    check_media_type(call)?;
    let request = Request { state, call, caller, version };
    let segments = call.segments();
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        ["subscriptions"] => subscriptions::list(&request),
        ["tenants"] => subscriptions::tenants(&request),
        ["providers"] => providers::answer(&request, None, &[]),
        ["providers", namespace] => providers::answer(&request, None, &[namespace]),
        ["providers", "microsoft.resourcegraph", "resources"] => resource_graph::answer(&request),
        ["providers", "microsoft.management", "managementgroups", ..] => {
            management_groups::answer(&request, segments.get(3..).unwrap_or_default())
        }
        ["subscriptions", _, ..] => {
            history::watched(&request, &segments, || below_subscription(&request, &segments, &lower))
        }
        _ => Err(nothing_here(call)),
    }
}

/// A body is JSON and says so; a call without one need not say anything.
fn check_media_type(call: &Call) -> Result<(), Reply> {
    let given = call.header("content-type").and_then(|given| given.split(';').next()).map(str::trim);
    let writes = matches!(call.method, Method::PUT | Method::PATCH | Method::POST);
    if !writes
        || call.body.is_empty()
        || given.is_some_and(|given| given.eq_ignore_ascii_case("application/json"))
    {
        return Ok(());
    }
    let given = given.unwrap_or("<null>");
    let message =
        format!("The content media type '{given}' is not supported. Only 'application/json' is supported.");
    Err(Reply::wrapped(415, "UnsupportedMediaType", &message))
}

fn below_subscription(request: &Request<'_>, segments: &[String], lower: &[&str]) -> Result<Reply, Reply> {
    let subscription = segments.get(1).map(String::as_str).unwrap_or_default();
    if !request.state.world().subscriptions.contains(&subscription.to_ascii_lowercase()) {
        let message = format!("The subscription '{subscription}' could not be found.");
        return Err(Reply::wrapped(404, "SubscriptionNotFound", &message));
    }
    let group = segments.get(3).map(String::as_str);
    if let (Some(&"resourcegroups"), Some(name)) = (lower.get(2), group) {
        groups::check_name(name)?;
    }
    rights::check(request, segments)?;
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
    if let [.., "providers", "microsoft.authorization", "permissions"] = lower {
        return permissions::answer(request, &without(3));
    }
    if let [.., "providers", "microsoft.resources", "tags", "default"] = lower {
        return tags::answer(request, &without(4));
    }
    match lower.get(2..).unwrap_or_default() {
        [] => subscriptions::get(request, subscription),
        ["resources"] => resources::list(request, on_subscription),
        ["tagnames", ..] => tag_names::answer(request, subscription, segments.get(3..).unwrap_or_default()),
        ["operationresults", _] => groups::deletion(request),
        ["resourcegroups"] => groups::list(request, subscription),
        ["resourcegroups", _] => groups::one(request, on_group),
        ["resourcegroups", _, "resources"] => {
            groups::must_exist(request, on_group)?;
            resources::list(request, on_group)
        }
        ["resourcegroups", _, "exporttemplate"] => {
            groups::must_exist(request, on_group)?;
            export::answer(request, on_group)
        }
        ["providers"] => providers::answer(request, Some(subscription), &[]),
        ["providers", namespace] => providers::answer(request, Some(subscription), &[namespace]),
        // What a deployment did is found without the provider as well.
        ["deployments", _, "operations", ..] => {
            let rest = segments.get(3..).unwrap_or_default();
            deployments::answer(request, &on_subscription, rest)
        }
        ["resourcegroups", _, "deployments", _, "operations", ..] => {
            groups::must_exist(request, on_group)?;
            deployments::answer(request, &on_group, segments.get(5..).unwrap_or_default())
        }
        ["providers", namespace, "register"] => {
            providers::answer(request, Some(subscription), &[namespace, "register"])
        }
        ["providers", namespace, rest @ ..] => {
            provider(request, on_subscription, namespace, rest, segments.get(4..).unwrap_or_default())
        }
        ["resourcegroups", _, "providers", namespace, rest @ ..] => {
            groups::must_exist(request, on_group)?;
            provider(request, on_group, namespace, rest, segments.get(6..).unwrap_or_default())
        }
        _ => Err(nothing_here(request.call)),
    }
}

/// Hands a call to the provider of a resource; `lower` and `given` are the segments after the namespace.
fn provider(
    request: &Request<'_>,
    scope: Scope<'_>,
    namespace: &str,
    lower: &[&str],
    given: &[String],
) -> Result<Reply, Reply> {
    let kind = |kind: &&str| ZoneKind::of(&format!("{namespace}/{kind}"));
    match (namespace, lower) {
        ("microsoft.network", [resource, rest @ ..]) if kind(resource).is_some() => {
            let kind = kind(resource).unwrap_or(ZoneKind::Public);
            let below = rest.get(1).map(|below| format!("/{below}")).unwrap_or_default();
            versions::check(request, namespace, &format!("{resource}{below}"))?;
            let answered = match rest {
                [] => zones::list(request, scope, kind),
                [_] => zones::one(request, scope, kind, &given[1]),
                [_, "virtualnetworklinks"] if kind == ZoneKind::Private => {
                    links::list(request, scope, &given[1])
                }
                [_, "virtualnetworklinks", _] if kind == ZoneKind::Private => {
                    links::one(request, scope, &given[1], &given[3])
                }
                [_, "dnssecconfigs", rest @ ..] => dnssec::answer(request, scope, &given[1], rest),
                _ => record_sets::answer(request, scope, kind, &given[1..]),
            };
            answered.map(Reply::with_escaped_slashes)
        }
        (
            "microsoft.network",
            [
                kind @ ("dnsoperationstatuses"
                | "dnsoperationresults"
                | "privatednsoperationstatuses"
                | "privatednsoperationresults"),
                _,
            ],
        ) => zones::operation(request, kind),
        ("microsoft.network", ["dnsresourcereferencerequest" | "getdnsresourcereference"]) => {
            versions::check(request, namespace, lower[0])?;
            zones::references(request)
        }
        // No world holds any; clients ask before they change a record set that might follow one.
        ("microsoft.network", ["trafficmanagerprofiles"]) if request.call.method == Method::GET => {
            versions::check(request, namespace, lower[0])?;
            Ok(Reply::json(200, &json!({ "value": [] })))
        }
        ("microsoft.resources", ["deployments", ..]) => deployments::answer(request, &scope, &given[1..]),
        (_, [resource, ..]) if monitor::serves(namespace, resource) => {
            monitor::answer(request, scope, namespace, given)
        }
        (_, [resource, ..]) if machines::is_machine(namespace, resource) => {
            versions::check(request, namespace, resource)?;
            machines::answer(request, scope, &format!("{namespace}/{resource}"), &given[1..])
        }
        _ => Err(versions::not_served(request, namespace)),
    }
}
