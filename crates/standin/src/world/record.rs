//! The records of a record set: typed values, read from and written as the provider's JSON.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value, json};

use super::ZoneKind;

/// The record types of both providers (contract azure-resource-manager, sections 2.1 and 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum RecordType {
    A,
    Aaaa,
    Caa,
    Cname,
    Mx,
    Ns,
    Ptr,
    Soa,
    Srv,
    Txt,
}

impl RecordType {
    /// All types in the order in which lists show them.
    pub const ALL: [Self; 10] = [
        Self::A,
        Self::Aaaa,
        Self::Caa,
        Self::Cname,
        Self::Mx,
        Self::Ns,
        Self::Ptr,
        Self::Soa,
        Self::Srv,
        Self::Txt,
    ];

    /// Parses a type's name without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text().eq_ignore_ascii_case(text))
    }

    /// The type as DNS writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Caa => "CAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Ns => "NS",
            Self::Ptr => "PTR",
            Self::Soa => "SOA",
            Self::Srv => "SRV",
            Self::Txt => "TXT",
        }
    }

    /// Whether zones of this kind hold the type at all.
    pub fn exists_in(self, kind: ZoneKind) -> bool {
        kind == ZoneKind::Public || !matches!(self, Self::Ns | Self::Caa)
    }

    /// The member of `properties` that holds the records, in the casing of that provider.
    pub fn member(self, kind: ZoneKind) -> &'static str {
        let public = kind == ZoneKind::Public;
        match self {
            Self::A if public => "ARecords",
            Self::A => "aRecords",
            Self::Aaaa if public => "AAAARecords",
            Self::Aaaa => "aaaaRecords",
            Self::Caa => "caaRecords",
            Self::Cname if public => "CNAMERecord",
            Self::Cname => "cnameRecord",
            Self::Mx if public => "MXRecords",
            Self::Mx => "mxRecords",
            Self::Ns if public => "NSRecords",
            Self::Ns => "nsRecords",
            Self::Ptr if public => "PTRRecords",
            Self::Ptr => "ptrRecords",
            Self::Soa if public => "SOARecord",
            Self::Soa => "soaRecord",
            Self::Srv if public => "SRVRecords",
            Self::Srv => "srvRecords",
            Self::Txt if public => "TXTRecords",
            Self::Txt => "txtRecords",
        }
    }

    /// Whether the member holds one object rather than an array.
    fn is_single(self) -> bool {
        matches!(self, Self::Cname | Self::Soa)
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// One record. Names and IPv6 addresses stay in the text in which they were sent: whether the service rewrites
/// them is not documented, so a client has to cope with any form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the record formats")]
pub enum Record {
    A(Ipv4Addr),
    Aaaa { address: Ipv6Addr, text: String },
    Caa { flags: u8, tag: String, value: String },
    Cname(String),
    Mx { preference: u16, exchange: String },
    Ns(String),
    Ptr(String),
    Soa { host: String, email: String, serial: u32, refresh: u32, retry: u32, expire: u32, minimum: u32 },
    Srv { priority: u16, weight: u16, port: u16, target: String },
    Txt(Vec<String>),
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

    /// The record as an element of its array, or as its single object.
    pub fn to_json(&self, kind: ZoneKind) -> Value {
        match self {
            Self::A(address) => json!({ "ipv4Address": address.to_string() }),
            Self::Aaaa { text, .. } => json!({ "ipv6Address": text }),
            Self::Caa { flags, tag, value } => json!({ "flags": flags, "tag": tag, "value": value }),
            Self::Cname(name) => json!({ "cname": name }),
            Self::Mx { preference, exchange } => json!({ "preference": preference, "exchange": exchange }),
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

/// A member by its name without regard to case.
pub(crate) fn member_of<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    members.get(name).or_else(|| {
        members.iter().find(|(present, _)| present.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
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
    let members = value.as_object().ok_or_else(|| format!("{place}: an object is wanted"))?;
    let text = |name: &str| {
        let value = member_of(members, name).and_then(Value::as_str);
        value.map(str::to_owned).ok_or_else(|| format!("{place}.{name}: a text is wanted"))
    };
    let host = |name: &str| {
        let host = text(name)?;
        if is_domain_name(&host) {
            Ok(host)
        } else {
            Err(format!("{place}.{name}: '{host}' is no domain name"))
        }
    };
    let number = |name: &str| {
        let value = member_of(members, name).and_then(Value::as_u64);
        value.ok_or_else(|| format!("{place}.{name}: a number is wanted"))
    };
    let small = |name: &str| u16::try_from(number(name)?).map_err(|_| format!("{place}.{name}: over 65535"));
    let large = |name: &str, default: u32| match member_of(members, name) {
        None | Some(Value::Null) => Ok(default),
        Some(_) => u32::try_from(number(name)?).map_err(|_| format!("{place}.{name}: over 4294967295")),
    };
    Ok(match kind {
        RecordType::A => {
            let address = text("ipv4Address")?;
            Record::A(
                address
                    .parse()
                    .map_err(|_| format!("{place}.ipv4Address: '{address}' is no IPv4 address"))?,
            )
        }
        RecordType::Aaaa => {
            let text = text("ipv6Address")?;
            let address =
                text.parse().map_err(|_| format!("{place}.ipv6Address: '{text}' is no IPv6 address"))?;
            Record::Aaaa { address, text }
        }
        RecordType::Caa => Record::Caa {
            flags: u8::try_from(number("flags")?).map_err(|_| format!("{place}.flags: over 255"))?,
            tag: text("tag")?,
            value: text("value")?,
        },
        RecordType::Cname => Record::Cname(host("cname")?),
        RecordType::Mx => Record::Mx { preference: small("preference")?, exchange: host("exchange")? },
        RecordType::Ns => Record::Ns(host("nsdname")?),
        RecordType::Ptr => Record::Ptr(host("ptrdname")?),
        RecordType::Soa => Record::Soa {
            host: text("host").unwrap_or_default(),
            email: text("email").unwrap_or_default(),
            serial: large("serialNumber", 1)?,
            refresh: large("refreshTime", 3600)?,
            retry: large("retryTime", 300)?,
            expire: large("expireTime", 2_419_200)?,
            minimum: large("minimumTTL", 300)?,
        },
        RecordType::Srv => Record::Srv {
            priority: small("priority")?,
            weight: small("weight")?,
            port: small("port")?,
            target: host("target")?,
        },
        RecordType::Txt => {
            let list = member_of(members, "value").and_then(Value::as_array);
            let list = list.ok_or_else(|| format!("{place}.value: an array of texts is wanted"))?;
            let strings: Option<Vec<String>> =
                list.iter().map(|value| value.as_str().map(str::to_owned)).collect();
            let strings = strings.ok_or_else(|| format!("{place}.value: an array of texts is wanted"))?;
            // Each string travels with a length octet (contract azure-resource-manager, section 2.3).
            if strings.iter().any(|string| string.len() > 255) {
                return Err(format!("{place}.value: a string has more than 255 characters"));
            }
            Record::Txt(strings)
        }
    })
}

/// Whether a text can stand as a domain name in a record: labels of 1 to 63 printable ASCII characters.
pub(crate) fn is_domain_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_*".contains(&byte))
        })
}
