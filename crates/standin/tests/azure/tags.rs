//! Tags of machines, zones, groups and subscriptions, as az and the SDKs write them.

use serde_json::{Value, json};

use crate::stage::{Got, SUBSCRIPTION, Stage, ZONE};

fn machine() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/nas"
    )
}

async fn tags(stage: &Stage, method: &str, scope: &str, body: Option<Value>) -> Got {
    let path = format!("{scope}/providers/Microsoft.Resources/tags/default?api-version=2022-09-01");
    stage.send(method, &path, &[], body.as_ref()).await
}

/// .NET's `AddTagAsync`: the provider, the tags, the tags with one more, the machine.
#[tokio::test]
async fn dotnet_adds_a_tag_to_a_machine() {
    let stage = Stage::new().await;
    let provider =
        format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Resources?api-version=2022-09-01");
    let provider = stage.send("GET", &provider, &[], None).await.json();
    let types = provider["resourceTypes"].as_array().expect("types");
    assert!(types.iter().any(|known| known["resourceType"] == "tags"), "it looks for this type");
    let mut present = tags(&stage, "GET", &machine(), None).await.json();
    present["properties"]["tags"]["DNSHostName2"] = json!("nas2.home.example.com");
    let body = json!({ "properties": present["properties"] });
    let got = tags(&stage, "PUT", &machine(), Some(body)).await;
    assert_eq!(got.status, 200, "{got:?}");
    let shown = stage.send("GET", &format!("{}?api-version=2022-12-27", machine()), &[], None).await.json();
    let expected = json!({
        "DNSHostName": "nas.home.example.com", "DNSHostName2": "nas2.home.example.com",
    });
    assert_eq!(shown["tags"], expected);
}

#[tokio::test]
async fn every_scope_has_tags() {
    let stage = Stage::new().await;
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let group = format!("{subscription}/resourceGroups/rg-dns");
    for scope in [subscription.as_str(), &group, ZONE, &machine()] {
        let put = json!({ "properties": { "tags": { "A": "1", "b": "2" } } });
        let got = tags(&stage, "PUT", scope, Some(put)).await;
        assert_eq!(got.status, 200, "{scope}: {got:?}");
        for (operation, given, left) in [
            ("Merge", json!({ "a": "3", "c": "4" }), json!({ "A": "3", "b": "2", "c": "4" })),
            ("Delete", json!({ "B": "" }), json!({ "A": "3", "c": "4" })),
            ("Replace", json!({ "d": "5" }), json!({ "d": "5" })),
        ] {
            let body = json!({ "operation": operation, "properties": { "tags": given } });
            let got = tags(&stage, "PATCH", scope, Some(body)).await;
            assert_eq!((got.status, &got.json()["properties"]["tags"]), (200, &left), "{scope} {operation}");
        }
        let got = tags(&stage, "GET", scope, None).await.json();
        assert_eq!(got["properties"]["tags"], json!({ "d": "5" }));
        assert_eq!(got["id"], format!("{scope}/providers/Microsoft.Resources/tags/default"));
        let version = if scope == ZONE { "2018-05-01" } else { "2021-04-01" };
        let version = if scope == machine() { "2022-12-27" } else { version };
        let shown = stage.send("GET", &format!("{scope}?api-version={version}"), &[], None).await.json();
        assert_eq!(shown["tags"], json!({ "d": "5" }), "{scope}");
        assert_eq!(tags(&stage, "DELETE", scope, None).await.status, 200);
        assert_eq!(tags(&stage, "GET", scope, None).await.json()["properties"]["tags"], json!({}));
    }
    let none = format!("{subscription}/resourceGroups/none");
    assert_eq!(tags(&stage, "GET", &none, None).await.status, 404);
}

#[tokio::test]
async fn names_of_tags_are_counted() {
    let stage = Stage::new().await;
    let path = format!("/subscriptions/{SUBSCRIPTION}/tagNames?api-version=2021-04-01");
    tags(&stage, "PUT", ZONE, Some(json!({ "properties": { "tags": { "env": "lab" } } }))).await;
    let got = stage.send("GET", &path, &[], None).await.json();
    let found: Vec<(&str, u64, usize)> = got["value"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|name| {
            let count = name["count"]["value"].as_u64().unwrap_or_default();
            let values = name["values"].as_array().map(Vec::len).unwrap_or_default();
            (name["tagName"].as_str().unwrap_or_default(), count, values)
        })
        .collect();
    assert_eq!(found, [("DNSHostName", 5, 5), ("env", 1, 1)]);
    let value = &got["value"][1]["values"][0];
    assert_eq!(
        (&value["tagValue"], &value["count"]),
        (&json!("lab"), &json!({ "type": "Total", "value": 1 }))
    );
}

#[tokio::test]
async fn names_of_tags_are_defined_before_they_are_used() {
    let stage = Stage::new().await;
    let send = async |method: &str, below: &str| {
        let path = format!("/subscriptions/{SUBSCRIPTION}/tagNames{below}?api-version=2021-04-01");
        stage.send(method, &path, &[], None).await
    };
    let id = format!("/subscriptions/{SUBSCRIPTION}/tagNames/Env");
    let nothing = json!({ "type": "Total", "value": 0 });
    assert_eq!(send("PUT", "/Env/tagValues/lab").await.status, 404, "the name first");
    let got = send("PUT", "/Env").await;
    assert_eq!(
        (got.status, got.json()),
        (201, json!({ "id": id, "tagName": "Env", "count": nothing, "values": [] }))
    );
    assert_eq!(send("PUT", "/env").await.status, 200);
    let got = send("PUT", "/env/tagValues/lab").await;
    let value = json!({ "id": format!("{id}/tagValues/lab"), "tagValue": "lab", "count": nothing });
    assert_eq!((got.status, got.json()), (201, value.clone()));
    let listed = send("GET", "").await.json();
    let expected = json!({ "id": id, "tagName": "Env", "count": nothing, "values": [value] });
    assert!(listed["value"].as_array().is_some_and(|all| all.contains(&expected)), "{listed}");
    for (below, status) in
        [("/Env/tagValues/lab", 200), ("/Env/tagValues/lab", 204), ("/Env", 200), ("/Env", 204)]
    {
        assert_eq!(send("DELETE", below).await.status, status, "{below}");
    }
    assert_eq!(send("GET", "").await.json()["value"].as_array().map(Vec::len), Some(1));
}
