//! How long others may keep what a record set says: told by a plan, lowered with the next write of ours and by none of its own.

use serde_json::{Value, json};

use super::{code, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

/// A set of ours with this time to live, whose machine has moved or not.
async fn kept(ttl: u32, now: &str, more: &[(&str, &str)]) -> House {
    let mut nas = set("nas", &[OLD], mark("nas", OWNER, "1"));
    nas["properties"]["TTL"] = json!(ttl);
    House::new(&[nas], &[tagged("nas", "nas.example.com")], &moved("nas", OLD, now), more).await
}

async fn said(house: &House, call: &[&str]) -> String {
    let ran = house.run(call).await;
    let text = String::from_utf8(ran.stdout.clone()).unwrap();
    assert!([0, 3].contains(&code(&ran)), "{text}{}", words(&ran));
    // A screen breaks its lines where it must.
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_a_long_one_costs_and_a_move_lowers_it() {
    let house = kept(3600, NEW, &[]).await;
    let text = said(&house, &["plan"]).await;
    assert!(text.contains("ttl 3600"), "{text}");
    let cost = "after a move resolvers may give the old address for up to 60 min: nas.example.com (ttl 3600); \
                POLICY_TTL_MAX=300 lowers that with our next write of them";
    assert!(text.contains(cost), "{text}");

    let house = kept(3600, NEW, &[("POLICY_TTL_MAX", "300")]).await;
    let text = said(&house, &["plan"]).await;
    assert!(
        text.contains("ttl 3600 -> 300") && text.contains("with this write it is the last time"),
        "{text}"
    );
    let report = house.serve().await.apply().await;
    let change = &report["changes"][0];
    assert_eq!(
        (&change["outcome"], &change["ttl_before"], &change["ttl"]),
        (&json!("confirmed"), &json!(3600), &json!(300))
    );
    assert_eq!(
        (house.record_set("nas").await["TTL"].clone(), house.addresses("nas").await),
        (json!(300), vec![NEW.to_owned()])
    );
    assert!(!said(&house, &["plan", "nas.example.com"]).await.contains("after a move"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_is_right_is_not_written_for_it() {
    let house = kept(3600, OLD, &[("POLICY_TTL_MAX", "300")]).await;
    let report = house.serve().await.apply().await;
    assert_eq!((&report["result"], house.writes().await), (&json!("in-sync"), 0), "{report}");
    let text = said(&house, &["plan", "nas.example.com"]).await;
    assert!(text.contains("(ttl 3600); our next write of them lowers that to 300 s"), "{text}");
}

/// A deployment is written out of the same sets.
#[tokio::test(flavor = "multi_thread")]
async fn an_adoption_and_a_deployment_lower_it_too() {
    let mut hand = set("hand", &[OLD], Value::Null);
    hand["properties"]["TTL"] = json!(7200);
    let beats = [beat("h", OLD, 60), beat("h", OLD, 5)];
    let more = [("POLICY_TTL_MAX", "60")];
    let house = House::new(&[hand], &[tagged("h", "hand.example.com")], &beats, &more).await;
    let adopted = house.run(&["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!(code(&adopted), 0, "{}", words(&adopted));
    assert_eq!(house.record_set("hand").await["TTL"], 60);

    let house = kept(3600, NEW, &[("POLICY_TTL_MAX", "300"), ("APPLY_VIA", "deployment")]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(
        (&report["changes"][0]["via"], &report["changes"][0]["outcome"]),
        (&json!("deployment"), &json!("confirmed")),
        "{report}"
    );
    assert_eq!(house.record_set("nas").await["TTL"], 300);
}
