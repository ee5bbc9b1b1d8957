//! Names that lie in no zone because the settings misspell theirs.

use super::view::View;
use pure::plan::{Reason, Skip};

/// What is said of names whose zone the settings were probably meant to name, and of one.
pub(super) const MEANT: &str = "their zone is probably the one that DNS_ZONES is to name";
pub(super) const ITS: &str = "its zone is probably the one that DNS_ZONES is to name";

/// Whether a name lies in no zone because of a slip in the settings that is told.
pub(super) fn is_meant(skip: &Skip, view: &View<'_>) -> bool {
    skip.reason == Reason::NoZone && view.scene.is_in_a_zone_that_was_meant(&skip.name)
}
