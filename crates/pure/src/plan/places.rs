//! The places from which names move to one new address, and which of those that were left count.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::domain::{HostName, RecordId, RecordType, ZoneId};

use super::answer::Answer;
use super::case::Case;
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

    /// Adds what names left within the day, as the log has it.
    pub(super) fn leave(&mut self, names: &'a BTreeMap<HostName, BTreeSet<IpAddr>>) {
        self.gone.extend(names.iter().map(|(name, places)| (name, places.clone())));
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
    /// that never were there, hold nobody. Those that were not read yet are left in, and named.
    pub(super) fn borne_out(
        &mut self,
        zone: &ZoneId,
        new: IpAddr,
        case: &Case,
        policy: &Policy,
    ) -> BTreeSet<RecordId> {
        let mut unread = BTreeSet::new();
        let set_of = |name: &HostName| RecordId {
            zone: zone.clone(),
            name: name.clone(),
            record_type: RecordType::of(new),
        };
        for (name, places) in self.gone.iter_mut().take(ASKED) {
            let id = set_of(name);
            let read = match case.known.set(&id) {
                None => {
                    unread.insert(id);
                    continue;
                }
                Some(Answer::Unavailable(_)) => continue,
                Some(Answer::Known(read)) => read,
            };
            let set = read.set.as_ref();
            let mark = set.and_then(|set| Some((set, set.mark_of(&policy.owner)?)));
            match mark {
                Some((set, mark)) if set.addresses.contains(&new) => {
                    places.retain(|place| mark.previous.contains(place));
                }
                // It was there, and has gone on: from one place it came.
                Some((_, mark)) if mark.previous.contains(&new) => {
                    *places = places.iter().copied().find(|place| *place != new).into_iter().collect();
                }
                _ => places.clear(),
            }
        }
        unread
    }
}
