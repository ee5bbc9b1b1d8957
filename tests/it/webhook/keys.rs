//! The tenant's keys: asked for once, however many tokens come, not to be had, and changed.

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::Gate;

/// Calls at one time: as many connections as the handler keeps for the host.
const CROWD: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_unknown_keys_are_asked_for_once() {
    let gate = Gate::new(&[]).await;
    let mut tokens = Vec::new();
    for key in 0..100 {
        tokens.push(gate.signed(json!({ "kid": format!("key-{key}") }), &gate.claims()).await);
    }
    gate.asked().await;
    let calls = (0..1000).map(|call| gate.plan(&tokens[call % 100]));
    let answers: Vec<_> = stream::iter(calls).buffer_unordered(CROWD).collect().await;
    assert!(answers.iter().all(|(status, _)| *status == 401));
    assert_eq!(gate.asked().await, (1, 1));
    assert_eq!(gate.plan(&gate.right().await).await.0, 200, "a key that is known is known all the while");
    assert_eq!(gate.asked().await.1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_to_be_had_are_no_fault_of_the_caller() {
    let mut gate = Gate::new(&[]).await;
    let right = gate.right().await;
    let huge = "x".repeat(10_000_000);
    for (what, fault) in [
        ("an error", json!({ "status": 503 })),
        ("another place", json!({ "status": 302, "headers": { "Location": "/elsewhere" } })),
        ("no answer in time", json!({ "delay_ms": 6000 })),
        ("the page of a proxy", json!({ "status": 200, "body": "<html>Please log in</html>" })),
        ("no keys", json!({ "status": 200, "body": { "keys": [] } })),
        ("keys of another kind", json!({ "status": 200, "body": { "keys": [{ "kty": "EC", "kid": "a" }] } })),
        ("ten megabytes", json!({ "status": 200, "body": huge })),
    ] {
        let mut fault = fault;
        (fault["path"], fault["times"]) = (json!("/discovery/v2.0/keys"), json!(1));
        gate.restart().await;
        gate.house.stage.fail(&json!([fault])).await;
        let (status, answer) = gate.plan(&right).await;
        assert!(status == 200 && answer["result"] == "retry-later", "{what}: {status} {answer}");
        // A question is noted when it is answered.
        let noted = usize::from(what != "no answer in time");
        assert_eq!(gate.asked().await, (noted, noted), "{what}");
        // One failure may be over at once.
        let (status, answer) = gate.plan(&right).await;
        assert_eq!((status, &answer["result"]), (200, &json!("planned")), "{what}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_withheld_on_and_on_are_asked_for_now_and_then() {
    let gate = Gate::new(&[]).await;
    let right = gate.right().await;
    let fault = json!({ "path": "/discovery/v2.0/keys", "times": 1000, "status": 500 });
    gate.house.stage.fail(&json!([fault])).await;
    gate.asked().await;
    let answers: Vec<_> =
        stream::iter((0..100).map(|_| gate.plan(&right))).buffer_unordered(20).collect().await;
    assert!(answers.iter().all(|(status, answer)| *status == 200 && answer["result"] == "retry-later"));
    let (all, keys) = gate.asked().await;
    assert!(all == keys && (1..20).contains(&keys), "{keys} of {all}");
    assert_eq!(gate.told().len(), 1, "one line a minute: {:?}", gate.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_withdrawn_opens_no_more_and_the_new_one_does() {
    let mut gate = Gate::new(&[]).await;
    let old = gate.right().await;
    assert_eq!(gate.plan(&old).await.0, 200);
    gate.house.control("POST", "/standin/tokens/rotate", &json!({})).await;
    let new = gate.right().await;
    assert_eq!((gate.plan(&old).await.0, gate.plan(&new).await.0), (200, 401), "it was asked just before");
    // Five minutes later, or in the next process.
    gate.restart().await;
    assert_eq!((gate.plan(&old).await.0, gate.plan(&new).await.0), (401, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_that_is_shown_opens_for_its_own_tokens() {
    let mut gate = Gate::new(&[]).await;
    let (old, before) = (gate.right().await, gate.keys().await);
    gate.house.control("POST", "/standin/tokens/rotate", &json!({})).await;
    let (new, after) = (gate.right().await, gate.keys().await);
    // As a tenant shows them around a change: both, and one that encrypts.
    let (old_key, mut new_key) = (before["keys"][0].clone(), after["keys"][0].clone());
    let both = json!([{ "kty": "RSA", "use": "enc", "kid": "x", "n": "AQ", "e": "AQAB" }, old_key, new_key]);
    let shown = async |gate: &mut Gate, keys: &Value| {
        gate.restart().await;
        let fault =
            json!({ "path": "/discovery/v2.0/keys", "times": 1, "status": 200, "body": { "keys": keys } });
        gate.house.stage.fail(&json!([fault])).await;
        (gate.plan(&old).await.0, gate.plan(&new).await.0)
    };
    assert_eq!(shown(&mut gate, &both).await, (200, 200));
    // The key that it names is the one that must have signed, whoever else's would do.
    new_key["kid"] = old_key["kid"].clone();
    assert_eq!(shown(&mut gate, &json!([new_key])).await, (401, 401));
}
