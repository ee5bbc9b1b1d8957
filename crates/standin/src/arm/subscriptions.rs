//! Subscriptions, tenants and resource groups: what clients look at before they ask for anything.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Request, Scope, no_such_method, versions};
use crate::{Reply, World};

/// `GET /subscriptions`.
pub(super) fn list(request: &Request<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "subscriptions")?;
    let world = request.state.world();
    let value: Vec<Value> = world.subscriptions.iter().map(|id| show(&world, id)).collect();
    let count = json!({ "type": "Total", "value": value.len() });
    Ok(Reply::json(200, &json!({ "value": value, "count": count })))
}

/// `GET /subscriptions/{id}`.
pub(super) fn get(request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "subscriptions")?;
    Ok(Reply::json(200, &show(&request.state.world(), id)))
}

fn show(world: &World, id: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{id}"), "subscriptionId": id, "tenantId": world.tenant,
        "displayName": "stand-in", "state": "Enabled", "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off",
        },
    })
}

/// `GET /tenants`.
pub(super) fn tenants(request: &Request<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "subscriptions")?;
    let tenant = request.state.world().tenant.clone();
    let value = json!([{ "id": format!("/tenants/{tenant}"), "tenantId": tenant, "tenantCategory": "Home" }]);
    Ok(Reply::json(200, &json!({ "value": value })))
}

/// `GET /subscriptions/{id}/resourcegroups`.
pub(super) fn groups(request: &Request<'_>, subscription: &str) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "subscriptions")?;
    let prefix = format!("{}/", subscription.to_ascii_lowercase());
    let world = request.state.world();
    let groups = world.resource_groups.iter().filter(|(key, _)| key.starts_with(&prefix));
    let value: Vec<Value> = groups.map(|(_, name)| show_group(subscription, name)).collect();
    Ok(Reply::json(200, &json!({ "value": value })))
}

/// One resource group: looked at or made.
pub(super) fn group(request: &Request<'_>, scope: &Scope<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "subscriptions")?;
    let key = key(scope);
    match request.call.method {
        Method::GET => {
            must_have_group(request, scope)?;
            let name = request.state.world().resource_groups.get(&key).cloned().unwrap_or_default();
            Ok(Reply::json(200, &show_group(scope.subscription, &name)))
        }
        Method::HEAD => {
            let known = request.state.world().resource_groups.contains_key(&key);
            Ok(Reply::empty(if known { 204 } else { 404 }))
        }
        Method::PUT => {
            let body = request.call.json()?;
            if body.get("location").and_then(Value::as_str).is_none() {
                let message = "The location property is required for this definition.";
                return Err(Reply::wrapped(400, "LocationRequired", message));
            }
            let name = scope.group.unwrap_or_default().to_owned();
            let before = request.state.world_mut().resource_groups.insert(key, name.clone());
            let status = if before.is_some() { 200 } else { 201 };
            Ok(Reply::json(status, &show_group(scope.subscription, &name)))
        }
        _ => Err(no_such_method(&request.call.method)),
    }
}

/// # Errors
/// The wrapped 404 when the scope's group does not exist.
pub(super) fn must_have_group(request: &Request<'_>, scope: &Scope<'_>) -> Result<(), Reply> {
    if request.state.world().resource_groups.contains_key(&key(scope)) {
        return Ok(());
    }
    let message = format!("Resource group '{}' could not be found.", scope.group.unwrap_or_default());
    Err(Reply::wrapped(404, "ResourceGroupNotFound", &message))
}

fn key(scope: &Scope<'_>) -> String {
    format!("{}/{}", scope.subscription, scope.group.unwrap_or_default()).to_ascii_lowercase()
}

fn show_group(subscription: &str, name: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{subscription}/resourceGroups/{name}"), "name": name,
        "type": "Microsoft.Resources/resourceGroups", "location": "westeurope",
        "properties": { "provisioningState": "Succeeded" },
    })
}
