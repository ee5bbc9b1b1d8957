//! Names that lie in no zone because the settings misspell theirs.

use std::collections::BTreeSet;

use super::view::View;
use pure::plan::{Reason, Skip};

/// What is said of names whose zone the settings were probably meant to name, or of one.
pub(super) fn meant(whose: &str, view: &View<'_>) -> String {
    let settings: BTreeSet<_> = view.scene.misnamed.keys().map(|zone| zone.kind().setting()).collect();
    let settings: Vec<_> = settings.into_iter().collect();
    format!("{whose} zone is probably the one that {} is to name", settings.join(" or "))
}

/// Whether a name lies in no zone because of a slip in the settings that is told.
pub(super) fn is_meant(skip: &Skip, view: &View<'_>) -> bool {
    skip.reason == Reason::NoZone && view.scene.is_in_a_zone_that_was_meant(&skip.name)
}
