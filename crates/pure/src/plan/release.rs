//! Sets that are ours no longer, by a person's word.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::domain::ResourceId;

use super::answer::Answer;
use super::cause::{Cause, Released};
use super::change::Change;
use super::ground::Ground;
use super::last_word::{LastWord, live_word};
use super::need::{Live, Needs};
use super::order::{Leaves, Release};
use super::our_set::OurSet;
use super::why::{NotOwned, Why};

/// What releases a set: its addresses stay, or it goes. Nobody holds it, and one that goes is nobody's: no tag claims it, the
/// machine that it is marked for least of all.
pub(super) fn release(
    ours: &OurSet<'_>,
    release: &Release,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<Change, Why> {
    ours.is_free(ground.now)?;
    let claimed_by = release.claims.get(&ours.id.name).cloned().unwrap_or_default();
    let released = |claimed_by| Cause::Released(Released { leaves: release.leaves, claimed_by });
    if release.leaves != Leaves::NoSet {
        return Ok(ours.change(ours.set.addresses.clone(), released(claimed_by)));
    }
    is_nobodys(ours, release, ground, needs)?;
    Ok(ours.change(BTreeSet::new(), released(claimed_by)))
}

/// Makes sure that nobody claims a set that is to go: no live tag, no machine of its mark or of the last sweep, and none that
/// this login does not see.
pub(super) fn is_nobodys(
    ours: &OurSet<'_>,
    release: &Release,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<(), Why> {
    let claimed_by = release.claims.get(&ours.id.name);
    if let Some(machines) = claimed_by.filter(|machines| !machines.is_empty()) {
        let machines = machines.iter().map(ToString::to_string).collect();
        return Err(Why::StillClaimed { name: ours.name(), machines });
    }
    has_ended(ours, release, ground, needs)?;
    // Somebody may claim it whom this login does not see.
    match release.unseen.first() {
        Some(cause) => Err(Why::Blind { cause: cause.clone() }),
        None => Ok(()),
    }
}

/// Whether the machine that the set is marked for, and each that claimed the name at the last sweep, have said themselves that
/// they claim it no more, or are gone: whoever releases may see less than whoever wrote and swept. Of a machine that is there and
/// claimed it at that sweep its tag as it is read here is no such word, for the sweep may have read another, or none but its name.
fn has_ended(
    ours: &OurSet<'_>,
    release: &Release,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<(), Why> {
    let swept = release.swept.get(&ours.id.name);
    let mut machines = swept.cloned().unwrap_or_default();
    machines.insert(ours.machine.clone());
    let (known, policy) = (&ground.case.known, ground.policy);
    let words: Vec<(&ResourceId, LastWord)> =
        machines.iter().map(|machine| (machine, live_word((ours.id, machine), known, needs))).collect();
    for (machine, word) in words {
        let name = ours.name();
        let keeps = |heard: Option<SignedDuration>| {
            let (machine, dormant) = (machine.to_string(), policy.claim_dormant);
            NotOwned::OtherMachine { machine, unreadable: heard.is_none(), heard, dormant, twin: None }
        };
        let claimed = swept.is_some_and(|swept| swept.contains(machine));
        let is_there = || known.tag(machine).and_then(Answer::known) != Some(&Live::Gone);
        return Err(match word {
            LastWord::Ended if claimed && is_there() => {
                Why::StillSwept { name, machine: machine.to_string() }
            }
            LastWord::Ended => continue,
            LastWord::Claims => Why::StillClaimed { name, machines: vec![machine.to_string()] },
            LastWord::Unreadable => Why::NotOwned { name, owned: keeps(None) },
            LastWord::Heard(age) => Why::NotOwned { name, owned: keeps(Some(age)) },
            LastWord::Unknown(cause) => Why::Blind { cause },
        });
    }
    Ok(())
}
