//! Which changes have led a surge in vain, as far as this process knows.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use pure::domain::RecordId;

/// Record sets whose change led and was not written. The log tells the next run of a change that has failed; of one that
/// was put off, or whose row the log refused, it tells nothing, and the same name would lead every run.
#[derive(Debug, Default)]
pub(super) struct VainLeaders(Mutex<BTreeSet<RecordId>>);

impl VainLeaders {
    /// Whether the last change of the set that led was not written.
    pub(super) fn holds(&self, id: &RecordId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    /// Takes in how a leader has ended.
    pub(super) fn learn(&self, id: &RecordId, was_written: bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if was_written {
            known.remove(id);
        } else {
            known.insert(id.clone());
        }
    }
}
