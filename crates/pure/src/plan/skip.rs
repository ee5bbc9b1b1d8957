//! Rows that change nothing, each with a code out of a closed list and a sentence.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{MismatchRow, RecordId, RecordType, ResourceId, ZoneId, ZoneKind, join_addresses};

use super::answer::Answer;
use super::because::SharedCause;
use super::brake_kind::About;
use super::case::AuditedReason;
use super::change::Change;
use super::need::Read;
use super::policy::Policy;
use super::reason::Reason;
use super::sentence::Sentence;
use super::why::{Held, Why};

/// A row that changes nothing.
///
/// The report writes its JSON, for it knows which brake says the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Skip {
    /// The name as stored, or as written where it is none.
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// The zone of the record set that it is about: a name may stand in two. None where it is about the tag alone.
    pub zone: Option<ZoneId>,
    /// The machine's id as given.
    pub machine: String,
    /// The other machines of which it says the same, as given, sorted: whoever shares one cause with more than a few has one
    /// line with them.
    pub others: Vec<String>,
    /// The code.
    pub reason: Reason,
    /// What is wrong and what to do, in one sentence.
    pub because: Sentence,
    /// Whether no patience ends it; see [`Why::is_durable`].
    pub is_durable: bool,
    /// What a brake that says the same is about, for its line says it of all names; none where no brake can.
    pub about: Option<About>,
    /// Whether it was a change, decided in full, before it was held: what it would write stands in what was seen. What was
    /// never decided may be no change at all.
    pub is_held_change: bool,
    /// The cause that other names may share, for it is said once above them all; none where it is about this name alone.
    pub shared_cause: Option<SharedCause>,
    /// What the audit needs besides; none without a row.
    pub seen: Option<Seen>,
}

/// What was seen of a row that changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The zone's id, empty for none.
    pub zone: String,
    /// The addresses of the record set, joined by commas: live where it was read, else those of the log.
    pub present: String,
    /// What the machine reported.
    pub reported: String,
    /// Its newest heartbeat.
    pub heartbeat_time: Option<Timestamp>,
    /// How many newest heartbeats agreed.
    pub beats: u64,
    /// Whether the alert counts the row: only these are audited.
    pub actionable: bool,
}

impl Skip {
    /// The skip of a row whose record set holds these addresses now; the zone is the one where its name stands, none: the
    /// one that the log has.
    #[must_use]
    pub fn of(
        row: &MismatchRow,
        name: &str,
        record_type: RecordType,
        zone: Option<&ZoneId>,
        present: &BTreeSet<IpAddr>,
        why: &Why,
    ) -> Self {
        Self {
            name: name.to_owned(),
            record_type,
            zone: zone.cloned().or_else(|| ZoneId::parse(&row.zone_id).ok()),
            machine: row.resource_id.clone(),
            others: Vec::new(),
            reason: why.reason(),
            because: why.sentence(),
            is_durable: why.is_durable(),
            about: why.about(),
            is_held_change: false,
            shared_cause: why.shared_cause(),
            seen: Some(Seen {
                zone: zone.map_or_else(|| row.zone_id.clone(), ToString::to_string),
                present: join_addresses(present),
                reported: row.computer_ip.clone(),
                heartbeat_time: row.heartbeat_time,
                beats: row.beats,
                actionable: row.actionable,
            }),
        }
    }

    /// The skip of a name, or of what was written for one, that no row speaks of.
    #[must_use]
    pub fn without_row(name: impl fmt::Display, record_type: RecordType, machine: &str, why: &Why) -> Self {
        Self {
            name: name.to_string(),
            record_type,
            zone: None,
            machine: machine.to_owned(),
            others: Vec::new(),
            reason: why.reason(),
            because: why.sentence(),
            is_durable: why.is_durable(),
            about: why.about(),
            is_held_change: false,
            shared_cause: why.shared_cause(),
            seen: None,
        }
    }

    /// The same about the record set in that zone, and about none of its name in another.
    #[must_use]
    pub fn inside(self, zone: &ZoneId) -> Self {
        Self { zone: Some(zone.clone()), ..self }
    }

    /// The same with the addresses of the record set that it leaves, where its live read is known. The alert counts no such row.
    #[must_use]
    pub(super) fn leaving(self, id: &RecordId, read: Option<&Answer<Read>>) -> Self {
        let mut skip = self.inside(&id.zone);
        if let Some(Answer::Known(Read { set: Some(set), .. })) = read {
            let (zone, present) = (id.zone.to_string(), join_addresses(&set.addresses));
            let reported = String::new();
            skip.seen =
                Some(Seen { zone, present, reported, heartbeat_time: None, beats: 0, actionable: false });
        }
        skip
    }

    /// The skip that a change becomes of which a newer read says that there is nothing to be done.
    #[must_use]
    pub fn of_change(change: &Change, why: &Why) -> Self {
        let id = &change.id;
        Self::without_row(&id.name, id.record_type, change.after.machine.as_str(), why).inside(&id.zone)
    }

    /// The skip of a claim that no row speaks of. What it says is true of every record type; it stands under the first one
    /// that is managed.
    #[must_use]
    pub fn of_claim(policy: &Policy, name: impl fmt::Display, machine: &ResourceId, why: &Why) -> Self {
        let record_type = policy.record_types().first().copied().unwrap_or(RecordType::A);
        Self::without_row(name, record_type, machine.as_str(), why)
    }

    /// The skips, one for each machine, that a change becomes when it is held after all.
    #[must_use]
    pub fn held(change: &Change, why: &Why) -> Vec<Self> {
        let because = why.sentence();
        let beats = change.cause.beats();
        let skip = |machine: &ResourceId| Self {
            name: change.id.name.to_string(),
            record_type: change.id.record_type,
            zone: Some(change.id.zone.clone()),
            machine: machine.to_string(),
            others: Vec::new(),
            reason: why.reason(),
            because: because.clone(),
            is_durable: why.is_durable(),
            about: why.about(),
            is_held_change: true,
            shared_cause: why.shared_cause(),
            seen: Some(Seen {
                zone: change.id.zone.to_string(),
                present: join_addresses(&change.from()),
                reported: join_addresses(change.to()),
                heartbeat_time: beats.map(|beats| beats.heartbeat_time),
                beats: beats.map_or(0, |beats| beats.count),
                // A person's wish is no row that the alert could count, and is told.
                actionable: beats.is_none_or(|beats| beats.counted.contains(machine)),
            }),
        };
        change.machines().map(skip).collect()
    }

    /// One skip for all of these of one record set: that of the first whose row the alert counts, for only such a row is
    /// written down.
    pub(super) fn together(mut skips: Vec<Self>) -> Option<Self> {
        skips.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let counts = |skip: &Self| skip.seen.as_ref().is_some_and(|seen| seen.actionable);
        let first = skips.iter().position(counts).unwrap_or_default();
        if skips.is_empty() {
            return None;
        }
        let mut all = skips.remove(first);
        all.others = skips.into_iter().map(|skip| skip.machine).collect();
        Some(all)
    }

    /// Sorts skips, and leaves one of those that say the same.
    pub(super) fn tell_once(skips: &mut Vec<Self>) {
        skips.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        skips.dedup_by(|next, told| told.says_as_much_as(next));
    }

    /// Whether another skip of the same machine and set says the same: in a private zone it has a row for each of its addresses,
    /// and where a sweep wrote another zone beside its tag it has one for each of the two. It takes over that the alert counts
    /// the other.
    fn says_as_much_as(&mut self, other: &Self) -> bool {
        let said = |skip: &Self| (skip.record_type, skip.zone.clone(), skip.reason, skip.because.clone());
        let is_of_one =
            self.name == other.name && self.machine == other.machine && self.others == other.others;
        if !is_of_one || said(self) != said(other) {
            return false;
        }
        let (Some(seen), Some(also)) = (&mut self.seen, &other.seen) else { return false };
        let is_of_one_set = seen.zone == also.zone;
        seen.actionable |= is_of_one_set && also.actionable;
        is_of_one_set
    }

    /// The word of its type, in the zone that it is about.
    #[must_use]
    pub fn type_in_words(&self) -> &'static str {
        self.record_type.inside(self.zone.as_ref().map_or(ZoneKind::Public, ZoneId::kind))
    }

    /// Whether it is about that record set, or about every one of that name and type.
    #[must_use]
    pub fn is_about(&self, id: &RecordId) -> bool {
        self.name == id.name.as_str()
            && self.record_type == id.record_type
            && self.zone.as_ref().is_none_or(|zone| *zone == id.zone)
    }

    /// The machines of which it speaks.
    pub fn machines(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.machine.as_str()).chain(self.others.iter().map(String::as_str))
    }

    /// The key under which the log is told of it once; none without a row.
    #[must_use]
    pub fn audited(&self) -> Option<AuditedReason> {
        let zone = self.seen.as_ref()?.zone.to_lowercase();
        let (name, record_type) = (self.name.clone(), self.record_type.to_string());
        Some(AuditedReason { zone, name, record_type, reason: self.reason.as_str().to_owned() })
    }

    /// Everything that tells two skips apart, so that their order never depends on that of the rows.
    pub(super) fn sort_key(&self) -> impl Ord + '_ {
        let Self {
            name,
            record_type,
            zone,
            machine,
            others,
            reason,
            because,
            seen,
            is_durable: _,
            about: _,
            is_held_change: _,
            shared_cause: _,
        } = self;
        (name, record_type, machine, others, reason, because, seen, zone)
    }
}

impl Why {
    /// What the brake is about that says so, of all names that it holds.
    fn about(&self) -> Option<About> {
        match self {
            Self::Braked { held: Held::Converging { address, .. } } => Some(About::Address(*address)),
            Self::Braked { held: Held::Surge { .. } } => Some(About::Volume),
            Self::Braked { held: Held::Unproved { .. } } => Some(About::Proof),
            Self::Blind { cause } => Some(About::Cause(cause.code())),
            _ => None,
        }
    }
}
