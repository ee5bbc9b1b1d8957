//! Sets that are ours no longer, by a person's word.

use super::cause::{Cause, Released};
use super::change::Change;
use super::order::Release;
use super::our_set::OurSet;

/// What releases a set: its addresses stay.
pub(super) fn release(ours: &OurSet<'_>, release: &Release) -> Change {
    let claimed_by = release.claims.get(&ours.id.name).cloned().unwrap_or_default();
    let released = Released { leaves: release.leaves, claimed_by };
    ours.change(ours.set.addresses.clone(), Cause::Released(released))
}
