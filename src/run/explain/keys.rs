//! Whether a name that stands in a tag of another key does so for a slip in that tag, or for one in the setting: only the
//! whole fleet tells.

use crate::azure::Azure;
use crate::azure::resource_graph::TagKeys;
use crate::run::fleet::Fleet;
use crate::run::installation::Installation;
use crate::run::planned::Planned;
use pure::plan::Reason;

/// The keys of the fleet, where the name of a plan stands in a tag of another key; none counted where it does not, or where
/// the fleet cannot be read.
pub(super) async fn keys(installation: &Installation, azure: &Azure, planned: &Planned<'_>) -> TagKeys {
    let settings = &installation.settings;
    let is_gone = planned.plan.skips.iter().any(|skip| skip.reason == Reason::TagGone);
    let is_elsewhere = is_gone && planned.case.known.has_other_tags();
    let known = planned.fleet.as_ref();
    if !is_elsewhere && !known.is_some_and(|fleet| fleet.keys.is_doubtful()) {
        return TagKeys::default();
    }
    match known.filter(|fleet| fleet.listed.is_some()) {
        Some(whole) => whole.keys.clone(),
        None => Fleet::read(azure, &settings.collect, &settings.policy)
            .await
            .map(|fleet| fleet.keys)
            .unwrap_or_default(),
    }
}
