//! What a deployment may not be, and what one that fails leaves behind.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{SUBSCRIPTION, Stage, ZONE};

fn path(name: &str, tail: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Resources/deployments/{name}{tail}\
         ?api-version=2021-04-01"
    )
}

fn body(parts: &Value) -> Value {
    let mut template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [],
    });
    for (name, part) in parts.as_object().expect("members") {
        template[name] = part.clone();
    }
    json!({ "properties": { "mode": "Incremental", "template": template } })
}

fn set(name: &str, more: &Value) -> Value {
    let mut set = json!({
        "type": "Microsoft.Network/dnsZones/A", "apiVersion": "2018-05-01", "name": format!("example.com/{name}"),
        "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "192.0.2.1" }] },
    });
    for (name, part) in more.as_object().expect("members") {
        set[name] = part.clone();
    }
    set
}

/// The deployment when it is over.
async fn deployed(stage: &Stage, name: &str, body: &Value) -> Value {
    let got = stage.send("PUT", &path(name, ""), &[], Some(body)).await;
    assert_eq!(got.status, 201, "{got:?}");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let shown = stage.send("GET", &path(name, ""), &[], None).await.json();
        if !["Accepted", "Running"].iter().any(|state| shown["properties"]["provisioningState"] == *state) {
            return shown;
        }
        assert!(tokio::time::Instant::now() < deadline, "{shown}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn refusal(stage: &Stage, name: &str, body: &Value) -> String {
    let got = stage.send("PUT", &path(name, ""), &[], Some(body)).await;
    assert_eq!(got.status, 400, "{body}: {got:?}");
    assert_eq!(stage.send("GET", &path(name, ""), &[], None).await.status, 404, "{body}: there is none");
    got.code()
}

#[tokio::test]
async fn names_have_a_length_and_their_letters() {
    let stage = Stage::new().await;
    let empty = body(&json!({}));
    for name in ["n".repeat(65), "a%20b".to_owned(), "a@b".to_owned(), "%C3%A4".to_owned()] {
        let got = stage.send("PUT", &path(&name, ""), &[], Some(&empty)).await;
        assert_eq!((got.status, got.code().as_str()), (400, "wrapped InvalidDeployment"), "{name}");
    }
    for name in ["n".repeat(64), "a-b_c.d(e)".to_owned()] {
        assert_eq!(stage.send("PUT", &path(&name, ""), &[], Some(&empty)).await.status, 201, "{name}");
    }
}

#[tokio::test]
async fn a_template_is_given_once_and_its_parameters_with_their_values() {
    let stage = Stage::new().await;
    let text = json!({ "type": "string", "defaultValue": "x" });
    let with = |member: &str, value: Value| {
        let mut body = body(&json!({ "parameters": { "host": text } }));
        body["properties"][member] = value;
        body
    };
    let link = json!({ "uri": "https://example.com/t.json" });
    let mut link_alone = with("templateLink", link.clone());
    link_alone["properties"].as_object_mut().expect("members").remove("template");
    for (what, body) in [
        ("no mode", with("mode", json!(null))),
        ("an unknown mode", with("mode", json!("Sometimes"))),
        ("no template", with("template", json!(null))),
        ("a link alone", link_alone),
        ("both", with("templateLink", link.clone())),
        ("parameters by a link", with("parametersLink", link)),
        ("a list of parameters", with("parameters", json!([]))),
        ("an unknown one", with("parameters", json!({ "other": { "value": "x" } }))),
        ("one without a value", with("parameters", json!({ "host": {} }))),
        ("one that is no object", with("parameters", json!({ "host": "web" }))),
        ("one out of a vault", with("parameters", json!({ "host": { "reference": { "secretName": "s" } } }))),
        ("one of another type", with("parameters", json!({ "host": { "value": 1 } }))),
    ] {
        let code = refusal(&stage, "p", &body).await;
        let mode = what.ends_with("mode");
        let wanted =
            if mode || what == "a list of parameters" { "InvalidRequestContent" } else { "InvalidTemplate" };
        assert_eq!(code, format!("wrapped {wanted}"), "{what}");
    }
}

#[tokio::test]
async fn parameters_keep_to_what_their_template_allows() {
    let stage = Stage::new().await;
    for (name, (declared, good, bad)) in ["g1", "g2", "g3", "g4", "g5", "g6"].into_iter().zip([
        (json!({ "type": "string", "allowedValues": ["a", "b"] }), json!("b"), json!("c")),
        (json!({ "type": "string", "minLength": 2 }), json!("ab"), json!("a")),
        (json!({ "type": "string", "maxLength": 2 }), json!("äö"), json!("abc")),
        (json!({ "type": "array", "maxLength": 1 }), json!([1]), json!([1, 2])),
        (json!({ "type": "int", "minValue": 5 }), json!(5), json!(4)),
        (json!({ "type": "int", "maxValue": 5 }), json!(5), json!(6)),
    ]) {
        let given = |value: &Value| {
            let mut body = body(&json!({ "parameters": { "p": declared } }));
            body["properties"]["parameters"] = json!({ "p": { "value": value } });
            body
        };
        assert_eq!(refusal(&stage, "bad", &given(&bad)).await, "wrapped InvalidTemplate", "{declared}");
        let got = stage.send("PUT", &path(name, ""), &[], Some(&given(&good))).await;
        assert!([200, 201].contains(&got.status), "{declared}: {got:?}");
    }
}

#[tokio::test]
async fn resources_that_cannot_be() {
    let stage = Stage::new().await;
    let a_set = "Microsoft.Network/dnsZones/A";
    for (what, resources) in [
        ("the same twice", json!([set("web", &json!({})), set("WEB", &json!({}))])),
        ("waits for what is not there", json!([set("web", &json!({ "dependsOn": ["example.net"] }))])),
        ("waits for no list", json!([set("web", &json!({ "dependsOn": "example.com" }))])),
        (
            "waits for itself",
            json!([set("web", &json!({ "dependsOn": [format!("{a_set}/example.com/web")] }))]),
        ),
        ("an unknown version", json!([set("web", &json!({ "apiVersion": "2001-01-01" }))])),
        ("a condition that is none", json!([set("web", &json!({ "condition": "yes" }))])),
        ("resources inside", json!([set("web", &json!({ "resources": [set("x", &json!({}))] }))])),
        ("a loop", json!([set("web", &json!({ "copy": { "name": "c", "count": 2 } }))])),
        ("properties that are none", json!([set("web", &json!({ "properties": [] }))])),
        ("no object", json!(["web"])),
    ] {
        let code = refusal(&stage, "r", &body(&json!({ "resources": resources }))).await;
        let version = what == "an unknown version";
        let wanted = if version { "wrapped NoRegisteredProviderFound" } else { "wrapped InvalidTemplate" };
        assert_eq!(code, wanted, "{what}");
    }
    assert_eq!(stage.get(&format!("{ZONE}/A/web")).await.status, 404);
}

#[tokio::test]
async fn a_resource_whose_condition_is_false_is_left_out() {
    let stage = Stage::new().await;
    let resources = json!([
        set("made", &json!({ "condition": true })),
        set("left", &json!({ "condition": false })),
        set("after", &json!({ "dependsOn": [format!("{ZONE}/A/left")] })),
    ]);
    let shown = deployed(&stage, "c", &body(&json!({ "resources": resources }))).await;
    assert_eq!(shown["properties"]["provisioningState"], "Succeeded", "{shown}");
    for (name, status) in [("made", 200), ("left", 404), ("after", 200)] {
        assert_eq!(stage.get(&format!("{ZONE}/A/{name}")).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn one_that_fails_leaves_what_was_made_and_tells_each_step() {
    let stage = Stage::new().await;
    let cname = json!({ "properties": { "TTL": 60, "CNAMERecord": { "cname": "www.example.net" } } });
    assert_eq!(stage.dns("PUT", &format!("{ZONE}/CNAME/old"), &[], Some(&cname)).await.status, 201);
    let elsewhere = json!({ "name": "nowhere.example/web" });
    let resources = json!([
        set("web", &json!({})),
        set("old", &json!({})),
        set("x", &elsewhere),
        set("late", &json!({}))
    ]);
    let shown = deployed(&stage, "half", &body(&json!({ "resources": resources }))).await;
    assert_eq!(shown["properties"]["error"]["code"], "DeploymentFailed", "{shown}");
    let codes: Vec<&Value> = shown["properties"]["error"]["details"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|detail| &detail["code"])
        .collect();
    assert_eq!(codes, ["BadRequest", "ParentResourceNotFound"]);
    for (name, status) in [("web", 200), ("old", 404), ("late", 200)] {
        assert_eq!(stage.get(&format!("{ZONE}/A/{name}")).await.status, status, "{name}");
    }
    let operations = stage.send("GET", &path("half", "/operations"), &[], None).await.json();
    let found: Vec<(&str, &str)> = operations["value"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| {
            let text = |member: &str| step["properties"][member].as_str().unwrap_or_default();
            (text("provisioningState"), text("statusCode"))
        })
        .collect();
    assert_eq!(
        found,
        [("Succeeded", "OK"), ("Failed", "BadRequest"), ("Failed", "NotFound"), ("Succeeded", "OK")]
    );
}

#[tokio::test]
async fn a_zone_out_of_a_template_keeps_the_rules_of_zones() {
    let stage = Stage::new().await;
    let zone = |name: &str, more: Value| {
        let mut zone =
            json!({ "type": "Microsoft.Network/dnsZones", "apiVersion": "2018-05-01", "name": name });
        for (name, part) in more.as_object().expect("members") {
            zone[name] = part.clone();
        }
        zone
    };
    let global = json!({ "location": "global", "tags": { "env": "lab" } });
    let resources = json!([
        zone("example.net", global.clone()),
        zone("single", global.clone()),
        zone("example.org", json!({ "location": "westeurope" })),
        zone("example.edu", json!({ "location": "global", "tags": { "a/b": "x" } })),
    ]);
    let shown = deployed(&stage, "zones", &body(&json!({ "resources": resources }))).await;
    assert_eq!(shown["properties"]["provisioningState"], "Failed", "{shown}");
    for (name, status) in [("example.net", 200), ("single", 404), ("example.org", 404), ("example.edu", 404)]
    {
        let got = stage.get(&ZONE.replace("example.com", name)).await;
        assert_eq!(got.status, status, "{name}");
        assert!(status == 404 || got.json()["tags"] == global["tags"], "{got:?}");
    }
}
