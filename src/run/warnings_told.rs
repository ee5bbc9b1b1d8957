//! Which warnings this process has told, and when: told again after a day. What the log says of it is not asked, for these are
//! warnings of what somebody else writes into the log.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::clock::DAY;
use pure::plan::AuditedReason;
use pure::plan::report::Warning;

/// When each warning was told.
#[derive(Debug, Default)]
pub(crate) struct WarningsTold(Mutex<BTreeMap<AuditedReason, Timestamp>>);

impl WarningsTold {
    /// Those that were not told within the day; they count as told from now on.
    pub(crate) fn news(&self, found: Vec<Warning>, now: Timestamp) -> Vec<Warning> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut is_news = |warning: &Warning| {
            let key = warning.audited();
            let is_told = told.get(&key).is_some_and(|told| now.duration_since(*told) < DAY);
            if !is_told {
                told.insert(key, now);
            }
            !is_told
        };
        found.into_iter().filter(|warning| is_news(warning)).collect()
    }
}
