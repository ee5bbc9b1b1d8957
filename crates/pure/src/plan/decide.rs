//! The walk over all rows: each asked the rules, those of one record set judged together, the brakes last.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::{LoggedClaim, RecordId, ZoneKind};

use super::blindness::Blindness;
use super::brake;
use super::case::Case;
use super::claim::Claim;
use super::court::{Court, last_heard};
use super::decision::Plan;
use super::denied;
use super::doubt::Doubt;
use super::notes::Notes;
use super::policy::Policy;
use super::rules::{self, Chapter, Ruling};
use super::said::Said;
use super::sharing::Aside;
use super::skip::Skip;
use super::source::Source;
use super::subject::Subject;
use super::vanished::Vanished;
use super::why::Why;

/// Decides: every row ends in exactly one change, as its machine or as a witness, or in exactly one skip; a row that came
/// only because its name was asked for may also find everything in sync, and of a machine that lists several addresses for one set
/// of a private zone no row is a skip beside the change.
///
/// The first rule that applies gives the code, in this order ([`rules`]). Rules down to `cname-exists` look at one row
/// alone; from `already-right` on all claims on one record set are judged together. A *claim* is a row that no rule down
/// to `cname-exists` has caught; it *lives* while none down to `flapping` catches it.
///
/// A machine has one row of a private zone for each address that it lists and the newest sweep lets stand there. They say one
/// thing together, by the whole list: a change, or a skip that is told once.
///
/// | code | when | example |
/// |---|---|---|
/// | `wildcard` | a wildcard that `POLICY_NAMES` does not list as such | `*.home.example.com` under `POLICY_NAMES=*` |
/// | `name-invalid` | the tag holds no host name | `../../other-zone` |
/// | `no-zone` | no managed zone holds the name | `nas.example.net` |
/// | `apex` | the name of a zone itself, not listed literally | `example.com` under `POLICY_NAMES=*` |
/// | `name-reserved` | machines look it up by themselves, and it is not listed literally | `wpad.example.com` under `POLICY_NAMES=*` |
/// | `name-not-allowed` | no grant of the policy gives it to the machine | `nas.example.com` under `*.home.example.com` |
/// | `address-empty` | the heartbeats carry no address | `ComputerIP` is empty |
/// | `address-invalid` | the heartbeats carry nonsense | `ComputerIP` is `300.1.2.3` |
/// | `address-private-link` | a private-link tunnel address | `fd40:1085:12:6d79:7712:100:a00:4`, inside it 10.0.0.4 |
/// | `address-not-public` | not global unicast, and not in `POLICY_ALLOW_PREFIXES` | 192.168.0.4 |
/// | `address-denied` | in a range that is denied, or outside of the only ones of its grant | 203.0.113.7 under 203.0.113.0/24 |
/// | `address-outside` | private: none that it lists may stand in the zone | 172.17.0.1 and 192.168.178.20 under 10.0.0.0/8 |
/// | `address-ambiguous` | private: several may, and the set holds none of them | 10.1.0.4 and 10.2.0.4 |
/// | `address-shared` | private: another machine lists it too | 192.168.178.20 in two houses |
/// | `address-not-ours` | a virtual machine's, and on none of its interfaces | that of the NAT gateway it goes out by |
/// | `country-changed` | in none of the only countries of its grant | from Germany under `countries = ["Switzerland"]` |
/// | `type-not-wanted` | its type is not in `POLICY_RECORD_TYPES` | an IPv6 address under `A` |
/// | `stale-heartbeat` | newest heartbeat older than `POLICY_MAX_HEARTBEAT_AGE` | 16 minutes old |
/// | `tag-gone` | the live tag says otherwise, or the machine is deleted or not readable | the tag now names `new.example.com` |
/// | `delegated` | an `NS` record set at the name or between it and the apex | `nas.home.example.com` below an `NS` set `home` |
/// | `alias` | the live set is an alias | it follows a public IP address |
/// | `auto-registered` | private: Azure keeps the set for a virtual machine, or would make it | a VM in a linked network |
/// | `empty-set` | the live set has no address and no mark of ours | its alias target was deleted |
/// | `cname-exists` | there is no set, and the name is a CNAME | a CNAME to a content network |
/// | `already-right` | the live set holds what all claims say together, or what is to be written | the log lags |
/// | `too-few-beats` | fewer than `POLICY_MIN_BEATS` newest heartbeats agree, or within less than `POLICY_MIN_SPAN` | one beat |
/// | `still-seen` | it returned, and the present address was seen within `POLICY_UNSEEN` | two uplinks alternate |
/// | `flapping` | this name left that address three times within 24 hours, and is not steady yet | the third return |
/// | `claim-conflict` | living claims report different addresses, and do not all share the set | two machines, two places, one name |
/// | `contested` | twice within a day our write was undone and our mark taken off; one try a day is left | a Terraform plan holds the old address |
/// | `not-owned` | marked by another installation, or for another machine that still claims, or not adoptable | `www` and a stolen tag |
/// | `held` | the set's mark carries a hold that stands, or the name's claim says `hold` | a person holds it until Monday |
/// | `no-record` | there is no set, and `POLICY_CREATE` is false | a new name |
/// | `braked` | `converging` or `surge` holds it | twelve houses move to one address |
/// | `blind` | `blind` holds it, or what it rests on was not read | the newest sweep is two hours old |
#[must_use]
pub fn plan(case: &Case, policy: &Policy, now: Timestamp) -> Plan {
    noted(case, policy, now, &mut Notes::default())
}

/// The same, with notes of what was said to the rows that somebody wants to know about.
pub(super) fn noted(case: &Case, policy: &Policy, now: Timestamp, notes: &mut Notes<'_>) -> Plan {
    let mut plan = Plan::default();
    let mut sources = Vec::new();
    let mut claims: BTreeMap<RecordId, Vec<Claim<'_>>> = BTreeMap::new();
    let mut asides: BTreeMap<RecordId, Aside> = BTreeMap::new();
    let vanished = Vanished::of(case, policy);
    let mut unjudged: BTreeSet<String> = BTreeSet::new();
    let mut uncounted: Vec<(Subject<'_>, Skip)> = Vec::new();
    for row in case.spoken() {
        let subject = Subject::of(row, case, policy, now, &vanished);
        let heard = rules::noted(&Chapter::TO_A_CLAIM, &subject, notes);
        // What is not known to be no claim makes no brake looser, and the log alone makes nothing known.
        let is_known_not_to_claim = match &heard {
            Some(Ruling { chapter: Chapter::Row, said: Said::Yes(why), .. }) => {
                !rules::is_logged(&subject, why)
            }
            _ => false,
        };
        if !is_known_not_to_claim {
            sources.extend(Source::of(&subject));
        }
        if let Some((id, awaited)) = heard.as_ref().and_then(|ruling| Aside::awaiting(&subject, ruling)) {
            asides.entry(id).or_default().awaited.push(awaited);
        }
        let why = match heard.map_or(Said::No, |heard| heard.said) {
            // Of what was claimed before nobody hears, but where the machine claims it still.
            Said::Yes(_)
                if row.claimed == LoggedClaim::Before && case.is_claimed_still(row) != Some(true) =>
            {
                continue;
            }
            Said::Yes(why) => why,
            Said::Blind(cause) => {
                if matches!(cause, Blindness::RightLost { .. }) {
                    unjudged.insert(row.host_name.clone());
                }
                if let Some((id, doubt)) = Doubt::of(&subject, cause.clone()) {
                    asides.entry(id).or_default().doubts.push(doubt);
                }
                Why::Blind { cause }
            }
            Said::Needs(needs) => {
                plan.needs.extend(*needs);
                Why::Blind { cause: Blindness::NotAsked { name: row.host_name.clone() } }
            }
            Said::No => {
                if let Some(claim) = Claim::of(subject) {
                    claims.entry(claim.place.id.clone()).or_default().push(claim);
                }
                continue;
            }
        };
        let skip = subject.skip(&why);
        match why.is_of_an_older_sweep() {
            true => uncounted.push((subject, skip)),
            false => plan.skips.push(skip),
        }
    }
    // Where a row speaks of the address that may stand there, another row of the machine has nothing to add.
    let speaks = |subject: &Subject<'_>| {
        let claims = subject.site().and_then(|id| claims.get(&id));
        claims.into_iter().flatten().any(|claim| Some(&claim.machine) == subject.machine.as_ref())
    };
    plan.skips.extend(uncounted.into_iter().filter(|(subject, _)| !speaks(subject)).map(|(_, skip)| skip));
    let heard = last_heard(&case.rows);
    let court = Court { case, policy, now, heard: &heard };
    let nothing = Aside::default();
    for (id, claims) in &claims {
        let settled = court.settle(id, claims, asides.get(id).unwrap_or(&nothing), notes);
        plan.changes.extend(settled.change);
        plan.skips.extend(settled.skips);
        plan.needs.extend(settled.needs);
        if settled.is_in_sync {
            plan.in_sync.insert(id.clone());
        }
    }
    tell_sets_once(&mut plan);
    brake::apply(&mut plan, &sources, case, policy, now, notes);
    plan.brakes.extend(vanished.brakes(&unjudged));
    denied::weigh(&mut plan, case, policy, now, notes);
    if let Some(approval) = &case.asked.approval {
        approval.narrow(&mut plan);
    }
    Skip::tell_once(&mut plan.skips);
    plan
}

/// A set of a private zone that is written for a machine is told as that: what else the machine lists for it waits, and has its
/// reason in the next run.
fn tell_sets_once(plan: &mut Plan) {
    let mut written: BTreeMap<String, Vec<&RecordId>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.id.zone.kind() == ZoneKind::Private) {
        for machine in change.machines() {
            written.entry(machine.lower().to_owned()).or_default().push(&change.id);
        }
    }
    plan.skips.retain(|skip| {
        let own = written.get(&skip.machine.to_lowercase()).into_iter().flatten();
        !own.into_iter().any(|id| skip.zone.as_ref() == Some(&id.zone) && skip.is_about(id))
    });
}
