//! How an approval is carried out: the digest that a brake is known by, what is lifted, and what is left of the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::domain::{RecordId, ZoneId, join_addresses};

use super::approval::{Approval, Approved, Lifted, Met};
use super::brake_kind::BrakeKind;
use super::change::Change;
use super::decision::Plan;
use super::marked::Marked;
use super::reason::Reason;

impl Approved {
    /// A planned change as somebody reads it.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        let lifted = change.cause.lifted().cloned().unwrap_or_default();
        Self { id: change.id.clone(), from: change.from(), to: change.to().clone(), lifted }
    }

    /// Whether it is the end of such a record set.
    fn is_end_of(&self, marked: &Marked, by: Lifted) -> bool {
        self.id == marked.id
            && self.to.is_empty()
            && self.from == marked.addresses
            && self.lifted.contains(&by)
    }

    fn is(&self, change: &Change) -> bool {
        self.id == change.id && self.to == *change.to() && self.from == change.from()
    }
}

/// SHA-256, as lower-case hexadecimal text, over a brake's kind and zone and the sorted name, type, from and to of the changes
/// that it holds.
#[must_use]
pub fn digest<'a>(brake: BrakeKind, zone: &ZoneId, held: impl IntoIterator<Item = &'a Change>) -> String {
    digest_of(
        brake,
        zone,
        held.into_iter().map(|change| line(&change.id, &change.from(), change.to())).collect(),
    )
}

/// The same of record sets that are to go and that the log alone knows.
pub(super) fn digest_of_ends(brake: BrakeKind, zone: &ZoneId, held: &[&Marked]) -> String {
    let gone = BTreeSet::new();
    digest_of(brake, zone, held.iter().map(|marked| line(&marked.id, &marked.addresses, &gone)).collect())
}

fn line(id: &RecordId, from: &BTreeSet<IpAddr>, to: &BTreeSet<IpAddr>) -> String {
    let (from, to) = (join_addresses(from), join_addresses(to));
    format!("{}\t{}\t{from}\t{to}\n", id.name, id.record_type)
}

fn digest_of(brake: BrakeKind, zone: &ZoneId, mut lines: Vec<String>) -> String {
    lines.sort();
    let mut hash = Sha256::new();
    hash.update(format!("{}\t{}\n", brake.as_str(), zone.lower()));
    for line in lines {
        hash.update(line);
    }
    hash.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}

impl Approval {
    /// What was read and is planned no more, or otherwise, before any brake has looked. What a machine reports from elsewhere
    /// goes elsewhere, even if it has not said so often enough to be written.
    pub(super) fn compare(
        &self,
        planned: &[Change],
        reported: &BTreeMap<&RecordId, BTreeSet<IpAddr>>,
    ) -> Met {
        let mut met = Met::default();
        let Self::Read(read) = self else { return met };
        // What ends has no row, and is compared where it is weighed.
        for read in read.iter().filter(|read| !read.to.is_empty()) {
            match planned.iter().find(|change| change.id == read.id) {
                None => {
                    let is_other =
                        |address: &IpAddr| !read.to.contains(address) && !read.from.contains(address);
                    let is_elsewhere = reported.get(&read.id).is_some_and(|now| now.iter().any(is_other));
                    let found = if is_elsewhere { &mut met.other } else { &mut met.gone };
                    found.push(read.id.clone());
                }
                Some(change) if !read.is(change) => met.other.push(read.id.clone()),
                Some(_) => {}
            }
        }
        met
    }

    /// Parts what a brake is about to hold into what this lifts it for, and the rest.
    pub(super) fn part(
        &self,
        by: Lifted,
        digest: &str,
        held: Vec<Change>,
        met: &mut Met,
    ) -> (Vec<Change>, Vec<Change>) {
        let is_lifted = |change: &Change| match self {
            Self::Brakes { digests, names } => {
                digests.iter().any(|given| digest.starts_with(given))
                    && (names.is_empty() || names.holds(&change.id))
            }
            Self::Read(read) => read.iter().any(|read| read.is(change) && read.lifted.contains(&by)),
        };
        met.digests.extend(self.met_by(digest));
        let (mut lifted, mut rest) = (Vec::new(), Vec::new());
        for mut change in held {
            if is_lifted(&change) && change.cause.lift(by) {
                lifted.push(change);
            } else {
                rest.push(change);
            }
        }
        (lifted, rest)
    }

    /// Whether it lifts the brake of this digest for the end of a record set.
    pub(super) fn lifts(&self, by: Lifted, digest: &str, marked: &Marked) -> bool {
        match self {
            Self::Brakes { digests, names } => {
                digests.iter().any(|given| digest.starts_with(given))
                    && (names.is_empty() || names.holds(&marked.id))
            }
            Self::Read(read) => read.iter().any(|read| read.is_end_of(marked, by)),
        }
    }

    /// The digests that were given and that this brake has.
    pub(super) fn met_by(&self, digest: &str) -> BTreeSet<String> {
        let Self::Brakes { digests, .. } = self else { return BTreeSet::new() };
        digests.iter().filter(|given| digest.starts_with(given.as_str())).cloned().collect()
    }

    /// The ends that were read and that nobody plans any more.
    #[must_use]
    pub fn ends_gone(&self, planned: &[Change]) -> Vec<RecordId> {
        let Self::Read(read) = self else { return Vec::new() };
        let is_planned = |id: &RecordId| planned.iter().any(|change| change.id == *id);
        let ends = read.iter().filter(|read| read.to.is_empty() && !is_planned(&read.id));
        ends.map(|read| read.id.clone()).collect()
    }

    /// Leaves of a plan what was approved, and what brakes hold all the same.
    pub(super) fn narrow(&self, plan: &mut Plan) {
        plan.changes.retain_mut(|change| {
            if let Self::Read(read) = self
                && let Some(read) = read.iter().find(|read| read.is(change))
            {
                // What nothing holds any more was approved no less.
                return read.lifted.iter().all(|by| change.cause.lift(*by));
            }
            change.cause.is_approved()
        });
        plan.changes.sort_by(|a, b| {
            let key = |change: &Change| (change.id.name.clone(), change.id.record_type);
            key(a).cmp(&key(b)).then_with(|| a.id.zone.cmp(&b.id.zone))
        });
        plan.skips.retain(|skip| matches!(skip.reason, Reason::Braked | Reason::Blind));
        plan.in_sync.clear();
    }
}
