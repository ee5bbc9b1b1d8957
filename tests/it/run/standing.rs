//! What stands until somebody changes the zone: it is read once, told to the log, and then costs nothing.

use serde_json::{Value, json};

use super::{NEW, OLD, alarming, name, report, skip, sweep};
use crate::handler::{House, OWNER, mark, moved, reasons, set, tagged};
use crate::stage::zone_id;

fn cname(name: &str) -> Value {
    json!({ "name": name, "type": "CNAME",
        "properties": { "TTL": 300, "CNAMERecord": { "cname": "x.example.net" } } })
}

/// Ten names that are CNAMEs, and ten below a cut, of which five have a record set.
async fn standing() -> House {
    let cut = json!({ "name": "lab", "type": "NS", "properties": { "TTL": 300,
        "NSRecords": [{ "nsdname": "ns1.example.net." }] } });
    let below = |index: usize| format!("{}.lab", name(index));
    let mut sets: Vec<_> = (0..10).map(|index| cname(&name(index))).collect();
    sets.push(cut);
    sets.extend((10..15).map(|index| set(&below(index), &[OLD], Value::Null)));
    let host = |index: usize| if index < 10 { name(index) } else { below(index) };
    let machines: Vec<_> =
        (0..20).map(|index| tagged(&name(index), &format!("{}.example.com", host(index)))).collect();
    let beats: Vec<_> = (0..20).flat_map(|index| moved(&name(index), OLD, NEW)).collect();
    House::new(&sets, &machines, &beats, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn cnames_and_names_below_a_cut_cost_a_quiet_run_nothing() {
    let house = standing().await;
    let handler = house.serve().await;
    for _ in 0..2 {
        let first = handler.apply().await;
        assert_eq!(first["summary"]["skips"], json!({ "cname-exists": 10, "delegated": 10 }), "{first}");
        assert_eq!(alarming(&house).await, Vec::<Value>::new());
        house.stage.calls().await;
        for _ in 0..2 {
            let quiet = handler.apply().await;
            assert_eq!(quiet["summary"]["skips"], first["summary"]["skips"], "{quiet}");
            let calls = house.stage.calls().await;
            assert_eq!(calls.len(), 2, "{calls:?}");
        }
        // A sweep looks again.
        sweep(&house).await;
    }
    let because = skip(&handler.plan().await, "n015.lab.example.com")["because"].clone();
    assert!(because.as_str().unwrap().contains("lab.example.com"), "{because}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_claimant_of_a_cname_makes_the_first_no_news() {
    let (cname, one, two) = (cname("x"), tagged("one", "x.example.com"), tagged("two", "x.example.com"));
    let house = House::new(&[cname], &[one, two], &moved("one", OLD, NEW), &[]).await;
    let handler = house.serve().await;
    handler.apply().await;
    assert_eq!(alarming(&house).await, Vec::<Value>::new());
    house.heartbeats(&moved("two", OLD, NEW)).await;
    let both = handler.apply().await;
    assert_eq!(reasons(&both, "x.example.com"), ["cname-exists"], "{both}");
    assert_eq!(alarming(&house).await, Vec::<Value>::new(), "both are refused");
}

/// A name that is right, in the log and live.
async fn right(more: &[(&str, &str)]) -> House {
    let sets = [set("x", &[NEW], mark("m", OWNER, "1"))];
    House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", NEW, NEW), more).await
}

async fn in_sync(house: &House) -> Value {
    report(house, &["plan"]).await["summary"]["in_sync"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_set_that_a_live_read_found_gone_is_in_sync_for_nobody() {
    for (now, more, reason) in [
        (vec![cname("x")], [("POLICY_CREATE", "true")], "cname-exists"),
        (vec![], [("POLICY_CREATE", "false")], "no-record"),
        (vec![], [("POLICY_MIN_BEATS", "20")], "too-few-beats"),
    ] {
        let house = right(&more).await;
        assert_eq!(in_sync(&house).await, 1);
        house.world(&json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": now }] })).await;
        let applied = report(&house, &["apply", "x.example.com", "--yes"]).await;
        assert_eq!(skip(&applied, "x.example.com")["reason"], reason, "{applied}");
        assert_eq!(in_sync(&house).await, 0, "{reason}");
        let (_, said) = house.serve().await.tick().await;
        assert!(said.contains("0 in sync"), "{reason}: {said}");
        // It is told once, and once that it was refused.
        let told = async || {
            report(&house, &["apply", "x.example.com", "--yes"]).await;
            house.query("DNSData_CL | where DNSHostName_s == 'x.example.com' | count").await
        };
        assert_eq!(told().await, told().await, "{reason}");
        sweep(&house).await;
        assert_eq!(in_sync(&house).await, 0, "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_set_that_could_not_be_made_again_is_in_sync_for_nobody() {
    let house = right(&[]).await;
    let empty = json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": [] }] });
    house.world(&empty).await;
    let waits = json!({ "method": "PUT", "path": "/A/x", "times": 1000, "status": 429, "headers": { "Retry-After": "3600" } });
    house.stage.fail(&json!([waits])).await;
    let applied = report(&house, &["apply", "x.example.com", "--yes"]).await;
    assert_eq!(applied["changes"][0]["outcome"], "deferred", "{applied}");
    house.stage.fail(&json!([])).await;
    assert_eq!(in_sync(&house).await, 0);
    // The alert rings for it, and the next run makes it.
    assert_eq!(alarming(&house).await, [json!(["x.example.com"])]);
    house.serve().await.apply().await;
    assert_eq!((house.addresses("x").await, in_sync(&house).await), (vec![NEW.to_owned()], json!(1)));
}

/// While the question about CNAMEs is not answered nobody knows what stands at a new name.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_created_beside_what_may_be_a_cname() {
    // Few names are asked about one by one, of many all CNAMEs are listed.
    for count in [1, 12] {
        let machines: Vec<_> =
            (0..count).map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
        let beats: Vec<_> = (0..count).flat_map(|index| moved(&name(index), OLD, NEW)).collect();
        let house = House::new(&[], &machines, &beats, &[]).await;
        house.stage.fail(&json!([{ "path": "/CNAME", "times": 1000, "status": 400 }])).await;
        let applied = report(&house, &["apply", "--yes"]).await;
        assert_eq!(reasons(&applied, "n000.example.com"), ["blind"], "{applied}");
        assert_eq!((&applied["changes"], house.writes().await), (&json!([]), 0), "{applied}");
        house.stage.fail(&json!([])).await;
        let applied = report(&house, &["apply", "--yes"]).await;
        assert_eq!((&applied["result"], house.writes().await), (&json!("changed"), count), "{applied}");
    }
}
