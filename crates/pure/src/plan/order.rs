//! What a person orders to be done with sets that are ours, apart from what any heartbeat says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::{Hold, HostName, RecordId, ResourceId, Until};

use super::blindness::Blindness;
use super::past_change::PastChange;

/// What a person orders to be done with the sets of some names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByHand {
    /// No run is to write their sets any more.
    Hold(HoldOrder),
    /// Runs may write them again.
    Unhold(LetGo),
    /// They are to hold again what they held before a change.
    Rollback(Box<Rollback>),
    /// They are no longer ours.
    Release(Release),
}

/// What kind of order it is, for sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the order of its name")]
pub enum OrderKind {
    Hold,
    Unhold,
    Rollback,
    Release,
}

impl ByHand {
    /// What kind of order it is.
    #[must_use]
    pub fn kind(&self) -> OrderKind {
        match self {
            Self::Hold(_) => OrderKind::Hold,
            Self::Unhold(_) => OrderKind::Unhold,
            Self::Rollback(_) => OrderKind::Rollback,
            Self::Release(_) => OrderKind::Release,
        }
    }
}

/// A hold as a person orders it: what is not given stays as a standing hold has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldOrder {
    /// When it ends by itself.
    pub until: Option<Until>,
    /// Why.
    pub why: Option<String>,
    /// Who orders it.
    pub by: String,
}

impl HoldOrder {
    /// The hold that a set has from then on.
    #[must_use]
    pub fn over(&self, standing: Option<&Hold>) -> Hold {
        let until = self.until.or(standing.map(|hold| hold.until)).unwrap_or(Until::Forever);
        let why = self.why.clone().or_else(|| standing.map(|hold| hold.why.clone())).unwrap_or_default();
        Hold { until, why, by: self.by.clone() }
    }
}

/// Which holds are ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetGo {
    /// All.
    All,
    /// Those that this run has written.
    Of(String),
}

/// Sets are no longer to be ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// What is left of our mark.
    pub leaves: Leaves,
    /// The machines whose live tags claim the names.
    pub claims: BTreeMap<HostName, BTreeSet<ResourceId>>,
    /// Those that claimed them at the last sweep, where a set is to be deleted: each is asked, seen or not.
    pub swept: BTreeMap<HostName, BTreeSet<ResourceId>>,
    /// Why it is not known of every machine what it claims, where a set is to be deleted.
    pub unseen: Vec<Blindness>,
}

/// What a release leaves in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// A mark that says that it is released: no run takes it, whatever the policy lists.
    AMark,
    /// Nothing of ours.
    Nothing,
    /// Not even the set: it is deleted, unless a live tag claims its name.
    NoSet,
}

/// A change is to be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// Which change.
    pub point: Point,
    /// What the log says of each set: its landed writes, the newest first. Nobody vouches for it.
    pub told: BTreeMap<RecordId, Vec<PastChange>>,
    /// What keeps the next run from moving it once more.
    pub hold: HoldOrder,
    /// What a set that the change has made is deleted on: who claims it, as for any release without a set. None: it is left.
    pub deletes: Option<Release>,
}

/// Which change is undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Point {
    /// The last one of each set.
    Last,
    /// What this run has changed.
    Run(String),
    /// All since this time.
    Since(Timestamp),
}

impl ByHand {
    /// Whether it says which names are meant, so that they need not be repeated.
    #[must_use]
    pub fn names_itself(&self) -> bool {
        match self {
            Self::Hold(_) => false,
            Self::Unhold(which) => matches!(which, LetGo::Of(_)),
            Self::Rollback(rollback) => rollback.point != Point::Last,
            Self::Release(_) => false,
        }
    }
}
