//! The last part of a run belongs to its rows: whatever hangs, the log is told what was done.

use serde_json::{Value, json};

use super::{NEW, OLD, change, drifted, with_stranger};

/// What the log holds of changes, by name.
const ROWS: &str = "DNSChange_CL | where Action_s == 'update' | order by DNSHostName_s asc \
                    | project DNSHostName_s, Outcome_s, run_s, TimeToTruthMs_d";

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_hangs_takes_no_time_from_the_rows() {
    let house = with_stranger(&[("RUN_DEADLINE", "10s")]).await;
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/y", "times": 1000, "delay_ms": 60_000 }])).await;
    let report = house.serve().await.apply().await;
    assert_eq!(change(&report, "x.example.com")["outcome"], "confirmed", "{report}");
    let hung = &change(&report, "y.example.com")["outcome"];
    assert!(["deferred", "failed", "unconfirmed"].contains(&hung.as_str().unwrap()), "{report}");
    let rows = house.query(ROWS).await;
    let told: Vec<_> = rows.iter().map(|row| (&row[0], &row[1], &row[2])).collect();
    let (x, y) = (json!("x.example.com"), json!("y.example.com"));
    let (confirmed, run) = (json!("confirmed"), &report["run"]);
    assert_eq!(told, [(&x, &confirmed, run), (&y, hung, run)], "{report}");
    // What stands there now is told as well, so that the next evaluation is quiet.
    let sets = "DNSData_CL | where DNSHostName_s == 'x.example.com' | summarize arg_max(TimeGenerated, DNSIP_s) | project DNSIP_s";
    assert_eq!(house.query(sets).await, [json!([NEW])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_never_comes_takes_no_time_from_the_rows() {
    let mut house = drifted(&[("RUN_DEADLINE", "8s"), ("VERIFY", "dns")]).await;
    let lie = json!([{ "lie": { "x.example.com": [OLD] } }]);
    let servers = house.control("PUT", "/standin/name-servers", &lie).await;
    let liar = servers[0]["address"].as_str().unwrap().to_owned();
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), liar);
    let report = house.serve().await.apply().await;
    let changed = change(&report, "x.example.com");
    assert_eq!((&changed["outcome"], &changed["proved_by"]), (&json!("confirmed"), &Value::Null), "{report}");
    let row = json!(["x.example.com", "confirmed", report["run"], null]);
    assert_eq!(house.query(ROWS).await, [row], "{report}");
}
