//! What is suspicious as a whole: the smallest part of a plan that is held, and what opens it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{RecordId, ZoneId};

use super::approval::Lifted;
use super::approve;
use super::blindness::Blindness;
use super::brake_kind::{About, Brake, BrakeKind, Opens};
use super::case::Case;
use super::change::Change;
use super::decision::Plan;
use super::notes::Notes;
use super::old_data;
use super::places::{Counted, Places};
use super::policy::Policy;
use super::skip::Skip;
use super::source::Source;
use super::surge::{self, Surging};
use super::why::{Held, Why};

/// Lets the changes of a plan pass the three brakes, in the order of the table.
pub(super) fn apply(
    plan: &mut Plan,
    sources: &[Source],
    case: &Case,
    policy: &Policy,
    now: Timestamp,
    notes: &mut Notes<'_>,
) {
    if let Some(approval) = &case.asked.approval {
        let mut reported: BTreeMap<&RecordId, BTreeSet<IpAddr>> = BTreeMap::new();
        for source in sources {
            reported.entry(&source.id).or_default().insert(source.address);
        }
        plan.met = approval.compare(&plan.changes, &reported);
    }
    let left_out = converging(plan, sources, case, policy, now, notes);
    surge(plan, &left_out, case, policy, now, notes);
    blind(plan, case, policy, now, notes);
    plan.changes.iter().for_each(|change| notes.free(change));
    let moves = plan.changes.iter().filter(|change| change.is_move());
    let zones: BTreeSet<&ZoneId> = moves.map(|change| &change.id.zone).collect();
    plan.led.retain(|zone| zones.contains(zone));
}

fn hold(plan: &mut Plan, held: &[Change], why: &Why, mut brake: Brake, notes: &mut Notes<'_>) {
    for change in held {
        notes.held(change, why);
        brake.names.insert(change.id.name.to_string());
        plan.skips.extend(Skip::held(change, why));
    }
    plan.brakes.push(brake);
}

/// What is left for a brake to hold once a person's approval has lifted it for some.
struct Rest {
    held: Vec<Change>,
    digest: String,
    /// Whether the approval names this brake, and leaves the rest out by its names.
    is_left_out: bool,
}

/// What is left for a brake of this digest to hold once a person's approval has lifted it for some of it; none when nothing is
/// left. What it is lifted for stays a change, and the oldest of it leads its zone.
fn unapproved(
    plan: &mut Plan,
    case: &Case,
    by: Lifted,
    zone: &ZoneId,
    held: Vec<Change>,
    digest: String,
) -> Option<Rest> {
    let Some(approval) = &case.asked.approval else {
        return Some(Rest { held, digest, is_left_out: false });
    };
    let (lifted, held) = approval.part(by, &digest, held, &mut plan.met);
    let is_left_out = !approval.met_by(&digest).is_empty();
    let digest = if lifted.is_empty() { digest } else { approve::digest(by.brake, zone, &held) };
    if !lifted.is_empty() {
        plan.led.insert(zone.clone());
        plan.changes.extend(lifted);
    }
    (!held.is_empty()).then_some(Rest { held, digest, is_left_out })
}

/// Holds what moves to one new address from too many different places.
///
/// A place is counted once, whoever has left it or would leave it for that address; a name that comes home leaves none, by
/// the word of its own mark: rows of the log, which others may write, never excuse one. Nor do they hold by themselves: where
/// it needs what names left before, or of which the log alone says that they are refused, their live sets must bear it out.
/// The answer is what an approval names by its brake and leaves out by its names.
fn converging(
    plan: &mut Plan,
    sources: &[Source],
    case: &Case,
    policy: &Policy,
    now: Timestamp,
    notes: &mut Notes<'_>,
) -> Vec<Change> {
    let mut left: BTreeMap<(&ZoneId, IpAddr), Places<'_>> = BTreeMap::new();
    for (zone, address, name, places) in case.history.left() {
        left.entry((zone, address)).or_default().leave(name, places);
    }
    let mut shared: BTreeMap<&RecordId, BTreeSet<IpAddr>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.shares) {
        shared.entry(&source.id).or_default().insert(source.address);
    }
    // Another machine that claims the name may be at home at another address.
    let mut home: BTreeSet<(&RecordId, IpAddr)> = BTreeSet::new();
    for source in sources {
        if source.was_marked {
            home.insert((&source.id, source.address));
        } else {
            left.entry((&source.id.zone, source.address)).or_default().add(source, shared.get(&source.id));
        }
    }
    let mut suspicious: BTreeMap<(ZoneId, IpAddr), Counted> = BTreeMap::new();
    for ((zone, address), mut places) in left {
        let mut counted = places.count(address);
        let is_too_much = |counted: Counted| counted.places > policy.max_sources;
        if !is_too_much(counted) || policy.expects(zone, address) {
            continue;
        }
        let comes = |change: &Change| change.id.zone == *zone && change.to().contains(&address);
        let is_wanted = plan.changes.iter().any(comes);
        if is_wanted {
            let of_place =
                sources.iter().filter(|source| source.id.zone == *zone && source.address == address);
            of_place.filter_map(|source| source.spared.clone()).for_each(|spared| plan.needs.extend(spared));
        }
        if counted.places - counted.gone <= policy.max_sources && is_wanted {
            plan.needs.extend(places.borne_out(zone, address, case, policy));
            counted = places.count(address);
        }
        if is_too_much(counted) {
            suspicious.insert((zone.clone(), address), counted);
        }
    }
    let mut held: BTreeMap<(ZoneId, IpAddr), (Counted, Vec<Change>)> = BTreeMap::new();
    for change in std::mem::take(&mut plan.changes) {
        // What a shared set held before is where some of its machines have long been.
        let is_shared = shared.contains_key(&change.id);
        let from = change.from();
        let is_new = |address: &&IpAddr| !(is_shared && from.contains(*address));
        let caught = change.to().iter().filter(is_new).find_map(|&address| {
            let place = (change.id.zone.clone(), address);
            let counted = *suspicious.get(&place)?;
            Some((place, counted))
        });
        match caught {
            // Of a shared set what comes is held as well: what it is to take the place of may only wait to go.
            Some((place, counted))
                if (change.is_move() || is_shared && !from.is_empty())
                    && !home.contains(&(&change.id, place.1)) =>
            {
                held.entry(place).or_insert_with(|| (counted, Vec::new())).1.push(change);
            }
            _ => plan.changes.push(change),
        }
    }
    let (mut left_out, mut told) = (Vec::new(), Vec::new());
    for ((zone, address), (Counted { places: sources, unread, gone }, held)) in held {
        let by = Lifted { brake: BrakeKind::Converging, about: About::Address(address) };
        let digest = approve::digest(by.brake, &zone, &held);
        let Some(Rest { held, digest, is_left_out }) = unapproved(plan, case, by, &zone, held, digest) else {
            continue;
        };
        let limit = policy.max_sources;
        let held_by = Held::Converging { address, kind: zone.kind(), sources, unread, gone, limit };
        let because = held_by.to_string().into();
        let why = Why::Braked { held: held_by };
        let brake = Brake {
            brake: BrakeKind::Converging,
            zone: Some(zone),
            limit: limit as u64,
            seen: Some(sources as u64),
            names: BTreeSet::new(),
            opens: Opens::Approve,
            digest: Some(digest),
            besides: Vec::new(),
            because,
            about: About::Address(address),
        };
        hold(plan, &held, &why, brake, notes);
        if is_left_out {
            left_out.extend(held.iter().cloned());
        }
        told.push((plan.brakes.len() - 1, held));
    }
    if told.len() <= TOLD_TOGETHER {
        for (at, held) in told {
            let uncounted = surge::uncounted(plan.changes.iter().chain(&held), case, policy);
            plan.needs.present.extend(uncounted);
            plan.brakes[at].besides = surge::digest_with(&plan.changes, &held, case, policy, now);
        }
    }
    left_out
}

/// Of more brakes than these nobody is told what a surge would hold once one of them is lifted: it is another one for each,
/// and of the whole zone. `approve` tells it of the one that is given.
const TOLD_TOGETHER: usize = 16;

/// Holds what moves too much of a zone at once.
///
/// Counted is what would move: updates that no rule and no `converging` holds. What is blind does not move, so a zone may be
/// below the limit because some of it cannot be judged; then it is below it, and fewer move. The digest is of the whole, with
/// what an approval leaves out by its names: names narrow what is written and never what was read. Until a zone is counted
/// that must be, all of it is held.
fn surge(
    plan: &mut Plan,
    left_out: &[Change],
    case: &Case,
    policy: &Policy,
    now: Timestamp,
    notes: &mut Notes<'_>,
) {
    let by = Lifted { brake: BrakeKind::Surge, about: About::Volume };
    plan.needs.present.extend(surge::uncounted(plan.changes.iter().chain(left_out), case, policy));
    plan.needs.present.extend(surge::uncounted(&plan.changes, case, policy));
    let whole = surge::digests(&plan.changes, left_out, case, policy, now);
    if let Some(approval) = &case.asked.approval {
        plan.met.digests.extend(whole.values().flat_map(|digest| approval.met_by(digest)));
    }
    for Surging { zone, moving, present } in surge::tripped(&plan.changes, case, policy) {
        let is_held = |change: &Change| change.id.zone == zone && surge::holds(change, policy, now);
        let (held, kept) =
            std::mem::take(&mut plan.changes).into_iter().partition::<Vec<_>, _>(|change| is_held(change));
        plan.changes = kept;
        plan.led.insert(zone.clone());
        let digest = whole.get(&zone).cloned().unwrap_or_else(|| approve::digest(by.brake, &zone, &held));
        let Some(Rest { held, digest, .. }) = unapproved(plan, case, by, &zone, held, digest) else {
            continue;
        };
        let Some(newest) = held.iter().map(Change::since).max() else { continue };
        let opens = newest.saturating_add(policy.surge_hold).unwrap_or(newest);
        let limit = policy.max_move_percent;
        let held_by = Held::Surge { moving, present, limit, opens };
        let because = held_by.to_string().into();
        let why = Why::Braked { held: held_by };
        let brake = Brake {
            brake: BrakeKind::Surge,
            zone: Some(zone),
            limit,
            seen: present.map(|present| (moving as u64).saturating_mul(100).div_ceil(present)),
            names: BTreeSet::new(),
            opens: Opens::At(opens),
            digest: Some(digest),
            besides: Vec::new(),
            because,
            about: About::Volume,
        };
        hold(plan, &held, &why, brake, notes);
    }
}

/// The brake of a zone whose first change was written and could not be proved, and the skips of what it holds.
#[must_use]
pub fn unproved(zone: &ZoneId, led: &RecordId, held: &[Change], policy: &Policy) -> (Brake, Vec<Skip>) {
    let reason = Held::Unproved { name: led.name.to_string() };
    let (because, why) = (reason.to_string().into(), Why::Braked { held: reason });
    let brake = Brake {
        brake: BrakeKind::Surge,
        zone: Some(zone.clone()),
        limit: policy.max_move_percent,
        seen: None,
        names: held.iter().map(|change| change.id.name.to_string()).collect(),
        opens: Opens::NextRun,
        digest: None,
        besides: Vec::new(),
        because,
        about: About::Proof,
    };
    (brake, held.iter().flat_map(|change| Skip::held(change, &why)).collect())
}

fn blind(plan: &mut Plan, case: &Case, policy: &Policy, now: Timestamp, notes: &mut Notes<'_>) {
    // Of what is not in a part of an answer nothing is known.
    let causes =
        if case.partial { vec![(None, Blindness::Partial)] } else { old_data::causes(case, policy, now) };
    for (zone, cause) in causes {
        let (held, kept) = std::mem::take(&mut plan.changes)
            .into_iter()
            .partition::<Vec<_>, _>(|change| zone.as_ref().is_none_or(|zone| *zone == change.id.zone));
        plan.changes = kept;
        let brake = Brake::blind(&cause, zone, BTreeSet::new());
        hold(plan, &held, &Why::Blind { cause }, brake, notes);
    }
}
