//! Which audit rows the log has taken.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::audit::{AuditRow, Kind};
use pure::plan::{AuditedBrake, AuditedReason, History, Skip};

/// The logs keep times a little coarser than we send them.
const ROUNDING: SignedDuration = SignedDuration::from_secs(1);

/// A row of a skip: its key in the log, and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditKey {
    key: AuditedReason,
    time: Timestamp,
}

impl AuditKey {
    /// The code of the skip.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.key.reason
    }

    /// Whether the log holds the row.
    #[must_use]
    pub fn is_told(&self, history: &History) -> bool {
        history.audited.get(&self.key).is_some_and(|time| *time + ROUNDING >= self.time)
    }
}

#[cfg(test)]
impl AuditKey {
    /// One for this reason, for tests of whoever keeps them.
    pub(crate) fn of(reason: &str) -> Self {
        let (zone, name, record_type) = (String::new(), "x.example.com".to_owned(), "A".to_owned());
        let key = AuditedReason { zone, name, record_type, reason: reason.to_owned() };
        Self { key, time: Timestamp::UNIX_EPOCH }
    }
}

/// The audit rows of a run, as far as the log took them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Rows of changes that this run made.
    pub changes: u64,
    /// Rows that killed runs owed.
    pub recovered: u64,
    /// Rows of brakes.
    pub brakes: u64,
    /// Rows of skips, by code.
    pub skips: BTreeMap<String, u64>,
    /// Each brake that was told, and whether it stands.
    pub(super) of_brakes: Vec<(AuditedBrake, bool)>,
    /// Each skip that was told.
    new: BTreeSet<AuditedReason>,
    /// Rows of skips whose batch went unanswered: the log may hold them or not.
    pub doubtful: Vec<AuditKey>,
}

impl Told {
    /// Counts rows that were acknowledged.
    pub(super) fn accepted(&mut self, rows: &[AuditRow]) {
        for row in rows {
            match &row.kind {
                Kind::Change => self.changes += 1,
                Kind::Recovered => self.recovered += 1,
                Kind::Signature => {}
                Kind::Brake { key, stands } => {
                    self.brakes += 1;
                    self.of_brakes.push((key.clone(), *stands));
                }
                Kind::Skip(key) => {
                    *self.skips.entry(key.reason.clone()).or_default() += 1;
                    self.new.insert(key.clone());
                }
            }
        }
    }

    /// Whether this run told the log of a skip: its reason is new for its name, or a day old.
    #[must_use]
    pub fn is_new(&self, skip: &Skip) -> bool {
        skip.audited().is_some_and(|key| self.new.contains(&key))
    }

    /// Whether this run sent the row of a skip once more, whatever became of it.
    #[must_use]
    pub fn tells_again(&self, row: &AuditKey) -> bool {
        self.new.contains(&row.key) || self.doubtful.iter().any(|other| other.key == row.key)
    }

    /// Remembers rows of which nobody knows whether they arrived.
    pub(super) fn unanswered(&mut self, rows: &[AuditRow]) {
        self.doubtful.extend(rows.iter().filter_map(|row| match &row.kind {
            Kind::Skip(key) => Some(AuditKey { key: key.clone(), time: row.row.time_generated }),
            Kind::Change | Kind::Recovered | Kind::Brake { .. } | Kind::Signature => None,
        }));
    }
}
