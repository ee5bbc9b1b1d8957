//! One machine under two ids: onboarded again while its old resource lingers, and moved to another group.

use serde_json::{Value, json};

use super::{NEW, OLD, code, report, words};
use crate::handler::{House, OWNER, beat, mark, moved, reasons, set, tagged};

const ONE: &str = "5a1dfa2e-0000-4c11-9c1e-2f1b6a7d0101";
const OTHER: &str = "5a1dfa2e-0000-4c11-9c1e-2f1b6a7d0102";

/// A machine with its tag and what it says that it is made of.
fn made_of(hardware: &str, machine: Value) -> Value {
    let mut machine = machine;
    machine["properties"] = json!({ "vmUuid": hardware });
    machine
}

/// A name of an old resource that was heard hours ago, and that a new one claims from elsewhere.
async fn lingering(old: &str, new: &str) -> House {
    let sets = [set("x", &[OLD], mark("old", OWNER, "1"))];
    let machines =
        [made_of(old, tagged("old", "x.example.com")), made_of(new, tagged("new", "x.example.com"))];
    let mut beats = moved("new", NEW, NEW);
    beats.push(beat("old", OLD, 5 * 3600));
    House::new(&sets, &machines, &beats, &[]).await
}

/// The sentence of the one row that is refused because of whose the set is.
fn refusal(plan: &Value) -> String {
    let skips = plan["skips"].as_array().unwrap();
    let refused = skips.iter().find(|skip| skip["reason"] == "not-owned");
    refused.unwrap_or_else(|| panic!("{plan}"))["because"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_onboarded_again_is_told_and_takes_its_name_by_hand_alone() {
    // Azure spells one text in several cases.
    let house = lingering(ONE, &ONE.to_uppercase()).await;
    let plan = report(&house, &["plan"]).await;
    assert_eq!(reasons(&plan, "x.example.com").len(), 2, "{plan}");
    let told = "new is probably the same machine, for both have one VMUUID: heartbeat-dns adopt x.example.com \
        hands it over at once. Or take the name off the tag of old";
    let because = refusal(&plan);
    assert!(because.contains(told), "{because}");
    let explained = words(&house.run(&["explain", "x.example.com"]).await);
    let explained = explained.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(explained.contains("new is probably the same machine"), "{explained}");
    assert!(explained.contains("now with heartbeat-dns adopt x.example.com"), "{explained}");
    // No run believes what a machine says of itself.
    let handler = house.serve().await;
    handler.apply().await;
    assert_eq!(house.addresses("x").await, [OLD]);
    let shown = words(&house.run(&["adopt", "x.example.com", "--dry-run"]).await);
    assert!(shown.contains("taken over from old (rg-edge)") && !shown.contains("nobody's"), "{shown}");
    let done = report(&house, &["adopt", "x.example.com", "--yes"]).await;
    assert_eq!(
        (done["result"].as_str(), house.addresses("x").await),
        (Some("changed"), vec![NEW.to_owned()])
    );
    let marked = house.record_set("x").await["metadata"]["heartbeat_dns_machine"].clone();
    assert!(marked.as_str().unwrap().ends_with("/machines/new"), "{marked}");
    handler.apply().await;
    assert_eq!(house.addresses("x").await, [NEW]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_machine_is_not_taken_for_it_and_takes_nothing_by_hand() {
    let none = "00000000-0000-0000-0000-000000000000";
    for (old, new) in [(ONE, OTHER), (none, none), ("", "")] {
        let house = lingering(old, new).await;
        let plan = report(&house, &["plan"]).await;
        let because = refusal(&plan);
        assert!(
            because.contains("take the name off the tag of old") && !because.contains("VMUUID"),
            "{because}"
        );
        let refused = house.run(&["adopt", "x.example.com", "--yes"]).await;
        assert_eq!(
            (code(&refused), house.addresses("x").await),
            (1, vec![OLD.to_owned()]),
            "{old}: {}",
            words(&refused)
        );
    }
}

/// What tells it is told with what is asked anyway.
#[tokio::test(flavor = "multi_thread")]
async fn no_run_makes_a_call_more_for_it() {
    let mut calls = Vec::new();
    for new in [ONE, ""] {
        let house = lingering(ONE, new).await;
        let run = house.serve().await.apply().await;
        calls.push(run["calls"].clone());
    }
    assert_eq!(calls[0], calls[1]);
}

/// Moved to another group, a machine has another id, and its old one is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_moved_takes_its_name_with_it_and_the_report_says_from_where() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let id = crate::stage::machine_id("m").replace("rg-edge", "rg-moved");
    let mut machine = tagged("m", "x.example.com");
    machine["id"] = json!(id);
    let mut beats = moved("m", NEW, NEW);
    for beat in &mut beats {
        beat["_ResourceId"] = json!(id.to_lowercase());
    }
    let house = House::new(&sets, &[machine], &beats, &[]).await;
    let plan = report(&house, &["plan"]).await;
    let change = &plan["changes"][0];
    let ids = [&change["taken_over_from"], &change["machine"]].map(|id| id.as_str().unwrap().to_lowercase());
    assert_eq!(ids, [crate::stage::machine_id("m").to_lowercase(), id.to_lowercase()], "{plan}");
    let shown = words(&house.run(&["plan"]).await);
    assert!(shown.contains("taken over from m (rg-edge)"), "{shown}");
    house.serve().await.apply().await;
    assert_eq!(house.addresses("x").await, [NEW]);
}
