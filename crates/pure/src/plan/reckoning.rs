//! The names that a report speaks of, each counted once: what is to be done, what is held, what stays and what is right add
//! up to all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::HostName;

use super::brake_kind::BrakeKind;
use super::reason::Reason;
use super::report::Report;
use super::skip::Skip;

/// How a name is counted; where several things are said of it, the first of them counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reckoned {
    /// One of its record sets is written, or would be.
    Changed,
    /// A brake holds it.
    Held,
    /// What its machines say stands there.
    InSync,
    /// It is left as it is.
    Left,
    /// The log had it otherwise, and it is right.
    RightAlready,
    /// No sweep knows it yet.
    Unswept,
    /// None of its machines was heard within the hour.
    Silent,
}

impl Reckoned {
    fn by(report: &Report, skip: &Skip) -> Self {
        match skip.reason {
            _ if report.told_by(skip).is_some() => Self::Held,
            Reason::AlreadyRight => Self::RightAlready,
            Reason::NotSwept => Self::Unswept,
            Reason::NoHeartbeat => Self::Silent,
            _ => Self::Left,
        }
    }
}

/// The names that a report speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reckoning(BTreeMap<String, Reckoned>);

impl Reckoning {
    /// Those of a report, and names that are in sync or that no sweep knows yet. What nobody claims is none of them.
    #[must_use]
    pub fn of(report: &Report, in_sync: &BTreeSet<HostName>, unswept: &BTreeSet<HostName>) -> Self {
        let changes = report.changes.iter().map(|told| (told.change.id.name.as_str(), Reckoned::Changed));
        let skips = report.skips.iter().map(|skip| (skip.name.as_str(), Reckoned::by(report, skip)));
        // Whether sets that nobody claims may go is no question about a claimed name.
        let brakes = report.brakes.iter().filter(|brake| brake.brake != BrakeKind::Orphans);
        let held = brakes.flat_map(|brake| brake.names.iter().map(|name| (name.as_str(), Reckoned::Held)));
        let right = in_sync.iter().map(|name| (name.as_str(), Reckoned::InSync));
        let unswept = unswept.iter().map(|name| (name.as_str(), Reckoned::Unswept));
        let mut names = BTreeMap::new();
        for (name, reckoned) in changes.chain(skips).chain(held).chain(right).chain(unswept) {
            let first = names.entry(name.to_owned()).or_insert(reckoned);
            *first = reckoned.min(*first);
        }
        Self(names)
    }

    /// How many names are counted so.
    #[must_use]
    pub fn count(&self, reckoned: Reckoned) -> usize {
        self.0.values().filter(|own| **own == reckoned).count()
    }

    /// How many names there are.
    #[must_use]
    pub fn names(&self) -> usize {
        self.0.len()
    }
}
