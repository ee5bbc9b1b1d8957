//! A change that landed, as the log or the process itself remembers it.

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
    /// What it found and meant, as far as the log says.
    pub footing: Footing,
}

/// A change of which the process itself knows that it landed, whatever the log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnChange {
    /// The change.
    pub change: PastChange,
    /// The run whose mark it took the place of; empty where there was none.
    pub replaced: String,
}

/// What a change found, or was meant to do, where that matters to the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Footing {
    /// Nobody says.
    #[default]
    Unknown,
    /// It found a set without our mark, or none.
    Unmarked,
    /// It found our mark.
    Marked,
    /// A person undid another change by it.
    Undoing,
    /// A person released the set by it.
    Releasing,
}

impl PastChange {
    /// Whether addresses changed: an adoption of a set that is right already is no move.
    #[must_use]
    pub fn is_move(&self) -> bool {
        self.from != self.to
    }

    /// Whether a person undid another change by it.
    #[must_use]
    pub fn undoes(&self) -> bool {
        self.footing == Footing::Undoing
    }

    /// Whether it left a set with our mark.
    #[must_use]
    pub fn left_our_mark(&self) -> bool {
        !self.to.is_empty() && self.footing != Footing::Releasing
    }

    /// Whether it is at most a day old: what is older says nothing about today.
    #[must_use]
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.duration_since(self.time) <= SignedDuration::from_hours(24)
    }
}
