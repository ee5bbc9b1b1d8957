//! Which orphans the log is asked about, where they are too many for one question.

use std::collections::BTreeMap;

use super::sight::Sight;
use pure::domain::ZoneId;
use pure::plan::Marked;

/// Names that one question holds; where nobody claims more, the timer's run does not ask about the zones that
/// would lose too many.
pub(super) const MOST: usize = 2000;

/// The orphans that are asked about, and those of zones of which nobody need ask.
pub(super) struct Askable<'a> {
    pub(super) few: Vec<&'a Marked>,
    pub(super) too_many: Vec<&'a Marked>,
}

impl<'a> Askable<'a> {
    /// All of them; where it was `seen` what stands there, without those of zones that would lose more than their limit whatever
    /// the log says.
    pub(super) fn of(orphans: &'a [Marked], seen: Option<&Sight>) -> Self {
        let all: Vec<&Marked> = orphans.iter().collect();
        let Some(seen) = seen else {
            return Self { few: all, too_many: Vec::new() };
        };
        let all: Vec<&Marked> =
            all.into_iter().filter(|marked| seen.unclaimed.contains(&marked.id)).collect();
        let mut zones: BTreeMap<&ZoneId, u64> = BTreeMap::new();
        for marked in &all {
            *zones.entry(&marked.id.zone).or_default() += 1;
        }
        let is_few = |marked: &&Marked| {
            zones.get(&marked.id.zone).is_some_and(|count| *count <= seen.census.limit(&marked.id.zone))
        };
        let (few, too_many): (Vec<&Marked>, Vec<&Marked>) = all.into_iter().partition(is_few);
        // Of what is left nobody asks a part: it would pass for all.
        let few = if few.len() <= MOST { few } else { Vec::new() };
        Self { few, too_many }
    }
}
