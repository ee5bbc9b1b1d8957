//! One run over a world: what is written, what is left alone, what the log is told.

use serde_json::{Value, json};

use crate::handler::{House, OWNER, beat, mark, moved, outcomes, reasons, set, tagged};
use crate::stage::machine_id;

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

/// The reasons why the one name `x.example.com` was left alone; nothing may have been written.
async fn left_alone(sets: &[Value], machines: &[Value], beats: &[Value]) -> Vec<String> {
    let house = House::new(sets, machines, beats, &[]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(house.writes().await, 0, "{report}");
    reasons(&report, "x.example.com")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_one_conditional_write_that_keeps_the_rest() {
    let sets = [set("nas", &[OLD], json!({ "team": "home" }))];
    let house = House::new(&sets, &[tagged("nas", "nas.example.com")], &moved("nas", OLD, NEW), &[]).await;
    let handler = house.serve().await;
    let report = handler.apply().await;
    assert_eq!((&report["result"], outcomes(&report)), (&json!("changed"), vec!["confirmed".to_owned()]));
    let change = &report["changes"][0];
    assert_eq!((&change["from"], &change["to"]), (&json!([OLD]), &json!([NEW])));
    assert_eq!((&change["adopted"], &change["proved_by"]), (&json!(true), &json!("dns")));
    let now = house.record_set("nas").await;
    assert_eq!((&now["TTL"], &now["ARecords"]), (&json!(300), &json!([{ "ipv4Address": NEW }])));
    let metadata = &now["metadata"];
    assert_eq!((&metadata["team"], &metadata["heartbeat_dns_v"]), (&json!("home"), &json!("1")));
    assert_eq!(metadata["heartbeat_dns_owner"], OWNER);
    assert_eq!(metadata["heartbeat_dns_machine"], machine_id("nas").to_lowercase());
    assert_eq!(
        (&metadata["heartbeat_dns_run"], &metadata["heartbeat_dns_previous"]),
        (&report["run"], &json!(OLD))
    );
    let written = "DNSChange_CL | project DNSHostName_s, RecordType_s, Outcome_s, OldIPs_s, NewIPs_s, run_s";
    let expected = json!(["nas.example.com", "A", "confirmed", OLD, NEW, report["run"]]);
    assert_eq!(house.query(written).await, [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_live_read_shows_to_differ_is_told_once_whatever_becomes_of_the_row() {
    let beats = [600, 540, 480].map(|ago| beat("m", OLD, ago)).into_iter().chain([beat("m", NEW, 2)]);
    let machines = [tagged("m", "x.example.com")];
    let house =
        House::new(&[set("x", &[OLD], Value::Null)], &machines, &beats.collect::<Vec<_>>(), &[]).await;
    // Somebody edits the set by hand, and its addresses stay: another entity tag is all that tells.
    let mut edited = set("x", &[OLD], Value::Null);
    edited["properties"]["TTL"] = json!(77);
    let zone = crate::stage::zone_id("example.com");
    house.world(&json!({ "zones": [{ "id": zone, "recordSets": [edited] }] })).await;
    let handler = house.serve().await;
    // The set may have become another while its answer was on the way: what was read is as old as the question.
    house.stage.fail(&json!([{ "method": "GET", "path": "/A/x", "delay_ms": 2000 }])).await;
    for _ in 0..2 {
        assert_eq!(reasons(&handler.apply().await, "x.example.com"), ["too-few-beats"]);
    }
    let lag = "DNSChange_CL | where Reason_s == 'too-few-beats' | extend Read = toscalar(DNSData_CL | where TTL_d == 77.0 \
        | summarize max(TimeGenerated)) | project TimeGenerated - Read > 1500ms";
    assert_eq!(house.query(lag).await, [json!([true])]);
    let told =
        "DNSData_CL | where DNSHostName_s == 'x.example.com' | order by TimeGenerated asc | project TTL_d";
    assert_eq!(house.query(told).await, [json!([300.0]), json!([77.0])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_evaluation_after_a_repair_is_two_calls() {
    let sets = [set("nas", &[OLD], Value::Null)];
    let house = House::new(&sets, &[tagged("nas", "nas.example.com")], &moved("nas", OLD, NEW), &[]).await;
    let handler = house.serve().await;
    let report = handler.apply().await;
    assert_eq!(
        report["calls"],
        json!({ "logs_query": 2, "resource_graph": 1, "dns_read": 2, "dns_write": 1, "logs_ingest": 2 }),
        "the row itself says that the machine was at the old address within the hour"
    );
    house.stage.calls().await;
    assert_eq!(handler.apply().await["result"], "in-sync");
    let calls = house.stage.calls().await;
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls.iter().all(|call| call.path.contains("/query")), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_record_set_is_created() {
    let beats = [beat("nas", NEW, 60), beat("nas", NEW, 5)];
    let house = House::new(&[], &[tagged("nas", "nas.example.com")], &beats, &[("POLICY_TTL", "120")]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(report["changes"][0]["action"], "create");
    assert_eq!(house.record_set("nas").await["TTL"], 120);
    assert_eq!(house.addresses("nas").await, [NEW]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_left_alone() {
    let machine = [tagged("m", "x.example.com")];
    let beats = moved("m", OLD, NEW);
    let alias = json!({ "name": "x", "type": "A", "properties": { "TTL": 60, "targetResource":
        { "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/p" } } });
    assert_eq!(left_alone(&[alias], &machine, &beats).await, ["alias"]);
    let cname = json!({ "name": "x", "type": "CNAME", "properties": { "TTL": 60, "CNAMERecord": { "cname": "y.example.net" } } });
    assert_eq!(left_alone(&[cname], &machine, &beats).await, ["cname-exists"]);
    assert_eq!(left_alone(&[set("x", &[], Value::Null)], &machine, &beats).await, ["empty-set"]);
    let foreign = set("x", &[OLD], mark("m", "dcr-other", "1"));
    assert_eq!(left_alone(&[foreign], &machine, &beats).await, ["not-owned"]);
    let newer = set("x", &[OLD], mark("m", OWNER, "3"));
    assert_eq!(left_alone(&[newer], &machine, &beats).await, ["not-owned"]);
    let stolen = set("x", &["192.0.2.80"], Value::Null);
    assert_eq!(left_alone(&[stolen], &machine, &beats).await, ["not-owned"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_two_machines_claim_freezes_unless_they_agree() {
    let both = [tagged("m", "x.example.com"), tagged("n", "x.example.com")];
    let apart = [moved("m", OLD, OLD), moved("n", OLD, NEW)].concat();
    assert_eq!(left_alone(&[], &both, &apart).await, ["claim-conflict"]);
    let marked = set("x", &[OLD], mark("m", OWNER, "1"));
    assert_eq!(left_alone(&[marked], &both, &apart).await, ["claim-conflict"]);
    let together = [moved("m", OLD, NEW), moved("n", OLD, NEW)].concat();
    let house = House::new(&[set("x", &[OLD], Value::Null)], &both, &together, &[]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(report["changes"][0]["witnesses"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(house.addresses("x").await, [NEW]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_ends_with_its_tag() {
    let machines = [tagged("new", "x.example.com"), tagged("old", "elsewhere.example.com")];
    let beats = [moved("new", NEW, NEW), moved("old", OLD, OLD)].concat();
    let sets = [set("x", &[OLD], mark("old", OWNER, "1"))];
    let house = House::new(&sets, &machines, &beats, &[("POLICY_NAMES", "x.example.com")]).await;
    house.serve().await.apply().await;
    assert_eq!(house.addresses("x").await, [NEW]);
    let owner = house.record_set("x").await["metadata"]["heartbeat_dns_machine"].clone();
    assert_eq!(owner, machine_id("new").to_lowercase());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_was_taken_off_counts_at_once() {
    let sets = [set("x", &[OLD], Value::Null)];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), &[]).await;
    house.world(&json!({ "machines": [tagged("m", "other.example.net")] })).await;
    let handler = house.serve().await;
    // The tag may have become another while its answer was on the way: what was read is as old as the question.
    house.stage.fail(&json!([{ "path": "ResourceGraph", "delay_ms": 2000 }])).await;
    assert_eq!(reasons(&handler.apply().await, "x.example.com"), ["tag-gone"]);
    let lag = "DNSChange_CL | where Reason_s == 'tag-gone' | extend Read = toscalar(TagData_CL \
        | where DNSHostName_s == 'other.example.net' | summarize max(TimeGenerated)) | project TimeGenerated - Read > 1500ms";
    assert_eq!(house.query(lag).await, [json!([true])]);
    assert_eq!(house.writes().await, 0);
    let quiet = handler.plan().await;
    assert_eq!(reasons(&quiet, "x.example.com"), Vec::<String>::new(), "the log was told: {quiet}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_told_that_the_log_took_no_row_of_a_tag() {
    let sets = [set("x", &[OLD], Value::Null)];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), &[]).await;
    house.world(&json!({ "machines": [tagged("m", "other.example.net")] })).await;
    house.stage.fail(&json!([{ "path": "Custom-TagData", "times": 1000, "status": 403 }])).await;
    let untold = house.serve().await.apply_untold().await;
    assert!(untold["because"].as_str().unwrap().contains("403"), "{untold}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_of_a_change_bears_what_started_its_run() {
    let alert = include_str!("fixtures/alerts/alert-v2-fired.json");
    let id = serde_json::from_str::<Value>(alert).unwrap()["data"]["essentials"]["alertId"].clone();
    for (by, id) in [("alert", id), ("timer", json!("")), ("manual", json!("")), ("cli", json!(""))] {
        let sets = [set("x", &[OLD], Value::Null)];
        let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), &[]).await;
        let handler = house.serve().await;
        match by {
            "alert" => drop(handler.remediate(alert).await),
            "timer" => drop(handler.tick().await),
            "manual" => drop(handler.apply().await),
            _ => drop(house.run(&["apply", "--yes"]).await),
        }
        let rows = async || house.query("DNSChange_CL | project Trigger_s, AlertId_s").await;
        // An alert is answered before its rows are sent.
        crate::handler::until("the log was told", async || !rows().await.is_empty()).await;
        assert_eq!(rows().await, [json!([by, id])]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_held_and_a_surge_waits() {
    let name = |index: u8| format!("n{index:02}");
    let host = |index: u8| format!("{}.example.com", name(index));
    let old = |index: u8| format!("198.51.100.{}", index + 1);
    let machines: Vec<_> = (0..30).map(|index| tagged(&name(index), &host(index))).collect();
    let sets: Vec<_> = (0..30).map(|index| set(&name(index), &[&old(index)], Value::Null)).collect();
    let beats: Vec<_> = (0..30).flat_map(|index| moved(&name(index), &old(index), &old(index))).collect();
    // Two beats one second apart are enough here, so that nobody has to wait for a minute.
    let more = [("POLICY_SURGE_HOLD", "40m"), ("POLICY_MIN_SPAN", "1s")];
    let mut house = House::new(&sets, &machines, &beats, &more).await;
    let handler = house.serve().await;
    let to = |machines: std::ops::Range<u8>, address: &dyn Fn(u8) -> String| -> Vec<Value> {
        machines.flat_map(|index| [1, 0].map(|ago| beat(&name(index), &address(index), ago))).collect()
    };
    house.heartbeats(&to(0..4, &|_| NEW.to_owned())).await;
    let report = handler.apply().await;
    assert_eq!((&report["result"], &report["brakes"][0]["brake"]), (&json!("held"), &json!("converging")));
    assert_eq!(report["brakes"][0]["names"].as_array().unwrap().len(), 4, "{report}");
    assert_eq!(house.writes().await, 0);
    house.heartbeats(&to(4..16, &|index| format!("203.0.113.{}", index + 100))).await;
    let report = handler.apply().await;
    assert_eq!(
        (&report["result"], &report["brakes"][1]["brake"]),
        (&json!("held"), &json!("surge")),
        "{report}"
    );
    assert_eq!(report["brakes"][1]["names"].as_array().unwrap().len(), 12, "{report}");
    assert_eq!(house.writes().await, 0);
    house.environment.insert("POLICY_SURGE_HOLD".to_owned(), "1s".to_owned());
    let handler = house.serve().await;
    assert_eq!(handler.apply().await["changes"].as_array().unwrap().len(), 12);
    assert_eq!(house.writes().await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_data_is_never_nothing_to_do() {
    let house = House::new(&[], &[tagged("m", "x.example.com")], &[beat("m", NEW, 20 * 60)], &[]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(
        (&report["result"], &report["brakes"][0]["brake"]),
        (&json!("held"), &json!("blind")),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn observing_writes_nothing() {
    let sets = [set("x", &[OLD], Value::Null)];
    let more = [("MODE", "observe")];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), &more).await;
    let (status, words) = house.serve().await.tick().await;
    assert_eq!(status, 200, "{words}");
    assert!(words.contains("planned"), "{words}");
    assert_eq!(house.writes().await, 0);
    assert_eq!(house.query("DNSChange_CL | count").await, [json!([0])]);
}
