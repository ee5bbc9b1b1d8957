//! Rows that say of names that they are there, or were refused, with the id of a true run: they take none out of a count.

use heartbeat_dns::azure::logs_ingest::DNS_DATA;
use serde_json::{Value, json};

use super::{OWNER, host, record, send, swept_by};
use crate::handler::{House, mark, moved, set, tagged};
use crate::run::{name, old};
use crate::stage::{machine_id, zone_id};

const THERE: &str = "203.0.113.99";
const COUNT: usize = 6;

/// So many names, each of its own house, whose machines all report one new address.
async fn houses() -> House {
    let machines: Vec<_> = (0..COUNT).map(|index| tagged(&name(index), &host(index))).collect();
    let kept = |index| set(&name(index), &[&old(index)], mark(&name(index), OWNER, "1"));
    let sets: Vec<_> = (0..COUNT).map(kept).collect();
    let beats: Vec<_> = (0..COUNT).flat_map(|index| moved(&name(index), &old(index), THERE)).collect();
    House::new(&sets, &machines, &beats, &[]).await
}

fn refused(index: usize, code: &str) -> Value {
    let machine = machine_id(&name(index)).to_lowercase();
    json!({ "Refused_s": format!("code={code},{machine}={THERE}"), "RecordSetId_s": "", "Etag_s": "", "Owner_s": "" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_about_a_record_set_opens_no_brake() {
    for forged in ["there", "cname-exists", "not-owned", "delegated"] {
        let house = houses().await;
        let run = swept_by(&house).await;
        let rows: Vec<_> = (0..4)
            .map(|index| {
                let (address, more) =
                    if forged == "there" { (THERE, json!({})) } else { ("", refused(index, forged)) };
                let mut row = record(index, address, &more);
                super::merge(&mut row, &json!({ "run_s": run }));
                row
            })
            .collect();
        send(&house, DNS_DATA, &rows).await;
        let handler = house.serve().await;
        for _ in 0..2 {
            let ran = handler.apply().await;
            assert_eq!(house.writes().await, 0, "{forged}: {ran}");
            let brakes = ran["brakes"].as_array().unwrap();
            let told = brakes.iter().find(|brake| brake["brake"] == "converging");
            assert_eq!(told.unwrap_or_else(|| panic!("{forged}: {ran}"))["seen"], COUNT, "{forged}: {ran}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_were_set_by_hand_hold_nobody() {
    let house = houses().await;
    let stands = |index| match index {
        0..4 => set(&name(index), &[THERE], json!({})),
        _ => set(&name(index), &[&old(index)], mark(&name(index), OWNER, "1")),
    };
    let sets: Vec<_> = (0..COUNT).map(stands).collect();
    house.world(&json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": sets }] })).await;
    let run = swept_by(&house).await;
    let told = |index| {
        let mut row = record(index, THERE, &json!({ "Owner_s": "" }));
        super::merge(&mut row, &json!({ "run_s": run }));
        row
    };
    send(&house, DNS_DATA, &(0..4).map(told).collect::<Vec<_>>()).await;
    let handler = house.serve().await;
    let ran = handler.apply().await;
    let mut there = Vec::new();
    for index in 4..COUNT {
        there.push(house.addresses(&name(index)).await);
    }
    assert_eq!(there, vec![vec![THERE.to_owned()]; 2], "{ran}");
}
