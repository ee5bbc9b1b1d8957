//! A DNS zone, public or private, with the sets that Azure itself keeps at its apex.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::base64::base64;
use super::{Dnssec, Holding, Link, Record, RecordSet, RecordType, ResourceId, Tags, guid};

/// Which provider a zone belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneKind {
    /// `Microsoft.Network/dnsZones`.
    Public,
    /// `Microsoft.Network/privateDnsZones`.
    Private,
}

impl ZoneKind {
    /// The kind of a resource type; none for other resources.
    pub fn of(resource_type: &str) -> Option<Self> {
        if resource_type.eq_ignore_ascii_case("Microsoft.Network/dnsZones") {
            Some(Self::Public)
        } else {
            resource_type.eq_ignore_ascii_case("Microsoft.Network/privateDnsZones").then_some(Self::Private)
        }
    }

    /// The type as the provider writes it (contract azure-resource-manager, section 2.2).
    pub fn wire_type(self) -> &'static str {
        match self {
            Self::Public => "Microsoft.Network/dnszones",
            Self::Private => "Microsoft.Network/privateDnsZones",
        }
    }

    /// The largest number of record sets of a zone, unless raised.
    pub fn record_set_limit(self) -> usize {
        match self {
            Self::Public => 10_000,
            Self::Private => 25_000,
        }
    }
}

/// A zone and its record sets.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Its id, as created.
    pub id: ResourceId,
    /// Its name, lower case, without trailing dot.
    pub name: String,
    /// Public or private.
    pub kind: ZoneKind,
    /// Changes with every write to the zone itself.
    pub etag: String,
    /// Its tags; none is shown as an empty object.
    pub tags: Option<Tags>,
    /// Its name servers with trailing dots; none for private zones.
    pub name_servers: Vec<String>,
    /// How many record sets it may hold.
    pub record_set_limit: usize,
    /// What a private zone calls itself; it goes with the zone, and a zone made again has another.
    pub internal_id: Option<String>,
    /// The links of a private zone to networks, by name in lower case.
    pub links: BTreeMap<String, Link>,
    /// Its signing, if it is signed.
    pub dnssec: Option<Dnssec>,
    /// The record sets in the order of lists, under the keys of `RecordSet::key_of`. A copy of the zone shares them until
    /// one side changes them.
    pub record_sets: Arc<BTreeMap<(String, RecordType), RecordSet>>,
}

impl Zone {
    /// A new zone with the record sets that every zone has; none when the id is not a zone's.
    pub fn new(id: ResourceId) -> Option<Self> {
        let kind = ZoneKind::of(&id.kind)?;
        let name = id.name.to_ascii_lowercase();
        let number = number_of(&id.key());
        let name_servers = match kind {
            ZoneKind::Public => ["com", "net", "org", "info"]
                .iter()
                .zip(1..)
                .map(|(top, place)| format!("ns{place}-{number:02}.azure-dns.{top}."))
                .collect(),
            ZoneKind::Private => Vec::new(),
        };
        let etag = match kind {
            ZoneKind::Public => format!("00000002-0000-0000-{}", &guid()[19..]),
            ZoneKind::Private => guid(),
        };
        let mut zone = Self {
            id,
            name,
            kind,
            etag,
            tags: None,
            name_servers,
            record_set_limit: kind.record_set_limit(),
            internal_id: (kind == ZoneKind::Private)
                .then(|| base64(format!("ImmutableZoneIdentity;{};0", guid()).as_bytes())),
            links: BTreeMap::new(),
            dnssec: None,
            record_sets: Arc::default(),
        };
        zone.put_apex_sets();
        Some(zone)
    }

    /// Puts the sets that Azure itself keeps at the apex into the zone, in place of those that are there.
    pub(crate) fn put_apex_sets(&mut self) {
        let sets = self.apex_sets();
        Arc::make_mut(&mut self.record_sets).extend(sets.into_iter().map(|set| (set.key(), set)));
    }

    /// The SOA and, in public zones, the NS set as Azure makes them. The SOA's serial never moves
    /// (contract azure-resource-manager, section 2.8).
    pub fn apex_sets(&self) -> Vec<RecordSet> {
        let set = |record_type, ttl, records| RecordSet {
            name: "@".to_owned(),
            record_type,
            etag: guid(),
            ttl: Some(ttl),
            metadata: None,
            holding: Holding::Records(records),
            auto_registered: false,
        };
        let (host, email, minimum) = match self.kind {
            ZoneKind::Public => (
                self.name_servers.first().cloned().unwrap_or_default(),
                "azuredns-hostmaster.microsoft.com",
                300,
            ),
            ZoneKind::Private => ("azureprivatedns.net".to_owned(), "azureprivatedns-host.microsoft.com", 10),
        };
        let soa = Record::Soa {
            host,
            email: email.to_owned(),
            serial: 1,
            refresh: 3600,
            retry: 300,
            expire: 2_419_200,
            minimum,
        };
        let mut sets = vec![set(RecordType::Soa, 3600, vec![soa])];
        if self.kind == ZoneKind::Public {
            let servers = self.name_servers.iter().cloned().map(Record::Ns).collect();
            sets.push(set(RecordType::Ns, 172_800, servers));
        }
        sets
    }

    /// One record set; the name is compared without case.
    pub fn record_set(&self, name: &str, record_type: RecordType) -> Option<&RecordSet> {
        self.record_sets.get(&RecordSet::key_of(name, record_type))
    }

    /// The etag after a write. Those of public zones count up in front, others are new each time.
    pub(crate) fn next_etag(&self) -> String {
        let counted = self.etag.split_once('-').filter(|_| self.kind == ZoneKind::Public);
        let next = counted.and_then(|(count, rest)| {
            Some(format!("{:08x}-{rest}", u32::from_str_radix(count, 16).ok()?.checked_add(1)?))
        });
        next.unwrap_or_else(guid)
    }

    /// The id as the provider prints it: group and name in lower case, and `dnszones` too for public zones
    /// (contract azure-resource-manager, sections 2.3 and 11.1).
    pub fn wire_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/{}/{}",
            self.id.subscription,
            self.id.group.to_ascii_lowercase(),
            self.kind.wire_type(),
            self.name
        )
    }

    /// The body of a GET.
    pub fn to_json(&self) -> Value {
        let properties = match self.kind {
            ZoneKind::Public => json!({
                "maxNumberOfRecordSets": self.record_set_limit,
                "maxNumberOfRecordsPerRecordSet": null,
                "nameServers": self.name_servers,
                "numberOfRecordSets": self.record_sets.len(),
                "zoneType": "Public",
            }),
            ZoneKind::Private => json!({
                "internalId": self.internal_id,
                "maxNumberOfRecordSets": self.record_set_limit,
                "maxNumberOfVirtualNetworkLinks": 1000,
                "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
                "numberOfRecordSets": self.record_sets.len(),
                "numberOfVirtualNetworkLinks": self.links.len(),
                "numberOfVirtualNetworkLinksWithRegistration":
                    self.links.values().filter(|link| link.registers).count(),
                "provisioningState": "Succeeded",
            }),
        };
        json!({
            "id": self.wire_id(),
            "name": self.name,
            "type": self.kind.wire_type(),
            "etag": self.etag,
            "location": "global",
            "tags": self.tags.clone().unwrap_or_default(),
            "properties": properties,
        })
    }
}

/// A number from 1 to 99 that stays with an id, for the names of its name servers.
fn number_of(id: &str) -> u32 {
    id.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 99 + 1
}
