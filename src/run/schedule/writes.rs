//! What writes rest on, and what has become of them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock;
use crate::run::attended::{self, Attended};
use crate::run::fulfil::LiveSet;
use crate::run::hand::Hand;
use crate::run::prove::{Expected, Landed, Prover};
use crate::run::vain_leaders::VainLeaders;
use pure::cached::Cached;
use pure::domain::ZoneId;
use pure::plan::{Brake, Case, Change, Docket, Policy, Skip};
use pure::progress::Fate;

/// What the writes rest on.
pub(in crate::run) struct Schedule<'a> {
    pub(in crate::run) hand: &'a Hand,
    pub(in crate::run) policy: &'a Policy,
    pub(in crate::run) case: &'a Case,
    pub(in crate::run) run: &'a str,
    pub(in crate::run) prover: &'a Prover,
    /// Zones whose oldest change goes first and must be proved.
    pub(in crate::run) led: &'a BTreeSet<ZoneId>,
    /// Those that have led before, and were not written.
    pub(in crate::run) vain_leaders: &'a VainLeaders,
    /// Hears what landed, at once.
    pub(in crate::run) landed: UnboundedSender<Landed>,
    /// The rows by record set, sorted when a second look first needs them.
    pub(in crate::run) docket: OnceLock<Docket<'a>>,
    /// Who waits, and may stop it.
    pub(in crate::run) attended: &'a Attended,
}

/// A change that was tried, and when it ended.
#[derive(Debug, Clone)]
pub(in crate::run) struct Done {
    pub(in crate::run) change: Change,
    pub(in crate::run) fate: Fate,
    /// The moment after the last answer.
    pub(in crate::run) at: Timestamp,
}

/// What became of the changes.
#[derive(Debug, Default)]
pub(in crate::run) struct Writes {
    pub(in crate::run) done: Vec<Done>,
    /// Changes that a second look turned into skips, or that an unproved leader holds.
    pub(in crate::run) skips: Vec<Skip>,
    pub(in crate::run) brakes: Vec<Brake>,
    /// Live reads on the way.
    pub(in crate::run) seen: Vec<LiveSet>,
}

impl Writes {
    pub(super) fn absorb(&mut self, other: Self) {
        self.done.extend(other.done);
        self.skips.extend(other.skips);
        self.brakes.extend(other.brakes);
        self.seen.extend(other.seen);
    }
}

/// A change that was not begun because somebody stopped the run.
pub(super) fn not_begun(change: Change) -> Done {
    Done { change, fate: attended::not_begun(), at: clock::now() }
}

/// What the name servers are to answer once a change is there.
pub(super) fn expected(change: &Change, case: &Case) -> Expected {
    let past = case.history.changes.get(&change.id).map(Vec::as_slice).unwrap_or_default();
    let cached = Cached::of(change, past, clock::now());
    Expected { id: change.id.clone(), addresses: change.to().clone(), cached }
}
