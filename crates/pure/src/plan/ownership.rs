//! Whose record set it is: marks, hand-over between machines, adoption of what nobody marked.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Mark, RecordSet, ResourceId};

use super::claim::Claim;
use super::policy::{Adopt, Policy, is_trusted};
use super::seen::{Evidence, EvidenceRequest, Input, Live};
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
}

/// Judges one set for the machines that report one address for it, and notes which evidence it lacks.
pub(super) fn judge(
    set: &RecordSet,
    witnesses: &[Claim<'_>],
    heard: impl Fn(&str) -> Option<Timestamp>,
    input: &Input,
    policy: &Policy,
    now: Timestamp,
    wanted: &mut EvidenceRequest,
) -> Ownership {
    let Some(mark) = set.mark() else {
        return adopt(set, witnesses, input, policy, wanted);
    };
    if mark.version > Mark::VERSION {
        return Ownership::Refused(NotOwned::NewerMark { version: mark.version });
    }
    if !mark.owner.is_empty() && mark.owner != policy.owner {
        return Ownership::Refused(NotOwned::OtherInstallation { owner: words::quote(&mark.owner) });
    }
    if mark.owner.is_empty() || mark.machine.is_empty() {
        return Ownership::Refused(NotOwned::IncompleteMark);
    }
    if witnesses.iter().any(|claim| claim.machine.lower() == mark.machine) {
        return Ownership::Ours;
    }
    hand_over(set, &mark, heard, input, policy, now, wanted)
}

fn hand_over(
    set: &RecordSet,
    mark: &Mark,
    heard: impl Fn(&str) -> Option<Timestamp>,
    input: &Input,
    policy: &Policy,
    now: Timestamp,
    wanted: &mut EvidenceRequest,
) -> Ownership {
    // A mark with a machine that is no id cannot be asked for, in Azure or in the log: it still claims.
    let holder = ResourceId::parse(&mark.machine).ok();
    let live = holder.as_ref().and_then(|holder| input.tags.get(holder));
    let ended = match live {
        Some(Live::Gone) => true,
        Some(Live::Tagged(names)) => !super::claim::tag_names(names, &set.name),
        Some(Live::Unreadable) | None => false,
    };
    if ended {
        return Ownership::HandOver;
    }
    let in_evidence =
        input.evidence.as_ref().and_then(|evidence| evidence.last_heard.get(&mark.machine)).copied();
    let newest = heard(&mark.machine).max(in_evidence);
    let age = newest.map(|time| now.duration_since(time));
    let awake = |age: SignedDuration| age <= policy.claim_dormant;
    let refused = |heard| {
        let unreadable = !matches!(live, Some(Live::Tagged(_)));
        let (machine, dormant) = (mark.machine.clone(), policy.claim_dormant);
        Ownership::Refused(NotOwned::OtherMachine { machine, unreadable, heard, dormant })
    };
    match (age, &holder) {
        (Some(age), _) if awake(age) => refused(Some(age)),
        (age, None) => refused(age),
        (_, Some(holder)) if input.evidence.as_ref().is_some_and(|evidence| evidence.knows(holder)) => {
            Ownership::HandOver
        }
        (age, Some(holder)) => {
            wanted.machines.insert(holder.clone());
            refused(age)
        }
    }
}

fn adopt(
    set: &RecordSet,
    witnesses: &[Claim<'_>],
    input: &Input,
    policy: &Policy,
    wanted: &mut EvidenceRequest,
) -> Ownership {
    if policy.adopt_by_hand.contains(&set.name) {
        return Ownership::Adopt;
    }
    if policy.adopt == Adopt::Never {
        return Ownership::Refused(NotOwned::AdoptNever);
    }
    if policy.names.list(&set.name) {
        return Ownership::Adopt;
    }
    let trusted = witnesses.first().is_some_and(|claim| is_trusted(claim.zone, &set.name));
    if trusted {
        return Ownership::Refused(NotOwned::Trusted);
    }
    if policy.adopt == Adopt::Always {
        return Ownership::Adopt;
    }
    // The query's own proof, within the hour, saves asking 30 days: it names no address, so it counts for one only.
    let one = set.addresses.len() == 1;
    let same = |claim: &Claim<'_>| claim.logged_present() == set.addresses;
    if one && witnesses.iter().any(|claim| claim.row.present_last_seen.is_some() && same(claim)) {
        return Ownership::Adopt;
    }
    let asked = |evidence: &&Evidence| evidence.knows_all(witnesses, &set.addresses);
    let Some(evidence) = input.evidence.as_ref().filter(asked) else {
        wanted.machines.extend(witnesses.iter().map(|claim| claim.machine.clone()));
        wanted.addresses.extend(&set.addresses);
        return Ownership::Refused(NotOwned::NoEvidence);
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

impl Evidence {
    fn knows(&self, machine: &ResourceId) -> bool {
        self.asked.machines.contains(machine)
    }

    fn knows_all(&self, witnesses: &[Claim<'_>], addresses: &BTreeSet<IpAddr>) -> bool {
        witnesses.iter().all(|claim| self.knows(&claim.machine)) && addresses.is_subset(&self.asked.addresses)
    }
}
