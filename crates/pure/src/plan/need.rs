//! What a plan must know besides the logs, and what became of each question: known, or unavailable and why.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{HardwareId, Holder, HostName, RecordId, RecordSet, ResourceId, ZoneId};

use super::answer::Answer;
use super::blindness::Blindness;
use super::grant::Particulars;
use super::need_private::{KnownPrivately, NeededPrivately};

/// What a machine's tag says now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// The machine exists; its names as written, none without the tag.
    Tagged(Vec<String>),
    /// The machine was deleted: a GET of its id answered that there is no such resource.
    Gone,
    /// The machine is not in the complete answer, and its id cannot be read.
    Unreadable,
}

/// What a live read of a record set found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The set; none means that there is no such set.
    pub set: Option<RecordSet>,
    /// Whether the name is a CNAME; asked where the set is absent.
    pub is_cname: bool,
}

/// Thirty days of heartbeats of the machines that claim one record set, or that its mark names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What was asked: only of these machines and addresses does silence say anything.
    pub asked: EvidenceRequest,
    /// Machine (lower case) to address to when it last reported it; of a set in a private zone, when it last listed it.
    pub reported: BTreeMap<String, BTreeMap<IpAddr, Timestamp>>,
    /// Machine (lower case) to when it was last heard; a machine without entry was not heard.
    pub last_heard: BTreeMap<String, Timestamp>,
}

impl Evidence {
    /// Takes in what another question was answered.
    pub fn extend(&mut self, other: Self) {
        self.asked.extend(&other.asked);
        for (machine, seen) in other.reported {
            self.reported.entry(machine).or_default().extend(seen);
        }
        self.last_heard.extend(other.last_heard);
    }

    /// Whether its silence says something of all that is asked.
    #[must_use]
    pub fn answers(&self, asked: &EvidenceRequest) -> bool {
        asked.machines.is_subset(&self.asked.machines) && asked.addresses.is_subset(&self.asked.addresses)
    }
}

/// What `evidence.kql` is to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceRequest {
    /// These machines: the claiming ones, and a marked one whose last beat matters.
    pub machines: BTreeSet<ResourceId>,
    /// These addresses: the present ones of the set to adopt. In a private zone it is asked who lists them.
    pub addresses: BTreeSet<IpAddr>,
}

impl EvidenceRequest {
    /// Takes in what another request asks.
    pub fn extend(&mut self, other: &Self) {
        self.machines.extend(other.machines.iter().cloned());
        self.addresses.extend(&other.addresses);
    }
}

/// Every answer so far. A question that was never asked has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    tags: BTreeMap<String, Answer<Live>>,
    reads: BTreeMap<RecordId, Answer<Read>>,
    cuts: BTreeMap<ZoneId, Answer<BTreeSet<HostName>>>,
    evidence: BTreeMap<RecordId, Answer<Evidence>>,
    rights_lost: Vec<Blindness>,
    particulars: Particulars,
    hardware: BTreeMap<String, HardwareId>,
    /// Tags of machines without the tag that holds names: the key and the value.
    other_tags: BTreeMap<String, (String, String)>,
    holders: BTreeMap<IpAddr, Answer<Holder>>,
    claimants: BTreeMap<HostName, Answer<BTreeSet<ResourceId>>>,
    present: BTreeMap<ZoneId, Answer<BTreeSet<IpAddr>>>,
    side: KnownPrivately,
}

impl Known {
    /// Takes the rights of which the whole fleet shows that they were lost.
    pub fn learn_rights_lost(&mut self, lost: Vec<Blindness>) {
        self.rights_lost = lost;
    }

    /// The rights of which the whole fleet shows that they were lost, each a [`Blindness::RightLost`]; empty too when nobody
    /// has looked at the fleet.
    #[must_use]
    pub fn rights_lost(&self) -> &[Blindness] {
        &self.rights_lost
    }

    /// Takes what was learned about a machine's tag.
    pub fn learn_tag(&mut self, machine: &ResourceId, live: Answer<Live>) {
        self.tags.insert(machine.lower().to_owned(), live);
    }

    /// Takes what a live read of a record set found.
    pub fn learn_set(&mut self, id: RecordId, read: Answer<Read>) {
        self.reads.insert(id, read);
    }

    /// Takes the names at which a zone hands its answers over to other name servers.
    pub fn learn_cuts(&mut self, zone: ZoneId, cuts: Answer<BTreeSet<HostName>>) {
        self.cuts.insert(zone, cuts);
    }

    /// Takes the evidence about one record set.
    pub fn learn_evidence(&mut self, id: RecordId, evidence: Answer<Evidence>) {
        self.evidence.insert(id, evidence);
    }

    /// Takes over everything that another set of answers says, newer ones last.
    pub fn extend(&mut self, other: Self) {
        self.tags.extend(other.tags);
        self.reads.extend(other.reads);
        self.cuts.extend(other.cuts);
        self.evidence.extend(other.evidence);
        self.rights_lost.extend(other.rights_lost);
        self.particulars.extend(other.particulars);
        self.hardware.extend(other.hardware);
        self.other_tags.extend(other.other_tags);
        self.holders.extend(other.holders);
        self.claimants.extend(other.claimants);
        self.present.extend(other.present);
        self.side.extend(other.side);
    }

    /// Takes the addresses that the record sets of ours in a zone hold.
    pub fn learn_present(&mut self, zone: ZoneId, present: Answer<BTreeSet<IpAddr>>) {
        self.present.insert(zone, present);
    }

    /// The addresses that the record sets of ours in a zone hold; none when they were never asked.
    #[must_use]
    pub fn present(&self, zone: &ZoneId) -> Option<&Answer<BTreeSet<IpAddr>>> {
        self.present.get(zone)
    }

    /// Takes whose live tags claim a name.
    pub fn learn_claimants(&mut self, name: HostName, claimants: Answer<BTreeSet<ResourceId>>) {
        self.claimants.insert(name, claimants);
    }

    /// The machines whose live tags claim a name; none when it was never asked.
    #[must_use]
    pub fn claimants(&self, name: &HostName) -> Option<&Answer<BTreeSet<ResourceId>>> {
        self.claimants.get(name)
    }

    /// Takes who holds a public address.
    pub fn learn_holder(&mut self, address: IpAddr, holder: Answer<Holder>) {
        self.holders.insert(address, holder);
    }

    /// Who holds a public address; none when it was never asked.
    #[must_use]
    pub fn holder(&self, address: IpAddr) -> Option<&Answer<Holder>> {
        self.holders.get(&address)
    }

    /// Takes what Resource Graph shows of a machine's hardware.
    pub fn learn_hardware(&mut self, machine: &ResourceId, hardware: HardwareId) {
        self.hardware.insert(machine.lower().to_owned(), hardware);
    }

    /// Takes a tag of another key that seems to hold names, of a machine without the tag that does.
    pub fn learn_other_tag(&mut self, machine: &ResourceId, key: String, value: String) {
        self.other_tags.insert(machine.lower().to_owned(), (key, value));
    }

    /// Whether some machine without the tag has another one that seems to hold names.
    #[must_use]
    pub fn has_other_tags(&self) -> bool {
        !self.other_tags.is_empty()
    }

    /// The key and the value of a tag that seems to hold names, of a machine without the tag that does.
    pub(super) fn other_tag(&self, machine: &ResourceId) -> Option<&(String, String)> {
        self.other_tags.get(machine.lower())
    }

    /// Whether two resources say that they are one machine.
    #[must_use]
    pub fn are_probably_one(&self, one: &ResourceId, other: &ResourceId) -> bool {
        let hardware = |machine: &ResourceId| self.hardware.get(machine.lower());
        hardware(one).is_some_and(|found| hardware(other) == Some(found))
    }

    /// Takes what was learned of machines besides their tags.
    pub fn learn_particulars(&mut self, particulars: Particulars) {
        self.particulars.extend(particulars);
    }

    /// What is known of machines besides their tags.
    #[must_use]
    pub fn particulars(&self) -> &Particulars {
        &self.particulars
    }

    /// The live tag of a machine; none when it was never asked.
    #[must_use]
    pub fn tag(&self, machine: &ResourceId) -> Option<&Answer<Live>> {
        self.tags.get(machine.lower())
    }

    /// What is known besides for rows of private zones.
    #[must_use]
    pub fn privately(&self) -> &KnownPrivately {
        &self.side
    }

    /// The same, to learn more.
    pub fn privately_mut(&mut self) -> &mut KnownPrivately {
        &mut self.side
    }

    /// The live record set; none when it was never read.
    #[must_use]
    pub fn set(&self, id: &RecordId) -> Option<&Answer<Read>> {
        self.reads.get(id)
    }

    /// The cuts of a zone; none when they were never asked.
    #[must_use]
    pub fn cuts(&self, zone: &ZoneId) -> Option<&Answer<BTreeSet<HostName>>> {
        self.cuts.get(zone)
    }

    /// The evidence about a record set; none when it was never asked.
    #[must_use]
    pub fn evidence(&self, id: &RecordId) -> Option<&Answer<Evidence>> {
        self.evidence.get(id)
    }

    /// The cut that hides a name of a zone from everybody: at the name or between it and the apex, of several the one
    /// nearest the apex.
    #[must_use]
    pub fn cut_above(&self, zone: &ZoneId, name: &HostName) -> Option<&HostName> {
        name.first_below(zone.zone_name(), self.cuts(zone)?.known()?)
    }
}

/// What must be known before the rows can be judged: ask, learn, plan again, until nothing is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Machines whose live tag is wanted.
    pub machines: BTreeSet<ResourceId>,
    /// Record sets to read live.
    pub sets: BTreeSet<RecordId>,
    /// Zones whose NS record sets are wanted.
    pub cuts: BTreeSet<ZoneId>,
    /// Evidence, by the record set that it is for.
    pub evidence: BTreeMap<RecordId, EvidenceRequest>,
    /// Public addresses of which is wanted who holds them, by the machines that report them.
    pub holders: BTreeMap<ResourceId, BTreeSet<IpAddr>>,
    /// Names of which is wanted whose live tags claim them.
    pub names: BTreeSet<HostName>,
    /// Zones of which is wanted what addresses our record sets hold.
    pub present: BTreeSet<ZoneId>,
    /// What is wanted besides for rows of private zones.
    pub privately: NeededPrivately,
}

impl Needs {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { machines, sets, cuts, evidence, holders, names, present, privately } = self;
        machines.is_empty()
            && sets.is_empty()
            && cuts.is_empty()
            && evidence.is_empty()
            && holders.is_empty()
            && names.is_empty()
            && present.is_empty()
            && privately.is_empty()
    }

    /// Takes in what something else needs.
    pub fn extend(&mut self, other: Self) {
        self.machines.extend(other.machines);
        self.sets.extend(other.sets);
        self.cuts.extend(other.cuts);
        self.names.extend(other.names);
        self.present.extend(other.present);
        self.privately.extend(other.privately);
        for (id, request) in other.evidence {
            self.evidence.entry(id).or_default().extend(&request);
        }
        for (machine, addresses) in other.holders {
            self.holders.entry(machine).or_default().extend(addresses);
        }
    }
}
