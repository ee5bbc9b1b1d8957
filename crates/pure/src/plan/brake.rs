//! What is suspicious as a whole: the smallest part of a plan that is held, and what opens it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use crate::domain::{RecordKey, ZoneId};

use super::change::{Action, Canary, Change};
use super::policy::Policy;
use super::seen::Input;
use super::skip::Skip;
use super::why::{Blindness, Held, Why};

/// A brake that tripped.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Brake {
    /// Which one.
    pub brake: BrakeKind,
    /// The zone; none when every zone is meant.
    pub zone: Option<ZoneId>,
    /// The limit: different addresses (`converging`), percent (`surge`, silence), minutes (age of data).
    pub limit: u64,
    /// What was seen, in the unit of the limit and above it; none when there is nothing to measure.
    pub seen: Option<u64>,
    /// The names that it holds, sorted.
    pub names: BTreeSet<String>,
    /// What opens it.
    pub opens: Opens,
    /// What is wrong and what to do; fits after the brake's name and a colon.
    pub because: String,
    /// What it is about, by which one brake is told from another of its kind.
    #[serde(skip)]
    pub about: About,
}

/// What a brake is about, besides its kind and zone; the names that it holds change from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The new address of `converging`.
    Address(IpAddr),
    /// How much of the zone moves.
    Volume,
    /// The change that led the zone was written and not proved.
    Proof,
    /// The cause of `blind`, the word of its kind.
    Cause(&'static str),
}

/// The three brakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrakeKind {
    /// Too many places move to one address: a proxy appeared.
    Converging,
    /// Too much of a zone moves at once.
    Surge,
    /// The data is old, partial or missing.
    Blind,
}

impl BrakeKind {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Converging => "converging",
            Self::Surge => "surge",
            Self::Blind => "blind",
        }
    }
}

/// What opens a brake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// A person approves.
    Approve,
    /// By itself, at this moment.
    At(Timestamp),
    /// By itself, when data is fresh and whole.
    FreshData,
}

impl std::fmt::Display for Opens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Approve => f.write_str("approve"),
            Self::At(time) => write!(f, "{time}"),
            Self::FreshData => f.write_str("fresh-data"),
        }
    }
}

impl Serialize for Opens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A row that passed the rules on names and tags: a source of the address it reports.
pub(super) struct Source<'a> {
    pub(super) zone: &'a ZoneId,
    pub(super) address: IpAddr,
    pub(super) present: BTreeSet<IpAddr>,
}

/// What the brakes made of the changes.
#[derive(Default)]
pub(super) struct Braked {
    pub(super) changes: Vec<Change>,
    pub(super) skips: Vec<Skip>,
    pub(super) brakes: Vec<Brake>,
}

impl Braked {
    fn hold(&mut self, held: &[Change], why: &Why, mut brake: Brake) {
        for change in held {
            brake.names.insert(change.name.to_string());
            self.skips.extend(change.held(why));
        }
        self.brakes.push(brake);
    }
}

/// Lets the changes pass the three brakes, in the order of the table.
pub(super) fn apply(
    changes: Vec<Change>,
    sources: &[Source<'_>],
    input: &Input,
    policy: &Policy,
    now: Timestamp,
) -> Braked {
    let mut out = Braked { changes, ..Braked::default() };
    converging(&mut out, sources, input, policy);
    surge(&mut out, input, policy, now);
    blind(&mut out, input, policy, now);
    choose_canaries(&mut out.changes);
    out
}

fn converging(out: &mut Braked, sources: &[Source<'_>], input: &Input, policy: &Policy) {
    let mut left: BTreeMap<(&ZoneId, IpAddr), BTreeSet<IpAddr>> = BTreeMap::new();
    for ((zone, address), old) in &input.history.departures {
        left.entry((zone, *address)).or_default().extend(old);
    }
    for source in sources {
        left.entry((source.zone, source.address)).or_default().extend(&source.present);
    }
    let mut suspicious: BTreeMap<(ZoneId, IpAddr), usize> = BTreeMap::new();
    for ((zone, address), mut old) in left {
        // A name that holds the new address already is no further place.
        old.remove(&address);
        if old.len() > policy.max_sources && !policy.expects(address) {
            suspicious.insert((zone.clone(), address), old.len());
        }
    }
    let mut held: BTreeMap<(ZoneId, IpAddr), Vec<Change>> = BTreeMap::new();
    for change in std::mem::take(&mut out.changes) {
        let caught = change.to.iter().find_map(|&address| {
            let place = (change.zone.clone(), address);
            suspicious.contains_key(&place).then_some(place)
        });
        match caught {
            Some(place) if change.action == Action::Update => held.entry(place).or_default().push(change),
            _ => out.changes.push(change),
        }
    }
    for (place, held) in held {
        let sources = suspicious.get(&place).copied().unwrap_or_default();
        let (zone, address) = place;
        let limit = policy.max_sources;
        let held_by = Held::Converging { address, sources, limit };
        let because = held_by.to_string();
        let why = Why::Braked { held: held_by };
        let brake = Brake {
            brake: BrakeKind::Converging,
            zone: Some(zone),
            limit: limit as u64,
            seen: Some(sources as u64),
            names: BTreeSet::new(),
            opens: Opens::Approve,
            because,
            about: About::Address(address),
        };
        out.hold(&held, &why, brake);
    }
}

/// Below this number of different present addresses no share of a zone is a surge.
const SURGE_FROM: u64 = 20;

fn surge(out: &mut Braked, input: &Input, policy: &Policy, now: Timestamp) {
    let mut moving: BTreeMap<&ZoneId, BTreeSet<IpAddr>> = BTreeMap::new();
    for change in out.changes.iter().filter(|change| change.action == Action::Update) {
        moving.entry(&change.zone).or_default().extend(change.from.difference(&change.to));
    }
    let tripped: Vec<(ZoneId, usize, u64)> = moving
        .into_iter()
        .filter_map(|(zone, moving)| {
            let present = input.history.zones.get(zone).map_or(0, |zone| zone.distinct_present);
            let over =
                (moving.len() as u64).saturating_mul(100) > policy.max_move_percent.saturating_mul(present);
            (present >= SURGE_FROM && over).then(|| (zone.clone(), moving.len(), present))
        })
        .collect();
    for (zone, moving, present) in tripped {
        let in_zone = |change: &Change| change.action == Action::Update && change.zone == zone;
        let free = |change: &Change| now.duration_since(change.first_beat) > policy.surge_hold;
        let (held, mut kept) = std::mem::take(&mut out.changes)
            .into_iter()
            .partition::<Vec<_>, _>(|change| in_zone(change) && !free(change));
        for change in kept.iter_mut().filter(|change| in_zone(change)) {
            change.canary = Some(Canary::Waits);
        }
        out.changes = kept;
        let Some(newest) = held.iter().map(|change| change.first_beat).max() else { continue };
        let opens = newest.saturating_add(policy.surge_hold).unwrap_or(newest);
        let limit = policy.max_move_percent;
        let held_by = Held::Surge { moving, present, limit, opens };
        let because = held_by.to_string();
        let why = Why::Braked { held: held_by };
        let brake = Brake {
            brake: BrakeKind::Surge,
            zone: Some(zone),
            limit,
            seen: Some((moving as u64).saturating_mul(100).div_ceil(present)),
            names: BTreeSet::new(),
            opens: Opens::At(opens),
            because,
            about: About::Volume,
        };
        out.hold(&held, &why, brake);
    }
}

/// Gives every zone whose changes wait exactly one canary: the oldest of them.
pub(super) fn choose_canaries(changes: &mut [Change]) {
    let mut oldest: BTreeMap<ZoneId, (Timestamp, RecordKey)> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.canary.is_some()) {
        let age = (change.first_beat, change.key());
        let first = oldest.entry(change.zone.clone()).or_insert_with(|| age.clone());
        if age < *first {
            *first = age;
        }
    }
    for change in changes.iter_mut().filter(|change| change.canary.is_some()) {
        let leads = oldest.get(&change.zone).is_some_and(|(_, key)| *key == change.key());
        change.canary = Some(if leads { Canary::Leads } else { Canary::Waits });
    }
}

/// Silence is judged from this many machines heard before.
const SILENCE_FROM: u64 = 10;
/// The newest heartbeat of all machines may be this old.
const HEARTBEAT_LIMIT: SignedDuration = SignedDuration::from_mins(15);
/// The timer's grid: a sweep may be late by one tick.
const TICK: SignedDuration = SignedDuration::from_mins(5);

fn blind(out: &mut Braked, input: &Input, policy: &Policy, now: Timestamp) {
    let history = &input.history;
    let limit = policy.snapshot_every.saturating_add(policy.snapshot_every).saturating_add(TICK);
    let age = |time: Timestamp| now.duration_since(time);
    let mut causes: Vec<(Option<ZoneId>, Blindness)> = Vec::new();
    if input.partial {
        causes.push((None, Blindness::Partial));
    }
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
    for (zone, cause) in causes {
        let (held, kept) = std::mem::take(&mut out.changes)
            .into_iter()
            .partition::<Vec<_>, _>(|change| zone.as_ref().is_none_or(|zone| *zone == change.zone));
        out.changes = kept;
        let (limit, seen) = cause.measure();
        let brake = Brake {
            brake: BrakeKind::Blind,
            zone,
            limit,
            seen,
            names: BTreeSet::new(),
            opens: Opens::FreshData,
            because: cause.to_string(),
            about: About::Cause(cause.code()),
        };
        out.hold(&held, &Why::Blind { cause }, brake);
    }
}

impl Blindness {
    fn measure(&self) -> (u64, Option<u64>) {
        let minutes = |span: &SignedDuration| u64::try_from(span.as_secs()).unwrap_or(0).div_ceil(60);
        match self {
            Self::OldTagSweep { age, limit }
            | Self::OldZoneSweep { age, limit, .. }
            | Self::OldHeartbeats { age, limit } => (minutes(limit), Some(minutes(age))),
            Self::Silence { lost, heard, limit } => {
                (*limit, Some(lost.saturating_mul(100).div_ceil((*heard).max(1))))
            }
            Self::Partial
            | Self::NoTagSweep
            | Self::NoZoneSweep { .. }
            | Self::NoHeartbeats
            | Self::TagNotAsked { .. }
            | Self::SetNotRead { .. } => (0, None),
        }
    }
}
