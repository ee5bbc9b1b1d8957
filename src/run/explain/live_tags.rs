//! What the tags of machines hold at this moment: whoever writes one must not take away the names beside the one that is meant.

use std::collections::BTreeMap;

use super::{learn, machines};
use crate::azure::Azure;
use crate::run::installation::Installation;
use pure::domain::ResourceId;
use pure::plan::{Answer, Case, Explanation, Live, Needs};

/// The texts in the tag of each machine where they are known, as written; none of a machine without the tag.
pub type LiveTags = BTreeMap<ResourceId, Vec<String>>;

/// Those of every machine that has to do with these sets; whose were not asked yet, are.
pub(super) async fn of(
    azure: &Azure,
    installation: &Installation,
    record_sets: &[Explanation],
    case: &mut Case,
) -> LiveTags {
    let machines = machines(record_sets);
    let unasked = machines.iter().filter(|machine| case.known.tag(machine).is_none()).cloned().collect();
    let needs = Needs { machines: unasked, ..Needs::default() };
    if !needs.machines.is_empty() {
        Box::pin(learn(azure, installation, &needs, case)).await;
    }
    let known = |machine: ResourceId| match case.known.tag(&machine) {
        Some(Answer::Known(Live::Tagged(texts))) => Some((machine.clone(), texts.clone())),
        _ => None,
    };
    machines.into_iter().filter_map(known).collect()
}
