//! Why a record set is written, each cause with its own facts.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::ResourceId;

/// Why a record set is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// Heartbeats say that the name's machines are somewhere else.
    Moved {
        /// What they say.
        beats: Beats,
        /// Whether an unmarked set becomes ours by it, which the policy allows.
        adopts: bool,
        /// Whether heartbeats proved that the set may be taken over: by what they say, not by what the policy allows.
        proved: bool,
    },
    /// A person adopts the set by hand: our mark is put on it.
    Adopted {
        /// What the machine's heartbeats say where the set does not hold it; none when only the mark is missing.
        beats: Option<Beats>,
    },
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

impl Cause {
    /// The heartbeats behind the change, if any.
    #[must_use]
    pub fn beats(&self) -> Option<&Beats> {
        match self {
            Self::Moved { beats, .. } => Some(beats),
            Self::Adopted { beats } => beats.as_ref(),
        }
    }

    /// The machines that say the same, besides the marked one.
    pub fn witnesses(&self) -> impl Iterator<Item = &ResourceId> {
        self.beats().into_iter().flat_map(|beats| &beats.witnesses)
    }

    /// Whether an unmarked set becomes ours.
    #[must_use]
    pub fn adopts(&self) -> bool {
        match self {
            Self::Moved { adopts, .. } => *adopts,
            Self::Adopted { .. } => true,
        }
    }

    /// Whether heartbeats proved that the set may be taken over.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        matches!(self, Self::Moved { proved: true, .. })
    }

    /// Whether a person adopts the set by hand.
    #[must_use]
    pub fn is_adoption(&self) -> bool {
        matches!(self, Self::Adopted { .. })
    }
}
