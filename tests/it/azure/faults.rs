//! Faults in the way of every call: one is survived, lasting ones end in time and are no success.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use heartbeat_dns::azure::{Azure, Certainty, Error};
use pure::domain::{RecordType, ResourceId};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{addresses, get, move_nas};
use crate::stage::{Stage, a_record, host, machine_id, world, zone};

/// The calls that a run makes, each with a pattern that fits it alone.
const CALLS: [(&str, &str, &str); 6] = [
    ("read", "GET", "/A/nas"),
    ("list", "GET", "/A\\?"),
    ("write", "PUT", "/A/nas"),
    ("tags", "POST", "ResourceGraph"),
    ("query", "POST", "/query"),
    ("ingest", "POST", "/streams/"),
];

/// What is answered to questions that the fault lets pass.
fn answer(call: &str) -> Option<Value> {
    match call {
        "tags" => Some(json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"})),
        "query" => Some(json!({"tables": [{"name": "PrimaryResult", "columns": [], "rows": []}]})),
        _ => None,
    }
}

async fn make(azure: &Azure, call: &str) -> Result<(), Error> {
    let zone = zone("example.com");
    match call {
        "read" => azure.dns.get(&zone, &host("nas.example.com"), RecordType::A).await.map(drop),
        "list" => {
            azure.dns.list(&zone, RecordType::A, BTreeSet::new()).try_collect::<Vec<_>>().await.map(drop)
        }
        "write" => move_nas(azure, "203.0.113.7").await.map(drop),
        "tags" => azure
            .resource_graph
            .tags_of(&[ResourceId::parse(&machine_id("a")).unwrap()], &BTreeSet::new(), &[], "t")
            .await
            .map(drop),
        "query" => azure.logs_query.run("print 1", None).await.map(drop),
        _ => azure.logs_ingest.send(DNS_CHANGE, &[json!({"run_s": "r"})]).await,
    }
}

#[tokio::test]
async fn one_fault_of_each_kind_is_survived_on_each_call() {
    let faults = [
        json!({"status": 429, "headers": {"Retry-After": "1"}}),
        json!({"status": 500}),
        json!({"status": 503}),
        json!({"delay_ms": 400}),
        json!({"reset": "before"}),
        json!({"reset": "after"}),
        json!({"truncate": true}),
    ];
    let cases = CALLS.iter().flat_map(|call| faults.iter().map(move |fault| (call, fault)));
    let run = async |((call, method, path), fault): (&(&'static str, &'static str, &'static str), &Value)| {
        let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
        let mut fault = fault.clone();
        fault["method"] = (*method).into();
        fault["path"] = (*path).into();
        let mut faults = vec![fault.clone()];
        if let Some(answer) = answer(call) {
            if fault["status"].is_null() {
                faults[0]["body"] = answer.clone();
            }
            faults.push(json!({"path": path, "body": answer}));
        }
        stage.fail(&json!(faults)).await;
        let azure = stage.azure();
        let result = make(&azure, call).await;
        let lost = fault["reset"] == "after" || fault["truncate"] == true;
        match result {
            Ok(()) => assert!(!(lost && *call == "write"), "{call} {fault}"),
            // The second try meets the effect of the first: whether it landed is told by reading back.
            Err(error) => {
                assert!(lost && *call == "write", "{call} {fault}: {}", error.chain());
                assert_eq!(error.certainty, Certainty::Unknown, "{}", error.chain());
            }
        }
        if *call == "write" {
            assert_eq!(get(&azure, "nas.example.com").await.addresses, addresses("203.0.113.7"), "{fault}");
        }
        stage.standin.stop().await;
    };
    futures::stream::iter(cases).for_each_concurrent(8, run).await;
}

#[tokio::test]
async fn a_fault_of_the_identity_endpoint_is_survived() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    stage.fail(&json!([{"path": "/msi/token", "status": 500}])).await;
    make(&stage.azure(), "read").await.unwrap();
}

#[tokio::test]
async fn a_refused_identity_is_told_with_its_cause_and_nothing_was_sent() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let settings = stage.settings(&[("IDENTITY_HEADER", "wrong")]);
    let clients = heartbeat_dns::azure::Clients::new(settings.connect);
    let azure = clients.until(Instant::now() + Duration::from_secs(20)).unwrap();
    let fault = make(&azure, "read").await.unwrap_err();
    assert_eq!(fault.certainty, Certainty::NotSent);
    assert!(fault.chain().contains("identity header"), "{}", fault.chain());
    assert_eq!(stage.calls().await, []);
}

#[tokio::test]
async fn a_lasting_fault_ends_by_the_deadline_and_is_no_success() {
    for fault in [
        json!({"status": 503}),
        json!({"status": 429, "headers": {"Retry-After": "600"}}),
        json!({"reset": "before"}),
        json!({"delay_ms": 60_000}),
    ] {
        let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
        let mut fault = fault;
        fault["method"] = "PUT".into();
        fault["times"] = 1000.into();
        let clients = stage.clients();
        stage.fail(&json!([fault])).await;
        let begin = Instant::now();
        let azure = clients.until(begin + Duration::from_secs(2)).unwrap();
        let error = move_nas(&azure, "203.0.113.7").await.unwrap_err();
        assert!(begin.elapsed() < Duration::from_secs(10), "{fault}: {}", error.chain());
        let sure = fault["status"].is_number();
        assert_eq!(error.certainty == Certainty::Answered, sure, "{fault}: {}", error.chain());
        assert!(error.is_transient(), "{fault}: {}", error.chain());
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_was_sent_nothing() {
    let stage = Stage::with(&world(&[], &[])).await;
    // A port that was free a moment ago: bound once and given back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = stage.settings(&[("LOGS_QUERY_ENDPOINT", &format!("http://{free}"))]);
    let clients = heartbeat_dns::azure::Clients::new(settings.connect);
    let azure = clients.until(Instant::now() + Duration::from_secs(1)).unwrap();
    let fault = azure.logs_query.run("print 1", None).await.unwrap_err();
    assert_eq!(fault.certainty, Certainty::NotSent);
    assert!(fault.chain().to_lowercase().contains("connect"), "{}", fault.chain());
}
