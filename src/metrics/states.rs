//! How the claimed names stand at the end of a round: each is in one state.

use std::collections::BTreeMap;

use crate::run::Facts;
use pure::plan::Reason;
use pure::plan::report::{Outcome, Report};

/// Every state, from the best to the worst, and the machines that say nothing.
pub(super) const STATES: [&str; 5] = ["in_sync", "skipped", "held", "drifted", "silent"];

/// Numbers of names by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct States {
    in_sync: u64,
    skipped: u64,
    held: u64,
    drifted: u64,
    silent: u64,
}

/// A name's state, the worse the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    InSync,
    Skipped,
    Held,
    Drifted,
}

impl States {
    pub(super) fn counts(&self) -> [(&'static str, u64); 5] {
        let Self { in_sync, skipped, held, drifted, silent } = *self;
        let [a, b, c, d, e] = STATES;
        [(a, in_sync), (b, skipped), (c, held), (d, drifted), (e, silent)]
    }
}

/// The states that an evaluation and its run leave; without a run every name that differs has drifted.
pub(super) fn of(facts: &Facts, report: Option<&Report>) -> States {
    let names = facts.names;
    let (in_sync, silent) = (names.in_sync, names.silent);
    let mut states = States { in_sync, silent, skipped: names.unfit, ..States::default() };
    let Some(report) = report else {
        states.drifted = names.differing;
        return states;
    };
    let mut worst: BTreeMap<&str, State> = BTreeMap::new();
    let changes = report.changes.iter().map(|change| {
        let state = if change.outcome == Outcome::Confirmed { State::InSync } else { State::Drifted };
        (change.change.id.name.as_str(), state)
    });
    let skips = report.skips.iter().map(|skip| {
        let state = match skip.reason {
            Reason::AlreadyRight => State::InSync,
            Reason::Braked | Reason::Blind => State::Held,
            _ => State::Skipped,
        };
        (skip.name.as_str(), state)
    });
    for (name, state) in changes.chain(skips) {
        let found = worst.entry(name).or_insert(state);
        *found = state.max(*found);
    }
    for state in worst.into_values() {
        match state {
            State::InSync => states.in_sync += 1,
            State::Skipped => states.skipped += 1,
            State::Held => states.held += 1,
            State::Drifted => states.drifted += 1,
        }
    }
    states
}
