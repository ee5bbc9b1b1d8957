//! The records of a record set: typed values, read from and written as the provider's JSON.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value, json};

use super::fields::Fields;
pub(crate) use super::fields::{is_domain_name, member_of};
use super::octets::Octets;
use super::{RecordType, ZoneKind};

/// One record. Names and IPv6 addresses stay in the text in which they were sent; a zone of the public provider
/// writes addresses in its own way afterwards (`RecordSet::canonicalize`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the record formats")]
pub enum Record {
    A(Ipv4Addr),
    Aaaa { address: Ipv6Addr, text: String },
    Caa { flags: u8, tag: String, value: String },
    Cname(String),
    Ds { key_tag: u16, algorithm: u8, digest_type: u8, digest: Octets },
    Mx { preference: u16, exchange: String },
    Naptr(Box<Naptr>),
    Ns(String),
    Ptr(String),
    Soa { host: String, email: String, serial: u32, refresh: u32, retry: u32, expire: u32, minimum: u32 },
    Srv { priority: u16, weight: u16, port: u16, target: String },
    Tlsa { usage: u8, selector: u8, matching: u8, data: Octets },
    Txt(Vec<String>),
}

/// A rule by which a name is rewritten (RFC 3403).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the record format")]
pub struct Naptr {
    pub order: u16,
    pub preference: u16,
    pub flags: String,
    pub services: String,
    pub regexp: String,
    pub replacement: String,
}

impl Record {
    /// Reads all records of one type out of `properties`, whose member names are compared without case.
    ///
    /// # Errors
    /// A sentence that names the faulty member.
    pub fn read(kind: RecordType, properties: &Map<String, Value>) -> Result<Vec<Self>, String> {
        let member = kind.member(ZoneKind::Public);
        let Some(value) = member_of(properties, member).filter(|value| !value.is_null()) else {
            return Ok(Vec::new());
        };
        if kind.is_single() {
            let empty = value.as_object().is_some_and(Map::is_empty);
            return if empty { Ok(Vec::new()) } else { Ok(vec![one(kind, value, member)?]) };
        }
        let list = value.as_array().ok_or_else(|| format!("{member}: an array is wanted"))?;
        list.iter()
            .enumerate()
            .map(|(index, value)| one(kind, value, &format!("{member}[{index}]")))
            .collect()
    }

    /// The record in the one spelling of all that mean the same: names without case and final dot, addresses in their
    /// canonical text, digits in capitals. Texts mean what they say.
    #[must_use]
    pub(crate) fn meaning(&self) -> Self {
        let mut same = self.clone();
        let plain = |name: &mut String| *name = name.trim_end_matches('.').to_ascii_lowercase();
        match &mut same {
            Self::Aaaa { address, text } => *text = address.to_string(),
            Self::Cname(name) | Self::Ns(name) | Self::Ptr(name) => plain(name),
            Self::Mx { exchange, .. } => plain(exchange),
            Self::Srv { target, .. } => plain(target),
            Self::Naptr(rule) => plain(&mut rule.replacement),
            Self::Ds { digest: octets, .. } | Self::Tlsa { data: octets, .. } => *octets = octets.canonical(),
            Self::A(_) | Self::Caa { .. } | Self::Soa { .. } | Self::Txt(_) => {}
        }
        same
    }

    /// The record as an element of its array, or as its single object.
    pub fn to_json(&self, kind: ZoneKind) -> Value {
        match self {
            Self::A(address) => json!({ "ipv4Address": address.to_string() }),
            Self::Aaaa { text, .. } => json!({ "ipv6Address": text }),
            Self::Caa { flags, tag, value } => json!({ "flags": flags, "tag": tag, "value": value }),
            Self::Cname(name) => json!({ "cname": name }),
            Self::Ds { key_tag, algorithm, digest_type, digest } => json!({
                "keyTag": key_tag, "algorithm": algorithm,
                "digest": { "algorithmType": digest_type, "value": digest.text() },
            }),
            Self::Mx { preference, exchange } => json!({ "preference": preference, "exchange": exchange }),
            Self::Naptr(rule) => json!({
                "order": rule.order, "preference": rule.preference, "flags": rule.flags,
                "services": rule.services, "regexp": rule.regexp, "replacement": rule.replacement,
            }),
            Self::Ns(name) => json!({ "nsdname": name }),
            Self::Ptr(name) => json!({ "ptrdname": name }),
            Self::Soa { host, email, serial, refresh, retry, expire, minimum } => {
                let minimum_name = if kind == ZoneKind::Public { "minimumTTL" } else { "minimumTtl" };
                json!({
                    "host": host, "email": email, "serialNumber": serial, "refreshTime": refresh,
                    "retryTime": retry, "expireTime": expire, minimum_name: minimum,
                })
            }
            Self::Srv { priority, weight, port, target } => {
                json!({ "priority": priority, "weight": weight, "port": port, "target": target })
            }
            Self::Tlsa { usage, selector, matching, data } => json!({
                "usage": usage, "selector": selector, "matchingType": matching, "certAssociationData": data.text(),
            }),
            Self::Txt(strings) => json!({ "value": strings }),
        }
    }

    /// All records of a set in the form in which `properties` holds them; none when there is nothing to show.
    pub fn write(records: &[Self], record_type: RecordType, kind: ZoneKind) -> Option<Value> {
        if record_type.is_single() {
            return records.first().map(|record| record.to_json(kind));
        }
        Some(Value::Array(records.iter().map(|record| record.to_json(kind)).collect()))
    }
}

/// The types whose records stand in `properties` although the set is of another type.
pub(crate) fn foreign_records(kind: RecordType, properties: &Map<String, Value>) -> Option<RecordType> {
    RecordType::ALL.into_iter().filter(|other| *other != kind).find(|other| {
        member_of(properties, other.member(ZoneKind::Public)).is_some_and(|value| match value {
            Value::Array(list) => !list.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => false,
        })
    })
}

fn one(kind: RecordType, value: &Value, place: &str) -> Result<Record, String> {
    let of = Fields::of(value, place)?;
    Ok(match kind {
        RecordType::A => Record::A(of.parsed("ipv4Address", "no IPv4 address")?),
        RecordType::Aaaa => Record::Aaaa {
            address: of.parsed("ipv6Address", "no IPv6 address")?,
            text: of.text("ipv6Address")?,
        },
        RecordType::Caa => {
            Record::Caa { flags: of.octet("flags")?, tag: of.tag("tag")?, value: of.text("value")? }
        }
        RecordType::Cname => Record::Cname(of.host("cname")?),
        RecordType::Ds => {
            let digest = of.below("digest")?;
            Record::Ds {
                key_tag: of.small("keyTag")?,
                algorithm: of.octet("algorithm")?,
                digest_type: digest.octet("algorithmType")?,
                digest: digest.parsed("value", "no hexadecimal text")?,
            }
        }
        RecordType::Mx => {
            Record::Mx { preference: of.small("preference")?, exchange: of.host_or_none("exchange")? }
        }
        RecordType::Naptr => Record::Naptr(Box::new(Naptr {
            order: of.small("order")?,
            preference: of.small("preference")?,
            flags: of.short_text("flags")?,
            services: of.short_text("services")?,
            regexp: of.short_text("regexp")?,
            replacement: of.host_or_none("replacement")?,
        })),
        RecordType::Ns => Record::Ns(of.host("nsdname")?),
        RecordType::Ptr => Record::Ptr(of.host("ptrdname")?),
        RecordType::Soa => Record::Soa {
            host: of.text("host").unwrap_or_default(),
            email: of.text("email").unwrap_or_default(),
            serial: of.large("serialNumber", 1)?,
            refresh: of.large("refreshTime", 3600)?,
            retry: of.large("retryTime", 300)?,
            expire: of.large("expireTime", 2_419_200)?,
            minimum: of.large("minimumTTL", 300)?,
        },
        RecordType::Srv => Record::Srv {
            priority: of.small("priority")?,
            weight: of.small("weight")?,
            port: of.small("port")?,
            target: of.host_or_none("target")?,
        },
        RecordType::Tlsa => Record::Tlsa {
            usage: of.octet("usage")?,
            selector: of.octet("selector")?,
            matching: of.octet("matchingType")?,
            data: of.parsed("certAssociationData", "no hexadecimal text")?,
        },
        RecordType::Txt => Record::Txt(of.short_texts("value")?),
    })
}
