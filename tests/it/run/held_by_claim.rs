//! What a line of the policy file holds, `explain` says it of, whatever the rules say of the name.

use serde_json::Value;

use super::{NEW, OLD, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};

const HOST: &str = "x.example.com";
const POLICY: &str = "[[claim]]\nnames = \"*.example.com\"\nhold = true\n";

/// A name that is right, one that would move, and one that is not believed yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_of_the_policy_is_told_of_a_name_that_is_right_and_of_one_that_is_not() {
    let right = vec![beat("m", OLD, 90), beat("m", OLD, 5)];
    let young = vec![beat("m", OLD, 600), beat("m", NEW, 5)];
    let by = "line 3 of POLICY_FILE";
    for (beats, verdict, said) in [
        (right, "in sync", "held by its claim: no run writes it until hold is taken off"),
        (moved("m", OLD, NEW), "left as it is: held", "x.example.com is held by its claim: take hold off"),
        (
            young,
            "left as it is: too-few-beats",
            "held by its claim: no run writes it until hold is taken off",
        ),
    ] {
        let more = [("POLICY_NAMES", ""), ("POLICY_FILE", POLICY)];
        let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
        let house = House::new(&sets, &[tagged("m", HOST)], &beats, &more).await;
        let text = words(&house.run(&["explain", HOST]).await);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(verdict), "{text}");
        assert_eq!(text.matches(&format!("{said} {by}")).count(), 1, "{verdict}: {text}");
        assert_eq!(text.matches("held by its claim").count(), 1, "{verdict}: {text}");
        let (_, moves) = text.split_once("would move ").expect("what would move it");
        assert!(moves.contains(&format!("without the hold of {by}")), "{verdict}: {text}");
        let told = house.run(&["explain", HOST, "-o", "json"]).await;
        let told: Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!(told["record_sets"][0]["held_by"], by, "{told}");
    }
    // Without it nothing is said.
    let house =
        House::new(&[set("x", &[OLD], Value::Null)], &[tagged("m", HOST)], &[beat("m", OLD, 5)], &[]).await;
    let text = words(&house.run(&["explain", HOST]).await);
    assert!(!text.contains("held by") && !text.contains("hold of"), "{text}");
}

/// Whoever lets go of a name is told that its claim holds it still, by which line of which file, be it ours by now or not.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_lets_go_of_a_name_is_told_what_still_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.toml");
    std::fs::write(&file, POLICY).unwrap();
    let file = file.to_str().unwrap();
    let mut held = mark("m", OWNER, "2");
    held["heartbeat_dns_hold"] = "forever".into();
    let more = [("POLICY_NAMES", ""), ("POLICY_FILE", file)];
    let house =
        House::new(&[set("x", &[OLD], held)], &[tagged("m", HOST)], &moved("m", OLD, NEW), &more).await;
    let said = words(&house.run(&["unhold", HOST, "--yes"]).await);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let left = format!("no longer held by hand, and line 3 of POLICY_FILE ({file}) still holds it");
    assert!(said.contains(&left), "{left}: {said}");
    assert_eq!(house.writes().await, 1);

    let bare = set("x", &[OLD], Value::Null);
    for (policy, told) in [
        (POLICY, "x.example.com is held by its claim: take hold off line 3 of POLICY_FILE"),
        // Which of the claims is the one of its machine nobody knows.
        (
            "[[claim]]\nnames = \"x.example.com\"\n[[claim]]\nnames = \"*.example.com\"\nhold = true\n",
            "nothing to let go",
        ),
    ] {
        let more = [("POLICY_NAMES", ""), ("POLICY_FILE", policy)];
        let house =
            House::new(std::slice::from_ref(&bare), &[tagged("m", HOST)], &moved("m", OLD, NEW), &more).await;
        let said = words(&house.run(&["unhold", HOST, "--yes"]).await);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(told), "{told}: {said}");
        assert_eq!(house.writes().await, 0);
    }
}
