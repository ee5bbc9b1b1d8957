//! Whether the tag is there from which names come: a setting that names another one looks like a fleet that claims nothing.

use std::collections::BTreeMap;

use futures::StreamExt;

use crate::azure::resource_graph::{Likeness, Machine, TagKeys};
use crate::doctor::line::Line;
use crate::doctor::visit::Visit;
use pure::shown::shown;

/// The line below a topic; none where the tag is there, and where a template names machines without it. The machines that
/// are listed claim names by the newest sweep, or are heard; only where most of them do not carry the tag, the whole fleet is
/// read.
pub(super) async fn line(
    visit: &Visit<'_>,
    topic: &str,
    claims: bool,
    listed: &BTreeMap<String, Machine>,
) -> Option<Line> {
    if visit.settings.policy.template.is_some() {
        return None;
    }
    let tagged = listed.values().filter(|machine| !machine.tag_values.is_empty()).count();
    if 2 * tagged >= listed.len() && tagged > 0 {
        return None;
    }
    let collect = &visit.settings.collect;
    let tag = shown(&collect.tag);
    let pages = visit.azure.resource_graph.machines(&collect.subscriptions, &collect.tag);
    let mut pages = std::pin::pin!(pages);
    let mut keys = TagKeys::default();
    while let Some(page) = pages.next().await {
        // What cannot be read is told of the machines.
        keys.count(&page.ok()?);
    }
    let Some(meant) = keys.meant() else {
        // Whoever has tagged nothing yet has nothing to mend.
        let is_lost = claims && keys.is_nowhere();
        let all = listed.len();
        let said = format!("the tag {tag} (HOSTNAME_TAG) is on no machine, and {all} claimed names by one");
        return is_lost.then(|| Line::warn(topic, "").saying(said));
    };
    let (key, machines, tagged) = (shown(&meant.key), meant.machines, meant.tagged);
    let said = format!("HOSTNAME_TAG names the tag {tag}, on {tagged} machines; {machines} carry {key}");
    Some(match meant.likeness {
        Likeness::Key => Line::fail(topic, "").saying(format!("{said}: correct it, HOSTNAME_TAG={key}")),
        Likeness::Value => Line::warn(topic, "").saying(format!(
            "{said} with names in managed zones: if that is meant, correct it, HOSTNAME_TAG={key}"
        )),
    })
}
