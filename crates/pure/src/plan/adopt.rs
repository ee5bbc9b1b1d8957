//! Adoption by hand of sets that no heartbeat speaks of: our mark for the one machine whose tag names the set.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::{HostName, MismatchRow, RecordId, RecordType, ResourceId, ZoneId, ZoneKind};

use super::answer::Answer;
use super::blindness::Blindness;
use super::brake;
use super::case::Case;
use super::cause::Cause;
use super::change::{After, Change};
use super::court::nothing_to_adopt;
use super::decision::Plan;
use super::grant::Term;
use super::notes::Notes;
use super::ownership;
use super::policy::{Policy, Proposal};
use super::reason::Reason;
use super::rules::{self, Chapter};
use super::said::{Rule, Said};
use super::skip::Skip;
use super::subject::Subject;
use super::vanished::Vanished;
use super::why::Why;

/// Plans the adoption of names, each with the machines whose live tags claim it, but for the record sets of which
/// something is said already. What the plan rests on besides, the live sets and the cuts of their zones, must be known.
#[must_use]
pub fn adopt(
    claims: &BTreeMap<HostName, BTreeSet<ResourceId>>,
    spoken: &BTreeSet<RecordId>,
    case: &Case,
    policy: &Policy,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    let bench = Bench { case, policy, now, vanished: &Vanished::of(case, policy) };
    let sides = claims.iter().flat_map(|(name, machines)| {
        policy.sides(name.as_str()).into_iter().map(move |kind| (kind, name, machines))
    });
    for (kind, name, machines) in sides {
        let zone = policy.zones.longest_of(kind, name).map(|zone| &zone.id);
        if zone.is_some_and(|zone| case.asked.adopted.leaves_out(zone, name)) {
            continue;
        }
        let is_wanted = |record_type: &RecordType| {
            let id = |zone: &ZoneId| RecordId {
                zone: zone.clone(),
                name: name.clone(),
                record_type: *record_type,
            };
            zone.is_none_or(|zone| !spoken.contains(&id(zone)))
        };
        let granted = policy.types_of(kind, name, machines, case.known.particulars());
        let types: Vec<RecordType> = granted.iter().copied().filter(is_wanted).collect();
        match bench.adopt_name(kind, name, &types, granted.len(), machines) {
            Ok(found) => {
                plan.changes.extend(found.changes);
                plan.skips.extend(found.skips);
            }
            Err(why) => {
                let record_type = types.first().copied().unwrap_or(RecordType::A);
                let machine = machines.first().map(ResourceId::as_str).unwrap_or_default();
                let skip = Skip::without_row(name, record_type, machine, &why);
                plan.skips.push(zone.map_or(skip.clone(), |zone| skip.inside(zone)));
            }
        }
    }
    brake::apply(&mut plan, &[], case, policy, now, &mut Notes::default());
    plan
}

/// What every name is judged by.
struct Bench<'a> {
    case: &'a Case,
    policy: &'a Policy,
    now: Timestamp,
    vanished: &'a Vanished,
}

impl Bench<'_> {
    /// The changes and skips of one name's sets of these types, of those that are granted, or why none of them can be adopted.
    fn adopt_name(
        &self,
        kind: ZoneKind,
        name: &HostName,
        types: &[RecordType],
        granted: usize,
        machines: &BTreeSet<ResourceId>,
    ) -> Result<Plan, Why> {
        let Self { case, policy, .. } = self;
        let Some(&first) = types.first() else { return Ok(Plan::default()) };
        let speaker = machines.first().map(ResourceId::as_str).unwrap_or_default();
        let zone = policy.zones.longest_of(kind, name).map(|zone| zone.id.to_string()).unwrap_or_default();
        let row = MismatchRow { zone_id: zone, ..MismatchRow::unheard(speaker, name.as_str(), first) };
        let subject = self.subject(&row);
        // No heartbeat is needed, and the tag is what the claim was read from.
        let needs_no_beat = |rule: &Rule| !rule.reason.is_of_a_report() && rule.reason != Reason::TagGone;
        pass(rules::of(&[Chapter::Row]).filter(|(_, rule)| needs_no_beat(rule)), &subject)?;
        let place = subject.placed.clone()?;
        let id = |record_type: RecordType| RecordId { record_type, ..place.id.clone() };
        let is_absent = |record_type: &RecordType| match case.known.set(&id(*record_type)) {
            Some(Answer::Known(read)) => read.set.is_none() && !read.is_cname,
            _ => false,
        };
        // Whoever claims it, there is nothing to be had; nor does a name need a set of every type.
        if types.iter().all(is_absent) {
            let is_whole = types.len() == granted;
            return if is_whole { Err(nothing_to_adopt(&id(first), policy)) } else { Ok(Plan::default()) };
        }
        let mut found = Plan::default();
        for record_type in types {
            let id = id(*record_type);
            match self.adopt_set(&id, speaker, machines) {
                Ok(change) => found.changes.extend(change),
                Err(why) => {
                    let skip = Skip::without_row(name, *record_type, speaker, &why);
                    found.skips.push(skip.leaving(&id, case.known.set(&id)));
                }
            }
        }
        Ok(found)
    }

    /// The mark on one set; none when there is no set.
    fn adopt_set(
        &self,
        id: &RecordId,
        speaker: &str,
        machines: &BTreeSet<ResourceId>,
    ) -> Result<Option<Change>, Why> {
        let row = MismatchRow::unheard_for(speaker, id);
        let subject = self.subject(&row);
        pass(rules::of(&[Chapter::RecordSet]), &subject)?;
        let read = subject.read(id).and_then(Answer::known);
        let Some(set) = read.and_then(|read| read.set.as_ref()) else { return Ok(None) };
        let name = id.name.to_string();
        if let Some(mark) = set.mark().filter(|mark| !mark.is_released()) {
            return Err(match ownership::foreign(&mark, self.policy) {
                Some(owned) => Why::NotOwned { name, owned },
                None => {
                    let is_heir = |id: &&ResourceId| id.lower() != mark.machine.to_lowercase();
                    let heirs: Vec<String> =
                        machines.iter().filter(is_heir).map(ToString::to_string).collect();
                    match heirs.is_empty() {
                        true => Why::OursAlready { name, machine: mark.machine },
                        false => Why::SilentHeir { name, machine: mark.machine, heirs },
                    }
                }
            });
        }
        if let Some(hold) = set.hold().filter(|hold| hold.stands(self.now)) {
            return Err(Why::OnHold { name, hold, marked: false });
        }
        let terms = subject.terms().filter(|terms| terms.hold);
        if let Some(terms) = terms {
            return Err(Why::HeldByClaim { name, to: Vec::new(), by: terms.origin(Term::Hold) });
        }
        let all: Vec<&ResourceId> = machines.iter().collect();
        let machine = match all[..] {
            [machine] => machine,
            [first, ..] if self.is_shared(id, machines) => first,
            _ => {
                let machines = machines.iter().map(ToString::to_string).collect();
                return Err(Why::ManyClaimants { name, machines });
            }
        };
        let (addresses, ttl) = (set.addresses.clone(), self.policy.lowered(set.ttl));
        let after = After { addresses, ttl, machine: machine.clone() };
        let cause = Cause::Adopted { beats: None };
        Ok(Some(Change { id: id.clone(), before: Some(set.clone()), after, cause }))
    }

    /// Whether all of them share the set.
    fn is_shared(&self, id: &RecordId, machines: &BTreeSet<ResourceId>) -> bool {
        let particulars = self.case.known.particulars();
        machines.iter().all(|machine| {
            let proposal =
                Proposal::of(id.name.as_str(), Some(machine)).inside(id.zone.kind()).with(particulars);
            self.policy.place(proposal).is_ok_and(|placed| placed.grant.terms.shared)
        })
    }

    fn subject<'s>(&'s self, row: &'s MismatchRow) -> Subject<'s> {
        Subject::of(row, self.case, self.policy, self.now, self.vanished)
    }
}

/// Lets pass what none of these rules holds.
fn pass(rules: impl Iterator<Item = (Chapter, &'static Rule)>, subject: &Subject<'_>) -> Result<(), Why> {
    match rules::first(rules, subject).map_or(Said::No, |heard| heard.said) {
        Said::No => Ok(()),
        Said::Yes(why) => Err(why),
        Said::Blind(cause) => Err(Why::Blind { cause }),
        Said::Needs(_) => {
            Err(Why::Blind { cause: Blindness::NotAsked { name: subject.row.host_name.clone() } })
        }
    }
}
