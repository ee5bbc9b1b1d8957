//! The resolver, which is inside the networks that private zones are linked to.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_server::proto::op::{Message, ResponseCode};
use hickory_server::proto::rr::RecordType;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::names::{PATIENCE, ask_at, over_tcp, over_udp, question};
use crate::stage::{SUBSCRIPTION, Stage, a_set};

fn zone_id(kind: &str, name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/{kind}/{name}")
}

fn public(name: &str, sets: &Value) -> Value {
    json!({ "id": zone_id("dnsZones", name), "recordSets": sets })
}

/// A private zone that is linked to one network, with this policy.
fn private(name: &str, policy: &str, sets: &Value) -> Value {
    let home = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/home"
    );
    let links = json!([{ "name": "home", "virtualNetwork": home, "resolutionPolicy": policy }]);
    json!({ "id": zone_id("privateDnsZones", name), "recordSets": sets, "virtualNetworkLinks": links })
}

fn cname(name: &str, target: &str) -> Value {
    json!({ "name": name, "type": "CNAME", "ttl": 60, "cnameRecord": { "cname": target } })
}

async fn stage(zones: &Value) -> (Stage, SocketAddr) {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "zones": zones })).await;
    let resolver = stage.standin.resolver_addr();
    (stage, resolver)
}

fn told(addresses: &[&str]) -> (ResponseCode, Vec<String>) {
    (ResponseCode::NoError, addresses.iter().map(|&address| address.to_owned()).collect())
}

fn flags(answer: &Message) -> (bool, bool) {
    (answer.metadata.recursion_available, answer.metadata.authoritative)
}

#[tokio::test]
async fn a_linked_private_zone_hides_the_public_one_of_its_name() {
    let zones = json!([
        public("example.com", &json!([a_set("both", "192.0.2.1"), a_set("outside", "192.0.2.2")])),
        public("sub.example.com", &json!([a_set("far", "192.0.2.3")])),
        public("example.net", &json!([a_set("www", "192.0.2.4")])),
        private(
            "example.com",
            "NxDomainRedirect",
            &json!([a_set("both", "10.1.0.1"), a_set("inside", "10.1.0.2")])
        ),
    ]);
    let (stage, resolver) = stage(&zones).await;
    let missing = (ResponseCode::NXDomain, vec![]);
    for (name, inside, outside) in [
        ("both.example.com.", told(&["10.1.0.1"]), told(&["192.0.2.1"])),
        ("Inside.example.com.", told(&["10.1.0.2"]), missing.clone()),
        ("outside.example.com.", missing.clone(), told(&["192.0.2.2"])),
        ("far.sub.example.com.", missing, told(&["192.0.2.3"])),
        ("www.example.net.", told(&["192.0.2.4"]), told(&["192.0.2.4"])),
    ] {
        assert_eq!(ask_at(resolver, name, RecordType::A).await, inside, "{name}");
        assert_eq!(ask_at(stage.standin.dns_addr(), name, RecordType::A).await, outside, "{name}");
    }
    for name in ["both.example.com.", "www.example.net.", "outside.example.com."] {
        let message = question(name, RecordType::A);
        assert_eq!(flags(&over_udp(resolver, &message).await), (true, false), "{name}");
        assert_eq!(flags(&over_tcp(resolver, &message).await), (true, false), "{name}");
    }
    let public = over_udp(stage.standin.dns_addr(), &question("both.example.com.", RecordType::A)).await;
    assert_eq!(flags(&public), (false, true));
    let negative = over_udp(resolver, &question("outside.example.com.", RecordType::A)).await;
    let soa = &negative.authorities[0];
    assert_eq!((soa.record_type(), soa.name.to_string()), (RecordType::SOA, "example.com.".to_owned()));
    assert!(soa.ttl <= 10, "{soa}");
}

#[tokio::test]
async fn a_zone_without_a_link_is_seen_by_nobody() {
    let mut alone = private("example.com", "Default", &json!([a_set("nas", "10.1.0.1")]));
    alone["virtualNetworkLinks"] = json!([]);
    let other = private("corp.internal", "Default", &json!([]));
    let zones = json!([public("example.com", &json!([a_set("nas", "192.0.2.1")])), alone, other]);
    let (_stage, resolver) = stage(&zones).await;
    assert_eq!(ask_at(resolver, "nas.example.com.", RecordType::A).await, told(&["192.0.2.1"]));
    let nowhere = (ResponseCode::ServFail, vec![]);
    assert_eq!(
        ask_at(resolver, "nas.example.org.", RecordType::A).await,
        nowhere,
        "there is no network to ask"
    );
}

#[tokio::test]
async fn only_zones_of_private_links_ask_in_public_for_what_they_have_not() {
    let sets = json!([
        a_set("gone", "192.0.2.1"),
        json!({
            "name": "gone", "type": "TXT", "ttl": 60, "txtRecords": [{ "value": ["public"] }],
        })
    ]);
    let name = "privatelink.blob.example.com";
    for (name, policy, expected) in [
        (name, "NxDomainRedirect", told(&["192.0.2.1"])),
        (name, "Default", (ResponseCode::NXDomain, vec![])),
        ("corp.example.com", "NxDomainRedirect", (ResponseCode::NXDomain, vec![])),
    ] {
        let zones = json!([public(name, &sets), private(name, policy, &json!([a_set("here", "10.1.0.1")]))]);
        let (_stage, resolver) = stage(&zones).await;
        assert_eq!(
            ask_at(resolver, &format!("gone.{name}."), RecordType::A).await,
            expected,
            "{name} {policy}"
        );
        assert_eq!(ask_at(resolver, &format!("here.{name}."), RecordType::A).await, told(&["10.1.0.1"]));
        let text = ask_at(resolver, &format!("gone.{name}."), RecordType::TXT).await;
        assert_eq!(text.0, ResponseCode::NXDomain, "other types stay hidden: {name} {policy}");
    }
}

#[tokio::test]
async fn a_cname_leads_from_zone_to_zone() {
    let delegated = json!({
        "name": "cut", "type": "NS", "ttl": 60, "NSRecords": [{ "nsdname": "ns.example.net." }],
    });
    let zones = json!([
        public("example.com", &json!([cname("data", "data.privatelink.example.com"), delegated])),
        private("privatelink.example.com", "Default", &json!([a_set("data", "10.1.0.7")])),
        private(
            "corp.internal",
            "Default",
            &json!([
                cname("alias", "data.example.com"),
                cname("lost", "nobody.privatelink.example.com"),
                cname("a", "b.other.internal"),
            ])
        ),
        private("other.internal", "Default", &json!([cname("b", "a.corp.internal")])),
    ]);
    let (_stage, resolver) = stage(&zones).await;
    let chain = told(&["data.example.com.", "data.privatelink.example.com.", "10.1.0.7"]);
    assert_eq!(ask_at(resolver, "alias.corp.internal.", RecordType::A).await, chain);
    let alone = told(&["data.example.com."]);
    assert_eq!(ask_at(resolver, "alias.corp.internal.", RecordType::CNAME).await, alone);
    let lost = ask_at(resolver, "lost.corp.internal.", RecordType::A).await;
    assert_eq!(lost, (ResponseCode::NXDomain, vec!["nobody.privatelink.example.com.".to_owned()]));
    assert!(
        ask_at(resolver, "a.corp.internal.", RecordType::A).await.1.len() > 2,
        "a circle comes to an end"
    );
    let cut = (ResponseCode::ServFail, vec![]);
    assert_eq!(ask_at(resolver, "x.cut.example.com.", RecordType::A).await, cut, "nobody is there");
}

#[tokio::test]
async fn what_it_once_found_it_tells_until_the_ttl_is_over() {
    let zone = |address: &str, more: &[Value]| {
        let set = |name: &str, ttl: u32| {
            let mut set = a_set(name, address);
            set["ttl"] = json!(ttl);
            set
        };
        let sets = [vec![set("brief", 1), set("long", 3600)], more.to_vec()].concat();
        json!([private("corp.internal", "Default", &json!(sets))])
    };
    let (stage, resolver) = stage(&zone("10.1.0.1", &[])).await;
    // For a second it is known that nothing is there.
    let soa = format!("{}/SOA/@", zone_id("privateDnsZones", "corp.internal"));
    let short = stage.dns("PUT", &soa, &[], Some(&json!({ "properties": { "ttl": 1 } }))).await;
    assert_eq!(short.status, 200, "{short:?}");
    let began = Instant::now();
    let [brief, long, new] = ["brief.corp.internal.", "long.corp.internal.", "new.corp.internal."];
    for name in [brief, long] {
        assert_eq!(ask_at(resolver, name, RecordType::A).await, told(&["10.1.0.1"]), "{name}");
    }
    assert_eq!(ask_at(resolver, new, RecordType::A).await.0, ResponseCode::NXDomain);
    stage.put_world(&json!({ "zones": zone("10.1.0.2", &[a_set("new", "10.1.0.2")]) })).await;
    for name in [brief, new] {
        while ask_at(resolver, name, RecordType::A).await != told(&["10.1.0.2"]) {
            assert!(began.elapsed() < PATIENCE, "the TTL is over: {name}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(began.elapsed() >= Duration::from_secs(1), "{name}: {:?}", began.elapsed());
    }
    let old = over_udp(resolver, &question(long, RecordType::A)).await;
    assert_eq!(old.answers[0].data.to_string(), "10.1.0.1", "it does not know better");
    assert!(old.answers[0].ttl < 3600, "and says how long still: {}", old.answers[0]);
}
