//! Adoption by hand of sets that no heartbeat speaks of: our mark for the one machine whose tag names the set.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::{HostName, RecordId, RecordSet, RecordType, ResourceId};

use super::brake;
use super::case::Case;
use super::cause::Cause;
use super::change::{After, Change};
use super::court::nothing_to_adopt;
use super::decision::Plan;
use super::need::Answer;
use super::policy::{Policy, Proposal};
use super::skip::Skip;
use super::why::{Blindness, NotOwned, Wanted, Why};
use super::words;

/// Plans the adoption of names, each with the machines whose live tags claim it. What the plan rests on besides, the live
/// sets and the cuts of their zones, must be known.
#[must_use]
pub fn adopt(
    claims: &BTreeMap<HostName, BTreeSet<ResourceId>>,
    case: &Case,
    policy: &Policy,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    for (name, machines) in claims {
        match adopt_name(name, machines, case, policy) {
            Ok(found) => {
                plan.changes.extend(found.changes);
                plan.skips.extend(found.skips);
            }
            Err(why) => {
                let record_type = policy.record_types.first().copied().unwrap_or(RecordType::A);
                let machine = machines.first().map(ResourceId::as_str).unwrap_or_default();
                plan.skips.push(Skip::without_row(name, record_type, machine, &why));
            }
        }
    }
    brake::apply(&mut plan, &[], case, policy, now);
    plan
}

/// The changes and skips of one name, or why none of its sets can be adopted.
fn adopt_name(
    name: &HostName,
    machines: &BTreeSet<ResourceId>,
    case: &Case,
    policy: &Policy,
) -> Result<Plan, Why> {
    let (name, zone) = policy.place(Proposal::of(name.as_str(), machines.first()))?;
    if let Some(cut) = case.known.cut_above(&zone.id, &name) {
        return Err(Why::Delegated { name: name.to_string(), cut: cut.to_string() });
    }
    let id = |record_type: RecordType| RecordId { zone: zone.id.clone(), name: name.clone(), record_type };
    let is_absent = |record_type: &RecordType| match case.known.set(&id(*record_type)) {
        Some(Answer::Known(read)) => read.set.is_none() && !read.is_cname,
        _ => false,
    };
    // Whoever claims it, there is nothing to be had.
    if policy.record_types.iter().all(is_absent) {
        let record_type = policy.record_types.first().copied().unwrap_or(RecordType::A);
        return Err(nothing_to_adopt(&id(record_type), policy));
    }
    let [machine] = machines.iter().collect::<Vec<_>>()[..] else {
        let machines = machines.iter().map(ToString::to_string).collect();
        return Err(Why::ManyClaimants { name: name.to_string(), machines });
    };
    let mut found = Plan::default();
    for record_type in &policy.record_types {
        let id = id(*record_type);
        match adopt_set(&id, machine, case, policy) {
            Ok(Some(change)) => found.changes.push(change),
            Ok(None) => {}
            Err(why) => found.skips.push(Skip::without_row(&name, *record_type, machine.as_str(), &why)),
        }
    }
    Ok(found)
}

/// The mark on one set; none when there is no set.
fn adopt_set(
    id: &RecordId,
    machine: &ResourceId,
    case: &Case,
    policy: &Policy,
) -> Result<Option<Change>, Why> {
    let (name, record_type) = (id.name.to_string(), id.record_type);
    let set: &RecordSet = match case.known.set(id) {
        None => return Err(Why::Blind { cause: Blindness::NotAsked { name } }),
        Some(Answer::Unavailable(because)) => {
            let (wanted, because) = (Wanted::Set { name, record_type }, because.clone());
            return Err(Why::Blind { cause: Blindness::Unavailable { wanted, because } });
        }
        Some(Answer::Known(read)) => match &read.set {
            None if read.is_cname => return Err(Why::CnameExists { name, record_type }),
            None => return Ok(None),
            Some(set) => set,
        },
    };
    if !set.is_guarded() {
        return Err(Why::Blind { cause: Blindness::NoEtag { name, record_type } });
    }
    if let Some(target) = &set.alias {
        return Err(Why::Alias { name, record_type, target: words::resource(target) });
    }
    if let Some(mark) = set.mark() {
        if mark.is_newer() {
            return Err(Why::NotOwned { name, owned: NotOwned::NewerMark { version: mark.version } });
        }
        if mark.owner == policy.owner && mark.is_whole() {
            return Err(Why::OursAlready { name, machine: mark.machine });
        }
        if !mark.owner.is_empty() && mark.owner != policy.owner {
            let owned = NotOwned::OtherInstallation { owner: words::quote(&mark.owner) };
            return Err(Why::NotOwned { name, owned });
        }
        return Err(Why::NotOwned { name, owned: NotOwned::IncompleteMark });
    }
    if set.addresses.is_empty() {
        return Err(Why::EmptySet { name, record_type });
    }
    let after = After { addresses: set.addresses.clone(), ttl: set.ttl, machine: machine.clone() };
    let cause = Cause::Adopted { beats: None };
    Ok(Some(Change { id: id.clone(), before: Some(set.clone()), after, cause }))
}
