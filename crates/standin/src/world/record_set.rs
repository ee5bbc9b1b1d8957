//! A record set: name, type, TTL, metadata, and either records or the resource it follows.

use serde_json::{Map, Value, json};

use super::{Record, RecordType, Tags, Zone, ZoneKind};

/// What a record set holds. Neither records nor a target is a third, legal state
/// (contract azure-resource-manager, section 2.5): `Records` with an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holding {
    /// Records of its own.
    Records(Vec<Record>),
    /// An alias: the id of the resource whose address it follows.
    Alias(String),
}

/// What ends a label in a key: less than whatever may stand in one.
const LABEL_END: &str = "\u{1}";

/// A record set of a zone.
#[derive(Debug, Clone)]
pub struct RecordSet {
    /// Its name relative to the zone, lower case as the provider keeps it; `@` at the apex.
    pub name: String,
    /// Its type.
    pub record_type: RecordType,
    /// Changes with every write.
    pub etag: String,
    /// Seconds; none only for an alias without one.
    pub ttl: Option<u32>,
    /// Labels, text to text.
    pub metadata: Option<Tags>,
    /// Records or alias.
    pub holding: Holding,
    /// Whether a virtual network registered it (private zones only).
    pub auto_registered: bool,
}

impl RecordSet {
    /// The key under which a zone holds the set.
    pub fn key(&self) -> (String, RecordType) {
        Self::key_of(&self.name, self.record_type)
    }

    /// The key of a name and a type, in the order of lists, which is that of DNS (RFC 4034, section 6.1): by the
    /// labels from the last to the first. The apex has none.
    pub fn key_of(name: &str, record_type: RecordType) -> (String, RecordType) {
        if name == "@" {
            return (String::new(), record_type);
        }
        let labels: Vec<&str> = name.rsplit('.').collect();
        (labels.join(LABEL_END).to_ascii_lowercase(), record_type)
    }

    /// What the keys of all names below a name begin with.
    pub fn key_below(name: &str) -> String {
        let (key, _) = Self::key_of(name, RecordType::A);
        format!("{key}{LABEL_END}")
    }

    /// Its own records; an alias has none.
    pub fn records(&self) -> &[Record] {
        match &self.holding {
            Holding::Records(records) => records,
            Holding::Alias(_) => &[],
        }
    }

    /// Writes its IPv6 addresses in their canonical text, as the public provider keeps them.
    pub(crate) fn canonicalize(&mut self) {
        if let Holding::Records(records) = &mut self.holding {
            for record in records {
                if let Record::Aaaa { address, text } = record {
                    *text = address.to_string();
                }
            }
        }
    }

    /// The full name with a trailing dot, as the provider shows it.
    pub fn fqdn(&self, zone: &Zone) -> String {
        if self.name == "@" { format!("{}.", zone.name) } else { format!("{}.{}.", self.name, zone.name) }
    }

    /// Whether both hold the same, whatever their etags.
    pub fn same_content(&self, other: &Self) -> bool {
        self.name == other.name
            && self.record_type == other.record_type
            && self.ttl == other.ttl
            && self.metadata == other.metadata
            && self.holding == other.holding
            && self.auto_registered == other.auto_registered
    }

    /// The body of a GET. Public sets come back with `dnszones` in lower case, a trailing dot on `fqdn` and an
    /// empty `targetResource`; private ones with their own casing (contract azure-resource-manager, 2.3 and 3).
    pub fn to_json(&self, zone: &Zone) -> Value {
        json!({
            "id": self.wire_id(zone),
            "name": self.name,
            "type": self.wire_type(zone),
            "etag": self.etag,
            "properties": self.properties(zone),
        })
    }

    /// The id as the provider prints it.
    pub(crate) fn wire_id(&self, zone: &Zone) -> String {
        format!("{}/{}/{}", zone.wire_id(), self.record_type, self.name)
    }

    /// The type as the provider prints it.
    pub(crate) fn wire_type(&self, zone: &Zone) -> String {
        format!("{}/{}", zone.kind.wire_type(), self.record_type)
    }

    /// The member `properties` of that body.
    pub(crate) fn properties(&self, zone: &Zone) -> Value {
        let mut properties = Map::new();
        if let Some(metadata) = &self.metadata {
            properties.insert("metadata".to_owned(), json!(metadata));
        }
        properties.insert("fqdn".to_owned(), json!(self.fqdn(zone)));
        let ttl = if zone.kind == ZoneKind::Public { "TTL" } else { "ttl" };
        properties.insert(ttl.to_owned(), json!(self.ttl));
        if zone.kind == ZoneKind::Private {
            properties.insert("isAutoRegistered".to_owned(), json!(self.auto_registered));
        }
        if let Holding::Records(records) = &self.holding
            && let Some(value) = Record::write(records, self.record_type, zone.kind)
        {
            properties.insert(self.record_type.member(zone.kind).to_owned(), value);
        }
        if zone.kind == ZoneKind::Public {
            let target = match &self.holding {
                Holding::Alias(id) => json!({ "id": id }),
                Holding::Records(_) => json!({}),
            };
            properties.insert("targetResource".to_owned(), target);
            properties.insert("provisioningState".to_owned(), json!("Succeeded"));
        }
        Value::Object(properties)
    }
}
