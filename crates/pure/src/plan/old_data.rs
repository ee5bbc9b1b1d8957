//! What of the data is too old, or missing, to be believed.

use jiff::{SignedDuration, Timestamp};

use crate::domain::ZoneId;

use super::blindness::Blindness;
use super::case::Case;
use super::policy::Policy;

/// Silence is judged from this many machines heard before.
const SILENCE_FROM: u64 = 10;
/// The newest heartbeat of all machines may be this old.
const HEARTBEAT_LIMIT: SignedDuration = SignedDuration::from_mins(15);
/// The timer's grid: a sweep may be late by one tick.
const TICK: SignedDuration = SignedDuration::from_mins(5);

/// Whether the data is so old, or so partial, that the brake `blind` holds something by it.
#[must_use]
pub fn is_blind(case: &Case, policy: &Policy, now: Timestamp) -> bool {
    case.partial || !causes(case, policy, now).is_empty()
}

/// What is too old, or missing, to be believed, each with the zone that it is about.
pub(super) fn causes(case: &Case, policy: &Policy, now: Timestamp) -> Vec<(Option<ZoneId>, Blindness)> {
    let history = &case.history;
    let limit = policy.snapshot_every.saturating_add(policy.snapshot_every).saturating_add(TICK);
    let age = |time: Timestamp| now.duration_since(time);
    let mut causes: Vec<(Option<ZoneId>, Blindness)> = Vec::new();
    match history.tags_marker.map(age) {
        None => causes.push((None, Blindness::NoTagSweep)),
        Some(age) if age > limit => causes.push((None, Blindness::OldTagSweep { age, limit })),
        Some(_) => {}
    }
    match history.newest_heartbeat.map(age) {
        None => causes.push((None, Blindness::NoHeartbeats)),
        Some(age) if age > HEARTBEAT_LIMIT => {
            causes.push((None, Blindness::OldHeartbeats { age, limit: HEARTBEAT_LIMIT }));
        }
        Some(_) => {}
    }
    let (lost, heard) = (history.lost, history.heard_before);
    if heard >= SILENCE_FROM && lost.saturating_mul(100) > policy.max_silent_percent.saturating_mul(heard) {
        causes.push((None, Blindness::Silence { lost, heard, limit: policy.max_silent_percent }));
    }
    for zone in policy.zones.iter() {
        let marker = history.zones.get(&zone.id).and_then(|zone| zone.marker);
        let zone_name = zone.name().to_string();
        match marker.map(age) {
            None => causes.push((Some(zone.id.clone()), Blindness::NoZoneSweep { zone: zone_name })),
            Some(age) if age > limit => {
                causes.push((Some(zone.id.clone()), Blindness::OldZoneSweep { zone: zone_name, age, limit }));
            }
            Some(_) => {}
        }
    }
    causes
}
