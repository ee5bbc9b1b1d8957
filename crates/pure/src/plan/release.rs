//! Sets that are ours no longer, by a person's word.

use std::collections::BTreeSet;

use super::cause::{Cause, Released};
use super::change::Change;
use super::ground::Ground;
use super::order::{Leaves, Release};
use super::our_set::OurSet;
use super::why::Why;

/// What releases a set: its addresses stay, or it goes. One that goes is nobody's: no tag claims it, and nobody holds it.
pub(super) fn release(ours: &OurSet<'_>, release: &Release, ground: &Ground<'_>) -> Result<Change, Why> {
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
    Ok(ours.change(BTreeSet::new(), released(claimed_by)))
}
