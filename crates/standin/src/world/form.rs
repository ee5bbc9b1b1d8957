//! The world as a document: `GET|PUT /standin/world` and `--world FILE`.
//!
//! Printing gives what reading takes. Reading is lenient about shape (ids alone, flattened record sets, any
//! casing) and strict about content: what Azure could never hold is refused with its place. A world may hold a
//! million machines, so neither direction holds more of the document than its text and one element.

mod clients;
mod groups;
mod links;
mod locks;
mod machines;
mod management_groups;
mod one_by_one;
mod pieces;
mod plain;
mod roles;
mod sets;
mod shown;
mod zones;

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::record::member_of;
use super::texts::Texts;
use super::{ResourceId, Tags, World};
use crate::{State, ingestion};
use shown::Shown;

/// A world as the text of a JSON document.
#[derive(Debug, Clone, Copy)]
pub struct Document<'d>(&'d RawValue);

impl<'d> Document<'d> {
    /// Takes a text for a world's document; whether it is one, reading it says.
    ///
    /// # Errors
    /// What is no JSON.
    pub fn of(text: &'d [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(text).map(Self)
    }

    /// Reads a whole world. What exists is what the document says; tenant, workspace, rule and clients are those of
    /// the default world when it does not speak of them.
    ///
    /// # Errors
    /// The place that is wrong.
    pub fn world(&self) -> Result<World, String> {
        let World { tenant, workspace, rule, clients, .. } = World::default();
        let mut world = World { tenant, workspace, rule, clients, ..World::empty() };
        self.read_into(&mut world)?;
        Ok(world)
    }

    /// The member `quotas`, which is no part of the world: whether they are counted, if the document speaks of it.
    ///
    /// # Errors
    /// What is no boolean, and a document that is no object.
    pub fn quotas(&self) -> Result<Option<bool>, String> {
        let members = pieces::members(self.0, "")?;
        let Some((name, text)) = members.iter().find(|(name, _)| is(name, "quotas")) else { return Ok(None) };
        match pieces::value(text, name)? {
            Value::Null => Ok(None),
            value => value.as_bool().map(Some).ok_or_else(|| format!("{name}: a boolean is wanted")),
        }
    }

    /// Reads the document into a world.
    ///
    /// # Errors
    /// The place that is wrong; the world may be half read then.
    fn read_into(&self, world: &mut World) -> Result<(), String> {
        for (name, text) in pieces::members(self.0, "")? {
            read_member(world, &name, text)?;
        }
        world.settle_all();
        management_groups::settle(world)?;
        world.zones_revision += 1;
        world.zone_list_revision += 1;
        Ok(())
    }
}

/// The running world as the text of its document, with the member `quotas` while they are refused.
pub(crate) fn get(state: &State) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Shown { world: &state.world(), quotas: state.quotas_on() })
}

/// Applies a document to the running world: members that are present replace theirs, absent ones stay.
///
/// # Errors
/// The place that is wrong; nothing is changed then.
pub(crate) fn put(state: &State, document: Document<'_>) -> Result<(), String> {
    let quotas = document.quotas()?;
    let mut world = state.world_mut();
    let mut changed = world.clone();
    document.read_into(&mut changed)?;
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
    /// Reads a whole world from its document, as [`Document::world`] does.
    ///
    /// # Errors
    /// The place that is wrong.
    pub fn from_json(document: &Value) -> Result<Self, String> {
        let text = document.to_string();
        Document::of(text.as_bytes()).map_err(|error| error.to_string())?.world()
    }

    /// The world as a document, in the form that [`World::from_json`] reads.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(Shown { world: self, quotas: false }).unwrap_or_default()
    }
}

/// Reads a document into a world that exists.
pub(super) fn read(world: &mut World, document: &Value) -> Result<(), String> {
    let text = document.to_string();
    Document::of(text.as_bytes()).map_err(|error| error.to_string())?.read_into(world)
}

/// Reads one member of the document; what can be long is read from its text.
fn read_member(world: &mut World, name: &str, text: &RawValue) -> Result<(), String> {
    let value = || pieces::value(text, name);
    match name.to_ascii_lowercase().as_str() {
        "subscriptions" => {
            world.subscriptions.clear();
            world.subscription_tags.clear();
            list(&value()?, name)?.try_for_each(|one| groups::read_subscription(world, one))?;
        }
        "tenant" => self::text(&value()?, name)?.clone_into(&mut world.tenant),
        "resourcegroups" => {
            world.resource_groups.clear();
            list(&value()?, name)?.try_for_each(|one| groups::read(world, one))?;
        }
        "zones" => zones::read(world, text, name)?,
        "machines" => {
            world.machines = Arc::new(machines::read(text, name)?);
            world.machines_revision += 1;
        }
        "publicips" => {
            world.public_ips = list(&value()?, name)?.map(public_ip).collect::<Result<_, String>>()?;
        }
        "locks" => world.locks = list(&value()?, name)?.map(locks::read).collect::<Result<_, String>>()?,
        "workspace" => world.workspace = named(&value()?, name, "customerId", is_workspace_id)?,
        "rule" => world.rule = named(&value()?, name, "immutableId", |text| text.starts_with("dcr-"))?,
        "managementgroups" => world.management_groups = management_groups::read(list(&value()?, name)?)?,
        "clients" => world.clients = list(&value()?, name)?.map(clients::read).collect::<Result<_, _>>()?,
        "identity" => world.identity_roles = roles::of_identity(&value()?, name)?,
        "resources" => {
            world.plain = list(&value()?, name)?.map(plain::read).collect::<Result<_, String>>()?;
        }
        "quotas" => {}
        _ => return Err(format!("{name}: no such member of a world")),
    }
    Ok(())
}

fn public_ip((place, value): (String, &Value)) -> Result<(String, IpAddr), String> {
    let members = object(value, &place)?;
    let id = resource_id(members, &place)?;
    let address = member_of(members, "ipAddress").and_then(Value::as_str);
    let address: Option<IpAddr> = address.and_then(|address| address.parse().ok());
    address.map(|address| (id.key(), address)).ok_or_else(|| format!("{place}.ipAddress: no address"))
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

pub(crate) fn tags_of(value: &Value, place: &str) -> Result<Option<Tags>, String> {
    tags_among(value, || place.to_owned(), &mut Texts::default())
}

/// The tags of one of many resources, whose tags have their names in common.
fn tags_among(value: &Value, place: impl Fn() -> String, texts: &mut Texts) -> Result<Option<Tags>, String> {
    let tags = match value {
        Value::Null => return Ok(None),
        Value::Object(tags) => tags,
        _ => return Err(format!("{}: an object or null is wanted", place())),
    };
    let tag = |(name, value): (&String, &Value)| match value.as_str() {
        Some(text) => Ok((texts.shared(name), Arc::from(text))),
        None => Err(format!("{}.{name}: a text is wanted", place())),
    };
    tags.iter().map(tag).collect::<Result<Tags, String>>().map(Some)
}

fn is(name: &str, wanted: &str) -> bool {
    name.eq_ignore_ascii_case(wanted)
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

fn id_text<'v>(members: &'v Map<String, Value>, place: &str) -> Result<&'v str, String> {
    let id = member_of(members, "id").and_then(Value::as_str);
    id.ok_or_else(|| format!("{place}.id: a resource id is wanted"))
}

fn resource_id(members: &Map<String, Value>, place: &str) -> Result<ResourceId, String> {
    let id = id_text(members, place)?;
    ResourceId::parse(id).ok_or_else(|| format!("{place}.id: '{id}' is no resource id"))
}
