//! Rows that give machines other names, with the id of a true run: they take no name out of a count, and no side out of a conflict.

use heartbeat_dns::azure::logs_ingest::TAG_DATA;
use serde_json::{Value, json};

use super::{OWNER, host, merge, send, swept_by, tag};
use crate::handler::{House, mark, moved, reasons, set, tagged};
use crate::run::{name, old};

const THERE: &str = "203.0.113.99";

/// A row by which that machine has another name, signed with the id of the newest sweep.
async fn renamed(house: &House, machine: &str, to: &str) -> Value {
    let mut row = tag(machine, to, 0);
    merge(&mut row, &json!({ "run_s": swept_by(house).await }));
    row
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_live_tag_ends_opens_no_brake() {
    for to in ["zz.example.com", "zz.example.net", ""] {
        let machines: Vec<_> = (0..6).map(|index| tagged(&name(index), &host(index))).collect();
        let sets: Vec<_> =
            (0..6).map(|index| set(&name(index), &[&old(index)], mark(&name(index), OWNER, "1"))).collect();
        let beats: Vec<_> = (0..6).flat_map(|index| moved(&name(index), &old(index), THERE)).collect();
        let house = House::new(&sets, &machines, &beats, &[]).await;
        let mut forged = Vec::new();
        for index in 0..3 {
            forged.push(renamed(&house, &name(index), to).await);
        }
        send(&house, TAG_DATA, &forged).await;
        let handler = house.serve().await;
        for _ in 0..2 {
            let ran = handler.apply().await;
            assert_eq!(house.writes().await, 0, "{to}: {ran}");
            let brakes = ran["brakes"].as_array().unwrap();
            let told = brakes.iter().find(|brake| brake["brake"] == "converging").unwrap();
            assert_eq!(told["seen"], 6, "{to}: {ran}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_live_tag_ends_decides_no_conflict() {
    let machines = [tagged("a", "cc.example.com"), tagged("b", "cc.example.com")];
    let beats = [moved("a", THERE, "203.0.113.7"), moved("b", THERE, "203.0.113.8")].concat();
    let house = House::new(&[], &machines, &beats, &[]).await;
    let forged = renamed(&house, "b", "zz.example.com").await;
    send(&house, TAG_DATA, &[forged]).await;
    let handler = house.serve().await;
    for _ in 0..2 {
        let ran = handler.apply().await;
        assert_eq!(house.writes().await, 0, "{ran}");
        assert_eq!(reasons(&ran, "cc.example.com"), ["claim-conflict"], "{ran}");
    }
}
