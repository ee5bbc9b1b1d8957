//! What the tags of machines hold at this moment: whoever writes one must not take away the names beside the one that is meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::azure::Azure;
use crate::run::fulfil::{Asker, fulfil};
use crate::run::installation::Installation;
use crate::run::planned::Planned;
use pure::domain::ResourceId;
use pure::plan::{Answer, Case, Live, Needs};

/// The texts in the tag of each machine where they are known, as written; none of a machine without the tag.
pub type LiveTags = BTreeMap<ResourceId, Vec<String>>;

/// What the tags of these machines hold, for whoever has planned.
pub async fn live_tags<'i>(planned: &Planned<'_>, ids: impl Iterator<Item = &'i str>) -> LiveTags {
    let machines = ids.filter_map(|id| ResourceId::parse(id).ok()).collect();
    of(planned.azure(), planned.installation(), machines, &planned.case).await
}

/// Those of these machines; whose were not asked yet, are.
pub(super) async fn of(
    azure: &Azure,
    installation: &Installation,
    machines: BTreeSet<ResourceId>,
    case: &Case,
) -> LiveTags {
    let mut known = case.known.clone();
    let unasked = machines.iter().filter(|machine| known.tag(machine).is_none()).cloned().collect();
    let needs = Needs { machines: unasked, ..Needs::default() };
    if !needs.machines.is_empty() {
        let (history, naming, settings) = (&case.history, &BTreeSet::new(), &installation.settings);
        let (policy, tag) = (&settings.policy, settings.collect.tag.as_str());
        let asker = Asker { azure, history, tag, policy, subscriptions: &[], naming };
        known = Box::pin(fulfil(asker, &needs)).await.known;
        known.extend(case.known.clone());
    }
    let texts = |machine: ResourceId| match known.tag(&machine) {
        Some(Answer::Known(Live::Tagged(texts))) => Some((machine.clone(), texts.clone())),
        _ => None,
    };
    machines.into_iter().filter_map(texts).collect()
}
