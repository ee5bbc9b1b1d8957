//! The private side of the small world: a private zone, and machines that list addresses of their own.

use std::collections::BTreeSet;
use std::net::IpAddr;

use pure::domain::{MismatchRow, RecordId, RecordType, ResourceId, ZoneId, Zones};
use pure::plan::{Answer, Plan, ZoneHistory, plan};

use super::virtual_machines::vm;
use super::world::{World, address, addresses, machine, minutes, name, zone};

/// The private zone of all tests; `example.com` is public beside it, and holds its names too.
pub(crate) const CORP: &str = "corp.example.com";
/// A name in it.
pub(crate) const HOST: &str = "nas.corp.example.com";

/// Where its machine is, in public and inside.
pub(crate) const PUBLIC: &str = "203.0.113.7";
pub(crate) const PRIVATE: &str = "10.1.0.4";

pub(crate) fn private_zone(text: &str) -> ZoneId {
    ZoneId::parse(&zone(text).as_str().replace("dnsZones", "privateDnsZones")).unwrap()
}

/// The A record set of a name in the private zone.
pub(crate) fn private_key(host: &str) -> RecordId {
    RecordId { zone: private_zone(CORP), name: name(host), record_type: RecordType::A }
}

/// A list as the workspace gives it.
pub(crate) fn listed(texts: &[&str]) -> String {
    serde_json::to_string(texts).unwrap()
}

/// Both sides say of `nas` where it is, and the sets hold these addresses of ours.
pub(crate) fn two_sides(public: &str, private: &str) -> World {
    World::with_private_zone()
        .claims("nas", HOST, PUBLIC)
        .keeps("nas", HOST, &[public])
        .lists("nas", HOST, &[PRIVATE], &[PRIVATE])
        .keeps_privately("nas", HOST, &[private])
}

impl World {
    /// The world with a private zone, which takes 10.0.0.0/8 and fd12::/16.
    pub(crate) fn with_private_zone() -> Self {
        let mut world = Self::new();
        let zones = world.policy.zones.iter().map(|zone| zone.id.clone()).chain([private_zone(CORP)]);
        world.policy.zones = Zones::new(zones.collect::<Vec<_>>()).unwrap();
        world
            .policy
            .private
            .prefixes
            .add(None, ["10.0.0.0/8", "fd12::/16"].map(|text| text.parse().unwrap()));
        let marker = Some(world.now - minutes(10));
        world.case.history.zones.insert(private_zone(CORP), ZoneHistory { marker, ..ZoneHistory::default() });
        world.case.known.learn_present(private_zone(CORP), Answer::Known(BTreeSet::new()));
        world
    }

    /// A machine whose newest heartbeat lists these addresses for the private side of a name: one row for each that the sweep
    /// lets stand there, or one for none. There is no set but one that a test has put; nobody else lists any of it.
    pub(crate) fn lists(mut self, who: &str, host: &str, kept: &[&str], all: &[&str]) -> Self {
        let rows: &[&str] = if kept.is_empty() { &[""] } else { kept };
        for own in rows {
            let held = self.case.known.set(&private_key(host)).cloned();
            self = self.claims(who, host, own).but(|row| {
                row.zone_id = private_zone(CORP).to_string();
                row.private_ips = listed(all);
                if own.is_empty() {
                    (row.beats, row.first_beat) = (0, None);
                }
            });
            let read = held.unwrap_or_else(|| Answer::Known(pure::plan::Read::default()));
            if let Some(set) = read.known().and_then(|read| read.set.as_ref()) {
                let logged = pure::domain::join_addresses(&set.addresses);
                self = self.but(|row| row.dns_ip = logged);
            }
            self.case.known.learn_set(private_key(host), read);
        }
        for text in all.iter().filter_map(|text| text.parse::<IpAddr>().ok()) {
            let known = self.case.known.privately().listers(text).and_then(Answer::known);
            let listers = known.cloned().unwrap_or_default();
            let all = listers.into_iter().chain([machine(who)]).collect();
            self.case.known.privately_mut().learn_listers(text, Answer::Known(all));
        }
        self
    }

    /// The same of a virtual machine, whose network interfaces have these addresses.
    pub(crate) fn virtual_lists(mut self, who: &str, host: &str, all: &[&str], own: &[&str]) -> Self {
        self = self.lists(who, host, all, all);
        let id = vm(who);
        self.case.known.learn_tag(&id, self.case.known.tag(&machine(who)).unwrap().clone());
        for row in self.case.rows.iter_mut().filter(|row| row.resource_id == machine(who).lower()) {
            row.resource_id = id.lower().to_owned();
        }
        for text in all {
            self = self.listers(text, &[&id]);
        }
        self.case.known.privately_mut().learn_interfaces(id, Answer::Known(addresses(own)));
        self.case.known.privately_mut().learn_registering(private_zone(CORP), Answer::Known(BTreeSet::new()));
        self
    }

    /// Who lists an address.
    pub(crate) fn listers(mut self, listed: &str, machines: &[&ResourceId]) -> Self {
        let machines = machines.iter().map(|id| (*id).clone()).collect();
        self.case.known.privately_mut().learn_listers(address(listed), Answer::Known(machines));
        self
    }

    /// A live set of ours in the private zone, of a machine; rows of its name log the same addresses.
    pub(crate) fn keeps_privately(self, who: &str, host: &str, present: &[&str]) -> Self {
        let mark = super::world::mark(pure::domain::Mark::VERSION, super::world::OWNER, who);
        let mut set = super::world::record_set(private_key(host), addresses(present));
        mark.write_into(&mut set.metadata);
        self.stands_privately(set)
    }

    /// A live set in the private zone; rows of its name log the same addresses.
    pub(crate) fn stands_privately(mut self, set: pure::domain::RecordSet) -> Self {
        let logged = pure::domain::join_addresses(&set.addresses);
        let is_of =
            |row: &&mut MismatchRow| row.zone_id == set.zone.as_str() && row.host_name == set.name.as_str();
        self.case.rows.iter_mut().filter(is_of).for_each(|row| row.dns_ip.clone_from(&logged));
        self.holds(set)
    }

    /// The plan, for whoever asks for this name.
    pub(crate) fn plan_named(&self, host: &str) -> Plan {
        let mut case = self.case.clone();
        case.asked.named.insert(name(host));
        plan(&case, &self.policy, self.now)
    }
}
