//! `LOGS_DCR_RULE_ID` names another data collection rule, or none: nothing that this installation wrote is found, and a sweep
//! by hand mends nothing.

use serde_json::Value;

use super::{OLD, code, words};
use crate::handler::{House, OWNER, beat, mark, set, tagged};

const NAME: &str = "x.example.com";
const OTHER: &str = "dcr-00000000000000000000000000000009";

/// A name that is right, asked about by somebody whose settings name another rule.
async fn house() -> House {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let beats = [300, 180, 60, 5].map(|ago| beat("m", OLD, ago));
    let mut house = House::new(&sets, &[tagged("m", NAME)], &beats, &[]).await;
    house.environment.insert("LOGS_DCR_RULE_ID".to_owned(), OTHER.to_owned());
    house.environment.remove("OWNER_ID");
    house
}

async fn said(house: &House, arguments: &[&str]) -> String {
    words(&house.run(arguments).await).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_sweep_mends_is_led_to_the_doctor() {
    let house = house().await;
    let collected = house.run(&["collect"]).await;
    assert_eq!(code(&collected), 1, "{}", words(&collected));
    for arguments in [&["explain", NAME][..], &["plan", NAME], &["plan"], &["history", NAME], &["collect"]] {
        let told = said(&house, arguments).await;
        assert!(told.contains("heartbeat-dns doctor"), "{arguments:?}: {told}");
    }
    // Both installations are named where a set stands.
    let explained = said(&house, &["explain", NAME]).await;
    assert!(
        explained.contains(&format!("marked by another installation, {OWNER}; this one is {OTHER}")),
        "{explained}"
    );
    let told = said(&house, &["history", NAME]).await;
    let both = format!(
        "the A set carries the mark of another installation, {OWNER}; this one is {OTHER}, by OWNER_ID"
    );
    assert!(told.contains(&both), "{told}");
    let output = house.run(&["history", NAME, "-o", "json"]).await;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["foreign"][0]["owner"], OWNER, "{answer}");
}
