//! Adoption by hand is a change like any other: asked for, guarded, told to the log.

use serde_json::{Value, json};

use super::{code, report, skip, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};

const HOME: &str = "198.51.100.30";

/// A set that somebody made by hand for a machine at home.
async fn by_hand(present: &str, more: &[(&str, &str)]) -> House {
    let sets = [set("hand", &[present], Value::Null)];
    House::new(&sets, &[tagged("h", "hand.example.com")], &moved("h", HOME, HOME), more).await
}

const ROWS: &str = "DNSChange_CL | where Action_s != 'told' | project Action_s, Outcome_s, OldIPs_s, NewIPs_s, DNSHostName_s";

#[tokio::test(flavor = "multi_thread")]
async fn it_is_written_down_as_what_it_is() {
    for present in [HOME, "192.0.2.9"] {
        let house = by_hand(present, &[]).await;
        let adopted = house.run(&["adopt", "hand.example.com", "--yes"]).await;
        assert_eq!(code(&adopted), 0, "{}", words(&adopted));
        assert_eq!(house.addresses("hand").await, [HOME]);
        assert_eq!(house.record_set("hand").await["metadata"]["heartbeat_dns_owner"], OWNER);
        let row = json!(["adopt", "confirmed", present, HOME, "hand.example.com"]);
        assert_eq!(house.query(ROWS).await, std::slice::from_ref(&row));
        // No later run tells it again, as something that it was not.
        house.age_marks(11, None).await;
        super::sweep(&house).await;
        house.serve().await.apply().await;
        assert_eq!(house.query(ROWS).await, [row]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_row_was_lost_is_told_later_as_what_it_was() {
    let house = by_hand(HOME, &[("COLLECT_DEADLINE", "20s"), ("RUN_DEADLINE", "6s")]).await;
    house.stage.fail(&json!([{ "path": "/streams/", "times": 1000, "status": 503 }])).await;
    let adopted = house.run(&["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!((code(&adopted), house.writes().await), (1, 1), "{}", words(&adopted));
    house.control("DELETE", "/standin/faults", &Value::Null).await;
    house.age_marks(11, None).await;
    super::sweep(&house).await;
    house.serve().await.apply().await;
    assert_eq!(house.query(ROWS).await, [json!(["adopt", "confirmed", HOME, HOME, "hand.example.com"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_adopted_unasked() {
    let house = by_hand("192.0.2.9", &[]).await;
    let silent = house.run(&["adopt", "hand.example.com"]).await;
    assert!(code(&silent) == 2 && words(&silent).contains("--yes"), "{}", words(&silent));
    let other = house.run(&["adopt", "hand.example.com", "--expect", &"0".repeat(64), "-o", "json"]).await;
    assert_eq!((code(&other), house.writes().await), (4, 0), "{}", words(&other));
    let shown: Value = serde_json::from_slice(&other.stdout).unwrap();
    let digest = shown["digest"].as_str().unwrap();
    let adopted = house.run(&["adopt", "hand.example.com", "--expect", digest]).await;
    assert_eq!((code(&adopted), house.writes().await), (0, 1), "{}", words(&adopted));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dry_run_shows_can_be_agreed_to() {
    let house = by_hand("192.0.2.9", &[]).await;
    let shown = report(&house, &["adopt", "hand.example.com", "--dry-run"]).await;
    assert_eq!(
        (&shown["mode"], &shown["result"], house.writes().await),
        (&json!("plan"), &json!("planned"), 0)
    );
    assert_eq!(shown["changes"][0]["action"], "adopt", "{shown}");
    assert_eq!(house.query("DNSChange_CL | count").await, [json!([0])], "it leaves no trace");
    let digest = shown["digest"].as_str().unwrap();
    let adopted = house.run(&["adopt", "hand.example.com", "--expect", digest]).await;
    assert_eq!((code(&adopted), house.writes().await), (0, 1), "{}", words(&adopted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_that_has_no_set_is_no_refusal() {
    let house = by_hand(HOME, &[("POLICY_RECORD_TYPES", "A,AAAA")]).await;
    let first = report(&house, &["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!((&first["result"], &first["skips"]), (&json!("changed"), &json!([])), "{first}");
    // What is ours already is fine.
    let again = house.run(&["adopt", "hand.example.com", "--yes", "-o", "json"]).await;
    let said: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((code(&again), &said["changes"]), (0, &json!([])), "{said}");
    assert_eq!(house.query("DNSChange_CL | where Action_s == 'adopt' | count").await, [json!([1])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_families_are_adopted_although_one_of_them_is_not_settled() {
    let v6 = "2001:db8::30";
    let records = json!({ "TTL": 300, "AAAARecords": [{ "ipv6Address": v6 }] });
    let sets = [
        set("hand", &["192.0.2.9"], Value::Null),
        json!({ "name": "hand", "type": "AAAA", "properties": records }),
    ];
    let beats = [moved("h", v6, v6), vec![beat("h", HOME, 1)]].concat();
    let machines = [tagged("h", "hand.example.com")];
    let house = House::new(&sets, &machines, &beats, &[("POLICY_RECORD_TYPES", "A,AAAA")]).await;
    let adopted = report(&house, &["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!((&adopted["result"], &adopted["skips"]), (&json!("changed"), &json!([])), "{adopted}");
    let rows = "DNSChange_CL | project RecordType_s, Action_s, NewIPs_s | sort by RecordType_s asc";
    assert_eq!(
        house.query(rows).await,
        [json!(["A", "adopt", "192.0.2.9"]), json!(["AAAA", "adopt", v6])],
        "an address waits for its heartbeats, and a mark does not"
    );
    assert_eq!(house.record_set("hand").await["metadata"]["heartbeat_dns_owner"], OWNER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_not_heard_can_be_given_its_set() {
    let sets = [set("mute", &[HOME], Value::Null), set("other", &[HOME], mark("o", OWNER, "1"))];
    let machines = [tagged("s", "mute.example.com"), tagged("o", "other.example.com")];
    let house = House::new(&sets, &machines, &[beat("o", HOME, 60), beat("o", HOME, 1)], &[]).await;
    let shown = report(&house, &["adopt", "mute.example.com", "--dry-run"]).await;
    assert_eq!(shown["summary"]["silent"], 1, "{shown}");
    let adopted = house.run(&["adopt", "mute.example.com", "--yes"]).await;
    assert_eq!(code(&adopted), 0, "{}", words(&adopted));
    assert_eq!(house.query(ROWS).await, [json!(["adopt", "confirmed", HOME, HOME, "mute.example.com"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_of_others_are_refused() {
    let sets = [set("hand", &["192.0.2.9"], mark("h", "another-installation", "1"))];
    let house = House::new(&sets, &[tagged("h", "hand.example.com")], &moved("h", HOME, HOME), &[]).await;
    let refused = house.run(&["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!((code(&refused), house.writes().await), (1, 0), "{}", words(&refused));
    assert!(words(&refused).contains("another installation"), "{}", words(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_holds_an_adoption_too() {
    let house = crate::watch::converging(&[]).await;
    let held = house.run(&["adopt", "shop0.example.com", "--yes", "-o", "json"]).await;
    assert_eq!((code(&held), house.writes().await), (4, 0), "{}", words(&held));
    let said: Value = serde_json::from_slice(&held.stdout).unwrap();
    assert_eq!(skip(&said, "shop0.example.com")["reason"], "braked", "{said}");
    assert!(!words(&held).contains("adopted\""), "{}", words(&held));
    assert!(house.record_set("shop0").await["metadata"]["heartbeat_dns_owner"].is_null());
    let rows = house.query("DNSChange_CL | where Action_s == 'adopt' | count").await;
    assert_eq!(rows, [json!([0])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_set_nothing_is_created() {
    for policy in [("POLICY_ADOPT", "never"), ("POLICY_CREATE", "false")] {
        let machines = [tagged("h", "hand.example.com")];
        let house = House::new(&[], &machines, &moved("h", HOME, HOME), &[policy]).await;
        let refused = house.run(&["adopt", "hand.example.com", "--yes", "-o", "json"]).await;
        assert_eq!((code(&refused), house.writes().await), (1, 0), "{}", words(&refused));
        let said: Value = serde_json::from_slice(&refused.stdout).unwrap();
        assert_eq!((&said["result"], &said["changes"]), (&json!("failed"), &json!([])), "{said}");
        let because = skip(&said, "hand.example.com")["because"].as_str().unwrap();
        assert!(because.contains("no A record set hand.example.com to adopt"), "{because}");
        // It is no refusal: the next run creates the set where it may, and the alert goes on asking for it.
        let rows = super::alarming(&house).await;
        assert_eq!(rows, [json!(["hand.example.com"])]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_that_agree_are_one_claim_and_others_are_refused() {
    let sets = [set("hand", &["192.0.2.9"], Value::Null)];
    let both = [tagged("h", "hand.example.com"), tagged("i", "hand.example.com")];
    let agree = [moved("h", HOME, HOME), moved("i", HOME, HOME)].concat();
    let house = House::new(&sets, &both, &agree, &[]).await;
    let adopted = house.run(&["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!((code(&adopted), house.addresses("hand").await), (0, vec![HOME.to_owned()]));
    let differ = [moved("h", HOME, HOME), moved("i", "198.51.100.31", "198.51.100.31")].concat();
    for beats in [differ, Vec::new()] {
        let house = House::new(&sets, &both, &beats, &[]).await;
        let refused = house.run(&["adopt", "hand.example.com", "--yes", "-o", "json"]).await;
        assert_eq!((code(&refused), house.writes().await), (1, 0), "{}", words(&refused));
        let said: Value = serde_json::from_slice(&refused.stdout).unwrap();
        assert_eq!(skip(&said, "hand.example.com")["reason"], "claim-conflict", "{said}");
    }
}
