//! What a plan must know besides for rows of private zones: whose an address is that says nothing of its machine, and what Azure
//! registers by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::domain::{ResourceId, ZoneId};

use super::answer::Answer;

/// What was answered so far. A question that was never asked has no answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownPrivately {
    listers: BTreeMap<IpAddr, Answer<BTreeSet<ResourceId>>>,
    interfaces: BTreeMap<ResourceId, Answer<BTreeSet<IpAddr>>>,
    registering: BTreeMap<ZoneId, Answer<BTreeSet<ResourceId>>>,
}

impl KnownPrivately {
    /// Takes the machines, tagged or not, that were heard within 15 minutes and whose newest heartbeat lists the address.
    pub fn learn_listers(&mut self, address: IpAddr, machines: Answer<BTreeSet<ResourceId>>) {
        self.listers.insert(address, machines);
    }

    /// The machines that list an address; none when it was never asked.
    #[must_use]
    pub fn listers(&self, address: IpAddr) -> Option<&Answer<BTreeSet<ResourceId>>> {
        self.listers.get(&address)
    }

    /// Takes the private addresses that the network interfaces of a virtual machine have.
    pub fn learn_interfaces(&mut self, machine: ResourceId, addresses: Answer<BTreeSet<IpAddr>>) {
        self.interfaces.insert(machine, addresses);
    }

    /// The addresses of a virtual machine's network interfaces; none when it was never asked.
    #[must_use]
    pub fn interfaces(&self, machine: &ResourceId) -> Option<&Answer<BTreeSet<IpAddr>>> {
        self.interfaces.get(machine)
    }

    /// Takes the networks whose virtual machines a private zone registers, by its links.
    pub fn learn_registering(&mut self, zone: ZoneId, networks: Answer<BTreeSet<ResourceId>>) {
        self.registering.insert(zone, networks);
    }

    /// The networks whose virtual machines a private zone registers; none when it was never asked.
    #[must_use]
    pub fn registering(&self, zone: &ZoneId) -> Option<&Answer<BTreeSet<ResourceId>>> {
        self.registering.get(zone)
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.listers.extend(other.listers);
        self.interfaces.extend(other.interfaces);
        self.registering.extend(other.registering);
    }
}

/// What must be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NeededPrivately {
    /// Addresses of which is wanted which machines list them.
    pub listers: BTreeSet<IpAddr>,
    /// Virtual machines of which is wanted what their network interfaces have.
    pub interfaces: BTreeSet<ResourceId>,
    /// Private zones of which is wanted whose virtual machines they register.
    pub registering: BTreeSet<ZoneId>,
}

impl NeededPrivately {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listers.is_empty() && self.interfaces.is_empty() && self.registering.is_empty()
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.listers.extend(other.listers);
        self.interfaces.extend(other.interfaces);
        self.registering.extend(other.registering);
    }
}
