//! A write that the plan wants: a record set before and after, and the cause.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::domain::{Mark, RecordId, RecordSet, ResourceId};

use super::cause::{Cause, Released, Undone};
use super::order::Leaves;

/// What is done to the record set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// There is none: sent with `If-None-Match: *`.
    Create,
    /// It is replaced in one request: sent with `If-Match` and the etag of the set that was read.
    Update,
    /// A person makes it ours by hand: its addresses stay, and the mark is written.
    Adopt,
    /// A person holds it: its addresses stay, and the mark says so.
    Hold,
    /// A person lets go of it: its addresses stay, and the mark says nothing of a hold.
    Unhold,
    /// A person releases it: its addresses stay, and the mark is no longer ours.
    Release,
    /// It goes: sent with `If-Match` and the etag of the set that was read.
    Delete,
}

impl Action {
    /// The word in reports, tables and digests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Adopt => "adopt",
            Self::Hold => "hold",
            Self::Unhold => "unhold",
            Self::Release => "release",
            Self::Delete => "delete",
        }
    }
}

/// The managed part of a record set after the write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The addresses to write; none for a set that goes.
    pub addresses: BTreeSet<IpAddr>,
    /// Time to live in seconds: the set's own, `POLICY_TTL` for a new one, at most `POLICY_TTL_MAX`.
    pub ttl: u32,
    /// The machine that the mark names from then on.
    pub machine: ResourceId,
}

/// One record set to write, and why.
///
/// Its JSON is that of the report's changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The record set.
    pub id: RecordId,
    /// The live set that the write rests on; none for a new one.
    pub before: Option<RecordSet>,
    /// What it is to hold.
    pub after: After,
    /// Why it is written.
    pub cause: Cause,
}

impl Change {
    /// What is done to the set.
    #[must_use]
    pub fn action(&self) -> Action {
        match self.cause {
            Cause::Adopted { .. } => Action::Adopt,
            Cause::Held(_) => Action::Hold,
            Cause::Unheld { .. } => Action::Unhold,
            Cause::Released(Released { leaves: Leaves::NoSet, .. }) => Action::Delete,
            Cause::Released(_) => Action::Release,
            // Nothing stood there before.
            Cause::RolledBack(_) if self.after.addresses.is_empty() => Action::Delete,
            Cause::RolledBack(_) => Action::Update,
            Cause::Orphaned { .. } => Action::Delete,
            Cause::Moved { .. } if self.before.is_some() => Action::Update,
            Cause::Moved { .. } => Action::Create,
        }
    }

    /// The live addresses; empty for a new set.
    #[must_use]
    pub fn from(&self) -> BTreeSet<IpAddr> {
        self.before.as_ref().map(|set| set.addresses.clone()).unwrap_or_default()
    }

    /// The addresses to write; none for a set that goes.
    #[must_use]
    pub fn to(&self) -> &BTreeSet<IpAddr> {
        &self.after.addresses
    }

    /// The time to live that stood there before, in seconds; none for a new set.
    #[must_use]
    pub fn ttl_before(&self) -> Option<u32> {
        self.before.as_ref().map(|set| set.ttl)
    }

    /// The time to live that is written in place of a longer one.
    #[must_use]
    pub fn lowered_ttl(&self) -> Option<u32> {
        self.ttl_before().filter(|before| *before > self.after.ttl).map(|_| self.after.ttl)
    }

    /// Whether addresses that stood there before are left for others: what the brakes on moves are about. A set that is new, or was empty,
    /// takes nothing from anybody.
    #[must_use]
    pub fn is_move(&self) -> bool {
        let goes = self.action() == Action::Delete;
        !goes && self.before.as_ref().is_some_and(|set| !set.addresses.is_subset(&self.after.addresses))
    }

    /// The machine that the set was marked for and that has no part in the change: another one takes its name over.
    #[must_use]
    pub fn taken_over_from(&self) -> Option<ResourceId> {
        let mark = self.before.as_ref()?.mark().filter(|mark| !mark.is_released())?;
        let holder = ResourceId::parse(&mark.machine).ok()?;
        let takes = matches!(self.cause, Cause::Moved { .. } | Cause::Adopted { .. });
        (takes && self.machines().all(|machine| *machine != holder)).then_some(holder)
    }

    /// Whether it waits for the first of its zone, where one leads: what moves, and what a person has approved.
    #[must_use]
    pub fn is_led(&self) -> bool {
        self.is_move() || self.cause.is_approved()
    }

    /// The machines behind the change: the one that is marked first.
    pub fn machines(&self) -> impl Iterator<Item = &ResourceId> {
        std::iter::once(&self.after.machine).chain(self.cause.witnesses())
    }

    /// The age by which changes are ordered: the first beat, the end of time for a change that no beat caused.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.cause.beats().map_or(Timestamp::MAX, |beats| beats.first_beat)
    }

    /// The whole set to send: the new addresses and mark, everything else as it was.
    #[must_use]
    pub fn record_set(&self, owner: &str, run: &str, now: Timestamp) -> RecordSet {
        let mut set = self.before.clone().unwrap_or_else(|| RecordSet {
            id: String::new(),
            zone: self.id.zone.clone(),
            name: self.id.name.clone(),
            record_type: self.id.record_type,
            etag: String::new(),
            ttl: self.after.ttl,
            addresses: BTreeSet::new(),
            alias: None,
            auto_registered: false,
            metadata: BTreeMap::new(),
            other: serde_json::Map::new(),
        });
        let hold = self.cause.hold().cloned();
        let present = std::mem::take(&mut set.addresses);
        // A hold changes no address, and whoever undoes the change before it wants to know what stood there then.
        let is_hold = self.action() == Action::Hold;
        let kept = if is_hold { set.mark().map(|mark| mark.previous) } else { None };
        let released = self.cause.released();
        let mark = Mark {
            version: if hold.is_some() { Mark::HELD } else { Mark::VERSION },
            owner: if released.is_some() { Mark::RELEASED } else { owner }.to_owned(),
            machine: self.after.machine.lower().to_owned(),
            run: run.to_owned(),
            time: Some(now),
            previous: kept.unwrap_or(present),
            hold,
            undoes: self.cause.undone().map(Undone::label).unwrap_or_default(),
        };
        match released.map(|released| released.leaves) {
            Some(Leaves::Nothing | Leaves::NoSet) => Mark::remove_from(&mut set.metadata),
            Some(Leaves::AMark) | None => mark.write_into(&mut set.metadata),
        }
        set.addresses = self.after.addresses.clone();
        set.ttl = self.after.ttl;
        set
    }
}

impl Change {
    /// Whether a live set is what this run has sent: its addresses, and the mark of this very run, or what a release leaves.
    #[must_use]
    pub fn is_done(&self, set: &RecordSet, owner: &str, run: &str) -> bool {
        let mark = set.mark();
        let is_by = |owner: &str| mark.as_ref().is_some_and(|mark| mark.owner == owner && mark.run == run);
        let is_marked = match self.cause.released().map(|released| released.leaves) {
            None => is_by(owner),
            Some(Leaves::AMark) => is_by(Mark::RELEASED),
            Some(Leaves::Nothing) => mark.is_none(),
            // What is to go and stands there has not gone.
            Some(Leaves::NoSet) => false,
        };
        is_marked && set.addresses == self.after.addresses
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let beats = self.cause.beats();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.id.name)?;
        map.serialize_entry("record_type", &self.id.record_type)?;
        map.serialize_entry("zone", &self.id.zone)?;
        map.serialize_entry("action", &self.action())?;
        map.serialize_entry("from", &self.from())?;
        map.serialize_entry("to", self.to())?;
        map.serialize_entry("ttl_before", &self.ttl_before())?;
        map.serialize_entry("ttl", &self.after.ttl)?;
        map.serialize_entry("machine", &self.after.machine)?;
        map.serialize_entry("taken_over_from", &self.taken_over_from())?;
        map.serialize_entry("witnesses", &self.cause.witnesses().collect::<Vec<_>>())?;
        map.serialize_entry("country", beats.map_or("", |beats| &beats.country))?;
        map.serialize_entry("first_beat", &beats.map(|beats| beats.first_beat))?;
        map.serialize_entry("heartbeat_time", &beats.map(|beats| beats.heartbeat_time))?;
        map.serialize_entry("beats", &beats.map_or(0, |beats| beats.count))?;
        map.serialize_entry("adopted", &self.cause.adopts())?;
        map.serialize_entry("adopted_by", &self.cause.adopted_by())?;
        map.serialize_entry("approved", &self.cause.is_approved())?;
        let hold = self.cause.hold();
        map.serialize_entry("hold_until", &hold.map(|hold| hold.until))?;
        map.serialize_entry("hold_why", &hold.map(|hold| &hold.why))?;
        map.serialize_entry("hold_by", &hold.map(|hold| &hold.by))?;
        let claimed_by = self.cause.released().map(|released| &released.claimed_by);
        map.serialize_entry("claimed_by", &claimed_by.into_iter().flatten().collect::<Vec<_>>())?;
        let undone = self.cause.undone();
        map.serialize_entry("undoes", &undone.map(|undone| &undone.run))?;
        map.serialize_entry("undone_at", &undone.and_then(|undone| undone.time))?;
        let unreported = undone.map(|undone| &undone.unreported);
        map.serialize_entry("unreported", &unreported.into_iter().flatten().collect::<Vec<_>>())?;
        map.end()
    }
}
