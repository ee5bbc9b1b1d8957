//! The places from which names move to one new address, and which of those that were left count.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::domain::{HostName, RecordId, RecordType, ResourceId, ZoneId};

use super::answer::Answer;
use super::arrival::Arrival;
use super::case::Case;
use super::need::Needs;
use super::policy::Policy;
use super::source::{Source, Stands};

/// Of so many names that left for one address the live sets are asked; of more the log is believed, for a failure to ask must
/// not make a count smaller.
const ASKED: usize = 32;

/// The places from which names move to one new address.
#[derive(Clone, Default)]
pub(super) struct Places<'a> {
    known: BTreeSet<IpAddr>,
    /// What the log knows to have been left within the day, by the name that left it.
    gone: BTreeMap<&'a HostName, BTreeSet<IpAddr>>,
    /// By record set, for all who claim one name speak of one place.
    unread: BTreeMap<&'a RecordId, usize>,
}

#[derive(Clone, Copy)]
pub(super) struct Counted {
    pub(super) places: usize,
    pub(super) unread: usize,
    pub(super) gone: usize,
}

impl<'a> Places<'a> {
    /// Adds what a source leaves, where all who share its set say these addresses.
    pub(super) fn add(&mut self, source: &'a Source, shared: Option<&BTreeSet<IpAddr>>) {
        let is_left = |address: &&IpAddr| shared.is_none_or(|shared| !shared.contains(*address));
        match &source.stands {
            Stands::At(addresses) => self.known.extend(addresses.iter().filter(is_left)),
            Stands::Unread(addresses) => {
                let places = addresses.iter().filter(is_left).count().max(1);
                let most = self.unread.entry(&source.id).or_default();
                *most = (*most).max(places);
            }
        }
    }

    /// Adds what a name left within the day, as the log has it.
    pub(super) fn leave(&mut self, name: &'a HostName, places: &BTreeSet<IpAddr>) {
        self.gone.entry(name).or_default().extend(places);
    }

    /// How many there are, how many of them nobody has seen, and how many no name is at any more. A name that holds the new address already is none.
    pub(super) fn count(&self, new: IpAddr) -> Counted {
        let known = self.known.iter().filter(|address| **address != new).count();
        let gone: BTreeSet<&IpAddr> = self.gone.values().flatten().collect();
        let gone = gone.into_iter().filter(|gone| **gone != new && !self.known.contains(*gone)).count();
        let unread = self.unread.values().sum();
        Counted { places: known + gone + unread, unread, gone }
    }

    /// Leaves of what names left within the day what their live sets bear out, by our mark: rows of names that nobody has, or
    /// that never were there, hold nobody. A name that has come by the log alone, and by its live set is to come still, would
    /// leave what that set holds. What was not read yet is left in, and named.
    pub(super) fn borne_out(&mut self, zone: &ZoneId, new: IpAddr, case: &Case, policy: &Policy) -> Needs {
        let mut needs = Needs::default();
        let arrivals = case.history.arrivals.get(&(zone.clone(), new));
        for (name, places) in self.gone.iter_mut().take(ASKED) {
            let id = RecordId { zone: zone.clone(), name: (*name).clone(), record_type: RecordType::of(new) };
            let read = match case.known.set(&id) {
                None => {
                    needs.sets.insert(id);
                    continue;
                }
                Some(Answer::Unavailable(_)) => continue,
                Some(Answer::Known(read)) => read,
            };
            let held = read.set.as_ref().map(|set| set.addresses.clone()).unwrap_or_default();
            let mark = read.set.as_ref().and_then(|set| set.mark_of(&policy.owner));
            let arrival = arrivals.and_then(|names| names.get(*name)).filter(|_| !held.contains(&new));
            match (mark, arrival) {
                (Some(mark), _) if held.contains(&new) => {
                    places.retain(|place| mark.previous.contains(place));
                }
                // It was there, and has gone on: from one place it came.
                (Some(mark), _) if mark.previous.contains(&new) => {
                    *places = places.iter().copied().find(|place| *place != new).into_iter().collect();
                }
                (_, Some(arrival)) => match MayCome::of(arrival, name, case) {
                    MayCome::No => places.clear(),
                    MayCome::Perhaps => *places = held,
                    MayCome::Unasked(machines) => needs.machines.extend(machines.into_iter().cloned()),
                },
                _ => places.clear(),
            }
        }
        needs
    }
}

/// Whether a name that by the log has come to an address, and by its live set has not, may come to it still.
enum MayCome<'a> {
    /// No machine that reports the address has it by its live tag.
    No,
    /// One has it, or nobody can say.
    Perhaps,
    /// That is not known before these machines' tags are.
    Unasked(Vec<&'a ResourceId>),
}

impl<'a> MayCome<'a> {
    fn of(arrival: &'a Arrival, name: &HostName, case: &Case) -> Self {
        let is_unasked = |machine: &&ResourceId| case.known.tag(machine).is_none();
        let unasked: Vec<&ResourceId> = arrival.machines.iter().filter(is_unasked).collect();
        if !unasked.is_empty() {
            return Self::Unasked(unasked);
        }
        let is_denied = |machine: &ResourceId| case.claims_still(machine, name) == Some(false);
        if arrival.machines.iter().all(is_denied) { Self::No } else { Self::Perhaps }
    }
}
