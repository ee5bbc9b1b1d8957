//! A right that was lost, told from machines that are gone: of those that beat, too many cannot be read any more.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ResourceId;

use super::answer::Answer;
use super::blindness::{Blindness, Wanted};
use super::brake_kind::Brake;
use super::case::Case;
use super::need::Live;
use super::policy::Policy;

/// From this many machines on, a share of them is judged.
const SHARE_FROM: u64 = 10;
/// From this many on, all of them together are.
const ALL_FROM: u64 = 3;

/// Whether so many missing of so many machines cannot be taken for machines that have gone.
#[must_use]
pub fn lacks_too_many(machines: u64, missing: u64, percent: u64) -> bool {
    let too_many = machines >= SHARE_FROM && missing.saturating_mul(100) > percent.saturating_mul(machines);
    too_many || machines >= ALL_FROM && missing == machines
}

/// What the live answers say of the machines of all rows, as a whole and for each subscription alone.
#[derive(Debug, Default)]
pub struct Vanished {
    /// Rights that were lost.
    lost: Causes,
    /// Where a tag that was not answered decides whether one was: it might be one more that is unreadable.
    open: Causes,
}

/// What makes machines blind: all of them, or those of a subscription.
#[derive(Debug, Default)]
struct Causes {
    everywhere: Option<Blindness>,
    subscriptions: BTreeMap<String, Blindness>,
}

impl Causes {
    fn of(&self, machine: &ResourceId) -> Option<&Blindness> {
        self.everywhere.as_ref().or_else(|| self.subscriptions.get(machine.subscription()))
    }
}

/// Machines whose tags were asked. One whose tag was not answered is one of them, and neither there nor missing.
#[derive(Default)]
struct Count<'a> {
    asked: u64,
    unreadable: u64,
    gone: u64,
    unanswered: u64,
    /// The first that was not answered, and why.
    first: Option<(&'a ResourceId, &'a str)>,
}

impl<'a> Count<'a> {
    fn add(&mut self, machine: &'a ResourceId, live: &'a Answer<Live>) {
        self.asked += 1;
        match live {
            Answer::Known(Live::Unreadable) => self.unreadable += 1,
            Answer::Known(Live::Gone) => self.gone += 1,
            Answer::Known(Live::Tagged(_)) => {}
            Answer::Unavailable(because) => {
                self.unanswered += 1;
                self.first.get_or_insert((machine, because));
            }
        }
    }

    /// Whether a right was lost. Where one machine is known to be deleted, others may be too.
    fn lost(&self, limit: u64, subscription: Option<&str>) -> Option<Blindness> {
        let lost = self.gone == 0 && lacks_too_many(self.asked, self.unreadable, limit);
        lost.then(|| Blindness::RightLost {
            unreadable: self.unreadable,
            asked: self.asked,
            limit,
            subscription: subscription.map(str::to_owned),
        })
    }

    /// Whether one might be lost, if all that was not answered is unreadable too.
    fn open(&self, limit: u64) -> Option<Blindness> {
        let (machine, because) = self.first?;
        let missing = self.unreadable.saturating_add(self.unanswered);
        let open = self.gone == 0 && lacks_too_many(self.asked, missing, limit);
        open.then(|| Blindness::Unavailable {
            // Rows may spell one id in several ways: which of them comes first says nothing.
            wanted: Wanted::Tag { machine: machine.lower().to_owned() },
            because: because.to_owned(),
        })
    }
}

impl Vanished {
    /// Looks at every machine of a row whose tag was asked, and takes the whole fleet's word where it is known: a few rows
    /// show too little of it.
    #[must_use]
    pub fn of(case: &Case, policy: &Policy) -> Self {
        let machines: BTreeSet<ResourceId> =
            case.rows.iter().filter_map(|row| ResourceId::parse(&row.resource_id).ok()).collect();
        let mut all = Count::default();
        let mut each: BTreeMap<&str, Count<'_>> = BTreeMap::new();
        for machine in &machines {
            let Some(live) = case.known.tag(machine) else { continue };
            all.add(machine, live);
            each.entry(machine.subscription()).or_default().add(machine, live);
        }
        let limit = policy.max_silent_percent;
        let (mut lost, mut open) = (Causes::default(), Causes::default());
        let of_fleet = case.known.rights_lost();
        lost.everywhere = all.lost(limit, None).filter(|_| of_fleet.is_empty());
        open.everywhere = all.open(limit);
        for (id, count) in each {
            lost.subscriptions.extend(count.lost(limit, Some(id)).map(|cause| (id.to_owned(), cause)));
            open.subscriptions.extend(count.open(limit).map(|cause| (id.to_owned(), cause)));
        }
        for cause in of_fleet {
            match cause {
                Blindness::RightLost { subscription: Some(id), .. } => {
                    lost.subscriptions.insert(id.clone(), cause.clone());
                }
                _ => lost.everywhere = Some(cause.clone()),
            }
        }
        Self { lost, open }
    }

    /// Why an unreadable machine is no sign that its claim has ended, if it is none.
    pub(super) fn doubt(&self, machine: &ResourceId) -> Option<&Blindness> {
        self.lost.of(machine).or_else(|| self.open.of(machine))
    }

    /// The brakes that say so; `held` are the names of the rows that could not be judged.
    pub(super) fn brakes(&self, held: &BTreeSet<String>) -> Vec<Brake> {
        let Causes { everywhere, subscriptions } = &self.lost;
        let causes = everywhere.iter().chain(subscriptions.values().filter(|_| everywhere.is_none()));
        causes.map(|cause| Brake::blind(cause, None, held.clone())).collect()
    }
}
