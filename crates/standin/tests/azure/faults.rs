//! Faults really break what they say, before or after the effect.

use std::time::Duration;

use serde_json::{Value, json};
use standin::Options;

use crate::stage::{Stage, ZONE, a};

async fn put(stage: &Stage, name: &str) -> Result<(u16, Result<String, reqwest::Error>), reqwest::Error> {
    let token = stage.token_for("https://management.azure.com").await;
    let url = format!("{}{ZONE}/A/{name}?api-version=2018-05-01", stage.base);
    let request = stage.http.put(url).header("Authorization", format!("Bearer {token}"));
    let request = request.header("Content-Type", "application/json");
    let reply = request.body(a("192.0.2.1").to_string()).send().await?;
    Ok((reply.status().as_u16(), reply.text().await))
}

#[tokio::test]
async fn a_reset_before_has_no_effect_and_one_after_has() {
    let stage = Stage::new().await;
    for (when, status) in [("before", 404), ("after", 200)] {
        let faults = json!([{ "method": "PUT", "path": "/A/", "reset": when }]);
        assert_eq!(stage.own("PUT", "faults", Some(&faults)).await.status, 200);
        let error = put(&stage, when).await.expect_err("the connection is dropped");
        assert!(error.status().is_none(), "{error:?}");
        assert_eq!(stage.get(&format!("{ZONE}/A/{when}")).await.status, status, "{when}");
        assert_eq!(stage.own("GET", "faults", None).await.json(), json!([]), "it happens once");
    }
    let calls = stage.own("GET", "calls", None).await.json();
    let statuses: Vec<&Value> = calls
        .as_array()
        .expect("calls")
        .iter()
        .filter(|call| call["method"] == "PUT")
        .map(|call| &call["status"])
        .collect();
    assert_eq!(statuses, [&json!(0), &json!(201)], "what happened, not what was seen");
}

#[tokio::test]
async fn a_status_may_hide_an_effect() {
    let stage = Stage::new().await;
    let body = json!({ "error": { "code": "GatewayTimeout", "message": "late" } });
    for (name, effect, found) in
        [("none", json!(null), 404), ("no", json!(false), 404), ("yes", json!(true), 200)]
    {
        let fault = json!([{
            "method": "PUT", "path": "/A/", "status": 504, "effect": effect, "body": body,
            "headers": { "Retry-After": "3" },
        }]);
        assert_eq!(stage.own("PUT", "faults", Some(&fault)).await.status, 200);
        let got = stage.dns("PUT", &format!("{ZONE}/A/{name}"), &[], Some(&a("192.0.2.1"))).await;
        assert_eq!((got.status, got.json(), got.header("retry-after")), (504, body.clone(), "3"), "{name}");
        assert_eq!(stage.get(&format!("{ZONE}/A/{name}")).await.status, found, "{name}");
    }
    stage.own("PUT", "faults", Some(&json!([{ "method": "DELETE", "status": 500, "effect": true }]))).await;
    let listed = stage.own("GET", "faults", None).await.json();
    assert_eq!(listed[0]["effect"], true, "it is told: {listed}");
    assert_eq!(stage.dns("DELETE", &format!("{ZONE}/A/yes"), &[], None).await.status, 500);
    assert_eq!(stage.get(&format!("{ZONE}/A/yes")).await.status, 404, "deleted all the same");
    for bad in [json!([{ "effect": 1 }]), json!([{ "effect": true, "reset": "before" }])] {
        let got = stage.own("PUT", "faults", Some(&bad)).await;
        assert!(got.status == 400 && got.text.contains("[0].effect"), "{bad}: {got:?}");
    }
}

#[tokio::test]
async fn a_status_may_take_its_time() {
    let stage = Stage::new().await;
    let fault = json!([{ "path": "dnsZones", "status": 503, "delay_ms": 150 }]);
    stage.own("PUT", "faults", Some(&fault)).await;
    let began = tokio::time::Instant::now();
    assert_eq!(stage.get(ZONE).await.status, 503);
    assert!(began.elapsed() >= Duration::from_millis(150), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_ns_sets_alone_may_be_forbidden() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let fault = json!([{ "method": "GET", "path": "/NS(/|\\?|$)", "times": 9, "status": 403 }]);
    stage.own("PUT", "faults", Some(&fault)).await;
    for (path, status) in [("NS", 403), ("NS/sub", 403), ("A", 200), ("A/nas", 200)] {
        let got = stage.get(&format!("{ZONE}/{path}")).await;
        assert_eq!(got.status, status, "{path}");
        assert!(status == 200 || got.code() == "wrapped AuthorizationFailed", "{got:?}");
    }
}

#[tokio::test]
async fn a_truncated_body_breaks_off() {
    let stage = Stage::new().await;
    stage.own("PUT", "faults", Some(&json!([{ "path": "dnsZones", "truncate": true }]))).await;
    let (status, body) = put(&stage, "cut").await.expect("the head arrives");
    assert_eq!(status, 201);
    assert!(body.is_err(), "the body does not: {body:?}");
    assert_eq!(stage.get(&format!("{ZONE}/A/cut")).await.status, 200);
}

#[tokio::test]
async fn statuses_headers_bodies_and_counts() {
    let stage = Stage::new().await;
    let faults = json!([
        { "path": "^/nothing", "status": 500 },
        { "method": "get", "path": "dnsZones/example\\.com\\?", "times": 2, "status": 429, "headers": { "Retry-After": 7 } },
        { "path": "dnsZones", "status": 503, "body": { "error": { "code": "Down" } } },
    ]);
    stage.own("PUT", "faults", Some(&faults)).await;
    for _ in 0..2 {
        let got = stage.get(ZONE).await;
        assert_eq!((got.status, got.header("retry-after")), (429, "7"));
        assert_eq!(got.code(), "wrapped ResourceRequestsThrottled");
    }
    let got = stage.get(ZONE).await;
    assert_eq!((got.status, got.code().as_str()), (503, "wrapped Down"));
    assert_eq!(stage.get(ZONE).await.status, 200);
    let left = stage.own("GET", "faults", None).await.json();
    assert_eq!(left, json!([{ "path": "^/nothing", "times": 1, "status": 500 }]));
    for bad in [json!([{ "path": "(" }]), json!([{ "reset": "now" }]), json!([{ "colour": 1 }]), json!(7)] {
        let got = stage.own("PUT", "faults", Some(&bad)).await;
        assert_eq!(got.status, 400, "{bad}");
    }
    assert_eq!(stage.own("GET", "faults", None).await.json(), left, "a faulty list replaces nothing");
    stage.own("DELETE", "faults", None).await;
    assert_eq!(stage.own("GET", "faults", None).await.json(), json!([]));
}

#[tokio::test]
async fn a_call_whose_caller_hung_up_still_happens() {
    let stage = Stage::new().await;
    stage.own("PUT", "faults", Some(&json!([{ "method": "PUT", "path": "/A/late", "delay_ms": 150 }]))).await;
    let gone = tokio::time::timeout(Duration::from_millis(40), put(&stage, "late")).await;
    assert!(gone.is_err());
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while stage.get(&format!("{ZONE}/A/late")).await.status != 200 {
        assert!(tokio::time::Instant::now() < deadline, "the write lands although nobody waits for it");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_are_listed_and_cleared() {
    let stage = Stage::with(Options { latency: Duration::from_millis(15), ..Options::default() }).await;
    stage.own("DELETE", "calls", None).await;
    stage.get(&format!("{ZONE}/A?$top=5")).await;
    let calls = stage.own("GET", "calls", None).await.json();
    let call = &calls[0];
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "its own surface is left out");
    assert_eq!((&call["method"], &call["status"]), (&json!("GET"), &json!(200)));
    assert_eq!(call["path"], format!("{ZONE}/A?$top=5&api-version=2018-05-01"));
    assert!(call["ms"].is_number(), "{call}");
}
