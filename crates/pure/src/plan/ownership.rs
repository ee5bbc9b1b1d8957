//! Whose record set it is: marks, hand-over between machines, adoption of what nobody marked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Mark, RecordId, RecordSet, ResourceId, ZoneId, ZoneKind};

use super::answer::Answer;
use super::blindness::{Blindness, Wanted};
use super::case::Case;
use super::cause::AdoptedBy;
use super::claim::Claim;
use super::grant::{Adopt, Grant, Term};
use super::need::{Evidence, EvidenceRequest, Live, Needs};
use super::policy::Policy;
use super::reserved::is_trusted;
use super::sharing;
use super::tag_name::tag_names;
use super::why::NotOwned;
use super::words;

/// How a set may be written.
pub(super) enum Ownership {
    /// It follows one of the witnesses already.
    Ours,
    /// It is ours and its machine's claim has ended.
    HandOver,
    /// Nobody marked it, and it may become ours by this.
    Adopt(AdoptedBy),
    /// It may not be written.
    Refused(NotOwned),
    /// What decides it could not be read.
    Blind(Blindness),
    /// Thirty days of heartbeats decide it.
    Needs(EvidenceRequest),
    /// The live tag of the machine that it is marked for decides it.
    NeedsTag(ResourceId),
    /// It may be written, if the claims are true that the log had answered for.
    Unasked(Needs),
}

/// One set, and the machines that report one address for it.
pub(super) struct Dispute<'a> {
    pub(super) id: &'a RecordId,
    pub(super) set: &'a RecordSet,
    pub(super) witnesses: &'a [Claim<'a>],
    /// When each machine (lower case) of the rows was last heard.
    pub(super) heard: &'a BTreeMap<String, Timestamp>,
    pub(super) case: &'a Case,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
}

/// Why a mark is not one that this installation may move, whatever its machine says.
pub(super) fn foreign(mark: &Mark, policy: &Policy) -> Option<NotOwned> {
    if mark.is_newer() {
        return Some(NotOwned::NewerMark { version: mark.version });
    }
    if mark.is_released() {
        return Some(NotOwned::Released { is_ordered: false });
    }
    if !mark.owner.is_empty() && mark.owner != policy.owner {
        return Some(NotOwned::OtherInstallation { owner: words::quote(&mark.owner) });
    }
    (!mark.is_whole()).then_some(NotOwned::IncompleteMark)
}

impl Dispute<'_> {
    /// Judges whose the set is.
    pub(super) fn judge(&self) -> Ownership {
        let ownership = self.by_mark();
        let gains = matches!(ownership, Ownership::Ours | Ownership::HandOver | Ownership::Adopt(_));
        let unasked = if gains { self.unasked() } else { Needs::default() };
        if unasked.is_empty() { ownership } else { Ownership::Unasked(unasked) }
    }

    /// What the log's refusal had spared: before a claim gains anything by it, it is asked.
    fn unasked(&self) -> Needs {
        let known = &self.case.known;
        let machines = self.witnesses.iter().map(|claim| &claim.machine);
        let machines = machines.filter(|machine| known.tag(machine).is_none()).cloned().collect();
        let is_cut = |zone: &&ZoneId| zone.kind() == ZoneKind::Public && known.cuts(zone).is_none();
        let zone = Some(&self.id.zone).filter(is_cut);
        Needs { machines, cuts: zone.into_iter().cloned().collect(), ..Needs::default() }
    }

    fn by_mark(&self) -> Ownership {
        let Some(mark) = self.set.mark() else { return self.adopt() };
        // What somebody has released only somebody takes up again.
        if mark.is_released() && self.case.asked.adopted.holds(self.id) {
            return Ownership::Adopt(AdoptedBy::Hand);
        }
        if let Some(owned) = foreign(&mark, self.policy) {
            return Ownership::Refused(owned);
        }
        // A holder that is no id can be asked for nowhere, so that its claim would never end.
        let Some(holder) = ResourceId::parse(&mark.machine).ok() else {
            return Ownership::Refused(NotOwned::IncompleteMark);
        };
        if self.witnesses.iter().any(|claim| claim.machine == holder) {
            return Ownership::Ours;
        }
        if sharing::is_of_all(self.set, &holder, self.witnesses, self.policy) {
            return Ownership::HandOver;
        }
        self.hand_over(&mark, &holder)
    }

    fn hand_over(&self, mark: &Mark, holder: &ResourceId) -> Ownership {
        let Some(live) = self.case.known.tag(holder) else { return Ownership::NeedsTag(holder.clone()) };
        let ended = match live {
            Answer::Known(Live::Gone) => true,
            Answer::Known(Live::Tagged(names)) => !tag_names(names, &self.id.name),
            // What a complete answer cannot read counts as still claiming.
            Answer::Known(Live::Unreadable) | Answer::Unavailable(_) => false,
        };
        if ended {
            return Ownership::HandOver;
        }
        let twin =
            self.witnesses.iter().find(|claim| self.case.known.are_probably_one(&claim.machine, holder));
        // The machine says itself what it is made of, so only a person may believe it.
        if twin.is_some() && self.case.asked.adopted.holds(self.id) {
            return Ownership::Adopt(AdoptedBy::Hand);
        }
        let keeps = |heard| match live {
            // A question that failed decides nothing: a refusal would be written down, and not be asked again.
            Answer::Unavailable(because) => blind(Wanted::Tag { machine: holder.to_string() }, because),
            // Silence ends this one by itself, and it is durable all the same: the next sweep has it asked again, and until
            // then the alert need not call each minute for what a day decides.
            Answer::Known(live) => Ownership::Refused(NotOwned::OtherMachine {
                machine: mark.machine.clone(),
                unreadable: *live == Live::Unreadable,
                heard,
                dormant: self.policy.claim_dormant,
                twin: twin.map(|claim| claim.machine.to_string()),
            }),
        };
        let age = |time: &Timestamp| self.now.duration_since(*time);
        let awake = |age: &SignedDuration| *age <= self.policy.claim_dormant;
        let in_rows = self.heard.get(&mark.machine).map(age).filter(awake);
        if in_rows.is_some() {
            return keeps(in_rows);
        }
        if self.was_refused() {
            return keeps(None);
        }
        match self.case.known.evidence(self.id) {
            Some(Answer::Known(evidence)) if evidence.knows(holder) => {
                let newest = evidence.last_heard.get(&mark.machine).map(age).filter(awake);
                if newest.is_some() { keeps(newest) } else { Ownership::HandOver }
            }
            Some(Answer::Unavailable(because)) => self.no_evidence(because),
            _ => Ownership::Needs(EvidenceRequest {
                machines: [holder.clone()].into(),
                addresses: BTreeSet::new(),
            }),
        }
    }

    fn adopt(&self) -> Ownership {
        let (set, witnesses, kind) = (self.set, self.witnesses, self.id.zone.kind());
        if self.case.asked.adopted.holds(self.id) {
            return Ownership::Adopt(AdoptedBy::Hand);
        }
        let may = |adopt: fn(&Grant) -> bool| witnesses.iter().any(|claim| adopt(claim.place.grant));
        if !may(|grant| grant.terms.adopt != Adopt::Never) {
            let by = witnesses.first().map(|claim| claim.place.grant.terms.origin(Term::Adopt));
            return Ownership::Refused(NotOwned::AdoptNever {
                by: by.unwrap_or(self.policy.grants.origin()),
            });
        }
        let lists = |claim: &Claim<'_>| {
            claim.place.grant.lists(kind, &self.id.name) && claim.place.grant.terms.adopt != Adopt::Never
        };
        if witnesses.iter().any(lists) {
            return Ownership::Adopt(AdoptedBy::Listed);
        }
        if is_trusted(&self.id.name) {
            return Ownership::Refused(NotOwned::Trusted { kind, policy: self.policy.grants.origin() });
        }
        if may(|grant| grant.terms.adopt == Adopt::Always) {
            return Ownership::Adopt(AdoptedBy::Always);
        }
        // Private addresses are not unique in the world: that a machine listed one says nothing of whose the set is.
        if kind == ZoneKind::Private {
            let policy = self.policy.grants.origin();
            return Ownership::Refused(NotOwned::NoEvidence { policy, was_ours: self.was_ours() });
        }
        // The query's own proof, within the hour, saves asking 30 days: it names no address, so it counts for one only.
        let one = set.addresses.len() == 1;
        // A text more that only the query takes for an address would be another one that it saw.
        let same = |claim: &Claim<'_>| {
            let logged = claim.subject.logged_present();
            logged == set.addresses && claim.subject.row.dns_ip.split(',').count() == logged.len()
        };
        if one && witnesses.iter().any(|claim| claim.subject.row.present_last_seen.is_some() && same(claim)) {
            return Ownership::Adopt(AdoptedBy::Seen);
        }
        if self.was_refused() {
            return Ownership::Refused(NotOwned::RefusedBefore { was_ours: self.was_ours() });
        }
        let evidence = match self.case.known.evidence(self.id) {
            Some(Answer::Known(evidence)) if evidence.knows_all(witnesses, &set.addresses) => evidence,
            Some(Answer::Unavailable(because)) => return self.no_evidence(because),
            _ => {
                return Ownership::Needs(EvidenceRequest {
                    machines: witnesses.iter().map(|claim| claim.machine.clone()).collect(),
                    addresses: set.addresses.clone(),
                });
            }
        };
        let reported = |address: &IpAddr| {
            witnesses.iter().any(|claim| {
                evidence.reported.get(claim.machine.lower()).is_some_and(|seen| seen.contains_key(address))
            })
        };
        let unproved: BTreeSet<IpAddr> =
            set.addresses.iter().filter(|address| !reported(address)).copied().collect();
        if unproved.is_empty() {
            return Ownership::Adopt(AdoptedBy::Seen);
        }
        let mut machines: Vec<String> =
            witnesses.iter().map(|claim| words::machine(claim.machine.as_str())).collect();
        machines.dedup();
        Ownership::Refused(NotOwned::Unproved {
            addresses: words::addresses(&unproved),
            machines,
            was_ours: self.was_ours(),
        })
    }

    /// When a set that carries no mark was last written with ours, as far as the log remembers.
    fn was_ours(&self) -> Option<Timestamp> {
        self.case.history.was_ours(self.id)
    }

    /// Whether the log knows that the heartbeats gave this very set to none of these machines with these addresses: they
    /// need not be asked again before the next sweep. A person who names the name has them asked again.
    ///
    /// A cell of the log only ever spares a question whose answer takes nothing: whoever may send rows may write any cell,
    /// so before a set is taken over the heartbeats themselves are asked, whatever the log holds of an earlier answer.
    fn was_refused(&self) -> bool {
        let Some(refusal) = self.case.history.refused.get(self.id) else { return false };
        let given = |claim: &Claim<'_>| refusal.is_given_to(&claim.machine, claim.address);
        let same = refusal.etag == self.set.etag && self.witnesses.iter().all(given);
        same && refusal.is_of_ownership() && !self.case.asked.named.holds(self.id)
    }

    fn no_evidence(&self, because: &str) -> Ownership {
        blind(Wanted::Evidence { name: self.id.name.to_string() }, because)
    }
}

fn blind(wanted: Wanted, because: &str) -> Ownership {
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
