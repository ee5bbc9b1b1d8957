//! Resource providers: `GET /subscriptions/S/providers[/NAMESPACE]`, the same without a subscription, and `register`.

use axum::http::Method;
use serde_json::{Value, json};

use super::published::{self, PROVIDERS, Provider};
use super::request::{Request, no_such_method, nothing_here};
use super::versions;
use crate::Reply;

/// The application in whose name providers do what they are asked for.
const APPLICATION: &str = "00000000-0000-0000-0000-0000000000b1";

/// Answers at `…/providers` and below; `rest` holds what follows it, in lower case. All providers count as
/// registered.
pub(super) fn answer(
    request: &Request<'_>,
    subscription: Option<&str>,
    rest: &[&str],
) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "providers")?;
    let method = &request.call.method;
    match (method, rest) {
        (&Method::GET, []) => {
            let value: Vec<Value> = PROVIDERS.iter().map(|provider| show(provider, subscription)).collect();
            Ok(Reply::json(200, &json!({ "value": value })))
        }
        (&Method::GET, [namespace]) => one(request, subscription, namespace),
        (&Method::POST, [namespace, "register"]) if subscription.is_some() => {
            one(request, subscription, namespace)
        }
        (_, [] | [_] | [_, "register"]) => Err(no_such_method(method)),
        _ => Err(nothing_here(request.call)),
    }
}

fn one(request: &Request<'_>, subscription: Option<&str>, namespace: &str) -> Result<Reply, Reply> {
    let provider = published::provider(namespace);
    let provider = provider.ok_or_else(|| versions::not_served(request, namespace))?;
    Ok(Reply::json(200, &show(provider, subscription)))
}

fn show(provider: &Provider, subscription: Option<&str>) -> Value {
    let above = subscription.map(|id| format!("/subscriptions/{id}")).unwrap_or_default();
    let types: Vec<Value> = provider
        .types
        .iter()
        .map(|known| {
            let versions: Vec<&str> = known.versions().rev().collect();
            let mut shown = json!({
                "resourceType": known.name, "locations": known.locations, "apiVersions": versions,
                "capabilities": known.capabilities,
            });
            if let Some(version) = known.first_choice {
                shown["defaultApiVersion"] = json!(version);
            }
            if !known.profiles.is_empty() {
                let profile =
                    |(name, version): &(&str, &str)| json!({ "profileVersion": name, "apiVersion": version });
                shown["apiProfiles"] = known.profiles.iter().map(profile).collect();
            }
            shown
        })
        .collect();
    let mut shown = json!({
        "id": format!("{above}/providers/{}", provider.namespace),
        "namespace": provider.namespace, "resourceTypes": types,
    });
    if subscription.is_some() {
        shown["registrationState"] = json!("Registered");
        let policy = if provider.is_own { "RegistrationFree" } else { "RegistrationRequired" };
        shown["registrationPolicy"] = json!(policy);
        shown["authorizations"] = json!([{ "applicationId": APPLICATION }]);
    }
    shown
}
