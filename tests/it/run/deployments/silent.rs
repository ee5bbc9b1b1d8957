//! A deployment of which less is told than usual: its operation, its own name or the words of its sets are missing.

use serde_json::json;

use super::{NAME, VIA, change, hold, house, report};
use crate::handler::outcomes;
use crate::run::{lock, set_id};
use crate::stage::SUBSCRIPTION;

/// What stands under the name then says whether ours has ended: another's takes it only behind ours, and where nothing is nobody knows.
#[tokio::test(flavor = "multi_thread")]
async fn where_its_operation_is_not_known_any_more_and_the_name_is_not_ours_a_read_tells() {
    let alien = json!({ "tags": { "heartbeat-dns-run": "another" }, "properties": { "provisioningState": "Running" } });
    let none = json!({ "error": { "code": "DeploymentNotFound", "message": "no" } });
    for (status, body, outcome) in [(200, alien, "failed"), (404, none, "unconfirmed")] {
        let house = house(&[VIA]).await;
        hold(&house, &json!({ "held": true })).await;
        let unknown = json!({ "error": { "code": "DeploymentOperationNotFound", "message": "no" } });
        house
            .stage
            .fail(&json!([
                { "method": "GET", "path": format!("{NAME}\\?"), "delay_ms": 1 },
                { "method": "GET", "path": "/operationStatuses/", "status": 404, "body": unknown },
                { "method": "GET", "path": format!("{NAME}\\?"), "status": status, "body": body },
            ]))
            .await;
        let told = report(&house, &["apply", "--yes"]).await;
        assert_eq!(
            (outcomes(&told), house.stage.faults().await),
            (vec![outcome.to_owned()], Vec::new()),
            "{told}"
        );
        hold(&house, &json!({ "held": false })).await;
    }
}

/// Where no set has a word of its own, that of the whole deployment is told.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_word_of_its_own_has_that_of_the_deployment() {
    let house = house(&[VIA]).await;
    let none = json!({ "method": "GET", "path": format!("{NAME}/operations\\?"), "body": { "value": [] } });
    house.stage.fail(&json!([none])).await;
    house.world(&lock(&set_id("new"))).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(
        (outcomes(&told), house.stage.faults().await.len()),
        (vec!["confirmed".to_owned(), "failed".to_owned()], 0)
    );
    let detail = change(&told, "new.example.com")["detail"].as_str().unwrap();
    assert!(detail.contains("has ended without it: ScopeLocked: "), "{detail}");
}

/// The words of its sets may stand on any page of its operations.
#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_set_are_looked_for_on_each_page() {
    let house = house(&[VIA]).await;
    let below = format!(
        "/resourcegroups/rg-dns/providers/Microsoft.Resources{NAME}/operations?api-version=2021-04-01"
    );
    let next = house.stage.standin.azure_url().join(&format!("{SUBSCRIPTION}{below}")).unwrap();
    let first = json!({ "value": [], "nextLink": next.as_str() });
    house
        .stage
        .fail(&json!([{ "method": "GET", "path": format!("{NAME}/operations\\?"), "body": first }]))
        .await;
    let locks = ["b", "new"].map(|name| lock(&set_id(name))["locks"][0].clone());
    house.world(&json!({ "locks": locks })).await;
    let told = report(&house, &["apply", "--yes"]).await;
    for name in ["b", "new"] {
        let detail = change(&told, &format!("{name}.example.com"))["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("/A/{name}'")), "{detail}");
    }
}
