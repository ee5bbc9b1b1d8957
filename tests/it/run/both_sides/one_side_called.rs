//! One side of a name over HTTP: of a call that says so, and of no alert.

use serde_json::{Value, json};

use super::{NAS, beats, house, private_id, sides};
use crate::handler::{Handler, House, tagged};

async fn new() -> House {
    house(&[], &[], &[tagged("nas", NAS)], &beats("nas", "203.0.113.7", &["10.1.0.4"])).await
}

/// What a `GET` with this query sees.
async fn get(handler: &Handler, query: &Value) -> (u64, Value) {
    let request = json!({ "Url": "http://localhost/api/remediate", "Method": "GET", "Query": query,
        "Headers": {}, "Params": {}, "Identities": [] });
    let envelope = json!({ "Data": { "req": request }, "Metadata": {} });
    let (status, text) = handler.post("function-remediate", envelope.to_string()).await;
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let res = &answer["Outputs"]["res"];
    (res["statusCode"].as_u64().unwrap(), serde_json::from_str(res["body"].as_str().unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_of_one_side_where_it_says_so() {
    let house = new().await;
    let handler = house.serve().await;
    let (status, planned) = get(&handler, &json!({ "names": NAS, "zone": "example.com" })).await;
    let nothing = Vec::<String>::new();
    assert_eq!((status, sides(&planned, NAS)[1].clone()), (200, nothing.clone()), "{planned}");
    assert_eq!(sides(&planned, NAS)[0].len(), 1);
    let call = json!({ "mode": "apply", "names": [NAS], "zone": "private:example.com", "wait": true });
    let (status, ran) = handler.remediate(&call.to_string()).await;
    assert_eq!((status, sides(&ran, NAS)), (200, [nothing, vec!["create 10.1.0.4 arm".to_owned()]]), "{ran}");
    assert!(house.record_set("nas").await.is_null());
    let written = house.stage.calls().await.into_iter().filter(|call| call.method == "PUT");
    let written: Vec<_> = written.map(|call| call.path.to_lowercase()).collect();
    assert!(written.len() == 1 && written[0].starts_with(&private_id().to_lowercase()), "{written:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_zone_is_named_and_nothing_is_done() {
    let house = new().await;
    let handler = house.serve().await;
    for (call, said) in [
        (json!({ "names": [NAS], "zone": "exmaple.com" }), "zone: \"exmaple.com\" is none of the zones"),
        (json!({ "names": ["nas.example.net"], "zone": "example.com" }), "nas.example.net is not a name of"),
        (json!({ "names": [NAS], "zone": 1 }), "zone is no text"),
        (json!({ "zone": "example.com" }), "zone goes with names"),
        (json!({ "names": [], "zone": "example.com" }), "zone goes with names"),
    ] {
        let (status, body) = handler.remediate(&call.to_string()).await;
        assert!(status == 400 && body["error"].as_str().unwrap().contains(said), "{call}: {body}");
    }
    for (query, said) in [
        (json!({ "names": NAS, "zone": "private:exmaple.com" }), "private:exmaple.com"),
        (json!({ "zone": "example.com" }), "zone goes with names"),
    ] {
        let (status, body) = get(&handler, &query).await;
        assert!(status == 400 && body["error"].as_str().unwrap().contains(said), "{query}: {body}");
    }
    assert_eq!(house.writes().await, 0);
}

/// Whatever an alert carries besides, its run is of all names.
#[tokio::test(flavor = "multi_thread")]
async fn an_alert_has_no_side() {
    let house = new().await;
    let handler = house.serve().await;
    let alert = json!({ "schemaId": "azureMonitorCommonAlertSchema", "zone": "private:example.com", "names": [NAS],
        "data": { "essentials": { "alertId": "a1", "monitoringService": "Log Alerts V2", "signalType": "Log",
            "monitorCondition": "Fired", "zone": "private:example.com" } } });
    let (status, ran) = handler.remediate(&alert.to_string()).await;
    assert_eq!(status, 200, "{ran}");
    assert!(sides(&ran, NAS).iter().all(|side| side.len() == 1), "{ran}");
}
