//! The world as a document: `GET|PUT /standin/world` and `--world FILE`.
//!
//! Printing gives what reading takes. Reading is lenient about shape (ids alone, flattened record sets, any
//! casing) and strict about content: what Azure could never hold is refused with its place.

mod clients;
mod groups;
mod links;
mod locks;
mod management_groups;
mod sets;
mod zones;

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::record::member_of;
use super::{Machine, ResourceId, World};
use crate::{State, ingestion};

/// Prints a world.
fn show(world: &World) -> Value {
    let zones: Vec<Value> = world.zones.values().map(zones::show).collect();
    let machines: Vec<Value> = world.machines.values().map(show_machine).collect();
    let clients: Vec<Value> = world.clients.iter().map(clients::show).collect();
    let mut document = json!({
        "subscriptions": groups::show_subscriptions(world),
        "tenant": world.tenant,
        "resourceGroups": groups::show(world),
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
    if !world.management_groups.is_empty() {
        document["managementGroups"] =
            world.management_groups.values().map(management_groups::show).collect();
    }
    if !world.locks.is_empty() {
        document["locks"] = world.locks.values().map(locks::show).collect();
    }
    document
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
                world.subscriptions.clear();
                world.subscription_tags.clear();
                list(value, name)?.try_for_each(|one| groups::read_subscription(world, one))?;
            }
            "tenant" => world.tenant = text(value, name)?.to_owned(),
            "resourcegroups" => {
                world.resource_groups.clear();
                list(value, name)?.try_for_each(|one| groups::read(world, one))?;
            }
            "zones" => zones::read(world, list(value, name)?)?,
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
            "managementgroups" => world.management_groups = management_groups::read(list(value, name)?)?,
            "clients" => world.clients = list(value, name)?.map(clients::read).collect::<Result<_, _>>()?,
            "quotas" => {}
            _ => return Err(format!("{name}: no such member of a world")),
        }
    }
    let ids: Vec<ResourceId> = world.zones.values().map(|zone| zone.id.clone()).collect();
    ids.iter().for_each(|id| world.settle(id));
    let ids: Vec<ResourceId> = world.machines.values().map(|machine| machine.id.clone()).collect();
    ids.iter().for_each(|id| world.settle(id));
    management_groups::settle(world)?;
    world.zones_revision += 1;
    world.zone_list_revision += 1;
    Ok(())
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
