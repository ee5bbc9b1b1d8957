//! What the living claims on one record set say together.

use crate::domain::RecordSet;

use super::cause::Beats;
use super::claim::Claim;

/// What they say, with one of them for the others.
///
/// Since when it is so is told by those that say what the set does not hold yet: of a shared set the others may have said
/// theirs for long.
pub(super) fn beats(living: &[Claim<'_>], leader: &Claim<'_>, set: Option<&RecordSet>) -> Beats {
    let is_new = |claim: &&Claim<'_>| set.is_none_or(|set| !set.addresses.contains(&claim.address));
    let mut new: Vec<&Claim<'_>> = living.iter().filter(is_new).collect();
    if new.is_empty() {
        new = living.iter().collect();
    }
    let mut witnesses: Vec<_> = living
        .iter()
        .filter(|claim| claim.machine != leader.machine)
        .map(|claim| claim.machine.clone())
        .collect();
    witnesses.dedup();
    let own = leader.subject.row.country.as_str();
    let countries = living.iter().map(|claim| claim.subject.row.country.as_str());
    let any = countries.filter(|country| !country.is_empty()).min().unwrap_or_default();
    Beats {
        witnesses,
        counted: living
            .iter()
            .filter(|claim| claim.subject.row.actionable)
            .map(|claim| claim.machine.clone())
            .collect(),
        country: if own.is_empty() { any } else { own }.to_owned(),
        first_beat: new.iter().map(|claim| claim.first_beat).min().unwrap_or(leader.first_beat),
        heartbeat_time: new.iter().map(|claim| claim.heartbeat_time).max().unwrap_or(leader.heartbeat_time),
        count: new.iter().map(|claim| claim.subject.row.beats).max().unwrap_or_default(),
    }
}
