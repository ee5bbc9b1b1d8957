//! Subscriptions and tenants: what clients look at before they ask for anything.

use axum::http::Method;
use serde_json::{Value, json};

use super::request::{Request, no_such_method};
use super::versions;
use crate::{Reply, World};

/// `GET /subscriptions`.
pub(super) fn list(request: &Request<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "subscriptions")?;
    let world = request.state.world();
    let roles = world.roles_of(&request.caller.object_id);
    let seen = world.subscriptions.iter().filter(|id| roles.is_none_or(|roles| world.sees(roles, id)));
    let value: Vec<Value> = seen.map(|id| show(&world, id)).collect();
    let count = json!({ "type": "Total", "value": value.len() });
    Ok(Reply::json(200, &json!({ "value": value, "count": count })))
}

/// `GET /subscriptions/{id}`.
pub(super) fn get(request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "subscriptions")?;
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    Ok(Reply::json(200, &show(&request.state.world(), id)))
}

fn show(world: &World, id: &str) -> Value {
    let mut shown = json!({
        "id": format!("/subscriptions/{id}"), "subscriptionId": id, "tenantId": world.tenant,
        "displayName": "stand-in", "state": "Enabled", "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off",
        },
    });
    if let Some(Some(tags)) = world.subscription_tags.get(&id.to_ascii_lowercase()) {
        shown["tags"] = json!(tags);
    }
    shown
}

/// `GET /tenants`.
pub(super) fn tenants(request: &Request<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "tenants")?;
    let tenant = request.state.world().tenant.clone();
    let value = json!([{ "id": format!("/tenants/{tenant}"), "tenantId": tenant, "tenantCategory": "Home" }]);
    Ok(Reply::json(200, &json!({ "value": value })))
}
