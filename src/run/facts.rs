//! What one evaluation says about the whole.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::observe::Observed;
use pure::domain::Zones;
use pure::plan::Case;

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
