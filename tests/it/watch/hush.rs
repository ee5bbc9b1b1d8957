//! What a service says may hold a token, and where it says it from is nobody's business: neither leaves the log.

use serde_json::{Value, json};

use super::notices::Receiver;
use super::{Watch, drifted};
use crate::handler::{House, until};

/// What must be seen nowhere.
const HOST: &str = "gateway.internal.example";
const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL20ifQ.bm90IHNpZ25lZA";

/// Bodies that name a host, and a token as it is, in base64 and in an address.
fn bodies() -> Vec<Value> {
    let encoded = azure_core::base64::encode(format!("Bearer {TOKEN}"));
    let words = format!(
        "upstream https://{HOST}:8443/x?t={} failed, {HOST}:443 too; sent Bearer {TOKEN} ({encoded})",
        TOKEN.replace('.', "%2E")
    );
    vec![
        json!({ "error": { "code": "BadThing", "message": words } }),
        json!({ "code": "BadThing", "message": "see the details", "details": [{ "message": words }] }),
        json!(format!("<html><body>{words}</body></html>")),
    ]
}

/// Fails if the text holds a piece of what must be seen nowhere.
fn hushed(place: &str, text: &str) {
    let encoded = azure_core::base64::encode(format!("Bearer {TOKEN}"));
    for piece in [HOST, "internal", &TOKEN[..30], &TOKEN[40..60], &encoded[..30], &encoded[40..70]] {
        assert!(!text.contains(piece), "{piece} is in {place}: {text}");
    }
}

/// Lets the calls of one service fail so.
async fn fail(house: &House, path: &str, method: &str, body: &Value) {
    let fault = json!({ "method": method, "path": path, "times": 100_000, "status": 400, "body": body });
    house.stage.fail(&json!([fault])).await;
}

/// The services, a stage of a round that fails with each, and how they are called.
const SERVICES: [(&str, &str, &str); 4] = [
    ("/query", "POST", "evaluate"),
    ("ResourceGraph", "POST", "collect"),
    ("/A/x", "PUT", "repair"),
    ("/streams/", "POST", "repair"),
];

#[tokio::test(flavor = "multi_thread")]
async fn watch_tells_neither_hosts_nor_tokens() {
    for (path, method, stage) in SERVICES {
        for body in bodies() {
            let receiver = Receiver::start().await;
            let url = format!("{}/hook", receiver.url);
            // Each round sweeps, so that what sweeps call is called.
            let sweeps = [("NOTIFY_URL", url.as_str()), ("SNAPSHOT_EVERY", "1s"), ("RUN_DEADLINE", "5s")];
            let mut house = drifted(&sweeps).await;
            house.environment.insert("LOG_LEVEL".to_owned(), "debug".to_owned());
            fail(&house, path, method, &body).await;
            let watch = Watch::start(&house, "1s").await;
            until(&format!("{stage} has failed at {path}"), async || {
                watch.health().await.1["stages"][stage]["fault"].is_string() && !receiver.posts().is_empty()
            })
            .await;
            hushed("/healthz", &watch.health().await.1.to_string());
            hushed("/metrics", &watch.get("/metrics", "*/*").await.2);
            for post in receiver.posts() {
                hushed("a notice", &post.body);
            }
            let log = watch.stop().await.log;
            assert!(!log.contains(&TOKEN[..30]) && !log.contains(&TOKEN[40..60]), "{log}");
            assert!(log.contains(HOST), "the log says where it was: {log}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_functions_tell_neither_hosts_nor_tokens() {
    for (path, method, _) in SERVICES {
        for body in bodies() {
            let receiver = Receiver::start().await;
            let url = format!("{}/hook", receiver.url);
            let house = drifted(&[("NOTIFY_URL", url.as_str()), ("RUN_DEADLINE", "5s")]).await;
            let handler = house.serve().await;
            fail(&house, path, method, &body).await;
            for call in [r#"{"mode":"apply","wait":true}"#, r#"{"mode":"plan","wait":true}"#] {
                let (_, report) = handler.remediate(call).await;
                hushed("a report", &report.to_string());
            }
            let timer = json!({ "Data": { "timer": {} }, "Metadata": { "timer": "\"\"" } }).to_string();
            let phrase = handler.reason("function-collector", timer.clone()).await;
            hushed("the reason phrase", &phrase);
            hushed("the answer to the timer", &handler.post("function-collector", timer).await.1);
            hushed("the page", &handler.health().await.1.to_string());
            until("a notice came", async || !receiver.posts().is_empty()).await;
            for post in receiver.posts() {
                hushed("a notice", &post.body);
            }
            house.stage.fail(&json!([])).await;
            let rows = house.query("DNSChange_CL | project tostring(pack_all())").await;
            hushed("the audit", &json!(rows).to_string());
        }
    }
}
