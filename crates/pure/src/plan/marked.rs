//! What the log knows of record sets with our mark that nobody claims any more, and what may become of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{HostName, RecordId};

/// A record set with our mark, as the newest sweep found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The record set.
    pub id: RecordId,
    /// What it holds.
    pub addresses: BTreeSet<IpAddr>,
    /// The machine that the mark names.
    pub machine: String,
    /// The run that wrote the mark.
    pub run: String,
}

impl ClaimPast {
    /// Takes in what was learned of other names: on which days the tags were swept is the same for all.
    pub fn extend(&mut self, other: Self) {
        self.swept_days.extend(other.swept_days);
        self.claimed.extend(other.claimed);
        self.written.extend(other.written);
    }
}

/// That the log calls a record set deleted within the day, or about to be: whether it went, its zone shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// When that was told first.
    pub first: Timestamp,
    /// When it was told last.
    pub last: Timestamp,
}

/// What becomes of record sets that nobody claims any more (`POLICY_ORPHANS`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orphans {
    /// They stay.
    #[default]
    Keep,
    /// They go, after their grace.
    Delete,
}

/// The last write to a record set, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastWrite {
    /// The run that made it.
    pub run: String,
    /// What it wrote.
    pub addresses: BTreeSet<IpAddr>,
}

/// What the log knows of the claims on names that nobody claims any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimPast {
    /// The days, by their distance from now, on which the tags were swept in full.
    pub swept_days: BTreeSet<u64>,
    /// When a tag held each name last; none within the grace and a day.
    pub claimed: BTreeMap<HostName, Timestamp>,
    /// The last write to each record set.
    pub written: BTreeMap<RecordId, LastWrite>,
}
