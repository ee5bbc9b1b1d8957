//! The name server, asked over UDP and TCP with packets made by the DNS library's own encoder.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_server::proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_server::proto::rr::{Name, RecordType};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::stage::{Stage, ZONE, a_set};

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn question(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(77, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).expect("a name"), kind));
    message
}

pub(crate) async fn over_udp(server: SocketAddr, message: &Message) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket.send_to(&message.to_vec().expect("a packet"), server).await.expect("sent");
    let mut packet = vec![0; 4096];
    let length =
        tokio::time::timeout(PATIENCE, socket.recv(&mut packet)).await.expect("in time").expect("a packet");
    Message::from_vec(&packet[..length]).expect("an answer")
}

pub(crate) async fn over_tcp(server: SocketAddr, message: &Message) -> Message {
    let mut stream = TcpStream::connect(server).await.expect("a connection");
    let packet = message.to_vec().expect("a packet");
    stream.write_u16(u16::try_from(packet.len()).expect("short")).await.expect("sent");
    stream.write_all(&packet).await.expect("sent");
    let read = async {
        let length = stream.read_u16().await.expect("a length");
        let mut packet = vec![0; usize::from(length)];
        stream.read_exact(&mut packet).await.expect("a packet");
        packet
    };
    let packet = tokio::time::timeout(PATIENCE, read).await.expect("in time");
    Message::from_vec(&packet).expect("an answer")
}

/// The code and the data of all answers of the first name server.
async fn ask(stage: &Stage, name: &str, kind: RecordType) -> (ResponseCode, Vec<String>) {
    ask_at(stage.standin.dns_addr(), name, kind).await
}

/// The code and the data of all answers.
pub(crate) async fn ask_at(server: SocketAddr, name: &str, kind: RecordType) -> (ResponseCode, Vec<String>) {
    let answer = over_udp(server, &question(name, kind)).await;
    let data = answer.answers.iter().map(|record| record.data.to_string()).collect();
    (answer.metadata.response_code, data)
}

#[tokio::test]
async fn dns_tells_what_was_written() {
    let stage = Stage::new().await;
    assert_eq!(ask(&stage, "nas.home.example.com.", RecordType::A).await, (ResponseCode::NXDomain, vec![]));
    stage.put_a("nas.home", "198.51.100.1").await;
    let one = (ResponseCode::NoError, vec!["198.51.100.1".to_owned()]);
    assert_eq!(ask(&stage, "NAS.home.Example.com.", RecordType::A).await, one);
    let answer = over_tcp(stage.standin.dns_addr(), &question("nas.home.example.com.", RecordType::A)).await;
    assert!(answer.metadata.authoritative && answer.answers[0].ttl == 60);
    assert_eq!(ask(&stage, "nas.home.example.com.", RecordType::AAAA).await, (ResponseCode::NoError, vec![]));
    assert_eq!(
        ask(&stage, "home.example.com.", RecordType::A).await,
        (ResponseCode::NoError, vec![]),
        "names below"
    );
    stage
        .dns(
            "PUT",
            &format!("{ZONE}/A/nas.home"),
            &[],
            Some(&json!({ "properties": { "TTL": 60, "ARecords": [] } })),
        )
        .await;
    assert_eq!(
        ask(&stage, "nas.home.example.com.", RecordType::A).await,
        (ResponseCode::NoError, vec![]),
        "empty"
    );
    assert_eq!(ask(&stage, "example.net.", RecordType::A).await.0, ResponseCode::Refused);
    let negative = over_udp(stage.standin.dns_addr(), &question("x.example.com.", RecordType::A)).await;
    assert_eq!(negative.authorities[0].record_type(), RecordType::SOA);
}

#[tokio::test]
async fn all_types_are_answered() {
    let stage = Stage::new().await;
    let set = |name: &str, kind: &str, member: &str, value: serde_json::Value| json!({ "name": name, "type": kind, member: value });
    let sets = json!([
        a_set("www", "192.0.2.1"),
        set("v6", "AAAA", "AAAARecords", json!([{ "ipv6Address": "2001:DB8:0:0::7" }])),
        set("c", "CNAME", "CNAMERecord", json!({ "cname": "www.example.com" })),
        set("far", "CNAME", "CNAMERecord", json!({ "cname": "www.example.net." })),
        set("loop", "CNAME", "CNAMERecord", json!({ "cname": "loop.example.com" })),
        set("al", "A", "targetResource", json!({ "id": format!("{ZONE}/A/www") })),
        set("@", "MX", "MXRecords", json!([{ "preference": 5, "exchange": "mail.example.com" }])),
        set("@", "CAA", "caaRecords", json!([{ "flags": 0, "tag": "issue", "value": "ca.example.net" }])),
        set("*.w", "TXT", "TXTRecords", json!([{ "value": ["a b", "c"] }])),
        set(
            "_s._tcp",
            "SRV",
            "SRVRecords",
            json!([{ "priority": 1, "weight": 2, "port": 3, "target": "www.example.com" }])
        ),
        set("p", "PTR", "PTRRecords", json!([{ "ptrdname": "www.example.com" }])),
        set("sub", "NS", "NSRecords", json!([{ "nsdname": "ns.sub.example.com" }])),
        a_set("ns.sub", "192.0.2.53"),
    ]);
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": sets }] })).await;
    for (name, kind, data) in [
        ("v6.example.com.", RecordType::AAAA, &["2001:db8::7"][..]),
        ("c.example.com.", RecordType::A, &["www.example.com.", "192.0.2.1"]),
        ("far.example.com.", RecordType::A, &["www.example.net."]),
        ("al.example.com.", RecordType::A, &["192.0.2.1"]),
        ("example.com.", RecordType::MX, &["5 mail.example.com."]),
        ("deep.x.w.example.com.", RecordType::TXT, &["a bc"]),
        ("_s._tcp.example.com.", RecordType::SRV, &["1 2 3 www.example.com."]),
        ("p.example.com.", RecordType::PTR, &["www.example.com."]),
        ("example.com.", RecordType::CAA, &["0 issue \"ca.example.net\""]),
    ] {
        let (code, got) = ask(&stage, name, kind).await;
        assert_eq!((code, got.len()), (ResponseCode::NoError, data.len()), "{name} {kind}: {got:?}");
        if kind != RecordType::CAA && kind != RecordType::TXT {
            assert_eq!(got, data, "{name} {kind}");
        }
    }
    assert_eq!(ask(&stage, "loop.example.com.", RecordType::A).await.0, ResponseCode::NoError, "it ends");
    let referral = over_udp(stage.standin.dns_addr(), &question("x.sub.example.com.", RecordType::A)).await;
    assert!(!referral.metadata.authoritative && referral.answers.is_empty());
    assert_eq!(referral.authorities[0].data.to_string(), "ns.sub.example.com.");
    assert_eq!(referral.additionals[0].data.to_string(), "192.0.2.53");
}

#[tokio::test]
async fn a_name_server_set_cuts_the_zone() {
    let stage = Stage::new().await;
    stage.put_a("a.sub", "192.0.2.1").await;
    let body = json!({ "properties": { "TTL": 300, "NSRecords": [{ "nsdname": "ns.elsewhere.net." }] } });
    assert_eq!(stage.dns("PUT", &format!("{ZONE}/NS/sub"), &[], Some(&body)).await.status, 201);
    let shown = stage.get(&format!("{ZONE}/NS/sub")).await.json();
    assert_eq!(shown["properties"]["NSRecords"], json!([{ "nsdname": "ns.elsewhere.net." }]));
    assert_eq!(shown["properties"]["fqdn"], "sub.example.com.");
    let listed = stage.get(&format!("{ZONE}/NS")).await.json();
    let names: Vec<_> =
        listed["value"].as_array().expect("a list").iter().map(|set| set["name"].clone()).collect();
    assert_eq!(names, ["@", "sub"]);
    let server = stage.standin.dns_addr();
    for (name, kind) in [
        ("sub.example.com.", RecordType::A),
        ("sub.example.com.", RecordType::NS),
        ("a.sub.example.com.", RecordType::A),
        ("deep.b.SUB.example.com.", RecordType::AAAA),
    ] {
        let referral = over_udp(server, &question(name, kind)).await;
        assert_eq!(referral.metadata.response_code, ResponseCode::NoError, "{name}");
        assert!(!referral.metadata.authoritative && referral.answers.is_empty(), "{name}: {referral:?}");
        let servers: Vec<_> = referral.authorities.iter().map(|record| record.data.to_string()).collect();
        assert_eq!(servers, ["ns.elsewhere.net."], "{name}");
        assert_eq!(referral.authorities[0].name.to_string().to_lowercase(), "sub.example.com.");
        assert!(referral.additionals.is_empty(), "no glue: {referral:?}");
    }
    let beside = over_udp(server, &question("xsub.example.com.", RecordType::A)).await;
    assert!(beside.metadata.authoritative && beside.metadata.response_code == ResponseCode::NXDomain);
    stage.dns("DELETE", &format!("{ZONE}/NS/sub"), &[], None).await;
    let whole = (ResponseCode::NoError, vec!["192.0.2.1".to_owned()]);
    assert_eq!(ask(&stage, "a.sub.example.com.", RecordType::A).await, whole, "the zone is whole again");
}

#[tokio::test]
async fn the_zones_name_servers_lead_here() {
    let stage = Stage::new().await;
    let (_, servers) = ask(&stage, "example.com.", RecordType::NS).await;
    assert_eq!(servers.len(), 4);
    for server in servers {
        let here = vec![stage.standin.dns_addr().ip().to_string()];
        assert_eq!(ask(&stage, &server, RecordType::A).await, (ResponseCode::NoError, here));
    }
    let (_, soa) = ask(&stage, "example.com.", RecordType::SOA).await;
    assert_eq!(soa.len(), 1);
}

#[tokio::test]
async fn what_does_not_fit_is_asked_again_over_tcp() {
    let stage = Stage::new().await;
    let texts: Vec<_> =
        (0..12).map(|number| json!({ "value": [format!("{number}{}", "x".repeat(200))] })).collect();
    let sets = json!([{ "name": "big", "type": "TXT", "TXTRecords": texts }]);
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": sets }] })).await;
    let mut message = question("big.example.com.", RecordType::TXT);
    let answer = over_udp(stage.standin.dns_addr(), &message).await;
    assert!(answer.metadata.truncation, "512 octets are not enough");
    assert_eq!(over_tcp(stage.standin.dns_addr(), &message).await.answers.len(), 12);
    let mut edns = Edns::new();
    edns.set_max_payload(4096);
    message.edns = Some(edns);
    assert_eq!(over_udp(stage.standin.dns_addr(), &message).await.answers.len(), 12);
}
