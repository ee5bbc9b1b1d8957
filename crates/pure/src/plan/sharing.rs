//! One record set that several machines share: whose addresses it is to hold, and whose stay in it meanwhile.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{RecordId, RecordSet, ResourceId};

use super::claim::Claim;
use super::doubt::Doubt;
use super::policy::{Policy, Proposal};
use super::reason::Reason;
use super::rules::{self, Chapter, Ruling};
use super::said::Said;
use super::standing::HEARD_LATELY;
use super::subject::Subject;

/// What is known of a record set besides the claims on it.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Machines of which nobody knows whether they claim it.
    pub(super) doubts: Vec<Doubt>,
    /// Machines that share it, have said something of which nobody knows yet what to make, and may have said before what the
    /// set holds now.
    pub(super) awaited: Vec<Awaited>,
}

/// What a machine waits for that may be the one that said before what its shared set holds.
#[derive(Debug)]
pub(super) enum Awaited {
    /// What it says is not believed yet, or not its own.
    Belief,
    /// It says this for long, and its tag cannot be read: unless this is in the set without its word.
    Place(IpAddr),
}

/// Whether the claim is one of several that share their set.
pub(super) fn shares(claim: &Claim<'_>) -> bool {
    claim.place.grant.terms.shared
}

/// Whether a machine was heard so lately that a shared set holds what it says.
pub(super) fn is_heard(heartbeat_time: Timestamp, now: Timestamp) -> bool {
    now.duration_since(heartbeat_time) <= HEARD_LATELY
}

/// Whether a machine whose report is not believed may be the one that said before what its shared set holds.
///
/// The row tells when it last said any address of the set, not which. Of addresses that the log does not know to be in the
/// set it tells nothing; where the log knows all of them, and others besides, its silence is about all of them.
pub(super) fn is_awaited(subject: &Subject<'_>) -> bool {
    let is_heard = subject.row.heartbeat_time.is_some_and(|time| is_heard(time, subject.now));
    let was_there =
        || subject.row.present_last_seen.is_some() || !subject.present().is_subset(&subject.logged_present());
    is_heard && subject.terms().is_some_and(|terms| terms.shared) && was_there()
}

/// The claims on a shared set that count: of the machines heard lately, of all when none was. The others have left.
pub(super) fn parted<'a>(claims: &[Claim<'a>], now: Timestamp) -> Option<(Vec<Claim<'a>>, Vec<Claim<'a>>)> {
    let is_shared = claims.iter().any(shares);
    let is_fresh = |claim: &Claim<'_>| is_heard(claim.heartbeat_time, now);
    if !is_shared || !claims.iter().any(is_fresh) || claims.iter().all(is_fresh) {
        return None;
    }
    Some(claims.iter().cloned().partition(is_fresh))
}

/// What stays in a shared set although no living claim says it.
///
/// Everything, while somebody is awaited: nobody knows which of it is theirs. Else what machines say of whom it is not known
/// whether they still claim, or whose word is too young: a failed question takes nothing away, nor does a new one.
pub(super) fn kept(
    living: &[Claim<'_>],
    unsteady: &[&Claim<'_>],
    aside: &Aside,
    present: &BTreeSet<IpAddr>,
) -> BTreeSet<IpAddr> {
    if !living.iter().any(shares) {
        return BTreeSet::new();
    }
    let comes =
        |address: &IpAddr| present.contains(address) || living.iter().any(|claim| claim.address == *address);
    let is_open = |awaited: &Awaited| match awaited {
        Awaited::Belief => true,
        Awaited::Place(address) => !comes(address),
    };
    if aside.awaited.iter().any(is_open) || unsteady.iter().any(|claim| is_awaited(&claim.subject)) {
        return present.clone();
    }
    let doubted = aside.doubts.iter().filter(|doubt| doubt.shares).map(|doubt| doubt.address);
    let young = unsteady.iter().filter(|claim| shares(claim)).map(|claim| claim.address);
    doubted.chain(young).filter(|address| present.contains(address)).collect()
}

/// Whether the machine that a set is marked for shares it: then it is no other's, and each of them may write it.
pub(super) fn is_of_all(
    set: &RecordSet,
    holder: &ResourceId,
    witnesses: &[Claim<'_>],
    policy: &Policy,
) -> bool {
    let Some(first) = witnesses.first() else { return false };
    let particulars = first.subject.case.known.particulars();
    let proposal = Proposal::of(set.name.as_str(), Some(holder)).inside(set.zone.kind()).with(particulars);
    witnesses.iter().all(shares) && policy.place(proposal).is_ok_and(|placed| placed.grant.terms.shared)
}

impl Aside {
    /// What a row that a rule has caught makes others wait for, and at which record set, if it does.
    pub(super) fn awaiting(subject: &Subject<'_>, ruling: &Ruling) -> Option<(RecordId, Awaited)> {
        if !is_awaited(subject) {
            return None;
        }
        let is_young = || rules::first(rules::of(&[Chapter::Claim]), subject).is_some();
        let awaited = match &ruling.said {
            // Refused for good is whoever has said it for long enough: what was said before is over.
            Said::Yes(_) => {
                let is_open =
                    ruling.reason == Reason::StaleHeartbeat || ruling.reason.is_of_a_report() && is_young();
                is_open.then_some(Awaited::Belief)
            }
            Said::Blind(_) => Some(match subject.address.filter(|_| !is_young()) {
                Some(address) => Awaited::Place(address),
                None => Awaited::Belief,
            }),
            Said::Needs(_) | Said::No => None,
        };
        subject.site().zip(awaited)
    }
}
