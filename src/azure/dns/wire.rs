//! Record sets as Azure DNS writes them, read leniently and written back whole.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::kinds;
use crate::azure::error::code_of_body;
use crate::azure::ids::tidy;
use crate::azure::loose::Loose;
use pure::domain::{HostName, RecordSet, RecordType, Zone, ZoneId, parse_address};

/// Properties that the service alone writes (contract azure-resource-manager, section 2.3).
const READ_ONLY: [&str; 3] = ["fqdn", "provisioningState", "isAutoRegistered"];

/// What makes an alias of a set, when it has an id. An empty one stands on every ordinary set and is never written: the
/// version that writes does not know each of them (contract azure-resource-manager, sections 2.5 and 11).
const TARGETS: [&str; 2] = ["targetResource", "trafficManagementProfile"];

/// One answer of a list. An entry stays as it came until somebody wants it: of ten thousand a run wants a few.
#[derive(Deserialize)]
pub(super) struct ListPage {
    pub(super) value: Vec<Box<RawValue>>,
    #[serde(default, rename = "nextLink")]
    pub(super) next_link: Option<String>,
}

/// The member that holds the addresses of a set, and the member of each address.
fn members(zone: &ZoneId, record_type: RecordType) -> (&'static str, &'static str) {
    let address = match record_type {
        RecordType::A => "ipv4Address",
        RecordType::Aaaa => "ipv6Address",
    };
    (kinds::records(zone.kind(), record_type), address)
}

/// What a record set lacks that is none.
pub(super) const NO_PROPERTIES: &str = "the answer has no properties";
pub(super) const NO_RECORDS: &str = "its records are no list";
pub(super) const NO_ADDRESS: &str = "a record without an address";
pub(super) const NO_METADATA: &str = "its metadata are no object";
pub(super) const NO_TARGET: &str = "what it follows cannot be read";
const NO_REGISTRATION: &str = "whether Azure registered it cannot be read";

/// The members of a list; nothing is an empty one, and anything else is none.
fn list_of(value: Option<&Value>) -> Option<&[Value]> {
    match value {
        None | Some(Value::Null) => Some(&[]),
        Some(value) => value.as_array().map(Vec::as_slice),
    }
}

/// An object, or that there is nothing; anything else is none.
fn object(value: Option<&Value>) -> Option<Option<&Map<String, Value>>> {
    match value {
        None | Some(Value::Null) => Some(None),
        Some(value) => value.as_object().map(Some),
    }
}

/// Whether Azure registered a set; nothing is that it did not, and anything else is words.
pub(super) fn is_registered(value: &Value) -> Result<bool, &'static str> {
    match value {
        Value::Null => Ok(false),
        value => value.as_bool().ok_or(NO_REGISTRATION),
    }
}

/// The name of a record set, relative to its zone; words, when it has none.
pub(super) fn name(value: &Value) -> Result<&str, &'static str> {
    value.get("name").and_then(Value::as_str).ok_or("a record set without a name")
}

/// The name of an entry of a list, relative to its zone; words, when it has none.
pub(super) fn entry_name(entry: &RawValue) -> Result<String, &'static str> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(default, borrow)]
        name: Loose<'a>,
    }
    let named: Option<Named<'_>> = serde_json::from_str(entry.get()).ok();
    let name = named.as_ref().and_then(|named| named.name.as_text());
    name.map(str::to_owned).ok_or("a record set without a name")
}

/// The record set of an entry of a list, which has this name; words, when it is none.
pub(super) fn listed(
    entry: &RawValue,
    zone: &ZoneId,
    record_type: RecordType,
    name: &HostName,
) -> Result<RecordSet, String> {
    let value = serde_json::from_str(entry.get()).map_err(|fault| fault.to_string());
    value
        .and_then(|value| read(&value, zone, record_type, name))
        .map_err(|words| format!("{name} {record_type}: {words}"))
}

/// Whether an answer is about the record set that was asked for; words, when it is not. An answer of somebody else says
/// nothing about it, and least of all that it is empty.
pub(super) fn check(value: &Value, zone: &ZoneId, record_type: &str, asked: &HostName) -> Result<(), String> {
    let of = Zone { id: zone.clone() };
    let relative = name(value)?;
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    let is_id = || {
        let end = format!("/{record_type}/{relative}").to_lowercase();
        id.is_empty() || tidy(id).to_lowercase().strip_suffix(&end) == Some(zone.lower())
    };
    if of.absolute(relative).as_ref() == Some(asked) && is_id() {
        return Ok(());
    }
    Err(format!("the answer is not about {asked} {record_type}"))
}

/// The hosts of an NS record set; words, when it is none. What is no host name is left out.
pub(super) fn name_servers(value: &Value) -> Result<BTreeSet<HostName>, String> {
    let records = value.pointer("/properties/NSRecords").and_then(Value::as_array);
    let records = records.ok_or("the answer is no NS record set")?;
    let host = |record: &Value| HostName::parse(record.get("nsdname")?.as_str()?).ok();
    Ok(records.iter().filter_map(host).collect())
}

/// The record set that was asked for.
///
/// Words, when the answer is another one or none at all.
pub(super) fn record_set(
    value: &Value,
    zone: &ZoneId,
    record_type: RecordType,
    name: &HostName,
) -> Result<RecordSet, String> {
    check(value, zone, record_type.as_str(), name)?;
    read(value, zone, record_type, name)
}

fn read(value: &Value, zone: &ZoneId, record_type: RecordType, name: &HostName) -> Result<RecordSet, String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let properties = value.get("properties").and_then(Value::as_object).ok_or(NO_PROPERTIES)?;
    // What is of another kind is not nothing: a set that is taken for an empty or a plain one would be written over.
    let (list, member) = members(zone, record_type);
    let mut addresses = BTreeSet::<IpAddr>::new();
    for record in list_of(properties.get(list)).ok_or(NO_RECORDS)? {
        let address = record.get(member).and_then(Value::as_str).ok_or(NO_ADDRESS)?;
        addresses.insert(parse_address(address).ok_or_else(|| format!("`{address}` is no address"))?);
    }
    let metadata: BTreeMap<String, String> = object(properties.get("metadata"))
        .ok_or(NO_METADATA)?
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    // `targetResource: {}` stands on every ordinary set: only an id makes an alias (contract section 2.5).
    let mut alias = None;
    for target in TARGETS {
        let id = object(properties.get(target)).ok_or(NO_TARGET)?.and_then(|target| target.get("id"));
        let id = match id {
            Some(Value::String(id)) if !id.is_empty() => Some(id.clone()),
            None | Some(Value::Null | Value::String(_)) => None,
            Some(_) => return Err(NO_TARGET.to_owned()),
        };
        alias = alias.or(id);
    }
    let auto_registered = is_registered(properties.get("isAutoRegistered").unwrap_or(&Value::Null))?;
    let ttl = kinds::ttl(zone.kind());
    let managed = [&[ttl, "metadata", list], &TARGETS[..]].concat();
    let other: Map<String, Value> = properties
        .iter()
        .filter(|(key, value)| {
            !managed.contains(&key.as_str()) && !READ_ONLY.contains(&key.as_str()) && !value.is_null()
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Ok(RecordSet {
        id: text("id").unwrap_or_default(),
        zone: zone.clone(),
        name: name.clone(),
        record_type,
        etag: text("etag").unwrap_or_default(),
        ttl: properties
            .get(ttl)
            .and_then(Value::as_u64)
            .and_then(|ttl| u32::try_from(ttl).ok())
            .unwrap_or_default(),
        addresses,
        alias,
        auto_registered,
        metadata,
        other,
    })
}

/// The body of a replacement of a plain set: what we manage, and everything else as it came.
pub(super) fn body(set: &RecordSet) -> Value {
    let (list, member) = members(&set.zone, set.record_type);
    let records: Vec<_> =
        set.addresses.iter().map(|address| json!({ member: address.to_string() })).collect();
    let mut properties = set.other.clone();
    properties.insert(kinds::ttl(set.zone.kind()).to_owned(), set.ttl.into());
    properties.insert("metadata".to_owned(), json!(set.metadata));
    properties.insert(list.to_owned(), records.into());
    json!({ "properties": properties })
}

/// Whether the body of a 404 says that there is no such record set.
///
/// A zone that was just deleted is told with the same status, code and envelope, so the words are all that tells the
/// two apart (contract azure-resource-manager, section 2.6); whatever is not known here is trouble.
pub(super) fn says_no_record_set(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Bare {
        message: String,
    }
    code_of_body(body).is_some_and(|code| code == "NotFound")
        && serde_json::from_slice::<Bare>(body)
            .is_ok_and(|bare| bare.message.trim_start().starts_with("The resource record "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> ZoneId {
        ZoneId::parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com")
            .unwrap()
    }

    fn name_of() -> HostName {
        HostName::parse("web01.example.com").unwrap()
    }

    fn set(properties: &Value) -> Result<RecordSet, String> {
        let value = json!({"name": "web01", "etag": "e", "type": "Microsoft.Network/dnszones/A",
            "properties": properties});
        record_set(&value, &zone(), RecordType::A, &name_of())
    }

    #[test]
    fn a_plain_set_an_alias_and_an_empty_set_are_told_apart() {
        let plain = set(&json!({"TTL": 300, "fqdn": "web01.example.com.", "ARecords": [{"ipv4Address": "198.51.100.21"}],
            "metadata": {"managedBy": "ddns"}, "targetResource": {}, "provisioningState": "Succeeded", "caaRecords": null,
            "future": {"x": 1}}))
        .unwrap();
        assert_eq!(
            (plain.name.as_str(), plain.ttl, plain.alias.as_deref()),
            ("web01.example.com", 300, None)
        );
        assert_eq!(plain.addresses.len(), 1);
        assert_eq!(plain.other.keys().collect::<Vec<_>>(), ["future"]);
        let alias = set(&json!({"TTL": null, "targetResource": {"id": "/x"}, "ARecords": null})).unwrap();
        assert_eq!((alias.alias.as_deref(), alias.addresses.len(), alias.ttl), (Some("/x"), 0, 0));
        let empty = set(&json!({"TTL": 60, "targetResource": {}})).unwrap();
        assert_eq!((empty.alias, empty.addresses.len()), (None, 0));
    }

    #[test]
    fn a_replacement_keeps_what_is_not_ours() {
        let mut set =
            set(&json!({"TTL": 300, "metadata": {"managedBy": "ddns"}, "targetResource": {}, "future": 1}))
                .unwrap();
        set.addresses.insert("203.0.113.7".parse().unwrap());
        assert_eq!(
            body(&set),
            json!({"properties": {"future": 1, "TTL": 300, "metadata": {"managedBy": "ddns"},
                "ARecords": [{"ipv4Address": "203.0.113.7"}]}})
        );
    }

    #[test]
    fn a_registration_is_read_and_never_written_back() {
        let zone = ZoneId::parse(&zone().as_str().replace("dnsZones", "privateDnsZones")).unwrap();
        let set = |registered: Value| {
            let properties =
                json!({"ttl": 10, "isAutoRegistered": registered, "aRecords": [{"ipv4Address": "10.1.0.9"}]});
            record_set(&json!({"name": "web01", "properties": properties}), &zone, RecordType::A, &name_of())
        };
        for (registered, is) in [(json!(true), true), (json!(false), false), (json!(null), false)] {
            let set = set(registered).unwrap();
            assert_eq!((set.auto_registered, set.ttl, set.other.len()), (is, 10, 0));
            let sent = json!({"ttl": 10, "metadata": {}, "aRecords": [{"ipv4Address": "10.1.0.9"}]});
            assert_eq!(body(&set)["properties"], sent);
        }
        for other in [json!("true"), json!(1), json!({})] {
            assert_eq!(set(other.clone()), Err(NO_REGISTRATION.to_owned()), "{other} is no plain set");
        }
    }

    /// The newest version shows an empty profile on every set; this one knows no such property to be written.
    #[test]
    fn an_empty_profile_is_not_written_back_and_one_with_an_id_is_an_alias() {
        let mut plain =
            set(&json!({"TTL": 300, "trafficManagementProfile": {}, "targetResource": {}})).unwrap();
        plain.addresses.insert("203.0.113.7".parse().unwrap());
        let sent = json!({"TTL": 300, "metadata": {}, "ARecords": [{"ipv4Address": "203.0.113.7"}]});
        assert_eq!((plain.alias.as_deref(), body(&plain)["properties"].clone()), (None, sent));
        for target in [json!({}), json!({"id": ""}), json!(null)] {
            let profile = json!({"id": "/profile"});
            let led = json!({"TTL": 300, "targetResource": target, "trafficManagementProfile": profile});
            assert_eq!(set(&led).unwrap().alias.as_deref(), Some("/profile"), "{led}");
        }
    }

    #[test]
    fn answers_that_are_no_record_sets_are_words() {
        assert!(record_set(&json!([]), &zone(), RecordType::A, &name_of()).is_err());
        assert!(set(&json!({"ARecords": [{"ipv4Address": "x"}]})).is_err());
        assert!(set(&json!({"ARecords": [{}]})).is_err());
        for other in [json!({}), json!("203.0.113.7"), json!(5), json!(false)] {
            assert!(set(&json!({"TTL": 60, "ARecords": other})).is_err(), "{other} is no empty list");
        }
        for other in [json!([]), json!("x"), json!(5)] {
            assert!(set(&json!({"TTL": 60, "metadata": other})).is_err(), "{other} is no lack of a mark");
            for target in TARGETS {
                assert!(set(&json!({"TTL": 60, target: other})).is_err(), "{other} is no plain set");
                let id = json!({"id": [other]});
                assert!(set(&json!({"TTL": 60, target: id})).is_err(), "{id} is no plain set");
            }
        }
    }

    #[test]
    fn an_entry_of_a_list_has_a_name() {
        let name = |value: Value| entry_name(&serde_json::value::to_raw_value(&value).unwrap());
        assert_eq!(name(json!({"properties": {}, "name": "_x"})), Ok("_x".to_owned()));
        for nameless in [json!({"properties": {}}), json!({"name": 5}), json!(null)] {
            assert!(name(nameless).is_err());
        }
    }

    #[test]
    fn only_what_was_asked_for_is_an_answer() {
        let id = |tail: &str| format!("{}/{tail}", zone().as_str().replace("/g/", "/G/"));
        let read = |id: Value, name: &str| {
            let value = json!({"id": id, "name": name, "etag": "e", "properties": {"TTL": 60}});
            record_set(&value, &zone(), RecordType::A, &name_of()).is_ok()
        };
        assert!(read(Value::Null, "web01") && read(json!(id("a/WEB01")), "Web01"));
        let doubled = id("A/web01/").replace("/providers/", "//providers/");
        assert!(read(json!(id("A/web01/")), "web01") && read(json!(doubled), "web01"));
        for (tail, name) in
            [("A/web02", "web02"), ("A/web02", "web01"), ("AAAA/web01", "web01"), ("A/web01", "web02")]
        {
            assert!(!read(json!(id(tail)), name), "{tail} {name}");
        }
        assert!(!read(json!(id("A/web01").replace("example.com", "example.net")), "web01"));
    }

    #[test]
    fn only_a_word_about_the_record_says_that_it_is_absent() {
        for (body, absent) in [
            (r#"{"code":"NotFound","message":"The resource record 'x' does not exist"}"#, true),
            (
                r#"{"code":"NotFound","message":"The resource record 'x' does not exist in resource group 'g'."}"#,
                true,
            ),
            (r#"{"code":"NotFound","message":"The zone 'z' does not exist in resource group 'g'."}"#, false),
            (r#"{"error":{"code":"NotFound","message":"The resource record 'x' does not exist"}}"#, false),
            (r#"{"error":{"code":"ParentResourceNotFound","message":"m"}}"#, false),
            (r#"{"code":"Other","message":"The resource record 'x' does not exist"}"#, false),
            (r#"{"code":"NotFound"}"#, false),
            ("<html>NotFound The resource record </html>", false),
            ("", false),
        ] {
            assert_eq!(says_no_record_set(body.as_bytes()), absent, "{body}");
        }
    }
}
