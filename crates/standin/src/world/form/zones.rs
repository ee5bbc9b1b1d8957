//! Zones in a world's document.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{links, list, member_of, object, resource_id, sets, tags_of, text};
use crate::world::{Dnssec, World, Zone, ZoneKind, guid};

pub(super) fn show(zone: &Zone) -> Value {
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
    if zone.dnssec.is_some() {
        shown["dnssec"] = json!(true);
    }
    if !zone.links.is_empty() {
        shown["virtualNetworkLinks"] = zone.links.values().map(links::show).collect();
    }
    if let Some(tags) = &zone.tags {
        shown["tags"] = Value::Object(tags.clone());
    }
    shown
}

/// Replaces all zones by the given ones; what is not said of one that was there stays.
pub(super) fn read<'v>(
    world: &mut World,
    given: impl Iterator<Item = (String, &'v Value)>,
) -> Result<(), String> {
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
                let mut set = sets::read(&zone, value, &place)?;
                if zone.kind == ZoneKind::Public {
                    set.canonicalize();
                }
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
        world.deleted_zones.remove(&zone.id.key());
        if world.zones.insert(zone.id.key(), zone).is_some() {
            return Err(format!("{place}: this zone is there twice"));
        }
    }
    // What was there and is not any more was deleted.
    world.deleted_zones.extend(old.into_keys());
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
