//! Sets that are ours no longer, by a person's word.

use std::collections::BTreeSet;

use super::cause::{Cause, Released};
use super::change::Change;
use super::ground::Ground;
use super::last_word::{LastWord, last_word};
use super::need::Needs;
use super::order::{Leaves, Release};
use super::our_set::OurSet;
use super::why::{NotOwned, Why};

/// What releases a set: its addresses stay, or it goes. One that goes is nobody's: no tag claims it, the
/// machine that it is marked for least of all, and nobody holds it.
pub(super) fn release(
    ours: &OurSet<'_>,
    release: &Release,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<Change, Why> {
    let claimed_by = release.claims.get(&ours.id.name).cloned().unwrap_or_default();
    let released = |claimed_by| Cause::Released(Released { leaves: release.leaves, claimed_by });
    if release.leaves != Leaves::NoSet {
        return Ok(ours.change(ours.set.addresses.clone(), released(claimed_by)));
    }
    if !claimed_by.is_empty() {
        let machines = claimed_by.iter().map(ToString::to_string).collect();
        return Err(Why::StillClaimed { name: ours.name(), machines });
    }
    ours.is_free(ground.now)?;
    has_ended(ours, ground, needs)?;
    Ok(ours.change(BTreeSet::new(), released(claimed_by)))
}

/// Whether the machine that the set is marked for has said itself that it claims the name no more: whoever releases may see
/// less than whoever wrote it.
fn has_ended(ours: &OurSet<'_>, ground: &Ground<'_>, needs: &mut Needs) -> Result<(), Why> {
    let (known, policy) = (&ground.case.known, ground.policy);
    let keeps = |unreadable, heard| {
        let (machine, dormant) = (ours.machine.to_string(), policy.claim_dormant);
        let owned = NotOwned::OtherMachine { machine, unreadable, heard, dormant, twin: None };
        Err(Why::NotOwned { name: ours.name(), owned })
    };
    match last_word((ours.id, &ours.machine), known, policy, ground.now, needs) {
        LastWord::Ended => Ok(()),
        LastWord::Claims => {
            Err(Why::StillClaimed { name: ours.name(), machines: vec![ours.machine.to_string()] })
        }
        LastWord::Unreadable => keeps(true, None),
        LastWord::Heard(age) => keeps(false, Some(age)),
        LastWord::Unknown(cause) => Err(Why::Blind { cause }),
    }
}
