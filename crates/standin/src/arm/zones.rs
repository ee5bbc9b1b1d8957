//! DNS zones of both providers: lists, one zone, and what hangs on it.

use std::collections::btree_map::Entry;

use axum::http::Method;
use serde_json::{Value, json};

use super::paging::Page;
use super::{Request, Scope, conditions, no_such_method};
use crate::quotas::Operation;
use crate::world::record::member_of;
use crate::world::{Holding, ResourceId, Zone, ZoneKind, form, guid};
use crate::{Reply, World};

/// The zones of a subscription or a group.
pub(super) fn list(request: &Request<'_>, scope: &Scope<'_>, kind: ZoneKind) -> Result<Reply, Reply> {
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let counted = format!("{}/{}", scope.subscription, scope.group.unwrap_or_default());
    request.state.quotas.dns(&counted, kind, Operation::ZoneList, "")?;
    let mut page = Page::wanted(request.call)?;
    let world = request.state.world();
    for (key, zone) in world.zones.range(page.after.clone()..) {
        let wanted = *key != page.after
            && zone.kind == kind
            && zone.id.subscription.eq_ignore_ascii_case(scope.subscription)
            && scope.group.is_none_or(|group| zone.id.group.eq_ignore_ascii_case(group));
        if wanted && !page.push(key.clone(), zone.to_json()) {
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

/// The zone of an id. A missing zone is Resource Manager's own 404, unlike a missing record set
/// (contract azure-resource-manager, section 2.6).
pub(super) fn find<'w>(world: &'w World, id: &ResourceId) -> Result<&'w Zone, Reply> {
    world.zones.get(&id.key()).ok_or_else(|| missing(id))
}

/// The 404 for a zone that is not there.
pub(super) fn missing(id: &ResourceId) -> Reply {
    let message =
        format!("The Resource '{}/{}' under resource group '{}' was not found.", id.kind, id.name, id.group);
    Reply::wrapped(404, "ResourceNotFound", &message)
}

/// One zone: looked at, made, changed, deleted.
pub(super) fn one(
    request: &Request<'_>,
    scope: &Scope<'_>,
    kind: ZoneKind,
    name: &str,
) -> Result<Reply, Reply> {
    let id = id_of(scope, kind, name)?;
    let state = request.state;
    match request.call.method {
        Method::GET => {
            state.quotas.dns(&id.text, kind, Operation::ZoneGet, "")?;
            let world = state.world();
            let zone = find(&world, &id)?;
            Ok(Reply::json(200, &zone.to_json()).with_header("ETag", zone.etag.clone()))
        }
        Method::PUT | Method::PATCH => {
            state.quotas.dns(&id.text, kind, Operation::ZoneWrite, "")?;
            let body = request.call.json()?;
            write(&mut state.world_mut(), request, &id, &body)
        }
        Method::DELETE => {
            state.quotas.dns(&id.text, kind, Operation::ZoneWrite, "")?;
            let mut world = state.world_mut();
            let etag = world.zones.get(&id.key()).map(|zone| zone.etag.clone());
            let Some(etag) = etag else {
                return Ok(Reply::empty(204));
            };
            conditions::check(request.call, Some(&etag))?;
            world.zones.remove(&id.key());
            world.zones_revision += 1;
            world.zone_list_revision += 1;
            drop(world);
            // Deleting is long-running (contract azure-resource-manager, section 1.6).
            let address = |kind: &str| {
                format!(
                    "{}/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Network/{kind}/{}?api-version={}",
                    request.call.base,
                    scope.subscription,
                    scope.group.unwrap_or_default(),
                    guid(),
                    request.version
                )
            };
            Ok(Reply::empty(202)
                .with_header("Azure-AsyncOperation", address("dnsOperationStatuses"))
                .with_header("Location", address("dnsOperationResults"))
                .with_header("Retry-After", "1"))
        }
        _ => Err(no_such_method(&request.call.method)),
    }
}

/// Creates or changes a zone.
fn write(world: &mut World, request: &Request<'_>, id: &ResourceId, body: &Value) -> Result<Reply, Reply> {
    let call = request.call;
    let present = world.zones.get(&id.key());
    if call.method == Method::PATCH && present.is_none() {
        return Err(missing(id));
    }
    conditions::check(call, present.map(|zone| zone.etag.as_str()))?;
    let empty = serde_json::Map::new();
    let members = body.as_object().unwrap_or(&empty);
    let location = member_of(members, "location").and_then(Value::as_str);
    if call.method == Method::PUT && !location.is_some_and(|location| location.eq_ignore_ascii_case("global"))
    {
        let message = format!(
            "The provided location '{}' is not available for resource type '{}'. List of available regions for the \
             resource type is 'global'.",
            location.unwrap_or_default(),
            id.kind
        );
        return Err(Reply::wrapped(400, "LocationNotAvailableForResourceType", &message));
    }
    let tags = form::tags_of(member_of(members, "tags").unwrap_or(&Value::Null), "tags")
        .map_err(|error| Reply::wrapped(400, "InvalidRequestContent", &error))?;
    if tags.as_ref().is_some_and(|tags| tags.len() > 15) {
        return Err(Reply::wrapped(400, "InvalidTags", "A DNS zone can have at most 15 tags."));
    }
    let status = if present.is_some() { 200 } else { 201 };
    let name_fits = crate::world::record::is_domain_name(&id.name)
        && id.name.contains('.')
        && !id.name.ends_with('.')
        && !id.name.contains('*');
    if !name_fits {
        let message = format!("The zone '{}' is not available.", id.name);
        return Err(Reply::bare(400, "BadRequest", &message));
    }
    let key = id.key();
    let fresh = || Zone::new(id.clone()).ok_or_else(|| missing(id));
    let mut zone = match present {
        Some(zone) => zone.clone(),
        None => fresh()?,
    };
    if status == 200 {
        zone.etag = fresh()?.etag;
    }
    if call.method == Method::PUT || member_of(members, "tags").is_some() {
        zone.tags = tags;
    }
    let reply = Reply::json(status, &zone.to_json()).with_header("ETag", zone.etag.clone());
    world.zones.insert(key, zone);
    world.zones_revision += 1;
    world.zone_list_revision += 1;
    Ok(reply)
}

/// Makes a zone exist, as a deployment does.
///
/// # Errors
/// An id that is no zone's.
pub(super) fn ensure(world: &mut World, id: &ResourceId) -> Result<(), Reply> {
    if let Entry::Vacant(place) = world.zones.entry(id.key()) {
        place.insert(Zone::new(id.clone()).ok_or_else(|| missing(id))?);
        world.zones_revision += 1;
        world.zone_list_revision += 1;
    }
    Ok(())
}

/// The networks that a private zone is linked to: none here.
pub(super) fn links(request: &Request<'_>, scope: &Scope<'_>, name: &str) -> Result<Reply, Reply> {
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    find(&request.state.world(), &id_of(scope, ZoneKind::Private, name)?)?;
    Ok(Reply::json(200, &json!({ "value": [] })))
}

/// The state of a deletion: it has always happened by the time somebody asks.
pub(super) fn operation(request: &Request<'_>, kind: &str) -> Result<Reply, Reply> {
    match (&request.call.method, kind) {
        (&Method::GET, "dnsoperationstatuses") => Ok(Reply::json(200, &json!({ "status": "Succeeded" }))),
        (&Method::GET, _) => Ok(Reply::empty(204)),
        _ => Err(no_such_method(&request.call.method)),
    }
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
