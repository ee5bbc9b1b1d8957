//! Holds by hand: a person's word in the mark of a set, and its end. Neither changes an address, and nothing but the live
//! set decides it; what the policy file says of its name is only told.

use jiff::Timestamp;

use crate::domain::{HostName, Mark, MismatchRow, ZoneKind};

use super::cause::Cause;
use super::change::Change;
use super::grant::{Term, Whence};
use super::ground::Ground;
use super::need::Needs;
use super::order::{HoldOrder, LetGo};
use super::our_set::OurSet;
use super::policy::Policy;
use super::subject::Subject;
use super::why::Why;

/// What puts a hold on a set.
pub(super) fn hold(ours: &OurSet<'_>, order: &HoldOrder, now: Timestamp) -> Result<Change, Why> {
    let wanted = order.over(ours.standing_hold(now));
    match &ours.mark.hold {
        // One that somebody set by hand is no reason for an older release to leave the set alone.
        Some(hold)
            if ours.mark.version == Mark::HELD && (hold.until, &hold.why) == (wanted.until, &wanted.why) =>
        {
            Err(Why::HeldAlready { name: ours.name(), hold: hold.clone() })
        }
        Some(_) | None => Ok(ours.change(ours.set.addresses.clone(), Cause::Held(wanted))),
    }
}

/// What lets go of a set. What the policy file holds besides is not a person's to let go, and stays held.
pub(super) fn let_go(
    ours: &OurSet<'_>,
    which: &LetGo,
    ground: &Ground<'_>,
    needs: &mut Needs,
) -> Result<Change, Why> {
    let is_meant = match which {
        LetGo::All => true,
        LetGo::Of(run) => ours.mark.run == *run,
    };
    if ours.mark.hold.is_none() || !is_meant {
        let by_claim = |by| Why::HeldByClaim { name: ours.name(), to: Vec::new(), by };
        return Err(by_claim_of(ours, ground, needs).map_or(Why::NotHeld { name: ours.name() }, by_claim));
    }
    let held_by = by_claim_of(ours, ground, needs);
    Ok(ours.change(ours.set.addresses.clone(), Cause::Unheld { held_by }))
}

/// Where the policy file holds the name of a set for its machine; none where it does not, or where the machine may not have
/// the name at all.
pub(super) fn by_claim_of(ours: &OurSet<'_>, ground: &Ground<'_>, needs: &mut Needs) -> Option<Whence> {
    let row = MismatchRow::unheard_for(ours.machine.as_str(), ours.id);
    let subject = Subject::of(&row, ground.case, ground.policy, ground.now, ground.vanished);
    needs.machines.extend(subject.unasked().cloned());
    Some(subject.terms().filter(|terms| terms.hold)?.origin(Term::Hold))
}

/// That every claim which may give a name holds it, whoever has it: a set without a mark names no machine.
pub(super) fn by_every_claim(kind: ZoneKind, name: &HostName, policy: &Policy) -> Option<Why> {
    let grants = policy.offers(kind, name.as_str()).ok()?.grants;
    let by = grants.first()?.terms.origin(Term::Hold);
    let is_held = grants.iter().all(|grant| grant.terms.hold);
    is_held.then(|| Why::HeldByClaim { name: name.to_string(), to: Vec::new(), by })
}
