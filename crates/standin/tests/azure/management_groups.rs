//! The tree above the subscriptions: through Resource Manager, and as the scope of a Resource Graph query.

use serde_json::{Value, json};

use crate::stage::{Got, SUBSCRIPTION, Stage};

const OTHER: &str = "00000000-0000-0000-0000-000000000002";
const TENANT: &str = "00000000-0000-0000-0000-0000000000aa";

async fn stage() -> Stage {
    let stage = Stage::new().await;
    let machine = |subscription: &str, name: &str| {
        format!(
            "/subscriptions/{subscription}/resourceGroups/RG-Edge/providers/Microsoft.HybridCompute/machines/{name}"
        )
    };
    stage
        .put_world(&json!({
            "machines": [machine(SUBSCRIPTION, "one"), machine(OTHER, "two")],
            "subscriptions": [SUBSCRIPTION, OTHER],
            "managementGroups": [
                { "name": "Landing", "displayName": "Landing zones" },
                { "name": "edge", "parent": "landing", "subscriptions": [OTHER] },
                { "name": "empty" },
            ],
        }))
        .await;
    stage
}

async fn get(stage: &Stage, tail: &str) -> Got {
    let joint = if tail.contains('?') { '&' } else { '?' };
    let path = format!("/providers/Microsoft.Management/managementGroups{tail}{joint}api-version=2020-05-01");
    stage.send("GET", &path, &[], None).await
}

#[tokio::test]
async fn groups_are_listed_and_looked_at() {
    let stage = stage().await;
    let listed = get(&stage, "").await.json();
    let names: Vec<&str> = listed["value"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|group| group["name"].as_str())
        .collect();
    assert_eq!(names, [TENANT, "edge", "empty", "Landing"]);
    assert_eq!(
        listed["value"][3],
        json!({ "id": "/providers/Microsoft.Management/managementGroups/Landing", "name": "Landing",
            "type": "Microsoft.Management/managementGroups",
            "properties": { "tenantId": TENANT, "displayName": "Landing zones" } })
    );
    let edge = get(&stage, "/EDGE?$expand=ancestors").await.json();
    assert_eq!(edge["properties"]["details"]["parent"]["name"], "Landing");
    assert_eq!(edge["properties"]["details"]["managementGroupAncestors"], json!(["Landing", TENANT]));
    assert_eq!(edge["properties"].get("children"), None);
    let root = get(&stage, &format!("/{TENANT}?$expand=children&$recurse=true")).await.json();
    assert_eq!(root["properties"]["displayName"], "Tenant Root Group");
    let children = &root["properties"]["children"];
    assert_eq!(children[1]["children"][0]["children"][0]["id"], format!("/subscriptions/{OTHER}"));
    assert_eq!((&children[0]["name"], &children[0]["children"]), (&json!("empty"), &Value::Null));
    assert_eq!(
        children[2]["id"],
        format!("/subscriptions/{SUBSCRIPTION}"),
        "what no group names is the root's"
    );
    let below = get(&stage, "/landing/descendants").await.json();
    assert_eq!(below["value"].as_array().map(Vec::len), Some(2), "{below}");
    let unknown = get(&stage, "/nobody").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (403, "wrapped AuthorizationFailed"));
}

#[tokio::test]
async fn the_groups_of_a_world_are_a_tree() {
    let stage = stage().await;
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!(
        world["managementGroups"][0],
        json!({ "name": "edge", "displayName": "edge", "parent": "landing", "subscriptions": [OTHER] })
    );
    stage.put_world(&world).await;
    for (groups, words) in [
        (json!([{ "name": "a", "parent": "b" }]), "does not exist"),
        (json!([{ "name": "a", "parent": "b" }, { "name": "b", "parent": "A" }]), "below itself"),
        (
            json!([{ "name": "a", "subscriptions": [OTHER] }, { "name": "b", "subscriptions": [OTHER] }]),
            "two groups",
        ),
        (json!([{ "name": "a" }, { "name": "A" }]), "there twice"),
        (json!([{}]), "managementGroups[0].name"),
    ] {
        let got = stage.own("PUT", "world", Some(&json!({ "managementGroups": groups }))).await;
        let message = got.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(got.status == 400 && message.contains(words), "{words}: {got:?}");
    }
    assert_eq!(stage.own("GET", "world", None).await.json(), world);
}

async fn ask(stage: &Stage, body: Value) -> Got {
    let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-06-01-preview";
    stage.send("POST", path, &[], Some(&body)).await
}

/// The names that a query over machines finds.
async fn machines(stage: &Stage, groups: Value) -> Value {
    let query = "Resources | where type has 'machines' | project name | order by name asc";
    let got = ask(stage, json!({ "query": query, "managementGroups": groups })).await;
    assert_eq!(got.status, 200, "{got:?}");
    got.json()["data"].as_array().expect("rows").iter().map(|row| row["name"].clone()).collect()
}

#[tokio::test]
async fn a_query_sees_what_lies_below_its_groups() {
    let stage = stage().await;
    assert_eq!(machines(&stage, json!([])).await, json!(["one", "two"]), "nothing said: the tenant");
    assert_eq!(machines(&stage, json!(["landing"])).await, json!(["two"]));
    assert_eq!(machines(&stage, json!(["empty"])).await, json!([]), "an empty group has nothing");
    assert_eq!(machines(&stage, json!(["empty", TENANT])).await, json!(["one", "two"]));
    for groups in [json!(["nobody"]), json!(["landing", "nobody"])] {
        let got = ask(&stage, json!({ "query": "Resources", "managementGroups": groups })).await;
        assert_eq!((got.status, got.code().as_str()), (403, "wrapped AccessDenied"), "{groups}");
        assert_eq!(got.json()["error"]["details"][0]["code"], "AccessDenied");
    }
}

#[tokio::test]
async fn containers_show_their_place_in_the_tree() {
    let stage = stage().await;
    let rows = async |body: Value| {
        let got = ask(&stage, body).await;
        assert_eq!(got.status, 200, "{got:?}");
        got.json()["data"].clone()
    };
    let query = "ResourceContainers | summarize n = count() by type | order by type asc";
    assert_eq!(
        rows(json!({ "query": query })).await,
        json!([
            { "type": "microsoft.management/managementgroups", "n": 4 },
            { "type": "microsoft.resources/subscriptions", "n": 2 },
            { "type": "microsoft.resources/subscriptions/resourcegroups", "n": 4 },
        ])
    );
    let query = "resourcecontainers | where type == 'microsoft.resources/subscriptions' | project subscriptionId, \
                 chain = properties.managementGroupAncestorsChain | order by subscriptionId asc";
    let found = rows(json!({ "query": query })).await;
    let root = json!({ "name": TENANT, "displayName": "Tenant Root Group" });
    assert_eq!(found[0]["chain"], json!([root]));
    assert_eq!(
        found[1]["chain"],
        json!([
            { "name": "edge", "displayName": "edge" }, { "name": "Landing", "displayName": "Landing zones" }, root,
        ])
    );
    let query =
        "resourcecontainers | project name, type, resourceGroup, location | order by type asc, name asc";
    let below = rows(json!({ "query": query, "managementGroups": ["edge"] })).await;
    let names: Vec<&Value> = below.as_array().expect("rows").iter().map(|row| &row["name"]).collect();
    assert_eq!(names, [&json!("edge"), &json!("stand-in"), &json!("RG-Edge")]);
    assert_eq!(
        (&below[2]["resourceGroup"], &below[2]["location"]),
        (&json!("rg-edge"), &json!("westeurope"))
    );
    let one = rows(json!({ "query": query, "subscriptions": [OTHER] })).await;
    assert_eq!(
        one.as_array().map(Vec::len),
        Some(2),
        "who asks about a subscription sees no management group"
    );
    let path = format!("/subscriptions/{OTHER}/resourcegroups/fresh?api-version=2021-04-01");
    stage.send("PUT", &path, &[], Some(&json!({ "location": "northeurope" }))).await;
    let one = rows(json!({ "query": query, "subscriptions": [OTHER] })).await;
    assert_eq!(one.as_array().map(Vec::len), Some(3), "a new group is seen at once");
}
