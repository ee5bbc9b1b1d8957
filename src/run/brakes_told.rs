//! What this process has told of brakes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use pure::plan::{AuditedBrake, Case};

/// When brakes were last told to stand, as far as this process knows: only a partial answer of the log needs it.
#[derive(Debug, Default)]
pub(super) struct BrakesTold(Mutex<BTreeMap<AuditedBrake, Timestamp>>);

impl BrakesTold {
    /// When the brake was last told to stand.
    pub(super) fn last(&self, key: &AuditedBrake) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    /// Takes in what the log says, where it says everything, and what it has taken since: each brake, and whether it stands.
    pub(super) fn learn(&self, case: &Case, told: &[(AuditedBrake, bool)], now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !case.partial {
            let stands = case.history.brakes.iter().filter(|(_, state)| state.stands);
            *known = stands.map(|(key, state)| (key.clone(), state.time)).collect();
        }
        for (key, stands) in told {
            if *stands {
                known.insert(key.clone(), now);
            } else {
                known.remove(key);
            }
        }
    }
}
