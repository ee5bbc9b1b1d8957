//! Answers of the wrong form: never an empty list, never a record set that is not there, and always the service's name with
//! what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use heartbeat_dns::azure::{Azure, Error, Kind};
use pure::domain::{RecordType, ResourceId};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::double::{Double, reply};
use super::get;
use crate::stage::{host, machine_id, zone, zone_id};

/// Each question, with the name of the service that it goes to.
const QUESTIONS: [(&str, &str); 5] = [
    ("set", "Azure DNS"),
    ("list", "Azure DNS"),
    ("machines", "Resource Graph"),
    ("machine", "Resource Graph"),
    ("query", "the Logs Query API"),
];

/// Asks until the answer, or what is wrong with it, is there.
async fn ask(azure: &Azure, question: &str) -> Result<String, Error> {
    let zone = zone("example.com");
    match question {
        "set" => {
            let set = azure.dns.get(&zone, &host("nas.example.com"), RecordType::A).await?;
            Ok(format!("{set:?}"))
        }
        "list" => {
            let mut pages = std::pin::pin!(azure.dns.list(&zone, RecordType::A, BTreeSet::new()));
            while let Some(page) = pages.next().await {
                page?;
            }
            Ok("a list".to_owned())
        }
        "machines" => {
            let mut pages = std::pin::pin!(azure.resource_graph.machines(&[], "t"));
            while let Some(page) = pages.next().await {
                page?;
            }
            Ok("machines".to_owned())
        }
        "machine" => {
            let id = ResourceId::parse(&machine_id("nas")).unwrap();
            Ok(format!("{:?}", azure.resource_graph.machine(&id, "t").await?))
        }
        _ => Ok(format!("{:?}", azure.logs_query.ask("print a = 1", None, &["a"]).await?)),
    }
}

/// To which question a request belongs.
fn question_of(path: &str) -> &'static str {
    match path {
        path if path.ends_with("/query") => "query",
        path if path.contains("ResourceGraph") => "machines",
        path if path.contains("HybridCompute") => "machine",
        path if path.ends_with("/A") => "list",
        _ => "set",
    }
}

/// Answers each question with its body, and hears that none is an answer.
async fn are_no_answers(bodies: BTreeMap<&'static str, String>) {
    let answers = bodies.clone();
    let double =
        Double::start(move |asked, _| reply(200, &[], answers[question_of(&asked.path)].clone())).await;
    let azure = double.clients(&[]).until(Instant::now() + Duration::from_secs(120)).unwrap();
    let mut told = Vec::new();
    for (question, service) in QUESTIONS {
        let Some(body) = bodies.get(question) else { continue };
        let azure = &azure;
        told.push(async move {
            let begin: String = body.chars().take(90).collect();
            let error = ask(azure, question).await.expect_err(&format!("{question}: {begin}"));
            let kinds = [Kind::Unreadable, Kind::NotAccepted, Kind::BadLink, Kind::Changed, Kind::Incomplete];
            assert!(kinds.contains(&error.kind()), "{question} {begin}: {}", error.chain());
            let told = error.for_people();
            assert!(told.contains(service), "{question} {begin}: {told}");
            if matches!(error.kind(), Kind::Unreadable | Kind::NotAccepted) {
                let decides = "_ENDPOINT, else AZURE_CLOUD, decides the host";
                assert!(told.contains(decides), "{question} {begin}: {told}");
            }
        });
    }
    futures::future::join_all(told).await;
}

/// Few at once: each has a stage of its own.
async fn all_are_no_answers(rounds: Vec<BTreeMap<&'static str, String>>) {
    futures::stream::iter(rounds).for_each_concurrent(4, are_no_answers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_document_is_no_answer_to_anything() {
    let bodies = [
        String::new(),
        " \r\n\t".to_owned(),
        "<html><body>Sign in to the network</body></html>".to_owned(),
        "null".to_owned(),
        "5".to_owned(),
        "\"\"".to_owned(),
        "[]".to_owned(),
        "[[]]".to_owned(),
        "[[],5,null,null]".to_owned(),
        "{}".to_owned(),
        r#"{"value":"#.to_owned(),
        format!(r#"{{"value":{}"#, "[".repeat(50_000)),
        format!(r#"{{"value":[{}1{}],"tables":null,"data":null}}"#, "[".repeat(5_000), "]".repeat(5_000)),
    ];
    let of_all = |body: &String| QUESTIONS.map(|(question, _)| (question, body.clone())).into();
    all_are_no_answers(bodies.iter().map(of_all).collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_another_kind_than_it_should_be_is_no_answer() {
    let table = |rows: Value| {
        json!({ "tables": [{ "name": "PrimaryResult",
        "columns": [{ "name": "a", "type": "long" }, { "name": "b", "type": "long" }], "rows": rows }] })
    };
    let row = |more: Value| {
        let mut row =
            json!({ "id": machine_id("nas"), "name": "nas", "type": "t", "location": "l", "tags": {} });
        row.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        json!({ "totalRecords": 1, "count": 1, "data": [row], "resultTruncated": "false" })
    };
    let mut rounds: Vec<BTreeMap<&'static str, String>> = Vec::new();
    let mut add = |question: &'static str, bodies: &[Value]| {
        for (at, body) in bodies.iter().enumerate() {
            if at == rounds.len() {
                rounds.push(BTreeMap::new());
            }
            rounds[at].insert(question, body.to_string());
        }
    };
    add(
        "list",
        &[
            json!({ "value": {} }),
            json!({ "value": null }),
            json!({ "value": "" }),
            json!({ "value": [5] }),
            json!({ "value": [{ "properties": {} }] }),
            json!({ "value": [], "nextLink": 5 }),
            json!({ "value": [], "nextLink": {} }),
            json!({ "value": [], "nextLink": "/relative?page=2" }),
            json!({ "value": [], "nextLink": "https://management.example.net/x" }),
            json!({ "value": [], "nextLink": "nonsense" }),
        ],
    );
    add(
        "machines",
        &[
            json!({ "totalRecords": 0, "count": 0, "data": {}, "resultTruncated": "false" }),
            json!({ "totalRecords": 0, "count": 0, "data": null, "resultTruncated": "false" }),
            json!({ "totalRecords": "0", "count": 0, "data": [] }),
            json!({ "count": 0, "data": [], "resultTruncated": "false" }),
            json!({ "totalRecords": 3, "count": 0, "data": [], "resultTruncated": "false" }),
            json!({ "totalRecords": 0, "count": 0, "data": [], "resultTruncated": 1 }),
            json!({ "totalRecords": 0, "count": 0, "data": [], "$skipToken": 5 }),
            row(json!({ "id": 5 })),
            row(json!({ "id": null })),
        ],
    );
    add(
        "machine",
        &[
            json!({ "id": 5, "tags": {} }),
            json!({ "tags": {} }),
            json!({ "id": machine_id("nas"), "tags": "t=nas" }),
            json!({ "id": machine_id("other"), "tags": {} }),
        ],
    );
    add(
        "query",
        &[
            json!({ "tables": {} }),
            json!({ "tables": null }),
            table(Value::Null),
            table(json!({})),
            table(json!([[1]])),
            table(json!([[1, 2, 3]])),
            table(json!([[1, 2], 5])),
            json!({ "tables": [{ "name": "PrimaryResult", "columns": null, "rows": [] }] }),
            json!({ "tables": [{ "name": "PrimaryResult", "columns": [{ "name": 5, "type": "long" }], "rows": [] }] }),
            json!({ "tables": [{ "name": 5, "columns": [{ "name": "a", "type": "long" }], "rows": [[1]] }] }),
        ],
    );
    let set = |properties: Value| json!({ "name": "nas", "etag": "e", "properties": properties });
    add(
        "set",
        &[
            set(json!(null)),
            set(json!([])),
            set(json!({ "ARecords": {} })),
            set(json!({ "ARecords": "203.0.113.7" })),
            json!({ "name": 5, "properties": {} }),
            json!({ "properties": { "TTL": 60 } }),
        ],
    );
    all_are_no_answers(rounds).await;
}

/// Some gateways put it before every text.
#[tokio::test(flavor = "multi_thread")]
async fn the_mark_of_utf_8_before_a_document_is_passed_over() {
    let set = json!({ "id": format!("{}//A/nas/", zone_id("example.com")), "name": "nas", "etag": "e",
        "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "203.0.113.7" }] } });
    let absent = json!({ "code": "NotFound", "message": "The resource record 'nas' does not exist" });
    for (status, body) in [(200, &set), (404, &absent)] {
        let body = format!("\u{feff}{body}");
        let double = Double::start(move |_, _| reply(status, &[], body.clone())).await;
        let found =
            double.azure().dns.get(&zone("example.com"), &host("nas.example.com"), RecordType::A).await;
        assert_eq!(found.unwrap().is_some(), status == 200);
    }
}

/// What a run could not put back as it was is not written over.
#[tokio::test(flavor = "multi_thread")]
async fn a_ttl_or_an_etag_of_another_kind_is_none_and_the_set_is_not_written() {
    for (ttl, etag, kind) in [
        (json!("60"), json!("e"), Kind::NotWritable),
        (json!(null), json!("e"), Kind::NotWritable),
        (json!(60), json!(null), Kind::NoEtag),
        (json!(60), json!(7), Kind::NoEtag),
    ] {
        let body = json!({ "id": 5, "name": "nas", "etag": etag,
            "properties": { "TTL": ttl, "ARecords": [{ "ipv4Address": "203.0.113.7" }] } });
        let double = Double::start(move |_, _| reply(200, &[], body.to_string())).await;
        let azure = double.azure();
        let set = get(&azure, "nas.example.com").await;
        let condition = heartbeat_dns::azure::Condition::Match(set.etag.clone());
        assert_eq!(azure.dns.put(&set, &condition).await.unwrap_err().kind(), kind, "{ttl} {etag}");
        assert!(double.asked().iter().all(|asked| asked.method == "GET"), "{ttl} {etag}");
    }
}
