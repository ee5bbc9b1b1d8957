//! Record sets of both providers: lists, one set, conditional writes.

use std::ops::Bound;
use std::sync::Arc;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::conditions::{self, Subject};
use super::paging::Page;
use super::request::{Request, Scope, no_such_method, nothing_here};
use super::{set_body, zones};
use crate::quotas::Operation;
use crate::world::record::member_of;
use crate::world::{Holding, Record, RecordSet, RecordType, ResourceId, Zone, ZoneKind};
use crate::{Call, Reply, World};

/// Answers below a zone; `rest` is the zone's name, the type, and perhaps the record set's name.
pub(super) fn answer(
    request: &Request<'_>,
    scope: Scope<'_>,
    kind: ZoneKind,
    rest: &[String],
) -> Result<Reply, Reply> {
    let [zone, collection, rest @ ..] = rest else {
        return Err(nothing_here(request.call));
    };
    let id = zones::id_of(&scope, kind, zone)?;
    let everything = collection.eq_ignore_ascii_case("all")
        || kind == ZoneKind::Public && collection.eq_ignore_ascii_case("recordsets");
    let record_type = RecordType::parse(collection).filter(|record_type| record_type.exists_in(kind));
    match (rest, record_type) {
        ([], _) if everything => list(request, &id, kind, None),
        ([], Some(record_type)) => list(request, &id, kind, Some(record_type)),
        ([name], Some(record_type)) => one(request, &id, kind, record_type, name),
        _ => {
            let message = format!(
                "The resource type '{}/{collection}' could not be found for api version '{}'.",
                id.kind, request.version
            );
            Err(Reply::wrapped(404, "InvalidResourceType", &message))
        }
    }
}

fn list(
    request: &Request<'_>,
    id: &ResourceId,
    kind: ZoneKind,
    only: Option<RecordType>,
) -> Result<Reply, Reply> {
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let what = only.map(|only| format!("/{only}")).unwrap_or_default();
    request.state.quotas.dns(&id.text, kind, Operation::List, &what)?;
    let mut page = Page::wanted(request.call)?;
    let suffix = request.call.parameter("$recordsetnamesuffix").filter(|suffix| !suffix.is_empty());
    let suffix = suffix.map(|suffix| format!(".{}", suffix.to_ascii_lowercase()));
    let world = request.state.world();
    let zone = zones::find(&world, id)?;
    let after = page
        .after
        .rsplit_once('/')
        .and_then(|(key, record_type)| Some((key.to_owned(), RecordType::parse(record_type)?)));
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    for ((key, record_type), set) in zone.record_sets.range((start, Bound::Unbounded)) {
        let known = !record_type.is_of_preview() || request.version == PREVIEW;
        let wanted = known
            && only.is_none_or(|only| only == *record_type)
            && suffix.as_ref().is_none_or(|suffix| set.name.ends_with(suffix));
        if wanted && !page.push(format!("{key}/{record_type}"), shown(request, kind, set.to_json(zone))) {
            break;
        }
    }
    Ok(page.close(request))
}

fn one(
    request: &Request<'_>,
    id: &ResourceId,
    kind: ZoneKind,
    record_type: RecordType,
    name: &str,
) -> Result<Reply, Reply> {
    let state = request.state;
    let what = format!("/{record_type}");
    let count = |operation| state.quotas.dns(&id.text, kind, operation, &what);
    match request.call.method {
        Method::GET => {
            count(Operation::Get)?;
            let world = state.world();
            let zone = zones::find(&world, id)?;
            let set = zone.record_set(name, record_type).ok_or_else(|| missing(id, name))?;
            Ok(Reply::json(200, &shown(request, kind, set.to_json(zone)))
                .with_header("ETag", set.etag.clone()))
        }
        Method::PUT | Method::PATCH => {
            let body = request.call.object()?;
            let empty = Map::new();
            let properties = match member_of(&body, "properties") {
                None | Some(Value::Null) => &empty,
                Some(Value::Object(properties)) => properties,
                Some(_) => return Err(set_body::no_object()),
            };
            let mut world = state.world_mut();
            let exists = zones::find_parent(&mut world, id)?.record_set(name, record_type).is_some();
            count(if exists { Operation::Update } else { Operation::Create })?;
            let merge = request.call.method == Method::PATCH;
            if merge && !exists {
                return Err(missing(id, name));
            }
            let written = write(&mut world, id, record_type, name, properties, merge, Some(request.call))?;
            Ok(Reply::json(if exists { 200 } else { 201 }, &shown(request, kind, written.0))
                .with_header("ETag", written.1))
        }
        Method::DELETE => {
            count(Operation::Delete)?;
            delete(&mut state.world_mut(), request.call, id, record_type, name)
        }
        _ => Err(no_such_method(&request.call.method)),
    }
}

/// The 404 for a record set, which the provider sends bare (contract azure-resource-manager, section 2.6).
fn missing(id: &ResourceId, name: &str) -> Reply {
    let message = format!("The resource record '{name}' does not exist in {}.", zones::place(id));
    Reply::bare(404, "NotFound", &message)
}

/// The version that knows the newest types and shows by which traffic manager a set is led: by none.
const PREVIEW: &str = "2023-07-01-preview";

/// The version from which on a public set says what it follows and how far it is; versions are dates.
const WITH_TARGET: &str = "2018-05-01";

/// A set as a version shows it.
fn shown(request: &Request<'_>, kind: ZoneKind, mut set: Value) -> Value {
    if kind == ZoneKind::Public
        && request.version.as_str() < WITH_TARGET
        && let Some(properties) = set["properties"].as_object_mut()
    {
        properties.remove("targetResource");
        properties.remove("provisioningState");
    }
    if request.version.eq_ignore_ascii_case(PREVIEW) {
        set["properties"]["trafficManagementProfile"] = json!({});
    }
    set
}

/// Creates or replaces (or, with `merge`, changes) a record set; gives its body and its etag.
///
/// # Errors
/// What the provider refuses: unmet conditions, bodies and names that cannot be, a name taken by a CNAME.
pub(super) fn write(
    world: &mut World,
    id: &ResourceId,
    record_type: RecordType,
    name: &str,
    properties: &Map<String, Value>,
    merge: bool,
    conditions: Option<&Call>,
) -> Result<(Value, String), Reply> {
    let zone = zones::find_parent(world, id)?;
    let present = zone.record_set(name, record_type);
    if let Some(call) = conditions {
        conditions::check(call, &Subject::RecordSet(name), present.map(|set| set.etag.as_str()))?;
    }
    set_body::check_name(zone, name, record_type)?;
    let mut set = set_body::read(zone, name, record_type, properties, present.filter(|_| merge))?;
    match present {
        Some(present) => {
            keep_what_azure_keeps(zone, present, &mut set)?;
        }
        None => {
            if record_type == RecordType::Soa {
                return Err(Reply::bare(400, "BadRequest", "A SOA record set can only be updated."));
            }
            refuse_beside_cname(zone, name, record_type)?;
            if zone.record_sets.len() >= zone.record_set_limit {
                let message = format!(
                    "The zone already holds {} record sets, its largest number.",
                    zone.record_set_limit
                );
                return Err(Reply::bare(400, "BadRequest", &message));
            }
        }
    }
    let written = (set.to_json(zone), set.etag.clone());
    // The answer has what was sent; what is read afterwards, the public provider writes in its own way.
    if zone.kind == ZoneKind::Public {
        set.canonicalize();
    }
    Arc::make_mut(&mut zone.record_sets).insert(set.key(), set);
    world.zones_revision += 1;
    Ok(written)
}

/// A CNAME cannot share its name with any other type (contract azure-resource-manager, section 2.8).
fn refuse_beside_cname(zone: &Zone, name: &str, record_type: RecordType) -> Result<(), Reply> {
    let taken = |other: &RecordType| {
        (record_type == RecordType::Cname || *other == RecordType::Cname)
            && zone.record_set(name, *other).is_some()
    };
    match RecordType::ALL.iter().find(|other| **other != record_type && taken(other)) {
        None => Ok(()),
        Some(other) => {
            let message =
                format!("The record set could not be created: '{name}' already holds a {other} record set.");
            Err(Reply::bare(400, "BadRequest", &message))
        }
    }
}

/// Azure's own name servers stay in the apex NS set; host and serial of the SOA stay (section 2.8).
fn keep_what_azure_keeps(zone: &Zone, present: &RecordSet, set: &mut RecordSet) -> Result<(), Reply> {
    if set.name != "@" {
        return Ok(());
    }
    if set.record_type == RecordType::Ns && zone.kind == ZoneKind::Public {
        let kept = zone.name_servers.iter().all(|server| {
            let same = |record: &Record| matches!(record, Record::Ns(name) if same_name(name, server));
            set.records().iter().any(same)
        });
        if !kept {
            let message = "The zone's own name servers cannot be removed from the NS record set at its apex.";
            return Err(Reply::bare(400, "BadRequest", message));
        }
    }
    if set.record_type == RecordType::Soa {
        // Without a record it is the TTL alone that is written.
        if set.records().is_empty() {
            set.holding = present.holding.clone();
        }
        let old = present.records().first();
        let new = match &mut set.holding {
            Holding::Records(records) => records.first_mut(),
            Holding::Alias(_) => None,
        };
        let (
            Some(Record::Soa { host: old_host, serial: old_serial, .. }),
            Some(Record::Soa { host, serial, .. }),
        ) = (old, new)
        else {
            return Err(Reply::bare(400, "BadRequest", "The SOA record set must hold its record."));
        };
        if !host.is_empty() && !same_name(host, old_host) {
            return Err(Reply::bare(400, "BadRequest", "The host of the SOA record cannot be changed."));
        }
        host.clone_from(old_host);
        *serial = *old_serial;
    }
    Ok(())
}

/// Whether two domain names are one, dots at the end and case aside.
fn same_name(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}

fn delete(
    world: &mut World,
    call: &Call,
    id: &ResourceId,
    record_type: RecordType,
    name: &str,
) -> Result<Reply, Reply> {
    let zone = zones::find_mut(world, id)?;
    let Some(set) = zone.record_set(name, record_type) else {
        return Ok(Reply::empty(204));
    };
    conditions::check(call, &Subject::RecordSet(name), Some(&set.etag))?;
    if name == "@" && matches!(record_type, RecordType::Soa | RecordType::Ns) {
        let message = format!("The {record_type} record set at the zone apex cannot be deleted.");
        return Err(Reply::bare(400, "BadRequest", &message));
    }
    let key = set.key();
    let gone = format!("{}/{record_type}/{name}", zone.id.text);
    let record_sets = Arc::make_mut(&mut zone.record_sets);
    record_sets.remove(&key);
    // An alias whose target is gone becomes an empty set (section 2.5).
    for set in record_sets.values_mut() {
        if matches!(&set.holding, Holding::Alias(target) if target.eq_ignore_ascii_case(&gone)) {
            set.holding = Holding::Records(Vec::new());
        }
    }
    world.zones_revision += 1;
    Ok(Reply::empty(200))
}
