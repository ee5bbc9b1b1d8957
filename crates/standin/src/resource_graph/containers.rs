//! The table `resourcecontainers`: management groups, subscriptions and resource groups.

use serde_json::{Map, Value, json};

use super::scope::Scope;
use crate::World;
use crate::world::{Group, GroupName};

/// Its rows.
pub(super) fn rows(world: &World, scope: &Scope) -> Vec<Map<String, Value>> {
    let groups = scope.groups.iter().filter_map(|name| world.group_named(name));
    let mut rows: Vec<Value> = groups.map(|group| management_group(world, &group)).collect();
    rows.extend(scope.subscriptions.iter().map(|id| subscription(world, id)));
    let inside = |key: &str| {
        let subscription = key.split('/').next().unwrap_or_default();
        scope.subscriptions.contains(subscription).then(|| subscription.to_owned())
    };
    rows.extend(
        world
            .resource_groups
            .iter()
            .filter_map(|(key, group)| Some(resource_group(world, &inside(key)?, group))),
    );
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    rows.into_iter()
        .filter(|row| scope.shows(world, &text(row, "type"), &text(row, "id")))
        .filter_map(|row| match row {
            Value::Object(members) => Some(members),
            _ => None,
        })
        .collect()
}

fn chain(above: &[GroupName]) -> Value {
    above.iter().map(|group| json!({ "name": group.name, "displayName": group.display_name })).collect()
}

fn management_group(world: &World, group: &GroupName) -> Value {
    let above = world.groups_above(&group.name);
    let mut details = json!({
        "version": 1, "managementGroupAncestors": above.iter().map(|group| &group.name).collect::<Vec<_>>(),
        "managementGroupAncestorsChain": chain(&above),
    });
    if let Some(parent) = above.first() {
        details["parent"] =
            json!({ "id": parent.id(), "name": parent.name, "displayName": parent.display_name });
    }
    json!({
        "id": group.id(), "name": group.name, "type": "microsoft.management/managementgroups",
        "tenantId": world.tenant,
        "properties": { "tenantId": world.tenant, "displayName": group.display_name, "details": details },
    })
}

fn subscription(world: &World, id: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{id}"), "name": "stand-in", "type": "microsoft.resources/subscriptions",
        "tenantId": world.tenant, "subscriptionId": id,
        "tags": world.subscription_tags.get(id).cloned().flatten(),
        "properties": {
            "managedByTenants": [], "state": "Enabled",
            "managementGroupAncestorsChain": chain(&world.groups_above_subscription(id)),
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off",
            },
        },
    })
}

fn resource_group(world: &World, subscription: &str, group: &Group) -> Value {
    json!({
        "id": format!("/subscriptions/{subscription}/resourceGroups/{}", group.name), "name": group.name,
        "type": "microsoft.resources/subscriptions/resourcegroups", "tenantId": world.tenant,
        "location": group.location, "resourceGroup": group.name.to_ascii_lowercase(),
        "subscriptionId": subscription, "tags": group.tags,
        "properties": { "provisioningState": "Succeeded" },
    })
}
