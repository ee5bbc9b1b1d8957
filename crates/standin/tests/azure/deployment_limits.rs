//! What Resource Manager refuses of deployments: a name whose deployment goes on, more than a template or a history holds.

use serde_json::{Value, json};

use super::deployment_history::body;
use crate::stage::{Got, SUBSCRIPTION, Stage, ZONE};

async fn call(stage: &Stage, method: &str, name: &str, body: Option<&Value>) -> Got {
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-dns/providers/Microsoft.Resources/deployments{name}"
    );
    stage.send(method, &format!("{path}?api-version=2021-04-01"), &[], body).await
}

async fn hold(stage: &Stage, body: &Value) {
    assert_eq!(stage.send("PUT", "/standin/deployments", &[], Some(body)).await.status, 200);
}

async fn state(stage: &Stage, name: &str) -> String {
    let shown = call(stage, "GET", name, None).await.json();
    shown["properties"]["provisioningState"].as_str().unwrap_or_default().to_owned()
}

async fn ended(stage: &Stage, name: &str) -> String {
    let end = async {
        loop {
            let state = state(stage, name).await;
            if state != "Accepted" && state != "Running" {
                return state;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), end).await.expect("an end")
}

#[tokio::test]
async fn a_name_is_taken_while_its_deployment_goes_on_and_a_hold_decides_how_long() {
    let stage = Stage::new().await;
    hold(&stage, &json!({ "held": true, "after": 1 })).await;
    let names = ["a".to_owned(), "b".to_owned()];
    assert_eq!(call(&stage, "PUT", "/d", Some(&body(&names))).await.status, 201);
    let first = async {
        while stage.get(&format!("{ZONE}/A/a")).await.status != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), first).await.expect("the first set");
    let refused = call(&stage, "PUT", "/d", Some(&body(&names))).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "wrapped DeploymentActive"));
    let message = refused.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(
        message.starts_with("Unable to edit or replace deployment 'd': previous deployment from '"),
        "{message}"
    );
    assert_eq!(stage.get(&format!("{ZONE}/A/b")).await.status, 404, "it is held");
    assert_eq!(call(&stage, "PUT", "/e", Some(&body::<&str>(&[]))).await.status, 201, "another name is free");
    hold(&stage, &json!({ "held": false })).await;
    assert_eq!(ended(&stage, "/d").await, "Succeeded");
    assert_eq!(call(&stage, "PUT", "/d", Some(&body(&names))).await.status, 200, "the name is free again");
    assert_eq!(stage.send("PUT", "/standin/deployments", &[], Some(&json!({ "held": 1 }))).await.status, 400);
}

#[tokio::test]
async fn a_template_holds_eight_hundred_resources() {
    let stage = Stage::new().await;
    let names: Vec<String> = (0..801).map(|number| format!("n{number}")).collect();
    let refused = call(&stage, "PUT", "/d", Some(&body(&names))).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "wrapped InvalidTemplate"));
    assert!(refused.text.contains("Limit: '800' and actual: '801'"), "{}", refused.text);
    assert_eq!(call(&stage, "PUT", "/d", Some(&body(&names[..800]))).await.status, 201);
}

#[tokio::test]
async fn a_history_is_pruned_unless_a_lock_stands_and_then_it_is_full_at_eight_hundred() {
    let stage = Stage::new().await;
    let count = async || {
        let mut all = 0;
        for number in 0..801 {
            all += usize::from(call(&stage, "HEAD", &format!("/d{number}"), None).await.status == 204);
        }
        all
    };
    for number in 0..775 {
        assert_eq!(call(&stage, "PUT", &format!("/d{number}"), Some(&body::<&str>(&[]))).await.status, 201);
    }
    assert_eq!(count().await, 775);
    call(&stage, "PUT", "/d775", Some(&body::<&str>(&[]))).await;
    assert_eq!(
        (count().await, call(&stage, "HEAD", "/d25", None).await.status),
        (750, 404),
        "the oldest went"
    );
    let lock = json!({ "properties": { "level": "CanNotDelete" } });
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-dns/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01"
    );
    assert_eq!(stage.send("PUT", &path, &[], Some(&lock)).await.status, 201);
    for number in 776..826 {
        assert_eq!(call(&stage, "PUT", &format!("/d{number}"), Some(&body::<&str>(&[]))).await.status, 201);
    }
    let refused = call(&stage, "PUT", "/more", Some(&body::<&str>(&[]))).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "wrapped DeploymentQuotaExceeded"));
    ended(&stage, "/d825").await;
    assert_eq!(
        call(&stage, "PUT", "/d825", Some(&body::<&str>(&[]))).await.status,
        200,
        "a name that is there needs no room"
    );
}

/// Old deployments go in the name of whoever deploys; what a full history refuses is the first for which they go.
#[tokio::test]
async fn whoever_may_delete_no_deployments_fills_the_history() {
    let stage = Stage::new().await;
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    let may = async |actions: &[&str]| {
        let roles = json!([{ "scope": scope, "actions": actions }]);
        stage.put_world(&json!({ "identity": { "roles": roles } })).await;
    };
    let put = async |name: &str| call(&stage, "PUT", name, Some(&body::<&str>(&[]))).await;
    may(&["Microsoft.Resources/deployments/read", "Microsoft.Resources/deployments/write"]).await;
    for number in 0..800 {
        assert_eq!(put(&format!("/d{number}")).await.status, 201, "{number}");
    }
    for _ in 0..2 {
        assert_eq!(put("/more").await.code(), "wrapped DeploymentQuotaExceeded");
    }
    may(&["Microsoft.Resources/deployments/*"]).await;
    assert_eq!(put("/more").await.code(), "wrapped DeploymentQuotaExceeded");
    assert_eq!(put("/more").await.status, 201);
    for (name, status) in [("/d49", 404), ("/d50", 204), ("/d799", 204)] {
        assert_eq!(call(&stage, "HEAD", name, None).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn whoever_may_deploy_may_not_write_by_it_what_is_not_theirs_to_write() {
    let stage = Stage::new().await;
    let deploys = json!({ "scope": format!("/subscriptions/{SUBSCRIPTION}"), "actions": ["Microsoft.Resources/deployments/*"] });
    stage.put_world(&json!({ "identity": { "roles": [deploys] } })).await;
    for (method, name) in [("PUT", "/d"), ("POST", "/d/validate")] {
        let refused = call(&stage, method, name, Some(&body(&["a"]))).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "wrapped InvalidTemplateDeployment"),
            "{method}"
        );
        assert!(refused.text.contains("'Microsoft.Network/dnszones/A/write' at scope '"), "{}", refused.text);
        assert_eq!(call(&stage, method, name, Some(&body::<&str>(&[]))).await.status / 100, 2, "{method}");
    }
    let writes = json!({ "scope": ZONE, "actions": ["Microsoft.Network/dnsZones/A/write", "Microsoft.Network/dnsZones/A/read"] });
    stage.put_world(&json!({ "identity": { "roles": [deploys, writes] } })).await;
    assert_eq!(call(&stage, "PUT", "/e", Some(&body(&["a"]))).await.status, 201);
    assert_eq!(ended(&stage, "/e").await, "Succeeded");
    assert_eq!(stage.get(&format!("{ZONE}/A/a")).await.status, 200);
}
