//! Tables and streams equal, column by column, the rows that are sent; the queries know no other column.

use std::collections::BTreeSet;

use heartbeat_dns::azure::logs_ingest;
use jiff::Timestamp;
use pure::domain::{ChangeRow, DnsRow, TagRow};
use serde_json::Value;

use super::{json, read, same};

/// Table, stream, and a row of it with a value in every column.
fn rows() -> [(&'static str, &'static str, Value); 3] {
    let now = heartbeat_dns::clock::now();
    let tag = TagRow::marker(now, "us", "r");
    let zone = crate::stage::zone("example.com");
    let dns = DnsRow { mark_time: Some(now), hold_until: Some(now), ..DnsRow::marker(&zone, now, "us", "r") };
    let change = ChangeRow {
        time_generated: now,
        run: String::new(),
        trigger: String::new(),
        alert_id: String::new(),
        host_name: String::new(),
        record_type: String::new(),
        zone_id: String::new(),
        action: String::new(),
        outcome: String::new(),
        reason: String::new(),
        old_ips: String::new(),
        new_ips: String::new(),
        resource_id: String::new(),
        heartbeat_time: Some(now),
        beats: Some(2.0),
        via: String::new(),
        time_to_truth_ms: Some(1.0),
        cause: String::new(),
        by: String::new(),
        proof: String::new(),
        policy: String::new(),
        installation: String::new(),
    };
    [
        ("TagData_CL", logs_ingest::TAG_DATA, serde_json::to_value(tag).unwrap()),
        ("DNSData_CL", logs_ingest::DNS_DATA, serde_json::to_value(dns).unwrap()),
        ("DNSChange_CL", logs_ingest::DNS_CHANGE, serde_json::to_value(change).unwrap()),
    ]
}

/// The column's type that holds a value without loss.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "real",
        Value::String(text) if text.parse::<Timestamp>().is_ok() => "datetime",
        Value::String(_) => "string",
        other => panic!("a row with {other}"),
    }
}

/// Name and type of each column that `infra` makes.
fn columns(table: &str) -> BTreeSet<String> {
    let list = json(&format!("infra/tables/{table}.json"));
    let column = |column: &Value| {
        let text =
            |member: &str| column[member].as_str().unwrap_or_else(|| panic!("{table}: {column}")).to_owned();
        assert!(!text("description").is_empty(), "{table}: {column}");
        format!("{}: {}", text("name"), text("type"))
    };
    list.as_array().unwrap().iter().map(column).collect()
}

#[test]
fn columns_are_those_of_the_rows() {
    for (table, _, row) in rows() {
        let sent = row.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {}", kind(value)));
        same(
            (&format!("the rows for {table}"), &sent.collect()),
            (&format!("infra/tables/{table}.json"), &columns(table)),
        );
    }
}

#[test]
fn every_table_has_its_stream_and_flows_into_itself() {
    let rule = read("infra/modules/ingestion.bicep");
    let tables = read("infra/modules/tables.bicep");
    for (table, stream, _) in rows() {
        let columns = format!("loadJsonContent('../tables/{table}.json')");
        let declared =
            rule.split(&format!("'{stream}': {{")).nth(1).unwrap_or_else(|| panic!("no stream {stream}"));
        let declaration = declared.split_once('}').unwrap().0;
        assert!(declaration.contains(&columns), "{stream} is not declared with {columns}");
        let flow = rule
            .split(&format!("streams: ['{stream}']"))
            .nth(1)
            .unwrap_or_else(|| panic!("{stream} flows nowhere"));
        let flow = flow.split_once('}').unwrap().0;
        assert!(flow.contains("transformKql: 'source'"), "{stream}: {flow}");
        assert!(flow.contains(&format!("outputStream: 'Custom-{table}'")), "{stream}: {flow}");
        let schema =
            tables.split(&format!("name: '{table}'")).nth(1).unwrap_or_else(|| panic!("no table {table}"));
        assert!(schema.split_once('}').unwrap().0.contains(&columns), "{table} is not made with {columns}");
    }
}

#[test]
fn the_queries_know_no_other_column() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/kql");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        super::ask(&text, &super::database());
        count += 1;
    }
    assert!(count >= 3);
}
