//! DNS zones of both providers: lists, one zone, and what hangs on it.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::conditions::{self, Subject};
use super::operations::Outcome;
use super::paging::Page;
use super::request::{Request, Scope, no_such_method};
use super::tag_rules::{self, Holder};
use crate::quotas::Operation;
use crate::world::record::member_of;
use crate::world::{Holding, ResourceId, Zone, ZoneKind};
use crate::{Reply, World};

/// The zones of a subscription or a group.
pub(super) fn list(request: &Request<'_>, scope: Scope<'_>, kind: ZoneKind) -> Result<Reply, Reply> {
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let counted = format!("{}/{}", scope.subscription, scope.group.unwrap_or_default());
    request.state.quotas.dns(&counted, kind, Operation::ZoneList, "")?;
    let mut page = Page::wanted(request.call)?;
    let world = request.state.world();
    for (key, zone) in world.zones.range(page.after.clone()..) {
        let wanted =
            *key != page.after && zone.kind == kind && scope.holds(&zone.id.subscription, &zone.id.group);
        if wanted && !page.push(key.clone(), shown(request, zone)) {
            break;
        }
    }
    Ok(page.close(request))
}

/// The id that a zone has in this scope.
pub(super) fn id_of(scope: &Scope<'_>, kind: ZoneKind, name: &str) -> Result<ResourceId, Reply> {
    let resource = match kind {
        ZoneKind::Public => "dnsZones",
        ZoneKind::Private => "privateDnsZones",
    };
    let id = scope.group.and_then(|group| {
        ResourceId::parse(&format!(
            "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.Network/{resource}/{name}",
            scope.subscription
        ))
    });
    id.ok_or_else(|| Reply::wrapped(404, "InvalidResourceType", "A zone lies in a resource group."))
}

/// The zone of an id. A missing zone is Resource Manager's own 404, unlike a missing record set; one that was there
/// is the provider's, as bare as that of a record set (contract azure-resource-manager, section 2.6).
pub(super) fn find<'w>(world: &'w World, id: &ResourceId) -> Result<&'w Zone, Reply> {
    world.zones.get(&id.key()).ok_or_else(|| missing(world, id))
}

/// The same, to change it.
pub(super) fn find_mut<'w>(world: &'w mut World, id: &ResourceId) -> Result<&'w mut Zone, Reply> {
    // Looked for first, because the refusal has to look at the world too.
    find(world, id)?;
    world.zones.get_mut(&id.key()).ok_or_else(|| unknown(id))
}

/// The same, to write what lies below it.
pub(super) fn find_parent<'w>(world: &'w mut World, id: &ResourceId) -> Result<&'w mut Zone, Reply> {
    let key = id.key();
    if !world.zones.contains_key(&key) && !world.deleted_zones.contains(&key) {
        let message = format!(
            "Can not perform requested operation on nested resource. Parent resource '{}' not found.",
            id.name
        );
        return Err(Reply::wrapped(404, "ParentResourceNotFound", &message));
    }
    find_mut(world, id)
}

/// The 404 for a zone that is not there.
fn missing(world: &World, id: &ResourceId) -> Reply {
    if !world.deleted_zones.contains(&id.key()) {
        return unknown(id);
    }
    let message = format!("The zone '{}' does not exist in {}.", id.name.to_ascii_lowercase(), place(id));
    Reply::bare(404, "NotFound", &message)
}

/// Group and subscription in the provider's words.
pub(super) fn place(id: &ResourceId) -> String {
    format!("resource group '{}' of subscription '{}'", id.group.to_ascii_lowercase(), id.subscription)
}

/// Resource Manager's 404.
fn unknown(id: &ResourceId) -> Reply {
    let message =
        format!("The Resource '{}/{}' under resource group '{}' was not found.", id.kind, id.name, id.group);
    Reply::wrapped(404, "ResourceNotFound", &message)
}

/// One zone: looked at, made, changed, deleted.
pub(super) fn one(
    request: &Request<'_>,
    scope: Scope<'_>,
    kind: ZoneKind,
    name: &str,
) -> Result<Reply, Reply> {
    let id = id_of(&scope, kind, name)?;
    let state = request.state;
    match request.call.method {
        Method::GET => {
            state.quotas.dns(&id.text, kind, Operation::ZoneGet, "")?;
            let world = state.world();
            let zone = find(&world, &id)?;
            Ok(Reply::json(200, &shown(request, zone)).with_header("ETag", zone.etag.clone()))
        }
        Method::HEAD => {
            let known = state.world().zones.contains_key(&id.key());
            Ok(Reply::empty(if known { 204 } else { 404 }))
        }
        Method::PUT | Method::PATCH => {
            state.quotas.dns(&id.text, kind, Operation::ZoneWrite, "")?;
            let body = request.call.object()?;
            let written = write(&mut state.world_mut(), request, &id, &body);
            match kind {
                ZoneKind::Public => written,
                ZoneKind::Private => Ok(accept(request, scope, written.map(drop))?.with_json(&json!({}))),
            }
        }
        Method::DELETE => {
            state.quotas.dns(&id.text, kind, Operation::ZoneWrite, "")?;
            let mut world = state.world_mut();
            let etag = world.zones.get(&id.key()).map(|zone| zone.etag.clone());
            let Some(etag) = etag else {
                return Ok(Reply::empty(204));
            };
            match (conditions::check(request.call, &Subject::Zone(&id.name), Some(&etag)), kind) {
                (Ok(()), _) => {}
                (Err(refusal), ZoneKind::Public) => return Err(refusal),
                (Err(refusal), ZoneKind::Private) => return accept(request, scope, Err(refusal)),
            }
            if world.zones.get(&id.key()).is_some_and(|zone| !zone.links.is_empty()) {
                let message = "Can not delete resource before nested resources are deleted.";
                return Err(Reply::wrapped(409, "CannotDeleteResource", message));
            }
            world.remove_zone(&id.key());
            drop(world);
            let gone = match kind {
                ZoneKind::Public => json!(true),
                ZoneKind::Private => json!({}),
            };
            Ok(begin(request, scope, kind, Outcome::Done(Reply::json(200, &gone))))
        }
        _ => Err(no_such_method(&request.call.method)),
    }
}

/// Accepts a write of a private zone, or of what lies below it. An unmet condition is found only when the work is
/// done, so that a stale etag is answered with 202 too; everything else is refused at once.
///
/// # Errors
/// What is refused at once.
pub(super) fn accept(
    request: &Request<'_>,
    scope: Scope<'_>,
    written: Result<(), Reply>,
) -> Result<Reply, Reply> {
    let outcome = match written {
        Ok(()) => Outcome::Done(Reply::json(200, &json!({}))),
        Err(refusal) if refusal.status == 412 => Outcome::refused(&refusal),
        Err(refusal) => return Err(refusal),
    };
    Ok(begin(request, scope, ZoneKind::Private, outcome))
}

/// Begins what takes its time: the deletion of a zone, and with private zones every write (contract
/// azure-resource-manager, sections 1.6 and 11.1).
pub(super) fn begin(request: &Request<'_>, scope: Scope<'_>, kind: ZoneKind, outcome: Outcome) -> Reply {
    let folder = |kind: &str| {
        let group = scope.group.unwrap_or_default().to_ascii_lowercase();
        format!(
            "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.Network/{kind}",
            scope.subscription
        )
    };
    let (statuses, results) = match kind {
        ZoneKind::Public => ("dnsOperationStatuses", "dnsOperationResults"),
        ZoneKind::Private => ("privateDnsOperationStatuses", "privateDnsOperationResults"),
    };
    let folders = [("Azure-AsyncOperation", folder(statuses)), ("Location", folder(results))];
    request.state.operations.begin(request.call, &request.version, &folders, outcome)
}

/// The version from which on a private zone shows its own id; versions are dates.
const WITH_INTERNAL_ID: &str = "2020-01-01";

/// A zone as a version shows it.
fn shown(request: &Request<'_>, zone: &Zone) -> Value {
    let mut shown = zone.to_json();
    if request.version.as_str() < WITH_INTERNAL_ID
        && let Some(properties) = shown["properties"].as_object_mut()
    {
        properties.remove("internalId");
    }
    shown
}

/// Creates or changes a zone.
fn write(
    world: &mut World,
    request: &Request<'_>,
    id: &ResourceId,
    members: &Map<String, Value>,
) -> Result<Reply, Reply> {
    let call = request.call;
    let present = world.zones.get(&id.key());
    if call.method == Method::PATCH && present.is_none() {
        return Err(missing(world, id));
    }
    conditions::check(call, &Subject::Zone(&id.name), present.map(|zone| zone.etag.as_str()))?;
    let status = if present.is_some() { 200 } else { 201 };
    let zone = made(world, id, members, call.method == Method::PATCH)?;
    let reply = Reply::json(status, &shown(request, &zone)).with_header("ETag", zone.etag.clone());
    world.put_zone(zone);
    Ok(reply)
}

/// The zone that a body asks for.
fn made(world: &World, id: &ResourceId, members: &Map<String, Value>, merges: bool) -> Result<Zone, Reply> {
    let present = world.zones.get(&id.key());
    let location = member_of(members, "location").and_then(Value::as_str);
    if !merges && !location.is_some_and(|location| location.eq_ignore_ascii_case("global")) {
        let message = format!(
            "The provided location '{}' is not available for resource type '{}'. List of available regions for the \
             resource type is 'global'.",
            location.unwrap_or_default(),
            id.kind
        );
        return Err(Reply::wrapped(400, "LocationNotAvailableForResourceType", &message));
    }
    let tags = tag_rules::read(member_of(members, "tags").unwrap_or(&Value::Null))?;
    if let Some(tags) = &tags {
        Holder::Zone.check(tags)?;
    }
    let name_fits = crate::world::record::is_domain_name(&id.name)
        && id.name.contains('.')
        && !id.name.ends_with('.')
        && !id.name.contains('*');
    if !name_fits {
        let message = format!("The zone '{}' is not available.", id.name);
        return Err(Reply::bare(400, "BadRequest", &message));
    }
    let mut zone = match present {
        Some(zone) => Zone { etag: zone.next_etag(), ..zone.clone() },
        None => Zone::new(id.clone()).ok_or_else(|| unknown(id))?,
    };
    if !merges || member_of(members, "tags").is_some() {
        zone.tags = tags;
    }
    Ok(zone)
}

/// Creates or replaces a zone, as a deployment does.
///
/// # Errors
/// What is refused to a PUT as well.
pub(super) fn deploy(world: &mut World, id: &ResourceId, members: &Map<String, Value>) -> Result<(), Reply> {
    let zone = made(world, id, members, false)?;
    world.put_zone(zone);
    Ok(())
}

/// The state of a write or a deletion.
pub(super) fn operation(request: &Request<'_>, kind: &str) -> Result<Reply, Reply> {
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let progress = request.state.operations.look(request.call)?;
    Ok(if kind.ends_with("statuses") { progress.state() } else { progress.result() })
}

/// Which record sets follow the given resources (contract azure-resource-manager, section 2.1).
pub(super) fn references(request: &Request<'_>) -> Result<Reply, Reply> {
    if request.call.method != Method::POST {
        return Err(no_such_method(&request.call.method));
    }
    let body = request.call.json()?;
    let targets = body.pointer("/properties/targetResources").and_then(Value::as_array);
    let world = request.state.world();
    let references: Vec<Value> = targets
        .into_iter()
        .flatten()
        .filter_map(|target| target.get("id").and_then(Value::as_str))
        .map(|target| {
            let follows = |zone: &Zone| -> Vec<Value> {
                let sets = zone.record_sets.values().filter(
                    |set| matches!(&set.holding, Holding::Alias(id) if id.eq_ignore_ascii_case(target)),
                );
                let id = |set: &crate::world::RecordSet| {
                    format!("{}/{}/{}", zone.wire_id(), set.record_type, set.name)
                };
                sets.map(|set| json!({ "id": id(set) })).collect()
            };
            let resources: Vec<Value> = world.zones.values().flat_map(follows).collect();
            json!({ "targetResource": { "id": target }, "dnsResources": resources })
        })
        .collect();
    Ok(Reply::json(200, &json!({ "properties": { "dnsResourceReferences": references } })))
}
