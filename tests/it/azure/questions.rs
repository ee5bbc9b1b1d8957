//! Questions to Resource Graph and to the logs, and answers that are not whole.

use std::time::Duration;

use futures::StreamExt;
use heartbeat_dns::azure::Kind;
use heartbeat_dns::azure::resource_graph::TagState;
use pure::domain::ResourceId;
use std::collections::BTreeSet;

use serde_json::json;
use tokio::time::Instant;

use crate::stage::{Stage, machine, machine_id, world};

#[tokio::test]
async fn a_list_of_machines_that_is_not_whole_is_an_error() {
    let stage = Stage::with(&world(&[], &[])).await;
    let truncated =
        json!({"totalRecords": 1400, "count": 1000, "data": [], "facets": [], "resultTruncated": "true"});
    let changed =
        json!({"totalRecords": 2, "count": 0, "data": [], "facets": [], "resultTruncated": "false"});
    // One that came meanwhile may stand for another that has moved to a page that was read already.
    let row = json!({"id": machine_id("nas"), "name": "nas", "tags": {"DNSHostName": "nas.example.com"}});
    let more =
        json!({"totalRecords": 0, "count": 1, "data": [row], "facets": [], "resultTruncated": "false"});
    for (body, kind) in [(truncated, Kind::Incomplete), (changed, Kind::Changed), (more, Kind::Changed)] {
        stage.fail(&json!([{"path": "ResourceGraph", "body": body}])).await;
        let pages: Vec<_> = stage.azure().resource_graph.machines(&[], "DNSHostName").collect().await;
        assert_eq!(pages.last().unwrap().as_ref().unwrap_err().kind(), kind);
    }
    // Without a number nobody knows whether more is to come, on the first page or in the end.
    let unsaid = json!({"count": 0, "data": [], "facets": [], "resultTruncated": "false"});
    stage.fail(&json!([{"path": "ResourceGraph", "body": unsaid, "times": 9}])).await;
    let hasty = stage.clients().until(Instant::now() + Duration::from_secs(1)).unwrap();
    let pages: Vec<_> = hasty.resource_graph.machines(&[], "DNSHostName").collect().await;
    assert_eq!(pages.last().unwrap().as_ref().unwrap_err().kind(), Kind::Unreadable);
    let first =
        json!({"totalRecords": 2, "count": 1, "data": [row], "resultTruncated": "false", "$skipToken": "a"});
    stage
        .fail(&json!([{"path": "ResourceGraph", "body": first}, {"path": "ResourceGraph", "body": unsaid}]))
        .await;
    let pages: Vec<_> = stage.azure().resource_graph.machines(&[], "DNSHostName").collect().await;
    assert_eq!(pages.last().unwrap().as_ref().unwrap_err().kind(), Kind::Changed);
    stage.fail(&json!([])).await;
    let hit = json!({"x-ms-tenant-subscription-limit-hit": "true"});
    let whole = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"});
    stage.fail(&json!([{"path": "ResourceGraph", "body": whole, "headers": hit}])).await;
    let pages: Vec<_> = stage.azure().resource_graph.machines(&[], "DNSHostName").collect().await;
    assert_eq!(pages[0].as_ref().unwrap_err().kind(), Kind::Incomplete);
}

#[tokio::test]
async fn live_tags_are_asked_in_one_query_and_silence_is_explained_by_id() {
    let stage = Stage::with(&world(&[], &[machine("nas", &json!({"DNSHostName": "nas.example.com"}))])).await;
    let azure = stage.azure();
    let ids = ["nas", "gone"].map(|name| {
        ResourceId::parse(&machine_id(name).to_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions"))
            .unwrap()
    });
    let row = json!({"id": machine_id("nas"), "name": "nas", "tags": {"dnshostname": "nas.example.com"}});
    let found = json!({"totalRecords": 1, "count": 1, "data": [row], "resultTruncated": "false"});
    stage.fail(&json!([{"path": "ResourceGraph", "body": found}])).await;
    let tags = azure.resource_graph.tags_of(&ids, &BTreeSet::new(), &[], "DNSHostName").await.unwrap();
    assert_eq!(
        tags.into_iter().map(|(id, machine)| (id, machine.tag_values)).collect::<Vec<_>>(),
        [(ids[0].lower().to_owned(), vec!["nas.example.com".to_owned()])]
    );
    let state = async |id: &ResourceId| azure.resource_graph.machine(id, "dnshostname").await;
    assert_eq!(state(&ids[0]).await.unwrap(), TagState::Tagged(vec!["nas.example.com".to_owned()]));
    assert_eq!(state(&ids[1]).await.unwrap(), TagState::Gone);
    stage.fail(&json!([{"path": "(?i)/machines/", "status": 403}])).await;
    assert_eq!(state(&ids[0]).await.unwrap(), TagState::Unreadable);
}

#[tokio::test]
async fn an_exhausted_allowance_of_the_graph_is_waited_for() {
    let stage = Stage::with(&world(&[], &[])).await;
    let spent = json!({"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:01"});
    let whole = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"});
    let first = json!({"path": "ResourceGraph", "body": whole, "headers": spent});
    stage.fail(&json!([first, {"path": "ResourceGraph", "body": whole}])).await;
    let azure = stage.azure();
    let begin = Instant::now();
    for _ in 0..2 {
        azure
            .resource_graph
            .tags_of(&[ResourceId::parse(&machine_id("a")).unwrap()], &BTreeSet::new(), &[], "t")
            .await
            .unwrap();
    }
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn the_logs_are_asked_and_a_partial_answer_says_so() {
    let stage = Stage::with(&world(&[], &[])).await;
    let azure = stage.azure();
    let whole = json!({"tables": [{"name": "PrimaryResult", "columns": [{"name": "Answer", "type": "long"}],
        "rows": [[42]]}]});
    stage.fail(&json!([{"path": "/query", "body": whole}])).await;
    let table = azure.logs_query.run("print Answer = 42", Some(Duration::from_secs(3600))).await.unwrap();
    assert_eq!((table.position("Answer"), table.rows.len(), table.partial), (Some(0), 1, None));
    let partial = json!({"tables": [{"name": "PrimaryResult", "columns": [], "rows": []}],
        "error": {"code": "PartialError", "message": "incomplete"}});
    stage.fail(&json!([{"path": "/query", "body": partial}])).await;
    let table = azure.logs_query.run("print 1", None).await.unwrap();
    assert_eq!(table.partial.as_deref(), Some("PartialError incomplete"));
    let fault = azure.logs_query.run("print |", None).await.unwrap_err();
    assert_eq!((fault.status, fault.code()), (Some(400), Some("BadArgumentError")));
}
