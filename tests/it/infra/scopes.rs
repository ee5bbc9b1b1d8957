//! An alert rule takes one scope: what it reads of other workspaces it names in its query, where the query reads heartbeats.

use kql::{Column, Database, Type};
use serde_json::{Value, json};

use super::{append, ask, bicep, database, read};
use crate::queries::rows::{record, tag, tag_marker, zone_marker};

/// The rules, with their queries and the lines of these in whose place another one comes.
const RULES: [(&str, &str, &[&str]); 2] = [
    (
        "infra/modules/drift-alert.bicep",
        "infra/kql/mismatch.kql",
        &["let Hour = Heartbeat", "let Listing = Heartbeat"],
    ),
    (
        "infra/modules/health-alert.bicep",
        "infra/kql/health.kql",
        &["let Silent = Heartbeat", "let Alternating = Heartbeat"],
    ),
];

#[test]
fn a_rule_has_one_scope() {
    for (rule, ..) in RULES {
        let text = read(rule);
        let properties = bicep::members(text.split("\nresource rule ").nth(1).unwrap(), "  properties: {");
        let scopes = properties.iter().find(|(name, _)| *name == "scopes").unwrap().1;
        assert_eq!(scopes, "[workspaceIds[0]]", "{rule}");
    }
}

#[test]
fn each_line_that_is_replaced_stands_exactly_once_in_its_file() {
    for (rule, query, lines) in RULES {
        let (rule_text, query_text) = (read(rule), read(query));
        let replaced: Vec<&str> = rule_text
            .split("replace(")
            .skip(1)
            .filter_map(|rest| rest.split('\'').nth(1).filter(|line| line.ends_with("Heartbeat")))
            .collect();
        assert_eq!(replaced, lines, "{rule}");
        for line in lines {
            assert_eq!(query_text.matches(line).count(), 1, "{query}: {line}");
            assert_eq!(query_text.lines().filter(|found| found == line).count(), 1, "{query}: {line}");
            let with = line.replace("Heartbeat", "${heartbeats}");
            assert!(rule_text.contains(&format!("'{line}', '{with}')")), "{rule}: {line}");
        }
        // Every pipe that reads heartbeats is one of them; the last one of the health query only makes one row of all.
        let reads = query_text.lines().filter(|line| line.ends_with("Heartbeat")).collect::<Vec<_>>();
        let own: Vec<&str> = reads.into_iter().filter(|line| *line != "Heartbeat").collect();
        assert_eq!(own, lines, "{query}");
    }
}

/// The query as a rule over these workspaces asks it, with a table for what lies in each further one.
fn over(rule: &str, query: &str, lines: &[&str], others: &[&str]) -> String {
    let text = read(rule);
    assert!(text.contains("[for id in skip(workspaceIds, 1): 'workspace(\"${id}\").Heartbeat']"), "{rule}");
    assert!(text.contains("join(concat(['union Heartbeat'], otherHeartbeats), ', ')"), "{rule}");
    assert!(
        text.contains("= length(workspaceIds) == 1 ? ownRows : replace("),
        "{rule}: one workspace is asked as ever"
    );
    let heartbeats = ["union Heartbeat"].iter().chain(others).copied().collect::<Vec<_>>().join(", ");
    lines.iter().fold(read(query), |query, line| query.replace(line, &line.replace("Heartbeat", &heartbeats)))
}

const NAS: &str = "/subscriptions/s/resourcegroups/g/providers/microsoft.hybridcompute/machines/nas";
const ZONE: &str = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";

fn at(time: &str) -> jiff::Timestamp {
    format!("2026-11-20T{time}Z").parse().unwrap()
}

/// A house whose machine reports to the other workspace only.
fn house() -> Database {
    let mut world = database();
    let columns: Vec<(&str, Type)> = vec![
        ("TimeGenerated", Type::DateTime),
        ("ComputerIP", Type::String),
        ("SCAgentChannel", Type::String),
        ("RemoteIPCountry", Type::String),
        ("_ResourceId", Type::String),
    ];
    world.add_table("Other", columns.into_iter().map(|(name, kind)| Column::new(name, kind)).collect());
    let beat = |time: &str| json!({ "TimeGenerated": at(time), "ComputerIP": "203.0.113.7", "SCAgentChannel": "Direct", "_ResourceId": NAS });
    append(&mut world, "Other", &json!([beat("11:57:00"), beat("11:58:00"), beat("11:59:00")]));
    append(
        &mut world,
        "TagData_CL",
        &json!([tag_marker(at("11:30:00")), tag(at("11:30:01"), NAS, "nas.example.com", ZONE)]),
    );
    append(
        &mut world,
        "DNSData_CL",
        &json!([
            zone_marker(at("11:30:00"), ZONE),
            record(at("11:30:01"), "nas.example.com", "198.51.100.10", ZONE)
        ]),
    );
    world
}

#[test]
fn heartbeats_of_the_other_workspace_count() {
    let world = house();
    let (rule, query, lines) = RULES[0];
    assert_eq!(ask(&read(query), &world).1, Vec::<Value>::new(), "without it nobody is heard");
    let rows = ask(&over(rule, query, lines, &["Other"]), &world).1;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0][0], &rows[0][1]), (&json!(NAS), &json!("203.0.113.7")));
    let (rule, query, lines) = RULES[1];
    let blind = ask(&read(query), &world).1;
    assert_eq!(blind.len(), 1, "{blind:?}");
    assert_eq!(ask(&over(rule, query, lines, &["Other", "Other"]), &world).1, Vec::<Value>::new());
}
