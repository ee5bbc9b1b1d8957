//! Whether whoever an alert rule calls is called at all.

use serde_json::Value;

use super::az;
use super::found::Resource;
use super::line::Line;
use super::visit::{Visit, unasked};
use pure::domain::ResourceId;

const TOPIC: &str = "action group";
const VERSION: &str = "2023-01-01";
/// Members of a group in which something stands that can call a function.
const CALLERS: [&str; 2] = ["azureFunctionReceivers", "webhookReceivers"];

pub(super) async fn lines(visit: &Visit<'_>, rule: &Resource) -> Vec<Line> {
    let ids = rule.properties.pointer("/actions/actionGroups").and_then(Value::as_array);
    let ids: Vec<ResourceId> =
        ids.into_iter().flatten().filter_map(|id| ResourceId::parse(id.as_str()?).ok()).collect();
    if ids.is_empty() {
        let line = Line::fail(TOPIC, "").saying("the alert rule calls nobody");
        return vec![match ResourceId::parse(&rule.id) {
            Ok(id) => line.mended_by(az::deploy_alert(&id)),
            Err(_) => line,
        }];
    }
    let mut lines = Vec::new();
    for id in &ids {
        lines.push(match visit.azure.resource_graph.resource(id, "", VERSION).await {
            Ok(group) => judged(id, &group, rule),
            Err(error) if error.is_forbidden() => {
                Line::skip(TOPIC, "").saying(format!("not asked: this identity may not read {}", id.name()))
            }
            Err(error) if error.status == Some(404) => {
                let line = Line::fail(TOPIC, "")
                    .saying(format!("the alert rule calls {}, which is not there", id.name()));
                match ResourceId::parse(&rule.id) {
                    Ok(rule) => line.mended_by(az::deploy_alert(&rule)),
                    Err(_) => line,
                }
            }
            Err(error) => unasked(TOPIC, id.name(), &error),
        });
    }
    lines
}

fn judged(id: &ResourceId, group: &Value, rule: &Resource) -> Line {
    let name = id.name();
    if group.pointer("/properties/enabled") != Some(&Value::Bool(true)) {
        return Line::fail(TOPIC, "")
            .saying(format!("{name} is disabled: the alert fires and calls nobody"))
            .mended_by(az::enable_group(id));
    }
    let list = |member: &str| group.pointer(&format!("/properties/{member}"))?.as_array().map(Vec::len);
    if CALLERS.iter().filter_map(|member| list(member)).sum::<usize>() == 0 {
        let line = Line::fail(TOPIC, "").saying(format!("{name} calls neither a function nor a webhook"));
        return match ResourceId::parse(&rule.id) {
            Ok(rule) => line.mended_by(az::deploy_alert(&rule)),
            Err(_) => line,
        };
    }
    Line::ok(TOPIC, "").saying(format!("{name} is enabled"))
}
