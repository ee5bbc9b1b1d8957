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
pub(crate) mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{HostName, RecordKey, ResourceId};

pub use brake::{About, Brake, BrakeKind, Opens};
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

impl Plan {
    /// Leaves only what concerns these names.
    ///
    /// A plan is made of all rows and narrowed afterwards, for with fewer rows brakes would see less. Where the canary
    /// of a zone is left out, the oldest change that is left takes its part.
    pub fn narrow(&mut self, names: &BTreeSet<HostName>) {
        self.changes.retain(|change| names.contains(&change.name));
        let wanted: BTreeSet<&str> = names.iter().map(HostName::as_str).collect();
        self.skips.retain(|skip| wanted.contains(skip.name.as_str()));
        self.brakes.retain_mut(|brake| {
            let held = !brake.names.is_empty();
            brake.names.retain(|name| wanted.contains(name.as_str()));
            !held || !brake.names.is_empty() || brake.brake == BrakeKind::Blind
        });
        brake::choose_canaries(&mut self.changes);
    }
}

/// Decides: every row ends in exactly one change, as its machine or as a witness, or in exactly one skip.
///
/// The first rule that applies gives the code, in this order. Rules down to `stale-heartbeat` look at one row alone;
/// from `alias` on all claims on one name and type are judged together, beside the live record set. A *claim* is a
/// row that no rule down to `cname-exists` has caught; it *lives* while none down to `flapping` catches it.
///
/// | code | when | example |
/// |---|---|---|
/// | `wildcard` | a wildcard that `POLICY_NAMES` does not list as such | `*.home.example.com` under `POLICY_NAMES=*` |
/// | `name-invalid` | the tag holds no host name | `../../other-zone` |
/// | `no-zone` | no managed zone holds the name | `nas.example.net` |
/// | `apex` | the name of a zone itself, not listed literally | `example.com` under `POLICY_NAMES=*` |
/// | `name-reserved` | machines look it up by themselves, and it is not listed literally | `wpad.example.com` under `POLICY_NAMES=*` |
/// | `name-not-allowed` | `POLICY_NAMES` does not allow it | `nas.example.com` under `*.home.example.com` |
/// | `tag-gone` | the live tag says otherwise, or the machine is deleted or not readable | the tag now names `new.example.com` |
/// | `address-empty` | the heartbeats carry no address | `ComputerIP` is empty |
/// | `address-invalid` | the heartbeats carry nonsense | `ComputerIP` is `300.1.2.3` |
/// | `address-private-link` | a private-link tunnel address | `fd40:1085:12:6d79:7712:100:a00:4`, inside it 10.0.0.4 |
/// | `address-not-public` | not global unicast, and not in `POLICY_ALLOW_PREFIXES` | 192.168.0.4 |
/// | `address-denied` | in `POLICY_DENY_PREFIXES` | 203.0.113.7 under 203.0.113.0/24 |
/// | `type-not-wanted` | its type is not in `POLICY_RECORD_TYPES` | an IPv6 address under `A` |
/// | `stale-heartbeat` | newest heartbeat older than `POLICY_MAX_HEARTBEAT_AGE` | 16 minutes old |
/// | `alias` | the live set is an alias | it follows a public IP address |
/// | `empty-set` | the live set has no address and no mark of ours | its alias target was deleted |
/// | `cname-exists` | there is no set, and the name is a CNAME | a CNAME to a content network |
/// | `already-right` | the live set holds what all claims say together, or what is to be written | the log lags |
/// | `too-few-beats` | fewer than `POLICY_MIN_BEATS` newest heartbeats agree | one beat |
/// | `still-seen` | it returned, and the present address was seen within `POLICY_UNSEEN` | two uplinks alternate |
/// | `flapping` | this name left that address three times within 24 hours | the third return |
/// | `claim-conflict` | living claims report different addresses | two machines, two places, one name |
/// | `not-owned` | marked by another installation, or for another machine that still claims, or not adoptable | `www` and a stolen tag |
/// | `no-record` | there is no set, and `POLICY_CREATE` is false | a new name |
/// | `braked` | `converging` or `surge` holds it | twelve houses move to one address |
/// | `blind` | `blind` holds it, or what it rests on was not read | the newest sweep is two hours old |
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
            Err(why) => {
                skips.push(claim::unplaced(row, &why));
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
        Some(None) => BTreeSet::new(),
        None => placed.logged_present(),
    };
    Some(Source { zone: &placed.zone.id, address, present })
}
