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
use pure::shown::shown;

const TOPIC: &str = "rule";

pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let found = match visit.found().await {
        Ok(found) => found,
        Err(error) if error.is_forbidden() => return vec![unseen(visit, 0)],
        Err(error) => return vec![unasked(TOPIC, "", error)],
    };
    let Some(rule) = &found.rule else { return vec![unseen(visit, found.other_rules)] };
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

/// It is not among those that are seen. The rights that the program needs show none, so that says nothing where there is no
/// other; an id that no rule can have is wrong all the same.
fn unseen(visit: &Visit<'_>, others: usize) -> Line {
    let id = &visit.settings.connect.dcr_rule_id;
    if !is_immutable_id(id) {
        let words = format!(
            "LOGS_DCR_RULE_ID is {}, which no data collection rule can be: its immutable id is dcr- and 32 hexadecimal digits",
            shown(id)
        );
        return Line::fail(TOPIC, "").saying(words).mended_by(az::rules());
    }
    let (line, besides) = match others {
        0 => (Line::skip(TOPIC, ""), "it may not be read, or there is none".to_owned()),
        1 => (Line::warn(TOPIC, ""), "one with another id is seen".to_owned()),
        count => (Line::warn(TOPIC, ""), format!("{count} with other ids are seen")),
    };
    let words = format!(
        "not judged: no data collection rule with the id {} is there for this identity: {besides}",
        shown(id)
    );
    line.saying(words).mended_by(az::rules())
}

/// Whether a rule can have this id (contract azure-monitor, section 2).
fn is_immutable_id(id: &str) -> bool {
    let digits = id.get(..4).filter(|begin| begin.eq_ignore_ascii_case("dcr-")).and_then(|_| id.get(4..));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::is_immutable_id;

    #[test]
    fn an_immutable_id_has_32_digits() {
        assert!(is_immutable_id("dcr-0123456789abcdef0123456789ABCDEF"));
        for wrong in
            ["dcr-1", "dcr-0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef", "dcr-", ""]
        {
            assert!(!is_immutable_id(wrong), "{wrong}");
        }
    }
}
