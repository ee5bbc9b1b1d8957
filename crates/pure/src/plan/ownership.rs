//! Whose record set it is: marks, hand-over between machines, adoption of what nobody marked.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Mark, RecordId, RecordSet, ResourceId};

use super::blindness::{Blindness, Wanted};
use super::case::Case;
use super::claim::Claim;
use super::need::{Answer, Evidence, EvidenceRequest, Live};
use super::policy::{Adopt, Policy};
use super::reserved::is_trusted;
use super::tag_name::tag_names;
use super::why::NotOwned;
use super::words;

/// How a set may be written.
pub(super) enum Ownership {
    /// It follows one of the witnesses already.
    Ours,
    /// It is ours and its machine's claim has ended.
    HandOver,
    /// Nobody marked it, and it may become ours.
    Adopt,
    /// It may not be written.
    Refused(NotOwned),
    /// What decides it could not be read.
    Blind(Blindness),
    /// Thirty days of heartbeats decide it.
    Needs(EvidenceRequest),
    /// The live tag of the machine that it is marked for decides it.
    NeedsTag(ResourceId),
}

/// Judges one set for the machines that report one address for it.
pub(super) fn judge(
    id: &RecordId,
    set: &RecordSet,
    witnesses: &[Claim<'_>],
    heard: impl Fn(&str) -> Option<Timestamp>,
    case: &Case,
    policy: &Policy,
    now: Timestamp,
) -> Ownership {
    let Some(mark) = set.mark() else {
        return adopt(id, set, witnesses, case, policy);
    };
    if let Some(owned) = foreign(&mark, policy) {
        return Ownership::Refused(owned);
    }
    if witnesses.iter().any(|claim| claim.machine.lower() == mark.machine) {
        return Ownership::Ours;
    }
    hand_over(id, &mark, heard, case, policy, now)
}

/// Why a mark is not one that this installation may move, whatever its machine says.
pub(super) fn foreign(mark: &Mark, policy: &Policy) -> Option<NotOwned> {
    if mark.version > Mark::VERSION {
        return Some(NotOwned::NewerMark { version: mark.version });
    }
    if !mark.owner.is_empty() && mark.owner != policy.owner {
        return Some(NotOwned::OtherInstallation { owner: words::quote(&mark.owner) });
    }
    (mark.owner.is_empty() || mark.machine.is_empty()).then_some(NotOwned::IncompleteMark)
}

fn hand_over(
    id: &RecordId,
    mark: &Mark,
    heard: impl Fn(&str) -> Option<Timestamp>,
    case: &Case,
    policy: &Policy,
    now: Timestamp,
) -> Ownership {
    // A mark with a machine that is no id cannot be asked for, in Azure or in the log: it still claims.
    let holder = ResourceId::parse(&mark.machine).ok();
    let live = match &holder {
        None => None,
        Some(holder) => match case.known.tag(holder) {
            None => return Ownership::NeedsTag(holder.clone()),
            Some(Answer::Known(live)) => Some(live),
            // What cannot be asked counts as still claiming, as an unreadable machine does.
            Some(Answer::Unavailable(_)) => None,
        },
    };
    let ended = match live {
        Some(Live::Gone) => true,
        Some(Live::Tagged(names)) => !tag_names(names, &id.name),
        Some(Live::Unreadable) | None => false,
    };
    if ended {
        return Ownership::HandOver;
    }
    let refused = |heard| {
        let unreadable = !matches!(live, Some(Live::Tagged(_)));
        let (machine, dormant) = (mark.machine.clone(), policy.claim_dormant);
        Ownership::Refused(NotOwned::OtherMachine { machine, unreadable, heard, dormant })
    };
    let age = |time: Timestamp| now.duration_since(time);
    let awake = |age: SignedDuration| age <= policy.claim_dormant;
    let in_rows = heard(&mark.machine).map(age);
    if let Some(age) = in_rows.filter(|age| awake(*age)) {
        return refused(Some(age));
    }
    let Some(holder) = holder else { return refused(in_rows) };
    match case.known.evidence(id) {
        Some(Answer::Known(evidence)) if evidence.knows(&holder) => {
            let newest = evidence.last_heard.get(&mark.machine).copied().max(heard(&mark.machine)).map(age);
            if newest.is_some_and(awake) { refused(newest) } else { Ownership::HandOver }
        }
        Some(Answer::Unavailable(because)) => blind(id, because),
        _ => Ownership::Needs(EvidenceRequest { machines: [holder].into(), addresses: BTreeSet::new() }),
    }
}

fn adopt(id: &RecordId, set: &RecordSet, witnesses: &[Claim<'_>], case: &Case, policy: &Policy) -> Ownership {
    if case.asked.adopted.contains(&id.name) {
        return Ownership::Adopt;
    }
    if policy.adopt == Adopt::Never {
        return Ownership::Refused(NotOwned::AdoptNever);
    }
    if policy.names.list(&id.name) {
        return Ownership::Adopt;
    }
    let trusted = witnesses.first().is_some_and(|claim| is_trusted(claim.place.zone, &id.name));
    if trusted {
        return Ownership::Refused(NotOwned::Trusted);
    }
    if policy.adopt == Adopt::Always {
        return Ownership::Adopt;
    }
    // The query's own proof, within the hour, saves asking 30 days: it names no address, so it counts for one only.
    let one = set.addresses.len() == 1;
    let same = |claim: &Claim<'_>| claim.subject.logged_present() == set.addresses;
    if one && witnesses.iter().any(|claim| claim.subject.row.present_last_seen.is_some() && same(claim)) {
        return Ownership::Adopt;
    }
    if was_refused(id, set, witnesses, case) {
        return Ownership::Refused(NotOwned::RefusedBefore);
    }
    let wanted = || EvidenceRequest {
        machines: witnesses.iter().map(|claim| claim.machine.clone()).collect(),
        addresses: set.addresses.clone(),
    };
    let evidence = match case.known.evidence(id) {
        Some(Answer::Known(evidence)) if evidence.knows_all(witnesses, &set.addresses) => evidence,
        Some(Answer::Unavailable(because)) => return blind(id, because),
        _ => return Ownership::Needs(wanted()),
    };
    let reported = |address: &IpAddr| {
        witnesses.iter().any(|claim| {
            evidence.reported.get(claim.machine.lower()).is_some_and(|seen| seen.contains_key(address))
        })
    };
    let unproved: BTreeSet<IpAddr> =
        set.addresses.iter().filter(|address| !reported(address)).copied().collect();
    if unproved.is_empty() {
        return Ownership::Adopt;
    }
    let mut machines: Vec<String> =
        witnesses.iter().map(|claim| words::machine(claim.machine.as_str())).collect();
    machines.dedup();
    Ownership::Refused(NotOwned::Unproved { addresses: words::addresses(&unproved), machines })
}

/// Whether the log knows that this very set was refused to each of these machines with these addresses. A person who
/// names the name has it asked again.
fn was_refused(id: &RecordId, set: &RecordSet, witnesses: &[Claim<'_>], case: &Case) -> bool {
    let Some(refusal) = case.history.refused.get(id) else { return false };
    let given = |claim: &Claim<'_>| refusal.is_given_to(&claim.machine, claim.address);
    !case.asked.named.contains(&id.name) && refusal.etag == set.etag && witnesses.iter().all(given)
}

fn blind(id: &RecordId, because: &str) -> Ownership {
    let wanted = Wanted::Evidence { name: id.name.to_string() };
    Ownership::Blind(Blindness::Unavailable { wanted, because: because.to_owned() })
}

impl Evidence {
    fn knows(&self, machine: &ResourceId) -> bool {
        self.asked.machines.contains(machine)
    }

    fn knows_all(&self, witnesses: &[Claim<'_>], addresses: &BTreeSet<IpAddr>) -> bool {
        witnesses.iter().all(|claim| self.knows(&claim.machine)) && addresses.is_subset(&self.asked.addresses)
    }
}
