//! Sets that a person ends: what goes, under which conditions, and what the log says of it whatever happens.

use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{NEW, OLD, change, code, name, report, skip, sweep, words};
use crate::handler::{House, OWNER, beat, mark, moved, reasons, set, tagged, until};
use crate::stage::{SUBSCRIPTION, machine_id, zone_id};

const HOST: &str = "x.example.com";
/// The run in the marks of these worlds.
const RUN: &str = "11111111-1111-1111-1111-111111111111";
const OTHER: &str = "aaaaaaaa-8a4e-4b7e-9a53-0d6c2f1b7e90";

/// A set of ours whose machine may have its tag or not.
async fn ours(mark: Value, is_claimed: bool) -> House {
    let machine = if is_claimed { tagged("m", HOST) } else { tagged("m", "other.example.com") };
    House::new(&[set("x", &[OLD], mark)], &[machine], &moved("m", OLD, NEW), &[]).await
}

async fn unclaimed() -> House {
    ours(mark("m", OWNER, "1"), false).await
}

/// The requests since the last look that would take a record set away, whatever became of them.
async fn deletions(house: &House) -> usize {
    house.stage.calls().await.iter().filter(|call| call.method == "DELETE").count()
}

async fn stands(house: &House) -> bool {
    house.record_set("x").await != Value::Null
}

const ENDS: &str = "DNSChange_CL | where Action_s == 'delete' | sort by TimeGenerated asc, Outcome_s desc \
    | project Outcome_s, Reason_s, OldIPs_s, NewIPs_s, Cause_s, isnotempty(By_s)";

fn end(outcome: &str, reason: &str, cause: &str) -> Value {
    json!([outcome, reason, OLD, "", cause, true])
}

/// A row as somebody sends it who may send rows.
fn row(run: &str, action: &str, minutes_ago: i64, from: &str, to: &str) -> Value {
    json!({
        "TimeGenerated": (heartbeat_dns::clock::now() - SignedDuration::from_mins(minutes_ago)).to_string(),
        "run_s": run, "Trigger_s": "timer", "DNSHostName_s": HOST, "RecordType_s": "A",
        "ZoneId_s": zone_id("example.com"), "Action_s": action, "Outcome_s": "confirmed", "OldIPs_s": from,
        "NewIPs_s": to, "ResourceId_s": machine_id("m"), "Installation_s": OWNER,
    })
}

async fn log(house: &House, rows: &[Value]) {
    house.stage.azure().logs_ingest.send(DNS_CHANGE, rows).await.unwrap();
}

async fn history(house: &House) -> Value {
    let told = house.run(&["history", HOST, "-o", "json"]).await;
    serde_json::from_slice(&told.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_claims_is_deleted_by_hand_and_the_log_knows_by_whom() {
    let house = unclaimed().await;
    let shown = report(&house, &["release", HOST, "--delete", "--dry-run"]).await;
    let planned = change(&shown, HOST);
    assert_eq!(
        (&planned["action"], &planned["from"], &planned["to"], deletions(&house).await),
        (&json!("delete"), &json!([OLD]), &json!([]), 0),
        "{shown}"
    );
    let text = words(&house.run(&["release", HOST, "--delete", "--dry-run"]).await);
    assert!(text.contains("goes") && text.contains("no tag claims it"), "{text}");
    assert!(text.contains(&format!("heartbeat-dns release {HOST} --delete --expect")), "{text}");
    let digest = shown["digest"].as_str().unwrap();
    let done = house.run(&["release", HOST, "--delete", "--expect", digest]).await;
    assert_eq!(
        (code(&done), deletions(&house).await, stands(&house).await),
        (0, 1, false),
        "{}",
        words(&done)
    );
    let told = house.query(ENDS).await;
    assert_eq!(told, [end("unconfirmed", "announced", "released"), end("confirmed", "", "released")]);
    assert!(words(&house.run(&["history", HOST]).await).contains("released, deleted"));
    let again = report(&house, &["release", HOST, "--delete", "--yes"]).await;
    assert_eq!((&skip(&again, HOST)["reason"], deletions(&house).await), (&json!("no-record"), 0), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_claimed_held_or_not_ours_is_not_deleted() {
    let mut held = mark("m", OWNER, "2");
    held["heartbeat_dns_hold"] = json!("forever");
    for (mark, is_claimed, reason, said) in [
        (mark("m", OWNER, "1"), true, "claim-conflict", "take the name off the tag"),
        (held, false, "held", "unhold"),
        (mark("m", "another", "1"), false, "not-owned", "another"),
        (Value::Null, false, "not-owned", "no mark of ours"),
    ] {
        let house = ours(mark, is_claimed).await;
        let refused = report(&house, &["release", HOST, "--delete", "--yes"]).await;
        let skip = skip(&refused, HOST);
        assert_eq!((&skip["reason"], deletions(&house).await), (&json!(reason), 0), "{refused}");
        let because = skip["because"].as_str().unwrap();
        assert!(because.contains(said), "{reason}: {because}");
        let refused = house.run(&["release", HOST, "--delete", "--yes"]).await;
        assert_eq!((code(&refused), stands(&house).await), (1, true), "{reason}: {}", words(&refused));
    }
    let house = unclaimed().await;
    for more in [&["--all"] as &[&str], &[HOST, "--clean"]] {
        let arguments = [&["release", "--delete", "--yes"], more].concat();
        let refused = house.run(&arguments).await;
        assert_eq!((code(&refused), deletions(&house).await), (2, 0), "{more:?}: {}", words(&refused));
    }
}

/// Whoever sits there may see less than whoever wrote it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_machine_claims_that_the_login_does_not_see_is_not_deleted() {
    // The machine of the mark, and one that only the last sweep has seen.
    for marked in ["m", "gone"] {
        let house = ours(mark(marked, OWNER, "1"), true).await;
        sweep(&house).await;
        house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
        let body = json!({ "error": { "code": "ResourceNotFound", "message": "no" } });
        let gone = json!({ "path": "/machines/gone\\?", "times": 9, "status": 404, "body": body });
        house.stage.fail(&json!([gone])).await;
        let refused = report(&house, &["release", HOST, "--delete", "--yes"]).await;
        let skip = skip(&refused, HOST);
        assert_eq!(
            (&skip["reason"], deletions(&house).await),
            (&json!("not-owned"), 0),
            "{marked}: {refused}"
        );
        let because = skip["because"].as_str().unwrap();
        assert!(because.contains("cannot be read") && because.contains("still claims it"), "{because}");
        assert!(stands(&house).await, "{marked}");
    }
}

/// A machine that does not show its tags may be the claimant, and so may each of those that the last sweep has seen and this login
/// does not.
#[tokio::test(flavor = "multi_thread")]
async fn while_some_machine_is_out_of_sight_nothing_is_deleted() {
    let house = unclaimed().await;
    let row = json!({ "id": machine_id("new"), "tags": "DNSHostName=x" });
    let body = json!({ "totalRecords": 1, "count": 1, "data": [row], "resultTruncated": "false" });
    let graph = json!({ "path": "ResourceGraph", "times": 100_000, "body": body });
    let itself = json!({ "method": "GET", "path": "/machines/new\\?", "times": 100_000, "body": row });
    house.stage.fail(&json!([graph, itself])).await;
    let refused = report(&house, &["release", HOST, "--delete", "--yes"]).await;
    let told = skip(&refused, HOST);
    assert_eq!((&told["reason"], deletions(&house).await), (&json!("blind"), 0), "{refused}");
    assert!(told["because"].as_str().unwrap().contains("The live tag of new"), "{told}");
    // The addresses may stay without ours.
    house.stage.fail(&json!([])).await;
    let others: Vec<_> =
        (0..12).map(|index| tagged(&name(index), &format!("o{index}.example.com"))).collect();
    let beats: Vec<_> = (0..12).map(|index| beat(&name(index), NEW, 30)).collect();
    let house = House::new(&[set("x", &[OLD], mark("g", OWNER, "1"))], &others, &beats, &[]).await;
    sweep(&house).await;
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let body = json!({ "error": { "code": "ResourceNotFound", "message": "no" } });
    let gone = json!({ "path": "/machines/g\\?", "times": 9, "status": 404, "body": body });
    house.stage.fail(&json!([gone])).await;
    let refused = report(&house, &["release", HOST, "--delete", "--yes"]).await;
    let told = skip(&refused, HOST);
    assert_eq!((&told["reason"], deletions(&house).await), (&json!("blind"), 0), "{refused}");
    assert!(told["because"].as_str().unwrap().contains("a right was lost"), "{told}");
    assert!(stands(&house).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_machine_that_is_gone_is_deleted_at_once() {
    let beats = [beat("g", OLD, 20), beat("m", NEW, 20)];
    let machines = [tagged("m", "other.example.com")];
    let house = House::new(&[set("x", &[OLD], mark("g", OWNER, "1"))], &machines, &beats, &[]).await;
    let done = house.run(&["release", HOST, "--delete", "--yes"]).await;
    assert_eq!(
        (code(&done), deletions(&house).await, stands(&house).await),
        (0, 1, false),
        "{}",
        words(&done)
    );
}

/// The role of a deployment without `allowDelete`.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_delete_the_role_is_named_and_what_was_announced_is_taken_back() {
    let house = unclaimed().await;
    let actions = ["*/read", "Microsoft.Network/dnszones/A/write", "Microsoft.Insights/Telemetry/Write"];
    house.world(&json!({ "identity": { "roles": [{ "scope": SUBSCRIPTION, "actions": actions }] } })).await;
    let refused = house.run(&["release", HOST, "--delete", "--yes"]).await;
    let said = words(&refused);
    assert_eq!((code(&refused), deletions(&house).await, stands(&house).await), (1, 1, true), "{said}");
    assert!(said.contains("allowDelete=true"), "{said}");
    let told = house.query(ENDS).await;
    let failed = end("failed", "AuthorizationFailed", "released");
    assert_eq!(told, [end("unconfirmed", "announced", "released"), failed]);
    assert_eq!(history(&house).await["changes"], json!([]), "what was announced in vain is no deletion");
}

/// Nobody has read what stands there by now.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_somebody_writes_in_between_stays() {
    let house = unclaimed().await;
    let changed = json!({ "code": "PreconditionFailed", "message": "The Record set x has been modified (etag mismatch)." });
    let fault =
        json!({ "method": "DELETE", "path": "/A/x", "delay_ms": 500, "status": 412, "body": changed });
    house.stage.fail(&json!([fault])).await;
    let change = async {
        until("the deletion is on its way", async || house.stage.faults().await.is_empty()).await;
        let mut world = house.control("GET", "/standin/world", &Value::Null).await;
        for set in world["zones"][0]["recordSets"].as_array_mut().unwrap() {
            if set["name"] == "x" {
                set["properties"]["ARecords"] = json!([{ "ipv4Address": NEW }]);
            }
        }
        house.world(&json!({ "zones": world["zones"] })).await;
    };
    let (kept, ()) = tokio::join!(house.run(&["release", HOST, "--delete", "--yes"]), change);
    assert_eq!((code(&kept), house.addresses("x").await), (1, vec![NEW.to_owned()]), "{}", words(&kept));
    // The same set under another tag is what was read.
    let house = unclaimed().await;
    house.stage.fail(&json!([{ "method": "DELETE", "path": "/A/x", "status": 412, "body": changed }])).await;
    let done = house.run(&["release", HOST, "--delete", "--yes"]).await;
    assert_eq!((code(&done), stands(&house).await), (0, false), "{}", words(&done));
}

/// Killed between the request and its row: what went out before it is left, and says that nobody knows.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_after_the_deletion_leaves_a_row_of_it() {
    let house = unclaimed().await;
    // The question and the announcement pass.
    let before = json!({ "path": "Custom-DNSChange", "times": 2, "delay_ms": 1 });
    let never = json!({ "path": "Custom-DNSChange", "delay_ms": 60_000, "reset": "before" });
    house.stage.fail(&json!([before, never])).await;
    let mut killed = house.command().args(["release", HOST, "--delete", "--yes"]).spawn().unwrap();
    until("the row is on its way", async || house.stage.faults().await.is_empty()).await;
    killed.kill().await.unwrap();
    assert!(!stands(&house).await);
    assert_eq!(house.query(ENDS).await, [end("unconfirmed", "announced", "released")]);
    let past = history(&house).await;
    let last = &past["changes"][0];
    assert_eq!(
        (&last["cause"], &last["outcome"], last["by"].is_string()),
        (&json!("released"), &json!("unconfirmed"), true),
        "{past}"
    );
    deletions(&house).await;
    for verb in ["release", "rollback"] {
        let next = report(&house, &[verb, HOST, "--delete", "--yes"]).await;
        assert_eq!(
            (reasons(&next, HOST), deletions(&house).await),
            (vec!["no-record".to_owned()], 0),
            "{next}"
        );
    }
    let plan = report(&house, &["plan"]).await;
    assert_eq!(plan["summary"]["orphans"], 0, "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_has_made_goes_only_when_somebody_says_so() {
    let house = House::new(&[], &[tagged("m", HOST)], &moved("m", OLD, NEW), &[]).await;
    let handler = house.serve().await;
    let made = handler.apply().await;
    assert_eq!((&change(&made, HOST)["action"], stands(&house).await), (&json!("create"), true), "{made}");
    let run = made["run"].as_str().unwrap();
    for point in [&[HOST] as &[&str], &["--run", run]] {
        let left = report(&house, &[&["rollback", "--yes"], point].concat()).await;
        let skip = skip(&left, HOST);
        assert_eq!((&skip["reason"], deletions(&house).await), (&json!("no-record"), 0), "{left}");
        assert!(skip["because"].as_str().unwrap().contains("--delete"), "{skip}");
    }
    // What the next run would make again is refused, with whoever claims it.
    for point in [&[HOST] as &[&str], &["--run", run]] {
        let left = report(&house, &[&["rollback", "--delete", "--yes"], point].concat()).await;
        let skip = skip(&left, HOST);
        assert_eq!((&skip["reason"], deletions(&house).await), (&json!("claim-conflict"), 0), "{left}");
        assert!(skip["because"].as_str().unwrap().contains(&machine_id("m")), "{skip}");
    }
    house.world(&json!({ "machines": [tagged("m", "other.example.com")] })).await;
    sweep(&house).await;
    let shown = report(&house, &["rollback", HOST, "--delete", "--dry-run"]).await;
    let planned = change(&shown, HOST);
    assert_eq!(
        (&planned["action"], &planned["undoes"], &planned["hold_until"]),
        (&json!("delete"), &json!(run), &Value::Null),
        "{shown}"
    );
    let text = words(&house.run(&["rollback", HOST, "--delete", "--dry-run"]).await);
    assert!(text.contains("no tag that this login sees claims it"), "{text}");
    assert!(text.contains(&format!("heartbeat-dns rollback {HOST} --delete --expect")), "{text}");
    let done = house.run(&["rollback", "--run", run, "--delete", "--yes"]).await;
    assert_eq!(
        (code(&done), deletions(&house).await, stands(&house).await),
        (0, 1, false),
        "{}",
        words(&done)
    );
    let rows = "DNSChange_CL | where Cause_s == 'rolled-back' and Outcome_s == 'confirmed' \
                | project Action_s, OldIPs_s, NewIPs_s, isnotempty(By_s)";
    assert_eq!(house.query(rows).await, [json!(["delete", NEW, "", true])]);
    assert!(words(&house.run(&["history", HOST]).await).contains("rolled back, deleted"));
    handler.apply().await;
    assert!(!stands(&house).await, "no tag says so");
    house.world(&json!({ "machines": [tagged("m", HOST)] })).await;
    let swept = house.run(&["collect"]).await;
    assert_eq!(code(&swept), 0, "{}", words(&swept));
    handler.apply().await;
    assert!(stands(&house).await, "the tag says so");
}

/// That there was no set before only a mark is believed for.
#[tokio::test(flavor = "multi_thread")]
async fn no_forged_row_makes_a_set_go() {
    let mut right = mark("m", OWNER, "1");
    right["heartbeat_dns_previous"] = json!(OLD);
    let house = ours(right, true).await;
    log(&house, &[row(OTHER, "create", 2400, "", OLD)]).await;
    for point in [&[HOST] as &[&str], &["--run", OTHER], &["--to", "2020-01-01T00:00:00Z"]] {
        let arguments = [&["rollback", "--delete", "--yes"], point].concat();
        let left = report(&house, &arguments).await;
        let because = skip(&left, HOST)["because"].as_str().unwrap_or_default();
        assert!(because.contains("Only the log says"), "{point:?}: {left}");
        assert_eq!(deletions(&house).await, 0, "{point:?}");
    }
    // What a person holds stays as well, whatever its mark says of before.
    let mut held = mark("m", OWNER, "2");
    held["heartbeat_dns_hold"] = json!("forever");
    let house = ours(held, true).await;
    let left = report(&house, &["rollback", HOST, "--delete", "--yes"]).await;
    assert_eq!((reasons(&left, HOST), deletions(&house).await), (vec!["held".to_owned()], 0), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_went_is_not_put_back_and_the_sentence_says_what_makes_it() {
    let house = unclaimed().await;
    log(&house, &[row(OTHER, "delete", 100, OLD, "")]).await;
    house.world(&json!({ "zones": [zone_without_sets()] })).await;
    for point in [&[HOST] as &[&str], &["--run", OTHER], &["--to", "2020-01-01T00:00:00Z"]] {
        for delete in [&[] as &[&str], &["--delete"]] {
            let arguments = [&["rollback", "--yes"], point, delete].concat();
            let left = report(&house, &arguments).await;
            let skip = skip(&left, HOST);
            assert_eq!(
                (&skip["reason"], house.writes().await),
                (&json!("no-record"), 0),
                "{point:?}: {left}"
            );
            assert!(skip["because"].as_str().unwrap().contains("what is gone is not put back"), "{skip}");
        }
    }
}

fn zone_without_sets() -> Value {
    json!({ "id": zone_id("example.com"), "recordSets": [] })
}

/// It went, and a tag made it again somewhere else: all since the time is undone, through the deletion.
#[tokio::test(flavor = "multi_thread")]
async fn a_time_before_a_deletion_is_gone_back_to_where_the_rows_follow_from_each_other() {
    let made_again = mark("m", OWNER, "1");
    let house =
        House::new(&[set("x", &[NEW], made_again)], &[tagged("m", HOST)], &moved("m", OLD, NEW), &[]).await;
    // The mark is thirty hours old.
    let hours = |hours: i64| hours * 60;
    let rows = [row(RUN, "create", hours(30), "", NEW), row(OTHER, "delete", hours(31), OLD, "")];
    log(&house, &rows).await;
    let at = |hours: i64| (heartbeat_dns::clock::now() - SignedDuration::from_hours(hours)).to_string();
    let planned = report(&house, &["rollback", HOST, "--to", &at(32), "--dry-run"]).await;
    assert_eq!(change(&planned, HOST)["to"], json!([OLD]), "{planned}");
    let left = report(&house, &["rollback", HOST, "--yes"]).await;
    assert!(skip(&left, HOST)["because"].as_str().unwrap().contains("say --delete"), "{left}");
}

/// A run said that it would delete the set, and was killed before it did: the set stands, and its mark is older.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_announced_and_never_happened_hides_no_change() {
    let mut right = mark("m", OWNER, "1");
    right["heartbeat_dns_previous"] = json!(NEW);
    let house =
        House::new(&[set("x", &[NEW], right)], &[tagged("m", HOST)], &moved("m", OLD, NEW), &[]).await;
    let mut announced = row(RUN, "delete", 60, NEW, "");
    announced["Outcome_s"] = json!("unconfirmed");
    announced["Reason_s"] = json!("announced");
    log(&house, &[announced, row(OTHER, "update", 2400, OLD, NEW)]).await;
    let planned = report(&house, &["rollback", HOST, "--dry-run"]).await;
    assert_eq!(change(&planned, HOST)["to"], json!([OLD]), "{planned}");
}
