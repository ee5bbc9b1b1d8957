//! What still holds the public addresses that names have left: looked for when a run has ended, and never changed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Serialize;

use crate::domain::{AddressClass, HostName, RecordId, ZoneKind};

/// What was found of the addresses that names have left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// The addresses, each with what holds it.
    pub left: Vec<LeftAddress>,
    /// Servers whose firewall rules Resource Graph does not show, so that nobody knows what they hold.
    pub not_shown: Vec<NotShown>,
    /// Why some of it, or all, is not known; none where all was answered.
    pub because: Option<String>,
}

/// An address that names have left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftAddress {
    /// The address.
    pub address: IpAddr,
    /// Which names have left it.
    pub names: BTreeSet<HostName>,
    /// The resources in which it stands.
    pub resources: Vec<HoldingResource>,
}

/// A resource in which an address stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HoldingResource {
    /// Its id.
    pub id: String,
    /// Its type, in lower case.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Its name.
    pub name: String,
    /// The resource group that it is in.
    pub resource_group: String,
    /// The paths of the properties in which the address stands.
    pub places: Vec<String>,
    /// What is better than a number there; none where nothing is known to be.
    pub because: Option<String>,
}

/// A server whose firewall rules Resource Graph does not show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotShown {
    /// Its id.
    pub id: String,
    /// Its type, in lower case.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Its name.
    pub name: String,
    /// The resource group that it is in.
    pub resource_group: String,
    /// The command that shows them.
    pub look: String,
}

impl Moves {
    /// How many resources hold an address that was left.
    #[must_use]
    pub fn holding(&self) -> usize {
        self.left.iter().map(|left| left.resources.len()).sum()
    }
}

impl LeftAddress {
    /// The names, for a sentence.
    #[must_use]
    pub fn names_in_words(&self) -> String {
        self.names.iter().map(HostName::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl HoldingResource {
    /// Fits after "stands in": what it is, its name, its group and the places.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Self { resource_type, name, resource_group, places, .. } = self;
        let at = match places.as_slice() {
            [] => String::new(),
            [place] => format!(" at {place}"),
            [place, more @ ..] => format!(" at {place} and {} more", places_of(more.len())),
        };
        format!("{resource_type} {name} ({resource_group}){at}")
    }
}

impl NotShown {
    /// What is not shown, before the command that shows it.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Self { resource_type, name, resource_group, .. } = self;
        format!(
            "Resource Graph does not show the firewall rules of {resource_type} {name} ({resource_group}); look for yourself: "
        )
    }
}

fn places_of(count: usize) -> String {
    format!("{count} {}", if count == 1 { "place" } else { "places" })
}

/// The public addresses that names of public zones have left by these writes: which set, what it held before and what from then
/// on. What another of them gives to a name is nobody's old address, and a set that is gone has not moved.
#[must_use]
pub fn left<'a>(
    writes: impl Iterator<Item = (&'a RecordId, BTreeSet<IpAddr>, BTreeSet<IpAddr>)>,
) -> BTreeMap<IpAddr, BTreeSet<HostName>> {
    let mut found: BTreeMap<IpAddr, BTreeSet<HostName>> = BTreeMap::new();
    let mut given = BTreeSet::new();
    for (id, from, to) in writes.filter(|(id, ..)| id.zone.kind() == ZoneKind::Public) {
        if !to.is_empty() {
            for address in from.difference(&to).filter(|address| is_public(**address)) {
                found.entry(*address).or_default().insert(id.name.clone());
            }
        }
        given.extend(to);
    }
    found.retain(|address, _| !given.contains(address));
    found
}

/// Whether only one place of the world can have an address. Those that are set aside for examples count, for where one is
/// published somebody has allowed it.
fn is_public(address: IpAddr) -> bool {
    matches!(AddressClass::of(address), AddressClass::Global | AddressClass::Documentation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RecordType, ZoneId};

    fn id(name: &str, kind: &str) -> RecordId {
        let zone = format!(
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/{kind}/example.com"
        );
        RecordId {
            zone: ZoneId::parse(&zone).unwrap(),
            name: HostName::parse(name).unwrap(),
            record_type: RecordType::A,
        }
    }

    /// The addresses that are left by writes of this form: name, kind of zone, before, after.
    fn left_by_these(writes: &[(&str, &str, &str, &str)]) -> Vec<String> {
        let addresses = |text: &str| -> BTreeSet<IpAddr> {
            text.split_whitespace().map(|text| text.parse().unwrap()).collect()
        };
        let writes: Vec<_> = writes
            .iter()
            .map(|(name, kind, from, to)| (id(name, kind), addresses(from), addresses(to)))
            .collect();
        let found = left(writes.iter().map(|(id, from, to)| (id, from.clone(), to.clone())));
        found
            .iter()
            .map(|(address, names)| {
                format!("{address} {}", names.iter().map(HostName::as_str).collect::<Vec<_>>().join(","))
            })
            .collect()
    }

    #[test]
    fn only_public_addresses_of_public_zones_are_left() {
        let told = left_by_these(&[
            ("a.example.com", "dnsZones", "198.51.100.10", "203.0.113.7"),
            ("b.example.com", "dnsZones", "198.51.100.10 192.0.2.1", "192.0.2.1"),
            ("c.example.com", "dnsZones", "10.1.0.4 100.64.0.9", "203.0.113.8"),
            ("d.example.com", "privateDnsZones", "198.51.100.20", "203.0.113.9"),
        ]);
        assert_eq!(told, ["198.51.100.10 a.example.com,b.example.com"]);
    }

    #[test]
    fn an_address_that_another_name_has_got_is_nobodys_old_one() {
        let told = left_by_these(&[
            ("a.example.com", "dnsZones", "198.51.100.10", "203.0.113.7"),
            ("b.example.com", "dnsZones", "203.0.113.7", "198.51.100.10"),
        ]);
        assert_eq!(told, [""; 0]);
    }

    #[test]
    fn a_set_that_was_made_or_is_gone_has_not_moved() {
        let told = left_by_these(&[
            ("a.example.com", "dnsZones", "", "203.0.113.7"),
            ("b.example.com", "dnsZones", "198.51.100.10", ""),
        ]);
        assert_eq!(told, [""; 0]);
    }
}
