//! Machines through Resource Manager: one, and lists by subscription and group.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::paging::Page;
use super::request::{Request, Scope, no_such_method, nothing_here};
use super::rights;
use super::tag_rules::{self, Holder};
use super::versions;
use crate::world::record::member_of;
use crate::world::{Machine, ResourceId};
use crate::{Reply, World};

/// Whether a resource type is one of the machines that a world can hold.
pub(super) fn is_machine(namespace: &str, resource: &str) -> bool {
    matches!(
        (namespace, resource),
        ("microsoft.hybridcompute", "machines") | ("microsoft.compute", "virtualmachines")
    )
}

/// Answers below `…/providers/{kind}`; `rest` holds the machine's name, if any, as given.
pub(super) fn answer(
    request: &Request<'_>,
    scope: Scope<'_>,
    kind: &str,
    rest: &[String],
) -> Result<Reply, Reply> {
    let group = scope.group.map(|group| format!("/resourceGroups/{group}")).unwrap_or_default();
    let name = rest.first().map(|name| format!("/{name}")).unwrap_or_default();
    let spelled = versions::spelled(kind);
    let id = format!("/subscriptions/{}{group}/providers/{spelled}{name}", scope.subscription);
    let method = &request.call.method;
    let action = match *method {
        Method::GET | Method::HEAD => "read",
        Method::DELETE => "delete",
        _ => "write",
    };
    must_be_seen(request, scope.subscription, &format!("{kind}/{action}"), &id)?;
    match (rest, scope.group) {
        ([], _) if method == Method::GET => list(request, scope, kind),
        ([], _) => Err(no_such_method(method)),
        ([_], Some(_)) => one(request, &id),
        _ => Err(nothing_here(request.call)),
    }
}

/// # Errors
/// The 403 of a caller without a role, when the subscription is hidden.
pub(super) fn must_be_seen(
    request: &Request<'_>,
    subscription: &str,
    action: &str,
    scope: &str,
) -> Result<(), Reply> {
    if !request.state.hidden.hides(subscription) {
        return Ok(());
    }
    Err(rights::refusal(&request.caller, action, scope))
}

fn list(request: &Request<'_>, scope: Scope<'_>, kind: &str) -> Result<Reply, Reply> {
    let mut page = Page::wanted(request.call)?;
    let world = request.state.world();
    for (key, machine) in world.machines.range(page.after.clone()..) {
        let wanted = *key != page.after
            && machine.kind.eq_ignore_ascii_case(kind)
            && scope.holds(&machine.id.subscription, &machine.id.group);
        if wanted && !page.push(key.clone(), show(machine, &world.tenant)) {
            break;
        }
    }
    Ok(page.close(request))
}

/// One machine: looked at, made, changed, deleted.
fn one(request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    let id = ResourceId::parse(id).ok_or_else(|| nothing_here(request.call))?;
    match request.call.method {
        Method::GET => {
            let world = request.state.world();
            let machine = world.machines.get(&id.key()).ok_or_else(|| missing(&id))?;
            Ok(Reply::json(200, &show(machine, &world.tenant)))
        }
        Method::HEAD => {
            let known = request.state.world().machines.contains_key(&id.key());
            Ok(Reply::empty(if known { 204 } else { 404 }))
        }
        Method::PUT | Method::PATCH => {
            let body = request.call.object()?;
            write(&mut request.state.world_mut(), &request.call.method, id, &body)
        }
        Method::DELETE => {
            let mut world = request.state.world_mut();
            let known = world.machines.contains_key(&id.key());
            world.remove_machine(&id.key());
            Ok(Reply::empty(if known { 200 } else { 204 }))
        }
        _ => Err(no_such_method(&request.call.method)),
    }
}

fn missing(id: &ResourceId) -> Reply {
    let message =
        format!("The Resource '{}/{}' under resource group '{}' was not found.", id.kind, id.name, id.group);
    Reply::wrapped(404, "ResourceNotFound", &message)
}

/// Tags that are given replace all; what a PUT does not name is gone, what a PATCH does not name stays.
fn write(
    world: &mut World,
    method: &Method,
    id: ResourceId,
    members: &Map<String, Value>,
) -> Result<Reply, Reply> {
    let present = world.machines.get(&id.key()).cloned();
    if *method == Method::PATCH && present.is_none() {
        return Err(missing(&id));
    }
    let tags = member_of(members, "tags").map(tag_rules::read).transpose()?;
    if let Some(Some(tags)) = &tags {
        Holder::Other.check(tags)?;
    }
    let location = member_of(members, "location").and_then(Value::as_str);
    let location = location.map(|location| location.replace(' ', "").to_ascii_lowercase());
    let status = if present.is_some() { 200 } else { 201 };
    let mut machine = match present {
        Some(present) if location.as_ref().is_some_and(|location| **location != *present.location) => {
            let message = format!(
                "The resource '{}' already exists in location '{}'. A resource with the same name cannot be created in \
                 location '{}'.",
                id.name,
                present.location,
                location.unwrap_or_default()
            );
            return Err(Reply::wrapped(409, "InvalidResourceLocation", &message));
        }
        Some(present) => present,
        None => Machine {
            name: id.name.clone(),
            kind: id.kind.clone(),
            location: location
                .ok_or_else(|| {
                    let message = "The location property is required for this definition.";
                    Reply::wrapped(400, "LocationRequired", message)
                })?
                .into(),
            tags: None,
            properties: None,
            id,
        },
    };
    if *method == Method::PUT || tags.is_some() {
        machine.tags = tags.flatten();
    }
    if let Some(Value::Object(given)) = member_of(members, "properties").filter(|given| **given != json!({}))
    {
        let present = machine.properties.take();
        let mut properties = present.as_deref().and_then(Value::as_object).cloned().unwrap_or_default();
        properties.extend(given.clone());
        machine.properties = Some(Box::new(Value::Object(properties)));
    }
    let shown = show(&machine, &world.tenant);
    world.put_machine(machine);
    Ok(Reply::json(status, &shown))
}

/// A machine as its provider shows it (contract azure-resource-manager, section 5).
fn show(machine: &Machine, tenant: &str) -> Value {
    let mut properties = json!({
        "provisioningState": "Succeeded", "status": "Connected", "displayName": &*machine.name,
        "machineFqdn": null, "dnsFqdn": null, "adFqdn": null, "domainName": null,
        "osName": "linux", "osType": "linux", "agentVersion": "1.0.0.0",
    });
    if let (Some(properties), Some(Value::Object(given))) =
        (properties.as_object_mut(), machine.properties.as_deref())
    {
        properties.extend(given.clone());
    }
    json!({
        "id": &*machine.id.text, "name": &*machine.name, "type": &*machine.kind, "location": &*machine.location,
        "tags": machine.tags,
        "identity": { "type": "SystemAssigned", "tenantId": tenant },
        "properties": properties,
    })
}
