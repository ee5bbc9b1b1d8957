//! The row that `doctor` sends is counted by nobody.

use heartbeat_dns::queries::{HISTORY, MISMATCH, OwnerId, PROBE, past_query, probe_query};
use serde_json::{Value, json};

use super::rows::with;
use super::world::World;
use crate::infra::read;
use crate::stage::host;

const NAME: &str = "nas.example.com";

/// A change, a skip and a brake.
fn world() -> World {
    World::empty()
        .change(
            500.0,
            NAME,
            "r1",
            json!({ "OldIPs_s": "203.0.113.9", "NewIPs_s": "203.0.113.15", "TimeToTruthMs_d": 1000.0 }),
        )
        .change(
            30.0,
            "tv.example.com",
            "r2",
            json!({ "Action_s": "skip", "Outcome_s": "", "Reason_s": "alias" }),
        )
        .change(20.0, "", "r2", json!({ "Action_s": "brake", "Outcome_s": "stands", "Reason_s": "surge" }))
}

/// The row as `doctor` sends it, with what is said otherwise.
fn probed(other: Value) -> World {
    let row = json!({
        "Trigger_s": PROBE, "RecordType_s": "", "ZoneId_s": "", "Action_s": "", "Outcome_s": "", "Via_s": "",
    });
    world().change(1.0, "", "7d1f", with(row, other))
}

/// What every query that reads the table answers.
fn answers(world: &World) -> Vec<(String, Vec<Vec<Value>>)> {
    let files = ["kql/health", "workbook/changes", "workbook/skips", "workbook/time-to-truth"];
    let texts = files.map(|file| (file.to_owned(), read(&format!("infra/{file}.kql"))));
    let own = [
        ("mismatch".to_owned(), MISMATCH.to_owned()),
        ("history".to_owned(), HISTORY.to_owned()),
        ("past".to_owned(), past_query(&OwnerId::new(""), &host(NAME))),
    ];
    texts.into_iter().chain(own).map(|(name, text)| (name, world.run(&text).rows)).collect()
}

#[test]
fn a_probe_row_is_found_by_its_own_query_and_changes_no_other_answer() {
    let probe = probed(json!({}));
    assert_eq!(probe.run(&probe_query("7d1f")).rows.len(), 1);
    assert_eq!(probe.run(&probe_query("7d1e")).rows.len(), 0, "each looks for its own row");
    assert_eq!(answers(&probe), answers(&world()));
    // The comparison would see a row that is counted.
    let counted = probed(json!({ "Action_s": "update", "Outcome_s": "failed", "DNSHostName_s": NAME }));
    assert_ne!(answers(&counted), answers(&world()));
}
