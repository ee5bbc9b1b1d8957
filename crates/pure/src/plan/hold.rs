//! Holds by hand: a person's word in the mark of a set, and its end. Neither changes an address, and nothing but the live
//! set decides it.

use crate::domain::{Hold, Mark};

use super::cause::Cause;
use super::change::Change;
use super::order::LetGo;
use super::our_set::OurSet;
use super::why::Why;

/// What puts a hold on a set.
pub(super) fn hold(ours: &OurSet<'_>, wanted: &Hold) -> Result<Change, Why> {
    match &ours.mark.hold {
        // One that somebody set by hand is no reason for an older release to leave the set alone.
        Some(hold)
            if ours.mark.version == Mark::HELD && (hold.until, &hold.why) == (wanted.until, &wanted.why) =>
        {
            Err(Why::HeldAlready { name: ours.name(), hold: hold.clone() })
        }
        Some(_) | None => Ok(ours.change(ours.set.addresses.clone(), Cause::Held(wanted.clone()))),
    }
}

/// What lets go of a set.
pub(super) fn let_go(ours: &OurSet<'_>, which: &LetGo) -> Result<Change, Why> {
    let is_meant = match which {
        LetGo::All => true,
        LetGo::Of(run) => ours.mark.run == *run,
    };
    if ours.mark.hold.is_none() || !is_meant {
        return Err(Why::NotHeld { name: ours.name() });
    }
    Ok(ours.change(ours.set.addresses.clone(), Cause::Unheld))
}
