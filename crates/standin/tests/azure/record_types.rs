//! The types that version 2023-07-01-preview adds, by wire and by name server; names that say "there is none".

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::RecordType;
use serde_json::{Value, json};

use crate::names::{ask_at, over_udp, question};
use crate::stage::{Got, PRIVATE, Stage, ZONE};

async fn preview(stage: &Stage, method: &str, path: &str, body: Option<Value>) -> Got {
    stage.send(method, &format!("{path}?api-version=2023-07-01-preview"), &[], body.as_ref()).await
}

fn digest() -> String {
    "AB".repeat(32)
}

/// One set of each: type, name, member, records, and the octets of the first record.
fn sets() -> [(&'static str, &'static str, &'static str, Value, Vec<u8>); 3] {
    let octets = vec![0xAB; 32];
    [
        (
            "DS",
            "sub",
            "DSRecords",
            json!([{ "keyTag": 60485, "algorithm": 13, "digest": { "algorithmType": 2, "value": digest() } }]),
            [&[0xEC, 0x45, 13, 2][..], &octets].concat(),
        ),
        (
            "TLSA",
            "_443._tcp.www",
            "TLSARecords",
            json!([{ "usage": 3, "selector": 1, "matchingType": 1, "certAssociationData": digest() }]),
            [&[3, 1, 1][..], &octets].concat(),
        ),
        (
            "NAPTR",
            "sip",
            "NAPTRRecords",
            json!([{
                "order": 100, "preference": 50, "flags": "s", "services": "SIP+D2U", "regexp": "",
                "replacement": "_sip._udp.example.com",
            }]),
            b"\x00\x64\x00\x32\x01s\x07SIP+D2U\x00\x04_sip\x04_udp\x07example\x03com\x00".to_vec(),
        ),
    ]
}

#[tokio::test]
async fn new_types_are_written_and_resolved() {
    let stage = Stage::new().await;
    let ns = json!({ "properties": { "TTL": 60, "NSRecords": [{ "nsdname": "ns.sub.example.com." }] } });
    stage.dns("PUT", &format!("{ZONE}/NS/sub"), &[], Some(&ns)).await;
    for (kind, name, member, records, octets) in sets() {
        let path = format!("{ZONE}/{kind}/{name}");
        let body = json!({ "properties": { "TTL": 60, member: records } });
        let got = preview(&stage, "PUT", &path, Some(body)).await;
        assert_eq!(got.status, 201, "{got:?}");
        let shown = preview(&stage, "GET", &path, None).await.json();
        assert_eq!(shown["type"], format!("Microsoft.Network/dnszones/{kind}"));
        assert_eq!(shown["properties"][member], records);
        let code: RecordType = kind.parse().expect("a type");
        let answer =
            over_udp(stage.standin.dns_addr(), &question(&format!("{name}.example.com."), code)).await;
        assert_eq!(answer.answers.len(), 1, "{kind}: {answer:?}");
        let packet = answer.to_vec().expect("a packet");
        assert!(packet.windows(octets.len()).any(|part| part == octets), "{kind}");
        assert!(answer.metadata.authoritative, "{kind}");
        assert_eq!(stage.get(&path).await.status, 400, "{kind} is not known to 2018-05-01");
    }
    let names = async |path: &str, version: &str| {
        let got = stage.send("GET", &format!("{ZONE}/{path}?api-version={version}"), &[], None).await;
        got.json()["value"].as_array().map(Vec::len).unwrap_or_default()
    };
    assert_eq!(names("all", "2023-07-01-preview").await, 6);
    assert_eq!(names("recordsets", "2018-05-01").await, 3, "SOA and the NS sets");
    let world = stage.own("GET", "world", None).await.json();
    stage.put_world(&world).await;
    assert_eq!(stage.own("GET", "world", None).await.json(), world);
    for (kind, name, ..) in sets() {
        assert_eq!(preview(&stage, "DELETE", &format!("{ZONE}/{kind}/{name}"), None).await.status, 200);
    }
}

#[tokio::test]
async fn a_delegation_leads_elsewhere_for_all_but_its_keys() {
    let stage = Stage::new().await;
    let [(_, _, member, records, _), ..] = sets();
    let sets = json!([
        { "name": "sub", "type": "NS", "NSRecords": [{ "nsdname": "ns.elsewhere.net." }] },
        { "name": "sub", "type": "DS", member: records },
    ]);
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": sets }] })).await;
    let ask = async |name: &str, kind| over_udp(stage.standin.dns_addr(), &question(name, kind)).await;
    let keys = ask("SUB.example.com.", RecordType::DS).await;
    assert!(keys.metadata.authoritative && keys.answers.len() == 1, "{keys:?}");
    for (name, kind) in [("sub.example.com.", RecordType::A), ("a.sub.example.com.", RecordType::DS)] {
        let referral = ask(name, kind).await;
        assert!(!referral.metadata.authoritative && referral.answers.is_empty(), "{name} {kind}");
    }
}

#[tokio::test]
async fn new_types_that_cannot_be() {
    let stage = Stage::new().await;
    for (kind, member, record) in [
        (
            "DS",
            "DSRecords",
            json!({ "keyTag": 65536, "algorithm": 13, "digest": { "algorithmType": 2, "value": "AB" } }),
        ),
        ("DS", "DSRecords", json!({ "keyTag": 1, "algorithm": 13 })),
        (
            "DS",
            "DSRecords",
            json!({ "keyTag": 1, "algorithm": 13, "digest": { "algorithmType": 2, "value": "ABC" } }),
        ),
        (
            "TLSA",
            "TLSARecords",
            json!({ "usage": 256, "selector": 1, "matchingType": 1, "certAssociationData": "AB" }),
        ),
        (
            "TLSA",
            "TLSARecords",
            json!({ "usage": 3, "selector": 1, "matchingType": 1, "certAssociationData": "x" }),
        ),
        (
            "NAPTR",
            "NAPTRRecords",
            json!({ "order": 1, "preference": 1, "flags": "", "services": "", "regexp": "x".repeat(256), "replacement": "." }),
        ),
    ] {
        let body = json!({ "properties": { "TTL": 60, member: [record] } });
        let got = preview(&stage, "PUT", &format!("{ZONE}/{kind}/x"), Some(body.clone())).await;
        assert_eq!((got.status, got.code().as_str()), (400, "bare BadRequest"), "{body}");
    }
    stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    let got = stage.get(&format!("{PRIVATE}/TLSA/x")).await;
    assert_eq!(
        (got.status, got.code().as_str()),
        (404, "wrapped InvalidResourceType"),
        "not in private zones"
    );
}

#[tokio::test]
async fn a_lone_dot_says_that_there_is_none() {
    let stage = Stage::new().await;
    for (kind, member, records, shown) in [
        ("MX", "MXRecords", json!([{ "preference": 0, "exchange": "." }]), "0 ."),
        ("SRV", "SRVRecords", json!([{ "priority": 0, "weight": 0, "port": 0, "target": "." }]), "0 0 0 ."),
    ] {
        let body = json!({ "properties": { "TTL": 60, member: records } });
        let got = stage.dns("PUT", &format!("{ZONE}/{kind}/none"), &[], Some(&body)).await;
        assert_eq!((got.status, &got.json()["properties"][member]), (201, &records), "{got:?}");
        let found =
            ask_at(stage.standin.dns_addr(), "none.example.com.", kind.parse().expect("a type")).await;
        assert_eq!(found, (ResponseCode::NoError, vec![shown.to_owned()]));
    }
    let body = json!({ "properties": { "TTL": 60, "CNAMERecord": { "cname": "." } } });
    assert_eq!(stage.dns("PUT", &format!("{ZONE}/CNAME/x"), &[], Some(&body)).await.status, 400);
}

#[tokio::test]
async fn a_zone_is_signed_and_unsigned() {
    let stage = Stage::new().await;
    let folder = format!("{ZONE}/dnssecConfigs");
    let path = format!("{folder}/default");
    assert_eq!(preview(&stage, "GET", &path, None).await.code(), "bare NotFound");
    let got = preview(&stage, "PUT", &path, None).await;
    assert_eq!(got.status, 201, "{got:?}");
    let shown = got.json();
    assert_eq!(shown["id"], path.replace("dnsZones", "dnszones"));
    let keys = shown["properties"]["signingKeys"].as_array().expect("keys").clone();
    assert_eq!(keys.iter().map(|key| key["flags"].clone()).collect::<Vec<_>>(), [json!(257), json!(256)]);
    let told = &keys[0]["delegationSignerInfo"][0];
    let record = format!("{} 13 2 {}", keys[0]["keyTag"], told["digestValue"].as_str().unwrap_or_default());
    assert_eq!(told["record"], record, "what the parent is to be told");
    assert_eq!(preview(&stage, "PUT", &path, None).await.status, 200);
    assert_eq!(preview(&stage, "GET", &folder, None).await.json()["value"].as_array().map(Vec::len), Some(1));
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!(world["zones"][0]["dnssec"], true);
    stage.put_world(&world).await;
    assert_eq!(preview(&stage, "GET", &path, None).await.status, 200, "a world keeps it");
    assert_eq!(stage.get(&path).await.status, 400, "2018-05-01 does not know it");
    assert_eq!(preview(&stage, "DELETE", &path, None).await.status, 202);
    assert_eq!(preview(&stage, "DELETE", &path, None).await.status, 204);
    assert_eq!(preview(&stage, "GET", &folder, None).await.json()["value"], json!([]));
}
