//! What the log remembers of a name, told out of rows that real runs wrote.

use serde_json::{Value, json};

use super::{NEW, OLD, code, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};

/// The identity that the stand-in gives to whoever runs on this machine.
const IDENTITY: &str = "00000000-0000-0000-0000-0000000000f2 00000000-0000-0000-0000-0000000000f1";

async fn told(house: &House, name: &str) -> Value {
    let output = house.run(&["history", name, "-o", "json"]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// One name that moved, one that somebody made by hand, one that is new.
async fn house(more: &[(&str, &str)]) -> House {
    let sets = [set("nas", &[OLD], mark("nas", OWNER, "1")), set("hand", &["192.0.2.9"], Value::Null)];
    let machines = [
        tagged("nas", "nas.example.com"),
        tagged("hand", "hand.example.com"),
        tagged("new", "new.example.com"),
    ];
    let steady = |machine: &str, address: &str| [300, 180, 60, 5].map(|ago| beat(machine, address, ago));
    let beats = [
        moved("nas", OLD, NEW),
        steady("hand", "203.0.113.60").to_vec(),
        steady("new", "203.0.113.50").to_vec(),
    ];
    House::new(&sets, &machines, &beats.concat(), more).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_and_a_person_are_told_apart_each_with_cause_and_proof() {
    let house = house(&[]).await;
    let report = house.serve().await.apply().await;
    let adopted = house.run(&["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!(code(&adopted), 0, "{}", words(&adopted));
    let nas = told(&house, "NAS.example.com").await;
    let [change] = nas["changes"].as_array().unwrap().as_slice() else { panic!("{nas}") };
    assert_eq!((&change["from"], &change["to"]), (&json!([OLD]), &json!([NEW])), "{nas}");
    assert_eq!(
        (&change["cause"], &change["by"], &change["proof"]),
        (&json!("moved"), &json!(null), &json!("dns"))
    );
    assert_eq!(change["run"], report["run"]);
    assert!(change["time_to_truth_ms"].is_u64() && change["beats"].is_u64(), "{nas}");
    let hand = told(&house, "hand.example.com").await;
    let change = &hand["changes"][0];
    assert_eq!(
        (&change["cause"], &change["trigger"], &change["by"]),
        (&json!("adopted"), &json!("cli"), &json!(IDENTITY))
    );
    assert_eq!(told(&house, "new.example.com").await["changes"][0]["cause"], "created");
    let rows = "DNSChange_CL | where Action_s == 'skip' and By_s != '' | count";
    assert_eq!(house.query(rows).await, [json!([0])], "the function has no person");
    // It only reads.
    assert_eq!(house.query("DNSChange_CL | count").await, [json!([4])]);
}

/// Nobody waited for heartbeats to be followed: how old the first one is says when a person had time.
#[tokio::test(flavor = "multi_thread")]
async fn an_adoption_by_hand_has_no_time_to_truth_and_counts_in_none() {
    let house = house(&[("POLICY_MIN_SPAN", "1s"), ("POLICY_UNSEEN", "1s")]).await;
    let adopted = house.run(&["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!((code(&adopted), house.addresses("hand").await), (0, vec!["203.0.113.60".to_owned()]));
    let shown = words(&house.run(&["history", "hand.example.com"]).await);
    let line =
        shown.lines().find(|line| line.contains("adopted by hand")).unwrap_or_else(|| panic!("{shown}"));
    assert!(line.split_whitespace().any(|cell| cell == "–"), "{shown}");
    assert!(shown.contains("1 change in") && !shown.contains("true within"), "{shown}");
    // Beside a move it is a change like any other, and of the moves alone it is told how soon they were true.
    house.heartbeats(&[3, 2, 1].map(|ago| beat("hand", "203.0.113.61", ago))).await;
    house.serve().await.apply().await;
    let shown = words(&house.run(&["history", "hand.example.com"]).await);
    assert!(shown.contains("2 changes in") && shown.contains("true within 5 minutes: 1 of 1"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_any_write_is_told_so_and_a_text_that_is_no_name_is_refused() {
    let house = house(&[]).await;
    let output = house.run(&["history", "hand.example.com"]).await;
    let shown = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert!(shown.starts_with("no write to hand.example.com is in the log"), "{shown}");
    assert!(shown.ends_with("how it stands:  heartbeat-dns plan hand.example.com\n"), "{shown}");
    let hand = told(&house, "hand.example.com").await;
    assert_eq!(
        (&hand["changes"], &hand["unlogged"], &hand["unread"]),
        (&json!([]), &json!([]), &json!(null))
    );
    // Of a set of ours that nobody has written for longer than the log goes back its mark still tells.
    let output = house.run(&["history", "nas.example.com"]).await;
    let shown = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(shown.contains("told by its mark") && shown.contains("the row is older than the log"), "{shown}");
    assert_eq!(told(&house, "nas.example.com").await["changes"], json!([]));
    let slip = house.run(&["history", "naz.example.com"]).await;
    let meant = words(&slip).contains("did you mean nas.example.com?");
    assert!(code(&slip) == 2 && meant, "{}", words(&slip));
    let nonsense = house.run(&["history", "nas'] | take 1"]).await;
    assert!(
        code(&nonsense) == 2 && words(&nonsense).contains("hint: write full names"),
        "{}",
        words(&nonsense)
    );
}

/// What was done to our mark alone is told as well, and people are told by what tells them apart.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_its_end_and_a_release_are_lines_of_their_own() {
    let house = house(&[]).await;
    let name = "nas.example.com";
    for command in [
        &["hold", name, "--until", "2999-01-01T08:00:00Z", "--why", "line maintenance", "--yes"][..],
        &["unhold", name, "--yes"],
        &["hold", name, "--until", "2999-01-02T08:00:00Z", "--why", "a proxy", "--yes"],
    ] {
        let output = house.run(command).await;
        assert_eq!(code(&output), 0, "{}", words(&output));
    }
    let nas = told(&house, name).await;
    let causes = |told: &Value| -> Vec<Value> {
        told["changes"].as_array().unwrap().iter().map(|change| change["cause"].clone()).collect()
    };
    assert_eq!(causes(&nas), ["held", "let-go", "held"], "{nas}");
    assert_eq!(nas["unlogged"], json!([]), "{nas}");
    assert_eq!(
        (&nas["changes"][0]["from"], &nas["changes"][0]["to"], &nas["changes"][0]["by"]),
        (&json!([OLD]), &json!([OLD]), &json!(IDENTITY)),
        "{nas}"
    );
    let output = house.run(&["history", name]).await;
    let shown = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<&str> = shown.lines().filter(|line| line.contains(OLD)).collect();
    assert!(rows[0].contains("held") && rows[1].contains("let go") && rows[2].contains("held"), "{shown}");
    assert!(rows.iter().all(|row| row.contains('–') && !row.contains("not proved")), "{shown}");
    // Three of one minute, or of two: each is told to the second, for some of them would look alike.
    assert!(is_to_the_second(rows[0]), "{shown}");
    assert!(shown.contains("by 00000000…, held until 2999-01-02 08:00: a proxy"), "{shown}");
    assert!(!shown.contains("line maintenance"), "that hold has ended: {shown}");
    assert!(!shown.contains("00000000-0000"), "whole ids are for programs: {shown}");
    for command in [["unhold", name, "--yes"], ["release", name, "--yes"]] {
        let output = house.run(&command).await;
        assert_eq!(code(&output), 0, "{}", words(&output));
    }
    assert_eq!(causes(&told(&house, name).await)[0], "released");
    let help = words(&house.run(&["history", "--help"]).await);
    for word in ["approved", "held", "let go", "released", "claimed by nobody"] {
        assert!(help.contains(&format!("  {word} ")), "{word}: {help}");
    }
    // No rollback takes them for changes of the addresses.
    let nothing = house.run(&["rollback", "--to", "2026-01-01T00:00:00Z", "--yes"]).await;
    assert!(code(&nothing) == 2 && words(&nothing).contains("no such change"), "{}", words(&nothing));
}

/// Whether a line begins with a time to the second.
fn is_to_the_second(row: &str) -> bool {
    row.split_whitespace().nth(1).is_some_and(|time| time.len() == "00:00:00".len())
}

/// A deployment of before the columns: its rule drops them without a word.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_before_the_columns_go_on_working() {
    let house = house(&[]).await;
    let is_new = |name: &str| ["Cause_s", "By_s", "Proof_s", "Policy_s"].contains(&name);
    let columns = |text: &str| -> Value {
        let list: Vec<Value> = serde_json::from_str(text).unwrap();
        let columns = list.iter().map(|column| (column["name"].as_str().unwrap(), column["type"].clone()));
        let columns = columns.filter(|(name, _)| !is_new(name));
        columns.map(|(name, kind)| (name.to_owned(), kind)).collect::<serde_json::Map<String, Value>>().into()
    };
    let mut rule = house.stage.standin.state().world().rule.clone();
    rule["streams"] = json!({
        "Custom-TagData": columns(include_str!("../../../infra/tables/TagData_CL.json")),
        "Custom-DNSData": columns(include_str!("../../../infra/tables/DNSData_CL.json")),
        "Custom-DNSChange": columns(include_str!("../../../infra/tables/DNSChange_CL.json")),
    });
    house.world(&json!({ "rule": rule })).await;
    let applied = house.run(&["apply", "nas.example.com", "--yes"]).await;
    assert_eq!(code(&applied), 0, "{}", words(&applied));
    let change = told(&house, "nas.example.com").await["changes"][0].clone();
    assert_eq!(
        (&change["cause"], &change["by"], &change["proof"]),
        (&json!(null), &json!(null), &json!(null))
    );
    assert!(change["time_to_truth_ms"].is_u64(), "{change}");
    let shown = house.run(&["history", "nas.example.com"]).await;
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("updated, ") && shown.contains("true within 5 minutes: 1 of 1"), "{shown}");
}
