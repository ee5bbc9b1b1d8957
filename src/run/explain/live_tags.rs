//! What the tags of machines hold at this moment: whoever writes one must not take away the names beside the one that is meant.

use std::collections::BTreeSet;

use crate::azure::Azure;
use crate::run::fleet::LiveTags;
use crate::run::fulfil::{Asker, fulfil};
use crate::run::installation::Installation;
use pure::domain::ResourceId;
use pure::plan::{Answer, Case, Live, Needs};

/// Those of these machines; whose were not asked yet, are.
pub(super) async fn of(
    azure: &Azure,
    installation: &Installation,
    machines: BTreeSet<ResourceId>,
    case: &mut Case,
) -> LiveTags {
    let unasked = machines.iter().filter(|machine| case.known.tag(machine).is_none()).cloned().collect();
    let needs = Needs { machines: unasked, ..Needs::default() };
    if !needs.machines.is_empty() {
        let (history, naming, settings) = (&case.history, &BTreeSet::new(), &installation.settings);
        let (policy, tag) = (&settings.policy, settings.collect.tag.as_str());
        let asker = Asker { azure, history, tag, policy, subscriptions: &[], naming };
        let learned = Box::pin(fulfil(asker, &needs)).await;
        case.known.extend(learned.known);
    }
    let known = |machine: ResourceId| match case.known.tag(&machine) {
        Some(Answer::Known(Live::Tagged(texts))) => Some((machine.clone(), texts.clone())),
        _ => None,
    };
    machines.into_iter().filter_map(known).collect()
}
