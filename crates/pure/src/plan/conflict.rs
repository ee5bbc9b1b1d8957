//! Machines that claim one name and say different addresses: who says what, and what would end it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::domain::RecordId;

use super::claim::Claim;
use super::grant::Whence;
use super::sharing::shares;
use super::why::{Conflict, Sharing, Why};
use super::words::{self, Shortlist};

/// Why the claims are in conflict.
///
/// Told beside the living are those whose word is too young, where a shared set keeps their addresses.
pub(super) fn of(
    id: &RecordId,
    present: &BTreeSet<IpAddr>,
    living: &[Claim<'_>],
    unsteady: &[&Claim<'_>],
) -> Why {
    let is_shared = living.iter().any(shares);
    let young = unsteady.iter().copied().filter(|claim| is_shared && shares(claim));
    let told: Vec<&Claim<'_>> = living.iter().chain(young).collect();
    let mut names: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for claim in &told {
        names.entry(words::machine(claim.machine.as_str())).or_default().insert(claim.machine.lower());
    }
    // Two machines of one name are told apart by their whole ids.
    let label = |claim: &Claim<'_>| {
        let name = words::machine(claim.machine.as_str());
        match names.get(&name) {
            Some(ids) if ids.len() > 1 => claim.machine.to_string(),
            _ => name,
        }
    };
    let mut claims: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for claim in &told {
        claims.entry(claim.address.to_string()).or_default().insert(label(claim));
    }
    let addresses = claims.len();
    let line = |(address, machines): (String, BTreeSet<String>)| {
        format!("{address} ({})", words::list(&machines.into_iter().collect::<Vec<_>>()))
    };
    Why::ClaimConflict(Box::new(Conflict {
        name: id.name.to_string(),
        present: words::addresses(present),
        machines: machines(told.iter().copied()),
        addresses,
        claims: Shortlist::of(claims.into_iter().map(line)),
        sharing: sharing(&told),
    }))
}

/// How many machines claim it.
pub(super) fn machines<'c>(claims: impl Iterator<Item = &'c Claim<'c>>) -> usize {
    claims.map(|claim| claim.machine.lower()).collect::<BTreeSet<_>>().len()
}

/// How far the claims of the policy let them share it; of several that do not, the first line speaks.
fn sharing(told: &[&Claim<'_>]) -> Sharing {
    let apart = told.iter().filter(|claim| !shares(claim));
    let Some(first) = apart.map(|claim| claim.place.grant).min_by_key(|grant| grant.line) else {
        return Sharing::None;
    };
    let Some(line) = first.line.map(Whence::Line) else { return Sharing::None };
    if told.iter().any(|claim| shares(claim)) { Sharing::Some(line) } else { Sharing::Could(line) }
}
