//! Refusals with 403: of the token, of a right, and of somebody on the way.

use std::time::Duration;

use heartbeat_dns::azure::resource_graph::TagState;
use heartbeat_dns::azure::{Kind, Refusal};
use pure::domain::ResourceId;
use serde_json::json;
use tokio::time::Instant;

use super::double::{Double, reply};
use crate::stage::{Stage, machine_id, world, zone};

#[tokio::test]
async fn a_token_that_is_refused_with_403_is_renewed() {
    for code in ["InvalidAuthenticationToken", "InvalidAuthenticationTokenAudience", "InvalidTokenError"] {
        let stage = Stage::with(&world(&[], &[])).await;
        let azure = stage.azure();
        azure.logs_query.run("print 1", None).await.unwrap();
        stage.all_calls().await;
        let body = json!({"error": {"code": code, "message": "m"}});
        stage.fail(&json!([{"path": "/query", "status": 403, "body": body}])).await;
        azure.logs_query.run("print 1", None).await.unwrap();
        let tokens = stage.all_calls().await.iter().filter(|call| call.path.contains("/msi/token")).count();
        assert_eq!(tokens, 1, "{code}");
    }
}

#[tokio::test]
async fn a_right_that_is_missing_is_no_refused_token() {
    let stage = Stage::with(&world(&[], &[])).await;
    let azure = stage.azure();
    azure.logs_query.run("print 1", None).await.unwrap();
    stage.all_calls().await;
    let body = json!({"error": {"code": "InsufficientAccessError", "message": "m"}});
    stage.fail(&json!([{"path": "/query", "status": 403, "body": body}])).await;
    let error = azure.logs_query.run("print 1", None).await.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::NoRight));
    assert!(error.is_forbidden() && error.chain().contains("Log Analytics Reader"), "{}", error.chain());
    assert_eq!(stage.all_calls().await.len(), 1, "neither tried again nor with another token");
}

#[tokio::test]
async fn only_the_own_403_of_azure_is_an_answer() {
    let id = ResourceId::parse(&machine_id("nas")).unwrap();
    let own = r#"{"error":{"code":"AuthorizationFailed","message":"m"}}"#;
    let token = r#"{"error":{"code":"InvalidAuthenticationToken","message":"m"}}"#;
    for (body, is_own) in
        [(own, true), ("<html>blocked</html>", false), ("", false), ("{}", false), (token, false)]
    {
        let double = Double::start(move |_, _| reply(403, &[], body)).await;
        let azure = double.clients(&[]).until(Instant::now() + Duration::from_secs(5)).unwrap();
        let machine = azure.resource_graph.machine(&id, "DNSHostName").await;
        assert_eq!(machine.as_ref().ok(), is_own.then_some(&TagState::Unreadable), "{body}: {machine:?}");
        let cuts = azure.dns.ns_sets(&zone("example.com")).await.unwrap_err();
        assert_eq!((cuts.is_forbidden(), cuts.kind()), (is_own, Kind::Refused), "{body}: {cuts}");
    }
}
