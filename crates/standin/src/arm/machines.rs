//! Machines through Resource Manager: one, and lists by subscription and group.

use axum::http::Method;
use serde_json::{Value, json};

use super::paging::Page;
use super::{Request, Scope, no_such_method};
use crate::Reply;
use crate::world::Machine;

/// Whether a resource type is one of the machines that a world can hold.
pub(super) fn is_machine(namespace: &str, resource: &str) -> bool {
    matches!(
        (namespace, resource),
        ("microsoft.hybridcompute", "machines") | ("microsoft.compute", "virtualmachines")
    )
}

/// Answers below `…/providers/{kind}`; `rest` holds the machine's name, if any, in lower case.
pub(super) fn answer(
    request: &Request<'_>,
    scope: &Scope<'_>,
    kind: &str,
    rest: &[&str],
) -> Result<Reply, Reply> {
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let group = scope.group.map(|group| format!("/resourceGroups/{group}")).unwrap_or_default();
    let name = rest.first().map(|name| format!("/{name}")).unwrap_or_default();
    let id = format!("/subscriptions/{}{group}/providers/{kind}{name}", scope.subscription);
    must_be_seen(request, scope.subscription, &format!("{kind}/read"), &id)?;
    match (rest, scope.group) {
        ([], _) => list(request, scope, kind),
        ([name], Some(group)) => {
            let world = request.state.world();
            let machine = world.machines.get(&id.to_ascii_lowercase()).ok_or_else(|| {
                let message =
                    format!("The Resource '{kind}/{name}' under resource group '{group}' was not found.");
                Reply::wrapped(404, "ResourceNotFound", &message)
            })?;
            Ok(Reply::json(200, &show(machine, &world.tenant)))
        }
        _ => Err(super::nothing_here(request.call)),
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
    let who = &request.caller;
    let message = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
         '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        who.client_id, who.object_id
    );
    Err(Reply::wrapped(403, "AuthorizationFailed", &message))
}

fn list(request: &Request<'_>, scope: &Scope<'_>, kind: &str) -> Result<Reply, Reply> {
    let mut page = Page::wanted(request.call)?;
    let world = request.state.world();
    for (key, machine) in world.machines.range(page.after.clone()..) {
        let wanted = *key != page.after
            && machine.kind.eq_ignore_ascii_case(kind)
            && machine.id.subscription.eq_ignore_ascii_case(scope.subscription)
            && scope.group.is_none_or(|group| machine.id.group.eq_ignore_ascii_case(group));
        if wanted && !page.push(key.clone(), show(machine, &world.tenant)) {
            break;
        }
    }
    Ok(page.close(request))
}

/// A machine as its provider shows it (contract azure-resource-manager, section 5).
fn show(machine: &Machine, tenant: &str) -> Value {
    let mut properties = json!({
        "provisioningState": "Succeeded", "status": "Connected", "displayName": machine.name,
        "machineFqdn": null, "dnsFqdn": null, "adFqdn": null, "domainName": null,
        "osName": "linux", "osType": "linux", "agentVersion": "1.0.0.0",
    });
    if let (Some(properties), Some(Value::Object(given))) = (properties.as_object_mut(), &machine.properties)
    {
        properties.extend(given.clone());
    }
    json!({
        "id": machine.id.text, "name": machine.name, "type": machine.kind, "location": machine.location,
        "tags": machine.tags,
        "identity": { "type": "SystemAssigned", "tenantId": tenant },
        "properties": properties,
    })
}
