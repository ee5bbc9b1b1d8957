//! The end of a name: what nobody claims any more is told, and what goes of it goes by the rules alone.

mod deployed;
mod limits;

use serde_json::{Value, json};

use super::{NEW, OLD, report, sweep};
use crate::handler::{Handler, House, OWNER, beat, mark, moved, set, tagged};
use crate::stage::{machine, machine_id, zone_id};

const DAY: i64 = 24 * 3600;

/// A name that is right, one of ours whose machine has no tag any more, and one of another installation.
async fn left_over(more: &[(&str, &str)]) -> House {
    let sets = [
        set("x", &[NEW], mark("m", OWNER, "1")),
        set("gone", &[OLD], mark("g", OWNER, "1")),
        set("theirs", &["192.0.2.80"], mark("t", "another", "1")),
        set("bare", &["192.0.2.81"], Value::Null),
    ];
    House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", NEW, NEW), more).await
}

fn names(plan: &Value, list: &str) -> Vec<String> {
    let all = plan[list].as_array().into_iter().flatten();
    all.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_of_ours_that_nobody_claims_is_listed_until_somebody_does() {
    let house = left_over(&[]).await;
    let plan = report(&house, &["plan"]).await;
    assert_eq!(names(&plan, "orphans"), ["gone.example.com"], "{plan}");
    let orphan = &plan["orphans"][0];
    assert_eq!((&orphan["addresses"], &orphan["dangles_at"]), (&json!([OLD]), &Value::Null), "{orphan}");
    let because = orphan["because"].as_str().unwrap();
    assert!(
        because.contains("wrote it for g (rg-edge)") && because.contains("no tagged machine claims"),
        "{because}"
    );
    assert_eq!(orphan["machine"], machine_id("g").to_lowercase());
    assert_eq!(
        (&plan["summary"]["orphans"], plan["result"].as_str()),
        (&json!(1), Some("in-sync")),
        "{plan}"
    );
    let shown = house.run(&["plan"]).await;
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("gone.example.com") && shown.contains("1 claimed by nobody"), "{shown}");
    // Whoever tags a machine with it need not wait for the next sweep.
    house
        .world(&json!({ "machines": [tagged("m", "x.example.com"), tagged("new", "Gone.Example.com.")] }))
        .await;
    let plan = report(&house, &["plan"]).await;
    assert_eq!((names(&plan, "orphans"), &plan["summary"]["orphans"]), (Vec::new(), &json!(0)), "{plan}");
    // And with names nobody looks for it.
    let plan = report(&house, &["plan", "x.example.com"]).await;
    assert_eq!(plan["summary"]["orphans"], Value::Null, "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_another_machine_has_by_now_is_told_with_the_name_that_dangles() {
    let house = left_over(&[]).await;
    house.heartbeats(&[beat("m", OLD, 600)]).await;
    let plan = report(&house, &["plan"]).await;
    let orphan = &plan["orphans"][0];
    let dangles_at = orphan["dangles_at"].as_str().unwrap();
    assert_eq!(dangles_at.to_lowercase(), machine_id("m").to_lowercase(), "{orphan}");
    assert!(orphan["because"].as_str().unwrap().contains("reaches that machine"), "{orphan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_silent_when_none_of_its_machines_was_heard_for_a_week() {
    let sets = [set("x", &[NEW], mark("m", OWNER, "1"))];
    let machines = [
        tagged("m", "x.example.com"),
        tagged("weekend", "w.example.com"),
        tagged("quiet", "q.example.com"),
        tagged("one", "both.example.com"),
        tagged("two", "both.example.com"),
    ];
    let beats = [
        moved("m", NEW, NEW),
        vec![beat("weekend", OLD, 6 * DAY), beat("quiet", OLD, 8 * DAY), beat("two", OLD, 2 * DAY)],
    ];
    let house = House::new(&sets, &machines, &beats.concat(), &[]).await;
    house.stage.calls().await;
    let plan = report(&house, &["plan"]).await;
    assert_eq!(names(&plan, "silent_names"), ["q.example.com"], "{plan}");
    assert_eq!(
        (&plan["summary"]["silent_names"], &plan["summary"]["silent"]),
        (&json!(1), &json!(4)),
        "{plan}"
    );
    let shown = house.run(&["plan"]).await;
    let shown = String::from_utf8(shown.stdout).unwrap();
    // Each is told once, with since when: the row of its machine says it.
    assert_eq!(shown.matches("q.example.com").count(), 1, "{shown}");
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in [
        "quiet carries the tag but was not heard for 7 d; start it",
        "or remove the tag if the machine is gone",
        "weekend carries the tag but was last heard 6 d ago; start it",
        "one carries the tag but was not heard for 7 d",
    ] {
        assert!(words.contains(wanted), "{wanted}: {words}");
    }
}

/// The run in the marks of these worlds.
const RUN: &str = "11111111-1111-1111-1111-111111111111";
const DELETE: (&str, &str) = ("POLICY_ORPHANS", "delete");

/// A row of the log from so long ago.
fn past(hours: i64, row: &Value) -> serde_json::Map<String, Value> {
    let time = heartbeat_dns::clock::now() - jiff::SignedDuration::from_hours(hours);
    let mut row = row.as_object().unwrap().clone();
    row.insert("TimeGenerated".to_owned(), json!(time.to_string()));
    row.insert("Installation_s".to_owned(), json!(OWNER));
    row
}

fn remember(house: &House, table: &str, rows: &[serde_json::Map<String, Value>]) {
    house.stage.standin.state().workspace().append(table, rows).unwrap();
}

/// That the tags were swept in full on each of the last eight days but these.
fn swept_daily(house: &House, but: &[i64]) {
    let days = (1..8).filter(|day| !but.contains(day));
    let rows: Vec<_> = days.map(|day| past(day * 24 + 1, &json!({ "id_s": "", "run_s": "r" }))).collect();
    remember(house, "TagData_CL", &rows);
}

/// That a run wrote the set of a name three weeks ago.
fn written(house: &House, name: &str, address: &str) {
    let row = json!({ "DNSHostName_s": format!("{name}.example.com"), "RecordType_s": "A", "run_s": RUN,
        "ZoneId_s": zone_id("example.com"), "Action_s": "update", "Outcome_s": "confirmed", "NewIPs_s": address });
    remember(house, "DNSChange_CL", &[past(500, &row)]);
}

/// A name of which all that is known says that it may go.
async fn over(more: &[(&str, &str)]) -> House {
    let house = left_over(more).await;
    house.serve().await.apply().await;
    swept_daily(&house, &[]);
    written(&house, "gone", OLD);
    deletions(&house).await;
    house
}

/// A tick of the timer, which must go well; what it has written.
async fn tick(house: &House, handler: &Handler) -> usize {
    let (status, said) = handler.tick().await;
    assert_eq!(status, 200, "{said}");
    deletions(house).await
}

/// The requests since the last look that would take a record set away, whatever became of them.
async fn deletions(house: &House) -> usize {
    house.stage.calls().await.iter().filter(|call| call.method == "DELETE").count()
}

/// The names in the zone of our worlds.
async fn standing(house: &House) -> Vec<String> {
    let world = house.control("GET", "/standin/world", &Value::Null).await;
    let sets = world["zones"][0]["recordSets"].as_array().unwrap().clone();
    let plain = sets.iter().filter(|set| set["type"].as_str().unwrap().ends_with('A') && set["name"] != "@");
    let mut names: Vec<_> = plain.map(|set| set["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

async fn stands(house: &House, name: &str) -> bool {
    standing(house).await.iter().any(|standing| standing == name)
}

const ENDS: &str = "DNSChange_CL | where Action_s == 'delete' | sort by TimeGenerated asc, Outcome_s desc \
    | project DNSHostName_s, Outcome_s, Reason_s, OldIPs_s, NewIPs_s, Cause_s, Trigger_s";

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_claims_stays_unless_it_is_told_to_go() {
    let house = over(&[]).await;
    let handler = house.serve().await;
    house.stage.calls().await;
    assert_eq!(tick(&house, &handler).await, 0);
    assert!(stands(&house, "gone").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_claims_goes_after_its_grace_and_nothing_else_does() {
    let house = over(&[DELETE]).await;
    // Only the timer's run looks for it.
    house.serve().await.apply().await;
    assert!(stands(&house, "gone").await);
    let handler = house.serve().await;
    let (status, said) = handler.tick().await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(standing(&house).await, ["bare", "theirs", "x"]);
    let told = house.query(ENDS).await;
    let row = |outcome: &str, reason: &str| {
        json!(["gone.example.com", outcome, reason, OLD, "", "orphaned", "timer"])
    };
    assert_eq!(told, [row("unconfirmed", "announced"), row("confirmed", "")]);
    let past = house.run(&["history", "gone.example.com", "-o", "json"]).await;
    let past: Value = serde_json::from_slice(&past.stdout).unwrap();
    let last = &past["changes"][0];
    assert_eq!((&last["cause"], &last["to"]), (&json!("orphaned"), &json!([])), "{past}");
    // The log knows at once: it is no orphan any more, and no other one goes.
    assert_eq!(report(&house, &["plan"]).await["summary"]["orphans"], 0);
    deletions(&house).await;
    assert_eq!(tick(&house, &handler).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_where_anything_speaks_for_it() {
    let claimed = |house: &House, hours: i64| {
        let row = json!({ "id_s": machine_id("g"), "DNSHostName_s": "gone.example.com", "run_s": "r" });
        remember(house, "TagData_CL", &[past(hours, &row)]);
    };
    let zone = |set: Value| json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": [set] }] });
    let cases: [&str; 10] = [
        "a row that names no machine",
        "a machine whose tags cannot be read",
        "a day without a sweep",
        "claimed",
        "another hand",
        "another hand, swept",
        "another's",
        "held",
        "tagged",
        "never written",
    ];
    for case in cases {
        let house = left_over(&[DELETE]).await;
        house.serve().await.apply().await;
        swept_daily(&house, if case == "a day without a sweep" { &[3] } else { &[] });
        if case != "never written" {
            written(&house, "gone", OLD);
        }
        match case {
            "claimed" => claimed(&house, 6 * 24),
            "another hand" | "another hand, swept" => {
                house.world(&zone(set("gone", &["192.0.2.99"], mark("g", OWNER, "1")))).await;
            }
            "another's" => house.world(&zone(set("gone", &[OLD], mark("g", "another", "1")))).await,
            "held" => {
                let mut held = mark("g", OWNER, "2");
                held["heartbeat_dns_hold"] = json!("forever");
                house.world(&zone(set("gone", &[OLD], held))).await;
            }
            "tagged" => {
                let machines = [tagged("m", "x.example.com"), tagged("new", "gone.example.com")];
                house.world(&json!({ "machines": machines })).await;
            }
            "a row that names no machine" => {
                house.stage.fail(&json!([graph_with(&json!({ "name": "nobody" }))])).await;
            }
            "a machine whose tags cannot be read" => {
                let row = json!({ "id": machine_id("new"), "tags": "DNSHostName=gone" });
                let itself =
                    json!({ "method": "GET", "path": "/machines/new\\?", "times": 100_000, "body": row });
                house.stage.fail(&json!([graph_with(&row), itself])).await;
            }
            _ => {}
        }
        if case == "another hand, swept" {
            sweep(&house).await;
        }
        let handler = house.serve().await;
        tick(&house, &handler).await;
        assert!(stands(&house, "gone").await, "{case}");
        assert_eq!(house.query(ENDS).await, [] as [Value; 0], "{case}");
        // A claim of before the grace says nothing.
        if case == "a day without a sweep" {
            claimed(&house, 9 * 24);
            swept_daily(&house, &[]);
            tick(&house, &handler).await;
            assert!(!stands(&house, "gone").await, "{case}");
        }
    }
}

/// The log is old news: a right that was lost longer ago than the grace looks like a name that nobody claims.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_without_a_word_of_the_machine_that_the_mark_names() {
    let forbidden = json!({ "error": { "code": "AuthorizationFailed", "message": "no" } });
    let single = |status: u16, body: &Value| json!({ "method": "GET", "path": "/machines/g\\?", "times": 100_000, "status": status, "body": body });
    for (case, more) in [
        ("a right that was lost", Some(single(403, &forbidden))),
        (
            "a subscription that nobody sees",
            Some(single(404, &json!({ "error": { "code": "SubscriptionNotFound" } }))),
        ),
        ("an answer that fails", Some(single(500, &json!({})))),
        ("deleted, and heard", None),
    ] {
        let house = over(&[DELETE]).await;
        let is_heard = more.is_none();
        if let Some(fault) = more {
            house.stage.fail(&json!([fault])).await;
        }
        if is_heard {
            house.heartbeats(&[beat("g", OLD, 600)]).await;
        }
        let handler = house.serve().await;
        handler.tick().await;
        assert_eq!((deletions(&house).await, stands(&house, "gone").await), (0, true), "{case}");
        // Once the machine is gone, or has its tag no more, so is the name.
        house.stage.fail(&json!([])).await;
        if is_heard {
            house
                .world(&json!({ "machines": [tagged("m", "x.example.com"), machine("g", &json!({}))] }))
                .await;
        }
        assert_eq!((tick(&house, &handler).await, stands(&house, "gone").await), (1, false), "{case}");
    }
}

/// Every answer of Resource Graph: the machine `m` as it is, beside this row.
fn graph_with(row: &Value) -> Value {
    let well = json!({ "id": machine_id("m"), "name": "m", "tags": { "DNSHostName": "x.example.com" } });
    let body = json!({ "totalRecords": 2, "count": 2, "data": [row, well], "resultTruncated": "false" });
    json!({ "path": "ResourceGraph", "times": 100_000, "body": body })
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_delete_the_row_says_so_and_it_is_not_tried_each_time() {
    let house = over(&[DELETE]).await;
    let body = json!({ "error": { "code": "AuthorizationFailed", "message": "no" } });
    house
        .stage
        .fail(&json!([{ "method": "DELETE", "path": "/A/gone", "times": 9, "status": 403, "body": body }]))
        .await;
    let handler = house.serve().await;
    let (status, said) = handler.tick().await;
    assert_eq!(status, 500, "{said}");
    let row = |outcome: &str, reason: &str| {
        json!(["gone.example.com", outcome, reason, OLD, "", "orphaned", "timer"])
    };
    let told = house.query(ENDS).await;
    assert_eq!(told, [row("unconfirmed", "announced"), row("failed", "AuthorizationFailed")]);
    deletions(&house).await;
    handler.tick().await;
    assert_eq!((deletions(&house).await, stands(&house, "gone").await), (0, true));
    // What was announced in vain is no deletion.
    let past = house.run(&["history", "gone.example.com", "-o", "json"]).await;
    let past: Value = serde_json::from_slice(&past.stdout).unwrap();
    assert_eq!(past["changes"].as_array().unwrap().len(), 1, "{past}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_whose_row_the_log_does_not_take_stays() {
    let house = over(&[DELETE]).await;
    house
        .stage
        .fail(&json!([{ "path": "Custom-DNSChange", "times": 1000, "status": 403, "body": {} }]))
        .await;
    let handler = house.serve().await;
    handler.tick().await;
    assert_eq!((deletions(&house).await, stands(&house, "gone").await), (0, true));
}
