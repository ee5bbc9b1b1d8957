//! When so much of a zone moves at once that it is a surge, and by what digest that is known.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::ZoneId;

use super::approve;
use super::brake_kind::BrakeKind;
use super::case::Case;
use super::change::Change;
use super::policy::Policy;

/// Below this number of different present addresses no share of a zone is a surge.
pub(super) const SURGE_FROM: u64 = 20;

/// A zone of which too much would move.
pub(super) struct Surging {
    pub(super) zone: ZoneId,
    /// How many of its addresses would be left.
    pub(super) moving: usize,
    /// How many it has.
    pub(super) present: u64,
}

/// The zones of which these changes move too much.
pub(super) fn tripped<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    case: &Case,
    policy: &Policy,
) -> Vec<Surging> {
    let mut moving: BTreeMap<&ZoneId, BTreeSet<IpAddr>> = BTreeMap::new();
    for change in changes.into_iter().filter(|change| change.is_move()) {
        moving.entry(&change.id.zone).or_default().extend(change.from().difference(change.to()));
    }
    let is_too_much = |(zone, moving): (&ZoneId, BTreeSet<IpAddr>)| {
        let present = case.history.zones.get(zone).map_or(0, |zone| zone.distinct_present);
        let over =
            (moving.len() as u64).saturating_mul(100) > policy.max_move_percent.saturating_mul(present);
        let found = || Surging { zone: zone.clone(), moving: moving.len(), present };
        (present >= SURGE_FROM && over).then(found)
    };
    moving.into_iter().filter_map(is_too_much).collect()
}

/// Whether a surge of its zone holds the change: what has long been so is free.
pub(super) fn holds(change: &Change, policy: &Policy, now: Timestamp) -> bool {
    change.is_move() && now.duration_since(change.since()) <= policy.surge_hold
}

/// The digest of each surge that these changes and those are.
pub(super) fn digests(
    changes: &[Change],
    others: &[Change],
    case: &Case,
    policy: &Policy,
    now: Timestamp,
) -> BTreeMap<ZoneId, String> {
    let digest = |Surging { zone, .. }| {
        let is_held = |change: &&Change| change.id.zone == zone && holds(change, policy, now);
        let held: Vec<&Change> = changes.iter().chain(others).filter(is_held).collect();
        let digest = approve::digest(BrakeKind::Surge, &zone, held);
        (zone, digest)
    };
    tripped(changes.iter().chain(others), case, policy).into_iter().map(digest).collect()
}

/// The digest of the surge that these changes are with those that another brake holds, if it would hold any of those.
pub(super) fn digest_with(
    changes: &[Change],
    held: &[Change],
    case: &Case,
    policy: &Policy,
    now: Timestamp,
) -> Vec<String> {
    let caught =
        |zone: &ZoneId| held.iter().any(|change| change.id.zone == *zone && holds(change, policy, now));
    let digests = digests(changes, held, case, policy, now);
    digests.into_iter().filter(|(zone, _)| caught(zone)).map(|(_, digest)| digest).collect()
}
