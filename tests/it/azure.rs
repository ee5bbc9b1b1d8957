//! The clients against the stand-in: what they send, what they survive, what they refuse.

mod again;
mod answers;
mod delete;
mod double;
mod faults;
mod forms;
mod network;
mod patience;
mod private;
mod questions;
mod renewal;
mod rights;
mod sent;
mod tokens;
mod views;
mod walk;
mod workload;

use std::collections::BTreeSet;
use std::net::IpAddr;

use futures::{StreamExt, TryStreamExt};
use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use heartbeat_dns::azure::{Azure, Certainty, Condition, Error, Kind};
use pure::domain::{RecordSet, RecordType, Service, ZoneId};
use serde_json::json;

use crate::stage::{Stage, a_record, host, world, zone, zone_id};

fn addresses(text: &str) -> BTreeSet<IpAddr> {
    text.split(',').map(|address| address.parse().unwrap()).collect()
}

async fn get(azure: &Azure, name: &str) -> RecordSet {
    azure.dns.get(&zone("example.com"), &host(name), RecordType::A).await.unwrap().unwrap()
}

/// Moves `nas.example.com` to the address, under the condition that it still has this entity tag.
async fn move_nas(azure: &Azure, address: &str) -> Result<RecordSet, Error> {
    let set = get(azure, "nas.example.com").await;
    let condition = Condition::Match(set.etag.clone());
    azure.dns.put(&RecordSet { addresses: addresses(address), ..set }, &condition).await
}

#[tokio::test]
async fn a_record_set_is_created_replaced_and_kept_whole() {
    let nas = json!({"name": "nas", "type": "A", "TTL": 3600, "metadata": {"team": "edge"},
        "ARecords": [{"ipv4Address": "198.51.100.10"}]});
    let stage = Stage::with(&world(&[nas], &[])).await;
    let azure = stage.azure();
    let before = get(&azure, "nas.example.com").await;
    let after = move_nas(&azure, "203.0.113.7").await.unwrap();
    assert_ne!(after.etag, before.etag);
    assert_eq!((after.ttl, after.metadata["team"].as_str()), (3600, "edge"));
    assert_eq!(get(&azure, "nas.example.com").await, after);

    let stale = azure.dns.put(&before, &Condition::Match(before.etag.clone())).await.unwrap_err();
    assert!(stale.is_precondition() && stale.certainty == Certainty::Answered, "{stale}");
    let there = azure.dns.put(&after, &Condition::Absent).await.unwrap_err();
    assert!(there.is_precondition(), "{there}");

    let new = RecordSet { name: host("new.example.com"), id: String::new(), etag: String::new(), ..after };
    assert_eq!(azure.dns.put(&new, &Condition::Absent).await.unwrap().addresses, addresses("203.0.113.7"));
    let counts = azure.calls.counts();
    assert_eq!((counts.of(Service::DnsRead), counts.of(Service::DnsWrite)), (3, 4));
}

#[tokio::test]
async fn the_two_kinds_of_not_found_mean_opposite_things() {
    let stage = Stage::with(&world(&[], &[])).await;
    let azure = stage.azure();
    let missing = azure.dns.get(&zone("example.com"), &host("no.example.com"), RecordType::A).await.unwrap();
    assert_eq!(missing, None);
    let fault =
        azure.dns.get(&zone("example.net"), &host("no.example.net"), RecordType::A).await.unwrap_err();
    assert_eq!(fault.status, Some(404));
    assert!(fault.chain().contains("DNS_ZONES"), "{}", fault.chain());
}

/// Its 404 is as bare as that of a record set, and has the same code.
#[tokio::test]
async fn a_deleted_zone_has_no_missing_record_sets() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.1")], &[])).await;
    let azure = stage.azure();
    let set = get(&azure, "nas.example.com").await;
    stage.put_world(&json!({"zones": []})).await;
    let (zone, name) = (zone("example.com"), host("nas.example.com"));
    let read = azure.dns.get(&zone, &name, RecordType::A).await.unwrap_err();
    let cname = azure.dns.cname_exists(&zone, &name).await.unwrap_err();
    let list = azure.dns.cnames(&zone).await.unwrap_err();
    let write = azure.dns.put(&set, &Condition::Match(set.etag.clone())).await.unwrap_err();
    let create = azure.dns.put(&set, &Condition::Absent).await.unwrap_err();
    for error in [read, cname, list, write, create] {
        assert_eq!((error.status, error.kind(), error.code()), (Some(404), Kind::Refused, Some("NotFound")));
        assert_eq!(error.certainty, Certainty::Answered);
    }
}

/// The group and the names come back in another case than the one in which they were asked for.
#[tokio::test]
async fn a_zone_with_capitals_is_read_and_written() {
    let id = zone_id("Example.COM").replace("rg-dns", "RG-Dns");
    let nas = a_record("Nas", "198.51.100.1");
    let stage = Stage::with(&json!({"zones": [{"id": id, "recordSets": [nas]}]})).await;
    let azure = stage.azure();
    let (zone, name) = (ZoneId::parse(&id).unwrap(), host("nas.example.com"));
    let set = azure.dns.get(&zone, &name, RecordType::A).await.unwrap().unwrap();
    let names = BTreeSet::from([name.clone()]);
    let pages: Vec<_> = azure.dns.list(&zone, RecordType::A, names).try_collect().await.unwrap();
    assert_eq!(pages[0].sets[0].1.as_ref().unwrap(), &set);
    let moved = RecordSet { addresses: addresses("203.0.113.7"), ..set.clone() };
    let written = azure.dns.put(&moved, &Condition::Match(set.etag.clone())).await.unwrap();
    assert_eq!((written.addresses, written.zone), (addresses("203.0.113.7"), zone));
}

#[tokio::test]
async fn all_record_sets_of_a_type_are_listed_over_pages() {
    let sets: Vec<_> = (0..1203).map(|index| a_record(&format!("m{index}"), "198.51.100.1")).collect();
    let cname =
        json!({"name": "old", "type": "CNAME", "TTL": 60, "CNAMERecord": {"cname": "m1.example.com"}});
    let stage = Stage::with(&world(&[sets, vec![cname]].concat(), &[])).await;
    let azure = stage.azure();
    // Each second name, and one that does not exist.
    let wanted: BTreeSet<_> =
        (1..1205).step_by(2).map(|index| host(&format!("m{index}.example.com"))).collect();
    let zone_id = zone("example.com");
    let list = azure.dns.list(&zone_id, RecordType::A, wanted.clone());
    let pages: Vec<_> = list.try_collect().await.unwrap();
    let sets = pages.iter().flat_map(|page| &page.sets);
    let names: BTreeSet<_> = sets.map(|(_, set)| set.as_ref().unwrap().name.clone()).collect();
    assert_eq!((names.len(), names.is_subset(&wanted)), (601, true));
    assert!(pages.windows(2).all(|two| two[0].sent_at <= two[1].sent_at));
    let cnames = azure.dns.cnames(&zone("example.com")).await.unwrap();
    assert_eq!(cnames, BTreeSet::from([host("old.example.com")]));
    assert!(azure.dns.cname_exists(&zone("example.com"), &host("old.example.com")).await.unwrap());
    assert!(!azure.dns.cname_exists(&zone("example.com"), &host("m1.example.com")).await.unwrap());
}

#[tokio::test]
async fn a_link_to_another_host_is_never_followed() {
    let stage = Stage::with(&world(&[], &[])).await;
    let foreign = Stage::with(&world(&[], &[])).await;
    for link in [
        foreign.standin.azure_url().join("/next").unwrap().to_string(),
        "https://example.net/".into(),
        "x".into(),
    ] {
        stage.fail(&json!([{"path": "/A\\?", "body": {"value": [], "nextLink": link}}])).await;
        let azure = stage.azure();
        let pages: Vec<_> =
            azure.dns.list(&zone("example.com"), RecordType::A, BTreeSet::new()).collect().await;
        assert_eq!(pages.last().unwrap().as_ref().unwrap_err().kind(), Kind::BadLink, "{link}");
    }
    assert_eq!(foreign.calls().await, []);
}

#[tokio::test]
async fn a_redirect_is_an_error() {
    let stage = Stage::with(&world(&[], &[])).await;
    let foreign = Stage::with(&world(&[], &[])).await;
    let there = foreign.standin.azure_url().to_string();
    stage.fail(&json!([{"path": "/A/", "status": 307, "headers": {"Location": there}, "times": 9}])).await;
    let azure = stage.azure();
    let fault = azure.dns.get(&zone("example.com"), &host("a.example.com"), RecordType::A).await.unwrap_err();
    assert_eq!(fault.status, Some(307));
    assert_eq!(foreign.calls().await, []);
}

#[tokio::test]
async fn a_batch_that_is_too_large_after_all_is_halved() {
    let stage = Stage::with(&world(&[], &[])).await;
    let azure = stage.azure();
    let too_large =
        json!({"error": {"code": "ContentLengthLimitExceeded", "message": "Maximum allowed content length"}});
    stage.fail(&json!([{"path": "/streams/", "status": 413, "body": too_large, "times": 2}])).await;
    let rows: Vec<_> = (0..5)
        .map(|index| json!({"TimeGenerated": "2026-03-01T02:00:00Z", "run_s": index.to_string()}))
        .collect();
    azure.logs_ingest.send(DNS_CHANGE, &rows).await.unwrap();
    let statuses: Vec<_> = stage.calls().await.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [413, 413, 204, 204, 204]);
}
