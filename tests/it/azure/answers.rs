//! Answers that are not what they seem: too large, of somebody else, about another thing.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use futures::StreamExt;
use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use heartbeat_dns::azure::resource_graph::TagState;
use heartbeat_dns::azure::{Certainty, Condition, Kind, Refusal};
use pure::domain::{RecordSet, RecordType, ResourceId};
use serde_json::{Value, json};

use super::double::{Double, reply};
use super::{addresses, get};
use crate::stage::{Stage, a_record, host, machine_id, world, zone};

const MB: usize = 1024 * 1024;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A query's answer with one cell of that many octets.
fn table(octets: usize) -> String {
    let cell = "x".repeat(octets);
    json!({"tables": [{"name": "PrimaryResult", "columns": [{"name": "a", "type": "string"}], "rows": [[cell]]}]}).to_string()
}

#[tokio::test]
async fn an_answer_that_is_larger_than_any_true_one_is_cut_while_it_is_read() {
    for packed in [false, true] {
        // Packed before the clock of the call runs, which takes its time on a busy machine.
        let body = |text: String| Bytes::from(if packed { gzip(text.as_bytes()) } else { text.into_bytes() });
        let rows = body(table(129 * MB));
        let page = body(json!({"value": [], "filler": "x".repeat(17 * MB)}).to_string());
        let headers: &[(&str, &str)] = if packed { &[("content-encoding", "gzip")] } else { &[] };
        let double = Double::start(move |asked, _| {
            reply(200, headers, if asked.path.contains("/query") { rows.clone() } else { page.clone() })
        })
        .await;
        let azure = double.azure();
        let page = azure.dns.list(&zone("example.com"), RecordType::A, BTreeSet::new()).next_page().await;
        assert_eq!(page.kind(), Kind::TooLarge, "{}", page.chain());
        assert!(page.chain().contains("more than 16 MB"), "{}", page.chain());
        let error = azure.logs_query.run("print 1", None).await.unwrap_err();
        assert_eq!((error.kind(), error.reason()), (Kind::TooLarge, "too-large"), "{}", error.chain());
        assert!(error.chain().contains("more than 128 MB"), "{}", error.chain());
        assert_eq!(double.asked().len(), 2, "it is not asked for again");
    }
}

/// What comes beyond the limit is never asked for: it would fill the memory before anybody looked at its size.
#[tokio::test]
async fn nothing_is_read_of_an_answer_beyond_its_limit() {
    const PIECES: usize = 256;
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let double = Double::start(move |_, _| {
        let counter = Arc::clone(&counter);
        let pieces = futures::stream::iter(0..PIECES).map(move |_| {
            counter.fetch_add(1, Relaxed);
            Ok::<_, Infallible>(Bytes::from(vec![b' '; MB / 4]))
        });
        reply(200, &[], Body::from_stream(pieces))
    })
    .await;
    let page =
        double.azure().dns.list(&zone("example.com"), RecordType::A, BTreeSet::new()).next_page().await;
    assert_eq!(page.kind(), Kind::TooLarge, "{}", page.chain());
    // Some is on its way already.
    let sent = sent.load(Relaxed) / 4;
    assert!((16..48).contains(&sent), "{sent} MB of {} were sent", PIECES / 4);
}

/// The error of the first page.
trait NextPage {
    async fn next_page(self) -> heartbeat_dns::azure::Error;
}

impl<S: futures::Stream<Item = Result<heartbeat_dns::azure::dns::SetsPage, heartbeat_dns::azure::Error>>>
    NextPage for S
{
    async fn next_page(self) -> heartbeat_dns::azure::Error {
        std::pin::pin!(self).next().await.unwrap().unwrap_err()
    }
}

#[tokio::test]
async fn an_answer_of_a_query_may_be_as_large_as_the_service_makes_it() {
    let body = Bytes::from(gzip(table(105 * MB).as_bytes()));
    let packed = move || reply(200, &[("content-encoding", "gzip")], body.clone());
    let double = Double::start(move |_, _| packed()).await;
    let table = double.azure().logs_query.run("print 1", None).await.unwrap();
    assert_eq!(table.rows[0][0].as_str().unwrap().len(), 105 * MB);
}

#[tokio::test]
async fn only_a_204_means_that_rows_were_taken() {
    for status in [200, 201, 202, 206] {
        let double = Double::start(move |_, _| reply(status, &[], "<html>welcome</html>")).await;
        let clients = double.clients(&[]);
        let azure = clients.until(tokio::time::Instant::now() + Duration::from_secs(30)).unwrap();
        let error = azure.logs_ingest.send(DNS_CHANGE, &[json!({"run_s": "r"})]).await.unwrap_err();
        assert_eq!((error.kind(), error.certainty), (Kind::NotAccepted, Certainty::Answered), "{error}");
        assert_eq!(clients.tally().rows(), [].into(), "{status}");
        assert!(error.chain().contains(&status.to_string()), "{}", error.chain());
        assert_eq!(double.asked().len(), 1);
    }
    let double = Double::start(|_, _| reply(204, &[], "")).await;
    let clients = double.clients(&[]);
    let azure = clients.until(tokio::time::Instant::now() + Duration::from_secs(30)).unwrap();
    azure.logs_ingest.send(DNS_CHANGE, &[json!({"run_s": "r"}), json!({"run_s": "s"})]).await.unwrap();
    assert_eq!(clients.tally().rows(), [(DNS_CHANGE.to_owned(), 2)].into());
}

#[tokio::test]
async fn only_the_own_word_of_azure_ends_a_claim() {
    let document = |code: &str| json!({"error": {"code": code, "message": "m"}}).to_string();
    let page = "<html>ResourceNotFound</html>".to_owned();
    for (body, header, state) in [
        (document("ResourceNotFound"), "", Some(TagState::Gone)),
        (document("ResourceGroupNotFound"), "", Some(TagState::Gone)),
        (document("InvalidResourceType"), "ResourceNotFound", Some(TagState::Unreadable)),
        (document("SubscriptionNotFound"), "", Some(TagState::Unreadable)),
        (page, "ResourceNotFound", None),
        (String::new(), "", None),
    ] {
        let answer = body.clone();
        let double =
            Double::start(move |_, _| reply(404, &[("x-ms-error-code", header)], answer.clone())).await;
        let id = ResourceId::parse(&machine_id("nas")).unwrap();
        let found = double.azure().resource_graph.machine(&id, "t").await;
        assert_eq!(found.ok(), state, "{body}");
    }
}

/// Answers of somebody else: empty, a page, or about another thing.
fn foreign(other: &Value) -> Vec<String> {
    let page = "<html><body>sign in</body></html>".to_owned();
    ["{}", "[]", "null", "\"\"", "5"]
        .map(str::to_owned)
        .into_iter()
        .chain([page, other.to_string()])
        .collect()
}

/// Clients that give up soon, before somebody who answers each call so.
async fn hasty(status: u16, body: String) -> (Double, heartbeat_dns::azure::Azure) {
    let double = Double::start(move |_, _| reply(status, &[], body.clone())).await;
    let azure = double.clients(&[]).until(tokio::time::Instant::now() + Duration::from_secs(1)).unwrap();
    (double, azure)
}

#[tokio::test]
async fn only_an_answer_about_the_machine_ends_a_claim() {
    let id = ResourceId::parse(&machine_id("nas")).unwrap();
    let mine = json!({"id": machine_id("nas").to_uppercase(), "tags": null});
    let (_double, azure) = hasty(200, mine.to_string()).await;
    let untagged = azure.resource_graph.machine(&id, "t").await.unwrap();
    assert_eq!(untagged, TagState::Tagged(Vec::new()));
    let odd =
        [json!({"id": machine_id("nas"), "tags": "none"}), json!({"tags": {}}), json!({"id": 5, "tags": {}})];
    let others = odd.map(|odd| odd.to_string());
    for body in foreign(&json!({"id": machine_id("pc"), "tags": {}})).into_iter().chain(others) {
        let (_double, azure) = hasty(200, body.clone()).await;
        let error = azure.resource_graph.machine(&id, "t").await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unreadable | Kind::Deadline), "{body}: {error}");
    }
}

#[tokio::test]
async fn rows_that_are_no_machines_are_no_answer() {
    let id = ResourceId::parse(&machine_id("nas")).unwrap();
    for row in [json!({}), json!({"tags": null}), json!({"id": null, "tags": {"t": "x"}})] {
        let body = json!({"totalRecords": 1, "count": 1, "data": [row], "resultTruncated": "false"});
        let (_double, azure) = hasty(200, body.to_string()).await;
        assert!(
            azure
                .resource_graph
                .tags_of(std::slice::from_ref(&id), &BTreeSet::new(), &[], "t")
                .await
                .is_err(),
            "{row}"
        );
        let pages: Vec<_> = azure.resource_graph.machines(&[], "t").collect().await;
        assert!(pages.last().unwrap().is_err(), "{row}");
    }
    // One that says nothing of its tags, neither here nor itself, is not one without the tag.
    for row in [json!({"id": machine_id("nas")}), json!({"id": machine_id("nas"), "tags": "t=x"})] {
        let body = json!({"totalRecords": 1, "count": 1, "data": [row], "resultTruncated": "false"});
        let (_double, azure) = hasty(200, body.to_string()).await;
        let pages: Vec<_> = azure.resource_graph.machines(&[], "t").collect().await;
        let page = pages[0].as_ref().unwrap();
        let unreadable: Vec<_> = page.unreadable.iter().map(|(machine, _)| &machine.id).collect();
        assert_eq!((page.machines.len(), unreadable), (0, vec![&id]), "{row}");
    }
}

#[tokio::test]
async fn a_record_set_that_was_not_asked_for_says_nothing() {
    let (zone, name) = (zone("example.com"), host("nas.example.com"));
    let other = json!({"name": "pc", "etag": "e", "properties": {"TTL": 60}});
    for body in foreign(&other) {
        let (_double, azure) = hasty(200, body.clone()).await;
        let (set, cname) =
            tokio::join!(azure.dns.get(&zone, &name, RecordType::A), azure.dns.cname_exists(&zone, &name));
        assert!(set.is_err() && cname.is_err(), "{body}: {set:?} {cname:?}");
        let set = new_set("nas.example.com");
        // What was asked before has used up its time.
        let (_double, azure) = hasty(200, body.clone()).await;
        let (written, cuts) = tokio::join!(azure.dns.put(&set, &Condition::Absent), azure.dns.ns_sets(&zone));
        assert_eq!(written.unwrap_err().certainty, Certainty::Unknown, "{body}");
        assert!(cuts.is_err(), "{body}: {cuts:?}");
    }
    for row in [json!({}), json!({"properties": {}}), json!({"name": 5, "properties": {}})] {
        let (_double, azure) = hasty(200, json!({"value": [row]}).to_string()).await;
        assert!(azure.dns.ns_sets(&zone).await.is_err() && azure.dns.cnames(&zone).await.is_err(), "{row}");
        azure.dns.list(&zone, RecordType::A, BTreeSet::new()).next_page().await;
    }
}

#[tokio::test]
async fn a_table_of_something_else_is_no_answer() {
    let table =
        |columns: Value| json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": []}]});
    let known = table(json!([{"name": "b", "type": "string"}, {"name": "a", "type": "string"}]));
    let (_double, azure) = hasty(200, known.to_string()).await;
    azure.logs_query.ask("print 1", None, &["a", "b"]).await.unwrap();
    azure.logs_query.ask("print 1", None, &["a", "c"]).await.unwrap_err();
    for body in foreign(&table(json!([]))) {
        let (_double, azure) = hasty(200, body.clone()).await;
        azure.logs_query.ask("print 1", None, &["a"]).await.expect_err(&body);
    }
}

#[tokio::test]
async fn a_404_about_the_zone_is_no_word_about_a_record_set() {
    for body in [
        json!({"code": "NotFound", "message": "The zone 'example.com' does not exist in resource group 'rg'"}).to_string(),
        json!({"error": {"code": "ParentResourceNotFound", "message": "m"}}).to_string(),
        "<html>NotFound</html>".to_owned(),
        String::new(),
    ] {
        let answer = body.clone();
        let double = Double::start(move |_, _| reply(404, &[], answer.clone())).await;
        let azure = double.azure();
        let (zone, name) = (zone("example.com"), host("x.example.com"));
        let error = azure.dns.get(&zone, &name, RecordType::A).await.unwrap_err();
        assert_eq!(error.status, Some(404), "{body}");
        azure.dns.cname_exists(&zone, &name).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_list_without_its_array_or_in_a_ring_is_no_list() {
    let stage = Stage::with(&world(&[], &[])).await;
    let azure = stage.azure();
    stage.fail(&json!([{"path": "/A\\?", "body": {"nextLink": null}, "times": 9}])).await;
    let clients = stage.clients();
    let hasty = clients.until(tokio::time::Instant::now() + Duration::from_secs(1)).unwrap();
    let error = hasty.dns.list(&zone("example.com"), RecordType::A, BTreeSet::new()).next_page().await;
    assert_eq!(error.kind(), Kind::Unreadable, "{error}");
    let base = stage.standin.azure_url().join("/A?x=").unwrap();
    let link = |to: &str| json!({"path": "/A\\?", "body": {"value": [], "nextLink": format!("{base}{to}")}});
    stage.fail(&json!([link("1"), link("2"), link("1")])).await;
    let pages: Vec<_> = azure.dns.list(&zone("example.com"), RecordType::A, BTreeSet::new()).collect().await;
    assert_eq!(pages.len(), 3);
    assert_eq!(pages[2].as_ref().unwrap_err().kind(), Kind::BadLink);
    let page =
        json!({"totalRecords": 2, "count": 0, "data": [], "resultTruncated": "false", "$skipToken": "a"});
    stage.fail(&json!([{"path": "ResourceGraph", "body": page, "times": 9}])).await;
    let pages: Vec<_> = azure.resource_graph.machines(&[], "t").collect().await;
    assert_eq!(pages.last().unwrap().as_ref().unwrap_err().kind(), Kind::BadLink);
    assert_eq!(pages.len(), 2);
}

#[tokio::test]
async fn the_cuts_of_a_zone_are_its_ns_sets_but_the_apex() {
    let ns = |name: &str| json!({"name": name, "type": "NS", "TTL": 60, "NSRecords": [{"nsdname": "ns1.example.net"}]});
    let stage =
        Stage::with(&world(&[ns("child"), ns("deep.er"), a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    let cuts = azure.dns.ns_sets(&zone("example.com")).await.unwrap();
    assert_eq!(cuts, [host("child.example.com"), host("deep.er.example.com")].into());
    assert_eq!(azure.calls.counts().of(pure::domain::Service::DnsRead), 1);
    stage.fail(&json!([{"path": "/NS\\?", "status": 403}])).await;
    let error = azure.dns.ns_sets(&zone("example.com")).await.unwrap_err();
    assert!(error.is_forbidden() && error.refusal() == Some(Refusal::NoRight), "{error}");
    stage.fail(&json!([{"path": "/NS\\?", "status": 400}])).await;
    assert!(!azure.dns.ns_sets(&zone("example.com")).await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn a_refusal_for_good_says_who_can_lift_it() {
    for (status, code, refusal, words) in [
        (409, "ScopeLocked", Refusal::Locked, "az lock delete"),
        (409, "ReadOnlyDisabledSubscription", Refusal::SubscriptionDisabled, "account administrator"),
        (403, "RequestDisallowedByPolicy", Refusal::Policy, "exemption"),
        (403, "AuthorizationFailed", Refusal::NoRight, "DNS Zone Contributor"),
    ] {
        let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
        let azure = stage.azure();
        let body = json!({"error": {"code": code, "message": "no."}});
        stage.fail(&json!([{"method": "PUT", "path": "/A/nas", "status": status, "body": body}])).await;
        let error = super::move_nas(&azure, "203.0.113.7").await.unwrap_err();
        assert_eq!((error.refusal(), error.reason()), (Some(refusal), code));
        assert!(error.for_people().contains(words), "{}", error.for_people());
        assert!(!error.is_pending() && !error.is_precondition() && !error.is_transient());
    }
}

/// A set of that name, ready to be created.
pub(super) fn new_set(name: &str) -> RecordSet {
    RecordSet {
        id: String::new(),
        zone: zone("example.com"),
        name: host(name),
        record_type: RecordType::A,
        etag: String::new(),
        ttl: 60,
        addresses: addresses("203.0.113.7"),
        alias: None,
        auto_registered: false,
        metadata: std::collections::BTreeMap::default(),
        other: serde_json::Map::default(),
    }
}

#[tokio::test]
async fn after_a_429_no_write_of_the_zone_goes_before_its_time() {
    for share in ["off", "0.8"] {
        let double = Double::start(|asked, number| {
            if number == 0 {
                return reply(429, &[("retry-after", "2")], "");
            }
            let name = asked.path.rsplit('/').next();
            let set = json!({"name": name, "etag": "e", "properties": {"TTL": 60}});
            assert_eq!(asked.method, "PUT");
            reply(201, &[], set.to_string())
        })
        .await;
        let clients = double.clients(&[("QUOTA_SHARE", share)]);
        let azure = clients.until(tokio::time::Instant::now() + Duration::from_secs(30)).unwrap();
        let set = new_set("first.example.com");
        let first = azure.dns.put(&set, &Condition::Absent);
        let others = async {
            while double.asked().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            let names = ["a.example.com", "b.example.com", "c.example.com"].map(new_set);
            let update = Condition::Match("e".to_owned());
            let conditions = [&Condition::Absent, &update, &Condition::Absent];
            let writes = names.iter().zip(conditions).map(|(set, condition)| azure.dns.put(set, condition));
            futures::future::join_all(writes).await
        };
        let (first, others) = tokio::join!(first, others);
        first.unwrap();
        assert!(others.iter().all(Result::is_ok));
        let asked = double.asked();
        assert_eq!(asked.len(), 5);
        for later in &asked[1..] {
            let waited = later.at - asked[0].at;
            assert!(waited >= Duration::from_millis(1990), "{share}: {waited:?} {}", later.path);
        }
        // Beyond the deadline it is put off at once, and nothing is sent.
        let hasty = clients.until(tokio::time::Instant::now() + Duration::from_secs(1)).unwrap();
        let again = Double::start(|_, _| reply(429, &[("retry-after", "60")], "")).await;
        let slow = again.clients(&[("QUOTA_SHARE", share)]);
        let slow = slow.until(tokio::time::Instant::now() + Duration::from_secs(5)).unwrap();
        assert!(
            slow.dns.put(&new_set("a.example.com"), &Condition::Absent).await.unwrap_err().is_throttled()
        );
        let begin = Instant::now();
        let error = slow.dns.put(&new_set("b.example.com"), &Condition::Absent).await.unwrap_err();
        assert_eq!((error.kind(), error.is_deferred()), (Kind::ZoneWaits, true), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(1) && again.asked().len() == 1);
        assert!(error.retry_after.unwrap() > Duration::from_secs(50));
        drop(hasty);
    }
}

#[tokio::test]
async fn an_entity_tag_that_is_missing_is_visible() {
    let stage = Stage::with(&world(&[], &[])).await;
    let bare: Value =
        json!({"name": "nas", "properties": {"TTL": 60, "ARecords": [{"ipv4Address": "198.51.100.10"}]}});
    stage.fail(&json!([{"path": "/A/nas", "body": bare}])).await;
    assert_eq!(get(&stage.azure(), "nas.example.com").await.etag, "");
}
