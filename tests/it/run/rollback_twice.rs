//! Whoever presses again does not bring the bad address back: a rollback is undone only by its own run's id.

use serde_json::{Value, json};

use super::{NEW, OLD, code, report, skip, words};
use crate::handler::{House, OWNER, mark, moved, set, tagged};

const HOST: &str = "x.example.com";

/// One name that a real run has moved, and that a person has put back; the runs of both.
async fn rolled_back() -> (House, String, String) {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", HOST)], &moved("m", OLD, NEW), &[]).await;
    let ran = house.serve().await.apply().await;
    let first = house.run(&["rollback", HOST, "--yes"]).await;
    assert_eq!((code(&first), house.addresses("x").await), (0, vec![OLD.to_owned()]), "{}", words(&first));
    house.writes().await;
    let mark = house.record_set("x").await["metadata"].clone();
    let own = mark["heartbeat_dns_run"].as_str().unwrap().to_owned();
    (house, ran["run"].as_str().unwrap().to_owned(), own)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_rollback_says_that_it_is_done_and_how_it_would_be_undone() {
    let (house, moved_by, own) = rolled_back().await;
    for again in [vec!["rollback", HOST, "--yes"], vec!["rollback", "--run", &moved_by, "--yes"]] {
        let left = house.run(&[again.as_slice(), &["-o", "json"]].concat()).await;
        let told: Value = serde_json::from_slice(&left.stdout).unwrap();
        assert_eq!((code(&left), house.writes().await), (0, 0), "{again:?}: {told}");
        let skip = skip(&told, HOST);
        assert_eq!(skip["reason"], "already-right", "{skip}");
        let because = skip["because"].as_str().unwrap();
        assert!(because.contains("rolled back already"), "{because}");
        assert!(because.contains(&format!("heartbeat-dns rollback {HOST} --run {own}")), "{because}");
    }
    let on_purpose = house.run(&["rollback", HOST, "--run", &own, "--yes"]).await;
    assert_eq!(code(&on_purpose), 0, "{}", words(&on_purpose));
    assert_eq!(house.addresses("x").await, [NEW]);
}

/// A hold, or its end, is written since: the mark tells of the rollback no more, and the log does.
#[tokio::test(flavor = "multi_thread")]
async fn neither_a_hold_nor_its_end_hides_that_it_was_rolled_back() {
    for since in [vec!["hold", HOST, "--why", "the line", "--yes"], vec!["unhold", HOST, "--yes"]] {
        let (house, _, own) = rolled_back().await;
        let written = house.run(&since).await;
        assert_eq!((code(&written), house.writes().await), (0, 1), "{}", words(&written));
        let left = report(&house, &["rollback", HOST, "--yes"]).await;
        let skip = skip(&left, HOST);
        assert_eq!(
            (&skip["reason"], house.writes().await),
            (&json!("already-right"), 0),
            "{since:?}: {left}"
        );
        assert!(skip["because"].as_str().unwrap().contains(&own), "{skip}");
        assert_eq!(house.addresses("x").await, [OLD]);
    }
}
