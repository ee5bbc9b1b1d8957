//! When so much of a zone moves at once that it is a surge, and by what digest that is known.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::ZoneId;

use super::answer::Answer;
use super::approve;
use super::brake_kind::BrakeKind;
use super::case::Case;
use super::change::Change;
use super::policy::Policy;

/// Below this number of different present addresses no share of a zone is a surge.
const SURGE_FROM: u64 = 20;

/// A zone of which too much would move.
pub(super) struct Surging {
    pub(super) zone: ZoneId,
    /// How many of its addresses would be left.
    pub(super) moving: usize,
    /// How many it has; none where that is not known.
    pub(super) present: Option<u64>,
}

/// What a zone is while so many of its addresses would be left.
pub(super) enum Share {
    /// No surge, of however many.
    Fits,
    /// A surge, of so many; of how many it has could not be read where there is no number.
    TooMuch(Option<u64>),
    /// That depends on how many it has, which nobody has read.
    Uncounted,
}

/// Judges what would be left of a zone.
///
/// Rows can say of a zone that it has many addresses, or few, and must not open a brake by that. So what the log has of it only ever
/// holds; where it would let pass, the record sets of ours are counted as they stand, with what would be left, for that
/// was read as well. What cannot be counted is taken for too few.
pub(super) fn share(zone: &ZoneId, moving: &BTreeSet<IpAddr>, case: &Case, policy: &Policy) -> Share {
    let count = moving.len() as u64;
    let is_too_much = |present: u64| {
        present >= SURGE_FROM && count.saturating_mul(100) > policy.max_move_percent.saturating_mul(present)
    };
    let logged = case.history.zones.get(zone).map_or(0, |zone| zone.distinct_present);
    if is_too_much(logged) {
        return Share::TooMuch(Some(logged));
    }
    if !is_too_much(count.max(SURGE_FROM)) {
        return Share::Fits;
    }
    match case.known.present(zone) {
        None => Share::Uncounted,
        Some(Answer::Unavailable(_)) => Share::TooMuch(None),
        Some(Answer::Known(present)) => {
            let standing = present.union(moving).count() as u64;
            if is_too_much(standing) { Share::TooMuch(Some(standing)) } else { Share::Fits }
        }
    }
}

/// What these changes leave of each zone, and what that is of it.
fn shares<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    case: &Case,
    policy: &Policy,
) -> Vec<(&'a ZoneId, usize, Share)> {
    let mut moving: BTreeMap<&ZoneId, BTreeSet<IpAddr>> = BTreeMap::new();
    for change in changes.into_iter().filter(|change| change.is_move()) {
        moving.entry(&change.id.zone).or_default().extend(change.from().difference(change.to()));
    }
    let judge = |(zone, moving): (&'a ZoneId, BTreeSet<IpAddr>)| {
        (zone, moving.len(), share(zone, &moving, case, policy))
    };
    moving.into_iter().map(judge).collect()
}

/// The zones of which these changes move too much, or of which nobody knows yet.
pub(super) fn tripped<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    case: &Case,
    policy: &Policy,
) -> Vec<Surging> {
    let surging = |(zone, moving, share): (&ZoneId, usize, Share)| {
        let present = match share {
            Share::Fits => return None,
            Share::TooMuch(present) => present,
            Share::Uncounted => None,
        };
        Some(Surging { zone: zone.clone(), moving, present })
    };
    shares(changes, case, policy).into_iter().filter_map(surging).collect()
}

/// The zones that must be counted before it is known whether these changes move too much of them.
pub(super) fn uncounted<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    case: &Case,
    policy: &Policy,
) -> BTreeSet<ZoneId> {
    let shares = shares(changes, case, policy).into_iter();
    let is_uncounted = |(_, _, share): &(&ZoneId, usize, Share)| matches!(share, Share::Uncounted);
    shares.filter(is_uncounted).map(|(zone, _, _)| zone.clone()).collect()
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
