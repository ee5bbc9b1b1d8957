//! A change undone by hand: back to what a set of ours held before it.
//!
//! What stood there before is believed on one of two grounds. The mark of the live set says it of the last move: whoever could
//! forge that could write the set itself. The log says it of older ones, and whoever may send rows to it may say anything:
//! what only the log says must fit the live set and its mark, pass the rules that any address must pass, and where no
//! heartbeat of the marked machine bears it out it is written only after somebody has read it.

mod sought;

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::domain::{MismatchRow, RecordType};

use super::answer::Answer;
use super::blindness::Blindness;
use super::cause::{Cause, Undone};
use super::change::Change;
use super::grant::Term;
use super::ground::Ground;
use super::hold;
use super::need::{EvidenceRequest, Needs};
use super::order::Rollback;
use super::our_set::OurSet;
use super::reason::Reason;
use super::release;
use super::rules::{self, Chapter};
use super::said::{Rule, Said};
use super::subject::Subject;
use super::why::Why;
use super::words;
use sought::Sought;

/// What puts a set back, or why it stays as it is.
pub(super) fn undo(
    ours: &OurSet<'_>,
    rollback: &Rollback,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<Change, Why> {
    let told = rollback.told.get(ours.id).map(Vec::as_slice).unwrap_or_default();
    let sought = sought::sought(ours, &rollback.point, told)?;
    ours.is_free_to_go_back(ground.now)?;
    if sought.addresses.is_empty() {
        return unmake(ours, rollback, sought, ground, needs);
    }
    for address in &sought.addresses {
        allowed(ours, *address, ground, needs)?;
    }
    let unreported =
        if sought.is_vouched { BTreeSet::new() } else { unreported(ours, &sought, ground, needs)? };
    let Sought { addresses, run, time, .. } = sought;
    let hold = rollback.hold.over(ours.standing_hold(ground.now));
    let undone = Undone { run, time, unreported, hold: Some(hold) };
    let mut change = ours.change(addresses, Cause::RolledBack(Box::new(undone)));
    // What the addresses were kept for before, nobody has written down: it is lowered as by any move.
    change.after.ttl = ground.policy.lowered(change.after.ttl);
    Ok(change)
}

/// What deletes a set that the change has made. That there was none before nobody's row is believed for: it must be the mark
/// that says so.
fn unmake(
    ours: &OurSet<'_>,
    rollback: &Rollback,
    sought: Sought,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<Change, Why> {
    let Some(deletes) = rollback.deletes.as_ref().filter(|_| sought.is_vouched) else {
        let is_vouched = sought.is_vouched;
        return Err(Why::OnlyCreated { name: ours.name(), is_vouched });
    };
    ours.is_free(ground.now)?;
    if let Some(by) = hold::by_claim_of(ours, ground, needs) {
        return Err(Why::HeldByClaim { name: ours.name(), to: Vec::new(), by });
    }
    // No hold outlives its set, so nothing would keep the next run from making it again.
    release::is_nobodys(ours, deletes, ground, needs)?;
    let Sought { run, time, .. } = sought;
    let undone = Undone { run, time, unreported: BTreeSet::new(), hold: None };
    Ok(ours.change(BTreeSet::new(), Cause::RolledBack(Box::new(undone))))
}

/// Asks of an address, and of the name, what every run would ask but for heartbeats and tags.
fn allowed(ours: &OurSet<'_>, address: IpAddr, ground: &Ground<'_>, needs: &mut Needs) -> Result<(), Why> {
    let name = ours.id.name.as_str();
    let refused = |refused| Why::NotWrittenBack { name: ours.name(), address, refused };
    if RecordType::of(address) != ours.id.record_type {
        return Err(refused(Reason::AddressInvalid));
    }
    let row = MismatchRow {
        computer_ip: address.to_string(),
        ..MismatchRow::unheard_for(ours.machine.as_str(), ours.id)
    };
    let subject = Subject::of(&row, ground.case, ground.policy, ground.now, ground.vanished);
    // Which claim it is may hang on a tag that only the machine itself tells.
    if let Some(machine) = subject.unasked() {
        needs.machines.insert(machine.clone());
        return Err(Why::Blind { cause: Blindness::NotAsked { name: name.to_owned() } });
    }
    let is_asked = |rule: &Rule| !matches!(rule.reason, Reason::StaleHeartbeat | Reason::TagGone);
    let asked = rules::of(&[Chapter::Row]).filter(|(_, rule)| is_asked(rule));
    match rules::first(asked, &subject).map_or(Said::No, |heard| heard.said) {
        Said::No => {}
        Said::Yes(why) if why.reason().is_of_a_report() => return Err(refused(why.reason())),
        Said::Yes(why) => return Err(why),
        Said::Blind(cause) => return Err(Why::Blind { cause }),
        Said::Needs(more) => {
            needs.extend(*more);
            return Err(Why::Blind { cause: Blindness::NotAsked { name: name.to_owned() } });
        }
    }
    match subject.terms().filter(|terms| terms.hold) {
        None => Ok(()),
        Some(terms) => {
            let to = words::addresses(&BTreeSet::from([address]));
            Err(Why::HeldByClaim { name: ours.name(), to, by: terms.origin(Term::Hold) })
        }
    }
}

/// Which of the addresses no heartbeat of the marked machine has reported within thirty days: all of them where that cannot be
/// read.
fn unreported(
    ours: &OurSet<'_>,
    sought: &Sought,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<BTreeSet<IpAddr>, Why> {
    let asked =
        EvidenceRequest { machines: [ours.machine.clone()].into(), addresses: sought.addresses.clone() };
    match ground.case.known.evidence(ours.id) {
        Some(Answer::Known(evidence)) if evidence.answers(&asked) => {
            let reported = evidence.reported.get(ours.machine.lower());
            let is_reported = |address: &IpAddr| reported.is_some_and(|seen| seen.contains_key(address));
            Ok(sought.addresses.iter().filter(|address| !is_reported(address)).copied().collect())
        }
        Some(Answer::Unavailable(_)) => Ok(sought.addresses.clone()),
        Some(Answer::Known(_)) | None => {
            needs.evidence.entry(ours.id.clone()).or_default().extend(&asked);
            Err(Why::Blind { cause: Blindness::NotAsked { name: ours.name() } })
        }
    }
}
