//! The record sets of ours as they stand, zone by zone, read live: how many may go within a day, and how many went. Rows can
//! be forged, record sets cannot: nothing that the log says makes more go.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::{RecordId, RecordSet, ZoneId};

use super::marked::{Deletion, Marked};

/// Record sets of one zone that may go within a day, however small the zone.
const FEW: u64 = 5;
/// Percent of a zone's own record sets that may go within a day.
const PERCENT: u64 = 5;

/// The record sets of ours that stand in each zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    zones: BTreeMap<ZoneId, Headcount>,
}

/// Those of one zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Headcount {
    /// Each with the time in its mark, where that can be read.
    standing: BTreeMap<RecordId, Option<Timestamp>>,
    /// How many of them nobody claims.
    orphans: u64,
}

/// A record set that carries our mark, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The record set.
    pub id: RecordId,
    /// The time in its mark, where that can be read.
    pub marked_at: Option<Timestamp>,
    /// Whether a tag claims its name.
    pub is_claimed: bool,
}

impl Standing {
    /// A record set with the mark of an installation; none where it carries another one or none.
    #[must_use]
    pub fn of(set: &RecordSet, owner: &str, is_claimed: bool) -> Option<Self> {
        let mark = set.mark_of(owner)?;
        Some(Self { id: set.record_id(), marked_at: mark.time, is_claimed })
    }
}

/// What a zone lost within the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Departed {
    /// How many record sets.
    pub(super) count: u64,
    /// When the log told of the last of them; none where it does not know yet.
    pub(super) newest: Option<Timestamp>,
}

impl Census {
    /// Takes in what stands in a zone: all record sets of ours.
    pub fn learn(&mut self, zone: &ZoneId, sets: impl IntoIterator<Item = Standing>) {
        let mut counted = Headcount::default();
        for set in sets {
            counted.orphans += u64::from(!set.is_claimed);
            counted.standing.insert(set.id, set.marked_at);
        }
        self.zones.insert(zone.clone(), counted);
    }

    /// Whether the zone was counted.
    pub(super) fn knows(&self, zone: &ZoneId) -> bool {
        self.zones.contains_key(zone)
    }

    /// Whether the record set stands there with our mark.
    pub(super) fn stands(&self, id: &RecordId) -> bool {
        self.zones.get(&id.zone).is_some_and(|zone| zone.standing.contains_key(id))
    }

    /// How many record sets of a zone may go within a day by themselves: none where nobody claims any of what is ours any
    /// more, in the zone or in all of them, for that is what tags look like that were lost. None of a zone that was not counted.
    #[must_use]
    pub fn limit(&self, zone: &ZoneId) -> u64 {
        let Some(counted) = self.zones.get(zone) else { return 0 };
        let is_lost = |own: u64, orphans: u64| own > 1 && orphans >= own;
        let all = |count: &dyn Fn(&Headcount) -> u64| self.zones.values().map(count).sum::<u64>();
        if is_lost(counted.own(), counted.orphans) || is_lost(all(&Headcount::own), all(&|zone| zone.orphans))
        {
            return 0;
        }
        daily_limit(counted.own())
    }

    /// How many record sets of a zone nobody claims, whether they are due or not.
    pub(super) fn unclaimed(&self, zone: &ZoneId) -> u64 {
        self.zones.get(zone).map_or(0, |zone| zone.orphans)
    }

    /// What a zone lost within the day: what the log calls deleted, but for what stands there with a mark of before, and what is
    /// `gone` by its word and stands there no more, for the log is late.
    pub(super) fn departed<'a>(
        &self,
        zone: &ZoneId,
        gone: impl IntoIterator<Item = &'a Marked>,
        deletions: &BTreeMap<RecordId, Deletion>,
    ) -> Departed {
        let of_zone = deletions.iter().filter(|(id, _)| id.zone == *zone);
        let went: Vec<_> = of_zone.filter(|(id, deletion)| !self.stood(id, deletion)).collect();
        let newest = went.iter().map(|(_, deletion)| deletion.last).max();
        let missing = gone.into_iter().map(|marked| &marked.id).filter(|id| !self.stands(id));
        let all: BTreeSet<&RecordId> = went.into_iter().map(|(id, _)| id).chain(missing).collect();
        Departed { count: all.len() as u64, newest }
    }

    /// Whether a record set has stood there since before its deletion was first told: then it did not go.
    fn stood(&self, id: &RecordId, deletion: &Deletion) -> bool {
        let marked_at = self.zones.get(&id.zone).and_then(|zone| *zone.standing.get(id)?);
        marked_at.is_some_and(|time| time < deletion.first)
    }
}

impl Headcount {
    fn own(&self) -> u64 {
        self.standing.len() as u64
    }
}

/// How many of so many record sets with our mark may go within a day.
#[must_use]
pub fn daily_limit(own: u64) -> u64 {
    FEW.max(own.saturating_mul(PERCENT) / 100)
}
