//! A record set that is taken away: only as it was read, and never twice.

use heartbeat_dns::azure::{Certainty, Deleted, Kind};
use pure::domain::{RecordSet, RecordType};
use serde_json::json;

use super::answers::new_set;
use super::double::{Double, reply};
use super::{get, move_nas};
use crate::stage::{Stage, a_record, world};

/// The set as it was read with this entity tag.
fn nas(etag: &str) -> RecordSet {
    RecordSet { etag: etag.to_owned(), ..new_set("nas.example.com") }
}

#[tokio::test]
async fn a_record_set_goes_only_as_it_was_read() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    let before = get(&azure, "nas.example.com").await;
    let after = move_nas(&azure, "203.0.113.7").await.unwrap();
    let moved = azure.dns.delete(&before).await.unwrap_err();
    assert!(moved.is_precondition() && moved.certainty == Certainty::Answered, "{moved}");
    assert_eq!(get(&azure, "nas.example.com").await, after);
    assert_eq!(azure.dns.delete(&after).await.unwrap(), Deleted::Gone);
    let gone = azure.dns.get(&after.zone, &after.name, RecordType::A).await.unwrap();
    assert_eq!(gone, None);
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_is_sent_again_and_finds_nothing() {
    for absent in
        [(204, ""), (404, r#"{"code":"NotFound","message":"The resource record 'nas' does not exist"}"#)]
    {
        let double = Double::start(move |_, number| match number {
            0 => reply(500, &[], ""),
            _ => reply(absent.0, &[], absent.1),
        })
        .await;
        assert_eq!(double.azure().dns.delete(&nas("e")).await.unwrap(), Deleted::WasAbsent);
        assert_eq!(double.asked().len(), 2);
    }
    // Of one that ends in the doubt nobody says that it had no effect.
    let double = Double::start(|_, number| match number {
        0 => reply(500, &[], ""),
        _ => reply(412, &[], "{}"),
    })
    .await;
    let error = double.azure().dns.delete(&nas("e")).await.unwrap_err();
    assert!(error.is_precondition() && error.certainty == Certainty::Unknown, "{error}");
}

#[tokio::test]
async fn nothing_is_deleted_without_a_condition() {
    let double = Double::start(|_, _| reply(200, &[], "")).await;
    for etag in ["", "*"] {
        let error = double.azure().dns.delete(&nas(etag)).await.unwrap_err();
        assert_eq!((error.kind(), error.certainty), (Kind::NoEtag, Certainty::NotSent), "{etag}");
    }
    assert!(double.asked().is_empty());
}

#[tokio::test]
async fn whoever_may_not_delete_is_told_the_parameter_that_lets_them() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    let set = get(&azure, "nas.example.com").await;
    let body = json!({"error": {"code": "AuthorizationFailed", "message": "no"}});
    stage.fail(&json!([{"method": "DELETE", "path": "/A/nas", "status": 403, "body": body}])).await;
    let error = azure.dns.delete(&set).await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    let words = error.for_people();
    assert!(words.contains("allowDelete=true") && words.contains("az deployment group create"), "{words}");
    assert_eq!(get(&azure, "nas.example.com").await, set);
}
