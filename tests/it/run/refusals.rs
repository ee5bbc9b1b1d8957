//! What is refused, by whom, and what the log keeps of it; and writes whose answer says less than what happened.

use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use jiff::SignedDuration;
use pure::domain::ChangeRow;
use serde_json::{Value, json};

use super::{
    NEW, OLD, alarming, change, code, drifted, lock, questions, report, set_id, skip, sweep, with_stranger,
    words,
};
use crate::handler::{House, outcomes};

const FAILURES: &str = "DNSChange_CL | where DNSHostName_s == 'x.example.com' | project Outcome_s, Reason_s";

fn at_write(answer: &Value, times: u32) -> Value {
    let mut answer = answer.clone();
    answer["method"] = json!("PUT");
    answer["path"] = json!("/A/x");
    answer["times"] = json!(times);
    json!([answer])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_costs_no_run() {
    let house = drifted(&[]).await;
    let handler = house.serve().await;
    let planned = handler.plan().await;
    assert_eq!(planned["result"], "planned", "{planned}");
    house.stage.revoke(&json!(1)).await;
    let report = handler.apply().await;
    assert_eq!(report["result"], "changed", "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_told_as_a_lock_and_as_who_can_lift_it() {
    let house = drifted(&[]).await;
    house.world(&lock(&crate::stage::zone_id("example.com"))).await;
    let handler = house.serve().await;
    let report = handler.apply().await;
    let failed = change(&report, "x.example.com");
    assert_eq!((&failed["outcome"], &report["result"]), (&json!("failed"), &json!("failed")), "{report}");
    let detail = failed["detail"].as_str().unwrap();
    for words in ["lock", "Owner", "az lock", "rg-dns"] {
        assert!(detail.contains(words), "{words}: {detail}");
    }
    assert!(!detail.contains("somebody else"), "{detail}");
    let puts = house.stage.calls().await.into_iter().filter(|call| call.method == "PUT").count();
    assert_eq!(puts, 1, "a lock is not tried again in the same run");
    handler.apply().await;
    assert_eq!(house.query(FAILURES).await, [json!(["failed", "ScopeLocked"])], "once an hour");
    house.world(&json!({ "locks": [] })).await;
    assert_eq!(outcomes(&handler.apply().await), ["confirmed"]);
}

/// Whoever applies by hand is told the lock by its name, with the command that takes it away; the function asks for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_which_lock_stands_in_the_way() {
    let asked = async |house: &House| {
        house
            .stage
            .calls()
            .await
            .iter()
            .filter(|call| call.path.contains("Microsoft.Authorization/locks"))
            .count()
    };
    let zone = crate::stage::zone_id("example.com");
    let group = zone.split("/providers/").next().unwrap().to_owned();
    for scope in [zone, group] {
        let house = drifted(&[]).await;
        house.world(&lock(&scope)).await;
        let applied = house.run(&["apply", "--yes"]).await;
        let text = words(&applied);
        assert_eq!(code(&applied), 1, "{text}");
        let said =
            "the zone example.com has a lock \"keep\" (ScopeLocked). Who may lift it: Owner of rg-dns.";
        assert!(text.contains(said), "{text}");
        let id = lock(&scope)["locks"][0]["id"].as_str().unwrap().to_owned();
        assert!(text.contains(&format!("az lock delete --ids {id}\n")), "{text}");
        assert!(!text.contains("az lock list"), "{text}");
        assert_eq!(asked(&house).await, 1);
        let tried = house.serve().await.apply().await;
        assert_eq!((outcomes(&tried), asked(&house).await), (vec!["failed".to_owned()], 0), "{tried}");
    }
    // Who may not read locks is told how they are found.
    let house = drifted(&[]).await;
    house.world(&lock(&crate::stage::zone_id("example.com"))).await;
    house
        .stage
        .fail(&json!([{ "path": "Microsoft.Authorization/locks", "status": 403, "times": 1000 }]))
        .await;
    let text = words(&house.run(&["apply", "--yes"]).await);
    assert!(text.contains("az lock list --resource-group rg-dns"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_written_leaves_a_row_with_the_services_code() {
    let named = |status: u16, code: &str| json!({ "status": status, "body": { "error": { "code": code, "message": "no" } } });
    let waits = json!({ "status": 429, "headers": { "Retry-After": "3600" },
        "body": { "error": { "code": "ResourceRequestsThrottled", "message": "no" } } });
    for (answer, times, outcome, reason) in [
        (named(403, "RequestDisallowedByPolicy"), 1000, "failed", "RequestDisallowedByPolicy"),
        (named(403, "AuthorizationFailed"), 1000, "failed", "AuthorizationFailed"),
        (named(409, "ReadOnlyDisabledSubscription"), 1000, "failed", "ReadOnlyDisabledSubscription"),
        (named(412, "PreconditionFailed"), 2, "conflict", "PreconditionFailed"),
        (waits, 1000, "deferred", "ResourceRequestsThrottled"),
    ] {
        let house = drifted(&[]).await;
        house.stage.fail(&at_write(&answer, times)).await;
        let handler = house.serve().await;
        let report = handler.apply().await;
        assert_eq!(outcomes(&report), [outcome], "{reason}: {report}");
        assert_eq!(house.query(FAILURES).await, [json!([outcome, reason])], "{report}");
        assert_eq!(house.addresses("x").await, [OLD]);
        if outcome == "conflict" {
            continue;
        }
        // Another process, for a zone that was told to wait is not even called by the first one.
        house.serve().await.apply().await;
        assert_eq!(house.query(FAILURES).await, [json!([outcome, reason])], "once an hour");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_landed_is_confirmed_whatever_was_answered() {
    let conflict = json!({ "error": { "code": "Conflict", "message": "an operation is pending" } });
    for answer in [
        json!({ "status": 412, "effect": true }),
        json!({ "status": 409, "effect": true }),
        json!({ "status": 409, "effect": true, "body": conflict }),
        json!({ "status": 504, "effect": true }),
        json!({ "status": 502, "effect": true }),
        json!({ "status": 500, "effect": true }),
        json!({ "status": 429, "effect": true, "headers": { "Retry-After": "1" } }),
        json!({ "reset": "after" }),
        json!({ "truncate": true }),
    ] {
        let house = drifted(&[]).await;
        house.stage.fail(&at_write(&answer, 1)).await;
        let handler = house.serve().await;
        let report = handler.apply().await;
        assert_eq!(outcomes(&report), ["confirmed"], "{answer}: {report}");
        assert_eq!(house.addresses("x").await, [NEW]);
        assert_eq!(handler.apply().await["result"], "in-sync", "{answer}");
        let rows = "DNSChange_CL | project Outcome_s, OldIPs_s, NewIPs_s, run_s";
        assert_eq!(house.query(rows).await, [json!(["confirmed", OLD, NEW, report["run"]])], "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_shows_other_addresses_confirms_nothing() {
    let house = drifted(&[]).await;
    let other = json!({ "id": set_id("x"), "name": "x", "etag": "e", "properties": { "TTL": 300,
        "ARecords": [{ "ipv4Address": OLD }] } });
    house.stage.fail(&at_write(&json!({ "status": 200, "body": other }), 1000)).await;
    let report = house.serve().await.apply().await;
    assert_eq!(outcomes(&report), ["failed"], "{report}");
    assert!(change(&report, "x.example.com")["detail"].as_str().unwrap().contains("other addresses"));
    assert_eq!(house.addresses("x").await, [OLD]);
}

/// A gateway's answer says nothing about the service behind it: the refusal of the next try may be about a write that
/// had landed by then.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_after_an_answer_that_says_nothing_is_read_back() {
    let locked = json!({ "status": 409, "body": { "error": { "code": "ScopeLocked", "message": "m" } } });
    let later = [json!({ "status": 403 }), locked, json!({ "status": 429 })];
    for (first, then) in [502, 500, 504, 408].into_iter().zip(later.iter().cycle()) {
        for landed in [true, false] {
            let house = drifted(&[("RUN_DEADLINE", "20s")]).await;
            let first = json!({ "method": "PUT", "path": "/A/x", "status": first, "effect": landed });
            let mut then = then.clone();
            (then["method"], then["path"], then["times"]) = (json!("PUT"), json!("/A/x"), json!(1000));
            house.stage.fail(&json!([first, then])).await;
            let report = house.serve().await.apply().await;
            let outcome = change(&report, "x.example.com")["outcome"].as_str().unwrap();
            assert_eq!(outcome == "confirmed", landed, "{first}, then {then}: {report}");
            let right = if landed { NEW } else { OLD };
            assert_eq!(house.addresses("x").await, [right], "{first}, then {then}: {report}");
        }
    }
}

/// Quiet, asked once, and loud again after a sweep.
async fn is_told_once(house: &House, first: &Value, asked: usize) {
    assert_eq!(alarming(house).await, Vec::<Value>::new(), "the alert is quiet: {first}");
    house.stage.calls().await;
    let handler = house.serve().await;
    handler.apply().await;
    assert_eq!(questions(house).await, asked);
    assert_eq!(alarming(house).await, Vec::<Value>::new(), "and stays so");
    sweep(house).await;
    assert_ne!(alarming(house).await, Vec::<Value>::new(), "a sweep looks again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_good_ends_the_alert_until_the_next_sweep() {
    let house = with_stranger(&[]).await;
    let first = house.serve().await.apply().await;
    assert_eq!(skip(&first, "blog.example.com")["reason"], "not-owned", "{first}");
    is_told_once(&house, &first, 2).await;
    // A person who asks by name is answered anew.
    let plan = report(&house, &["plan", "blog.example.com"]).await;
    let because = skip(&plan, "blog.example.com")["because"].as_str().unwrap();
    assert!(because.contains("192.0.2.80"), "{because}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_a_set_that_is_another_by_now_is_written_down_anew() {
    let house = with_stranger(&[]).await;
    house.serve().await.apply().await;
    let mut world = house.control("GET", "/standin/world", &Value::Null).await;
    let sets = world["zones"][0]["recordSets"].as_array_mut().unwrap();
    let blog = sets.iter_mut().find(|set| set["name"] == "blog").unwrap();
    blog["properties"]["TTL"] = json!(77);
    house.world(&json!({ "zones": world["zones"] })).await;
    for asked in [3, 2] {
        house.stage.calls().await;
        house.serve().await.apply().await;
        assert_eq!(questions(&house).await, asked, "the thirty days are asked once of each set");
        assert_eq!(alarming(&house).await, Vec::<Value>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_ends_when_the_machine_says_another_address() {
    let house = with_stranger(&[]).await;
    house.serve().await.apply().await;
    assert_eq!(alarming(&house).await, Vec::<Value>::new());
    let there = [60, 1].map(|ago| crate::handler::beat("stranger", "203.0.113.99", ago));
    house.heartbeats(&there).await;
    assert_eq!(alarming(&house).await, [json!(["blog.example.com"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_the_alert_until_the_next_sweep() {
    let house = drifted(&[]).await;
    house.world(&lock(&set_id("x"))).await;
    let first = house.serve().await.apply().await;
    assert_eq!(outcomes(&first), ["failed"], "{first}");
    is_told_once(&house, &first, 2).await;
}

/// What heartbeats had proved is not asked again, and what was refused is told as what it is: not as a set of somebody
/// else's.
#[tokio::test(flavor = "multi_thread")]
async fn an_adoption_behind_a_lock_fails_as_such_and_is_made_when_the_lock_is_lifted() {
    let house = with_stranger(&[]).await;
    house.heartbeats(&[crate::handler::beat("stranger", "192.0.2.80", 20 * 24 * 3600)]).await;
    house.world(&lock(&set_id("blog"))).await;
    let handler = house.serve().await;
    // The log spares no question about the heartbeats: they are what proves it, each time.
    for _ in 0..3 {
        house.stage.calls().await;
        let report = handler.apply().await;
        let failed = change(&report, "blog.example.com");
        assert_eq!((&failed["outcome"], &failed["adopted"]), (&json!("failed"), &json!(true)), "{report}");
        assert!(failed["detail"].as_str().unwrap().contains("az lock"), "{report}");
        assert_eq!(questions(&house).await, 3);
        assert_eq!(alarming(&house).await, Vec::<Value>::new(), "the alert is quiet");
    }
    house.world(&json!({ "locks": [] })).await;
    house.stage.calls().await;
    assert_eq!(outcomes(&handler.apply().await), ["confirmed"]);
    assert_eq!(questions(&house).await, 3);
    assert_eq!(house.addresses("blog").await, ["203.0.113.77"]);
}

/// Section 4: a skip is told again when its reason is new for its name or a day old.
#[tokio::test(flavor = "multi_thread")]
async fn a_reason_of_some_hours_ago_is_no_news() {
    let house = with_stranger(&[]).await;
    let row = ChangeRow {
        time_generated: heartbeat_dns::clock::now() - SignedDuration::from_hours(20),
        host_name: "blog.example.com".to_owned(),
        record_type: "A".to_owned(),
        zone_id: crate::stage::zone_id("example.com"),
        action: "skip".to_owned(),
        reason: "not-owned".to_owned(),
        ..ChangeRow::default()
    };
    house.stage.azure().logs_ingest.send(DNS_CHANGE, &[row]).await.unwrap();
    let report = house.serve().await.apply().await;
    assert_eq!(skip(&report, "blog.example.com")["reason"], "not-owned", "{report}");
    assert_eq!(house.query("DNSChange_CL | where Action_s == 'skip' | count").await, [json!([1])]);
}
