//! Subscriptions that vanish, as after a role was lost.

use serde_json::{Value, json};

use crate::stage::{SUBSCRIPTION, Stage, ZONE};

const OTHER: &str = "00000000-0000-0000-0000-000000000002";

fn machine(subscription: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/nas"
    )
}

async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "machines": [machine(SUBSCRIPTION), machine(OTHER)] })).await;
    stage
}

/// The subscriptions of all machines that Resource Graph shows.
async fn shown(stage: &Stage, subscriptions: &Value) -> Vec<String> {
    let query = "resources | where type =~ 'microsoft.hybridcompute/machines' | project id, subscriptionId | order by id asc";
    let body = json!({ "query": query, "subscriptions": subscriptions });
    let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01";
    let got = stage.send("POST", path, &[], Some(&body)).await;
    assert_eq!(got.status, 200, "{got:?}");
    let rows = got.json()["data"].as_array().cloned().expect("rows");
    rows.iter().map(|row| row["subscriptionId"].as_str().expect("an id").to_owned()).collect()
}

async fn get(stage: &Stage, path: &str, version: &str) -> (u16, String) {
    let got = stage.send("GET", &format!("{path}?api-version={version}"), &[], None).await;
    (got.status, if got.status == 200 { String::new() } else { got.code() })
}

#[tokio::test]
async fn one_subscription_or_all_vanish() {
    let stage = stage().await;
    assert_eq!(shown(&stage, &Value::Null).await, [SUBSCRIPTION, OTHER]);
    let hide = async |list: Value| {
        let body = json!({ "subscriptions": list });
        assert_eq!(stage.own("PUT", "hidden", Some(&body)).await.status, 200);
        assert_eq!(stage.own("GET", "hidden", None).await.json(), body);
    };
    hide(json!([OTHER])).await;
    assert_eq!(shown(&stage, &Value::Null).await, [SUBSCRIPTION]);
    assert!(shown(&stage, &json!([OTHER])).await.is_empty(), "nothing is said, though it was named");
    hide(json!(["*"])).await;
    assert!(shown(&stage, &Value::Null).await.is_empty());
    assert_eq!(stage.own("DELETE", "hidden", None).await.status, 204);
    assert_eq!(shown(&stage, &Value::Null).await, [SUBSCRIPTION, OTHER]);
}

#[tokio::test]
async fn machines_of_a_hidden_subscription_are_forbidden() {
    let stage = stage().await;
    stage.own("PUT", "hidden", Some(&json!({ "subscriptions": [OTHER] }))).await;
    let (arc, tags) = ("2022-03-10", "2021-04-01");
    let machines = |subscription: &str| {
        format!("/subscriptions/{subscription}/providers/Microsoft.HybridCompute/machines")
    };
    let refused = (403, "wrapped AuthorizationFailed".to_owned());
    let granted = (200, String::new());
    assert_eq!(get(&stage, &machine(OTHER), arc).await, refused);
    assert_eq!(
        get(&stage, &format!("{}x", machine(OTHER)), arc).await,
        refused,
        "nor is it told what is not there"
    );
    assert_eq!(get(&stage, &machines(OTHER), arc).await, refused);
    let of = |id: String| format!("{id}/providers/Microsoft.Resources/tags/default");
    assert_eq!(get(&stage, &of(machine(OTHER)), tags).await, refused);
    assert_eq!(get(&stage, &machine(SUBSCRIPTION), arc).await, granted);
    assert_eq!(get(&stage, &machines(SUBSCRIPTION), arc).await, granted);
    assert_eq!(get(&stage, &of(machine(SUBSCRIPTION)), tags).await, granted);
    stage.own("PUT", "hidden", Some(&json!({ "subscriptions": ["*"] }))).await;
    assert_eq!(get(&stage, &machine(SUBSCRIPTION), arc).await, refused);
    assert_eq!(stage.get(&format!("{ZONE}/A")).await.status, 200, "the zones stay");
}

#[tokio::test]
async fn a_faulty_list_is_named_and_hides_nothing() {
    let stage = stage().await;
    for (body, place) in [
        (json!([]), "an object"),
        (json!({}), "subscriptions:"),
        (json!({ "subscriptions": "*" }), "subscriptions:"),
        (json!({ "subscriptions": [OTHER, "somewhere"] }), "subscriptions[1]"),
        (json!({ "subscriptions": [], "machines": [] }), "machines"),
    ] {
        let got = stage.own("PUT", "hidden", Some(&body)).await;
        let message = got.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(got.status == 400 && message.starts_with(place), "{place}: {got:?}");
    }
    assert_eq!(shown(&stage, &Value::Null).await.len(), 2);
}
