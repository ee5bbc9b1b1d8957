//! How long one try of each call may take, and what is known of a write whose answer nobody can use.

use axum::body::{Body, Bytes};
use futures::StreamExt;
use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use heartbeat_dns::azure::{Azure, Certainty, Condition, Error, Kind};
use pure::domain::RecordType;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

use super::answers::new_set;
use super::double::{Asked, Double, reply};
use crate::stage::{host, zone};

async fn make(azure: &Azure, call: &str) -> Result<(), Error> {
    let (zone, name) = (zone("example.com"), host("nas.example.com"));
    match call {
        "read" => azure.dns.get(&zone, &name, RecordType::A).await.map(drop),
        "write" => azure.dns.put(&new_set("nas.example.com"), &Condition::Absent).await.map(drop),
        "tags" => {
            let mut pages = std::pin::pin!(azure.resource_graph.machines(&[], "t"));
            pages.next().await.unwrap().map(drop)
        }
        _ => azure.logs_ingest.send(DNS_CHANGE, &[json!({"run_s": "r"})]).await,
    }
}

fn good(asked: &Asked) -> (u16, String) {
    let set = json!({"name": "nas", "etag": "e", "properties": {"TTL": 60}}).to_string();
    match asked.path.as_str() {
        path if path.contains("ResourceGraph") => {
            (200, json!({"totalRecords": 0, "data": [], "resultTruncated": "false"}).to_string())
        }
        path if path.contains("/streams/") => (204, String::new()),
        _ => (200, set),
    }
}

/// The clock stands still but while everybody waits, so that nobody waits in truth.
#[tokio::test]
async fn one_try_of_each_call_has_its_own_time() {
    for (call, seconds) in [("read", 15), ("write", 20), ("tags", 30), ("ingest", 30)] {
        let double = Double::start(|asked, number| {
            let (status, body) = good(asked);
            match number {
                // Token and connection are there then.
                0 => reply(status, &[], body),
                _ => reply(200, &[], Body::from_stream(futures::stream::pending::<Result<Bytes, Error>>())),
            }
        })
        .await;
        let azure = double.azure();
        make(&azure, call).await.unwrap();
        tokio::time::pause();
        let begin = Instant::now();
        // No second try fits into what is left.
        let azure = azure.by(begin + Duration::from_secs(seconds) + Duration::from_millis(100));
        let error = make(&azure, call).await.unwrap_err();
        let took = begin.elapsed();
        tokio::time::resume();
        assert_eq!(
            (error.kind(), error.certainty),
            (Kind::TimedOut, Certainty::Unknown),
            "{call}: {}",
            error.chain()
        );
        assert_eq!(took.as_secs(), seconds, "{call}");
        assert!(error.is_transient() && !error.is_deferred(), "{call}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_too_large_is_in_doubt() {
    let page = Bytes::from(vec![b' '; 17 * 1024 * 1024]);
    let double = Double::start(move |_, _| reply(200, &[], page.clone())).await;
    let error = make(&double.azure(), "write").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.certainty, double.asked().len()),
        (Kind::TooLarge, Certainty::Unknown, 1)
    );
}
