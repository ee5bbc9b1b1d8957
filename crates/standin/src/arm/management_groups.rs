//! Management groups: listed, and looked at with what lies below them.

use axum::http::Method;
use serde_json::{Value, json};

use super::request::{Request, no_such_method, nothing_here};
use super::versions;
use crate::world::GroupName;
use crate::{Reply, World};

const TYPE: &str = "Microsoft.Management/managementGroups";

/// Answers below `/providers/Microsoft.Management/managementGroups`; `rest` is what follows, as given.
pub(super) fn answer(request: &Request<'_>, rest: &[String]) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.management", "managementgroups")?;
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let world = request.state.world();
    match rest {
        [] => {
            let value: Vec<Value> = world.all_groups().iter().map(|group| listed(&world, group)).collect();
            Ok(Reply::json(200, &json!({ "value": value })))
        }
        [name] => Ok(Reply::json(200, &shown(request, &world, &find(request, &world, name, "read")?))),
        [name, what] if what.eq_ignore_ascii_case("descendants") => {
            let group = find(request, &world, name, "descendants/read")?;
            let mut value = Vec::new();
            add_descendants(&world, &group, &mut value);
            Ok(Reply::json(200, &json!({ "value": value })))
        }
        _ => Err(nothing_here(request.call)),
    }
}

/// A group that is not there is answered like one that the caller may not see.
fn find(request: &Request<'_>, world: &World, name: &str, action: &str) -> Result<GroupName, Reply> {
    world.group_named(name).ok_or_else(|| {
        let who = &request.caller;
        let message = format!(
            "The client '{}' with object id '{}' does not have authorization to perform action '{TYPE}/{action}' over \
             scope '/providers/{TYPE}/{name}' or the scope is invalid. If access was recently granted, please refresh \
             your credentials.",
            who.client_id, who.object_id
        );
        Reply::wrapped(403, "AuthorizationFailed", &message)
    })
}

fn listed(world: &World, group: &GroupName) -> Value {
    json!({
        "id": group.id(), "type": TYPE, "name": group.name,
        "properties": { "tenantId": world.tenant, "displayName": group.display_name },
    })
}

/// A group with its parent, and what `$expand` and `$recurse` ask for.
fn shown(request: &Request<'_>, world: &World, group: &GroupName) -> Value {
    let mut shown = listed(world, group);
    let above = world.groups_above(&group.name);
    let brief = |group: &GroupName| json!({ "id": group.id(), "name": group.name, "displayName": group.display_name });
    let mut details =
        json!({ "version": 1, "updatedTime": "2026-01-01T00:00:00Z", "updatedBy": world.tenant });
    if let Some(parent) = above.first() {
        details["parent"] = brief(parent);
    }
    let expand = request.call.parameter("$expand").unwrap_or_default().to_ascii_lowercase();
    match expand.as_str() {
        "children" => {
            let recurse = request.call.parameter("$recurse");
            let recurse = recurse.is_some_and(|recurse| recurse.eq_ignore_ascii_case("true"));
            shown["properties"]["children"] = children(world, group, recurse);
        }
        "path" => {
            let down = above.iter().rev().chain([group]);
            details["path"] =
                down.map(|group| json!({ "name": group.name, "displayName": group.display_name })).collect();
        }
        "ancestors" => {
            details["managementGroupAncestors"] = above.iter().map(|group| json!(group.name)).collect();
            details["managementGroupAncestorsChain"] = above
                .iter()
                .map(|group| json!({ "name": group.name, "displayName": group.display_name }))
                .collect();
        }
        _ => {}
    }
    shown["properties"]["details"] = details;
    shown
}

/// What lies right below a group, and with `recurse` what lies below that; null for nothing.
fn children(world: &World, group: &GroupName, recurse: bool) -> Value {
    let mut all = Vec::new();
    for child in world.groups_below(&group.name) {
        let mut shown = json!({
            "type": TYPE, "id": child.id(), "name": child.name, "displayName": child.display_name,
        });
        if recurse {
            shown["children"] = children(world, &child, recurse);
        }
        all.push(shown);
    }
    all.extend(world.subscriptions_below(&group.name).into_iter().map(|id| {
        json!({
            "type": "/subscriptions", "id": format!("/subscriptions/{id}"), "name": id, "displayName": "stand-in",
        })
    }));
    if all.is_empty() { Value::Null } else { Value::Array(all) }
}

fn add_descendants(world: &World, group: &GroupName, all: &mut Vec<Value>) {
    let parent = json!({ "id": group.id() });
    for child in world.groups_below(&group.name) {
        all.push(json!({
            "id": child.id(), "type": TYPE, "name": child.name,
            "properties": { "displayName": child.display_name, "parent": parent },
        }));
        add_descendants(world, &child, all);
    }
    all.extend(world.subscriptions_below(&group.name).into_iter().map(|id| {
        json!({
            "id": format!("/subscriptions/{id}"), "type": "/subscriptions", "name": id,
            "properties": { "displayName": "stand-in", "parent": parent },
        })
    }));
}
