//! Record sets in a world document: Resource Manager's shape, or the same members flattened.

use serde_json::{Map, Value};

use super::tags_of;
use crate::world::record::member_of;
use crate::world::{Holding, Record, RecordSet, RecordType, Zone, guid};

/// The TTL of a set that names none.
const TTL: u32 = 300;

/// Reads one record set.
pub(super) fn read(zone: &Zone, value: &Value, place: &str) -> Result<RecordSet, String> {
    let members = super::object(value, place)?;
    let flattened = member_of(members, "properties").is_none_or(Value::is_null);
    let properties = if flattened {
        members
    } else {
        let properties = member_of(members, "properties").and_then(Value::as_object);
        properties.ok_or_else(|| format!("{place}.properties: an object is wanted"))?
    };
    let record_type = record_type(members, place)?;
    if !record_type.exists_in(zone.kind) {
        return Err(format!("{place}.type: a private zone holds no {record_type}"));
    }
    let records = Record::read(record_type, properties).map_err(|error| format!("{place}.{error}"))?;
    let target = member_of(properties, "targetResource").and_then(|target| {
        target.as_str().or_else(|| target.as_object().and_then(|target| member_of(target, "id")?.as_str()))
    });
    let holding = match target.filter(|id| !id.is_empty()) {
        Some(_) if !records.is_empty() => {
            return Err(format!("{place}: an alias has no records of its own"));
        }
        Some(id) => Holding::Alias(id.to_owned()),
        None => Holding::Records(records),
    };
    let metadata = member_of(properties, "metadata").unwrap_or(&Value::Null);
    Ok(RecordSet {
        name: name(members, zone, place)?,
        record_type,
        etag: member_of(members, "etag").and_then(Value::as_str).map_or_else(guid, str::to_owned),
        ttl: ttl(properties, &holding, place)?,
        metadata: tags_of(metadata, &format!("{place}.metadata"))?,
        holding,
        auto_registered: member_of(properties, "isAutoRegistered").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// Refuses what Azure could never hold: a CNAME beside another set, or at the apex.
pub(super) fn refuse_beside_cname(zone: &Zone, set: &RecordSet, place: &str) -> Result<(), String> {
    let is_cname = |record_type: RecordType| record_type == RecordType::Cname;
    let beside = RecordType::ALL.into_iter().find(|other| {
        *other != set.record_type
            && (is_cname(set.record_type) || is_cname(*other))
            && zone.record_set(&set.name, *other).is_some()
    });
    match beside {
        Some(other) => Err(format!("{place}: '{}' already holds a {other} record set", set.name)),
        None => Ok(()),
    }
}

fn ttl(properties: &Map<String, Value>, holding: &Holding, place: &str) -> Result<Option<u32>, String> {
    match member_of(properties, "TTL") {
        None | Some(Value::Null) => Ok(matches!(holding, Holding::Records(_)).then_some(TTL)),
        Some(value) => {
            let ttl = value.as_u64().filter(|ttl| (1..=2_147_483_647).contains(ttl));
            let ttl = ttl.and_then(|ttl| u32::try_from(ttl).ok());
            ttl.map(Some).ok_or_else(|| format!("{place}.TTL: {value} is not from 1 to 2147483647"))
        }
    }
}

/// The type as `A`, `Microsoft.Network/dnszones/A`, or the last but one segment of the id.
fn record_type(members: &Map<String, Value>, place: &str) -> Result<RecordType, String> {
    let given =
        member_of(members, "type").or_else(|| member_of(members, "recordType")).and_then(Value::as_str);
    let of_id = || member_of(members, "id")?.as_str()?.rsplit('/').nth(1);
    let text = given.or_else(of_id).ok_or_else(|| format!("{place}.type: a record type is wanted"))?;
    let last = text.rsplit('/').next().unwrap_or(text);
    RecordType::parse(last).ok_or_else(|| format!("{place}.type: '{text}' is no record type"))
}

/// The relative name; a full name below the zone is shortened.
fn name(members: &Map<String, Value>, zone: &Zone, place: &str) -> Result<String, String> {
    let of_id = || member_of(members, "id")?.as_str()?.rsplit('/').next();
    let text = member_of(members, "name").and_then(Value::as_str).or_else(of_id);
    let text = text.ok_or_else(|| format!("{place}.name: a name is wanted"))?;
    let full = text.trim_end_matches('.');
    let relative = if full.eq_ignore_ascii_case(&zone.name) || text.is_empty() {
        "@"
    } else {
        let cut = full.len().checked_sub(zone.name.len() + 1);
        let below = cut.filter(|&cut| {
            full.get(cut..).is_some_and(|end| {
                end.strip_prefix('.').is_some_and(|end| end.eq_ignore_ascii_case(&zone.name))
            })
        });
        below.and_then(|cut| full.get(..cut)).unwrap_or(full)
    };
    Ok(relative.to_ascii_lowercase())
}
