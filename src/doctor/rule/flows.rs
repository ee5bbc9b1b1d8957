//! Whether each stream flows to its table in our workspace, as it was sent (`infra/modules/ingestion.bicep`).

use serde_json::{Value, json};

use crate::azure::logs_ingest::{DNS_CHANGE, DNS_DATA, TAG_DATA};
use crate::doctor::az;
use crate::doctor::found::Resource;
use crate::doctor::line::Line;
use crate::queries::TABLES;

const TOPIC: &str = "rule";
/// The transform that changes nothing.
const AS_SENT: &str = "source";
/// What the template calls our workspace among the destinations.
const DESTINATION: &str = "workspace";

/// The line about streams that are lost, if any is; `workspace` is the id of the one with our tables, where it is seen.
pub(super) fn judged(rule: &Resource, workspace: Option<&str>) -> Option<Line> {
    let streams = TABLES.into_iter().zip([TAG_DATA, DNS_DATA, DNS_CHANGE]);
    let wrong: Vec<String> = streams
        .filter_map(|((table, _), stream)| fault(rule, stream, &format!("Custom-{table}"), workspace))
        .collect();
    if wrong.is_empty() {
        return None;
    }
    let line = Line::fail(TOPIC, "").saying(format!("{}: what is sent there is lost", wrong.join(", ")));
    Some(match workspace {
        Some(workspace) => line.mended_by(mended(rule, workspace)),
        None => line.mended_by(az::deploy(Some(&rule.id))),
    })
}

/// What is wrong with all flows of a stream; one that is right is enough.
fn fault(rule: &Resource, stream: &str, output: &str, workspace: Option<&str>) -> Option<String> {
    let flows = rule.properties.get("dataFlows").and_then(Value::as_array).into_iter().flatten();
    let of_stream = flows.filter(|flow| texts(flow, "streams").any(|name| name.eq_ignore_ascii_case(stream)));
    let mut first = None;
    for flow in of_stream {
        let wrong = of_flow(rule, flow, stream, output, workspace)?;
        first = first.or(Some(wrong));
    }
    Some(first.unwrap_or_else(|| format!("{stream} flows nowhere")))
}

/// What is wrong with one flow.
fn of_flow(
    rule: &Resource,
    flow: &Value,
    stream: &str,
    output: &str,
    workspace: Option<&str>,
) -> Option<String> {
    let transform = flow.get("transformKql").and_then(Value::as_str).unwrap_or(AS_SENT).trim();
    if transform != AS_SENT {
        return Some(format!("{stream} is changed on its way: {transform}"));
    }
    let to = flow.get("outputStream").and_then(Value::as_str).unwrap_or(stream);
    if !to.eq_ignore_ascii_case(output) {
        return Some(format!("{stream} flows to {to}, not to {output}"));
    }
    let known = rule.properties.pointer("/destinations/logAnalytics").and_then(Value::as_array);
    let places: Vec<&str> = known
        .into_iter()
        .flatten()
        .filter(|place| {
            let name = place.get("name").and_then(Value::as_str);
            texts(flow, "destinations").any(|wanted| Some(wanted) == name)
        })
        .filter_map(|place| place.get("workspaceResourceId")?.as_str())
        .collect();
    let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    match (places.first(), workspace) {
        (None, _) => Some(format!("{stream} flows to another workspace, or to none")),
        (Some(place), Some(own)) if !places.iter().any(|place| place.eq_ignore_ascii_case(own)) => {
            Some(format!("{stream} flows to {}, not to {}", last(place), last(own)))
        }
        _ => None,
    }
}

/// The flows that lead all streams to their tables; those of other streams stay.
fn mended(rule: &Resource, workspace: &str) -> String {
    let ours = [TAG_DATA, DNS_DATA, DNS_CHANGE];
    let list =
        |path: &str| rule.properties.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut destinations = list("/destinations/logAnalytics");
    let is_own = |place: &Value| {
        place
            .get("workspaceResourceId")
            .and_then(Value::as_str)
            .is_some_and(|id| id.eq_ignore_ascii_case(workspace))
    };
    let name = match destinations.iter().find(|place| is_own(place)) {
        Some(place) => place.get("name").and_then(Value::as_str).unwrap_or(DESTINATION).to_owned(),
        None => {
            destinations.retain(|place| place.get("name").and_then(Value::as_str) != Some(DESTINATION));
            destinations.push(json!({ "name": DESTINATION, "workspaceResourceId": workspace }));
            DESTINATION.to_owned()
        }
    };
    let mut flows = list("/dataFlows");
    flows.retain(|flow| {
        !texts(flow, "streams").any(|name| ours.iter().any(|own| own.eq_ignore_ascii_case(name)))
    });
    flows.extend(TABLES.into_iter().zip(ours).map(|((table, _), stream)| {
        json!({
            "streams": [stream], "destinations": [name], "transformKql": AS_SENT, "outputStream": format!("Custom-{table}"),
        })
    }));
    az::flows(&rule.id, &Value::Array(destinations).to_string(), &Value::Array(flows).to_string())
}

/// The texts of a list.
fn texts<'a>(of: &'a Value, member: &str) -> impl Iterator<Item = &'a str> {
    of.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
