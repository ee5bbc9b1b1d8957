//! Further name servers: one lags, one lies, one refuses.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::RecordType;
use serde_json::{Value, json};
use tokio::net::{TcpListener, UdpSocket};
use tokio::time::Instant;

use crate::names::{PATIENCE, ask_at, over_tcp, question};
use crate::stage::{Stage, ZONE, a_set};

/// Longer than any test.
const HOURS: u64 = 36_000_000;

fn addresses(list: &Value) -> Vec<SocketAddr> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|one| one["address"].as_str().and_then(|text| text.parse().ok()).expect("an address"))
        .collect()
}

async fn open(stage: &Stage, manners: &Value) -> Vec<SocketAddr> {
    let got = stage.own("PUT", "name-servers", Some(manners)).await;
    assert_eq!(got.status, 200, "{got:?}");
    addresses(&got.json())
}

fn told(addresses: &[&str]) -> (ResponseCode, Vec<String>) {
    (ResponseCode::NoError, addresses.iter().map(|&address| address.to_owned()).collect())
}

/// Waits until nobody listens there: another test may have taken the port over for a moment.
async fn freed(server: SocketAddr) {
    let until = async {
        while TcpListener::bind(server).await.is_err() || UdpSocket::bind(server).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, until).await.expect("the port is free");
}

#[tokio::test]
async fn they_are_listed_and_closed() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.7").await;
    let first = json!({ "address": stage.standin.dns_addr().to_string() });
    assert_eq!(stage.own("GET", "name-servers", None).await.json(), json!([first]));
    let manners =
        json!([{}, { "lag_ms": 5 }, { "lie": { "x.example.com": ["192.0.2.1"] } }, { "refuse": true }]);
    let servers = open(&stage, &manners).await;
    let mut shown = vec![first.clone()];
    for (manner, server) in manners.as_array().expect("manners").iter().zip(&servers) {
        assert!(server.ip().is_loopback());
        let mut one = manner.clone();
        one["address"] = json!(server.to_string());
        shown.push(one);
    }
    assert_eq!(stage.own("GET", "name-servers", None).await.json(), Value::Array(shown));
    assert_eq!(ask_at(servers[0], "nas.example.com.", RecordType::A).await, told(&["192.0.2.7"]));
    let again = open(&stage, &json!([{}])).await;
    assert_eq!((again.len(), servers.contains(&again[0])), (1, false));
    for server in servers {
        freed(server).await;
    }
    assert_eq!(stage.own("DELETE", "name-servers", None).await.status, 204);
    assert_eq!(stage.own("GET", "name-servers", None).await.json(), json!([first]));
    freed(again[0]).await;
}

#[tokio::test]
async fn they_end_with_the_stand_in() {
    let stage = Stage::new().await;
    let servers = open(&stage, &json!([{}, { "lag_ms": 5 }])).await;
    stage.standin.stop().await;
    for server in servers {
        freed(server).await;
    }
}

#[tokio::test]
async fn one_that_lags_learns_each_change_late() {
    let stage = Stage::new().await;
    for name in ["nas", "gone"] {
        stage.put_a(name, "192.0.2.1").await;
    }
    let servers = open(&stage, &json!([{ "lag_ms": 200 }, { "lag_ms": HOURS }, {}])).await;
    let [late, never, truthful] = servers[..] else { panic!("three servers") };
    let began = Instant::now();
    stage.put_a("nas", "192.0.2.2").await;
    stage.put_a("nas", "192.0.2.3").await;
    stage.put_a("new", "192.0.2.4").await;
    stage.dns("DELETE", &format!("{ZONE}/A/gone"), &[], None).await;
    let sets = json!([a_set("w", "192.0.2.5")]);
    let other = ZONE.replace("example.com", "example.net");
    let mut world = stage.own("GET", "world", None).await.json();
    world["zones"].as_array_mut().expect("zones").push(json!({ "id": other, "recordSets": sets }));
    stage.put_world(&world).await;

    let answers = async |server: SocketAddr| {
        let mut answers = Vec::new();
        for name in ["nas.example.com.", "new.example.com.", "gone.example.com.", "w.example.net."] {
            answers.push(ask_at(server, name, RecordType::A).await);
        }
        answers
    };
    let missing = (ResponseCode::NXDomain, vec![]);
    let old = [told(&["192.0.2.1"]), missing.clone(), told(&["192.0.2.1"]), (ResponseCode::Refused, vec![])];
    let new = [told(&["192.0.2.3"]), told(&["192.0.2.4"]), missing, told(&["192.0.2.5"])];
    assert_eq!(answers(truthful).await, new);
    assert_eq!(answers(never).await, old);
    let by_tcp = over_tcp(never, &question("nas.example.com.", RecordType::A)).await;
    assert_eq!(by_tcp.answers[0].data.to_string(), "192.0.2.1", "TCP lags as well");
    while ask_at(late, "nas.example.com.", RecordType::A).await != new[0] {
        assert!(began.elapsed() < PATIENCE, "it learns in the end");
    }
    assert!(began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
    while answers(late).await != new {
        assert!(began.elapsed() < PATIENCE, "it learns all in the end");
    }
    stage.put_world(&json!({ "zones": [] })).await;
    assert_eq!(ask_at(truthful, "nas.example.com.", RecordType::A).await.0, ResponseCode::Refused);
    assert_eq!(answers(never).await, old, "zones that are gone are still told");
    while ask_at(late, "nas.example.com.", RecordType::A).await.0 != ResponseCode::Refused {
        assert!(began.elapsed() < PATIENCE, "it learns that they are gone");
    }
}

#[tokio::test]
async fn one_that_lies_lies_about_addresses_alone() {
    let stage = Stage::new().await;
    for name in ["nas", "x.nas", "honest"] {
        stage.put_a(name, "192.0.2.7").await;
    }
    let text = json!({ "properties": { "TTL": 60, "TXTRecords": [{ "value": ["true"] }] } });
    stage.dns("PUT", &format!("{ZONE}/TXT/nas"), &[], Some(&text)).await;
    let lies = json!({ "NAS.example.com.": ["192.0.2.1", "2001:db8::1"], "none.example.com": [] });
    let server = open(&stage, &json!([{ "lie": lies, "lag_ms": HOURS }])).await[0];
    stage.put_a("honest", "192.0.2.8").await;
    for (name, kind, found) in [
        ("nas.example.com.", RecordType::A, told(&["192.0.2.1"])),
        ("Nas.Example.com.", RecordType::AAAA, told(&["2001:db8::1"])),
        ("none.example.com.", RecordType::A, told(&[])),
        ("nas.example.com.", RecordType::TXT, told(&["true"])),
        ("x.nas.example.com.", RecordType::A, told(&["192.0.2.7"])),
        ("honest.example.com.", RecordType::A, told(&["192.0.2.7"])),
    ] {
        assert_eq!(ask_at(server, name, kind).await, found, "{name} {kind}");
    }
    let true_one = ask_at(stage.standin.dns_addr(), "nas.example.com.", RecordType::A).await;
    assert_eq!(true_one, told(&["192.0.2.7"]), "the first one knows nothing of it");
}

#[tokio::test]
async fn one_that_refuses_refuses_all() {
    let stage = Stage::new().await;
    let server = open(&stage, &json!([{ "refuse": true }])).await[0];
    for kind in [RecordType::A, RecordType::SOA] {
        assert_eq!(ask_at(server, "example.com.", kind).await, (ResponseCode::Refused, vec![]));
    }
}

#[tokio::test]
async fn a_faulty_list_is_named_and_replaces_nothing() {
    let stage = Stage::new().await;
    open(&stage, &json!([{ "refuse": true }])).await;
    let before = stage.own("GET", "name-servers", None).await.json();
    for (body, place) in [
        (json!({}), "an array"),
        (json!([{}, 7]), "[1]:"),
        (json!([{ "lag": 5 }]), "[0]: no member 'lag'"),
        (json!([{ "lag_ms": -5 }]), "[0].lag_ms"),
        (json!([{ "lie": ["nas.example.com"] }]), "[0].lie"),
        (json!([{ "lie": { "a..b": [] } }]), "[0].lie: 'a..b'"),
        (json!([{ "lie": { "nas.example.com": ["192.0.2.256"] } }]), "[0].lie.nas.example.com"),
        (json!([{ "lie": { "nas.example.com": "192.0.2.1" } }]), "[0].lie.nas.example.com"),
        (json!([{ "refuse": "yes" }]), "[0].refuse"),
        (json!([{ "refuse": true, "lag_ms": 5 }]), "[0].refuse"),
        (json!(vec![json!({}); 17]), "17 name servers"),
    ] {
        let got = stage.own("PUT", "name-servers", Some(&body)).await;
        let message = got.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(got.status == 400 && message.starts_with(place), "{place}: {got:?}");
    }
    assert_eq!(stage.own("GET", "name-servers", None).await.json(), before);
}
