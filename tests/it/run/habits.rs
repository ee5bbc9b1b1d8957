//! One scene played twice, before a cloud that answers as plainly as it can and before one with every habit of Azure at
//! once: what is decided, written and told is the same.

mod cloud;
mod played;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{NEW, OLD, code, sweep, words};
use crate::handler::{House, moved, set, tagged};
use crate::stage::zone_id;
use cloud::Cloud;

/// Members whose value no two runs share.
const OF_A_RUN: [&str; 7] =
    ["run", "digest", "duration_ms", "time_to_truth_ms", "calls", "heartbeat_dns_run", "heartbeat_dns_time"];

/// A house moves, a stranger wants somebody's name, two want one name, and one set was made by hand.
async fn scene() -> House {
    let sets = [
        set("x", &[OLD], json!({ "team": "Edge" })),
        set("blog", &["192.0.2.80"], Value::Null),
        set("both", &["198.51.100.12"], Value::Null),
        set("hand", &["192.0.2.9"], Value::Null),
        json!({ "name": "led", "type": "A", "properties": { "targetResource": { "id": zone_id("example.com") + "/A/x" } } }),
    ];
    let machines = [
        tagged("M-One", "x.example.com"),
        tagged("Stranger", "blog.example.com"),
        tagged("Left", "both.example.com"),
        tagged("right", "both.example.com"),
        tagged("H", "hand.example.com"),
        tagged("Led", "led.example.com"),
        tagged("Fresh", "fresh.example.com"),
    ];
    let beats = [
        moved("M-One", OLD, NEW),
        moved("Stranger", "198.51.100.77", "203.0.113.77"),
        moved("Left", "198.51.100.12", "203.0.113.12"),
        moved("right", "198.51.100.13", "203.0.113.13"),
        moved("H", "198.51.100.30", "198.51.100.30"),
        moved("Led", OLD, "203.0.113.40"),
        moved("Fresh", "203.0.113.50", "203.0.113.50"),
    ];
    House::new(&sets, &machines, &beats.concat(), &[("RUN_DEADLINE", "20s")]).await
}

/// Plays the scene to its end, and tells what everybody was told.
async fn play(house: &mut House) -> Vec<(&'static str, Value)> {
    let report = async |arguments: &[&str]| {
        let output = house.run(arguments).await;
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        json!({ "code": code(&output), "report": said, "words": if said.is_null() { words(&output) } else { String::new() } })
    };
    let mut told = Vec::new();
    sweep(house).await;
    told.push(("a plan by hand", report(&["plan", "-o", "json"]).await));
    // A conflict: what was read is not what stands there any more.
    let bare = json!({ "code": "PreconditionFailed",
        "message": "The Record set x has been modified (etag mismatch)." });
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "status": 412, "body": bare }])).await;
    let handler = house.serve().await;
    told.push(("a house moves", handler.apply().await));
    told.push(("an adoption", report(&["adopt", "hand.example.com", "--yes", "-o", "json"]).await));
    sweep(house).await;
    told.push(("nothing is left", handler.apply().await));
    let world = house.control("GET", "/standin/world", &Value::Null).await;
    told.push(("DNS", world["zones"].clone()));
    // What the tables hold is asked of them as they are.
    let tables = house.stage.standin.azure_url().to_string();
    let with_habits = house.environment.insert("LOGS_QUERY_ENDPOINT".to_owned(), tables).unwrap();
    for (what, query) in [
        ("tags", "TagData_CL | project id_s, ZoneId_s, DNSHostName_s, Skip_s, Types_s"),
        (
            "sets",
            "DNSData_CL | project ZoneId_s, RecordSetId_s, DNSHostName_s, RecordType_s, DNSIP_s, Owner_s, TTL_d, IsAlias_b, Refused_s",
        ),
        (
            "audit",
            "DNSChange_CL | project ZoneId_s, DNSHostName_s, RecordType_s, ResourceId_s, Action_s, Outcome_s, Reason_s, OldIPs_s, NewIPs_s",
        ),
        ("alarm", heartbeat_dns::queries::MISMATCH),
    ] {
        let columns = if what == "alarm" {
            "\n| project _ResourceId, DNSHostName_s, RecordSetId_s, DNSIP_s, Owner_s, Actionable"
        } else {
            ""
        };
        let mut rows = house.query(&format!("{query}{columns}")).await;
        rows.iter_mut().for_each(|row| *row = plain(row));
        rows.sort_by_key(ToString::to_string);
        told.push((what, Value::Array(rows)));
    }
    house.environment.insert("LOGS_QUERY_ENDPOINT".to_owned(), with_habits);
    // An answer that is a part, and then a zone that somebody deleted: what is said of them is each service's own.
    let ends = async |arguments: &[&str]| json!(code(&house.run(arguments).await));
    let part = json!({ "tables": [{ "name": "PrimaryResult", "columns": [{ "name": "x", "type": "long" }], "rows": [] }],
        "error": { "code": "PartialError", "message": "a part" } });
    house.stage.fail(&json!([{ "method": "POST", "path": "/query", "body": part }])).await;
    told.push(("a part of an answer", ends(&["plan"]).await));
    house.world(&json!({ "zones": [] })).await;
    for (what, command) in [
        ("a sweep of no zone", &["collect"][..]),
        ("an adoption in no zone", &["adopt", "hand.example.com", "--yes"]),
        ("a write to no zone", &["apply", "x.example.com", "--yes"]),
    ] {
        told.push((what, ends(command).await));
    }
    told.into_iter().map(|(what, said)| (what, plain(&said))).collect()
}

/// Without case, times and what belongs to one run.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) if text.parse::<Timestamp>().is_ok() => json!("a time"),
        Value::String(text) => json!(text.to_lowercase()),
        Value::Array(all) => all.iter().map(plain).collect(),
        Value::Object(members) => {
            let kept =
                members.iter().filter(|(name, _)| !OF_A_RUN.contains(&name.as_str()) && *name != "etag");
            kept.map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_habit_at_once_changes_nothing() {
    let (mut as_given, mut with_habits) = (scene().await, scene().await);
    let cloud = Cloud::before(with_habits.stage.standin.azure_url().as_str()).await;
    for place in ["ARM_ENDPOINT", "LOGS_QUERY_ENDPOINT", "LOGS_INGESTION_ENDPOINT"] {
        with_habits.environment.insert(place.to_owned(), cloud.url.clone());
    }
    let zone = zone_id("Example.COM").replace("rg-dns", "RG-Dns");
    with_habits.environment.insert("DNS_ZONES".to_owned(), zone);
    let (expected, got) = tokio::join!(play(&mut as_given), play(&mut with_habits));
    for ((what, expected), (_, got)) in expected.iter().zip(&got) {
        assert_eq!(got, expected, "{what}");
    }
    assert_eq!(cloud.behind.played.never(), [], "they were not tried");
    let last = |count: usize| expected[expected.len() - count].1.clone();
    assert_eq!((last(3), last(2)), (json!(1), json!(1)), "a zone that is gone is no zone without names");
    let moved = &expected[1].1;
    let outcomes =
        moved["changes"].as_array().unwrap().iter().map(|change| change["outcome"].as_str().unwrap());
    assert!(
        outcomes.clone().count() >= 1 && outcomes.clone().all(|outcome| outcome == "confirmed"),
        "{moved}"
    );
    assert_eq!(expected[2].1["report"]["changes"][0]["action"], "adopt", "{}", expected[2].1);
}
