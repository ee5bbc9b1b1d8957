//! What this process itself has written within the day, whatever the log says of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::schedule::Done;
use pure::domain::{RecordId, RecordSet};
use pure::plan::report::Outcome;
use pure::plan::{Motive, OwnChange, PastChange};

/// The most record sets of which it is kept; what more are written is forgotten.
const MOST: usize = 20_000;

/// Changes that landed. Somebody may put a set back as it was, mark and all: then no mark tells of the write, and whoever may
/// send rows must not be able to say the same.
#[derive(Debug, Default)]
pub(super) struct OwnChanges(Mutex<BTreeMap<RecordId, Vec<OwnChange>>>);

impl OwnChanges {
    /// Takes in what became of changes.
    pub(super) fn learn(&self, done: &[Done], run: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for done in done.iter().filter(|done| done.fate.outcome == Outcome::Confirmed) {
            let change = &done.change;
            if known.len() >= MOST && !known.contains_key(&change.id) {
                continue;
            }
            let before = change.before.as_ref();
            let landed = PastChange {
                from: before.map(|set| set.addresses.clone()).unwrap_or_default(),
                to: change.to().clone(),
                time: done.at,
                run: run.to_owned(),
                footing: Some(Motive::of(change)).into(),
            };
            let replaced = before.and_then(RecordSet::mark).map(|mark| mark.run).unwrap_or_default();
            known.entry(change.id.clone()).or_default().push(OwnChange { change: landed, replaced });
        }
    }

    /// The changes of the last day; older ones are forgotten.
    pub(super) fn recent(&self, now: Timestamp) -> BTreeMap<RecordId, Vec<OwnChange>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, own| {
            own.retain(|own| own.change.is_recent(now));
            !own.is_empty()
        });
        known.clone()
    }
}
