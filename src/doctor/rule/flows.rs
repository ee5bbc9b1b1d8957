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

/// The workspace with our tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Home<'a> {
    /// Its id, where it is seen.
    pub(super) id: Option<&'a str>,
    /// Its customer id, as the settings have it.
    pub(super) customer: &'a str,
}

/// Where a flow, or the flows of a stream, lead.
#[derive(Debug)]
enum Leads {
    /// To its table in our workspace.
    Home,
    /// To a workspace of which nobody says whether it is ours: its name.
    Unknown(String),
    /// Elsewhere.
    Elsewhere(Astray),
}

/// What becomes of a stream that is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Astray {
    /// It flows where these words say.
    Flows(String),
    /// This transform changes it.
    Changed(String),
}

impl Astray {
    /// The same of all these streams, in one clause.
    fn told(&self, streams: &[&str]) -> String {
        let (are, their, flow) =
            if streams.len() == 1 { ("is", "its", "flows") } else { ("are", "their", "flow") };
        let streams = match streams {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            one => one.join(""),
        };
        match self {
            Self::Flows(place) => format!("{streams} {flow} {place}"),
            Self::Changed(transform) => format!("{streams} {are} changed on {their} way: {transform}"),
        }
    }
}

/// The line about streams that are lost, or that may be, if any is.
pub(super) fn judged(rule: &Resource, home: Home<'_>) -> Option<Line> {
    let streams = TABLES.into_iter().zip([TAG_DATA, DNS_DATA, DNS_CHANGE]);
    let (mut lost, mut unknown): (Vec<(Astray, Vec<&str>)>, Vec<String>) = (Vec::new(), Vec::new());
    for ((table, _), stream) in streams {
        match of_stream(rule, stream, &format!("Custom-{table}"), home) {
            Leads::Home => {}
            Leads::Unknown(place) => unknown.push(place),
            // One cause is said once, of all streams that it loses.
            Leads::Elsewhere(astray) => match lost.iter_mut().find(|(known, _)| *known == astray) {
                Some((_, streams)) => streams.push(stream),
                None => lost.push((astray, vec![stream])),
            },
        }
    }
    if let (true, Some(place)) = (lost.is_empty(), unknown.first()) {
        let said = format!(
            "the data collection rule leads to {place}; whether that is the workspace of LOGS_WORKSPACE_IDS is not seen: \
             this identity may not read the workspace, and the rule does not say its id"
        );
        return Some(Line::skip(TOPIC, "").saying(said).mended_by(az::WORKSPACES));
    }
    if lost.is_empty() {
        return None;
    }
    let line = Line::fail(TOPIC, "").saying(format!("{}: what is sent there is lost", lost_streams(&lost)));
    Some(match home.id {
        Some(workspace) => line.mended_by(mended(rule, workspace)),
        // Which of both is right, the list shows.
        None => line.mended_by(az::WORKSPACES).mended_by(az::deploy(Some(&rule.id))),
    })
}

/// What becomes of all streams that are lost.
fn lost_streams(lost: &[(Astray, Vec<&str>)]) -> String {
    lost.iter().map(|(astray, streams)| astray.told(streams)).collect::<Vec<_>>().join(", ")
}

/// Where all flows of a stream lead; one that is right is enough.
fn of_stream(rule: &Resource, stream: &str, output: &str, home: Home<'_>) -> Leads {
    let flows = rule.properties.get("dataFlows").and_then(Value::as_array).into_iter().flatten();
    let of_stream = flows.filter(|flow| texts(flow, "streams").any(|name| name.eq_ignore_ascii_case(stream)));
    let (mut unknown, mut elsewhere) = (None, None);
    for flow in of_stream {
        match of_flow(rule, flow, stream, output, home) {
            Leads::Home => return Leads::Home,
            Leads::Unknown(place) => unknown = unknown.or(Some(place)),
            Leads::Elsewhere(astray) => elsewhere = elsewhere.or(Some(astray)),
        }
    }
    match unknown {
        Some(place) => Leads::Unknown(place),
        None => Leads::Elsewhere(elsewhere.unwrap_or_else(|| Astray::Flows("nowhere".to_owned()))),
    }
}

/// Where one flow leads.
fn of_flow(rule: &Resource, flow: &Value, stream: &str, output: &str, home: Home<'_>) -> Leads {
    let transform = flow.get("transformKql").and_then(Value::as_str).unwrap_or(AS_SENT).trim();
    if transform != AS_SENT {
        return Leads::Elsewhere(Astray::Changed(transform.to_owned()));
    }
    let to = flow.get("outputStream").and_then(Value::as_str).unwrap_or(stream);
    if !to.eq_ignore_ascii_case(output) {
        return Leads::Elsewhere(Astray::Flows(format!("to {to}, not to {output}")));
    }
    let known = rule.properties.pointer("/destinations/logAnalytics").and_then(Value::as_array);
    let places: Vec<&Value> = known
        .into_iter()
        .flatten()
        .filter(|place| {
            let name = place.get("name").and_then(Value::as_str);
            texts(flow, "destinations").any(|wanted| Some(wanted) == name)
        })
        .collect();
    let text = |place: &&Value, member: &str| place.get(member).and_then(Value::as_str).map(str::to_owned);
    let Some(first) = places.first() else {
        return Leads::Elsewhere(Astray::Flows("to another workspace, or to none".to_owned()));
    };
    let is = |place: &&Value, member: &str, wanted: &str| {
        text(place, member).is_some_and(|seen| seen.eq_ignore_ascii_case(wanted))
    };
    let is_home = |place: &&Value| {
        is(place, "workspaceId", home.customer)
            || home.id.is_some_and(|own| is(place, "workspaceResourceId", own))
    };
    if places.iter().any(is_home) {
        return Leads::Home;
    }
    let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    let name = last(&text(first, "workspaceResourceId").unwrap_or_default());
    match home.id {
        Some(own) => Leads::Elsewhere(Astray::Flows(format!("to {name}, not to {}", last(own)))),
        // Azure adds the customer id itself; without it nothing tells one workspace from another.
        None if places.iter().any(|place| text(place, "workspaceId").is_none()) => Leads::Unknown(name),
        None => Leads::Elsewhere(Astray::Flows(format!(
            "to {name}, which LOGS_WORKSPACE_IDS does not name first"
        ))),
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
