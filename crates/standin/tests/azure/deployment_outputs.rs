//! What a deployment shows of its template: parameters, outputs, what waits for what, its own tags.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{Stage, ZONE};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns";

fn path(name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Resources/deployments/{name}?api-version=2021-04-01")
}

fn template(parts: &Value) -> Value {
    let mut template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [],
    });
    for (name, part) in parts.as_object().expect("members") {
        template[name] = part.clone();
    }
    template
}

/// The deployment when it is over.
async fn deployed(stage: &Stage, name: &str, body: &Value) -> Value {
    let got = stage.send("PUT", &path(name), &[], Some(body)).await;
    assert_eq!(got.status, 201, "{got:?}");
    assert_eq!(got.json()["properties"].get("outputs"), None, "there are none before the end");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let shown = stage.send("GET", &path(name), &[], None).await.json();
        if !["Accepted", "Running"].iter().any(|state| shown["properties"]["provisioningState"] == *state) {
            return shown;
        }
        assert!(tokio::time::Instant::now() < deadline, "{shown}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn parameters_and_outputs_are_shown_with_their_types() {
    let stage = Stage::new().await;
    let group = json!({ "location": "North Europe" });
    let fresh = GROUP.replace("rg-dns", "rg-new");
    let made = stage.send("PUT", &format!("{fresh}?api-version=2021-04-01"), &[], Some(&group)).await;
    assert_eq!(made.status, 201);
    let template = template(&json!({
        "parameters": {
            "host": { "type": "string" },
            "full": { "type": "string", "defaultValue": "[concat(parameters('host'), '.example.com')]" },
            "where": { "type": "string", "defaultValue": "[resourceGroup().location]" },
            "count": { "type": "INT", "defaultValue": 3 },
            "key": { "type": "secureString" },
        },
        "outputs": {
            "name": { "type": "string", "value": "[parameters('full')]" },
            "group": { "type": "String", "value": "[resourceGroup().id]" },
            "list": { "type": "array", "value": ["[parameters('count')]"] },
            "secret": { "type": "securestring", "value": "[parameters('key')]" },
        },
    }));
    let body = json!({
        "tags": { "purpose": "test" },
        "properties": {
            "mode": "Incremental", "template": template,
            "parameters": { "host": { "value": "nas" }, "key": { "value": "hidden" } },
        },
    });
    let at = path("one").replace("rg-dns", "rg-new");
    let validated = stage.send("POST", &at.replace("?", "/validate?"), &[], Some(&body)).await;
    assert_eq!(validated.status, 200, "{validated:?}");
    let parameters = json!({
        "host": { "type": "String", "value": "nas" },
        "full": { "type": "String", "value": "nas.example.com" },
        "where": { "type": "String", "value": "northeurope" },
        "count": { "type": "Int", "value": 3 },
        "key": { "type": "SecureString" },
    });
    assert_eq!(validated.json()["properties"]["parameters"], parameters);
    assert!(!validated.text.contains("hidden"), "a secret is not shown");

    let shown = deployed(&stage, "one", &body).await;
    assert_eq!(shown["tags"], json!({ "purpose": "test" }));
    assert_eq!(
        shown["properties"]["outputs"],
        json!({
            "name": { "type": "String", "value": "nas.example.com" },
            "group": { "type": "String", "value": GROUP },
            "list": { "type": "Array", "value": [3] },
            "secret": { "type": "SecureString" },
        })
    );
}

#[tokio::test]
async fn an_empty_deployment_shows_that_there_is_nothing() {
    let stage = Stage::new().await;
    let body = json!({ "properties": { "mode": "Incremental", "template": template(&json!({})) } });
    let properties = deployed(&stage, "empty", &body).await["properties"].clone();
    for (member, value) in [
        ("parameters", json!({})),
        ("outputs", json!({})),
        ("outputResources", json!([])),
        ("providers", json!([])),
        ("dependencies", json!([])),
    ] {
        assert_eq!(properties[member], value, "{member}");
    }
}

#[tokio::test]
async fn a_deployment_shows_what_waits_for_what() {
    let stage = Stage::new().await;
    let set = |name: &str, needs: Value| {
        json!({
            "type": "Microsoft.Network/dnsZones/A", "apiVersion": "2018-05-01", "name": format!("example.com/{name}"),
            "dependsOn": needs, "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "203.0.113.9" }] },
        })
    };
    let zone = json!({
        "type": "Microsoft.Network/dnsZones", "apiVersion": "2018-05-01", "name": "example.com", "location": "global",
    });
    let resources = json!([
        zone,
        set("one", json!(["[resourceId('Microsoft.Network/dnsZones', 'example.com')]"])),
        set("two", json!(["example.com"])),
        set("three", json!([])),
    ]);
    let body = json!({
        "properties": { "mode": "Incremental", "template": template(&json!({ "resources": resources })) },
    });
    let shown = deployed(&stage, "sets", &body).await;
    let zone = json!({
        "id": ZONE, "resourceType": "Microsoft.Network/dnsZones", "resourceName": "example.com",
    });
    let waits = |name: &str| {
        json!({
            "dependsOn": [zone], "id": format!("{ZONE}/A/{name}"), "resourceType": "Microsoft.Network/dnsZones/A",
            "resourceName": format!("example.com/{name}"),
        })
    };
    assert_eq!(shown["properties"]["dependencies"], json!([waits("one"), waits("two")]));
    let operations = path("sets").replace("?", "/operations?");
    let operations = stage.send("GET", &operations, &[], None).await.json();
    let first = &operations["value"][1]["properties"];
    assert_eq!(first["targetResource"]["resourceName"], "example.com/one");
    assert!(first["serviceRequestId"].is_string(), "{first}");
    let (mut names, mut next) = (Vec::new(), path("sets").replace("?", "/operations?$top=1&"));
    loop {
        let page = stage.send("GET", &next, &[], None).await.json();
        names.extend(page["value"].as_array().expect("a list").clone());
        match page["nextLink"].as_str() {
            Some(link) => link.strip_prefix(&stage.base).expect("our host").clone_into(&mut next),
            None => break,
        }
    }
    assert_eq!(json!(names), operations["value"], "pages of one");
}

#[tokio::test]
async fn what_is_of_another_type_is_refused() {
    let stage = Stage::new().await;
    for parts in [
        json!({ "parameters": { "a": { "type": "string", "defaultValue": 1 } } }),
        json!({ "parameters": { "a": { "type": "colour", "defaultValue": "red" } } }),
        json!({ "outputs": { "a": { "type": "int", "value": "one" } } }),
        json!({ "outputs": { "a": { "type": "string", "value": "[reference('x')]" } } }),
        json!({ "outputs": { "a": { "type": "string" } } }),
    ] {
        let body = json!({ "properties": { "mode": "Incremental", "template": template(&parts) } });
        let got = stage.send("PUT", &path("refused"), &[], Some(&body)).await;
        assert_eq!((got.status, got.code().as_str()), (400, "wrapped InvalidTemplate"), "{parts}");
    }
}

#[tokio::test]
async fn a_deleted_deployment_ends_with_nothing() {
    let stage = Stage::new().await;
    let body = json!({ "properties": { "mode": "Incremental", "template": template(&json!({})) } });
    deployed(&stage, "gone", &body).await;
    let mut got = stage.send("DELETE", &path("gone"), &[], None).await;
    for status in [202, 204] {
        let result = got.header("location").strip_prefix(&stage.base).expect("our host").to_owned();
        got = stage.send("GET", &result, &[], None).await;
        assert_eq!(got.status, status);
    }
}
