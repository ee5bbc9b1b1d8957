//! What goes over the wire with each call, in which order, and what never does.

use std::collections::BTreeSet;
use std::time::Duration;

use azure_core::base64;
use futures::StreamExt;
use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use heartbeat_dns::azure::{Certainty, Clients, Condition, Kind};
use jiff::SignedDuration;
use pure::domain::{RecordSet, RecordType, ResourceId, Service};
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::answers::new_set;
use super::double::{Asked, Double, reply};
use crate::stage::{Stage, host, machine_id, world, zone};

const EMPTY_TABLE: &str = r#"{"tables":[{"name":"PrimaryResult","columns":[],"rows":[]}]}"#;

#[tokio::test]
async fn a_question_names_its_time_its_patience_and_the_other_workspaces() {
    let double = Double::start(|_, number| match number {
        0 => reply(503, &[], ""),
        _ => reply(200, &[], EMPTY_TABLE),
    })
    .await;
    let ids = [1, 2, 3].map(|number| format!("00000000-0000-0000-0000-00000000000{number}"));
    let clients = double.clients(&[("LOGS_WORKSPACE_IDS", &ids.join(","))]);
    let azure = clients.until(Instant::now() + Duration::from_secs(30)).unwrap();
    azure.logs_query.run("print 1", Some(Duration::from_secs(7200))).await.unwrap();
    azure.logs_query.run("print 2", None).await.unwrap();
    let asked = double.asked();
    assert!(asked.iter().all(|asked| asked.path == format!("/v1/workspaces/{}/query", ids[0])), "{asked:?}");
    assert!(asked.iter().all(|asked| asked.header("prefer") == "wait=55"), "{asked:?}");
    let others = json!([ids[1], ids[2]]);
    let timed = json!({"query": "print 1", "timespan": "PT7200S", "workspaces": others});
    let always = json!({"query": "print 2", "workspaces": others});
    assert_eq!(asked.iter().map(Asked::json).collect::<Vec<_>>(), [timed.clone(), timed, always]);
    // Tries of one call have one id, and each call its own.
    let id = |index: usize| asked[index].header("x-ms-client-request-id");
    assert!(!id(0).is_empty() && id(0) == id(1) && id(1) != id(2), "{asked:?}");
}

#[tokio::test]
async fn a_part_of_an_answer_is_told_though_a_column_is_missing() {
    let part = json!({"tables": [{"name": "PrimaryResult", "columns": [], "rows": []}],
        "error": {"code": "PartialError", "message": "m"}});
    let double = Double::start(move |_, _| reply(200, &[], part.to_string())).await;
    let table = double.azure().logs_query.ask("print 1", None, &["a"]).await.unwrap();
    assert_eq!((table.partial.as_deref(), double.asked().len()), (Some("PartialError m"), 1));
}

#[tokio::test]
async fn neither_an_alias_nor_an_empty_set_is_written() {
    let double = Double::start(|_, _| reply(500, &[], "")).await;
    let azure = double.azure();
    let alias = RecordSet { alias: Some("/x".to_owned()), ..new_set("nas.example.com") };
    let empty = RecordSet { addresses: BTreeSet::new(), ..new_set("nas.example.com") };
    for set in [alias, empty] {
        for condition in [Condition::Absent, Condition::Match("e".to_owned())] {
            let error = azure.dns.put(&set, &condition).await.unwrap_err();
            assert_eq!((error.kind(), error.certainty), (Kind::NotWritable, Certainty::NotSent), "{error}");
        }
    }
    assert!(double.asked().is_empty());
}

#[tokio::test]
async fn after_a_429_of_a_read_the_zone_is_not_read_before_its_time() {
    let missing = r#"{"code":"NotFound","message":"The resource record 'x' does not exist"}"#;
    let double = Double::start(move |_, number| match number {
        0 => reply(429, &[("retry-after", "2")], ""),
        _ => reply(404, &[], missing),
    })
    .await;
    let azure = double.azure();
    let (zone, names) = (zone("example.com"), ["a", "b"].map(|name| host(&format!("{name}.example.com"))));
    let other = async {
        while double.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        azure.dns.get(&zone, &names[1], RecordType::A).await
    };
    let (first, second) = tokio::join!(azure.dns.get(&zone, &names[0], RecordType::A), other);
    assert_eq!((first.unwrap(), second.unwrap()), (None, None));
    let asked = double.asked();
    assert_eq!(asked.len(), 3);
    assert!(
        asked[1..].iter().all(|later| later.at - asked[0].at >= Duration::from_millis(1990)),
        "{asked:?}"
    );
}

/// Who waits for the allowance has asked nobody yet.
#[tokio::test]
async fn a_page_that_waited_for_the_allowance_bears_the_time_after_it() {
    let page = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"}).to_string();
    let spent = [("x-ms-user-quota-remaining", "0"), ("x-ms-user-quota-resets-after", "00:00:02")];
    let double = Double::start(move |_, _| reply(200, &spent, page.clone())).await;
    let azure = double.azure();
    let ask = async || std::pin::pin!(azure.resource_graph.machines(&[], "t")).next().await.unwrap().unwrap();
    ask().await;
    let answered = heartbeat_dns::clock::now();
    let waited = ask().await.sent_at.duration_since(answered);
    assert!(waited >= SignedDuration::from_millis(1900), "{waited}");
}

#[tokio::test]
async fn who_else_claims_a_name_is_asked_once_and_every_machine_is() {
    let page = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"}).to_string();
    let double = Double::start(move |_, _| reply(200, &[], page.clone())).await;
    let ids: Vec<_> =
        (0..501).map(|index| ResourceId::parse(&machine_id(&format!("m{index}"))).unwrap()).collect();
    let naming = BTreeSet::from([host("nas.example.com")]);
    double.azure().resource_graph.tags_of(&ids, &naming, &[], "t").await.unwrap();
    let queries = double.asked().iter().map(|asked| asked.json()["query"].to_string()).collect::<Vec<_>>();
    let of = |text: &str| queries.iter().map(|query| query.matches(text).count()).collect::<Vec<_>>();
    assert_eq!((of("/machines/m"), of("nas.example.com")), (vec![500, 1], vec![1, 0]), "{queries:?}");
}

/// A machine whose id cannot be trusted takes no other one with it.
#[tokio::test]
async fn a_machine_of_a_strange_id_is_left_out_alone() {
    let row = |id: &str| json!({"id": id, "name": "m", "tags": {"t": "x.example.com"}});
    let data = json!([row("strange"), row(&machine_id("m")), row("/subscriptions/s/'x")]);
    let page = json!({"totalRecords": 3, "count": 3, "data": data, "resultTruncated": "false"}).to_string();
    let double = Double::start(move |_, _| reply(200, &[], page.clone())).await;
    let azure = double.azure();
    let page = std::pin::pin!(azure.resource_graph.machines(&[], "t")).next().await.unwrap().unwrap();
    let ids: Vec<_> = page.machines.iter().map(|machine| machine.id.to_string()).collect();
    assert_eq!(ids, [machine_id("m")]);
}

#[tokio::test]
async fn of_a_batch_in_halves_the_first_goes_first_and_nothing_after_one_that_was_refused() {
    let unpacked = |asked: &Asked| -> Value {
        serde_json::from_reader(flate2::read::GzDecoder::new(&asked.body[..])).unwrap()
    };
    let is_long = move |asked: &Asked| unpacked(asked).as_array().unwrap().len() > 1;
    let rows: Vec<_> = (0..4).map(|index| json!({ "run_s": index })).collect();
    for refused in [None, Some(2)] {
        let double = Double::start(move |asked, _| {
            if is_long(asked) {
                return reply(413, &[], "");
            }
            let is_refused = refused.is_some_and(|row| unpacked(asked)[0]["run_s"] == row);
            reply(if is_refused { 400 } else { 204 }, &[], "")
        })
        .await;
        let sent = double.azure().logs_ingest.send(DNS_CHANGE, &rows).await;
        assert_eq!(sent.is_err(), refused.is_some());
        let asked = double.asked();
        let single =
            asked.iter().filter(|asked| !is_long(asked)).map(|asked| unpacked(asked)[0]["run_s"].clone());
        let expected = if refused.is_some() { vec![0, 1, 2] } else { vec![0, 1, 2, 3] };
        assert_eq!(single.collect::<Vec<_>>(), expected);
        assert!(asked.iter().all(|asked| asked.header("content-encoding") == "gzip"), "{asked:?}");
    }
}

#[tokio::test]
async fn what_follows_an_answer_makes_it_none() {
    let double = Double::start(|_, number| match number {
        0 => reply(200, &[], r#"{"totalRecords":0,"data":[],"resultTruncated":"false"}{"#),
        _ => reply(200, &[], r#"{"totalRecords":0,"data":[],"resultTruncated":"false"} "#),
    })
    .await;
    let azure = double.azure();
    std::pin::pin!(azure.resource_graph.machines(&[], "t")).next().await.unwrap().unwrap();
    assert_eq!(double.asked().len(), 2, "it is asked once more");
}

/// A stop reaches what waits for its turn, and no try after it is made.
#[tokio::test]
async fn who_is_stopped_sends_no_write_any_more() {
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    let double = Double::start(move |_, _| {
        cancel.cancel();
        reply(503, &[], "")
    })
    .await;
    // One turn a minute.
    let clients = double.clients(&[("QUOTA_SHARE", "0.001")]);
    let azure = clients.until(Instant::now() + Duration::from_secs(300)).unwrap().stopped_by(&stop);
    let sets = ["a.example.com", "b.example.com"].map(new_set);
    let writes = sets.iter().map(|set| azure.dns.put(set, &Condition::Absent));
    let begin = Instant::now();
    let errors = futures::future::join_all(writes).await.into_iter().map(Result::unwrap_err);
    let kinds: Vec<_> = errors.map(|error| (error.kind(), error.certainty)).collect();
    let expected = [(Kind::Unavailable, Certainty::Answered), (Kind::Stopped, Certainty::NotSent)];
    assert_eq!((kinds.as_slice(), double.asked().len()), (&expected[..], 1));
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_call_after_the_deadline_is_not_sent_and_one_that_runs_into_it_is_in_doubt() {
    let double = Double::start(|_, _| reply(503, &[], "")).await;
    let clients = double.clients(&[]);
    let over = clients.until(Instant::now()).unwrap();
    let set = new_set("nas.example.com");
    let error = over.dns.put(&set, &Condition::Absent).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.certainty, error.is_deferred()),
        (Kind::Deadline, Certainty::NotSent, true)
    );
    assert_eq!((double.asked().len(), over.calls.counts().of(Service::DnsWrite)), (0, 0));
    let stage = Stage::with(&world(&[], &[])).await;
    let clients = stage.clients();
    let azure = clients.until(Instant::now() + Duration::from_secs(60)).unwrap();
    azure.dns.get(&zone("example.com"), &host("x.example.com"), RecordType::A).await.unwrap();
    stage.fail(&json!([{"method": "PUT", "path": "/A/", "delay_ms": 60_000, "times": 9}])).await;
    let soon = azure.by(Instant::now() + Duration::from_secs(1));
    let error = soon.dns.put(&set, &Condition::Absent).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.certainty, error.is_deferred()),
        (Kind::Deadline, Certainty::Unknown, false)
    );
}

/// Every part of a handle ends by the deadline that it was given.
#[tokio::test]
async fn a_part_of_a_run_has_its_own_deadline_for_every_service() {
    let double = Double::start(|_, _| reply(503, &[], "")).await;
    let azure = double.azure();
    let part = azure.for_a_part(4);
    let left = part.deadline - Instant::now();
    assert!((Duration::from_secs(5)..Duration::from_millis(7600)).contains(&left), "{left:?}");
    let over = azure.by(Instant::now());
    let (zone, name) = (zone("example.com"), host("x.example.com"));
    let id = ResourceId::parse(&machine_id("m")).unwrap();
    let kinds = [
        over.dns.get(&zone, &name, RecordType::A).await.unwrap_err().kind(),
        over.resource_graph.machine(&id, "t").await.unwrap_err().kind(),
        over.logs_query.run("print 1", None).await.unwrap_err().kind(),
        over.logs_ingest.send(DNS_CHANGE, &[json!({"run_s": "r"})]).await.unwrap_err().kind(),
    ];
    assert_eq!((kinds, double.asked().len()), ([Kind::Deadline; 4], 0));
}

/// What nobody may see, though whoever stands on the way echoes it.
#[tokio::test]
async fn a_password_and_the_identity_header_that_are_echoed_are_told_to_nobody() {
    let secrets = ["standin-identity-header", "hush-hush-proxy"];
    let said = secrets.map(|secret| format!("{secret} {}", base64::encode(secret))).join(" ");
    let body = json!({"error": {"code": "Bad", "message": said}}).to_string();
    let double = Double::start(move |_, _| reply(400, &[], body.clone())).await;
    let proxy = format!("http://user:{}@proxy.example.net:3128", secrets[1]);
    let clients = double.clients(&[("HTTPS_PROXY", &proxy)]);
    let azure = clients.until(Instant::now() + Duration::from_secs(30)).unwrap();
    let error = azure.logs_query.run("print 1", None).await.unwrap_err();
    let shown = format!("{error} {} {} {error:?}", error.chain(), error.for_people());
    assert!(shown.contains('…'), "{shown}");
    for secret in secrets {
        assert!(!shown.contains(secret) && !shown.contains(&base64::encode(secret)), "{shown}");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_the_identity_that_is_named() {
    let id = "00000000-0000-0000-0000-0000000000c7";
    for named in [&[("AZURE_CLIENT_ID", id)][..], &[]] {
        let stage = Stage::with(&world(&[], &[])).await;
        let clients = Clients::new(stage.settings(named).connect);
        let azure = clients.until(Instant::now() + Duration::from_secs(5)).unwrap();
        // Whether it is given one is not asked here.
        drop(azure.dns.get(&zone("example.com"), &host("x.example.com"), RecordType::A).await);
        let calls = stage.all_calls().await;
        let tokens: Vec<_> = calls.iter().filter(|call| call.path.contains("/msi/token")).collect();
        let of_it = tokens.iter().filter(|call| call.path.contains(&format!("client_id={id}"))).count();
        assert!(!tokens.is_empty(), "{calls:?}");
        assert_eq!(of_it, if named.is_empty() { 0 } else { tokens.len() }, "{tokens:?}");
    }
}
