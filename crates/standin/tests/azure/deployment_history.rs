//! What is left of deployments: lists, operations, templates, and their end.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{Got, SUBSCRIPTION, Stage, ZONE};

const PROVIDER: &str = "/providers/Microsoft.Resources/deployments";

fn group() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-dns")
}

async fn call(stage: &Stage, method: &str, path: &str, body: Option<&Value>) -> Got {
    let joint = if path.contains('?') { '&' } else { '?' };
    stage.send(method, &format!("{path}{joint}api-version=2022-09-01"), &[], body).await
}

/// A deployment of one record set for each name.
pub(crate) fn body<Name: AsRef<str>>(names: &[Name]) -> Value {
    let set = |name: &Name| {
        json!({
            "type": "Microsoft.Network/dnsZones/A", "apiVersion": "2018-05-01", "name": format!("example.com/{}", name.as_ref()),
            "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "203.0.113.9" }] },
        })
    };
    json!({ "properties": { "mode": "Incremental", "template": {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": names.iter().map(set).collect::<Vec<_>>(),
    } } })
}

/// Looks at a deployment until it is over; gives the states that it had.
async fn states(stage: &Stage, started: &Got) -> Vec<String> {
    let path = started.header("azure-asyncoperation").strip_prefix(&stage.base).expect("our host").to_owned();
    let mut states = Vec::new();
    let all = async {
        loop {
            let status = stage.send("GET", &path, &[], None).await.json()["status"]
                .as_str()
                .expect("a state")
                .to_owned();
            let goes_on = status == "Running";
            states.push(status);
            if !goes_on {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("an end");
    states
}

async fn deploy(stage: &Stage, path: &str, body: &Value) -> String {
    let got = call(stage, "PUT", path, Some(body)).await;
    assert_eq!(got.status, 201, "{got:?}");
    states(stage, &got).await.pop().expect("a state")
}

#[tokio::test]
async fn the_first_look_finds_a_deployment_running() {
    let stage = Stage::new().await;
    let got = call(&stage, "PUT", &format!("{}{PROVIDER}/d", group()), Some(&body(&["a"]))).await;
    assert!(got.header("azure-asyncoperation").len() > 3000, "addresses are long");
    let set = format!("{ZONE}/A/a");
    let written = async {
        while stage.get(&set).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), written).await.expect("the set");
    assert_eq!(states(&stage, &got).await.first().map(String::as_str), Some("Running"));
}

#[tokio::test]
async fn what_a_deployment_did_is_told_step_by_step() {
    let stage = Stage::new().await;
    let path = format!("{}{PROVIDER}/d", group());
    assert_eq!(call(&stage, "HEAD", &path, None).await.status, 404);
    // The second name stands already, as another type.
    let cname = json!({ "properties": { "TTL": 60, "CNAMERecord": { "cname": "x.example.com" } } });
    stage.dns("PUT", &format!("{ZONE}/CNAME/b"), &[], Some(&cname)).await;
    assert_eq!(deploy(&stage, &path, &body(&["a", "b"])).await, "Failed");
    assert_eq!(call(&stage, "HEAD", &path, None).await.status, 204);
    let listed = call(&stage, "GET", &format!("{path}/operations"), None).await.json();
    let bare = call(&stage, "GET", &format!("{}/deployments/d/operations", group()), None).await.json();
    assert_eq!(bare, listed, "with and without the provider");
    let operations = listed["value"].as_array().expect("operations");
    assert_eq!(operations.len(), 2, "{listed}");
    let (one, two) = (&operations[0]["properties"], &operations[1]["properties"]);
    assert_eq!(
        (&one["provisioningOperation"], &one["provisioningState"], &one["statusCode"]),
        (&json!("Create"), &json!("Succeeded"), &json!("OK"))
    );
    assert_eq!(
        (&one["targetResource"]["resourceType"], &one["targetResource"]["resourceName"]),
        (&json!("Microsoft.Network/dnsZones/A"), &json!("example.com/a"))
    );
    assert_eq!(
        (&two["provisioningState"], &two["statusMessage"]["error"]["code"]),
        (&json!("Failed"), &json!("BadRequest"))
    );
    let id = operations[0]["operationId"].as_str().expect("an id");
    for path in [format!("{path}/operations/{id}"), format!("{}/deployments/d/operations/{id}", group())] {
        assert_eq!(call(&stage, "GET", &path, None).await.json(), operations[0]);
    }
    assert_eq!(
        call(&stage, "GET", &format!("{path}/operations/none"), None).await.code(),
        "wrapped DeploymentOperationNotFound"
    );

    assert_eq!(
        deploy(&stage, &path.replace("deployments/d", "deployments/e"), &body(&["c"])).await,
        "Succeeded"
    );
    let last = call(&stage, "GET", &format!("{}/deployments/e/operations", group()), None).await.json();
    assert_eq!(last["value"][1]["properties"]["provisioningOperation"], "EvaluateDeploymentOutput");
}

#[tokio::test]
async fn a_template_is_kept_and_lists_are_narrowed() {
    let stage = Stage::new().await;
    let path = |name: &str| format!("{}{PROVIDER}/{name}", group());
    for name in ["one", "two", "three", "four"] {
        assert_eq!(deploy(&stage, &path(name), &body(&[name])).await, "Succeeded");
    }
    let exported = call(&stage, "POST", &format!("{}/exportTemplate", path("one")), None).await;
    assert_eq!(
        (exported.status, &exported.json()["template"]),
        (200, &body(&["one"])["properties"]["template"])
    );
    let list = async |query: &str| call(&stage, "GET", &format!("{}{PROVIDER}?{query}", group()), None).await;
    let count = |got: &Got| got.json()["value"].as_array().map_or(0, Vec::len);
    assert_eq!(count(&list("").await), 4);
    assert_eq!(count(&list("$filter=provisioningState%20eq%20'succeeded'").await), 4);
    assert_eq!(count(&list("$filter=provisioningState%20eq%20'Failed'").await), 0);
    assert_eq!(list("$filter=name%20eq%20'one'").await.code(), "wrapped InvalidFilterInQueryString");
    let first = list("$top=2").await;
    assert_eq!(count(&first), 2);
    let next = first.json()["nextLink"]
        .as_str()
        .expect("a link")
        .strip_prefix(&stage.base)
        .expect("ours")
        .to_owned();
    assert_eq!(count(&stage.send("GET", &next, &[], None).await), 2);
}

#[tokio::test]
async fn a_deployment_is_deleted_in_its_own_time() {
    let stage = Stage::new().await;
    let path = format!("{}{PROVIDER}/d", group());
    assert_eq!(call(&stage, "DELETE", &path, None).await.status, 204, "there is none");
    deploy(&stage, &path, &body(&["a"])).await;
    let gone = call(&stage, "DELETE", &path, None).await;
    assert_eq!((gone.status, gone.header("azure-asyncoperation")), (202, ""));
    let location = gone.header("location").strip_prefix(&stage.base).expect("our host").to_owned();
    assert_eq!(stage.send("GET", &location, &[], None).await.status, 202);
    assert!([200, 204].contains(&stage.send("GET", &location, &[], None).await.status));
    assert_eq!(call(&stage, "GET", &path, None).await.code(), "wrapped DeploymentNotFound");
    assert_eq!(stage.get(&format!("{ZONE}/A/a")).await.status, 200, "what it made stays");
    assert_eq!(call(&stage, "POST", &format!("{path}/exportTemplate"), None).await.status, 404);
}

#[tokio::test]
async fn a_deployment_may_stand_at_a_subscription() {
    let stage = Stage::new().await;
    let path = format!("/subscriptions/{SUBSCRIPTION}{PROVIDER}/s");
    let mut body = body::<&str>(&[]);
    assert_eq!(call(&stage, "PUT", &path, Some(&body)).await.code(), "wrapped LocationRequired");
    body["location"] = json!("westeurope");
    assert_eq!(deploy(&stage, &path, &body).await, "Succeeded");
    let shown = call(&stage, "GET", &path, None).await.json();
    assert_eq!((&shown["id"], &shown["location"]), (&json!(path), &json!("westeurope")));
    let listed =
        call(&stage, "GET", &format!("/subscriptions/{SUBSCRIPTION}/deployments/s/operations"), None).await;
    assert_eq!(listed.json()["value"][0]["properties"]["statusCode"], "OK");
    let of_group = call(&stage, "GET", &format!("{}{PROVIDER}", group()), None).await.json();
    assert_eq!(of_group["value"], json!([]), "each scope has its own");
    let refused = call(&stage, "PUT", &format!("{}{PROVIDER}/s", group()), Some(&body)).await;
    assert_eq!(refused.code(), "wrapped InvalidDeployment", "a group has a location of its own");
}

#[tokio::test]
async fn a_deployment_that_runs_can_be_ended() {
    let stage = Stage::new().await;
    let path = format!("{}{PROVIDER}/d", group());
    call(&stage, "PUT", &path, Some(&body(&["a"]))).await;
    assert_eq!(call(&stage, "POST", &format!("{path}/cancel"), None).await.status, 204);
    assert_eq!(call(&stage, "GET", &path, None).await.json()["properties"]["provisioningState"], "Canceled");
    let again = call(&stage, "POST", &format!("{path}/cancel"), None).await;
    assert_eq!((again.status, again.code().as_str()), (409, "wrapped DeploymentCannotBeCancelled"));
}
