//! All claims on one record set, judged together: who is right, who disagrees, whose the set is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::{MismatchRow, RecordId, RecordSet};

use super::beats::beats;
use super::blindness::Blindness;
use super::case::Case;
use super::cause::Cause;
use super::change::{After, Change};
use super::claim::Claim;
use super::conflict;
use super::contest::contested;
use super::doubt::Doubt;
use super::grant::Term;
use super::need::Needs;
use super::notes::Notes;
use super::ownership::{Dispute, Ownership};
use super::policy::Policy;
use super::reason::Reason;
use super::rules::{self, Chapter};
use super::said::Said;
use super::sharing::{self, Aside};
use super::skip::Skip;
use super::standing::HEARD_LATELY;
use super::unlogged;
use super::why::Why;
use super::words;

/// What became of the claims on one record set.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) change: Option<Change>,
    pub(super) skips: Vec<Skip>,
    /// What must be known first; the skips are provisional then.
    pub(super) needs: Needs,
    /// The set is right, and the log says so too: a row that came only because its name was asked for.
    pub(super) is_in_sync: bool,
}

impl Settled {
    /// Skips all of these claims, for one reason.
    fn skip_all(&mut self, claims: &[Claim<'_>], why: &Why) {
        let skips = claims.iter().map(|claim| claim.subject.skip(why));
        match why {
            Why::ClaimConflict(conflict) if conflict.is_of_many() => {
                self.skips.extend(Skip::together(skips.collect()));
            }
            _ => self.skips.extend(skips),
        }
    }
}

/// What the rules from `already-right` to `no-record` need to know.
pub(super) struct Court<'a> {
    pub(super) case: &'a Case,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    /// When each machine (lower case) of the rows was last heard.
    pub(super) heard: &'a BTreeMap<String, Timestamp>,
}

/// What the rules from `already-right` to `no-record` come to, and which of them says so.
enum Verdict {
    Change(Box<Change>),
    Skip(Reason, Why),
    Blind(Reason, Blindness),
    Needs(Reason, Box<Needs>),
}

/// Notes what a rule said to all of these claims.
fn note(claims: &[Claim<'_>], notes: &mut Notes<'_>, rule: Reason, said: impl Fn() -> Said) {
    claims.iter().for_each(|claim| notes.row(claim.subject.row, rule, &said));
}

impl Court<'_> {
    /// The rules from `already-right` to `no-record` for all claims on one record set, with notes of what they say.
    pub(super) fn settle(
        &self,
        id: &RecordId,
        claims: &[Claim<'_>],
        aside: &Aside,
        notes: &mut Notes<'_>,
    ) -> Settled {
        let mut settled = Settled::default();
        let parted = sharing::parted(claims, self.now);
        let claims = match &parted {
            None => claims,
            Some((heard, left)) => {
                for claim in left {
                    let why = self.has_left(claim);
                    notes.row(claim.subject.row, Reason::StaleHeartbeat, || Said::Yes(why.clone()));
                    settled.skips.push(claim.subject.skip(&why));
                }
                heard
            }
        };
        let Some(first) = claims.first() else { return settled };
        let set = first.subject.read(id).and_then(|read| read.known()).and_then(|read| read.set.as_ref());
        let nothing = BTreeSet::new();
        let present = set.map_or(&nothing, |set| &set.addresses);
        let by_hand = self.case.asked.adopted.holds(id)
            && set.is_some_and(|set| set.mark().is_none_or(|mark| mark.is_released()));
        let together: BTreeSet<IpAddr> = claims.iter().flat_map(|claim| &claim.says).copied().collect();
        let lags = || claims.iter().any(|claim| claim.subject.logged_present() != *present);
        if set.is_some() && together == *present && !by_hand {
            let lags = lags();
            note(claims, notes, Reason::AlreadyRight, || Said::Yes(already_right(id, present, lags)));
            // Its row is there because somebody has asked for the name, be it for its other side.
            if !lags && self.case.asked.named.contains(id.name.as_str()) {
                return Settled { is_in_sync: true, ..settled };
            }
            settled.skip_all(claims, &already_right(id, present, lags));
            return settled;
        }
        note(claims, notes, Reason::AlreadyRight, || Said::No);
        let (mut living, mut unsteady): (Vec<Claim<'_>>, Vec<&Claim<'_>>) = (Vec::new(), Vec::new());
        for claim in claims {
            match rules::noted(&[Chapter::Claim], &claim.subject, notes).map_or(Said::No, |heard| heard.said)
            {
                Said::Yes(why) => {
                    unsteady.push(claim);
                    settled.skips.push(claim.subject.skip(&why));
                }
                Said::Blind(cause) => settled.skips.push(claim.subject.skip(&Why::Blind { cause })),
                Said::Needs(needs) => settled.needs.extend(*needs),
                Said::No => living.push(claim.clone()),
            }
        }
        // The smallest id speaks for the others; equal ids in other spellings too, whatever the order of rows.
        living.sort_by(|a, b| a.order().cmp(&b.order()));
        let said: BTreeSet<IpAddr> = living.iter().flat_map(|claim| &claim.says).copied().collect();
        let is_shared = living.iter().all(sharing::shares);
        let kept = sharing::kept(&living, &unsteady, aside, present);
        let mut to: BTreeSet<IpAddr> = said.union(&kept).copied().collect();
        // What a machine may have there besides goes by no word of its other rows.
        let besides: BTreeSet<IpAddr> = living.iter().flat_map(|claim| claim.subject.may_say()).collect();
        to.extend(besides.intersection(present));
        let is_agreed =
            to.len() == 1 || is_shared || living.iter().all(|claim| to.is_subset(&claim.subject.may_say()));
        // Whoever shares the set may say another address; of the others that would be a conflict.
        let doubts = aside.doubts.iter().filter(|doubt| !(is_shared && doubt.shares));
        let mut say = |rule: Reason, said: &dyn Fn() -> Said| note(&living, notes, rule, said);
        let verdict = match said.len() {
            0 => return settled,
            _ if !is_agreed => {
                Verdict::Skip(Reason::ClaimConflict, conflict::of(id, present, &living, &unsteady))
            }
            _ if set.is_some() && to == *present && !by_hand => {
                Verdict::Skip(Reason::AlreadyRight, already_right(id, present, lags()))
            }
            _ => match Doubt::about(doubts, &to) {
                Some(cause) => Verdict::Blind(Reason::ClaimConflict, cause),
                None => {
                    say(Reason::ClaimConflict, &|| Said::No);
                    self.write(id, set, &living, to, by_hand, &mut say)
                }
            },
        };
        let verdict = proved(verdict, &living);
        let why = match verdict {
            Verdict::Change(change) => {
                // Where only the mark is missing, the change speaks of its machine alone.
                let is_of_mark = change.cause.beats().is_none();
                let (own, others): (Vec<_>, Vec<_>) =
                    living.iter().partition(|claim| !is_of_mark || claim.machine == change.after.machine);
                own.iter().for_each(|claim| notes.proposes(claim.subject.row, id));
                if !others.is_empty() {
                    let right = already_right(id, present, lags());
                    for claim in others {
                        notes.row(claim.subject.row, Reason::AlreadyRight, || Said::Yes(right.clone()));
                        settled.skips.push(claim.subject.skip(&right));
                    }
                }
                settled.change = Some(*change);
                return settled;
            }
            Verdict::Skip(rule, why) => {
                say(rule, &|| Said::Yes(why.clone()));
                why
            }
            Verdict::Blind(rule, cause) => {
                say(rule, &|| Said::Blind(cause.clone()));
                Why::Blind { cause }
            }
            Verdict::Needs(rule, needs) => {
                say(rule, &|| Said::Needs(needs.clone()));
                settled.needs.extend(*needs);
                Why::Blind { cause: Blindness::NotAsked { name: id.name.to_string() } }
            }
        };
        settled.skip_all(&living, &why);
        settled
    }

    /// The skip of a machine that has left the set that it shared.
    fn has_left(&self, claim: &Claim<'_>) -> Why {
        let age = Some(self.now.duration_since(claim.heartbeat_time));
        Why::StaleHeartbeat { machine: claim.subject.machine_text(), age, limit: HEARD_LATELY }
    }

    /// The rules `contested`, `not-owned`, `held` and `no-record`, and the change if none applies.
    fn write(
        &self,
        id: &RecordId,
        set: Option<&RecordSet>,
        living: &[Claim<'_>],
        to: BTreeSet<IpAddr>,
        by_hand: bool,
        say: &mut dyn FnMut(Reason, &dyn Fn() -> Said),
    ) -> Verdict {
        let no_record = || {
            let why = Why::NoRecord { name: id.name.to_string(), record_type: id.record_type };
            Verdict::Skip(Reason::NoRecord, why)
        };
        match contested(id, set, self.case, self.now) {
            Some(why) => return Verdict::Skip(Reason::Contested, why),
            None => say(Reason::Contested, &|| Said::No),
        }
        let (ours, adopts) = match set {
            None => {
                // Of a set that is not there nobody asks whose it is.
                say(Reason::NotOwned, &|| Said::No);
                // Whoever adopts means a set that is there: nothing is created by it, held or not.
                let adopts = self.case.asked.adopted.holds(id);
                match held_by_claim(id, living, &to).filter(|_| !adopts) {
                    Some(why) => return Verdict::Skip(Reason::Held, why),
                    None => say(Reason::Held, &|| Said::No),
                }
                if adopts {
                    return Verdict::Skip(Reason::NoRecord, nothing_to_adopt(id, self.policy));
                }
                if !self.policy.create {
                    return no_record();
                }
                (false, None)
            }
            Some(set) => {
                let (witnesses, heard) = (living, self.heard);
                let (case, policy, now) = (self.case, self.policy, self.now);
                let ownership = Dispute { id, set, witnesses, heard, case, policy, now }.judge();
                let hold = set.hold().filter(|hold| hold.stands(self.now));
                let held = hold.map(|hold| {
                    let (name, marked) = (id.name.to_string(), set.mark().is_some());
                    Why::OnHold { name, hold, marked }
                });
                // While it stands nothing need be asked about whose the set is.
                if let Some(why) = held.or_else(|| held_by_claim(id, living, &to))
                    && !matches!(ownership, Ownership::Refused(_))
                {
                    if matches!(ownership, Ownership::Ours | Ownership::HandOver | Ownership::Adopt(_)) {
                        say(Reason::NotOwned, &|| Said::No);
                    }
                    return Verdict::Skip(Reason::Held, why);
                }
                let owned = match ownership {
                    Ownership::Ours => (true, None),
                    Ownership::HandOver => (false, None),
                    Ownership::Adopt(by) => (false, Some(by)),
                    Ownership::Refused(owned) => {
                        let why = Why::NotOwned { name: id.name.to_string(), owned };
                        return Verdict::Skip(Reason::NotOwned, why);
                    }
                    Ownership::Blind(cause) => return Verdict::Blind(Reason::NotOwned, cause),
                    Ownership::Needs(request) => {
                        let evidence = [(id.clone(), request)].into();
                        return Verdict::Needs(
                            Reason::NotOwned,
                            Needs { evidence, ..Needs::default() }.into(),
                        );
                    }
                    Ownership::NeedsTag(holder) => {
                        let machines = [holder].into();
                        return Verdict::Needs(
                            Reason::NotOwned,
                            Needs { machines, ..Needs::default() }.into(),
                        );
                    }
                    Ownership::Unasked(needs) => return Verdict::Needs(Reason::NotOwned, needs.into()),
                };
                say(Reason::NotOwned, &|| Said::No);
                say(Reason::Held, &|| Said::No);
                owned
            }
        };
        say(Reason::NoRecord, &|| Said::No);
        let to = match self.what_stays(id, set, living, to) {
            Ok(to) => to,
            Err(verdict) => return verdict,
        };
        let marked = set.and_then(RecordSet::mark).filter(|_| ours).map(|mark| mark.machine);
        let leader = living
            .iter()
            .find(|claim| marked.as_deref() == Some(claim.machine.lower()))
            .or_else(|| living.first());
        // There is at least one address, so there is at least one claim.
        let Some(leader) = leader else { return no_record() };
        let beats = beats(living, leader, set);
        let cause = if by_hand {
            let is_move = set.is_none_or(|set| set.addresses != to);
            Cause::Adopted { beats: is_move.then_some(beats) }
        } else {
            Cause::Moved { beats, adopts, lifted: BTreeSet::new() }
        };
        let ttl = set.map_or_else(|| self.policy.ttl(id, &leader.place.grant.terms), |set| set.ttl);
        let after = After { addresses: to, ttl: self.policy.lowered(ttl), machine: leader.machine.clone() };
        Verdict::Change(Box::new(Change { id: id.clone(), before: set.cloned(), after, cause }))
    }
}

impl Court<'_> {
    /// What is to be written together with what must not leave a shared set.
    ///
    /// # Errors
    /// With the verdict, where something must be known first, or nothing is left to write.
    fn what_stays(
        &self,
        id: &RecordId,
        set: Option<&RecordSet>,
        living: &[Claim<'_>],
        to: BTreeSet<IpAddr>,
    ) -> Result<BTreeSet<IpAddr>, Verdict> {
        let Some(set) = set.filter(|_| living.iter().any(sharing::shares)) else { return Ok(to) };
        let leaving = set.addresses.difference(&to).copied().collect();
        let staying = unlogged::staying(id, leaving, self.case, self.policy, self.now)
            .map_err(|needs| Verdict::Needs(Reason::AlreadyRight, needs))?;
        if staying.addresses.is_empty() {
            return Ok(to);
        }
        let all: BTreeSet<IpAddr> = to.union(&staying.addresses).copied().collect();
        // Whoever does not share it takes it from nobody, nor does he join.
        if all != set.addresses && living.iter().all(sharing::shares) {
            return Ok(all);
        }
        Err(match &staying.unanswered {
            Some(cause) => Verdict::Blind(Reason::AlreadyRight, cause.clone()),
            None => Verdict::Skip(Reason::AlreadyRight, staying.why(id)),
        })
    }
}

/// What moves, or stands in the way of others, must be known to be a machine's own address: only then is it asked. What is
/// refused anyhow stays refused.
fn proved(verdict: Verdict, living: &[Claim<'_>]) -> Verdict {
    if !matches!(verdict, Verdict::Change(_) | Verdict::Skip(Reason::ClaimConflict, _)) {
        return verdict;
    }
    let mut needs = Needs::default();
    living.iter().for_each(|claim| needs.extend(claim.subject.unproved()));
    if needs.is_empty() { verdict } else { Verdict::Needs(Reason::AddressNotOurs, needs.into()) }
}

/// Why nothing is written for these claims, where the policy holds one of them.
fn held_by_claim(id: &RecordId, living: &[Claim<'_>], to: &BTreeSet<IpAddr>) -> Option<Why> {
    let terms = living.iter().map(|claim| &claim.place.grant.terms).find(|terms| terms.hold)?;
    let (name, to) = (id.name.to_string(), words::addresses(to));
    Some(Why::HeldByClaim { name, to, by: terms.origin(Term::Hold) })
}

/// When each machine (lower case) of the rows was last heard.
pub(super) fn last_heard<'a>(rows: impl IntoIterator<Item = &'a MismatchRow>) -> BTreeMap<String, Timestamp> {
    let mut heard: BTreeMap<String, Timestamp> = BTreeMap::new();
    for row in rows {
        if let Some(time) = row.heartbeat_time {
            let newest = heard.entry(row.resource_id.to_lowercase()).or_insert(time);
            *newest = time.max(*newest);
        }
    }
    heard
}

/// The set holds what is to be written, and the log says something else, or not.
pub(super) fn already_right(id: &RecordId, present: &BTreeSet<IpAddr>, lags: bool) -> Why {
    Why::AlreadyRight { name: id.name.to_string(), addresses: words::addresses(present), lags }
}

/// What to say to somebody who adopts a set that is not there.
pub(super) fn nothing_to_adopt(id: &RecordId, policy: &Policy) -> Why {
    Why::NothingToAdopt { name: id.name.to_string(), record_type: id.record_type, creates: policy.create }
}
