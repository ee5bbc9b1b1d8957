//! A zone that somebody deletes under the product: trouble that names it, and never names that are missing.

use std::process::Output;

use serde_json::{Value, json};

use super::{NEW, OLD, change, code, new, old, report, skip, sweep, words};
use crate::handler::{House, beat, moved, outcomes, set, tagged, until};
use crate::stage::zone_id;

const GONE: &str = "gone.example";
const STAYS: &str = "stays.example";
const SHORT: (&str, &str) = ("RUN_DEADLINE", "20s");

/// Two zones: one with so many names, which all move, and one with a single name, which moves too.
async fn two_zones(count: usize) -> House {
    let mut house = House::new(&[], &[], &[], &[SHORT]).await;
    house.environment.insert("DNS_ZONES".to_owned(), format!("{},{}", zone_id(GONE), zone_id(STAYS)));
    house.environment.insert("POLICY_MAX_MOVE_PERCENT".to_owned(), "100".to_owned());
    let name = |index: usize| format!("m{index:03}");
    let mut machines: Vec<_> =
        (0..count).map(|index| tagged(&name(index), &format!("{}.{GONE}", name(index)))).collect();
    machines.push(tagged("host", &format!("host.{STAYS}")));
    house.world(&json!({ "zones": both(count), "machines": machines })).await;
    let beats = (0..count).flat_map(|index| moved(&name(index), &old(index % 250), &new(index % 250)));
    house.heartbeats(&beats.chain(moved("host", OLD, NEW)).collect::<Vec<_>>()).await;
    sweep(&house).await;
    house.stage.all_calls().await;
    house
}

fn both(count: usize) -> Vec<Value> {
    let sets: Vec<_> =
        (0..count).map(|index| set(&format!("m{index:03}"), &[&old(index % 250)], Value::Null)).collect();
    vec![json!({ "id": zone_id(GONE), "recordSets": sets }), stays(OLD)]
}

fn stays(address: &str) -> Value {
    json!({ "id": zone_id(STAYS), "recordSets": [set("host", &[address], Value::Null)] })
}

/// Whether the words are about the zone that is gone.
fn names_it(words: &Value) -> bool {
    words.as_str().is_some_and(|words| words.contains(&format!("The zone '{GONE}' does not exist")))
}

/// What people read is on one line here.
fn told(output: &Output) -> String {
    words(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How often a person is told of it.
fn count(told: &str) -> usize {
    told.matches(&format!("the zone {GONE} does not exist any more in the group rg-dns")).count()
}

/// The two commands that end it stand there, and nothing that Azure says of it.
fn is_mended(told: &str) -> bool {
    let where_to = format!("az network dns zone list --query \"[?name=='{GONE}'].id\" --output tsv");
    let anew = format!("az network dns zone create --resource-group rg-dns --name {GONE}");
    told.contains(&where_to)
        && told.contains(&anew)
        && !told.contains("404")
        && !told.contains("subscription '")
}

/// Writes to the zone that is gone, whatever became of them.
async fn writes_there(house: &House) -> usize {
    let calls = house.stage.calls().await;
    calls.iter().filter(|call| call.method == "PUT" && call.path.contains(GONE)).count()
}

/// Read one by one, and as a list.
#[tokio::test(flavor = "multi_thread")]
async fn one_deleted_after_the_sweep_holds_its_own_names_and_no_others() {
    for count in [1, 30] {
        let house = two_zones(count).await;
        house.world(&json!({ "zones": [stays(OLD)] })).await;
        let handler = house.serve().await;
        let planned = handler.plan().await;
        let report = handler.apply().await;
        assert_eq!(change(&report, &format!("host.{STAYS}"))["outcome"], "confirmed", "{report}");
        for report in [planned, report] {
            assert_eq!(report["changes"].as_array().unwrap().len(), 1, "{report}");
            for index in 0..count {
                let held = skip(&report, &format!("m{index:03}.{GONE}"));
                assert_eq!(held["reason"], "blind", "{report}");
                assert!(names_it(&held["because"]), "{held}");
            }
        }
        assert_eq!(writes_there(&house).await, 0);
        // The sweep fails for it alone, and takes nothing back that it told before.
        let swept = house.run(&["collect"]).await;
        assert_eq!(code(&swept), 1, "{}", words(&swept));
        assert!(words(&swept).contains(&format!("the sweep of {GONE} failed")), "{}", words(&swept));
        let absent = "DNSData_CL | where Refused_s has 'absent' | count";
        assert_eq!(house.query(absent).await, [json!([0])]);
        // Nothing else is to be done now, and of what is nothing can be decided.
        let (status, report) = handler.remediate(r#"{"mode":"apply","wait":true}"#).await;
        assert_eq!((status, &report["result"], &report["changes"]), (503, &json!("retry-later"), &json!([])));
        assert!(names_it(&report["because"]), "{report}");
        assert_eq!(writes_there(&house).await, 0);
        // It is back, as it was.
        let mut back = both(count);
        back.pop();
        back.push(stays(NEW));
        house.world(&json!({ "zones": back })).await;
        sweep(&house).await;
        let report = handler.apply().await;
        assert_eq!(outcomes(&report), ["confirmed"], "{report}");
        assert_eq!(report["changes"].as_array().unwrap().len(), count, "{report}");
    }
}

/// Nothing can be decided: the run is to be tried again, and whoever waits is told so.
#[tokio::test(flavor = "multi_thread")]
async fn the_only_zone_deleted_is_trouble_that_names_it() {
    let mut house = two_zones(12).await;
    house.environment.insert("DNS_ZONES".to_owned(), zone_id(GONE));
    house.world(&json!({ "zones": [] })).await;
    let handler = house.serve().await;
    let (status, report) = handler.remediate(r#"{"mode":"apply","wait":true}"#).await;
    assert_eq!((status, &report["result"]), (503, &json!("retry-later")), "{report}");
    assert!(names_it(&report["because"]), "{report}");
    let name = format!("m000.{GONE}");
    for command in
        [&["plan"][..], &["apply", "--yes"], &["apply", &name, "--yes"], &["adopt", &name, "--yes"]]
    {
        let output = house.run(command).await;
        let said = told(&output);
        assert_eq!(
            (code(&output), count(&said), is_mended(&said)),
            (1, 1, true),
            "{command:?}: {}",
            words(&output)
        );
    }
    assert_eq!(writes_there(&house).await, 0);
    // One name explained says it once as well.
    let output = house.run(&["explain", &name]).await;
    let said = told(&output);
    assert_eq!((count(&said), is_mended(&said)), (1, true), "{}", words(&output));
    let moves = "would move when the zone exists again, or DNS_ZONES names another";
    assert!(said.contains(moves) && !said.contains("can be read"), "{}", words(&output));
}

/// What was read a moment ago is written to no zone; nothing is created in its place.
#[tokio::test(flavor = "multi_thread")]
async fn one_deleted_while_a_run_writes_is_a_failure_of_its_names() {
    let house = two_zones(3).await;
    let slow = json!({ "method": "PUT", "path": GONE, "times": 1000, "delay_ms": 2000 });
    house.stage.fail(&json!([slow])).await;
    let handler = house.serve().await;
    let delete = async {
        let is_sent =
            async || house.stage.faults().await.iter().any(|fault| fault["times"].as_u64() < Some(1000));
        until("a write is on its way", is_sent).await;
        // The world is put as it stands: what was written to the other zone is there already.
        let is_written = async || {
            let calls = house.control("GET", "/standin/calls", &Value::Null).await;
            let of_the_other = |call: &Value| {
                call["method"] == "PUT" && call["path"].as_str().is_some_and(|path| path.contains(STAYS))
            };
            calls.as_array().unwrap().iter().any(of_the_other)
        };
        until("the other zone is written", is_written).await;
        house.world(&json!({ "zones": [stays(NEW)] })).await;
    };
    let (report, ()) = tokio::join!(handler.apply(), delete);
    let other = change(&report, &format!("host.{STAYS}"));
    assert_eq!((&other["outcome"], &other["proved_by"]), (&json!("confirmed"), &json!("dns")), "{report}");
    for index in 0..3 {
        let failed = change(&report, &format!("m{index:03}.{GONE}"));
        assert_eq!(failed["outcome"], "failed", "{report}");
        assert!(names_it(&failed["detail"]), "{failed}");
    }
    let calls = house.stage.calls().await;
    let there = calls.iter().filter(|call| call.method == "PUT" && call.path.contains(GONE));
    assert!(there.into_iter().all(|call| call.status == 404), "{calls:?}");
}

/// The page that was read before counts for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn one_deleted_during_its_sweep_gets_no_marker() {
    let house = two_zones(600).await;
    let markers = "DNSData_CL | where RecordType_s == 'SOA' and ZoneId_s !has 'example.com' \
        | summarize count() by Zone = tolower(ZoneId_s)";
    let slow = json!({ "method": "GET", "path": &format!("{GONE}/A\\?.*skipToken"), "delay_ms": 1500 });
    house.stage.fail(&json!([slow])).await;
    let delete = async {
        until("the second page is asked for", async || house.stage.faults().await.is_empty()).await;
        house.world(&json!({ "zones": [stays(OLD)] })).await;
    };
    let (swept, ()) = tokio::join!(house.run(&["collect"]), delete);
    assert_eq!(code(&swept), 1, "{}", words(&swept));
    assert!(names_it(&json!(words(&swept).replace('\n', " "))), "{}", words(&swept));
    let mut counted = house.query(markers).await;
    counted.sort_by_key(ToString::to_string);
    let row = |zone: &str, markers: u64| json!([zone_id(zone).to_lowercase(), markers]);
    assert_eq!(counted, [row(GONE, 1), row(STAYS, 2)]);
}

/// What `plan` says with its exit code, `apply` says with its own, whether or not there is something else to write.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_and_a_run_of_one_that_is_gone_end_alike() {
    let house = two_zones(3).await;
    house.world(&json!({ "zones": [stays(OLD)] })).await;
    for command in [&["plan"][..], &["apply", "--yes"], &["plan"], &["apply", "--yes"]] {
        let output = house.run(command).await;
        let said = told(&output);
        assert_eq!(
            (code(&output), count(&said), is_mended(&said)),
            (1, 1, true),
            "{command:?}: {}",
            words(&output)
        );
    }
}

/// What many names are held by is said once above them.
#[tokio::test(flavor = "multi_thread")]
async fn the_cause_of_many_names_is_said_once_above_them() {
    let mut house = two_zones(5).await;
    house.world(&json!({ "zones": [stays(OLD)] })).await;
    let some = house.run(&["plan"]).await;
    let text = String::from_utf8(some.stdout.clone()).unwrap();
    assert_eq!((count(&told(&some)), is_mended(&told(&some))), (1, true), "{text}");
    assert!(text.contains("so its 5 names stay as they are"), "{text}");
    for index in 0..5 {
        assert!(
            text.contains(&format!("m{index:03}.{GONE}  A  {} stays  m{index:03}", old(index))),
            "{text}"
        );
    }
    house.environment.insert("DNS_ZONES".to_owned(), zone_id(GONE));
    let all = house.run(&["plan"]).await;
    let text = String::from_utf8(all.stdout.clone()).unwrap();
    assert_eq!(count(&told(&all)), 1, "{text}");
    assert!(text.contains("of what differs nothing could be decided: see below"), "{text}");
}

/// What the log says of its names is true no longer: none of them is in sync.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_a_zone_that_is_gone_counts_as_in_sync() {
    let sets = [set("right", &[NEW], Value::Null), set("steady", &[OLD], Value::Null)];
    let mut house = House::new(&[], &[], &[], &[SHORT]).await;
    house.environment.insert("DNS_ZONES".to_owned(), format!("{},{}", zone_id(GONE), zone_id(STAYS)));
    let machines = [
        tagged("right", &format!("right.{GONE}")),
        tagged("steady", &format!("steady.{GONE}")),
        tagged("host", &format!("host.{STAYS}")),
    ];
    let zones = json!([{ "id": zone_id(GONE), "recordSets": sets }, stays(NEW)]);
    house.world(&json!({ "zones": zones, "machines": machines })).await;
    let steady = |machine: &str, address: &str| [300, 180, 60, 5].map(|ago| beat(machine, address, ago));
    house.heartbeats(&[steady("right", NEW), steady("steady", OLD), steady("host", NEW)].concat()).await;
    sweep(&house).await;
    let before = report(&house, &["plan"]).await;
    assert_eq!(before["summary"]["in_sync"], 3, "{before}");
    house.world(&json!({ "zones": [stays(NEW)] })).await;
    let plan = report(&house, &["plan"]).await;
    assert_eq!(plan["summary"]["in_sync"], 1, "{plan}");
    for name in ["right", "steady"] {
        assert_eq!(skip(&plan, &format!("{name}.{GONE}"))["reason"], "blind", "{plan}");
    }
    let output = house.run(&["plan"]).await;
    let said = told(&output);
    assert_eq!((code(&output), count(&said), is_mended(&said)), (1, 1, true), "{}", words(&output));
    assert!(said.contains("2 left as they are, 1 in sync"), "{said}");
    // Of names that are right no row speaks, and what was meant by a slip of the pen they tell all the same.
    house.environment.insert("DNS_ZONES".to_owned(), zone_id("gnoe.example"));
    let said = told(&house.run(&["plan"]).await);
    assert!(said.contains("has none of that name: did you mean gone.example?"), "{said}");
    let meant = format!("correct DNS_ZONES; probably meant: {}", zone_id(GONE));
    assert!(said.to_lowercase().contains(&meant.to_lowercase()), "{said}");
}

/// A slip of the pen in a setting is no fault of any tag.
#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_never_was_is_told_once_with_what_was_meant() {
    let mut house = two_zones(4).await;
    for (zones, is_all) in [("gnoe.example", true), ("gnoe.example,stays.example", false)] {
        let ids: Vec<String> = zones.split(',').map(zone_id).collect();
        house.environment.insert("DNS_ZONES".to_owned(), ids.join(","));
        let output = house.run(&["plan"]).await;
        let line = told(&output);
        assert_eq!(code(&output), 1, "{line}");
        let said = "DNS_ZONES names the zone gnoe.example, and the group rg-dns has none of that name: \
            did you mean gone.example?";
        assert_eq!(line.matches(said).count(), 1, "{line}");
        let head = format!("of what differs nothing could be decided: {said}");
        assert_eq!(line.contains(&head), is_all, "{line}");
        // What mends it is told, and nothing that would not.
        let mend = format!("correct DNS_ZONES; probably meant: {}", zone_id(GONE)).to_lowercase();
        assert_eq!(line.to_lowercase().matches(&mend).count(), 1, "{line}");
        assert!(line.contains("their zone is probably the one that DNS_ZONES is to name"), "{line}");
        assert!(!line.contains("heartbeat-dns collect") && !line.contains("add their zone"), "{line}");
    }
    house.environment.insert("DNS_ZONES".to_owned(), zone_id(STAYS));
    assert_eq!(code(&house.run(&["plan"]).await), 0);
}

/// The head and the row tell it; no warning and no line of a log say it once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_not_told_of_it_again_beside_the_report() {
    let house = two_zones(1).await;
    house.world(&json!({ "zones": [stays(OLD)] })).await;
    // Of one name of two something can be decided.
    let both = house.run(&["apply", "--yes"]).await;
    assert_eq!((code(&both), count(&told(&both))), (1, 1), "{}", words(&both));
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let silent = house.run(command).await;
        let said = told(&silent);
        assert!(said.contains("of what differs nothing could be decided"), "{said}");
        assert_eq!((code(&silent), count(&said)), (1, 1), "{command:?}: {said}");
        assert!(!said.contains("ERROR") && !said.contains("warning: "), "{command:?}: {said}");
    }
}
