//! From a row to a claim: one machine, one name, one address, judged without looking at any record set.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{
    AddressClass, HostName, MismatchRow, RecordKey, RecordType, ResourceId, Zone, parse_address, split_tag,
};

use super::policy::Policy;
use super::seen::{Live, LiveTags};
use super::skip::Skip;
use super::why::{Blindness, TagGone, Why};
use super::words;

/// A row whose name may be managed.
pub(super) struct Placed<'a> {
    pub(super) row: &'a MismatchRow,
    pub(super) name: HostName,
    pub(super) zone: &'a Zone,
    /// By the address where there is one, for the address decides what can be written.
    pub(super) record_type: RecordType,
}

/// A row that no rule up to `stale-heartbeat` has caught.
#[derive(Clone)]
pub(super) struct Claim<'a> {
    pub(super) row: &'a MismatchRow,
    pub(super) key: RecordKey,
    pub(super) zone: &'a Zone,
    pub(super) machine: ResourceId,
    pub(super) address: IpAddr,
    pub(super) heartbeat_time: Timestamp,
}

/// The static rules on names.
pub(super) fn place<'a>(row: &'a MismatchRow, policy: &'a Policy) -> Result<Placed<'a>, Why> {
    let record_type = record_type_of(row);
    policy.place(&row.host_name).map(|(name, zone)| Placed { row, name, zone, record_type })
}

/// The skip of a row that the static rules caught, with its name as stored where it is one.
pub(super) fn unplaced(row: &MismatchRow, why: &Why) -> Skip {
    let name = HostName::parse(&row.host_name);
    let name = name.as_ref().map_or(row.host_name.as_str(), HostName::as_str);
    Skip::of(row, name, record_type_of(row), why)
}

fn record_type_of(row: &MismatchRow) -> RecordType {
    parse_address(&row.computer_ip).map_or(row.record_type, RecordType::of)
}

/// The machine behind a row, when its id is one that can be asked for.
pub(super) fn machine_of(row: &MismatchRow) -> Option<ResourceId> {
    ResourceId::parse(&row.resource_id).ok()
}

impl<'a> Placed<'a> {
    pub(super) fn skip(&self, why: &Why) -> Skip {
        let mut skip = Skip::of(self.row, self.name.as_str(), self.record_type, why);
        if let Some(seen) = &mut skip.seen {
            seen.zone = self.zone.id.to_string();
        }
        skip
    }

    /// The rule on tags.
    pub(super) fn prove_tag(&self, tags: &LiveTags) -> Result<ResourceId, Why> {
        let gone =
            |machine: String, gone: TagGone| Why::TagGone { name: self.name.to_string(), machine, gone };
        let Some(machine) = machine_of(self.row) else {
            return Err(gone(self.row.resource_id.clone(), TagGone::NoId));
        };
        match tags.get(&machine) {
            Some(Live::Tagged(names)) if tag_names(names, &self.name) => Ok(machine),
            Some(Live::Tagged(names)) => {
                let names: BTreeSet<String> =
                    names.iter().flat_map(|value| split_tag(value)).map(words::quote).collect();
                Err(gone(machine.to_string(), TagGone::Says { names: names.into_iter().collect() }))
            }
            Some(Live::Gone) => Err(gone(machine.to_string(), TagGone::Deleted)),
            Some(Live::Unreadable) => Err(gone(machine.to_string(), TagGone::Unreadable)),
            None => Err(Why::Blind { cause: Blindness::TagNotAsked { machine: machine.to_string() } }),
        }
    }

    /// The rules from `address-empty` to `stale-heartbeat`.
    pub(super) fn claim(
        &self,
        machine: ResourceId,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Claim<'a>, Why> {
        let row = self.row;
        let id = || machine.to_string();
        let text = row.computer_ip.trim();
        if text.is_empty() {
            return Err(Why::AddressEmpty { machine: id() });
        }
        let Some(address) = parse_address(text) else {
            return Err(Why::AddressInvalid { machine: id(), text: words::quote(text) });
        };
        match AddressClass::of(address) {
            AddressClass::PrivateLink { inner } => {
                return Err(Why::AddressPrivateLink { machine: id(), address, inner });
            }
            AddressClass::Global => {}
            _ if policy.allows(address) => {}
            class => return Err(Why::AddressNotPublic { machine: id(), address, class }),
        }
        if let Some(prefix) = policy.denies(address) {
            return Err(Why::AddressDenied { machine: id(), address, prefix: prefix.to_string() });
        }
        let record_type = self.record_type;
        if !policy.record_types.contains(&record_type) {
            return Err(Why::TypeNotWanted { machine: id(), address, record_type });
        }
        let limit = policy.max_heartbeat_age;
        let age = row.heartbeat_time.map(|time| now.duration_since(time));
        let Some(heartbeat_time) = row.heartbeat_time.filter(|_| age.is_some_and(|age| age <= limit)) else {
            return Err(Why::StaleHeartbeat { machine: id(), age, limit });
        };
        let key = RecordKey { name: self.name.clone(), record_type };
        Ok(Claim { row, key, zone: self.zone, machine, address, heartbeat_time })
    }

    /// The addresses that the log knows the record set to hold.
    pub(super) fn logged_present(&self) -> BTreeSet<IpAddr> {
        logged_present(self.row)
    }
}

impl Claim<'_> {
    pub(super) fn skip(&self, why: &Why) -> Skip {
        let mut skip = Skip::of(self.row, self.key.name.as_str(), self.key.record_type, why);
        if let Some(seen) = &mut skip.seen {
            seen.zone = self.zone.id.to_string();
        }
        skip
    }

    /// The smallest machine first, then whatever tells two of its rows apart.
    pub(super) fn order(&self) -> impl Ord + '_ {
        let country = self.row.country.as_str();
        (
            &self.machine,
            self.machine.as_str(),
            self.heartbeat_time,
            self.row.beats,
            self.first_beat(),
            country,
        )
    }

    pub(super) fn first_beat(&self) -> Timestamp {
        self.row.first_beat.map_or(self.heartbeat_time, |first| first.min(self.heartbeat_time))
    }

    pub(super) fn logged_present(&self) -> BTreeSet<IpAddr> {
        logged_present(self.row)
    }
}

fn logged_present(row: &MismatchRow) -> BTreeSet<IpAddr> {
    row.dns_ip.split(',').filter_map(parse_address).collect()
}

/// Whether one of the names that a live tag holds is this one.
pub(super) fn tag_names(values: &[String], name: &HostName) -> bool {
    values
        .iter()
        .flat_map(|value| split_tag(value))
        .any(|text| HostName::parse(text).is_ok_and(|named| named == *name))
}
