//! Whom an alert rule calls, as far as its groups are seen.

use pure::domain::ResourceId;
use serde_json::Value;

use crate::doctor::found::{Found, Resource};
use crate::doctor::receivers::{Receiver, receivers};

/// The ids of the groups that a rule calls.
fn groups(rule: &Resource) -> impl Iterator<Item = &str> {
    let ids = rule.properties.pointer("/actions/actionGroups").and_then(Value::as_array);
    ids.into_iter().flatten().filter_map(Value::as_str)
}

/// The receivers of the groups that are seen.
fn called<'a>(found: &'a Found, rule: &'a Resource) -> impl Iterator<Item = Receiver<'a>> {
    groups(rule).flat_map(|id| {
        let group = found.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id));
        group.map(|group| receivers(&group.properties)).unwrap_or_default()
    })
}

/// Whether a rule calls the function.
pub(super) fn calls_us(found: &Found, rule: &Resource) -> bool {
    called(found, rule).any(|receiver| receiver.is_ours())
}

/// The hosts at which a rule calls the function.
pub(super) fn hosts(rule: &Resource, found: &Found) -> Vec<String> {
    called(found, rule).filter(Receiver::is_ours).filter_map(|receiver| receiver.host()).collect()
}

/// The function app that a rule calls; of a rule that calls nobody, the one that any group calls beside our workspace.
pub(super) fn function_app(rule: &Resource, found: &Found) -> Option<ResourceId> {
    let own = called(found, rule).filter(Receiver::is_ours).find_map(|receiver| receiver.app());
    if own.is_some() || groups(rule).next().is_some() {
        return own;
    }
    let beside = ResourceId::parse(found.workspace()?).ok()?;
    let near = |app: &ResourceId| app.resource_group().eq_ignore_ascii_case(beside.resource_group());
    let all = found.groups.iter().flat_map(|group| receivers(&group.properties));
    all.filter(Receiver::is_ours).filter_map(|receiver| receiver.app()).find(near)
}
