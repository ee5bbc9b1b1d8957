//! What a round leaves for whoever counts: what the logs said, and which audit rows the log has taken.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Observed;
use super::audit::{AuditRow, Kind};
use pure::domain::Zones;
use pure::plan::{AuditedReason, Case, History, Skip};

/// The logs keep times a little coarser than we send them.
const ROUNDING: SignedDuration = SignedDuration::from_secs(1);

/// What one evaluation says about the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// When it was asked.
    pub at: Timestamp,
    /// Newest heartbeat of all machines; none when there is none within the day.
    pub newest_heartbeat: Option<Timestamp>,
    /// The oldest of the newest complete sweeps of the tags and of every zone; none when one of them was never swept.
    pub oldest_marker: Option<Timestamp>,
    /// Names that tags claim in the managed zones, and how their records stand.
    pub names: Names,
    /// Whether only part of the rows came.
    pub partial: bool,
}

/// Numbers of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Right.
    pub in_sync: u64,
    /// With a record that does not hold what the machines say, whatever the reason.
    pub differing: u64,
    /// Tagged machines not heard within the hour.
    pub silent: u64,
}

impl Names {
    /// What the history and the rows of one evaluation say.
    pub(super) fn of(case: &Case) -> Self {
        let zones = || case.history.zones.values();
        let claimed: u64 = zones().map(|zone| zone.claimed_names).sum();
        let unheard: u64 = zones().map(|zone| zone.silent_names).sum();
        let placed = case.rows.iter().filter(|row| !row.zone_id.is_empty());
        let differing =
            placed.map(|row| (row.zone_id.to_lowercase(), &row.host_name)).collect::<BTreeSet<_>>();
        let differing = differing.len() as u64;
        let silent = zones().map(|zone| zone.silent).sum();
        Self { in_sync: claimed.saturating_sub(differing + unheard), differing, silent }
    }
}

impl Observed {
    /// What this evaluation says about the whole; `zones` are those that are managed.
    #[must_use]
    pub fn facts(&self, zones: &Zones) -> Facts {
        let history = &self.case.history;
        let marker = |zone: &pure::domain::Zone| history.zones.get(&zone.id).and_then(|zone| zone.marker);
        let markers = std::iter::once(history.tags_marker).chain(zones.iter().map(marker));
        Facts {
            at: Timestamp::now(),
            newest_heartbeat: history.newest_heartbeat,
            oldest_marker: markers.min().flatten(),
            names: Names::of(&self.case),
            partial: self.case.partial,
        }
    }
}

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
                Kind::Brake => self.brakes += 1,
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

    /// Remembers rows of which nobody knows whether they arrived.
    pub(super) fn unanswered(&mut self, rows: &[AuditRow]) {
        self.doubtful.extend(rows.iter().filter_map(|row| match &row.kind {
            Kind::Skip(key) => Some(AuditKey { key: key.clone(), time: row.row.time_generated }),
            Kind::Change | Kind::Recovered | Kind::Brake => None,
        }));
    }
}
