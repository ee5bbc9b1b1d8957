//! What the plan is told: history, evidence, live tags and live record sets.
//!
//! Each is built at the edge from complete answers only; the plan never guesses what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{HostName, MismatchRow, RecordKey, RecordSet, ResourceId, ZoneId};

/// Everything one plan is made from.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Rows of `mismatch.kql`.
    pub rows: Vec<MismatchRow>,
    /// What `history.kql` told.
    pub history: History,
    /// What `evidence.kql` told; none when it was not asked.
    pub evidence: Option<Evidence>,
    /// The record sets as they are now.
    pub current: CurrentRecordSets,
    /// The tags as they are now.
    pub tags: LiveTags,
    /// Whether a query gave only part of its rows.
    pub partial: bool,
}

/// The last 24 hours.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Landed changes of each record set.
    pub changes: BTreeMap<RecordKey, Vec<PastChange>>,
    /// Per zone and new address: the different old addresses that were left for it by landed changes.
    pub departures: BTreeMap<(ZoneId, IpAddr), BTreeSet<IpAddr>>,
    /// When a skip was last audited, by name as written, type and code.
    pub audited: BTreeMap<(String, String, String), Timestamp>,
    /// What is known of each zone.
    pub zones: BTreeMap<ZoneId, ZoneHistory>,
    /// Start of the newest complete sweep of the tags.
    pub tags_marker: Option<Timestamp>,
    /// Newest heartbeat of all machines.
    pub newest_heartbeat: Option<Timestamp>,
    /// Machines heard within the last 15 minutes.
    pub heard_recent: u64,
    /// Machines heard between 75 and 15 minutes ago.
    pub heard_before: u64,
    /// Of those heard before, the ones not heard since.
    pub lost: u64,
    /// Marks of the last sweep, younger than 24 hours, whose write has no audit row.
    pub owed: Vec<OwedAudit>,
}

/// A change that landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastChange {
    /// The addresses before.
    pub from: BTreeSet<IpAddr>,
    /// The addresses after.
    pub to: BTreeSet<IpAddr>,
    /// When it landed.
    pub time: Timestamp,
    /// The run that made it.
    pub run: String,
}

/// What the log knows of a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneHistory {
    /// Start of the newest complete sweep.
    pub marker: Option<Timestamp>,
    /// Record sets of type A in it.
    pub a_sets: u64,
    /// Record sets of type AAAA in it.
    pub aaaa_sets: u64,
    /// Names that tags claim.
    pub claimed_names: u64,
    /// Tagged machines not heard within the last hour.
    pub silent: u64,
    /// Different present addresses that claimed names hold.
    pub distinct_present: u64,
}

/// A write whose audit row is missing: the run that made it was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedAudit {
    /// Name and type.
    pub key: RecordKey,
    /// The zone.
    pub zone: ZoneId,
    /// The run in the mark.
    pub run: String,
    /// The time in the mark.
    pub time: Timestamp,
    /// The machine in the mark.
    pub machine: String,
    /// The addresses of the set in the sweep.
    pub addresses: BTreeSet<IpAddr>,
}

/// Thirty days of heartbeats of the machines asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What was asked: only of these machines and addresses does silence say anything.
    pub asked: EvidenceRequest,
    /// Machine (lower case) to address to when it last reported it.
    pub reported: BTreeMap<String, BTreeMap<IpAddr, Timestamp>>,
    /// Machine (lower case) to when it was last heard; a machine without entry was not heard.
    pub last_heard: BTreeMap<String, Timestamp>,
}

/// What `evidence.kql` is to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct EvidenceRequest {
    /// These machines: the claiming ones, and marked ones whose last beat matters.
    pub machines: BTreeSet<ResourceId>,
    /// These addresses: the present ones of the sets to adopt.
    pub addresses: BTreeSet<IpAddr>,
}

/// What a machine's tag says now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// The machine exists; its names as written, none without the tag.
    Tagged(Vec<String>),
    /// The machine was deleted: a GET of its id answered 404.
    Gone,
    /// The machine is not in the complete answer, and its id cannot be read.
    Unreadable,
}

/// The live tags of machines, built from complete answers only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveTags(BTreeMap<String, Live>);

impl LiveTags {
    /// Takes what was learned about a machine.
    pub fn insert(&mut self, machine: &ResourceId, live: Live) {
        self.0.insert(machine.lower().to_owned(), live);
    }

    /// What is known about a machine; none when it was never asked.
    #[must_use]
    pub fn get(&self, machine: &ResourceId) -> Option<&Live> {
        self.0.get(machine.lower())
    }

    /// Takes over everything that another answer says.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// The record sets as live reads found them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CurrentRecordSets {
    sets: BTreeMap<RecordKey, Option<RecordSet>>,
    cnames: BTreeSet<HostName>,
}

impl CurrentRecordSets {
    /// Takes the answer to a read; none means that there is no such set.
    pub fn insert(&mut self, key: RecordKey, set: Option<RecordSet>) {
        self.sets.insert(key, set);
    }

    /// Says that the name is a CNAME; to be asked where the address set is absent.
    pub fn insert_cname(&mut self, name: HostName) {
        self.cnames.insert(name);
    }

    /// None: never read. `Some(None)`: read, and absent.
    #[must_use]
    pub fn get(&self, key: &RecordKey) -> Option<Option<&RecordSet>> {
        self.sets.get(key).map(Option::as_ref)
    }

    /// Whether the name is a CNAME.
    #[must_use]
    pub fn is_cname(&self, name: &HostName) -> bool {
        self.cnames.contains(name)
    }

    /// Takes over everything that another read found, newer reads last.
    pub fn extend(&mut self, other: Self) {
        self.sets.extend(other.sets);
        self.cnames.extend(other.cnames);
    }
}

/// What must be read before the rows can be judged; ask, add to the input, and call again until it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Machines whose live tag is wanted.
    pub machines: BTreeSet<ResourceId>,
    /// Record sets to read live, with their zone.
    pub names: BTreeSet<(ZoneId, RecordKey)>,
}

impl Needs {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.machines.is_empty() && self.names.is_empty()
    }
}
