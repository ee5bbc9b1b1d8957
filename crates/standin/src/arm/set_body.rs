//! What a record set may be: the rules by which the DNS provider refuses a body or a name.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::Reply;
use crate::world::record::{foreign_records, member_of};
use crate::world::{Holding, Record, RecordSet, RecordType, ResourceId, Tags, Zone, ZoneKind, form, guid};

/// Records a set holds at most (contract azure-resource-manager, section 2.7).
const MOST_RECORDS: usize = 20;
/// The same for the texts of a public zone.
const MOST_TEXTS: usize = 400;
/// Characters of all strings of a TXT set at most (section 2.7).
const MOST_CHARACTERS: usize = 4096;

/// The bare 400 of the DNS provider.
fn bad(message: impl AsRef<str>) -> Reply {
    Reply::bare(400, "BadRequest", message.as_ref())
}

/// The refusal of properties that are no object.
pub(super) fn no_object() -> Reply {
    let message = "The request content was invalid: 'properties' must be an object.";
    Reply::wrapped(400, "InvalidRequestContent", message)
}

/// Checks a relative record set name.
///
/// # Errors
/// The provider's 400.
pub(super) fn check_name(zone: &Zone, name: &str, record_type: RecordType) -> Result<(), Reply> {
    let wildcard = name == "*" || name.starts_with("*.");
    let labels = name.strip_prefix("*.").unwrap_or(if wildcard { "" } else { name });
    let fits = name == "@"
        || labels.is_empty() && wildcard
        || labels.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        });
    if !fits || name.len() + zone.name.len() + 1 > 253 {
        return Err(bad(format!("The relative record set name '{name}' is not valid.")));
    }
    if wildcard && matches!(record_type, RecordType::Ns | RecordType::Soa) {
        return Err(bad(format!("A record set of type {record_type} cannot have a wildcard name.")));
    }
    if name == "@" && record_type == RecordType::Cname {
        return Err(bad("A CNAME record set cannot stand at the zone apex."));
    }
    if name != "@" && record_type == RecordType::Soa {
        return Err(bad("A SOA record set stands only at the zone apex."));
    }
    Ok(())
}

/// Makes the set that a write asks for. With `before`, absent members stay as they were (a merge).
///
/// # Errors
/// The provider's 400.
pub(super) fn read(
    zone: &Zone,
    name: &str,
    record_type: RecordType,
    properties: &Map<String, Value>,
    before: Option<&RecordSet>,
) -> Result<RecordSet, Reply> {
    if let Some(other) = foreign_records(record_type, properties) {
        return Err(bad(format!("A record set of type {record_type} cannot hold {other} records.")));
    }
    let has = |name: &str| member_of(properties, name).is_some();
    let ttl = match member_of(properties, "TTL") {
        Some(value) if !value.is_null() => {
            let ttl = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
            let ttl =
                ttl.filter(|ttl| (1..=2_147_483_647).contains(ttl)).and_then(|ttl| u32::try_from(ttl).ok());
            Some(ttl.ok_or_else(|| bad(format!("The TTL value '{value}' is not between 1 and 2147483647.")))?)
        }
        _ => before.and_then(|before| before.ttl),
    };
    let metadata = match member_of(properties, "metadata") {
        Some(value) => metadata(value)?,
        None => before.and_then(|before| before.metadata.clone()),
    };
    if target(properties, "trafficManagementProfile")?.is_some() {
        return Err(bad("The traffic management profile was not found."));
    }
    let target = target(properties, "targetResource")?;
    let member = record_type.member(ZoneKind::Public);
    let records = Record::read(record_type, properties).map_err(|error| bad(format!("{error}.")))?;
    let holding = match (target, before) {
        (Some(_), _) if !records.is_empty() => {
            return Err(bad("A record set cannot have both records and a target resource."));
        }
        (Some(target), _) => Holding::Alias(check_target(zone, name, record_type, target)?),
        (None, Some(before)) if !has(member) && !has("targetResource") => before.holding.clone(),
        (None, _) => Holding::Records(records),
    };
    if ttl.is_none() && matches!(holding, Holding::Records(_)) {
        return Err(bad("The TTL of the record set must be specified."));
    }
    check_records(zone, record_type, &holding)?;
    Ok(RecordSet {
        name: name.to_ascii_lowercase(),
        record_type,
        etag: guid(),
        ttl,
        metadata,
        holding,
        auto_registered: false,
    })
}

/// The metadata: a map from text to text, nothing else.
fn metadata(value: &Value) -> Result<Option<Tags>, Reply> {
    form::tags_of(value, "properties.metadata").map_err(|_| {
        let message = "The request content was invalid: 'properties.metadata' must be a map of strings.";
        Reply::wrapped(400, "InvalidRequestContent", message)
    })
}

/// The id of the resource that a set follows; `{}` and null mean that there is none.
fn target<'v>(properties: &'v Map<String, Value>, member: &str) -> Result<Option<&'v str>, Reply> {
    match member_of(properties, member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) => match member_of(members, "id") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(id)) => Ok(Some(id.as_str()).filter(|id| !id.is_empty())),
            Some(_) => Err(bad("The id of the target resource must be a text.")),
        },
        Some(_) => Err(bad("The target resource must be an object with an id.")),
    }
}

/// An alias points at a resource, or at a set of its own type in its own zone (section 2.5).
fn check_target(zone: &Zone, name: &str, record_type: RecordType, target: &str) -> Result<String, Reply> {
    if zone.kind == ZoneKind::Private {
        return Err(bad("A private zone holds no alias record sets."));
    }
    if !matches!(record_type, RecordType::A | RecordType::Aaaa | RecordType::Cname) {
        return Err(bad(format!("A record set of type {record_type} cannot be an alias.")));
    }
    let id = ResourceId::parse(target).ok_or_else(|| bad(format!("'{target}' is not a resource id.")))?;
    let inside = zone.id.key();
    if let Some(below) = id.key().strip_prefix(&format!("{inside}/")) {
        let (kind, other) = below.split_once('/').unwrap_or((below, ""));
        let same = RecordType::parse(kind) == Some(record_type);
        if !same || other.eq_ignore_ascii_case(name) || zone.record_set(other, record_type).is_none() {
            return Err(bad(format!("The record set '{target}' cannot be the target of this alias.")));
        }
    } else if id.kind.to_ascii_lowercase().starts_with("microsoft.network/dnszones") {
        return Err(bad("An alias can follow only a record set of its own zone."));
    }
    Ok(target.to_owned())
}

fn check_records(zone: &Zone, record_type: RecordType, holding: &Holding) -> Result<(), Reply> {
    let Holding::Records(records) = holding else {
        return Ok(());
    };
    let most = match (zone.kind, record_type) {
        (ZoneKind::Public, RecordType::Txt) => MOST_TEXTS,
        _ => MOST_RECORDS,
    };
    if records.len() > most {
        return Err(bad(format!("A record set of type {record_type} holds at most {most} records.")));
    }
    let txt = |record: &Record| match record {
        Record::Txt(strings) => strings.iter().map(String::len).sum(),
        _ => 0,
    };
    if records.iter().map(txt).sum::<usize>() > MOST_CHARACTERS {
        return Err(bad(format!("The TXT records of a set hold at most {MOST_CHARACTERS} characters.")));
    }
    let meanings: HashSet<Record> = records.iter().map(Record::meaning).collect();
    let double = meanings.len() < records.len();
    if double { Err(bad("The record set holds a record twice.")) } else { Ok(()) }
}
