//! Whether the data collection rule declares every column that is sent, and leads each stream to its table: what it does
//! not declare, and what it leads elsewhere, is lost, and nobody is told.

mod flows;

use serde_json::Value;

use super::az;
use super::line::Line;
use super::tables::columns;
use super::visit::{Visit, unasked};
use crate::azure::logs_ingest::{DNS_CHANGE, DNS_DATA, TAG_DATA};
use crate::queries::TABLES;

const TOPIC: &str = "rule";

pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let found = match visit.found().await {
        Ok(found) => found,
        Err(error) if error.is_forbidden() => return vec![unseen()],
        Err(error) => return vec![unasked(TOPIC, "", error)],
    };
    let Some(rule) = &found.rule else { return vec![unseen()] };
    let declared = rule.properties.get("streamDeclarations");
    let mut missing = Vec::new();
    for ((_, wanted), stream) in TABLES.into_iter().zip([TAG_DATA, DNS_DATA, DNS_CHANGE]) {
        let known = declared.and_then(|declared| declared.get(stream)?.get("columns")?.as_array());
        let Some(known) = known else {
            missing.push(stream.to_owned());
            continue;
        };
        let has =
            |name: &str| known.iter().any(|column| column.get("name").and_then(Value::as_str) == Some(name));
        let lacks = columns(wanted).into_iter().filter(|column| !has(&column.name));
        missing.extend(lacks.map(|column| format!("{stream}.{}", column.name)));
    }
    let mut wrong = Vec::new();
    if !missing.is_empty() {
        wrong.push(
            Line::fail(TOPIC, "")
                .saying(format!(
                    "the data collection rule does not declare {}, and drops it; deploy this release's (the script keeps what it is not told)",
                    missing.join(", ")
                ))
                .mended_by(az::deploy(Some(&rule.id))),
        );
    }
    let customer = visit.settings.connect.workspaces.first().map(String::as_str).unwrap_or_default();
    // A workspace that nobody has says nothing of the rule; its own line says what is wrong.
    let is_nowhere =
        found.workspace().is_none() && visit.heard().await.is_err_and(|error| error.status == Some(404));
    if is_nowhere {
        let said =
            "where the data collection rule leads is not judged: LOGS_WORKSPACE_IDS names no workspace";
        wrong.push(Line::skip(TOPIC, "").saying(said));
    } else {
        wrong.extend(flows::judged(rule, flows::Home { id: found.workspace(), customer }));
    }
    if wrong.is_empty() {
        let said = "the data collection rule declares all that is sent, and leads it to its tables";
        wrong.push(Line::ok(TOPIC, "").saying(said));
    }
    wrong
}

/// The rights that the program needs do not show it.
fn unseen() -> Line {
    Line::skip(TOPIC, "").saying("not asked: this identity may not read the data collection rule")
}
