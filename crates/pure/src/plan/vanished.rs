//! A right that was lost, told from machines that are gone: of those that beat, too many cannot be read any more.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ResourceId;

use super::brake_kind::{About, Brake, BrakeKind, Opens};
use super::case::Case;
use super::need::{Answer, Live};
use super::policy::Policy;
use super::said::Said;
use super::subject::Subject;
use super::why::{Blindness, TagGone, Why};

/// From this many machines on, a share of them is judged.
const SHARE_FROM: u64 = 10;
/// From this many on, all of them together are.
const ALL_FROM: u64 = 3;

/// What the live answers say of the machines of all rows, as a whole and for each subscription alone.
#[derive(Debug, Default)]
pub(super) struct Vanished {
    everywhere: Option<Blindness>,
    subscriptions: BTreeMap<String, Blindness>,
    limit: u64,
}

#[derive(Clone, Copy, Default)]
struct Count {
    asked: u64,
    unreadable: u64,
    gone: u64,
}

impl Count {
    fn add(&mut self, live: &Live) {
        self.asked += 1;
        match live {
            Live::Unreadable => self.unreadable += 1,
            Live::Gone => self.gone += 1,
            Live::Tagged(_) => {}
        }
    }

    /// Whether a right was lost. Where one machine is known to be deleted, others may be too.
    fn is_a_right(self, limit: u64) -> bool {
        let too_many = self.asked >= SHARE_FROM
            && self.unreadable.saturating_mul(100) > limit.saturating_mul(self.asked);
        let all = self.asked >= ALL_FROM && self.unreadable == self.asked;
        self.gone == 0 && (too_many || all)
    }
}

impl Vanished {
    /// Looks at every machine of a row whose tag was asked.
    pub(super) fn of(case: &Case, policy: &Policy) -> Self {
        let machines: BTreeSet<ResourceId> =
            case.rows.iter().filter_map(|row| ResourceId::parse(&row.resource_id).ok()).collect();
        let mut all = Count::default();
        let mut each: BTreeMap<String, Count> = BTreeMap::new();
        for machine in &machines {
            let Some(Answer::Known(live)) = case.known.tag(machine) else { continue };
            all.add(live);
            each.entry(machine.subscription().to_owned()).or_default().add(live);
        }
        let limit = policy.max_silent_percent;
        let cause = |count: Count, subscription: Option<String>| Blindness::RightLost {
            unreadable: count.unreadable,
            asked: count.asked,
            limit,
            subscription,
        };
        let lost = each.into_iter().filter(|(_, count)| count.is_a_right(limit));
        Self {
            everywhere: all.is_a_right(limit).then(|| cause(all, None)),
            subscriptions: lost.map(|(id, count)| (id.clone(), cause(count, Some(id)))).collect(),
            limit,
        }
    }

    /// What a rule said of a row, where an unreadable machine is no sign that its claim has ended.
    pub(super) fn correct(&self, subject: &Subject<'_>, said: Said) -> Said {
        let unreadable = matches!(&said, Said::Yes(Why::TagGone { gone: TagGone::Unreadable, .. }));
        let cause = subject.machine.as_ref().filter(|_| unreadable).and_then(|machine| self.cause(machine));
        cause.map_or(said, |cause| Said::Blind(Why::Blind { cause: cause.clone() }))
    }

    fn cause(&self, machine: &ResourceId) -> Option<&Blindness> {
        self.everywhere.as_ref().or_else(|| self.subscriptions.get(machine.subscription()))
    }

    /// The brakes that say so; `held` are the names of the rows that could not be judged, by cause.
    pub(super) fn brakes(&self, held: &BTreeSet<String>) -> Vec<Brake> {
        let causes =
            self.everywhere.iter().chain(self.subscriptions.values().filter(|_| self.everywhere.is_none()));
        causes.map(|cause| brake(cause, self.limit, held)).collect()
    }
}

/// The brake of a fleet that cannot be seen as a whole: it holds no name that a row speaks of.
#[must_use]
pub fn blind_to_all(cause: &Blindness, policy: &Policy) -> Brake {
    brake(cause, policy.max_silent_percent, &BTreeSet::new())
}

fn brake(cause: &Blindness, limit: u64, held: &BTreeSet<String>) -> Brake {
    Brake {
        brake: BrakeKind::Blind,
        zone: None,
        limit,
        seen: cause.share(),
        names: held.clone(),
        opens: Opens::FreshData,
        because: cause.to_string(),
        about: About::Cause(cause.code()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_lost_when_many_or_all_are_unreadable_and_none_is_gone() {
        let count = |asked, unreadable, gone| Count { asked, unreadable, gone }.is_a_right(50);
        assert!(!count(10, 5, 0) && count(10, 6, 0) && !count(9, 8, 0));
        assert!(!count(2, 2, 0) && count(3, 3, 0) && !count(3, 2, 0));
        assert!(!count(20, 19, 1) && !count(0, 0, 0));
    }
}
