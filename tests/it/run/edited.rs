//! What another hand has put in the place of our last write, as `history` tells it.

use serde_json::{Value, json};

use super::{NEW, OLD, code, words};
use crate::handler::{House, OWNER, beat, mark, set, tagged};
use crate::stage::zone_id;

const NAME: &str = "x.example.com";
const ELSEWHERE: &str = "192.0.2.222";

/// A name that a run of ours has written.
async fn house() -> House {
    let beats = [600, 540, 480].map(|ago| beat("m", OLD, ago)).to_vec();
    let beats = [beats, [60, 30, 2].map(|ago| beat("m", NEW, ago)).to_vec()].concat();
    let house =
        House::new(&[set("x", &[OLD], mark("m", OWNER, "1"))], &[tagged("m", NAME)], &beats, &[]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(super::change(&report, NAME)["outcome"], "confirmed", "{report}");
    house
}

/// The zone with this in the place of the set.
async fn put(house: &House, sets: &[Value]) {
    house.world(&json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": sets }] })).await;
}

async fn history(house: &House) -> (String, Value) {
    let shown = house.run(&["history", NAME]).await;
    assert_eq!(code(&shown), 0, "{}", words(&shown));
    let told = house.run(&["history", NAME, "-o", "json"]).await;
    (String::from_utf8(shown.stdout).unwrap(), serde_json::from_slice(&told.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_there_by_another_hand_is_said_above_what_we_wrote() {
    let house = house().await;
    let (text, told) = history(&house).await;
    assert!(!text.contains("by another tool"), "{text}");
    assert_eq!(told["edited"], json!([]), "{told}");
    let marked = house.record_set("x").await["metadata"].clone();
    put(&house, &[set("x", &[ELSEWHERE], marked.clone())]).await;
    let (text, told) = history(&house).await;
    let first = format!(
        "the A set was set by hand or by another tool since: now {ELSEWHERE}; what the next run does with it:  \
         heartbeat-dns explain {NAME}\n"
    );
    assert!(text.starts_with(&first) && text.contains(NEW), "{text}");
    let edited = json!([{ "record_type": "A", "zone": zone_id("example.com"), "now": [ELSEWHERE], "is_alias": false, "is_ours": true }]);
    assert_eq!(told["edited"], edited, "{told}");
    // Without our mark no run writes it.
    put(&house, &[set("x", &[ELSEWHERE], Value::Null)]).await;
    let (text, _) = history(&house).await;
    assert!(text.contains(&format!("make it ours again:  heartbeat-dns adopt {NAME}\n")), "{text}");
    put(&house, &[]).await;
    let (text, told) = history(&house).await;
    assert!(text.starts_with("the A set was deleted by hand or by another tool since"), "{text}");
    assert_eq!(told["edited"][0]["now"], Value::Null, "{told}");
    // The same by another hand is what we wrote.
    put(&house, &[set("x", &[NEW], Value::Null)]).await;
    let (text, _) = history(&house).await;
    assert!(!text.contains("by another tool"), "{text}");
}

/// A plan of all names reads no set that the log calls right, so it says what its count rests on.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_all_names_says_by_which_sweep_they_are_in_sync() {
    let house = house().await;
    let marked = house.record_set("x").await["metadata"].clone();
    put(&house, &[set("x", &[ELSEWHERE], marked)]).await;
    let by_the_sweep =
        |text: &str| text.contains("in sync by the sweep") && text.contains("heartbeat-dns collect");
    let all = words(&house.run(&["plan"]).await);
    assert!(all.contains("1 in sync") && by_the_sweep(&all), "{all}");
    // Its own plan reads the set.
    let own = words(&house.run(&["plan", NAME]).await);
    assert!(own.contains("1 to update") && !by_the_sweep(&own), "{own}");
    let swept = house.run(&["collect"]).await;
    assert_eq!(code(&swept), 0, "{}", words(&swept));
    let all = words(&house.run(&["plan"]).await);
    assert!(all.contains("1 to update") && !by_the_sweep(&all), "{all}");
}
