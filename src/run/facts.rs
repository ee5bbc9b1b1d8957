//! What one evaluation says about the whole.

use jiff::Timestamp;

use super::observe::Observed;
use crate::clock;
use pure::domain::{HostName, ZoneId};
use pure::plan::{Case, Policy, old_data, standing};

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
    pub names: NameCounts,
    /// Whether only part of the rows came.
    pub partial: bool,
    /// Whether the data is so old, or so partial, that the brake `blind` holds what rests on it.
    pub is_blind: bool,
}

/// Numbers of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameCounts {
    /// In sync.
    pub in_sync: u64,
    /// With a record that does not hold what the machines say, whatever the reason.
    pub differing: u64,
    /// With records of which nobody can say that they are right: no machine was heard lately, or others answer for them.
    pub unfit: u64,
    /// Tagged machines not heard within the hour.
    pub silent: u64,
}

impl NameCounts {
    /// What the history and the rows of one evaluation say, by the rule of [`standing`].
    pub(super) fn of(case: &Case, now: Timestamp) -> Self {
        let zones = || case.history.zones.values();
        let claimed: u64 = zones().map(|zone| zone.claimed_names).sum();
        let unheard: u64 = zones().map(|zone| zone.silent_names).sum();
        let silent = zones().map(|zone| zone.silent).sum();
        let mut differing = standing::differing(case, now);
        // What the rules on names refuse is not counted as claimed either.
        for row in case.spoken().filter(|row| !row.skip.is_empty()) {
            if let (Ok(zone), Ok(name)) = (ZoneId::parse(&row.zone_id), HostName::parse(&row.host_name)) {
                differing.remove(&(zone, name));
            }
        }
        // Who was not heard within the hour has no row, and is not in the list of those that are unfit.
        let unfit = case.history.unfit.difference(&differing).count() as u64;
        let differing = differing.len() as u64;
        let in_sync = claimed.saturating_sub(differing + unfit + unheard);
        Self { in_sync, differing, unfit, silent }
    }
}

impl Observed {
    /// What this evaluation says about the whole.
    #[must_use]
    pub fn facts(&self, policy: &Policy) -> Facts {
        let history = &self.case.history;
        let marker = |zone: &pure::domain::Zone| history.zones.get(&zone.id).and_then(|zone| zone.marker);
        let markers = std::iter::once(history.tags_marker).chain(policy.zones.iter().map(marker));
        let now = clock::now();
        Facts {
            at: now,
            newest_heartbeat: history.newest_heartbeat,
            oldest_marker: markers.min().flatten(),
            names: NameCounts::of(&self.case, now),
            partial: self.case.partial,
            is_blind: old_data::is_blind(&self.case, policy, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use pure::domain::{MismatchRow, RecordType};
    use pure::plan::ZoneHistory;

    /// One of five names was not heard within the hour, one differs, one is not fit to be counted, and one is both.
    #[test]
    fn a_name_that_differs_and_is_unfit_is_counted_once() {
        let zone = ZoneId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
        )
        .unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let row = |name: &str| MismatchRow {
            zone_id: zone.to_string(),
            computer_ip: "203.0.113.7".to_owned(),
            dns_ip: "198.51.100.10".to_owned(),
            heartbeat_time: Some(now - SignedDuration::from_mins(40)),
            ..MismatchRow::unheard("/m", name, RecordType::A)
        };
        let mut case =
            Case { rows: vec![row("both.example.com"), row("other.example.com")], ..Case::default() };
        let counted = ZoneHistory { claimed_names: 5, silent_names: 1, silent: 2, ..ZoneHistory::default() };
        case.history.zones.insert(zone.clone(), counted);
        let unfit = ["both.example.com", "unfit.example.com"].map(|name| HostName::parse(name).unwrap());
        case.history.unfit.extend(unfit.map(|name| (zone.clone(), name)));
        let names = NameCounts::of(&case, now);
        assert_eq!(names, NameCounts { in_sync: 1, differing: 2, unfit: 1, silent: 2 });
    }
}
