//! What the log says and its owners deny: that a machine claims nothing which its live tag names, that a record set holds what it
//! does not. Whoever may send rows may say both; neither is believed without the owner's word.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{HostName, ResourceId, join_addresses, split_tag};

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
    let spoken: BTreeSet<(String, String)> =
        case.spoken().map(|row| (row.resource_id.to_lowercase(), row.host_name.to_lowercase())).collect();
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
                for name in claimed {
                    names.insert(name.to_string());
                    // Where most is denied all rows count, and speak of it.
                    if !spoken.contains(&(machine.lower().to_owned(), name.to_string())) {
                        let why = denial(&name, machine);
                        plan.skips.push(Skip::of_claim(policy, name.as_str(), machine, &why));
                        uncontested(plan, &name, &why, notes);
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
        Some(Answer::Known(Live::Tagged(values))) => claimed(values, machine, case, policy).contains(name),
        _ => false,
    };
    nobodies.filter(claims).map(|machine| (denial(name, machine), machine.clone())).collect()
}

/// Holds what others would write under a name whose claim the log denies: its machine may say another address.
fn uncontested(plan: &mut Plan, name: &HostName, why: &Why, notes: &mut Notes<'_>) {
    let (held, kept) = std::mem::take(&mut plan.changes)
        .into_iter()
        .partition::<Vec<_>, _>(|change| change.id.name == *name);
    plan.changes = kept;
    for change in held {
        notes.held(&change, why);
        plan.skips.extend(Skip::held(&change, why));
    }
}

/// The names that the values of a live tag claim.
fn claimed(values: &[String], machine: &ResourceId, case: &Case, policy: &Policy) -> BTreeSet<HostName> {
    let particulars = case.known.particulars();
    let texts = values.iter().flat_map(|value| split_tag(value));
    let sides = texts.flat_map(|text| policy.sides(text).into_iter().map(move |kind| (text, kind)));
    let proposals = sides.map(|(text, kind)| Proposal::of(text, Some(machine)).inside(kind));
    let placed = proposals.map(|proposal| policy.place(proposal.with(particulars)));
    placed.filter_map(|placed| Some(placed.ok()?.name)).collect()
}

fn sets(plan: &mut Plan, case: &Case) {
    // Of what rows speak the rules read live.
    let spoken: BTreeSet<String> = case.spoken().map(|row| row.host_name.to_lowercase()).collect();
    for (id, logged) in &case.history.said.strange {
        if spoken.contains(id.name.as_str()) {
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
            plan.skips.push(Skip::without_row(&id.name, id.record_type, "", &Why::Blind { cause }));
        }
    }
}
