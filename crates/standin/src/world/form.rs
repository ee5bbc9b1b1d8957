//! The world as a document: `GET|PUT /standin/world` and `--world FILE`.
//!
//! Printing gives what reading takes. Reading is lenient about shape (ids alone, flattened record sets, any
//! casing) and strict about content: what Azure could never hold is refused with its place.

mod clients;
mod locks;
mod sets;

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::record::member_of;
use super::{Machine, ResourceId, World, Zone, guid};
use crate::{State, ingestion};

/// Prints a world.
fn show(world: &World) -> Value {
    let zones: Vec<Value> = world.zones.values().map(show_zone).collect();
    let machines: Vec<Value> = world.machines.values().map(show_machine).collect();
    let clients: Vec<Value> = world.clients.iter().map(clients::show).collect();
    let mut document = json!({
        "subscriptions": world.subscriptions,
        "tenant": world.tenant,
        "resourceGroups": groups(world),
        "zones": zones,
        "machines": machines,
        "workspace": world.workspace,
        "rule": world.rule,
        "clients": clients,
    });
    if !world.public_ips.is_empty() {
        let list: Vec<Value> =
            world.public_ips.iter().map(|(id, address)| json!({ "id": id, "ipAddress": address })).collect();
        document["publicIps"] = Value::Array(list);
    }
    if !world.locks.is_empty() {
        document["locks"] = world.locks.values().map(locks::show).collect();
    }
    document
}

/// The ids of the resource groups.
fn groups(world: &World) -> Vec<String> {
    let id = |(key, name): (&String, &String)| {
        let subscription = key.split('/').next().unwrap_or_default();
        format!("/subscriptions/{subscription}/resourceGroups/{name}")
    };
    world.resource_groups.iter().map(id).collect()
}

fn show_zone(zone: &Zone) -> Value {
    let own = zone.apex_sets();
    let sets: Vec<Value> = zone
        .record_sets
        .values()
        // What every zone has from the start goes without saying.
        .filter(|set| !own.iter().any(|apex| apex.same_content(set)))
        .map(|set| set.to_json(zone))
        .collect();
    let mut shown = json!({
        "id": zone.id.text,
        "name": zone.id.name,
        "type": zone.kind.wire_type(),
        "location": "global",
        "etag": zone.etag,
        "nameServers": zone.name_servers,
        "recordSets": sets,
    });
    if let Some(tags) = &zone.tags {
        shown["tags"] = Value::Object(tags.clone());
    }
    shown
}

fn show_machine(machine: &Machine) -> Value {
    let mut shown = json!({
        "id": machine.id.text,
        "name": machine.name,
        "type": machine.kind,
        "location": machine.location,
        "tags": machine.tags,
    });
    if let Some(properties) = &machine.properties {
        shown["properties"] = properties.clone();
    }
    shown
}

/// The running world, with the member `quotas` while they are refused.
pub(crate) fn get(state: &State) -> Value {
    let mut shown = show(&state.world());
    if state.quotas_on() {
        shown["quotas"] = Value::Bool(true);
    }
    shown
}

/// Applies a document to the running world: members that are present replace theirs, absent ones stay.
///
/// # Errors
/// The place that is wrong; nothing is changed then.
pub(crate) fn put(state: &State, document: &Value) -> Result<(), String> {
    let quotas = match document.get("quotas") {
        None | Some(Value::Null) => None,
        Some(value) => Some(value.as_bool().ok_or("quotas: a boolean is wanted")?),
    };
    let mut world = state.world_mut();
    let mut changed = world.clone();
    read(&mut changed, document)?;
    let tables = ingestion::tables(&changed);
    *world = changed;
    drop(world);
    state.workspace().ensure_tables(tables);
    if let Some(quotas) = quotas.filter(|&quotas| quotas != state.quotas_on()) {
        state.quotas.enable(quotas);
    }
    Ok(())
}

impl World {
    /// Reads a whole world from its document. What exists is what the document says; tenant, workspace, rule and
    /// clients are those of the default world when it does not speak of them.
    ///
    /// # Errors
    /// The place that is wrong.
    pub fn from_json(document: &Value) -> Result<Self, String> {
        let Self { tenant, workspace, rule, clients, .. } = Self::default();
        let mut world = Self { tenant, workspace, rule, clients, ..Self::empty() };
        read(&mut world, document)?;
        Ok(world)
    }

    /// The world as a document, in the form that [`World::from_json`] reads.
    pub fn to_json(&self) -> Value {
        show(self)
    }
}

/// Reads a document into a world.
///
/// # Errors
/// The place that is wrong; the world may be half read then.
pub(super) fn read(world: &mut World, document: &Value) -> Result<(), String> {
    let members = document.as_object().ok_or("an object is wanted")?;
    for (name, value) in members {
        match name.to_ascii_lowercase().as_str() {
            "subscriptions" => {
                world.subscriptions = list(value, name)?.map(subscription).collect::<Result<_, _>>()?;
            }
            "tenant" => world.tenant = text(value, name)?.to_owned(),
            "resourcegroups" => {
                world.resource_groups.clear();
                for (place, value) in list(value, name)? {
                    let id = text(value, &place)?;
                    // A group is what its resources' ids say; the rest of the id does not matter here.
                    let id = ResourceId::parse(&format!("{}/providers/x/x/x", id.trim_end_matches('/')))
                        .ok_or_else(|| format!("{place}: '{id}' is no resource group's id"))?;
                    world.settle(&id);
                }
            }
            "zones" => zones(world, list(value, name)?)?,
            "machines" => {
                let machines: Vec<Machine> = list(value, name)?.map(machine).collect::<Result<_, _>>()?;
                world.machines.clear();
                world.machines_revision += 1;
                machines.into_iter().for_each(|machine| world.put_machine(machine));
            }
            "publicips" => {
                let entry = |(place, value): (String, &Value)| {
                    let members = object(value, &place)?;
                    let id = resource_id(members, &place)?;
                    let address = member_of(members, "ipAddress").and_then(Value::as_str);
                    let address: Option<IpAddr> = address.and_then(|address| address.parse().ok());
                    address
                        .map(|address| (id.key(), address))
                        .ok_or_else(|| format!("{place}.ipAddress: no address"))
                };
                world.public_ips = list(value, name)?.map(entry).collect::<Result<_, String>>()?;
            }
            "locks" => {
                let locks = list(value, name)?.map(locks::read);
                world.locks = locks.collect::<Result<_, String>>()?;
            }
            "workspace" => world.workspace = named(value, name, "customerId", is_workspace_id)?,
            "rule" => world.rule = named(value, name, "immutableId", |text| text.starts_with("dcr-"))?,
            "clients" => world.clients = list(value, name)?.map(clients::read).collect::<Result<_, _>>()?,
            "quotas" => {}
            _ => return Err(format!("{name}: no such member of a world")),
        }
    }
    let ids: Vec<ResourceId> = world.zones.values().map(|zone| zone.id.clone()).collect();
    ids.iter().for_each(|id| world.settle(id));
    let ids: Vec<ResourceId> = world.machines.values().map(|machine| machine.id.clone()).collect();
    ids.iter().for_each(|id| world.settle(id));
    world.zones_revision += 1;
    world.zone_list_revision += 1;
    Ok(())
}

fn subscription((place, value): (String, &Value)) -> Result<String, String> {
    let named = value.as_object().and_then(|members| {
        member_of(members, "subscriptionId").or_else(|| member_of(members, "id")).and_then(Value::as_str)
    });
    let text =
        named.or_else(|| value.as_str()).ok_or_else(|| format!("{place}: a subscription id is wanted"))?;
    Ok(text.trim_start_matches("/subscriptions/").to_ascii_lowercase())
}

fn zones<'v>(world: &mut World, given: impl Iterator<Item = (String, &'v Value)>) -> Result<(), String> {
    let mut old = std::mem::take(&mut world.zones);
    for (place, value) in given {
        let by_id_alone = json!({ "id": value });
        let members = object(if value.is_string() { &by_id_alone } else { value }, &place)?;
        let id = resource_id(members, &place)?;
        let fresh = Zone::new(id).ok_or_else(|| format!("{place}.id: this is no DNS zone's id"))?;
        let before = old.remove(&fresh.id.key());
        let mut zone = Zone { record_sets: fresh.record_sets.clone(), ..before.clone().unwrap_or(fresh) };
        if let Some(tags) = member_of(members, "tags") {
            zone.tags = tags_of(tags, &format!("{place}.tags"))?;
        }
        if let Some(etag) = member_of(members, "etag").and_then(Value::as_str) {
            etag.clone_into(&mut zone.etag);
        }
        if let Some(servers) = member_of(members, "nameServers").filter(|_| !zone.name_servers.is_empty()) {
            let servers = list(servers, &format!("{place}.nameServers"))?;
            zone.name_servers = servers
                .map(|(place, value)| text(value, &place).map(str::to_owned))
                .collect::<Result<_, _>>()?;
            for set in zone.apex_sets() {
                zone.record_sets.insert(set.key(), set);
            }
        }
        if let Some(given) = member_of(members, "recordSets") {
            let mut seen = BTreeSet::new();
            for (place, value) in list(given, &format!("{place}.recordSets"))? {
                let set = sets::read(&zone, value, &place)?;
                if !seen.insert(set.key()) {
                    return Err(format!("{place}: this record set is there twice"));
                }
                sets::refuse_beside_cname(&zone, &set, &place)?;
                zone.record_sets.insert(set.key(), set);
            }
        } else if let Some(before) = &before {
            zone.record_sets.clone_from(&before.record_sets);
        }
        if let Some(before) = &before {
            keep_etags(&mut zone, before);
        }
        zone.record_set_limit =
            zone.record_set_limit.max(zone.record_sets.len() + zone.kind.record_set_limit());
        if zone.record_sets.len() <= zone.kind.record_set_limit() {
            zone.record_set_limit = zone.kind.record_set_limit();
        }
        if world.zones.insert(zone.id.key(), zone).is_some() {
            return Err(format!("{place}: this zone is there twice"));
        }
    }
    Ok(())
}

/// Record sets that are as they were keep their etags; others get a new one.
fn keep_etags(zone: &mut Zone, before: &Zone) {
    for (key, set) in &mut zone.record_sets {
        if let Some(old) = before.record_sets.get(key) {
            if old.same_content(set) {
                set.etag.clone_from(&old.etag);
            } else if old.etag == set.etag {
                set.etag = guid();
            }
        }
    }
}

fn machine((place, value): (String, &Value)) -> Result<Machine, String> {
    let by_id_alone = json!({ "id": value });
    let members = object(if value.is_string() { &by_id_alone } else { value }, &place)?;
    let id = resource_id(members, &place)?;
    let optional = |name: &str| member_of(members, name).and_then(Value::as_str).map(str::to_owned);
    let tags = member_of(members, "tags").unwrap_or(&Value::Null);
    Ok(Machine {
        name: optional("name").unwrap_or_else(|| id.name.clone()),
        kind: optional("type").unwrap_or_else(|| id.kind.clone()),
        location: optional("location").unwrap_or_else(|| "westeurope".to_owned()),
        tags: tags_of(tags, &format!("{place}.tags"))?,
        properties: member_of(members, "properties").filter(|value| !value.is_null()).cloned(),
        id,
    })
}

/// The workspace or the rule: an object as it is, or a bare id that is put under its name.
fn named(value: &Value, place: &str, short: &str, is_short: fn(&str) -> bool) -> Result<Value, String> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) if is_short(text) => Ok(json!({ short: text })),
        Value::String(text) => Ok(json!({ "id": text })),
        Value::Object(members) => {
            let mut members = members.clone();
            // The short id may stand under other names, or below `properties` as in Resource Manager's own form.
            let found = [short, "customer_id", "workspaceId", "immutable_id", "dcrId", "ruleId", "id"]
                .iter()
                .find_map(|name| {
                    let below = members.get("properties").and_then(|below| below.get(*name));
                    let found = member_of(&members, name).or(below).and_then(Value::as_str);
                    found.filter(|text| is_short(text)).map(str::to_owned)
                });
            if let Some(found) = found {
                members.insert(short.to_owned(), json!(found));
            }
            Ok(Value::Object(members))
        }
        _ => Err(format!("{place}: an object or an id is wanted")),
    }
}

fn is_workspace_id(text: &str) -> bool {
    !text.contains('/')
}

pub(crate) fn tags_of(value: &Value, place: &str) -> Result<Option<Map<String, Value>>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Object(tags) => match tags.iter().find(|(_, value)| !value.is_string()) {
            Some((name, _)) => Err(format!("{place}.{name}: a text is wanted")),
            None => Ok(Some(tags.clone())),
        },
        _ => Err(format!("{place}: an object or null is wanted")),
    }
}

fn list<'v>(
    value: &'v Value,
    place: &str,
) -> Result<impl Iterator<Item = (String, &'v Value)> + use<'v>, String> {
    let list = value.as_array().ok_or_else(|| format!("{place}: an array is wanted"))?;
    let place = place.to_owned();
    Ok(list.iter().enumerate().map(move |(index, value)| (format!("{place}[{index}]"), value)))
}

fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{place}: an object is wanted"))
}

fn text<'v>(value: &'v Value, place: &str) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| format!("{place}: a text is wanted"))
}

fn resource_id(members: &Map<String, Value>, place: &str) -> Result<ResourceId, String> {
    let id = member_of(members, "id").and_then(Value::as_str);
    let id = id.ok_or_else(|| format!("{place}.id: a resource id is wanted"))?;
    ResourceId::parse(id).ok_or_else(|| format!("{place}.id: '{id}' is no resource id"))
}
