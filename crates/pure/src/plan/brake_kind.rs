//! A brake that tripped: which one, what it is about, what opens it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::domain::ZoneId;

use super::blindness::{Blindness, RIGHT_LOST};
use super::sentence::Sentence;

/// A brake that tripped.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Brake {
    /// Which one.
    pub brake: BrakeKind,
    /// The zone; none when every zone is meant.
    pub zone: Option<ZoneId>,
    /// The limit: different addresses (`converging`), percent (`surge`, silence), minutes (age of data), record sets
    /// (`orphans`).
    pub limit: u64,
    /// What was seen, in the unit of the limit and above it; none when there is nothing to measure.
    pub seen: Option<u64>,
    /// The names that it holds, sorted.
    pub names: BTreeSet<String>,
    /// What opens it.
    pub opens: Opens,
    /// By what a person approves it: SHA-256 over its kind, its zone and the changes that it holds. None where nobody can, and in
    /// a plan for some names.
    pub digest: Option<String>,
    /// The digests of the brakes that would hold some of it once this one is approved: all are given together.
    pub besides: Vec<String>,
    /// What is wrong and what to do, in one sentence.
    pub because: Sentence,
    /// What it is about, by which one brake is told from another of its kind.
    #[serde(skip)]
    pub about: About,
}

impl Brake {
    /// The brake of what cannot be seen: in one zone, or in all.
    #[must_use]
    pub fn blind(cause: &Blindness, zone: Option<ZoneId>, names: BTreeSet<String>) -> Self {
        let (limit, seen) = cause.measure();
        Self {
            brake: BrakeKind::Blind,
            zone,
            limit,
            seen,
            names,
            opens: Opens::FreshData,
            digest: None,
            besides: Vec::new(),
            because: Sentence::of(|f| cause.say(f)),
            about: About::Cause(cause.code()),
        }
    }

    /// Whether it stands because a right was lost, which no fresh data gives back.
    #[must_use]
    pub fn is_of_a_lost_right(&self) -> bool {
        self.about == About::Cause(RIGHT_LOST)
    }

    /// That it holds a name, in a few words: why, its own line says.
    #[must_use]
    pub fn holds(&self) -> String {
        let place = self.zone.as_ref().map(|zone| format!(" in {}", zone.in_words())).unwrap_or_default();
        format!("The brake {}{place} holds it.", self.brake.as_str())
    }
}

/// What a brake is about, besides its kind and zone; the names that it holds change from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The new address of `converging`.
    Address(IpAddr),
    /// How much of the zone moves.
    Volume,
    /// The change that led the zone was written and not proved.
    Proof,
    /// The cause of `blind`, the word of its kind.
    Cause(&'static str),
    /// How many names of the zone end.
    Ends,
}

/// The brakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrakeKind {
    /// Too many places move to one address: a proxy appeared.
    Converging,
    /// Too much of a zone moves at once.
    Surge,
    /// The data is old, partial or missing.
    Blind,
    /// Too many names of a zone end at once.
    Orphans,
}

impl BrakeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Converging, Self::Surge, Self::Blind, Self::Orphans];

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Converging => "converging",
            Self::Surge => "surge",
            Self::Blind => "blind",
            Self::Orphans => "orphans",
        }
    }
}

impl FromStr for BrakeKind {
    type Err = NoBrake;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(NoBrake)
    }
}

/// A word that names no brake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no brake has this name")]
pub struct NoBrake;

/// What opens a brake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// A person approves.
    Approve,
    /// By itself, at this moment.
    At(Timestamp),
    /// By itself, when data is fresh and whole.
    FreshData,
    /// By itself, when the next run can prove what this one could not.
    NextRun,
}

impl std::fmt::Display for Opens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Approve => f.write_str("approve"),
            Self::At(time) => write!(f, "{time}"),
            Self::FreshData => f.write_str("fresh-data"),
            Self::NextRun => f.write_str("next-run"),
        }
    }
}

impl Serialize for Opens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
