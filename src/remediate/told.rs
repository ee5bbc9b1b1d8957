//! What a round leaves for whoever counts: what the logs said, and which audit rows the log has taken.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Observed;
use pure::domain::{ChangeRow, Zones};
use pure::plan::{History, Input, Skip};

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
    pub(super) fn of(input: &Input) -> Self {
        let zones = input.history.zones.values();
        let (claimed, silent) = zones
            .fold((0, 0), |(claimed, silent), zone| (claimed + zone.claimed_names, silent + zone.silent));
        let placed = input.rows.iter().filter(|row| !row.zone_id.is_empty());
        let differing = placed.map(|row| &row.host_name).collect::<BTreeSet<_>>().len() as u64;
        Self { in_sync: claimed.saturating_sub(differing + silent), differing, silent }
    }
}

impl Observed {
    /// What this evaluation says about the whole; `zones` are those that are managed.
    #[must_use]
    pub fn facts(&self, zones: &Zones) -> Facts {
        let history = &self.input.history;
        let marker = |zone: &pure::domain::Zone| history.zones.get(&zone.id).and_then(|zone| zone.marker);
        let markers = std::iter::once(history.tags_marker).chain(zones.iter().map(marker));
        Facts {
            at: Timestamp::now(),
            newest_heartbeat: history.newest_heartbeat,
            oldest_marker: markers.min().flatten(),
            names: Names::of(&self.input),
            partial: self.input.partial,
        }
    }
}

/// A row of a skip: its key in the log, and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditKey {
    name: String,
    record_type: String,
    reason: String,
    time: Timestamp,
}

impl AuditKey {
    /// The code of the skip.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether the log holds the row.
    #[must_use]
    pub fn is_told(&self, history: &History) -> bool {
        let key = (self.name.clone(), self.record_type.clone(), self.reason.clone());
        history.audited.get(&key).is_some_and(|time| *time + ROUNDING >= self.time)
    }
}

/// The audit rows of a run, as far as the log took them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Rows of changes that this run made.
    pub changes: u64,
    /// Rows that killed runs owed.
    pub recovered: u64,
    /// Rows of skips, by code.
    pub skips: BTreeMap<String, u64>,
    /// Name, type and code of each skip that was told.
    new: BTreeSet<(String, String, String)>,
    /// Rows of skips whose batch went unanswered: the log may hold them or not.
    pub doubtful: Vec<AuditKey>,
}

impl Told {
    /// Counts rows that were acknowledged.
    pub(super) fn accepted(&mut self, rows: &[ChangeRow]) {
        for row in rows {
            match kind(row) {
                Kind::Change => self.changes += 1,
                Kind::Recovered => self.recovered += 1,
                Kind::Skip => {
                    *self.skips.entry(row.reason.clone()).or_default() += 1;
                    let key = (row.host_name.clone(), row.record_type.clone(), row.reason.clone());
                    self.new.insert(key);
                }
            }
        }
    }

    /// Whether this run told the log of a skip: its reason is new for its name, or a day old.
    #[must_use]
    pub fn is_new(&self, skip: &Skip) -> bool {
        let key = (skip.name.clone(), skip.record_type.to_string(), skip.reason.as_str().to_owned());
        self.new.contains(&key)
    }

    /// Remembers rows of which nobody knows whether they arrived.
    pub(super) fn unanswered(&mut self, rows: &[ChangeRow]) {
        let skips = rows.iter().filter(|row| matches!(kind(row), Kind::Skip));
        self.doubtful.extend(skips.map(|row| AuditKey {
            name: row.host_name.clone(),
            record_type: row.record_type.clone(),
            reason: row.reason.clone(),
            time: row.time_generated,
        }));
    }
}

enum Kind {
    Change,
    Recovered,
    Skip,
}

fn kind(row: &ChangeRow) -> Kind {
    match (row.action.as_str(), row.reason.as_str()) {
        ("skip", _) => Kind::Skip,
        (_, "recovered") => Kind::Recovered,
        _ => Kind::Change,
    }
}
