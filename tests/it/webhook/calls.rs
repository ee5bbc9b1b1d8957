//! What a thousand calls cost Azure that bring the key, and that each of them is answered.

use futures::{StreamExt, stream};
use serde_json::json;

use super::call;
use crate::handler::{House, moved, tagged};
use crate::run::with_stranger;
use crate::stage::a_record;

/// Connections that are opened at the same time: more than the handler takes at once.
const CROWD: usize = 700;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_with_a_key_spend_no_more_queries_than_their_pace_allows() {
    let beats = moved("nas", "198.51.100.10", "203.0.113.7");
    let sets = [a_record("nas", "198.51.100.10")];
    let house = House::new(&sets, &[tagged("nas", "nas.example.com")], &beats, &[]).await;
    let handler = house.serve().await;
    let began = std::time::Instant::now();
    let calls = (0..1000).map(|_| call(&handler, "POST", &[], Some(r#"{"mode":"apply"}"#)));
    let answers: Vec<_> = stream::iter(calls).buffer_unordered(CROWD).collect().await;
    assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 202)));
    let joined = answers.iter().filter(|(status, _)| *status == 202).count();
    assert!(joined >= 900, "{joined} joined who waited");
    let spent = house.stage.all_calls().await;
    let queries = spent.iter().filter(|call| call.path.contains("/query")).count();
    let runs = began.elapsed().as_secs() / 2 + 1;
    assert!(u64::try_from(queries).unwrap() <= runs * 4, "{queries} queries in {runs} runs");
}

/// At 15 runs in half a minute (`handler::queue`) these make the 60 queries that a key holder may spend.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_asks_four_queries_at_most() {
    // One name moves, one is a stranger's, of whom the log of thirty days is asked, and of one no row speaks.
    let house = with_stranger(&[]).await;
    let handler = house.serve().await;
    let named = json!(["x.example.com", "blog.example.com", "nobody.example.com"]);
    for names in [named, json!([])] {
        house.stage.all_calls().await;
        let body = json!({ "mode": "plan", "names": names, "wait": true }).to_string();
        let (status, report) = call(&handler, "POST", &[], Some(&body)).await;
        assert_eq!(status, 200, "{report}");
        let calls = house.stage.all_calls().await;
        let asked = calls.iter().filter(|call| call.path.contains("/query")).count();
        assert!((3..=4).contains(&asked), "{names}: {asked} queries");
    }
}
