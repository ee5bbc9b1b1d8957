//! What a person reads of a change and agrees to: all that its digest covers, and all that a second look must find again.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::domain::{Hold, RecordId, ResourceId, Until};

use super::change::{Action, Change};
use super::order::Leaves;

/// What a person agrees to. Nothing of it hangs on the run, on the time of a run or on who runs it.
#[derive(PartialEq, Eq)]
pub(super) struct Agreed<'a> {
    pub(super) id: &'a RecordId,
    pub(super) action: Action,
    pub(super) from: BTreeSet<IpAddr>,
    pub(super) to: &'a BTreeSet<IpAddr>,
    /// The time to live that takes the place of a longer one, in seconds.
    pub(super) lowered_ttl: Option<u32>,
    /// The hold that is written: its end and its reason.
    pub(super) hold: Option<(Until, &'a str)>,
    /// The hold that stands there, which the write may end or replace.
    pub(super) standing: Option<Hold>,
    /// What a release leaves.
    pub(super) leaves: Option<Leaves>,
    /// Addresses that no heartbeat bears out.
    pub(super) unreported: Option<&'a BTreeSet<IpAddr>>,
    /// Whether an unmarked set becomes ours.
    pub(super) adopts: bool,
    /// The machine whose name another one takes over.
    pub(super) taken_over_from: Option<ResourceId>,
}

impl<'a> Agreed<'a> {
    pub(super) fn of(change: &'a Change) -> Self {
        let cause = &change.cause;
        Self {
            id: &change.id,
            action: change.action(),
            from: change.from(),
            to: change.to(),
            lowered_ttl: change.lowered_ttl(),
            hold: cause.hold().map(|hold| (hold.until, hold.why.as_str())),
            standing: change.before.as_ref().and_then(|set| Hold::read(&set.metadata)),
            leaves: cause.released().map(|released| released.leaves),
            unreported: cause.undone().map(|undone| &undone.unreported),
            adopts: cause.adopts(),
            taken_over_from: change.taken_over_from(),
        }
    }
}
