//! Rows that no run of ours answers for: which are named, when, and which are not.

use std::time::Duration;

use heartbeat_dns::queries::{OwnerId, RunId, Strange, strangers, strangers_query};
use serde_json::{Value, json};

use super::world::{World, ZONE, before};

const FORGED: &str = "0a0a0a0a-0000-4000-8000-00000000000f";
const OWN: &str = "0a0a0a0a-0000-4000-8000-000000000001";
const HOST: &str = "a.example.com";

/// What is told of a world: the kind, how many, and since how many minutes.
fn told(world: &World) -> Vec<(Strange, u64, String)> {
    told_to(world, "us")
}

fn told_to(world: &World, owner: &str) -> Vec<(Strange, u64, String)> {
    let own = RunId::parse(OWN);
    let query = strangers_query(&OwnerId::new(owner), own.as_ref(), Duration::from_secs(7200));
    let table = world.run(&query);
    let told = strangers(&table.columns, &table.rows);
    let minute = |found: &heartbeat_dns::queries::Strangers| found.since.strftime("%H:%M").to_string();
    told.iter().map(|found| (found.kind, found.count, minute(found))).collect()
}

/// The same row, of a run.
fn of(run: &str, minutes: f64) -> Value {
    json!({ "TimeGenerated": before(minutes), "run_s": run })
}

fn and(mut row: Value, more: &Value) -> Value {
    row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    row
}

/// A whole sweep of so many machines and record sets.
fn swept(world: World, run: &str, minutes: f64, count: usize) -> World {
    let marker = and(of(run, minutes), &json!({ "id_s": "" }));
    let soa = and(of(run, minutes), &json!({ "RecordType_s": "SOA", "ZoneId_s": ZONE }));
    let world = world.tag_row(marker).record_row(soa);
    (0..count).fold(world, |world, index| {
        let host = format!("{}.example.com", (b'a' + u8::try_from(index).unwrap()) as char);
        world.tag_with(&format!("m{index}"), &host, of(run, minutes)).record_with(
            &host,
            &["192.0.2.1"],
            of(run, minutes),
        )
    })
}

/// Two sweeps half an hour apart, the last a moment ago, whose marker the log does not have yet.
fn well() -> World {
    let world = swept(swept(World::empty(), "r1", 61.0, 3), "r2", 31.0, 3);
    world.tag_with("m0", HOST, of(OWN, 1.0)).record_with(HOST, &["192.0.2.1"], of(OWN, 1.0))
}

#[test]
fn of_ours_nothing_is_told() {
    assert_eq!(told(&World::empty()), []);
    let written = well()
        .record_with(HOST, &["192.0.2.2"], of("w", 40.0))
        .change(40.0, HOST, "w", json!({}))
        // A killed run's write, of which the next run tells: a sweep read its mark.
        .record_with("b.example.com", &["192.0.2.3"], and(of("r2", 31.0), &json!({ "MarkRun_s": "killed" })))
        .change(50.0, "b.example.com", "killed", json!({ "Reason_s": "recovered" }))
        // Skips, brakes and signatures write nothing.
        .change(40.0, "c.example.com", "s", json!({ "Action_s": "skip", "Outcome_s": "" }))
        .change(40.0, "c.example.com", "p", json!({ "Outcome_s": "failed" }))
        .change(40.0, "c.example.com", "q", json!({ "Action_s": "hold" }));
    assert_eq!(told(&written), []);
    assert_eq!(told(&written.doubled().reversed()), []);
}

#[test]
fn rows_of_a_run_that_nobody_knows_are_told_when_it_is_at_work_no_more() {
    let tag = |minutes: f64| well().tag_with("m0", "", and(of(FORGED, minutes), &json!({ "ZoneId_s": "" })));
    let record = |minutes: f64| well().record_with(HOST, &["203.0.113.7"], of(FORGED, minutes));
    for (minutes, is_told) in [(4.0, false), (6.0, true), (40.0, true)] {
        assert_eq!(told(&tag(minutes)).len(), usize::from(is_told), "{minutes}");
        assert_eq!(told(&record(minutes)).len(), usize::from(is_told), "{minutes}");
    }
    assert_eq!(told(&tag(6.0)), [(Strange::Tags, 1, "11:54".to_owned())]);
    assert_eq!(told(&record(6.0).doubled()), [(Strange::Records, 2, "11:54".to_owned())]);
    // Who goes on is told of after a quarter of an hour.
    let goes_on = |minutes: f64| tag(minutes).tag_with("m1", "", of(FORGED, 1.0));
    assert_eq!((told(&goes_on(14.0)).len(), told(&goes_on(16.0)).len()), (0, 1));
    // A row of the changes is a signature, and a marker closes a sweep.
    assert_eq!(told(&tag(6.0).change(6.0, HOST, FORGED, json!({ "Action_s": "told" }))), []);
    // Whose rows count.
    let theirs = tag(6.0).signed("them");
    assert_eq!((told(&theirs).len(), told_to(&theirs, "them").len()), (0, 1));
}

#[test]
fn a_marker_alone_is_told_once_a_sweep_has_followed_it() {
    let marker = |world: World, minutes: f64| world.tag_row(and(of(FORGED, minutes), &json!({ "id_s": "" })));
    assert_eq!(told(&marker(well(), 45.0)), [(Strange::TagMarkers, 1, "11:15".to_owned())]);
    // Nothing came after it, or before it: it may be so.
    for minutes in [10.0, 70.0] {
        assert_eq!(told(&marker(well(), minutes)), [], "{minutes}");
    }
    let soa = |minutes: f64| {
        well().record_row(and(of(FORGED, minutes), &json!({ "RecordType_s": "SOA", "ZoneId_s": ZONE })))
    };
    assert_eq!(told(&soa(45.0)), [(Strange::ZoneMarkers, 1, "11:15".to_owned())]);
    assert_eq!(told(&soa(10.0)), []);
    // With less than half of the machines it is as good as alone.
    let with = |count: usize| swept(well(), FORGED, 45.0, count);
    assert_eq!([0, 1, 2].map(|count| told(&with(count)).len()), [2, 2, 0]);
    // A fleet that grows or shrinks is no stranger.
    let grows = swept(swept(swept(World::empty(), "r1", 61.0, 1), "r2", 31.0, 4), "r3", 16.0, 9);
    let shrinks = swept(swept(swept(World::empty(), "r1", 61.0, 9), "r2", 31.0, 4), "r3", 16.0, 1);
    assert_eq!((told(&grows), told(&shrinks)), (vec![], vec![]));
}

#[test]
fn a_write_of_which_no_record_set_tells_is_told() {
    let change = |minutes: f64, more: Value| well().change(minutes, HOST, FORGED, more);
    assert_eq!(told(&change(6.0, json!({}))), [(Strange::Changes, 1, "11:54".to_owned())]);
    for action in ["create", "adopt", "delete"] {
        assert_eq!(told(&change(6.0, json!({ "Action_s": action }))).len(), 1, "{action}");
    }
    // Its own row may be on its way; the rows before it may lie before what is looked at.
    for minutes in [4.0, 106.0] {
        assert_eq!(told(&change(minutes, json!({}))), [], "{minutes}");
    }
    assert_eq!(told(&change(104.0, json!({}))).len(), 1);
    // Of another name, another type, or another zone is not of this one.
    for row in [
        json!({ "DNSHostName_s": "b.example.com" }),
        json!({ "RecordType_s": "AAAA" }),
        json!({ "ZoneId_s": "/z" }),
    ] {
        let other = change(40.0, json!({})).record_with(HOST, &["192.0.2.2"], and(of(FORGED, 40.0), &row));
        assert!(told(&other).iter().any(|(kind, ..)| *kind == Strange::Changes), "{row}");
    }
    assert_eq!(told(&change(40.0, json!({})).record_with(HOST, &["192.0.2.2"], of(FORGED, 40.0))), []);
}
