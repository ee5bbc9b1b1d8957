//! A change that landed, as the log remembers it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

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
    /// Whether a person undid another change by it, as far as the log was asked.
    pub undoes: bool,
}

impl PastChange {
    /// Whether addresses changed: an adoption of a set that is right already is no move.
    #[must_use]
    pub fn is_move(&self) -> bool {
        self.from != self.to
    }

    /// Whether it is at most a day old: what is older says nothing about today.
    #[must_use]
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.duration_since(self.time) <= SignedDuration::from_hours(24)
    }
}
