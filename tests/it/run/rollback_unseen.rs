//! What a run has made is deleted only where it is known of every machine what it claims.

use serde_json::{Value, json};

use super::{NEW, OLD, report, skip, sweep};
use crate::handler::{House, moved, tagged};
use crate::stage::machine_id;

const HOST: &str = "x.example.com";

/// A set that a run has made, whose machine is tagged otherwise since; swept, or not yet.
async fn made(is_swept: bool) -> House {
    let house = House::new(&[], &[tagged("m", HOST)], &moved("m", OLD, NEW), &[]).await;
    house.serve().await.apply().await;
    house.world(&json!({ "machines": [tagged("m", "other.example.com")] })).await;
    if is_swept {
        sweep(&house).await;
    }
    house
}

/// It stays, with this code; what is said of it.
async fn kept(house: &House, reason: &str) -> String {
    let left = report(house, &["rollback", HOST, "--delete", "--yes"]).await;
    let told = skip(&left, HOST);
    assert_eq!(told["reason"], reason, "{left}");
    assert_ne!(house.record_set("x").await, Value::Null, "{left}");
    told["because"].as_str().unwrap().to_owned()
}

/// A machine that does not show its tags may be the one that claims it.
#[tokio::test(flavor = "multi_thread")]
async fn while_tags_cannot_be_read_nothing_that_was_made_is_deleted() {
    let house = made(true).await;
    let row = json!({ "id": machine_id("new"), "tags": "DNSHostName=x" });
    let body = json!({ "totalRecords": 1, "count": 1, "data": [row], "resultTruncated": "false" });
    let graph = json!({ "path": "ResourceGraph", "times": 100_000, "body": body });
    let itself = json!({ "method": "GET", "path": "/machines/new\\?", "times": 100_000, "body": row });
    house.stage.fail(&json!([graph, itself])).await;
    let because = kept(&house, "blind").await;
    assert!(because.contains("The live tag of new"), "{because}");
}

/// This login may see less than the one that swept.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_newest_sweep_says_is_claimed_is_not_deleted() {
    let house = made(false).await;
    let because = kept(&house, "claim-conflict").await;
    assert!(because.contains("collect"), "{because}");
    let house = made(true).await;
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let because = kept(&house, "not-owned").await;
    assert!(because.contains("cannot be read"), "{because}");
}
