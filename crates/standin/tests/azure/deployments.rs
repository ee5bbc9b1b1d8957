//! Deployments are checked, compared and applied.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{SUBSCRIPTION, Stage, ZONE};

fn path(name: &str, tail: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-dns/providers/Microsoft.Resources/deployments/{name}{tail}\
         ?api-version=2021-04-01"
    )
}

fn body(resources: &Value) -> Value {
    json!({ "properties": {
        "mode": "Incremental", "parameters": { "ip": { "value": "203.0.113.9" } },
        "template": {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0", "parameters": { "ip": { "type": "string" } }, "resources": resources,
        },
    } })
}

fn home(zone: &str) -> Value {
    json!({
        "type": "Microsoft.Network/dnsZones/A", "apiVersion": "2018-05-01", "name": format!("{zone}/home"),
        "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "[parameters('ip')]" }] },
    })
}

/// Polls a deployment to its end.
async fn finished(stage: &Stage, status: &str) -> Value {
    let path = status.strip_prefix(&stage.base).expect("our host");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let body = stage.send("GET", path, &[], None).await.json();
        if body["status"] != "Running" {
            return body;
        }
        assert!(tokio::time::Instant::now() < deadline, "{body}");
        tokio::task::yield_now().await;
    }
}

/// What a deployment would change, which takes its time too.
async fn compared(stage: &Stage, resources: &Value) -> Value {
    let mut got = stage.send("POST", &path("d", "/whatIf"), &[], Some(&body(resources))).await;
    for _ in 0..2 {
        assert_eq!((got.status, got.header("retry-after"), got.text.as_str()), (202, "1", ""));
        let result = got.header("location").strip_prefix(&stage.base).expect("our host").to_owned();
        assert!(result.contains("/operationresults/"), "{result}");
        got = stage.send("GET", &result, &[], None).await;
    }
    let body = got.json();
    assert_eq!((got.status, &body["status"]), (200, &json!("Succeeded")));
    assert!(body["properties"]["correlationId"].is_string(), "{body}");
    body["properties"].clone()
}

#[tokio::test]
async fn a_deployment_writes_in_the_background() {
    let stage = Stage::new().await;
    let resources = json!([home("example.com")]);
    assert_eq!(compared(&stage, &resources).await["changes"][0]["changeType"], "Create");
    let got = stage.send("PUT", &path("d", ""), &[], Some(&body(&json!([home("example.com")])))).await;
    assert_eq!((got.status, &got.json()["properties"]["provisioningState"]), (201, &json!("Accepted")));
    assert_eq!(stage.get(&format!("{ZONE}/A/home")).await.status, 404, "not yet");
    assert_eq!(finished(&stage, got.header("azure-asyncoperation")).await["status"], "Succeeded");
    let set = stage.get(&format!("{ZONE}/A/home")).await.json();
    assert_eq!(set["properties"]["ARecords"], json!([{ "ipv4Address": "203.0.113.9" }]));
    let shown = stage.send("GET", &path("d", ""), &[], None).await.json();
    assert_eq!(shown["properties"]["outputResources"][0]["id"], set["id"]);
    assert_eq!(compared(&stage, &resources).await["changes"][0]["changeType"], "NoChange");
}

#[tokio::test]
async fn a_failure_leaves_what_was_written() {
    let stage = Stage::new().await;
    let resources = json!([home("example.com"), home("example.net")]);
    let got = stage.send("PUT", &path("d", ""), &[], Some(&body(&resources))).await;
    let end = finished(&stage, got.header("azure-asyncoperation")).await;
    assert_eq!((&end["status"], &end["error"]["code"]), (&json!("Failed"), &json!("DeploymentFailed")));
    let inner = end["error"]["details"][0]["message"].as_str().expect("a text with JSON");
    assert!(inner.contains("ResourceNotFound"), "{inner}");
    assert_eq!(stage.get(&format!("{ZONE}/A/home")).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_deployed_is_refused_at_once() {
    let stage = Stage::new().await;
    let mut missing = body(&json!([home("example.com")]));
    missing["properties"]["parameters"] = json!({});
    let mut complete = body(&json!([]));
    complete["properties"]["mode"] = json!("Complete");
    let foreign =
        json!([{ "type": "Microsoft.Compute/virtualMachines", "apiVersion": "2024-07-01", "name": "x" }]);
    for body in [missing, complete, body(&foreign), json!({})] {
        for (method, tail) in [("POST", "/validate"), ("PUT", "")] {
            let got = stage.send(method, &path("d", tail), &[], Some(&body)).await;
            assert_eq!(got.status, 400, "{body}");
        }
    }
    assert_eq!(stage.send("GET", &path("d", ""), &[], None).await.code(), "wrapped DeploymentNotFound");
}
