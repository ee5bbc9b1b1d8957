//! The table `resourcechanges`: what was changed through Resource Manager, and by whom.

use serde_json::{Map, Value, json};

use super::scope::Scope;
use crate::World;
use crate::world::{Change, ChangeKind, ResourceId};

/// Its rows, the oldest change first.
pub(super) fn rows(world: &World, scope: &Scope) -> Vec<Map<String, Value>> {
    world.changes.iter().filter_map(|change| row(world, scope, change)).collect()
}

fn row(world: &World, scope: &Scope, change: &Change) -> Option<Map<String, Value>> {
    let id = ResourceId::parse(&change.target)?;
    let is_shown = scope.shows(world, &change.target_type, &change.target);
    if !is_shown || !scope.subscriptions.contains(&id.subscription.to_ascii_lowercase()) {
        return None;
    }
    let mut properties = json!({
        "targetResourceId": change.target, "targetResourceType": change.target_type.to_ascii_lowercase(),
        "changeType": change.kind.as_str(),
        "changeAttributes": {
            "timestamp": format!("{:.3}", change.at), "changesCount": change.properties.len(),
            "correlationId": change.id, "changedBy": change.by, "changedByType": "Application",
            "clientType": "Unspecified", "operation": change.operation.to_ascii_lowercase(),
        },
    });
    if change.kind == ChangeKind::Update {
        properties["changes"] = Value::Object(change.properties.clone());
    }
    let row = json!({
        "id": format!("{}/providers/Microsoft.Resources/changes/{}", change.target, change.id),
        "name": change.id, "type": "microsoft.resources/changes", "tenantId": world.tenant,
        "resourceGroup": id.group.to_ascii_lowercase(), "subscriptionId": &*id.subscription,
        "properties": properties,
    });
    match row {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
