//! A case: everything that one plan is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{HostName, MismatchRow, NameSet, RecordId, Refused, ResourceId, ZoneId};

use super::approval::Approval;
use super::arrival::Arrival;
use super::brake_kind::BrakeKind;
use super::hearsay::Hearsay;
use super::marked::{Deletion, Marked};
use super::need::Known;
use super::order::ByHand;
use super::past_change::{OwnChange, PastChange};
use super::reason::Reason;

/// Everything one plan is made from.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Rows of `mismatch.kql`.
    pub rows: Vec<MismatchRow>,
    /// What `history.kql` told.
    pub history: History,
    /// What was asked live so far.
    pub known: Known,
    /// Whether a query gave only part of its rows.
    pub partial: bool,
    /// What a person asked for by name.
    pub asked: Asked,
}

/// What a person asked for by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Names that this call is about: their rows come whatever the log holds. None of them means all names.
    pub named: NameSet,
    /// Names given on the command line: `flapping` does not hold them.
    pub insisted: NameSet,
    /// Names whose unmarked sets are adopted by hand, whatever they hold.
    pub adopted: NameSet,
    /// What a person orders for these names: nothing else is then decided about them.
    pub order: Option<ByHand>,
    /// What a person approves of what brakes hold: nothing else is then decided to be written.
    pub approval: Option<Approval>,
    /// Whether a person has agreed to what is written: a second look then takes nothing but that.
    pub is_agreed: bool,
}

/// The last 24 hours.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Landed changes of each record set, by time.
    pub changes: BTreeMap<RecordId, Vec<PastChange>>,
    /// Changes of each record set that this very process has made, by time.
    pub own: BTreeMap<RecordId, Vec<OwnChange>>,
    /// Per zone and new address: which name left which old addresses for it by landed changes.
    pub departures: BTreeMap<(ZoneId, IpAddr), BTreeMap<HostName, BTreeSet<IpAddr>>>,
    /// Per zone and new address: which names came to it lately by the word of the log alone.
    pub arrivals: BTreeMap<(ZoneId, IpAddr), BTreeMap<HostName, Arrival>>,
    /// When a reason was last audited.
    pub audited: BTreeMap<AuditedReason, Timestamp>,
    /// When each record set was last found to be contested, up to two days ago.
    pub contested: BTreeMap<RecordId, Timestamp>,
    /// Changes, by record set and run, of which nobody knows whether they landed.
    pub unconfirmed: BTreeSet<(RecordId, String)>,
    /// When a change of a record set was last tried in vain: it failed, met a conflict or went unanswered.
    pub missed: BTreeMap<RecordId, Timestamp>,
    /// The same of those that were tried by a template deployment.
    pub missed_by_deployment: BTreeMap<RecordId, Timestamp>,
    /// What the log says of each brake.
    pub brakes: BTreeMap<AuditedBrake, BrakeState>,
    /// Durable refusals that the log knows, by record set.
    pub refused: BTreeMap<RecordId, Refusal>,
    /// What is known of each zone.
    pub zones: BTreeMap<ZoneId, ZoneHistory>,
    /// Claimed names heard within the hour that are not in sync, whatever their record sets hold: no machine was heard
    /// lately, or the name servers of a zone below answer for them.
    pub unfit: BTreeSet<(ZoneId, HostName)>,
    /// Start of the newest complete sweep of the tags.
    pub tags_marker: Option<Timestamp>,
    /// Per subscription (lower case): machines that claimed names in the newest sweep and still beat.
    pub claimants: BTreeMap<String, u64>,
    /// Newest heartbeat of all machines.
    pub newest_heartbeat: Option<Timestamp>,
    /// Machines heard between 75 and 15 minutes ago.
    pub heard_before: u64,
    /// Of those heard before, the ones not heard since.
    pub lost: u64,
    /// Record sets with our mark that no tag of the newest sweep claims, sorted.
    pub orphans: Vec<Marked>,
    /// What the log calls deleted within the day, or about to be, whatever became of it.
    pub deletions: BTreeMap<RecordId, Deletion>,
    /// Marks of the last sweep, younger than 24 hours, whose write has no audit row.
    pub owed: Vec<OwedAudit>,
    /// What the log says and its owners are asked about, before it is believed.
    pub said: Hearsay,
}

impl History {
    /// What names have left, by zone and new address: by landed changes, and by what the log alone says.
    pub(super) fn left(&self) -> impl Iterator<Item = (&ZoneId, IpAddr, &HostName, &BTreeSet<IpAddr>)> {
        let departed = self.departures.iter().flat_map(|((zone, address), names)| {
            names.iter().map(move |(name, places)| (zone, *address, name, places))
        });
        departed.chain(self.arrivals.iter().flat_map(|((zone, address), names)| {
            names.iter().map(move |(name, arrival)| (zone, *address, name, &arrival.left))
        }))
    }

    /// Whether a change of the set was tried in vain within the day, and none has landed since.
    #[must_use]
    pub fn is_missing(&self, id: &RecordId) -> bool {
        self.missed.get(id).is_some_and(|missed| !self.has_landed_after(id, *missed))
    }

    /// Whether a change of the set has landed after this time.
    #[must_use]
    pub fn has_landed_after(&self, id: &RecordId, time: Timestamp) -> bool {
        self.changes.get(id).and_then(|changes| changes.last()).is_some_and(|landed| landed.time > time)
    }

    /// When the set was last written with our mark; none where it was let go since, or that is not known.
    #[must_use]
    pub fn was_ours(&self, id: &RecordId) -> Option<Timestamp> {
        let last = self.changes.get(id)?.last()?;
        let has_landed = !self.unconfirmed.contains(&(id.clone(), last.run.clone()));
        (has_landed && last.left_our_mark()).then_some(last.time)
    }
}

/// The key under which a reason is told once: name and type as written, its zone in lower case, the reason's word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditedReason {
    /// The zone's id in lower case; empty for none.
    pub zone: String,
    /// The name as written in the log.
    pub name: String,
    /// `A` or `AAAA`.
    pub record_type: String,
    /// The code of a skip, or the word of a change that was not made.
    pub reason: String,
}

/// The key under which a brake is told once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditedBrake {
    /// The zone; none when every zone is meant.
    pub zone: Option<ZoneId>,
    /// Which brake.
    pub brake: BrakeKind,
    /// The address of `converging`; none for the others.
    pub address: Option<IpAddr>,
}

/// What the log last said of a brake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrakeState {
    /// When its newest row was written.
    pub time: Timestamp,
    /// Whether that row says that it stands.
    pub stands: bool,
}

/// A refusal that does not pass by itself, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code, and to whom it was given.
    pub refused: Refused,
    /// The entity tag of the set at that moment; empty when there was no set.
    pub etag: String,
}

impl Refusal {
    /// Whether the plan found that the set may not be taken, by whatever it had asked for that.
    #[must_use]
    pub fn is_of_ownership(&self) -> bool {
        self.refused.code() == Reason::NotOwned.as_str()
    }

    /// Whether it was given to this machine with this address.
    #[must_use]
    pub fn is_given_to(&self, machine: &ResourceId, address: IpAddr) -> bool {
        self.refused.given().get(machine) == Some(&address)
    }
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
    /// Names that tags claim and that the static rules allow.
    pub claimed_names: u64,
    /// Of those, names of which no claimant was heard within the last hour.
    pub silent_names: u64,
    /// Tagged machines not heard within the last hour; one that names several zones counts in one of them.
    pub silent: u64,
    /// Different present addresses that claimed names hold.
    pub distinct_present: u64,
}

/// A write whose audit row is missing: the run that made it was killed, or its row is still on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedAudit {
    /// The record set.
    pub id: RecordId,
    /// The run in the mark.
    pub run: String,
    /// The time in the mark.
    pub time: Timestamp,
    /// The machine in the mark.
    pub machine: String,
    /// The addresses of the set in the sweep.
    pub addresses: BTreeSet<IpAddr>,
    /// The addresses that the log knew the set to hold before the mark, none without a set, and when; none: no sweep of
    /// the day was before it.
    pub before: Option<(Timestamp, BTreeSet<IpAddr>)>,
}
