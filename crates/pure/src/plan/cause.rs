//! Why a record set is written, each cause with its own facts.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{Hold, ResourceId};

use super::approval::Lifted;
use super::grant::Whence;
use super::order::Leaves;
use super::words;

/// Why a record set is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// Heartbeats say that the name's machines are somewhere else.
    Moved {
        /// What they say.
        beats: Beats,
        /// By what an unmarked set becomes ours; none for a set that is ours, or new.
        adopts: Option<AdoptedBy>,
        /// The brakes that a person has lifted for it.
        lifted: BTreeSet<Lifted>,
    },
    /// A person adopts the set by hand: our mark is put on it.
    Adopted {
        /// What the machine's heartbeats say where the set does not hold it; none when only the mark is missing.
        beats: Option<Beats>,
    },
    /// A person holds the set: our mark says so from then on.
    Held(Hold),
    /// A person lets go of a set that was held.
    Unheld {
        /// Where the policy file holds the name all the same, so that no run writes it yet.
        held_by: Option<Whence>,
    },
    /// A person undoes a change, and holds the set.
    RolledBack(Box<Undone>),
    /// A person releases the set: it is ours no longer.
    Released(Released),
    /// Nobody claims the name any more, and its grace is over.
    Orphaned {
        /// The brakes that a person has lifted for it.
        lifted: BTreeSet<Lifted>,
    },
}

/// A set that is released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// What is left of our mark.
    pub leaves: Leaves,
    /// The machines whose live tags claim the name.
    pub claimed_by: BTreeSet<ResourceId>,
}

/// A change that is undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The run that made it; empty where nobody says.
    pub run: String,
    /// When.
    pub time: Option<Timestamp>,
    /// Addresses that only the log says, and that no heartbeat of the marked machine has reported within thirty days.
    pub unreported: BTreeSet<IpAddr>,
    /// What keeps the next run from moving it once more; none for a set that goes.
    pub hold: Option<Hold>,
}

/// By what an unmarked record set becomes ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdoptedBy {
    /// The claiming machines have reported each of its addresses: it pointed at them already.
    Seen,
    /// Its name stands literally in `POLICY_NAMES`.
    Listed,
    /// `POLICY_ADOPT` is `always`.
    Always,
    /// A person adopts it by hand.
    Hand,
}

/// The heartbeats behind a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Beats {
    /// The machines that say the same as the marked one, sorted.
    pub witnesses: Vec<ResourceId>,
    /// Of the marked machine and these, the ones whose rows the alert counts.
    pub counted: BTreeSet<ResourceId>,
    /// Where the address is, as the platform sees it; empty when unknown.
    pub country: String,
    /// The earliest first beat of the witnesses.
    pub first_beat: Timestamp,
    /// Their newest heartbeat.
    pub heartbeat_time: Timestamp,
    /// The most newest heartbeats that agree.
    pub count: u64,
}

impl Undone {
    /// The label of the mark that says it: the run, as far as what the log says is one.
    #[must_use]
    pub fn label(&self) -> String {
        let run = self.run.as_str();
        if words::is_run(run) { run } else { "unknown" }.to_owned()
    }
}

impl Cause {
    /// The heartbeats behind the change, if any.
    #[must_use]
    pub fn beats(&self) -> Option<&Beats> {
        match self {
            Self::Moved { beats, .. } => Some(beats),
            Self::Adopted { beats } => beats.as_ref(),
            Self::Held(_)
            | Self::Unheld { .. }
            | Self::RolledBack(_)
            | Self::Released(_)
            | Self::Orphaned { .. } => None,
        }
    }

    /// The machines that say the same, besides the marked one.
    pub fn witnesses(&self) -> impl Iterator<Item = &ResourceId> {
        self.beats().into_iter().flat_map(|beats| &beats.witnesses)
    }

    /// By what an unmarked set becomes ours; none where none does.
    #[must_use]
    pub fn adopted_by(&self) -> Option<AdoptedBy> {
        match self {
            Self::Moved { adopts, .. } => *adopts,
            Self::Adopted { .. } => Some(AdoptedBy::Hand),
            Self::Held(_)
            | Self::Unheld { .. }
            | Self::RolledBack(_)
            | Self::Released(_)
            | Self::Orphaned { .. } => None,
        }
    }

    /// Whether an unmarked set becomes ours.
    #[must_use]
    pub fn adopts(&self) -> bool {
        self.adopted_by().is_some()
    }

    /// Whether a person adopts the set by hand.
    #[must_use]
    pub fn is_adoption(&self) -> bool {
        matches!(self, Self::Adopted { .. })
    }

    /// The brakes that a person has lifted for it; none where no brake is ever asked.
    #[must_use]
    pub fn lifted(&self) -> Option<&BTreeSet<Lifted>> {
        match self {
            Self::Moved { lifted, .. } | Self::Orphaned { lifted } => Some(lifted),
            Self::Adopted { .. }
            | Self::Held(_)
            | Self::Unheld { .. }
            | Self::RolledBack(_)
            | Self::Released(_) => None,
        }
    }

    /// Whether a person has approved it.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.lifted().is_some_and(|lifted| !lifted.is_empty())
    }

    /// Notes that a person lifts a brake for it; only what heartbeats move, or what nobody claims, can be approved.
    pub(super) fn lift(&mut self, by: Lifted) -> bool {
        let (Self::Moved { lifted, .. } | Self::Orphaned { lifted }) = self else { return false };
        lifted.insert(by);
        true
    }

    /// The hold that a person puts on the set.
    #[must_use]
    pub fn hold(&self) -> Option<&Hold> {
        match self {
            Self::Held(hold) => Some(hold),
            Self::RolledBack(undone) => undone.hold.as_ref(),
            Self::Moved { .. }
            | Self::Adopted { .. }
            | Self::Unheld { .. }
            | Self::Released(_)
            | Self::Orphaned { .. } => None,
        }
    }

    /// The change that it undoes.
    #[must_use]
    pub fn undone(&self) -> Option<&Undone> {
        match self {
            Self::RolledBack(undone) => Some(undone),
            Self::Moved { .. }
            | Self::Adopted { .. }
            | Self::Held(_)
            | Self::Unheld { .. }
            | Self::Released(_)
            | Self::Orphaned { .. } => None,
        }
    }

    /// What is released.
    #[must_use]
    pub fn released(&self) -> Option<&Released> {
        match self {
            Self::Released(released) => Some(released),
            Self::Moved { .. }
            | Self::Adopted { .. }
            | Self::Held(_)
            | Self::Unheld { .. }
            | Self::RolledBack(_)
            | Self::Orphaned { .. } => None,
        }
    }
}
