//! Calls in a large fleet: what stands still costs nothing, one name costs what one name costs, many share a question.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{code, report, skip, street, words};
use crate::handler::{House, OWNER, beat, mark, moved, outcomes, set, tagged};

/// Half of them behind a private link, all of the others right.
const MACHINES: usize = 1300;

fn name(index: usize) -> String {
    format!("n{index:04}")
}

fn address(index: usize) -> String {
    format!("198.51.100.{}", index % 250 + 1)
}

async fn fleet() -> House {
    let all = 0..MACHINES;
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let sets: Vec<_> = all
        .clone()
        .map(|index| set(&name(index), &[&address(index)], mark(&name(index), OWNER, "1")))
        .collect();
    let beats: Vec<_> = all
        .flat_map(|index| {
            let hidden = "fd40:1085:12:6d79:7712:100:a00:4".to_owned();
            let address = if index % 2 == 0 { address(index) } else { hidden };
            // The one that will move has been silent for some minutes.
            let times = if index == 8 { [600, 540] } else { [60, 1] };
            times.map(|ago| beat(&name(index), &address, ago))
        })
        .collect();
    let house = House::new(&sets, &machines, &[], &[]).await;
    for beats in beats.chunks(1000) {
        house.heartbeats(beats).await;
    }
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_behind_a_private_link_costs_no_calls() {
    let house = fleet().await;
    let handler = house.serve().await;
    let quiet = handler.apply().await;
    assert_eq!(quiet["summary"]["skips"]["address-private-link"], MACHINES / 2, "{}", quiet["summary"]);
    assert_eq!(house.stage.calls().await.len(), 2, "{}", quiet["calls"]);
    house.heartbeats(&moved(&name(8), &address(8), "203.0.113.7")).await;
    let repair = handler.apply().await;
    assert_eq!(outcomes(&repair), ["confirmed"], "{}", repair["summary"]);
    let calls = house.stage.calls().await;
    assert!(calls.len() <= 8, "{calls:?}");
    let plan = report(&house, &["plan", "n0010.example.com"]).await;
    assert_eq!(plan["summary"]["in_sync"], 1, "{}", plan["summary"]);
    let calls = house.stage.calls().await;
    assert!(calls.len() <= 12, "{calls:?}");
    let silent: Value = json!({ "machines": [tagged("late", "late.example.com")] });
    house.world(&silent).await;
    let unheard = house.run(&["plan", "late.example.com"]).await;
    assert!(code(&unheard) == 0 && words(&unheard).contains("no-heartbeat"), "{}", words(&unheard));
    let calls = house.stage.calls().await;
    assert!(calls.len() <= 12, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_fleet_that_cannot_be_read_twenty_machines_are_asked_singly() {
    let house = street(25, &[]).await;
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let report = house.serve().await.apply().await;
    // Those that were not asked are no more known to be gone than those that were.
    for index in 0..25 {
        let held = skip(&report, &format!("{}.example.com", super::name(index)));
        assert_eq!(held["reason"], "blind", "{report}");
    }
    let calls = house.stage.calls().await;
    let asked = calls.iter().filter(|call| call.method == "GET" && call.path.contains("/machines/")).count();
    assert_eq!(asked, 20, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_new_names_one_listing_tells_which_is_a_cname() {
    let all = 0..12;
    let alias = json!({ "name": name(3), "type": "CNAME",
        "properties": { "TTL": 300, "CNAMERecord": { "cname": "x.example.net" } } });
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let beats: Vec<_> = all.flat_map(|index| moved(&name(index), &address(index), "203.0.113.7")).collect();
    let house = House::new(&[alias], &machines, &beats, &[]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(outcomes(&report), ["confirmed"], "{report}");
    let made = report["changes"].as_array().unwrap().len();
    let held = skip(&report, &format!("{}.example.com", name(3)));
    assert_eq!((made, &held["reason"]), (11, &json!("cname-exists")), "{report}");
    let calls = house.stage.calls().await;
    let asked = calls.iter().filter(|call| call.path.contains("/CNAME")).count();
    assert_eq!(asked, 1, "{calls:?}");
}

/// A zone where forty names are right, so many new names are yet to be created, and others are to move. Killed runs owe the
/// rows of some of the forty.
async fn pending(created: usize, moving: usize) -> House {
    let kept = 100..140;
    let owed = |index: usize| {
        let mut mark = mark(&name(index), OWNER, "1");
        if index < 112 {
            mark["heartbeat_dns_time"] =
                json!((heartbeat_dns::clock::now() - SignedDuration::from_hours(1)).to_string());
        }
        mark
    };
    let tag = |index: usize| tagged(&name(index), &format!("{}.example.com", name(index)));
    let mut sets: Vec<_> =
        kept.clone().map(|index| set(&name(index), &[&address(index)], owed(index))).collect();
    let all = kept.start..kept.end + created;
    let mut beats: Vec<_> =
        all.clone().flat_map(|index| moved(&name(index), &address(index), &address(index))).collect();
    for index in 0..moving {
        sets.push(set(&name(index), &[&super::old(index)], mark(&name(index), OWNER, "1")));
        beats.extend(moved(&name(index), &super::old(index), &super::new(index)));
    }
    let mut machines: Vec<_> = all.chain(0..moving).map(tag).collect();
    machines.extend([tagged("late", "late.example.com."), tagged("books", "Bücher.example.com")]);
    House::new(&sets, &machines, &beats, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_name_costs_what_one_name_costs_whatever_others_wait_for() {
    let house = pending(18, 8).await;
    let cost = async |command: &[&str], expected: usize| {
        let output = house.run(command).await;
        let calls = house.stage.calls().await;
        assert_eq!((code(&output), calls.len()), (0, expected), "{command:?}: {} {calls:?}", words(&output));
    };
    // Two questions to the logs, the tag, the cuts, the record set; a new name may be a CNAME.
    cost(&["plan", "n0110.example.com"], 5).await;
    cost(&["plan", "n0150.example.com"], 6).await;
    // One that others move beside, so many that only the zone can say whether that is too many: its A and its AAAA.
    cost(&["plan", "n0003.example.com"], 7).await;
    // A name that was never heard: who claims it, when each was heard, for how long none was, the cuts. Not a page for each
    // thousand machines.
    for name in ["late.example.com", "xn--bcher-kva.example.com"] {
        cost(&["plan", name], 6).await;
        let silent = house.run(&["plan", name]).await;
        assert!(words(&silent).contains("no-heartbeat"), "{}", words(&silent));
        house.stage.calls().await;
    }
    let typo = house.run(&["plan", "n0l10.example.com"]).await;
    assert!(code(&typo) == 2 && words(&typo).contains("did you mean n0110.example.com"), "{}", words(&typo));
    house.stage.calls().await;
    // And the question whether the log may be told, the write, the rows of what was done and of what stands there now.
    cost(&["apply", "n0003.example.com", "--yes"], 11).await;
    assert_eq!(house.addresses("n0003").await, [super::new(3)]);
    cost(&["apply", "n0150.example.com", "--yes"], 10).await;
    assert_eq!(house.addresses("n0150").await, [address(150)]);
    // What killed runs owe for others is left to a run for all.
    let owed = "DNSChange_CL | where Reason_s == 'recovered' | count";
    assert_eq!(house.query(owed).await, [json!([0])]);
    house.serve().await.apply().await;
    assert_eq!(house.query(owed).await, [json!([12])]);
}
