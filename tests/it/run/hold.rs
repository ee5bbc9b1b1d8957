//! A hold is a change like any other, and while it stands nothing else is: for no run, and for no alert.

use serde_json::{Value, json};

use super::{NEW, OLD, alarming, code, report, skip, sweep, words};
use crate::handler::{House, OWNER, mark, moved, reasons, set, tagged};

const HOST: &str = "x.example.com";

/// A set of ours whose machine has moved.
async fn ours(version: &str, more: &[(&str, &str)]) -> House {
    let sets = [set("x", &[OLD], mark("m", OWNER, version))];
    House::new(&sets, &[tagged("m", HOST)], &moved("m", OLD, NEW), more).await
}

async fn metadata(house: &House) -> Value {
    house.record_set("x").await["metadata"].clone()
}

const ROWS: &str = "DNSChange_CL | project Action_s, Outcome_s, OldIPs_s, NewIPs_s | sort by Action_s asc";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_written_by_no_run_and_fires_no_alert_until_it_is_let_go() {
    let house = ours("1", &[]).await;
    assert_eq!(alarming(&house).await, [json!([HOST])]);
    let held = house.run(&["hold", HOST, "--why", "the line is moved", "--yes"]).await;
    assert_eq!((code(&held), house.writes().await), (0, 1), "{}", words(&held));
    let told = words(&held).split_whitespace().collect::<Vec<_>>().join(" ");
    let ends =
        format!("held until you say unhold: the line is moved; let it go: heartbeat-dns unhold {HOST}");
    assert!(told.contains(&ends), "{told}");
    let mark = metadata(&house).await;
    assert_eq!(mark["heartbeat_dns_v"], "2", "a program of version 0.1.0 leaves it alone: {mark}");
    assert_eq!(mark["heartbeat_dns_hold"], "forever");
    assert_eq!(mark["heartbeat_dns_hold_why"], "the line is moved");
    let by = mark["heartbeat_dns_hold_by"].as_str().unwrap();
    assert!(by.contains(' ') && by.len() > 36, "an id, and a name: {by}");
    let row = json!(["hold", "confirmed", OLD, OLD]);
    assert_eq!(house.query(ROWS).await, std::slice::from_ref(&row));
    // The log knows at once, and after a sweep no less.
    for _ in 0..2 {
        assert_eq!(alarming(&house).await, [] as [Value; 0]);
        let ran = house.serve().await.apply().await;
        assert_eq!(reasons(&ran, HOST), ["held"], "{ran}");
        let because = skip(&ran, HOST)["because"].as_str().unwrap();
        assert!(because.contains("the line is moved"), "{because}");
        // Its token knows no name but an id.
        assert!(because.contains(&format!("held by \"{}…\"", &by[..8])), "{because}");
        assert!(because.contains(&format!("heartbeat-dns unhold {HOST}")), "{because}");
        let asked = report(&house, &["apply", HOST, "--yes"]).await;
        assert_eq!(
            (skip(&asked, HOST)["reason"].as_str(), house.writes().await),
            (Some("held"), 0),
            "{asked}"
        );
        sweep(&house).await;
    }
    assert_eq!(house.query(ROWS).await, std::slice::from_ref(&row), "and nothing more is told of it");
    let free = house.run(&["unhold", HOST, "--yes"]).await;
    assert_eq!((code(&free), house.addresses("x").await), (0, vec![OLD.to_owned()]), "{}", words(&free));
    let told = words(&free).split_whitespace().collect::<Vec<_>>().join(" ");
    let next = format!("the next run may move it; what it would do: heartbeat-dns plan {HOST}");
    assert!(told.contains(&next), "{told}");
    let never = report(&house, &["unhold", "never.example.com", "--yes"]).await;
    let because = skip(&never, "never.example.com")["because"].as_str().unwrap();
    assert!(because.contains("nothing to let go") && !because.contains("tag"), "{because}");
    let mark = metadata(&house).await;
    assert_eq!(
        (&mark["heartbeat_dns_v"], &mark["heartbeat_dns_hold"]),
        (&json!("1"), &Value::Null),
        "{mark}"
    );
    assert_eq!(alarming(&house).await, [json!([HOST])], "the alert speaks of it again at once");
    house.serve().await.apply().await;
    assert_eq!(house.addresses("x").await, [NEW]);
    let rows = [row, json!(["unhold", "confirmed", OLD, OLD]), json!(["update", "confirmed", OLD, NEW])];
    assert_eq!(house.query(ROWS).await, rows);
}

/// Whoever has no program at hand sets the label in the portal.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_by_hand_counts_from_the_next_look_and_ends_by_itself() {
    let mut held = mark("m", OWNER, "1");
    held["heartbeat_dns_hold"] = json!("2999-01-01T00:00:00Z");
    let mut over = mark("o", OWNER, "2");
    over["heartbeat_dns_hold"] = json!("2026-01-01T00:00:00Z");
    over["heartbeat_dns_hold_why"] = json!("audit");
    let sets = [set("x", &[OLD], held), set("y", &["198.51.100.11"], over)];
    let machines = [tagged("m", HOST), tagged("o", "y.example.com")];
    let beats = [moved("m", OLD, NEW), moved("o", "198.51.100.11", "203.0.113.11")].concat();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    assert_eq!(alarming(&house).await, [json!(["y.example.com"])]);
    let ran = house.serve().await.apply().await;
    assert_eq!(
        (reasons(&ran, HOST), house.addresses("x").await),
        (vec!["held".to_owned()], vec![OLD.to_owned()])
    );
    assert_eq!(house.addresses("y").await, ["203.0.113.11"]);
    let mark = house.record_set("y").await["metadata"].clone();
    assert_eq!(
        (&mark["heartbeat_dns_v"], &mark["heartbeat_dns_hold_why"]),
        (&json!("1"), &Value::Null),
        "{mark}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_writes_nothing_and_its_digest_is_of_this_hold_alone() {
    let house = ours("1", &[]).await;
    let until = "2999-01-01T00:00:00Z";
    let shown = report(&house, &["hold", HOST, "--until", until, "--dry-run"]).await;
    assert_eq!((&shown["mode"], &shown["result"]), (&json!("plan"), &json!("planned")), "{shown}");
    let change = super::change(&shown, HOST);
    assert_eq!((&change["action"], &change["hold_until"]), (&json!("hold"), &json!(until)), "{shown}");
    assert_eq!(house.query("DNSChange_CL | count").await, [json!([0])], "it leaves no trace");
    let text = house.run(&["hold", HOST, "--until", until, "--dry-run"]).await;
    let next = format!("heartbeat-dns hold {HOST} --until {until} --expect");
    assert!(words(&text).contains(&next), "{}", words(&text));
    let digest = shown["digest"].as_str().unwrap();
    let another = house.run(&["hold", HOST, "--expect", digest]).await;
    assert_eq!((code(&another), house.writes().await), (4, 0), "{}", words(&another));
    let held = house.run(&["hold", HOST, "--until", until, "--expect", digest]).await;
    assert_eq!((code(&held), house.writes().await), (0, 1), "{}", words(&held));
    assert_eq!(metadata(&house).await["heartbeat_dns_hold"], until);
    // Once more there is nothing to do.
    let again = house.run(&["hold", HOST, "--until", until, "--yes"]).await;
    assert_eq!((code(&again), house.writes().await), (0, 0), "{}", words(&again));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_held_is_refused_in_words() {
    let sets = [
        set("x", &[OLD], Value::Null),
        set("z", &[OLD], mark("m", "another-installation", "1")),
        set("ours", &[OLD], mark("m", OWNER, "1")),
    ];
    let house = House::new(&sets, &[tagged("m", HOST)], &moved("m", OLD, NEW), &[]).await;
    for (arguments, wanted, said) in [
        (vec!["hold", HOST, "--yes"], 1, "no mark of ours"),
        (vec!["hold", "z.example.com", "--yes"], 1, "another installation"),
        (vec!["unhold", "z.example.com", "--yes"], 1, "another installation"),
        (vec!["hold", "none.example.com", "--yes"], 1, "no A or AAAA record set"),
        (vec!["hold", "nas.example.net", "--yes"], 1, "no managed zone"),
        (vec!["hold", "ours.example.com"], 2, "--yes"),
        (vec!["hold", HOST], 1, "no mark of ours"),
        (vec!["hold", HOST, "--until", "2026-01-01T00:00:00Z", "--yes"], 2, "has passed"),
        (vec!["hold", HOST, "--until", "monday", "--yes"], 2, "no time"),
        (vec!["hold", HOST, "--until", "", "--yes"], 2, "no time"),
        (vec!["hold", HOST, "--why", "two\nlines", "--yes"], 2, "one line"),
        (vec!["hold", HOST, "--why", "a\u{202e}b", "--yes"], 2, "U+202E, right-to-left override"),
        (vec!["hold", HOST, "--why", "a\u{200b}", "--yes"], 2, "U+200B, zero width space"),
        (vec!["rollback", HOST, "--why", "\u{feff}a", "--yes"], 2, "U+FEFF, byte order mark"),
        (vec!["hold", "..", "--yes"], 2, "no host name"),
    ] {
        let output = house.run(&arguments).await;
        assert_eq!(code(&output), wanted, "{arguments:?}: {}", words(&output));
        assert!(words(&output).contains(said), "{arguments:?}: {}", words(&output));
    }
    assert_eq!(house.writes().await, 0);
}

/// The write landed, and its row did not.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_whose_row_was_lost_is_told_later_as_what_it_was() {
    let house = ours("1", &[("COLLECT_DEADLINE", "20s"), ("RUN_DEADLINE", "6s")]).await;
    house.stage.fail(&json!([{ "path": "/streams/", "times": 1000, "status": 503 }])).await;
    let held = house.run(&["hold", HOST, "--yes"]).await;
    assert_eq!((code(&held), house.writes().await), (1, 1), "{}", words(&held));
    house.control("DELETE", "/standin/faults", &Value::Null).await;
    house.age_marks(11, None).await;
    super::sweep(&house).await;
    house.serve().await.apply().await;
    assert_eq!(house.query(ROWS).await, [json!(["hold", "confirmed", OLD, OLD])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_the_set_in_between_is_seen() {
    let house = ours("1", &[]).await;
    let moved = json!({ "code": "PreconditionFailed", "message": "The Record set x has been modified (etag mismatch)." });
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "status": 412, "body": moved }])).await;
    let held = house.run(&["hold", HOST, "--yes"]).await;
    assert_eq!((code(&held), house.addresses("x").await), (0, vec![OLD.to_owned()]), "{}", words(&held));
    assert_eq!(metadata(&house).await["heartbeat_dns_hold"], "forever");
}

/// What a line of the policy file holds is not a person's to let go: the mark's hold ends, and the sentence says what is left.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_file_holds_besides_is_told_when_a_hold_is_let_go() {
    let plain = "[[claim]]\nnames = \"*.example.com\"\nhold = true\n";
    // Which line it is hangs on a tag that only the machine itself tells.
    let by_tag = "[[claim]]\nnames = \"{tag:Site}.example.com\"\nhold = true\n[[claim]]\nnames = \"*\"\n";
    for (policy, site, held) in [(plain, "", true), (by_tag, "x", true), (by_tag, "elsewhere", false)] {
        let mut mark = mark("m", OWNER, "2");
        mark["heartbeat_dns_hold"] = json!("forever");
        let mut machine = tagged("m", HOST);
        machine["tags"]["Site"] = json!(site);
        let more = [("POLICY_NAMES", ""), ("POLICY_FILE", policy)];
        let house = House::new(&[set("x", &[OLD], mark)], &[machine], &moved("m", OLD, NEW), &more).await;
        let free = house.run(&["unhold", HOST, "--dry-run"]).await;
        let said = words(&free).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(said.contains("line 3 of POLICY_FILE holds it all the same"), held, "{policy}: {said}");
        let free = house.run(&["unhold", HOST, "--yes"]).await;
        assert_eq!((code(&free), house.writes().await), (0, 1), "{policy}: {}", words(&free));
        let again = report(&house, &["unhold", HOST, "--yes"]).await;
        let left = skip(&again, HOST);
        let (reason, because) = if held {
            ("held", "take hold off line 3 of POLICY_FILE")
        } else {
            ("already-right", "Nobody holds")
        };
        assert_eq!((&left["reason"], house.writes().await), (&json!(reason), 0), "{policy}: {again}");
        assert!(left["because"].as_str().unwrap().contains(because), "{policy}: {left}");
    }
}
