//! After how long a write was true, and what proved it.

use super::SOON;
use crate::cli::clock::measured;
use crate::queries::{Past, Proved};
use crate::run::PAST_DAYS;
use pure::plan::report::Proof;
use pure::plan::{AdoptedBy, Motive};

/// Whether it came when a person had time for it, so that how old the first heartbeat was says nothing.
fn is_by_hand(write: &Past) -> bool {
    write.motive == Some(Motive::Adopted(AdoptedBy::Hand))
}

/// How long the truth took, where that says how quick a run was.
fn took(write: &Past) -> Option<u64> {
    write.time_to_truth_ms.filter(|_| !is_by_hand(write))
}

/// After how long the zone's name servers said so; else what is known instead.
pub(super) fn proved(write: &Past) -> String {
    match (write.is_confirmed, write.proof, took(write)) {
        (true, _, _) if write.is_of_the_mark() => "–".to_owned(),
        (false, _, _) => "not known".to_owned(),
        (_, Proved::By(Proof::Arm), _) => "Azure's word".to_owned(),
        // Whoever brought the row did not write the set, and the run that did has not written down what it saw.
        (_, Proved::No, _) if write.is_recovered => "not known".to_owned(),
        (_, Proved::No, _) => "not proved".to_owned(),
        (_, Proved::By(Proof::Dns) | Proved::Untold, Some(took)) => measured(took),
        (_, Proved::By(Proof::Dns), None) if is_by_hand(write) => "–".to_owned(),
        (_, Proved::By(Proof::Dns), None) => "by DNS".to_owned(),
        (_, Proved::Untold, None) if write.is_recovered => "not known".to_owned(),
        (_, Proved::Untold, None) => "–".to_owned(),
    }
}

pub(super) fn totals(writes: &[&Past]) -> String {
    let changes = if writes.len() == 1 { "change" } else { "changes" };
    let took: Vec<u64> = writes.iter().filter_map(|write| took(write)).collect();
    let soon = took.iter().filter(|took| **took <= SOON).count();
    let soon = match took.len() {
        0 => String::new(),
        known => format!("; true within 5 minutes: {soon} of {known}"),
    };
    format!("{} {changes} in {PAST_DAYS} days at most{soon}", writes.len())
}
