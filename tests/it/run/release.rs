//! Sets that a person gives up: nobody of ours writes them, until somebody adopts them.

use serde_json::{Value, json};

use super::{NEW, OLD, alarming, change, code, report, skip, sweep, words};
use crate::handler::{House, OWNER, beat, mark, moved, reasons, set, tagged};
use crate::stage::zone_id;

const HOST: &str = "x.example.com";

/// A set of ours whose machine has moved, listed literally so that nothing but the mark keeps runs from adopting it.
async fn ours() -> House {
    let mut held = mark("m", OWNER, "2");
    // What is over keeps nobody.
    held["heartbeat_dns_hold"] = json!("2026-01-01T00:00:00Z");
    held["team"] = json!("edge");
    let sets = [set("x", &[OLD], held), set("y", &[OLD], Value::Null)];
    let more = [("POLICY_NAMES", "x.example.com,*")];
    House::new(&sets, &[tagged("m", HOST)], &moved("m", OLD, NEW), &more).await
}

async fn metadata(house: &House) -> Value {
    house.record_set("x").await["metadata"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_released_is_left_alone_wherever_its_machine_goes_until_it_is_adopted() {
    let house = ours().await;
    let shown = report(&house, &["release", HOST, "--dry-run"]).await;
    let planned = change(&shown, HOST);
    assert_eq!(
        (&planned["action"], &planned["from"], &planned["to"]),
        (&json!("release"), &json!([OLD]), &json!([OLD]))
    );
    assert!(planned["claimed_by"][0].as_str().unwrap().ends_with("/m"), "{planned}");
    let released = house.run(&["release", HOST, "--yes"]).await;
    assert_eq!((code(&released), house.writes().await), (0, 1), "{}", words(&released));
    let told = words(&released).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("take it up again: heartbeat-dns adopt {HOST}")), "{told}");
    let left = metadata(&house).await;
    assert_eq!(
        (&left["heartbeat_dns_owner"], &left["heartbeat_dns_hold"], &left["team"]),
        (&json!("released"), &Value::Null, &json!("edge")),
        "a program of before takes it for another installation's: {left}"
    );
    let rows = "DNSChange_CL | where Action_s == 'release' | project Outcome_s, Cause_s, OldIPs_s, NewIPs_s, isnotempty(By_s)";
    assert_eq!(house.query(rows).await, [json!(["confirmed", "released", OLD, OLD, true])]);
    let handler = house.serve().await;
    for look in 0..3 {
        let ran = handler.apply().await;
        assert_eq!(reasons(&ran, HOST), ["not-owned"], "{look}: {ran}");
        assert!(skip(&ran, HOST)["because"].as_str().unwrap().contains("heartbeat-dns adopt"), "{ran}");
        assert_eq!(alarming(&house).await, [] as [Value; 0], "{look}");
        sweep(&house).await;
    }
    let insisted = report(&house, &["apply", HOST, "--yes"]).await;
    assert_eq!(
        (&skip(&insisted, HOST)["reason"], house.writes().await),
        (&json!("not-owned"), 0),
        "{insisted}"
    );
    for verb in ["hold", "unhold", "release", "rollback"] {
        let refused = report(&house, &[verb, HOST, "--yes"]).await;
        assert_eq!(
            (&skip(&refused, HOST)["reason"], house.writes().await),
            (&json!("not-owned"), 0),
            "{verb}: {refused}"
        );
    }
    let adopted = house.run(&["adopt", HOST, "--yes"]).await;
    assert_eq!(
        (code(&adopted), house.addresses("x").await),
        (0, vec![NEW.to_owned()]),
        "{}",
        words(&adopted)
    );
    assert_eq!(metadata(&house).await["heartbeat_dns_owner"], OWNER);
}

/// Nobody hears of the machine: the mark alone is put back.
#[tokio::test(flavor = "multi_thread")]
async fn a_released_set_of_a_silent_machine_is_adopted_by_its_tag() {
    let sets = [set("x", &[OLD], mark("m", "released", "1"))];
    let house = House::new(&sets, &[tagged("m", HOST)], &[beat("other", NEW, 5)], &[]).await;
    let adopted = house.run(&["adopt", HOST, "--yes"]).await;
    assert_eq!((code(&adopted), house.writes().await), (0, 1), "{}", words(&adopted));
    assert_eq!(metadata(&house).await["heartbeat_dns_owner"], OWNER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_release_of_all_leaves_nothing_of_ours_and_says_what_is_still_claimed() {
    let sets = [
        set("x", &[OLD], mark("m", OWNER, "1")),
        set("y", &["198.51.100.11"], mark("gone", OWNER, "1")),
        set("z", &["198.51.100.12"], mark("m", "another", "1")),
    ];
    let house = House::new(&sets, &[tagged("m", HOST)], &moved("m", OLD, NEW), &[]).await;
    let refused = house.run(&["release", "--clean", "--yes"]).await;
    assert_eq!((code(&refused), house.writes().await), (2, 0), "{}", words(&refused));
    let text = house.run(&["release", "--all", "--clean", "--dry-run"]).await;
    assert!(words(&text).contains("m (rg-edge) still claims it"), "{}", words(&text));
    assert!(words(&text).contains("nobody claims it"), "{}", words(&text));
    let released = report(&house, &["release", "--all", "--clean", "--yes"]).await;
    assert_eq!((released["changes"].as_array().unwrap().len(), house.writes().await), (2, 2), "{released}");
    assert_eq!(change(&released, "y.example.com")["claimed_by"], json!([]));
    for (name, owner) in [("x", Value::Null), ("y", Value::Null), ("z", json!("another"))] {
        let left = house.record_set(name).await["metadata"].clone();
        assert_eq!(left["heartbeat_dns_owner"], owner, "{name}: {left}");
        let ours = left.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("heartbeat_dns"));
        assert_eq!(ours.count() == 0, owner.is_null(), "{name}: {left}");
    }
    let again = house.run(&["release", "--all", "--clean", "--yes"]).await;
    assert!(code(&again) == 2 && words(&again).contains("nothing to release"), "{}", words(&again));
}

/// Nothing of ours is left of a set that was given up before, and only of one that is named: its mark does not say by whom.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_released_can_be_cleaned_by_name() {
    let house = ours().await;
    let released = house.run(&["release", HOST, "--yes"]).await;
    assert_eq!((code(&released), house.writes().await), (0, 1), "{}", words(&released));
    let all = house.run(&["release", "--all", "--clean", "--yes"]).await;
    assert_eq!((code(&all), house.writes().await), (2, 0), "{}", words(&all));
    for (more, reason) in [(&[] as &[&str], "not-owned"), (&["--delete"], "claim-conflict")] {
        let refused = report(&house, &[&["release", HOST, "--yes"], more].concat()).await;
        assert_eq!(skip(&refused, HOST)["reason"], reason, "{more:?}: {refused}");
    }
    let cleaned = report(&house, &["release", HOST, "--clean", "--yes"]).await;
    assert_eq!(
        (&change(&cleaned, HOST)["outcome"], house.writes().await, house.addresses("x").await),
        (&json!("confirmed"), 1, vec![OLD.to_owned()]),
        "{cleaned}"
    );
    assert_eq!(metadata(&house).await, json!({ "team": "edge" }));
    let rows = "DNSChange_CL | where Cause_s == 'released' | count";
    assert_eq!(house.query(rows).await, [json!([2])]);
    // What another installation keeps, and what a newer release has marked, stays.
    for (owner, version) in [("another", "1"), ("released", "9")] {
        house
            .world(&json!({ "zones": [{ "id": zone_id("example.com"),
            "recordSets": [set("x", &[OLD], mark("m", owner, version))] }] }))
            .await;
        let refused = report(&house, &["release", HOST, "--clean", "--yes"]).await;
        assert_eq!(skip(&refused, HOST)["reason"], "not-owned", "{owner}: {refused}");
    }
    assert_eq!(house.writes().await, 0);
}

/// The write landed and its answer was lost: what stands there tells it.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_whose_answer_was_lost_is_known_by_what_it_left() {
    for more in [&[] as &[&str], &["--clean"]] {
        let house = ours().await;
        house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "reset": "after" }])).await;
        let arguments = [&["release", HOST, "--yes"], more].concat();
        let released = report(&house, &arguments).await;
        assert_eq!(change(&released, HOST)["outcome"], "confirmed", "{more:?}: {released}");
    }
}

/// Whoever holds a set is told of before it is given up or put back, and `unhold` is the only way past.
#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_hold_is_taken_off_by_no_verb_but_unhold() {
    let mut held = mark("m", OWNER, "2");
    let by = "1c2f0000-8a4e-4b7e-9a53-0d6c2f1b7e90 boss";
    held["heartbeat_dns_hold"] = json!("forever");
    held["heartbeat_dns_hold_why"] = json!("incident 7");
    held["heartbeat_dns_hold_by"] = json!(by);
    held["heartbeat_dns_previous"] = json!("198.51.100.77");
    let house =
        House::new(&[set("x", &[OLD], held.clone())], &[tagged("m", HOST)], &moved("m", OLD, NEW), &[]).await;
    for arguments in [
        &["release", HOST, "--yes"] as &[&str],
        &["release", HOST, "--clean", "--yes"],
        &["release", "--all", "--clean", "--yes"],
        &["release", HOST, "--delete", "--yes"],
        &["rollback", HOST, "--yes"],
    ] {
        let refused = house.run(&[arguments, &["-o", "json"]].concat()).await;
        let told: Value = serde_json::from_slice(&refused.stdout).unwrap();
        let skip = skip(&told, HOST);
        assert_eq!((code(&refused), &skip["reason"]), (1, &json!("held")), "{arguments:?}: {told}");
        let because = skip["because"].as_str().unwrap();
        for part in ["\"boss\"", "\"incident 7\"", &format!("heartbeat-dns unhold {HOST}")] {
            assert!(because.contains(part), "{arguments:?}: {because}");
        }
    }
    assert_eq!((house.writes().await, metadata(&house).await), (0, held), "and nothing was touched");
    for arguments in [["unhold", HOST, "--yes"], ["release", HOST, "--yes"]] {
        let done = house.run(&arguments).await;
        assert_eq!((code(&done), house.writes().await), (0, 1), "{arguments:?}: {}", words(&done));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_installation_is_called_released() {
    let house = ours().await;
    let checked = house.command().env("OWNER_ID", "released").arg("check").output().await.unwrap();
    assert!(code(&checked) == 2 && words(&checked).contains("OWNER_ID"), "{}", words(&checked));
}

/// Nobody is left who could take it up again: what is told then can be done.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_released_and_nobody_claims_is_deleted_by_its_name() {
    let sets = [set("x", &[OLD], mark("gone", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", "other.example.com")], &[beat("m", NEW, 5)], &[]).await;
    let released = house.run(&["release", HOST, "--yes"]).await;
    assert_eq!((code(&released), house.writes().await), (0, 1), "{}", words(&released));
    let next = format!("heartbeat-dns release {HOST} --delete");
    let told = words(&released).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&next) && !told.contains("adopt"), "{told}");
    let explained = house.run(&["explain", HOST]).await;
    let told = words(&explained).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&next) && !told.contains("heartbeat-dns adopt"), "{told}");
    let held = report(&house, &["hold", HOST, "--yes"]).await;
    assert!(skip(&held, HOST)["because"].as_str().unwrap().contains(&next), "{held}");
    let gone = report(&house, &["release", HOST, "--delete", "--yes"]).await;
    assert_eq!(change(&gone, HOST)["outcome"], "confirmed", "{gone}");
    assert_eq!(house.record_set("x").await, Value::Null);
    let rows =
        "DNSChange_CL | where Action_s == 'delete' and Outcome_s == 'confirmed' | project Cause_s, OldIPs_s";
    assert_eq!(house.query(rows).await, [json!(["released", OLD])]);
}
