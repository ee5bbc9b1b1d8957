//! What sets the stage is taken whole or not at all, and what is wrong is named by its place.

use serde_json::{Value, json};

use crate::stage::{PRIVATE, Stage, ZONE, a_set};

const WORKSPACE: &str = "00000000-0000-0000-0000-0000000000c1";

async fn refusal(stage: &Stage, method: &str, name: &str, body: &Value) -> String {
    let got = stage.own(method, name, Some(body)).await;
    assert_eq!(got.status, 400, "{name} {body}: {got:?}");
    got.json()["message"].as_str().expect("words").to_owned()
}

#[tokio::test]
async fn a_fault_that_could_not_be_played_is_refused_with_its_place() {
    let stage = Stage::new().await;
    let kept = json!([{ "path": "/A/", "times": 2, "status": 503 }]);
    assert_eq!(stage.own("PUT", "faults", Some(&kept)).await.status, 200);
    for (bad, place) in [
        (json!(5), "[1]"),
        (json!({ "method": 5 }), "[1].method"),
        (json!({ "method": "P U T" }), "[1].method"),
        (json!({ "path": "(" }), "[1].path"),
        (json!({ "times": -1 }), "[1].times"),
        (json!({ "times": "2" }), "[1].times"),
        (json!({ "status": 99 }), "[1].status"),
        (json!({ "headers": [] }), "[1].headers"),
        (json!({ "headers": { "Re try": "3" } }), "[1].headers.Re try"),
        (json!({ "headers": { "Retry-After": "3\n4" } }), "[1].headers.Retry-After"),
        (json!({ "headers": { "Retry-After": ["3"] } }), "[1].headers.Retry-After"),
        (json!({ "delay_ms": 1.5 }), "[1].delay_ms"),
        (json!({ "reset": "during" }), "[1].reset"),
        (json!({ "truncate": "yes" }), "[1].truncate"),
        (json!({ "effect": 1 }), "[1].effect"),
        (json!({ "Status": 500 }), "[1]"),
    ] {
        let message = refusal(&stage, "PUT", "faults", &json!([{ "status": 500 }, bad])).await;
        let rest = message.strip_prefix(place).unwrap_or_else(|| panic!("{bad}: {message}"));
        assert!(rest.starts_with(':'), "{bad}: {message}");
        assert_eq!(stage.own("GET", "faults", None).await.json(), kept, "{bad}");
    }
    let number = json!([{ "headers": { "Retry-After": 3 }, "status": 503 }]);
    assert_eq!(stage.own("PUT", "faults", Some(&number)).await.status, 200, "a number is a text too");
}

#[tokio::test]
async fn a_heartbeat_whose_time_cannot_be_read_is_refused_with_its_row() {
    let stage = Stage::new().await;
    let good = json!({ "Computer": "nas", "ComputerIP": "203.0.113.9" });
    for time in [json!("yesterday"), json!("2026-13-01"), json!(5), json!({})] {
        let bad = json!({ "Computer": "nas", "ComputerIP": "203.0.113.9", "TimeGenerated": time });
        let message = refusal(&stage, "POST", "heartbeats", &json!([good, bad])).await;
        assert!(message.starts_with("row 2: TimeGenerated: "), "{message}");
    }
    let got = stage.own("POST", "heartbeats", Some(&json!([good, 5]))).await;
    assert_eq!(got.status, 400);
    let token = stage.token_for("https://api.loganalytics.io").await;
    let query = json!({ "query": "Heartbeat | count" });
    let bearer = format!("Bearer {token}");
    let path = format!("/v1/workspaces/{WORKSPACE}/query");
    let got = stage.send("POST", &path, &[("Authorization", &bearer)], Some(&query)).await;
    assert_eq!(got.json()["tables"][0]["rows"], json!([[0]]), "none of them was taken: {got:?}");
    let empty =
        json!([{ "Computer": "nas", "TimeGenerated": null }, { "Computer": "nas", "TimeGenerated": "" }]);
    assert_eq!(stage.own("POST", "heartbeats", Some(&empty)).await.status, 200, "now");
}

#[tokio::test]
async fn a_world_that_could_not_be_is_refused_with_its_place() {
    let stage = Stage::new().await;
    let before = stage.own("GET", "world", None).await.json();
    let zone = |sets: Value| json!({ "zones": [PRIVATE, { "id": ZONE, "recordSets": sets }] });
    for (bad, place) in [
        (json!([]), ""),
        (json!({ "zone": [] }), "zone"),
        (json!({ "zones": [PRIVATE, 5] }), "zones[1]"),
        (json!({ "machines": [{ "id": "x" }] }), "machines[0].id"),
        (json!({ "machines": [{ "id": format!("{ZONE}"), "tags": { "a": 1 } }] }), "machines[0].tags.a"),
        (zone(json!([a_set("x", "192.0.2.1"), { "name": "y" }])), "zones[1].recordSets[1]"),
        (
            zone(json!([{ "name": "y", "type": "A", "ttl": 60, "aRecords": [{ "ipv4Address": "x" }] }])),
            "zones[1].recordSets[0]",
        ),
        (
            zone(json!([{ "name": "y", "type": "A", "ttl": "soon", "aRecords": [] }])),
            "zones[1].recordSets[0]",
        ),
    ] {
        let mut document = bad.clone();
        if let Some(members) = document.as_object_mut() {
            members.insert("publicIps".to_owned(), json!([]));
            members.insert("tenant".to_owned(), json!("00000000-0000-0000-0000-00000000ffff"));
        }
        let message = refusal(&stage, "PUT", "world", &document).await;
        assert!(message.starts_with(place), "{bad}: {message}");
        assert_eq!(stage.own("GET", "world", None).await.json(), before, "{bad}: nothing is half done");
    }
}
