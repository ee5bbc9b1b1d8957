//! Zones in a world's document.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::one_by_one::OneByOne;
use super::{is, links, list, member_of, pieces, resource_id, sets, tags_of, text};
use crate::world::{Dnssec, World, Zone, ZoneKind, guid};

/// A zone in the document.
pub(super) struct Shown<'w>(pub(super) &'w Zone);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let zone = self.0;
        let own = zone.apex_sets();
        // What every zone has from the start goes without saying.
        let sets = || zone.record_sets.values().filter(|set| !own.iter().any(|apex| apex.same_content(set)));
        let mut shown = serializer.serialize_map(None)?;
        shown.serialize_entry("id", &*zone.id.text)?;
        shown.serialize_entry("name", &*zone.id.name)?;
        shown.serialize_entry("type", zone.kind.wire_type())?;
        shown.serialize_entry("location", "global")?;
        shown.serialize_entry("etag", &zone.etag)?;
        shown.serialize_entry("nameServers", &zone.name_servers)?;
        shown.serialize_entry("recordSets", &OneByOne(|| sets().map(|set| set.to_json(zone))))?;
        if zone.dnssec.is_some() {
            shown.serialize_entry("dnssec", &true)?;
        }
        if !zone.links.is_empty() {
            let list: Value = zone.links.values().map(links::show).collect();
            shown.serialize_entry("virtualNetworkLinks", &list)?;
        }
        if let Some(tags) = &zone.tags {
            shown.serialize_entry("tags", tags)?;
        }
        shown.end()
    }
}

/// A zone as it is given: its record sets, of which there may be many, are still text.
struct Given<'d> {
    members: Map<String, Value>,
    record_sets: Option<&'d RawValue>,
}

impl<'d> Given<'d> {
    /// An object, or an id alone.
    fn of(given: &'d RawValue, place: &str) -> Result<Self, String> {
        let mut members = Map::new();
        if given.get().starts_with('"') {
            members.insert("id".to_owned(), pieces::value(given, place)?);
            return Ok(Self { members, record_sets: None });
        }
        let mut record_sets = None;
        for (name, text) in pieces::members(given, place)? {
            if is(&name, "recordSets") {
                record_sets = Some(text);
            } else {
                let value = pieces::value(text, &format!("{place}.{name}"))?;
                members.insert(name, value);
            }
        }
        Ok(Self { members, record_sets })
    }
}

/// Replaces all zones by the given ones; what is not said of one that was there stays.
pub(super) fn read(world: &mut World, given: &RawValue, place: &str) -> Result<(), String> {
    let mut old = std::mem::take(&mut world.zones);
    pieces::each(given, place, |place, given: &RawValue| {
        let zone = one(&mut old, &place, &Given::of(given, &place)?)?;
        world.deleted_zones.remove(&zone.id.key());
        match world.zones.insert(zone.id.key(), zone) {
            Some(_) => Err(format!("{place}: this zone is there twice")),
            None => Ok(()),
        }
    })?;
    // What was there and is not any more was deleted.
    world.deleted_zones.extend(old.into_keys());
    Ok(())
}

fn one(old: &mut BTreeMap<String, Zone>, place: &str, given: &Given<'_>) -> Result<Zone, String> {
    let members = &given.members;
    let id = resource_id(members, place)?;
    let fresh = Zone::new(id).ok_or_else(|| format!("{place}.id: this is no DNS zone's id"))?;
    let before = old.remove(&fresh.id.key());
    let mut zone = Zone { record_sets: fresh.record_sets.clone(), ..before.clone().unwrap_or(fresh) };
    if let Some(tags) = member_of(members, "tags") {
        zone.tags = tags_of(tags, &format!("{place}.tags"))?;
    }
    if let Some(given) = member_of(members, "virtualNetworkLinks") {
        let place = format!("{place}.virtualNetworkLinks");
        zone.links = links::read(zone.kind, list(given, &place)?)?;
    }
    if let Some(etag) = member_of(members, "etag").and_then(Value::as_str) {
        etag.clone_into(&mut zone.etag);
    }
    if let Some(signed) = member_of(members, "dnssec") {
        let signed = signed.as_bool().ok_or_else(|| format!("{place}.dnssec: a boolean is wanted"))?;
        zone.dnssec = signed.then(|| zone.dnssec.take().unwrap_or_else(Dnssec::new));
    }
    if let Some(servers) = member_of(members, "nameServers").filter(|_| !zone.name_servers.is_empty()) {
        let servers = list(servers, &format!("{place}.nameServers"))?;
        zone.name_servers =
            servers.map(|(place, value)| text(value, &place).map(str::to_owned)).collect::<Result<_, _>>()?;
        zone.put_apex_sets();
    }
    if let Some(given) = given.record_sets {
        read_sets(&mut zone, given, &format!("{place}.recordSets"))?;
    } else if let Some(before) = &before {
        zone.record_sets.clone_from(&before.record_sets);
    }
    if let Some(before) = &before {
        keep_etags(&mut zone, before);
    }
    zone.record_set_limit = zone.record_set_limit.max(zone.record_sets.len() + zone.kind.record_set_limit());
    if zone.record_sets.len() <= zone.kind.record_set_limit() {
        zone.record_set_limit = zone.kind.record_set_limit();
    }
    Ok(zone)
}

/// Adds the given record sets to those that the zone has of itself, which they may replace.
fn read_sets(zone: &mut Zone, given: &RawValue, place: &str) -> Result<(), String> {
    let mut own: Vec<_> = zone.record_sets.keys().cloned().collect();
    pieces::each(given, place, |place, value: Value| {
        let mut set = sets::read(zone, &value, &place)?;
        if zone.kind == ZoneKind::Public {
            set.canonicalize();
        }
        let key = set.key();
        match own.iter().position(|known| *known == key) {
            Some(known) => {
                own.swap_remove(known);
            }
            None if zone.record_sets.contains_key(&key) => {
                return Err(format!("{place}: this record set is there twice"));
            }
            None => {}
        }
        sets::refuse_beside_cname(zone, &set, &place)?;
        Arc::make_mut(&mut zone.record_sets).insert(key, set);
        Ok(())
    })
}

/// Record sets that are as they were keep their etags; others get a new one.
fn keep_etags(zone: &mut Zone, before: &Zone) {
    if Arc::ptr_eq(&zone.record_sets, &before.record_sets) {
        return;
    }
    for (key, set) in Arc::make_mut(&mut zone.record_sets) {
        if let Some(old) = before.record_sets.get(key) {
            if old.same_content(set) {
                set.etag.clone_from(&old.etag);
            } else if old.etag == set.etag {
                set.etag = guid();
            }
        }
    }
}
