//! What clients and identities may do, as the world says.

use serde_json::{Value, json};

use crate::stage::{Got, SUBSCRIPTION, Stage, ZONE};

const RULE: &str = "dcr-00000000000000000000000000000001";
const WORKSPACE: &str = "00000000-0000-0000-0000-0000000000c1";

/// A stage whose own identity may do only so much.
async fn stage(roles: &Value) -> Stage {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "identity": { "roles": roles } })).await;
    stage
}

fn group(name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}")
}

fn set() -> Value {
    json!({ "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "192.0.2.1" }] } })
}

async fn graph(stage: &Stage, query: &str) -> Got {
    let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01";
    stage.send("POST", path, &[], Some(&json!({ "query": query }))).await
}

/// The types that Resource Graph shows.
async fn kinds(stage: &Stage) -> Vec<String> {
    let got = graph(stage, "resources | distinct type | order by type asc").await;
    let rows = got.json()["data"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["type"].as_str().expect("a type").to_owned()).collect()
}

async fn ingest(stage: &Stage) -> Got {
    let token = format!("Bearer {}", stage.token_for("https://monitor.azure.com").await);
    let path = format!("/dataCollectionRules/{RULE}/streams/Custom-DNSChange?api-version=2023-01-01");
    stage.send("POST", &path, &[("Authorization", &token)], Some(&json!([{ "run_s": "x" }]))).await
}

async fn query(stage: &Stage) -> Got {
    let token = format!("Bearer {}", stage.token_for("https://api.loganalytics.io").await);
    let body = json!({ "query": "DNSChange_CL | count" });
    stage
        .send("POST", &format!("/v1/workspaces/{WORKSPACE}/query"), &[("Authorization", &token)], Some(&body))
        .await
}

#[tokio::test]
async fn without_roles_everything_is_allowed_and_they_are_shown_as_they_were_put() {
    let stage = Stage::new().await;
    assert_eq!(stage.dns("PUT", &format!("{ZONE}/A/x"), &[], Some(&set())).await.status, 201);
    assert_eq!((ingest(&stage).await.status, query(&stage).await.status), (204, 200));
    let roles = json!([{ "scope": "/", "actions": ["*"] }]);
    let client = json!({ "clientId": "c", "secret": "s", "objectId": "o", "roles": roles });
    stage.put_world(&json!({ "identity": { "roles": roles }, "clients": [client] })).await;
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!((&world["identity"]["roles"], &world["clients"][0]["roles"]), (&roles, &roles));
    assert_eq!(stage.dns("PUT", &format!("{ZONE}/A/y"), &[], Some(&set())).await.status, 201);
}

#[tokio::test]
async fn a_world_put_as_it_was_shown_takes_away_what_came_meanwhile() {
    let stage = Stage::new().await;
    let before = stage.own("GET", "world", None).await.json();
    let lock = format!("{ZONE}/providers/Microsoft.Authorization/locks/keep");
    stage
        .put_world(&json!({
            "identity": { "roles": [] },
            "locks": [{ "id": lock, "level": "ReadOnly" }],
            "managementGroups": [{ "name": "root", "subscriptions": [SUBSCRIPTION] }],
            "publicIps": [{ "id": format!("{}/providers/Microsoft.Network/publicIPAddresses/a", group("g")), "ipAddress": "192.0.2.7" }],
        }))
        .await;
    assert_ne!(stage.own("GET", "world", None).await.json(), before);
    stage.put_world(&before).await;
    assert_eq!(stage.own("GET", "world", None).await.json(), before);
}

#[tokio::test]
async fn what_no_role_allows_is_refused_in_azures_words() {
    let read = ["Microsoft.Network/dnsZones/A/read"];
    let stage = stage(&json!([{ "scope": ZONE, "actions": read }])).await;
    assert_eq!(stage.get(&format!("{ZONE}/A")).await.status, 200);
    let path = format!("{ZONE}/A/x");
    let got = stage.dns("PUT", &path, &[], Some(&set())).await;
    assert_eq!((got.status, got.code().as_str()), (403, "wrapped AuthorizationFailed"), "{got:?}");
    let said = got.json()["error"]["message"].as_str().expect("words").to_owned();
    let action =
        "does not have authorization to perform action 'Microsoft.Network/dnszones/A/write' over scope";
    assert!(said.contains(&format!("{action} '{path}' or the scope is invalid.")), "{said}");
    for denied in [ZONE.to_owned(), format!("{ZONE}/AAAA"), group("rg-dns"), group("rg-edge")] {
        let version = if denied.contains("dnsZones") { "2018-05-01" } else { "2021-04-01" };
        let got = stage.send("GET", &format!("{denied}?api-version={version}"), &[], None).await;
        assert_eq!(got.status, 403, "{denied}: {got:?}");
    }
    // A condition that does not hold is not looked at before the right to write.
    let got = stage.dns("PUT", &path, &[("If-Match", "0")], Some(&set())).await;
    assert_eq!(got.status, 403, "{got:?}");
}

#[tokio::test]
async fn a_role_of_another_client_is_nobody_elses() {
    let stage = Stage::new().await;
    let client = json!({ "clientId": "c", "secret": "s", "objectId": "o", "roles": [] });
    stage.put_world(&json!({ "clients": [client] })).await;
    assert_eq!(
        stage.get(&format!("{ZONE}/A")).await.status,
        200,
        "of the app's own identity nothing is said"
    );
}

#[tokio::test]
async fn rows_that_may_not_be_read_are_not_there() {
    let arc = "microsoft.hybridcompute/machines";
    let all = [
        arc,
        "microsoft.insights/datacollectionrules",
        "microsoft.network/dnszones",
        "microsoft.operationalinsights/workspaces",
    ];
    let open = Stage::new().await;
    assert_eq!(kinds(&open).await, all);
    let shut = stage(&json!([{ "scope": group("rg-edge"), "actions": ["*/read"] }])).await;
    assert_eq!(kinds(&shut).await, [arc]);
    let wide = json!([{ "scope": format!("/subscriptions/{SUBSCRIPTION}"), "actions": ["Microsoft.HybridCompute/*"] }]);
    shut.put_world(&json!({ "identity": { "roles": wide } })).await;
    assert_eq!(kinds(&shut).await, [arc]);
    let sets = graph(&shut, "dnsresources | count").await;
    assert_eq!(sets.json()["data"][0]["Count"], 0);
    let containers = graph(&shut, "resourcecontainers | count").await;
    assert_eq!(containers.json()["data"][0]["Count"], 0);
    shut.put_world(&json!({ "identity": { "roles": [] } })).await;
    assert_eq!(graph(&shut, "resources").await.status, 403, "where nothing can be read");
    let seen = shut.send("GET", "/subscriptions?api-version=2021-01-01", &[], None).await;
    assert_eq!((seen.status, &seen.json()["value"]), (200, &json!([])));
    let list = format!("/subscriptions/{SUBSCRIPTION}/resources?api-version=2021-04-01");
    let listed = shut.send("GET", &list, &[], None).await;
    assert_eq!((listed.status, &listed.json()["value"]), (200, &json!([])));
}

#[tokio::test]
async fn rows_are_sent_and_asked_with_a_role_of_their_own() {
    let monitor = group("rg-monitor");
    let roles = json!([{ "scope": monitor, "actions": ["Microsoft.Insights/Telemetry/Write"] }]);
    let stage = stage(&roles).await;
    let refused = query(&stage).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "wrapped InsufficientAccessError"));
    assert_eq!(ingest(&stage).await.status, 204);
    let roles = json!([{ "scope": monitor, "actions": ["*/read"] }]);
    stage.put_world(&json!({ "identity": { "roles": roles } })).await;
    assert_eq!(query(&stage).await.status, 200);
    let refused = ingest(&stage).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "wrapped OperationFailed"));
}

#[tokio::test]
async fn what_is_no_role_is_refused() {
    let stage = Stage::new().await;
    for (roles, place) in [
        (json!({}), "identity.roles"),
        (json!([{ "actions": [] }]), "identity.roles[0].scope"),
        (json!([{ "scope": "rg", "actions": [] }]), "identity.roles[0].scope"),
        (json!([{ "scope": "/", "actions": "*" }]), "identity.roles[0].actions"),
        (json!([{ "scope": "/", "actions": [1] }]), "identity.roles[0].actions[0]"),
    ] {
        let got = stage.own("PUT", "world", Some(&json!({ "identity": { "roles": roles } }))).await;
        assert_eq!(got.status, 400, "{roles}");
        assert!(got.text.contains(place), "{}", got.text);
    }
}
