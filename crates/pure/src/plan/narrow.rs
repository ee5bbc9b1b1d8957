//! What a call for some names must know of the others: only what could trip a brake over one of its own names.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{HostName, MismatchRow, NameSet, RecordId, RecordSet, RecordType, ResourceId, ZoneId};

use super::answer::Answer;
use super::case::Case;
use super::need::{Live, Needs, Read};
use super::policy::Policy;
use super::rules::{self, Chapter};
use super::said::Said;
use super::subject::Subject;
use super::surge::{self, Share};
use super::vanished::Vanished;

/// Voices that no rule on names, addresses and tags has caught, as far as that is known: those of the names that a call is
/// about, and the others of their zones.
struct Voices<'a> {
    own: Vec<Voice<'a>>,
    others: Vec<Voice<'a>>,
    policy: &'a Policy,
    case: &'a Case,
}

/// What comes to one new address, by the log.
#[derive(Default)]
struct Coming<'a> {
    names: BTreeSet<&'a HostName>,
    places: BTreeSet<IpAddr>,
}

/// One of them.
struct Voice<'a> {
    subject: Subject<'a>,
    id: RecordId,
    address: IpAddr,
    present: BTreeSet<IpAddr>,
}

impl Needs {
    /// Leaves what must be known to judge these names as if all were judged.
    ///
    /// Only brakes look at other names, and mostly the log says enough of them: even if each of their rows were a move, no
    /// brake would trip. Where one could, what it counts is read live, as in a run for all names.
    pub fn narrow(&mut self, names: &NameSet, case: &Case, policy: &Policy, now: Timestamp) {
        let sides = names.iter().flat_map(|name| {
            policy.zones.of_name(name).map(|zone| &zone.id).filter(|zone| names.has(zone, name))
        });
        let zones: BTreeSet<&ZoneId> = sides.collect();
        let vanished = Vanished::of(case, policy);
        let voices = Voices::of(names, &zones, case, policy, now, &vanished);
        let (surging, uncounted) = voices.surging(now);
        let converging = voices.converging();
        let is_counted = |voice: &&Voice<'_>| {
            surging.contains(&voice.id.zone) || converging.contains(&(&voice.id.zone, voice.address))
        };
        let counted: Vec<&Voice<'_>> = voices.others.iter().filter(is_counted).collect();
        let read: BTreeSet<&RecordId> = counted.iter().map(|voice| &voice.id).collect();
        let gone = voices.gone(&converging);
        self.sets.retain(|id| names.holds(id) || read.contains(id) || gone.contains(id));
        self.evidence.retain(|id, _| names.holds(id) || surging.contains(&id.zone));
        self.cuts.retain(|zone| zones.contains(zone));
        self.present.retain(|zone| zones.contains(zone));
        self.present.extend(uncounted);
        self.names.retain(|name| names.contains(name.as_str()) || read.iter().any(|id| id.name == *name));
        let (own, others): (Vec<_>, Vec<_>) = case.spoken().partition(|row| names.has_row(row));
        // A machine that cannot be read is gone, or a right was lost, which shows in all tags together.
        if own.iter().any(|row| is_unreadable(row, case)) {
            return;
        }
        let heard: Vec<&Voice<'_>> = voices.own.iter().chain(counted).collect();
        let wanted: BTreeSet<ResourceId> = heard.iter().flat_map(|voice| voice.machines()).collect();
        let addresses: BTreeSet<IpAddr> = heard.iter().map(|voice| voice.address).collect();
        let others = others.into_iter().flat_map(|row| [&row.resource_id, &row.owner]);
        let others: BTreeSet<_> = others.filter_map(|id| ResourceId::parse(id).ok()).collect();
        self.holders.retain(|machine, _| wanted.contains(machine));
        self.privately.interfaces.retain(|machine| wanted.contains(machine));
        self.privately.listers.retain(|address| addresses.contains(address));
        self.privately.registering.retain(|zone| zones.contains(zone));
        self.machines.retain(|machine| wanted.contains(machine) || !others.contains(machine));
    }
}

impl<'a> Voices<'a> {
    fn of(
        names: &NameSet,
        zones: &BTreeSet<&ZoneId>,
        case: &'a Case,
        policy: &'a Policy,
        now: Timestamp,
        vanished: &'a Vanished,
    ) -> Self {
        let subject = |row| Subject::of(row, case, policy, now, vanished);
        let voices = case.spoken().filter_map(|row| Voice::of(subject(row)));
        let voices = voices.filter(|voice| zones.contains(&voice.id.zone));
        let (own, others) = voices.partition(|voice| names.holds(&voice.id));
        Self { own, others, policy, case }
    }

    /// The zones in which the brake `surge` could hold one of the names, or make one of them lead, and those of which that is
    /// known once they are counted.
    fn surging(&self, now: Timestamp) -> (BTreeSet<ZoneId>, BTreeSet<ZoneId>) {
        let mut moving: BTreeMap<&ZoneId, BTreeSet<IpAddr>> = BTreeMap::new();
        // What the log holds to be a certain skip moves nothing; a write that was refused is tried again.
        let is_refused = |id: &RecordId| self.case.history.refused.contains_key(id);
        let moves = |voice: &&Voice<'_>| voice.subject.row.actionable || is_refused(&voice.id);
        let others = self.others.iter().filter(moves);
        for voice in self.own.iter().chain(others) {
            moving.entry(&voice.id.zone).or_default().extend(voice.left());
        }
        let is_touched = |zone: &ZoneId| {
            let mut own =
                self.own.iter().filter(|voice| voice.id.zone == *zone && voice.left().next().is_some());
            let young = |voice: &Voice<'_>| {
                let since = voice.subject.first_beat();
                since.is_none_or(|since| now.duration_since(since) <= self.policy.surge_hold)
            };
            // A change that nothing holds leads nobody when it is alone.
            own.next().is_some_and(|first| young(first) || own.next().is_some())
        };
        let (mut surging, mut uncounted) = (BTreeSet::new(), BTreeSet::new());
        for (zone, moving) in moving.into_iter().filter(|(zone, _)| is_touched(zone)) {
            match surge::share(zone, &moving, self.case, self.policy) {
                Share::Fits => {}
                Share::TooMuch(_) => drop(surging.insert(zone.clone())),
                Share::Uncounted => drop(uncounted.insert(zone.clone())),
            }
        }
        (surging, uncounted)
    }

    /// The new addresses of the names to which so many places could converge that the brake holds one of them.
    ///
    /// Each name could be at a place of its own, whatever the log says that it holds: who may write rows may give them all one.
    fn converging(&self) -> BTreeSet<(&ZoneId, IpAddr)> {
        let moving = self.own.iter().filter(|voice| voice.left().next().is_some());
        let mut coming: BTreeMap<(&ZoneId, IpAddr), Coming<'_>> =
            moving.map(|voice| ((&voice.id.zone, voice.address), Coming::default())).collect();
        for voice in self.own.iter().chain(&self.others) {
            if let Some(coming) = coming.get_mut(&(&voice.id.zone, voice.address)) {
                coming.names.insert(&voice.id.name);
                coming.places.extend(voice.left());
            }
        }
        for (zone, address, name, old) in self.case.history.left() {
            if let Some(coming) = coming.get_mut(&(zone, address)) {
                coming.names.insert(name);
                coming.places.extend(old.iter().filter(|old| **old != address));
            }
        }
        let could_trip = |(zone, address): &(&ZoneId, IpAddr), coming: &Coming<'_>| {
            coming.places.len().max(coming.names.len()) > self.policy.max_sources
                && !self.policy.expects(zone, *address)
        };
        coming
            .into_iter()
            .filter(|(place, coming)| could_trip(place, coming))
            .map(|(place, _)| place)
            .collect()
    }

    /// The record sets of names that by the log have left for one of these addresses.
    fn gone(&self, converging: &BTreeSet<(&ZoneId, IpAddr)>) -> BTreeSet<RecordId> {
        let left = self.case.history.left();
        left.filter(|(zone, address, ..)| converging.contains(&(*zone, *address)))
            .map(|(zone, address, name, _)| RecordId {
                zone: zone.clone(),
                name: name.clone(),
                record_type: RecordType::of(address),
            })
            .collect()
    }
}

impl<'a> Voice<'a> {
    fn of(subject: Subject<'a>) -> Option<Self> {
        let heard = rules::first(rules::of(&[Chapter::Row]), &subject);
        if heard
            .is_some_and(|heard| matches!(heard.said, Said::Yes(why) if !rules::is_logged(&subject, &why)))
        {
            return None;
        }
        let id = subject.site()?;
        let (address, present) = (subject.address?, subject.present());
        Some(Self { subject, id, address, present })
    }

    /// The addresses that its name would leave: none where nothing stands.
    fn left(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.present.iter().copied().filter(|present| *present != self.address)
    }

    /// The machines whose tags decide on the row: its own, and that of the mark, by the log and live.
    fn machines(&self) -> impl Iterator<Item = ResourceId> + '_ {
        let read: Option<&Read> = self.subject.read(&self.id).and_then(|read| read.known());
        let mark = read.and_then(|read| read.set.as_ref()).and_then(RecordSet::mark);
        let holders = [Some(self.subject.row.owner.clone()), mark.map(|mark| mark.machine)];
        let holders = holders.into_iter().flatten().filter_map(|id| ResourceId::parse(&id).ok());
        self.subject.machine.clone().into_iter().chain(holders)
    }
}

fn is_unreadable(row: &MismatchRow, case: &Case) -> bool {
    let machine = ResourceId::parse(&row.resource_id).ok();
    let live = machine.and_then(|machine| case.known.tag(&machine));
    matches!(live, Some(Answer::Known(Live::Unreadable)))
}
