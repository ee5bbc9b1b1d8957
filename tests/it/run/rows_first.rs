//! Whoever may not send rows writes nothing: what nobody could tell the log of is not done.

use serde_json::{Value, json};

use super::{NEW, OLD, change, code, drifted, report, words};
use crate::handler::{House, OWNER, mark, moved, set, tagged};
use crate::stage::SUBSCRIPTION;
use crate::terminal::asked_on_a_terminal;

/// Each verb that writes, with a name for which it has something to do.
const VERBS: [(&str, &str); 6] = [
    ("apply", "x.example.com"),
    ("adopt", "y.example.com"),
    ("hold", "h.example.com"),
    ("unhold", "u.example.com"),
    ("rollback", "r.example.com"),
    ("release", "l.example.com"),
];

async fn house() -> House {
    let mut held = mark("u", OWNER, "2");
    held["heartbeat_dns_hold"] = json!("forever");
    let mut before = mark("r", OWNER, "1");
    before["heartbeat_dns_previous"] = json!("198.51.100.99");
    let ours = |name: &str| mark(name, OWNER, "1");
    let sets = [
        set("x", &[OLD], ours("x")),
        set("y", &["192.0.2.81"], Value::Null),
        set("h", &["198.51.100.31"], ours("h")),
        set("u", &["198.51.100.32"], held),
        set("r", &["198.51.100.33"], before),
        set("l", &["198.51.100.34"], ours("l")),
    ];
    let machines = [tagged("x", "x.example.com"), tagged("y", "y.example.com")];
    let beats = [moved("x", OLD, NEW), moved("y", "198.51.100.41", "203.0.113.41")];
    House::new(&sets, &machines, &beats.concat(), &[]).await
}

/// The world of an identity that may read all and write record sets, and may not send rows.
pub(super) fn may_not_send_rows() -> Value {
    json!({ "identity": { "roles": [{ "scope": SUBSCRIPTION, "actions": ["*/read", "Microsoft.Network/*/A/*"] }] } })
}

/// The requests to record sets that would change one, and those to the rule, whatever became of them.
async fn asked(house: &House) -> (usize, usize) {
    let calls = house.stage.calls().await;
    let writes = calls.iter().filter(|call| matches!(call.method.as_str(), "PUT" | "DELETE" | "PATCH"));
    (writes.count(), calls.iter().filter(|call| call.path.contains("/streams/")).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_that_writes_asks_for_the_right_first_and_refuses_with_the_command_that_gives_it() {
    let house = house().await;
    house.world(&may_not_send_rows()).await;
    for (verb, name) in VERBS {
        let refused = house.run(&[verb, name, "--yes"]).await;
        let said = words(&refused);
        assert_eq!((code(&refused), asked(&house).await), (1, (0, 1)), "{verb}: {said}");
        for wanted in
            ["nothing was written", "Monitoring Metrics Publisher", "hint: az role assignment create "]
        {
            assert!(said.contains(wanted), "{verb}: {wanted}: {said}");
        }
        let shown = house.run(&[verb, name, "--dry-run"]).await;
        assert_eq!((code(&shown), asked(&house).await), (0, (0, 0)), "{verb}: {}", words(&shown));
    }
    assert_eq!(house.query("DNSChange_CL | project run_s").await, [] as [Value; 0]);
    // What it asks stores nothing either where it may.
    house.world(&json!({ "identity": {} })).await;
    for (verb, name) in VERBS {
        let done = house.run(&[verb, name, "--yes"]).await;
        assert_eq!((code(&done), asked(&house).await.0), (0, 1), "{verb}: {}", words(&done));
    }
    let rows = house.query("DNSChange_CL | summarize count()").await;
    assert_eq!(rows, [json!([VERBS.len()])], "one row for each write");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_not_there_and_a_token_that_is_not_taken_are_refusals_too() {
    for (status, error, said) in [
        (404, json!({ "code": "NotFound", "message": "no rule" }), "LOGS_DCR_RULE_ID"),
        (401, json!({ "code": "InvalidToken", "message": "no token" }), "401"),
    ] {
        let house = drifted(&[]).await;
        let body = json!({ "error": error });
        let fault =
            json!({ "method": "POST", "path": "/streams/", "times": 9, "status": status, "body": body });
        house.stage.fail(&json!([fault])).await;
        let refused = house.run(&["apply", "--yes"]).await;
        assert_eq!((code(&refused), house.writes().await), (1, 0), "{status}: {}", words(&refused));
        assert!(words(&refused).contains(said), "{status}: {}", words(&refused));
    }
}

/// A log that is out of order is no refusal: whoever holds a name in an incident is not kept by it.
#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_says_whether_rows_are_taken_it_is_said_and_the_write_goes_on() {
    let house = house().await;
    let page = json!({ "method": "POST", "path": "/streams/", "times": 1, "status": 200, "body": "<html>" });
    let block = json!({ "method": "POST", "path": "/streams/", "times": 1, "status": 403, "body": "<html>" });
    for (verb, name, fault) in [("hold", "h.example.com", page), ("unhold", "u.example.com", block)] {
        house.stage.fail(&json!([fault])).await;
        let held = house.run(&[verb, name, "--yes"]).await;
        assert_eq!((code(&held), house.writes().await), (0, 1), "{}", words(&held));
        assert!(words(&held).contains("is not known, and it goes on"), "{}", words(&held));
    }
}

/// What a person pays for it: one call beside the eight of a run, which asks nothing and pays nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_question_is_one_call_beside_the_eight_of_a_repair() {
    let house = drifted(&[]).await;
    let applied = report(&house, &["apply", "x.example.com", "--yes"]).await;
    assert_eq!(change(&applied, "x.example.com")["outcome"], "confirmed", "{applied}");
    let calls = house.stage.calls().await;
    let told = calls.iter().filter(|call| call.path.contains("/streams/Custom-DNSChange"));
    assert_eq!((told.count(), calls.len()), (2, 9), "the question, and the row: {calls:?}");
    let house = drifted(&[]).await;
    house.serve().await.apply().await;
    let calls = house.stage.calls().await;
    let told = calls.iter().filter(|call| call.path.contains("/streams/Custom-DNSChange"));
    assert!(told.count() == 1 && calls.len() <= 8, "{calls:?}");
}

/// What a terminal shows of the command is the command, line by line, as a shell reads on.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_can_be_copied_from_a_terminal() {
    let house = house().await;
    house.world(&may_not_send_rows()).await;
    let piped = words(&house.run(&["unhold", "u.example.com", "--yes"]).await);
    let (_, wanted) = piped.split_once("hint: ").unwrap();
    let environment = house.environment.clone();
    let unhold = ["unhold", "u.example.com", "--yes"];
    let ask = move || asked_on_a_terminal(&unhold, &environment, |_, _| None);
    let (_, shown) = tokio::task::spawn_blocking(ask).await.unwrap();
    let (_, hint) = shown.split_once("hint:").unwrap();
    let copied = hint.replace("\\\r\n", " ");
    let copied: Vec<&str> = copied.split_whitespace().collect();
    assert_eq!(copied.join(" "), wanted.trim(), "{shown}");
}
