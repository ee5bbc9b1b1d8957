//! What is asked again, when, and what is not.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use heartbeat_dns::azure::{Certainty, Condition, Kind};
use jiff::SignedDuration;
use pure::domain::{RecordSet, RecordType, ResourceId};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::addresses;
use super::answers::new_set;
use super::double::{Double, reply};
use crate::stage::{Stage, a_record, host, machine_id, world, zone};

#[tokio::test]
async fn each_try_of_a_write_takes_a_turn() {
    let double = Double::start(|_, _| reply(503, &[], "")).await;
    // Two turns a minute.
    let clients = double.clients(&[("QUOTA_SHARE", "0.01")]);
    let azure = clients.until(Instant::now() + Duration::from_secs(20)).unwrap();
    let begin = Instant::now();
    let error = azure.dns.put(&new_set("nas"), &Condition::Absent).await.unwrap_err();
    assert_eq!((double.asked().len(), error.kind(), error.certainty), (2, Kind::NoQuota, Certainty::NotSent));
    assert!(error.is_deferred() && begin.elapsed() < Duration::from_secs(10), "it waits for no turn in vain");
    let lost = Double::start(|_, _| reply(500, &[], "")).await;
    let clients = lost.clients(&[("QUOTA_SHARE", "0.01")]);
    let azure = clients.until(Instant::now() + Duration::from_secs(20)).unwrap();
    let error = azure.dns.put(&new_set("nas"), &Condition::Absent).await.unwrap_err();
    assert_eq!((lost.asked().len(), error.certainty), (2, Certainty::Unknown), "it may have landed");
}

#[tokio::test]
async fn who_says_that_no_wait_is_needed_is_given_a_moment_all_the_same() {
    for header in [("retry-after", "0"), ("retry-after-ms", "1")] {
        let double = Double::start(move |_, number| match number {
            0..3 => reply(503, &[header], ""),
            _ => reply(200, &[], r#"{"tables":[{"name":"PrimaryResult","columns":[],"rows":[]}]}"#),
        })
        .await;
        double.azure().logs_query.run("print 1", None).await.unwrap();
        let times: Vec<_> = double.asked().iter().map(|asked| asked.at).collect();
        let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let least = [125, 250, 500].map(Duration::from_millis);
        assert!(waits.iter().zip(least).all(|(wait, least)| *wait >= least), "{header:?}: {waits:?}");
        assert_eq!(waits.len(), least.len());
    }
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_asked_for_again() {
    let table = |columns: Value, rows: Value| {
        json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]}).to_string()
    };
    let bodies = [
        table(json!([{"name": "b", "type": "string"}]), json!([])),
        table(json!([{"name": "a", "type": "string"}]), json!([["x", "y"]])),
        json!({ "tables": [] }).to_string(),
        String::new(),
    ];
    for body in bodies {
        let answer = body.clone();
        let double = Double::start(move |_, _| reply(200, &[], answer.clone())).await;
        let error = double.azure().logs_query.ask("print 1", None, &["a"]).await.unwrap_err();
        assert_eq!((error.kind(), double.asked().len()), (Kind::NotAccepted, 1), "{body}: {error}");
        assert!(error.for_people().contains("gave an answer that cannot be used"), "{error}");
    }
    let double = Double::start(|_, number| match number {
        0 => reply(200, &[], r#"{"tables":[{"na"#),
        _ => reply(200, &[], r#"{"tables":[{"name":"PrimaryResult","columns":[],"rows":[]}]}"#),
    })
    .await;
    double.azure().logs_query.run("print 1", None).await.expect("one that was cut is");
}

#[tokio::test]
async fn a_set_that_was_read_without_a_ttl_is_not_written() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    let bare =
        json!({"name": "nas", "etag": "e", "properties": {"ARecords": [{"ipv4Address": "198.51.100.10"}]}});
    stage.fail(&json!([{"path": "/A/nas", "body": bare}])).await;
    let set = super::get(&azure, "nas.example.com").await;
    stage.calls().await;
    let set = RecordSet { addresses: addresses("203.0.113.7"), ..set };
    let error = azure.dns.put(&set, &Condition::Match("e".to_owned())).await.unwrap_err();
    assert_eq!((error.kind(), error.certainty), (Kind::NotWritable, Certainty::NotSent));
    assert_eq!(stage.calls().await, []);
}

#[tokio::test]
async fn a_tenant_of_very_many_subscriptions_is_asked_about_those_of_the_machines() {
    let whole = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"}).to_string();
    let hit = ("x-ms-tenant-subscription-limit-hit", "true");
    let double = Double::start(move |asked, _| {
        let is_named = serde_json::from_slice::<Value>(&asked.body).unwrap()["subscriptions"].is_array();
        reply(200, if is_named { &[] } else { std::slice::from_ref(&hit) }, whole.clone())
    })
    .await;
    let ids = ["a", "b"].map(|name| ResourceId::parse(&machine_id(name)).unwrap());
    assert!(
        double.azure().resource_graph.tags_of(&ids, &BTreeSet::new(), &[], "t").await.unwrap().is_empty()
    );
    let asked = double.asked();
    let last: Value = serde_json::from_slice(&asked[1].body).unwrap();
    assert_eq!((asked.len(), &last["subscriptions"]), (2, &json!(["00000000-0000-0000-0000-000000000001"])));

    // Who else claims a name is looked for wherever machines may claim names, or not at all.
    let naming = BTreeSet::from([host("nas.example.com")]);
    let chosen = ["00000000-0000-0000-0000-00000000000A".to_owned()];
    assert!(double.azure().resource_graph.tags_of(&ids, &naming, &chosen, "t").await.unwrap().is_empty());
    let asked = double.asked();
    let last: Value = serde_json::from_slice(&asked[3].body).unwrap();
    let both = ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-00000000000a"];
    assert_eq!((asked.len(), &last["subscriptions"]), (4, &json!(both)));
    let error = double.azure().resource_graph.tags_of(&ids, &naming, &[], "t").await.unwrap_err();
    assert_eq!((error.kind(), double.asked().len()), (Kind::Incomplete, 5), "{error}");
}

#[tokio::test]
async fn who_was_told_to_wait_keeps_the_others_waiting() {
    let whole = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"}).to_string();
    let wait = ("x-ms-user-quota-resets-after", "00:00:02");
    let double = Double::start(move |_, number| match number {
        0 => reply(429, &[wait], ""),
        _ => reply(200, &[], whole.clone()),
    })
    .await;
    let azure = double.azure();
    let id = [ResourceId::parse(&machine_id("a")).unwrap()];
    let other = async {
        while double.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let begin = Instant::now();
        azure.resource_graph.tags_of(&id, &BTreeSet::new(), &[], "t").await.unwrap();
        begin.elapsed()
    };
    let nobody = BTreeSet::new();
    let (first, waited) = tokio::join!(azure.resource_graph.tags_of(&id, &nobody, &[], "t"), other);
    first.unwrap();
    assert!(waited >= Duration::from_millis(1500), "{waited:?}");
    let asked = double.asked();
    let pauses: Vec<_> = asked[1..].iter().map(|later| later.at - asked[0].at).collect();
    assert_eq!(pauses.len(), 2, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause >= Duration::from_millis(1900)), "itself as well: {pauses:?}");
}

#[tokio::test]
async fn a_query_that_is_asked_again_waits_for_its_turn_once_more() {
    let whole = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"}).to_string();
    let wait = ("x-ms-user-quota-resets-after", "00:00:02");
    let double = Double::start(move |_, number| match number {
        0 => reply(503, &[], ""),
        1 => reply(429, &[wait], ""),
        _ => reply(200, &[], whole.clone()),
    })
    .await;
    let azure = double.azure();
    let (id, nobody) = ([ResourceId::parse(&machine_id("a")).unwrap()], BTreeSet::new());
    let ask = || azure.resource_graph.tags_of(&id, &nobody, &[], "t");
    let other = async {
        while double.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        ask().await
    };
    let (first, second) = tokio::join!(ask(), other);
    first.and(second).unwrap();
    let asked = double.asked();
    let pauses: Vec<_> = asked[2..].iter().map(|later| later.at - asked[1].at).collect();
    assert!(pauses.iter().all(|pause| *pause >= Duration::from_millis(1900)), "{pauses:?}");
}

#[tokio::test]
async fn a_page_bears_the_time_at_which_it_was_asked_for() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    super::get(&azure, "nas.example.com").await;
    let empty = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"});
    stage
        .fail(&json!([{"path": "/A\\?", "delay_ms": 1500}, {"path": "ResourceGraph", "delay_ms": 1500, "body": empty}]))
        .await;
    let zone = zone("example.com");
    let mut sets = std::pin::pin!(azure.dns.list(&zone, RecordType::A, BTreeSet::new()));
    let mut machines = std::pin::pin!(azure.resource_graph.machines(&[], "t"));
    let (sets, machines) = tokio::join!(sets.next(), machines.next());
    let times = [sets.unwrap().unwrap().sent_at, machines.unwrap().unwrap().sent_at];
    let now = heartbeat_dns::clock::now();
    let waited = SignedDuration::from_millis(1500);
    assert!(times.iter().all(|time| now.duration_since(*time) >= waited), "{times:?} at {now}");
}
