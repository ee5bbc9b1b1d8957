//! The decision: a pure function from what was seen to changes, skips and brakes.

mod because;
pub mod brake;
pub mod change;
mod claim;
mod conflict;
mod name_pattern;
mod ownership;
pub mod policy;
pub mod report;
pub mod seen;
pub mod skip;
pub mod why;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{RecordKey, ResourceId};

pub use brake::{Brake, BrakeKind, Opens};
pub use change::{Action, Canary, Change};
pub use name_pattern::{NamePattern, Names};
pub use policy::{Adopt, Policy};
pub use report::Report;
pub use seen::{
    CurrentRecordSets, Evidence, EvidenceRequest, History, Input, Live, LiveTags, Needs, OwedAudit,
    PastChange, ZoneHistory,
};
pub use skip::{Reason, Skip};
pub use why::Why;

use brake::Source;
use claim::{Claim, Placed};
use conflict::Court;

/// What is to be done, what is not and why, all sorted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// The record sets to write, by name and type.
    pub changes: Vec<Change>,
    /// The rows that change nothing, by name, type and machine.
    pub skips: Vec<Skip>,
    /// The brakes that tripped.
    pub brakes: Vec<Brake>,
    /// The evidence without which some of the skips are only provisional; ask it and plan again.
    pub evidence_wanted: Option<EvidenceRequest>,
}

/// Decides.
#[must_use]
pub fn plan(input: &Input, policy: &Policy, now: Timestamp) -> Plan {
    let mut skips = Vec::new();
    let mut sources = Vec::new();
    let mut claims: BTreeMap<RecordKey, Vec<Claim<'_>>> = BTreeMap::new();
    let mut heard: BTreeMap<String, Timestamp> = BTreeMap::new();
    for row in &input.rows {
        if let Some(time) = row.heartbeat_time {
            let newest = heard.entry(row.resource_id.to_lowercase()).or_insert(time);
            *newest = time.max(*newest);
        }
        let placed = match claim::place(row, policy) {
            Ok(placed) => placed,
            Err(skip) => {
                skips.push(skip);
                continue;
            }
        };
        let judged = placed.prove_tag(&input.tags).and_then(|machine| {
            sources.extend(source(&placed, input));
            placed.claim(machine, policy, now)
        });
        match judged {
            Ok(claim) => claims.entry(claim.key.clone()).or_default().push(claim),
            Err(why) => skips.push(placed.skip(&why)),
        }
    }
    let court = Court { input, policy, now, heard: &heard };
    let mut wanted = EvidenceRequest::default();
    let mut changes = Vec::new();
    for (key, claims) in &claims {
        let settled = court.settle(key, claims, &mut wanted);
        changes.extend(settled.change);
        skips.extend(settled.skips);
    }
    let braked = brake::apply(changes, &sources, input, policy, now);
    skips.extend(braked.skips);
    skips.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let evidence_wanted = (wanted != EvidenceRequest::default()).then_some(wanted);
    Plan { changes: braked.changes, skips, brakes: braked.brakes, evidence_wanted }
}

/// What must be read before [`plan`] can judge these rows.
///
/// Without live tags it asks for machines: those of the rows that pass the static rules, and those that the sets
/// are marked for. With them it asks for the record sets of the rows that no rule up to `stale-heartbeat` catches.
/// With those it asks for the machines of marks that the log did not know. Then it is empty.
#[must_use]
pub fn needs(input: &Input, policy: &Policy, now: Timestamp) -> Needs {
    let mut needs = Needs::default();
    let ask = |needs: &mut Needs, machine: Option<ResourceId>| {
        if let Some(machine) = machine.filter(|machine| input.tags.get(machine).is_none()) {
            needs.machines.insert(machine);
        }
    };
    for row in &input.rows {
        let Ok(placed) = claim::place(row, policy) else { continue };
        ask(&mut needs, claim::machine_of(row));
        ask(&mut needs, ResourceId::parse(&row.owner).ok());
        let Ok(machine) = placed.prove_tag(&input.tags) else { continue };
        let Ok(claim) = placed.claim(machine, policy, now) else { continue };
        match input.current.get(&claim.key) {
            None => {
                needs.names.insert((claim.zone.id.clone(), claim.key));
            }
            Some(Some(set)) => {
                let mark = set.mark_of(&policy.owner);
                ask(&mut needs, mark.and_then(|mark| ResourceId::parse(&mark.machine).ok()));
            }
            Some(None) => {}
        }
    }
    needs
}

fn source<'a>(placed: &Placed<'a>, input: &Input) -> Option<Source<'a>> {
    let address = crate::domain::parse_address(&placed.row.computer_ip)?;
    let key = RecordKey { name: placed.name.clone(), record_type: placed.record_type };
    let present = match input.current.get(&key) {
        Some(Some(set)) => set.addresses.clone(),
        Some(None) => std::collections::BTreeSet::new(),
        None => placed.logged_present(),
    };
    Some(Source { zone: &placed.zone.id, address, present })
}
