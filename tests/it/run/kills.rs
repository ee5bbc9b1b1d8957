//! Runs that die between a write and its row, rows that come late, and clocks that are wrong: one row by key for each
//! change that landed.

use serde_json::{Value, json};

use super::{NEW, OLD, drifted, sweep};
use crate::handler::{House, beat, outcomes, until};

/// The rows of landed writes, as often as each stands there.
const LANDED: &str = "DNSChange_CL | where Outcome_s in ('confirmed', 'unconfirmed') \
    | summarize Rows = count() by run_s, ZoneId_s, DNSHostName_s, RecordType_s \
    | summarize Keys = count(), Most = max(Rows)";

/// Lets a run die after its write and before its row; uploads of rows that go before are let through.
pub(super) async fn die_before_the_row(house: &House, uploads_before: u32) {
    let never = json!({ "path": "Custom-DNSChange", "delay_ms": 60_000, "reset": "before" });
    let before = json!({ "path": "Custom-DNSChange", "times": uploads_before, "delay_ms": 1 });
    house.stage.fail(&if uploads_before > 0 { json!([before, never]) } else { json!([never]) }).await;
    let mut handler = house.serve().await;
    let dies = async { until("the row is on its way", async || house.stage.faults().await.is_empty()).await };
    tokio::select! {
        () = dies => {}
        answer = handler.remediate(r#"{"mode":"apply","wait":true}"#) => panic!("{answer:?}"),
    }
    handler.child.kill().await.unwrap();
}

/// The machine reports another address; its beats must not lie between those of the move before.
pub(super) async fn go(house: &House, to: &str) {
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    house.heartbeats(&[beat("m", to, 1), beat("m", to, 0)]).await;
}

/// Two beats a second apart are enough, and nothing alternates.
pub(super) const QUICK: [(&str, &str); 2] = [("POLICY_MIN_SPAN", "1s"), ("POLICY_UNSEEN", "1s")];

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_that_die_in_a_row_lose_no_row() {
    let house = drifted(&QUICK).await;
    die_before_the_row(&house, 0).await;
    assert_eq!(house.addresses("x").await, [NEW]);
    assert_eq!(house.query(LANDED).await, [json!([0, Value::Null])]);
    // The second one overwrites the only witness of the first, so its row goes out before.
    go(&house, "203.0.113.8").await;
    die_before_the_row(&house, 1).await;
    assert_eq!(house.addresses("x").await, ["203.0.113.8"]);
    assert_eq!(house.query(LANDED).await, [json!([1, 1])]);
    // The third finds nothing to write.
    let handler = house.serve().await;
    handler.apply().await;
    assert_eq!(house.query(LANDED).await, [json!([1, 1])], "the second one's row may be on its way");
    house.age_marks(11, None).await;
    sweep(&house).await;
    handler.apply().await;
    assert_eq!(house.query(LANDED).await, [json!([2, 1])]);
    let rows = "DNSChange_CL | where Outcome_s == 'confirmed' | order by TimeGenerated asc \
        | project Action_s, Reason_s, OldIPs_s, NewIPs_s";
    let both = house.query(rows).await;
    // Both marks were read live, and say what was replaced.
    let expected =
        [json!(["update", "recovered", NEW, "203.0.113.8"]), json!(["update", "recovered", OLD, NEW])];
    assert_eq!(both, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_from_the_future_counts_as_one_of_now() {
    let house = drifted(&QUICK).await;
    die_before_the_row(&house, 0).await;
    house.age_marks(-60 * 48, None).await;
    sweep(&house).await;
    let handler = house.serve().await;
    handler.apply().await;
    assert_eq!(house.query(LANDED).await, [json!([0, Value::Null])], "its row may be on its way");
    go(&house, "203.0.113.8").await;
    assert_eq!(outcomes(&handler.apply().await), ["confirmed"]);
    assert_eq!(house.query(LANDED).await, [json!([2, 1])]);
    let early = "DNSChange_CL | where TimeGenerated > now() + 1m | count";
    assert_eq!(house.query(early).await, [json!([0])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_come_four_minutes_late_are_not_told_again() {
    let house = drifted(&QUICK).await;
    house.control("PUT", "/standin/ingestion-delay", &json!({ "DNSChange_CL": 240_000 })).await;
    let handler = house.serve().await;
    assert_eq!(outcomes(&handler.apply().await), ["confirmed"]);
    // A sweep sees the mark while the row is on its way.
    sweep(&house).await;
    handler.apply().await;
    house.age_marks(4, None).await;
    sweep(&house).await;
    handler.apply().await;
    house.control("DELETE", "/standin/ingestion-delay", &Value::Null).await;
    assert_eq!(house.query(LANDED).await, [json!([1, 1])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_that_overtake_their_rows_have_one_key_each() {
    let house = drifted(&QUICK).await;
    house.control("PUT", "/standin/ingestion-delay", &json!({ "DNSChange_CL": 240_000 })).await;
    let handler = house.serve().await;
    handler.apply().await;
    for to in ["203.0.113.8", "203.0.113.9"] {
        go(&house, to).await;
        assert_eq!(outcomes(&handler.apply().await), ["confirmed"]);
    }
    house.control("DELETE", "/standin/ingestion-delay", &Value::Null).await;
    let keys = house.query(LANDED).await;
    assert_eq!(keys[0][0], 3, "{keys:?}");
    let moves =
        "DNSChange_CL | where Outcome_s == 'confirmed' | distinct OldIPs_s, NewIPs_s | order by NewIPs_s asc";
    assert_eq!(
        house.query(moves).await,
        [json!([OLD, NEW]), json!([NEW, "203.0.113.8"]), json!(["203.0.113.8", "203.0.113.9"])]
    );
}
