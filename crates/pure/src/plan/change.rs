//! A write that the plan wants: a record set that is to be created or replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{HostName, Mark, RecordKey, RecordSet, RecordType, ResourceId, ZoneId, join_addresses};

use super::skip::{Seen, Skip};
use super::why::Why;

/// What is done to the record set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// There is none: sent with `If-None-Match: *`.
    Create,
    /// It is replaced in one request: sent with `If-Match` and the etag of the set that was read.
    Update,
}

impl Action {
    /// The word in reports, tables and digests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// The part of a change in a zone whose brake `surge` tripped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Canary {
    /// It goes first and must be proved.
    Leads,
    /// It waits for the proof of its zone's canary.
    Waits,
}

/// One record set to write, with everything that the write and its report need.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The name.
    pub name: HostName,
    /// The type.
    pub record_type: RecordType,
    /// The zone.
    pub zone: ZoneId,
    /// Create or update.
    pub action: Action,
    /// The live addresses; empty for a new set.
    pub from: BTreeSet<IpAddr>,
    /// The addresses to write.
    pub to: BTreeSet<IpAddr>,
    /// Time to live in seconds: the set's own, `POLICY_TTL` for a new one.
    pub ttl: u32,
    /// The machine that the set follows: the marked one if it is among the witnesses, else the smallest id.
    pub machine: ResourceId,
    /// The other machines that say the same, sorted.
    pub witnesses: Vec<ResourceId>,
    /// Where the address is, as the platform sees it; empty when unknown.
    pub country: String,
    /// The earliest first beat of the witnesses.
    pub first_beat: Timestamp,
    /// Their newest heartbeat.
    pub heartbeat_time: Timestamp,
    /// The most newest heartbeats that agree.
    pub beats: u64,
    /// Whether an unmarked set becomes ours.
    pub adopted: bool,
    /// Its part in a zone whose brake `surge` tripped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<Canary>,
    /// The live set that the write rests on; none for a new one.
    #[serde(skip)]
    pub before: Option<RecordSet>,
}

impl Change {
    /// Name and type.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        RecordKey { name: self.name.clone(), record_type: self.record_type }
    }

    /// The machines behind the change: the marked one first.
    pub fn machines(&self) -> impl Iterator<Item = &ResourceId> {
        std::iter::once(&self.machine).chain(&self.witnesses)
    }

    /// The whole set to send: the new addresses and mark, everything else as it was.
    #[must_use]
    pub fn record_set(&self, owner: &str, run: &str, now: Timestamp) -> RecordSet {
        let mut set = self.before.clone().unwrap_or_else(|| RecordSet {
            id: String::new(),
            zone: self.zone.clone(),
            name: self.name.clone(),
            record_type: self.record_type,
            etag: String::new(),
            ttl: self.ttl,
            addresses: BTreeSet::new(),
            alias: None,
            metadata: BTreeMap::new(),
            other: serde_json::Map::new(),
        });
        let mark = Mark {
            version: Mark::VERSION,
            owner: owner.to_owned(),
            machine: self.machine.lower().to_owned(),
            run: run.to_owned(),
            time: Some(now),
            previous: std::mem::take(&mut set.addresses),
        };
        mark.write_into(&mut set.metadata);
        set.addresses = self.to.clone();
        set
    }

    /// The skips, one per machine, that this change becomes when it is held after all.
    #[must_use]
    pub fn held(&self, why: &Why) -> Vec<Skip> {
        let because = why.to_string();
        let skip = |machine: &ResourceId| Skip {
            name: self.name.to_string(),
            record_type: self.record_type,
            machine: machine.to_string(),
            reason: why.reason(),
            because: because.clone(),
            seen: Some(Seen {
                zone: self.zone.to_string(),
                present: join_addresses(&self.from),
                reported: join_addresses(&self.to),
                heartbeat_time: Some(self.heartbeat_time),
                beats: self.beats,
                actionable: true,
            }),
        };
        self.machines().map(skip).collect()
    }
}
