//! Rows of the service as values: by name, in any order, whatever they hold.

use heartbeat_dns::queries::{EvidenceAnswer, history, mismatch_rows};
use pure::domain::{LoggedClaim, MismatchRow, RecordType};
use serde_json::{Value, json};

use super::world::{World, before, lower_id};

/// Columns and rows of a stored answer of the query API.
fn stored(text: &str) -> (Vec<String>, Vec<Vec<Value>>) {
    let answer: Value = serde_json::from_str(text).unwrap();
    let table = &answer["tables"][0];
    let columns = table["columns"].as_array().unwrap().iter();
    let rows = table["rows"].as_array().unwrap().iter();
    (
        columns.map(|column| column["name"].as_str().unwrap().to_owned()).collect(),
        rows.map(|row| row.as_array().unwrap().clone()).collect(),
    )
}

#[test]
fn what_the_query_answers_is_what_the_plan_reads() {
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .tag("pi", "nas.example.com")
        .record_with("nas.example.com", &["198.51.100.10"], json!({"Owner_s": lower_id("nas"), "TTL_d": 300}))
        .beats("nas", 8..=9, "203.0.113.7")
        .beats("nas", [7], "198.51.100.10")
        .beats("nas", 1..=3, "203.0.113.7");
    let table = world.mismatch();
    let time = |minutes: f64| Some(before(minutes).parse().unwrap());
    let zone = super::world::ZONE;
    let expected = MismatchRow {
        resource_id: lower_id("nas"),
        computer_ip: "203.0.113.7".to_owned(),
        dns_ip: "198.51.100.10".to_owned(),
        host_name: "nas.example.com".to_owned(),
        record_type: RecordType::A,
        heartbeat_time: time(1.0),
        first_beat: time(3.0),
        beats: 3,
        claimed_by: format!("{},{}", lower_id("nas"), lower_id("pi")),
        zone_id: zone.to_owned(),
        skip: String::new(),
        record_set_id: format!("{zone}/A/nas.example.com"),
        etag: "e1".to_owned(),
        owner: lower_id("nas"),
        is_alias: false,
        present_last_seen: time(7.0),
        returned: true,
        country: "Switzerland".to_owned(),
        claimed: LoggedClaim::Now,
        actionable: true,
        private_ips: String::new(),
    };
    assert_eq!(mismatch_rows(&table.columns, &table.rows), std::slice::from_ref(&expected));

    // The columns in another order, with one that nobody knows.
    let mut columns = table.columns.clone();
    columns.reverse();
    columns.push("Surprise".to_owned());
    let row = table.rows[0].iter().rev().cloned().chain([json!({"a": 1})]).collect();
    assert_eq!(mismatch_rows(&columns, &[row]), [expected]);
}

#[test]
fn rows_of_the_classic_query_are_read_as_well() {
    let (columns, rows) = stored(include_str!("../fixtures/queries/classic-rows.json"));
    let rows = mismatch_rows(&columns, &rows);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].host_name, "edge-01.example.com");
    assert_eq!((rows[0].record_type, rows[0].beats, rows[0].heartbeat_time), (RecordType::A, 0, None));
    assert!(!rows[0].actionable);
}

#[test]
fn hostile_rows_keep_their_text() {
    let (columns, rows) = stored(include_str!("../fixtures/queries/hostile-rows.json"));
    let rows = mismatch_rows(&columns, &rows);
    let told: Vec<_> =
        rows.iter().map(|row| (row.host_name.as_str(), row.computer_ip.as_str(), row.record_type)).collect();
    let expected = [
        ("../../other-zone", "198.51.100.80", RecordType::A),
        ("edge-04.example.com", "fd40:1085:12:6d79:7712:100:a00:4", RecordType::Aaaa),
        ("edge-05.example.com", "", RecordType::A),
        ("edge-06.example.com", "10.0.0.6", RecordType::A),
        ("edge-07.example.com", "198.51.100.71", RecordType::A),
        ("edge-09.example.com", "", RecordType::A),
    ];
    assert_eq!(told, expected);
}

#[test]
fn no_cell_is_too_strange() {
    let columns: Vec<String> = [
        "Kind",
        "ZoneId_s",
        "DNSHostName_s",
        "RecordType_s",
        "OldIPs_s",
        "NewIPs_s",
        "Reason_s",
        "ResourceId_s",
        "run_s",
        "Time",
        "Number",
        "Beats",
        "TTL_d",
        "IsAlias_b",
        "HeartbeatTime",
        "Address",
    ]
    .map(str::to_owned)
    .into();
    let cells = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("9999-12-31T23:59:59.9999999Z"),
        json!("[\"a\"]"),
        json!(["a"]),
        json!({"a": null}),
    ];
    let kinds = [
        "change",
        "departure",
        "reason",
        "sweep",
        "sets",
        "claimed",
        "silent",
        "present",
        "tags",
        "newest-heartbeat",
        "heard-before",
        "lost",
        "owed",
        "reported",
        "listed",
        "heard",
        "unknown",
    ];
    let mut rows = vec![Vec::new()];
    for cell in &cells {
        rows.push(vec![cell.clone(); 3]);
        for kind in kinds {
            let rest = std::iter::repeat_n(cell.clone(), columns.len() + 2);
            rows.push([json!(kind)].into_iter().chain(rest).collect());
        }
    }
    assert_eq!(mismatch_rows(&columns, &rows).len(), rows.len(), "no row is lost");
    assert!(history(&columns, &rows).changes.is_empty());
    assert!(EvidenceAnswer::read(&columns, &rows) == EvidenceAnswer::default());
    assert!(mismatch_rows(&[], &[]).is_empty());
}

#[test]
fn the_order_of_the_answer_does_not_matter() {
    let (columns, mut rows) = stored(include_str!("../fixtures/queries/hostile-rows.json"));
    let expected = mismatch_rows(&columns, &rows);
    rows.reverse();
    assert_eq!(mismatch_rows(&columns, &rows), expected);
}
