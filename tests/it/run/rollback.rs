//! Changes undone by hand: what stands there afterwards, for how long, and what nobody can have written by it.

use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{NEW, OLD, alarming, code, report, skip, sweep, words};
use crate::handler::{House, OWNER, beat, mark, moved, reasons, set, tagged};
use crate::stage::{machine_id, zone_id};

const HOST: &str = "x.example.com";
/// Where somebody who forges rows wants the name to point.
const EVIL: &str = "203.0.113.66";
const RUN: &str = "5f31c0d2-8a4e-4b7e-9a53-0d6c2f1b7e90";
const OTHER: &str = "aaaaaaaa-8a4e-4b7e-9a53-0d6c2f1b7e90";

/// One name that a real run has moved, and its id.
async fn after_a_move(more: &[(&str, &str)]) -> (House, String) {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", HOST)], &moved("m", OLD, NEW), more).await;
    let ran = house.serve().await.apply().await;
    assert_eq!(house.addresses("x").await, [NEW], "{ran}");
    house.writes().await;
    (house, ran["run"].as_str().unwrap().to_owned())
}

/// A row as somebody sends it who may send rows.
fn row(run: &str, minutes_ago: i64, from: &str, to: &str) -> Value {
    json!({
        "TimeGenerated": (heartbeat_dns::clock::now() - SignedDuration::from_mins(minutes_ago)).to_string(),
        "run_s": run, "Trigger_s": "alert", "DNSHostName_s": HOST, "RecordType_s": "A",
        "ZoneId_s": zone_id("example.com"), "Action_s": "update", "Outcome_s": "confirmed", "OldIPs_s": from,
        "NewIPs_s": to, "ResourceId_s": machine_id("m"), "Installation_s": OWNER,
    })
}

async fn log(house: &House, rows: &[Value]) {
    house.stage.azure().logs_ingest.send(DNS_CHANGE, rows).await.unwrap();
}

async fn metadata(house: &House) -> Value {
    house.record_set("x").await["metadata"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_stays_through_ten_alerts_until_it_is_let_go() {
    let (house, run) = after_a_move(&[]).await;
    let undone = house.run(&["rollback", HOST, "--why", "a proxy", "--yes"]).await;
    assert_eq!((code(&undone), house.writes().await), (0, 1), "{}", words(&undone));
    assert_eq!(house.addresses("x").await, [OLD]);
    let mark = metadata(&house).await;
    assert_eq!(
        (&mark["heartbeat_dns_v"], &mark["heartbeat_dns_hold"], &mark["heartbeat_dns_hold_why"]),
        (&json!("2"), &json!("forever"), &json!("a proxy")),
        "{mark}"
    );
    assert_eq!(
        (&mark["heartbeat_dns_undoes"], &mark["heartbeat_dns_previous"]),
        (&json!(run), &json!(NEW)),
        "{mark}"
    );
    let rows = "DNSChange_CL | where Cause_s == 'rolled-back' \
                | project Action_s, Outcome_s, OldIPs_s, NewIPs_s, Proof_s, isnotempty(By_s)";
    assert_eq!(house.query(rows).await, [json!(["update", "confirmed", NEW, OLD, "dns", true])]);
    let handler = house.serve().await;
    for alert in 0..10 {
        assert_eq!(alarming(&house).await, [] as [Value; 0], "alert {alert}");
        let ran = handler.apply().await;
        assert_eq!(reasons(&ran, HOST), ["held"], "alert {alert}: {ran}");
        if alert % 5 == 0 {
            sweep(&house).await;
        }
    }
    assert_eq!((house.addresses("x").await, house.writes().await), (vec![OLD.to_owned()], 0));
    let told = house.run(&["history", HOST]).await;
    assert!(words(&told).contains("rolled back"), "{}", words(&told));
    let mine = mark["heartbeat_dns_run"].as_str().unwrap();
    let other = house.run(&["unhold", "--run", RUN, "--yes"]).await;
    assert_eq!((code(&other), house.writes().await), (2, 0), "{}", words(&other));
    let free = house.run(&["unhold", "--run", mine, "--yes"]).await;
    assert_eq!((code(&free), house.writes().await), (0, 1), "{}", words(&free));
    handler.apply().await;
    assert_eq!(house.addresses("x").await, [NEW], "the next run moves it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_stand_there_and_its_digest_is_what_is_written() {
    let (house, run) = after_a_move(&[]).await;
    let shown = report(&house, &["rollback", HOST, "--dry-run"]).await;
    let change = super::change(&shown, HOST);
    assert_eq!(
        (&change["from"], &change["to"], &change["undoes"]),
        (&json!([NEW]), &json!([OLD]), &json!(run))
    );
    assert_eq!((&change["hold_until"], &change["unreported"]), (&json!("forever"), &json!([])), "{shown}");
    let text = house.run(&["rollback", HOST, "--dry-run"]).await;
    let text = words(&text);
    assert!(text.contains(&format!("as before run {}", &run[..8])), "{text}");
    assert!(text.contains("then held until you say unhold"), "{text}");
    assert!(text.contains(&format!("heartbeat-dns rollback {HOST} --expect")), "{text}");
    let unasked = house.run(&["rollback", HOST]).await;
    assert_eq!((code(&unasked), house.writes().await), (2, 0), "{}", words(&unasked));
    let digest = shown["digest"].as_str().unwrap();
    let other = house.run(&["rollback", HOST, "--until", "2999-01-01T00:00:00Z", "--expect", digest]).await;
    assert_eq!((code(&other), house.writes().await), (4, 0), "{}", words(&other));
    let undone = house.run(&["rollback", "--run", &run, "--expect", digest]).await;
    assert_eq!((code(&undone), house.addresses("x").await), (0, vec![OLD.to_owned()]), "{}", words(&undone));
    for (arguments, said) in [
        (vec!["rollback"], "nothing says what to undo"),
        (vec!["rollback", "--run", "5f31", "--yes"], "no run"),
        (vec!["rollback", "--run", RUN, "--yes"], "no such change"),
        (vec!["rollback", "--to", "monday", "--yes"], "no time"),
        (vec!["unhold", "--yes"], "nothing says"),
    ] {
        let refused = house.run(&arguments).await;
        assert_eq!(code(&refused), 2, "{arguments:?}: {}", words(&refused));
        assert!(words(&refused).contains(said), "{arguments:?}: {}", words(&refused));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_since_is_listed_and_left() {
    let (house, run) = after_a_move(&[]).await;
    let mut mark = metadata(&house).await;
    house.world(&zones(&[set("x", &["203.0.113.99"], mark.clone())])).await;
    for arguments in [vec!["rollback", HOST], vec!["rollback", "--run", &run]] {
        let left = report(&house, &[arguments.as_slice(), &["--yes"]].concat()).await;
        let skip = skip(&left, HOST);
        assert_eq!(skip["reason"], "changed-since", "{left}");
        assert!(skip["because"].as_str().unwrap().contains("203.0.113.99"), "{skip}");
    }
    // What no mark of ours stands on is nobody's to put back, and what made the set is no address of before.
    mark["heartbeat_dns_owner"] = json!("another");
    let mut fresh = metadata(&house).await;
    fresh["heartbeat_dns_previous"] = json!("");
    for (metadata, reason) in [(mark, "not-owned"), (Value::Null, "not-owned"), (fresh, "no-record")] {
        house.world(&zones(&[set("x", &[NEW], metadata)])).await;
        let left = house.run(&["rollback", HOST, "--yes", "-o", "json"]).await;
        let told: Value = serde_json::from_slice(&left.stdout).unwrap();
        assert_eq!((code(&left), &skip(&told, HOST)["reason"]), (1, &json!(reason)), "{told}");
    }
    assert_eq!(house.writes().await, 0);
}

fn zones(sets: &[Value]) -> Value {
    json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": sets }] })
}

/// Whoever may send rows may say anything of any run.
#[tokio::test(flavor = "multi_thread")]
async fn no_forged_row_makes_an_address_be_written() {
    let (house, run) = after_a_move(&[]).await;
    // Of the last change the mark says what stood there; a run that calls itself newer than the mark has written nothing.
    log(&house, &[row(&run, 0, EVIL, NEW), row(OTHER, 0, EVIL, NEW)]).await;
    let other = report(&house, &["rollback", "--run", OTHER, "--yes"]).await;
    assert_eq!(skip(&other, HOST)["reason"], "already-right", "{other}");
    let since = (heartbeat_dns::clock::now() - SignedDuration::from_mins(30)).to_string();
    for arguments in
        [vec!["rollback", HOST], vec!["rollback", "--run", &run], vec!["rollback", "--to", &since]]
    {
        let planned = report(&house, &[arguments.as_slice(), &["--dry-run"]].concat()).await;
        assert_eq!(super::change(&planned, HOST)["to"], json!([OLD]), "{arguments:?}: {planned}");
    }
    // A hold keeps what the mark knew: a row that says otherwise is told as what it is.
    let held = house.run(&["hold", HOST, "--yes"]).await;
    assert_eq!((code(&held), house.writes().await), (0, 1), "{}", words(&held));
    let other = report(&house, &["rollback", "--run", OTHER, "--yes"]).await;
    assert_eq!(skip(&other, HOST)["reason"], "changed-since", "{other}");
    assert!(skip(&other, HOST)["because"].as_str().unwrap().contains("does not fit"), "{other}");
    // Let go, the mark knows nothing any more, and only the log tells: nothing of it goes unread.
    let free = house.run(&["unhold", HOST, "--yes"]).await;
    assert_eq!((code(&free), house.writes().await), (0, 1), "{}", words(&free));
    for arguments in [vec!["rollback", HOST], vec!["rollback", "--run", OTHER]] {
        let unread = house.run(&[arguments.as_slice(), &["--yes"]].concat()).await;
        assert_eq!(code(&unread), 2, "{arguments:?}: {}", words(&unread));
        assert!(words(&unread).contains("only the log says"), "{arguments:?}: {}", words(&unread));
        let shown = house.run(&[arguments.as_slice(), &["--dry-run"]].concat()).await;
        assert!(
            words(&shown).contains(&format!("no heartbeat of its machine has reported {EVIL}")),
            "{arguments:?}: {}",
            words(&shown)
        );
    }
    // The row of the real change and the forged one cannot both be of one set.
    let gap = report(&house, &["rollback", "--to", &since, "--yes"]).await;
    assert_eq!(skip(&gap, HOST)["reason"], "changed-since", "{gap}");
    // The rules on addresses ask nobody.
    for (index, address) in ["10.0.0.7", "fd40::1", "127.0.0.1", "192.0.2.1"].into_iter().enumerate() {
        log(&house, &[row(&format!("{index}{}", &RUN[1..]), 0, address, NEW)]).await;
        // The mark is younger than the row, or nobody believes it.
        for verb in ["hold", "unhold"] {
            let marked = house.run(&[verb, HOST, "--yes"]).await;
            assert_eq!((code(&marked), house.writes().await), (0, 1), "{}", words(&marked));
        }
        let refused = report(&house, &["rollback", HOST, "--yes"]).await;
        let reason = skip(&refused, HOST)["reason"].as_str().unwrap();
        assert!(reason.starts_with("address-"), "{address}: {refused}");
    }
    assert_eq!((house.addresses("x").await, house.writes().await), (vec![NEW.to_owned()], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_changes_since_a_time_are_undone_where_they_follow_from_each_other() {
    let (house, _) = after_a_move(&[]).await;
    let (first, third) = ("198.51.100.9", "203.0.113.99");
    // Longer ago the machine was somewhere else, and a row of that day says so.
    house.heartbeats(&[beat("m", first, 7200)]).await;
    log(&house, &[row(RUN, 100, first, OLD), row(OTHER, 200, third, first)]).await;
    let at = |minutes: i64| (heartbeat_dns::clock::now() - SignedDuration::from_mins(minutes)).to_string();
    for (minutes, to, unreported) in
        [(50, OLD, json!([])), (150, first, json!([])), (250, third, json!([third]))]
    {
        let planned = report(&house, &["rollback", HOST, "--to", &at(minutes), "--dry-run"]).await;
        let change = super::change(&planned, HOST);
        assert_eq!(
            (&change["to"], &change["unreported"]),
            (&json!([to]), &unreported),
            "{minutes}: {planned}"
        );
    }
    let undone = house.run(&["rollback", "--to", &at(150), "--yes"]).await;
    assert_eq!(
        (code(&undone), house.addresses("x").await),
        (0, vec![first.to_owned()]),
        "{}",
        words(&undone)
    );
    // A gap: somebody else has written in between.
    let (house, _) = after_a_move(&[]).await;
    log(&house, &[row(RUN, 100, first, third)]).await;
    let gap = report(&house, &["rollback", "--to", &at(150), "--yes"]).await;
    assert_eq!((&skip(&gap, HOST)["reason"], house.writes().await), (&json!("changed-since"), 0), "{gap}");
}

/// One run that moved so many names, by their marks and by the log.
async fn crowd(count: usize, more: &[(&str, &str)]) -> House {
    let address = |block: &str, index: usize| format!("{block}.{}", index % 250 + 1);
    let sets: Vec<Value> = (0..count)
        .map(|index| {
            let mut mark = mark(&super::name(index), OWNER, "1");
            mark["heartbeat_dns_run"] = json!(RUN);
            mark["heartbeat_dns_previous"] = json!(address("198.51.100", index));
            set(&super::name(index), &[&address("203.0.113", index)], mark)
        })
        .collect();
    let machines: Vec<Value> = (0..count)
        .map(|index| tagged(&super::name(index), &format!("{}.example.com", super::name(index))))
        .collect();
    let house = House::new(&sets, &machines, &[], more).await;
    let rows: Vec<Value> = (0..count)
        .map(|index| {
            let mut row = row(RUN, 60, &address("198.51.100", index), &address("203.0.113", index));
            row["DNSHostName_s"] = json!(format!("{}.example.com", super::name(index)));
            row
        })
        .collect();
    log(&house, &rows).await;
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_names_go_back_at_once() {
    let house = crowd(500, &[("QUOTA_SHARE", "off")]).await;
    let undone = house.run(&["rollback", "--run", RUN, "--yes", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&undone.stdout).unwrap();
    assert_eq!((code(&undone), house.writes().await), (0, 500), "{}", told["summary"]);
    assert_eq!((&told["brakes"], &told["skips"]), (&json!([]), &json!([])));
    for index in [0, 249, 250, 499] {
        let back = format!("198.51.100.{}", index % 250 + 1);
        assert_eq!(house.addresses(&super::name(index)).await, [back]);
    }
    let free = house.run(&["unhold", "--all", "--yes"]).await;
    assert_eq!((code(&free), house.writes().await), (0, 500), "{}", words(&free));
}

/// The first of a zone is proved before the others follow.
#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_cannot_be_proved_keeps_the_others_where_they_are() {
    let house = crowd(5, &[("VERIFY", "dns"), ("RUN_DEADLINE", "20s")]).await;
    // Nobody answers there.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut command = house.command();
    command.env("DNS_VERIFY_SERVERS", silent.local_addr().unwrap().to_string());
    let undone = command.args(["rollback", "--run", RUN, "--yes", "-o", "json"]).output().await.unwrap();
    let told: Value = serde_json::from_slice(&undone.stdout).unwrap();
    assert_eq!((code(&undone), house.writes().await), (4, 1), "{told}");
    let held = told["skips"].as_array().unwrap().iter().filter(|skip| skip["reason"] == "braked").count();
    assert_eq!(held, 4, "{told}");
}

/// The write landed, and its row did not.
#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_whose_row_was_lost_is_told_later_as_what_it_was() {
    let (house, _) = after_a_move(&[("COLLECT_DEADLINE", "20s"), ("RUN_DEADLINE", "6s")]).await;
    house.stage.fail(&json!([{ "path": "/streams/", "times": 1000, "status": 503 }])).await;
    let undone = house.run(&["rollback", HOST, "--yes"]).await;
    assert_eq!((code(&undone), house.addresses("x").await), (1, vec![OLD.to_owned()]), "{}", words(&undone));
    house.control("DELETE", "/standin/faults", &Value::Null).await;
    house.age_marks(11, None).await;
    sweep(&house).await;
    // Whoever holds it anew overwrites the only mark that tells.
    let held = house.run(&["hold", HOST, "--why", "still", "--yes"]).await;
    assert_eq!(code(&held), 0, "{}", words(&held));
    let rows = "DNSChange_CL | where Reason_s == 'recovered' | project Action_s, OldIPs_s, NewIPs_s";
    assert_eq!(house.query(rows).await, [json!(["update", NEW, OLD])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_the_set_meanwhile_wins() {
    let (house, _) = after_a_move(&[]).await;
    let moved = json!({ "code": "PreconditionFailed", "message": "The Record set x has been modified (etag mismatch)." });
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "status": 412, "body": moved }])).await;
    let undone = house.run(&["rollback", HOST, "--yes"]).await;
    assert_eq!((code(&undone), house.addresses("x").await), (0, vec![OLD.to_owned()]), "{}", words(&undone));
}

/// Which line gives a name may hang on a tag that only the machine itself tells.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_line_holds_by_a_tag_is_not_rolled_back() {
    let policy = "[[claim]]\nnames = \"{tag:Site}.example.com\"\nhold = true\n[[claim]]\nnames = \"*\"\n";
    for (site, wanted) in [("x", json!("held")), ("elsewhere", Value::Null)] {
        let mut machine = tagged("m", HOST);
        machine["tags"]["Site"] = json!(site);
        let mut before = mark("m", OWNER, "1");
        before["heartbeat_dns_previous"] = json!(NEW);
        let more = [("POLICY_NAMES", ""), ("POLICY_FILE", policy)];
        let house = House::new(&[set("x", &[OLD], before)], &[machine], &moved("m", NEW, OLD), &more).await;
        let planned = report(&house, &["rollback", HOST, "--dry-run"]).await;
        assert_eq!(skip(&planned, HOST)["reason"], wanted, "{planned}");
    }
}
