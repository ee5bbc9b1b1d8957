//! Whether whoever an alert rule calls is called at all.

use serde_json::Value;

use super::az;
use super::found::Resource;
use super::line::Line;
use super::receivers::{Receiver, receivers};
use super::visit::{Visit, unasked};
use pure::domain::ResourceId;

const TOPIC: &str = "action group";
const VERSION: &str = "2023-01-01";

/// The lines about the groups of a rule; `again` makes the rule and its group as they must be.
pub(super) async fn lines(visit: &Visit<'_>, rule: &Resource, again: &[String]) -> Vec<Line> {
    let ids = rule.properties.pointer("/actions/actionGroups").and_then(Value::as_array);
    let ids: Vec<ResourceId> =
        ids.into_iter().flatten().filter_map(|id| ResourceId::parse(id.as_str()?).ok()).collect();
    if ids.is_empty() {
        return vec![Line::fail(TOPIC, "").saying("the alert rule calls nobody").mended_by_all(again)];
    }
    let mut lines = Vec::new();
    for id in &ids {
        lines.push(match visit.azure.resource_graph.resource(id, "", VERSION).await {
            Ok(group) => judged(id, &group, again, visit.settings.webhook.is_some()),
            Err(error) if error.is_forbidden() => {
                Line::skip(TOPIC, "").saying(format!("not asked: this identity may not read {}", id.name()))
            }
            Err(error) if error.status == Some(404) => Line::fail(TOPIC, "")
                .saying(format!("the alert rule calls {}, which is not there", id.name()))
                .mended_by_all(again),
            Err(error) => unasked(TOPIC, id.name(), &error),
        });
    }
    lines
}

fn judged(id: &ResourceId, group: &Value, again: &[String], wants_token: bool) -> Line {
    let name = id.name();
    let properties = group.get("properties").unwrap_or(&Value::Null);
    if properties.get("enabled") != Some(&Value::Bool(true)) {
        return Line::fail(TOPIC, "")
            .saying(format!("{name} is disabled: the alert fires and calls nobody"))
            .mended_by(az::enable_group(id));
    }
    let callers = receivers(properties);
    let ours: Vec<&Receiver<'_>> = callers.iter().filter(|receiver| receiver.is_ours()).collect();
    if callers.is_empty() {
        return Line::fail(TOPIC, "")
            .saying(format!("{name} calls neither a function nor a webhook"))
            .mended_by_all(again);
    }
    if ours.is_empty() {
        return Line::ok(TOPIC, "").saying(format!(
            "{name} is enabled; it calls {}, and whether that calls the function is not known",
            callers.iter().map(Receiver::name).collect::<Vec<_>>().join(", ")
        ));
    }
    // One of several is enough.
    if let Some(bare) = ours.iter().find(|_| ours.iter().all(|receiver| receiver.lacks_key())) {
        let line = Line::fail(TOPIC, "").saying(format!(
            "{name} calls the function without a key: its address ends without ?code=, and the function refuses it with 401"
        ));
        return match (bare.app(), bare.bare_address()) {
            (Some(app), Some(address)) => {
                line.mended_by(az::call_again(Some(id), bare.name(), Some(&app), &address))
            }
            _ => line.mended_by_all(again),
        };
    }
    let bare = ours.iter().find(|receiver| !receiver.sends_token());
    if let Some(bare) = bare.filter(|_| wants_token) {
        return Line::fail(TOPIC, "")
            .saying(format!(
                "{name} calls the function without a token (useAadAuth of {}), and WEBHOOK_TENANT_ID asks for one: the function refuses it with 401",
                bare.name()
            ))
            .mended_by_all(again);
    }
    let token = if wants_token { " and a token" } else { "" };
    Line::ok(TOPIC, "").saying(format!("{name} is enabled, and calls the function with a key{token}"))
}
