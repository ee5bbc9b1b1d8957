//! What the log says and its owners deny: that a machine claims nothing which its live tag names, that a record set holds what it
//! does not. Whoever may send rows may say both; neither is believed without the owner's word.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{HostName, MismatchRow, ResourceId, ZoneId, ZoneKind, join_addresses, split_tag};

use super::answer::Answer;
use super::blindness::Blindness;
use super::brake_kind::Brake;
use super::case::Case;
use super::decision::Plan;
use super::need::Live;
use super::notes::Notes;
use super::policy::{Policy, Proposal};
use super::skip::Skip;
use super::why::Why;

/// Asks the owners of what the log says, and tells what they deny. Nothing moves by it: what is denied is blind.
pub(super) fn weigh(plan: &mut Plan, case: &Case, policy: &Policy, now: Timestamp, notes: &mut Notes<'_>) {
    // Of what is not in a part of an answer nothing is known.
    if case.partial {
        return;
    }
    claims(plan, case, policy, notes);
    sets(plan, case);
    if let Some((rows, last)) = case.history.said.early {
        let cause = Blindness::RowsAhead { rows, ahead: last.duration_since(now).max(SignedDuration::ZERO) };
        plan.brakes.push(Brake::blind(&cause, None, BTreeSet::new()));
    }
}

fn claims(plan: &mut Plan, case: &Case, policy: &Policy, notes: &mut Notes<'_>) {
    let said = &case.history.said;
    let said_of =
        |row: &MismatchRow| (row.resource_id.to_lowercase(), row.host_name.to_lowercase(), row.kind());
    let spoken: BTreeSet<(String, String, ZoneKind)> = case.spoken().map(said_of).collect();
    let (mut asked, mut denied) = (0_u64, 0_u64);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for machine in &said.nobodies {
        match case.known.tag(machine) {
            None => {
                plan.needs.machines.insert(machine.clone());
            }
            Some(Answer::Known(Live::Tagged(values))) => {
                asked += 1;
                let claimed = claimed(values, machine, case, policy);
                denied += u64::from(!claimed.is_empty());
                for (name, zones) in claimed {
                    names.insert(name.to_string());
                    // Where most is denied all rows count, and speak of it. A row of one side is silent about the other.
                    let key = |zone: &ZoneId| (machine.lower().to_owned(), name.to_string(), zone.kind());
                    let unspoken: BTreeSet<ZoneId> =
                        zones.into_iter().filter(|zone| !spoken.contains(&key(zone))).collect();
                    if !unspoken.is_empty() {
                        let why = denial(&name, machine);
                        plan.skips.push(Skip::of_claim(policy, name.as_str(), machine, &why));
                        uncontested(plan, (&name, &unspoken), &why, notes);
                    }
                }
            }
            Some(Answer::Known(Live::Gone)) => asked += 1,
            // That it could not be read is told with the read.
            Some(Answer::Known(Live::Unreadable) | Answer::Unavailable(_)) => {}
        }
    }
    if said.is_of_most() && denied.saturating_mul(2) > asked {
        let (nameless, claimed) = (said.nameless, said.claimed);
        let cause = Blindness::TagsDenied { nameless, claimed, denied, asked };
        plan.brakes.push(Brake::blind(&cause, None, names));
    }
}

fn denial(name: &HostName, machine: &ResourceId) -> Why {
    Why::Blind { cause: Blindness::ClaimDenied { name: name.to_string(), machine: machine.to_string() } }
}

/// The machines whose live tags claim a name which the log denies, each with that.
pub(super) fn on(name: &HostName, case: &Case, policy: &Policy) -> Vec<(Why, ResourceId)> {
    // As above, nothing is known of what is not in a part.
    let nobodies = case.history.said.nobodies.iter().filter(|_| !case.partial);
    let claims = |machine: &&ResourceId| match case.known.tag(machine) {
        Some(Answer::Known(Live::Tagged(values))) => {
            claimed(values, machine, case, policy).contains_key(name)
        }
        _ => false,
    };
    nobodies.filter(claims).map(|machine| (denial(name, machine), machine.clone())).collect()
}

/// Holds what others would write in these zones under a name whose claim the log denies: its machine may say another address.
fn uncontested(
    plan: &mut Plan,
    (name, zones): (&HostName, &BTreeSet<ZoneId>),
    why: &Why,
    notes: &mut Notes<'_>,
) {
    let (held, kept) = std::mem::take(&mut plan.changes)
        .into_iter()
        .partition::<Vec<_>, _>(|change| change.id.name == *name && zones.contains(&change.id.zone));
    plan.changes = kept;
    for change in held {
        notes.held(&change, why);
        plan.skips.extend(Skip::held(&change, why));
    }
}

/// The names that the values of a live tag claim, each with the zones in which it does.
fn claimed(
    values: &[String],
    machine: &ResourceId,
    case: &Case,
    policy: &Policy,
) -> BTreeMap<HostName, BTreeSet<ZoneId>> {
    let particulars = case.known.particulars();
    let texts = values.iter().flat_map(|value| split_tag(value));
    let sides = texts.flat_map(|text| policy.sides(text).into_iter().map(move |kind| (text, kind)));
    let proposals = sides.map(|(text, kind)| Proposal::of(text, Some(machine)).inside(kind));
    let placed = proposals.map(|proposal| policy.place(proposal.with(particulars)));
    let mut claimed: BTreeMap<HostName, BTreeSet<ZoneId>> = BTreeMap::new();
    for placed in placed.filter_map(Result::ok) {
        claimed.entry(placed.name).or_default().insert(placed.zone.id.clone());
    }
    claimed
}

fn sets(plan: &mut Plan, case: &Case) {
    // Of what rows speak the rules read live.
    let place = |row: &MismatchRow| (row.kind(), row.host_name.to_lowercase());
    let spoken: BTreeSet<(ZoneKind, String)> = case.spoken().map(place).collect();
    for (id, logged) in &case.history.said.strange {
        if spoken.contains(&(id.zone.kind(), id.name.to_string())) {
            continue;
        }
        let read = match case.known.set(id) {
            None => {
                plan.needs.sets.insert(id.clone());
                continue;
            }
            Some(Answer::Known(read)) => read,
            Some(Answer::Unavailable(_)) => continue,
        };
        let live = read.set.as_ref().map(|set| set.addresses.clone()).unwrap_or_default();
        if live != *logged {
            let cause = Blindness::SetDenied {
                name: id.name.to_string(),
                record_type: id.record_type,
                logged: join_addresses(logged),
                live: join_addresses(&live),
            };
            let skip = Skip::without_row(&id.name, id.record_type, "", &Why::Blind { cause });
            plan.skips.push(skip.inside(&id.zone));
        }
    }
}
