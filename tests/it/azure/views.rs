//! What private zones hide: both zones of a name and the links, read whole from the stand-in.

use std::collections::BTreeSet;

use heartbeat_dns::views::look;
use pure::domain::{ZoneId, Zones};
use pure::plan::Policy;
use pure::plan::report::WarningKind;
use serde_json::{Value, json};

use crate::stage::{Stage, zone_id};

fn private_id() -> String {
    zone_id("example.com").replace("dnsZones", "privateDnsZones")
}

fn network(name: &str) -> String {
    format!("/subscriptions/s1/resourceGroups/RG-net/providers/Microsoft.Network/virtualNetworks/{name}")
}

fn policy(zones: impl IntoIterator<Item = ZoneId>) -> Policy {
    Policy::new(Zones::new(zones).unwrap(), [], "us")
}

/// Both zones of one name; the private one lacks `www` and a TXT set, and is linked to so many networks.
async fn stage(links: usize) -> (Stage, Policy) {
    let a = |name: &str, address: &str| json!({"name": name, "type": "A", "TTL": 60, "ARecords": [{"ipv4Address": address}]});
    let txt = json!({"name": "_DMARC", "type": "TXT", "TTL": 60, "TXTRecords": [{"value": ["v=DMARC1"]}]});
    let inside = json!({"name": "nas", "type": "A", "ttl": 60, "aRecords": [{"ipv4Address": "10.1.0.4"}]});
    let links: Vec<Value> = (0..links)
        .map(|at| json!({"name": format!("l{at}"), "virtualNetwork": network(&format!("net{at:03}"))}))
        .collect();
    let world = json!({"zones": [
        {"id": zone_id("example.com"), "recordSets": [a("nas", "203.0.113.7"), a("www", "203.0.113.8"), txt]},
        {"id": private_id(), "recordSets": [inside], "virtualNetworkLinks": links},
    ]});
    let ids = [zone_id("example.com"), private_id()].map(|id| ZoneId::parse(&id).unwrap());
    (Stage::with(&world).await, policy(ids))
}

#[tokio::test]
async fn what_the_public_zone_has_and_the_private_one_lacks_is_told_with_its_networks() {
    let (stage, policy) = stage(2).await;
    let zones = &policy.zones;
    let azure = stage.azure();
    let zone = zones.iter().find(|zone| zone.id.as_str() == private_id()).unwrap();
    let view = look(&azure, zone, &policy).await.unwrap();
    let networks: BTreeSet<String> = ["net000", "net001"].map(|name| network(name).to_lowercase()).into();
    assert_eq!(view.networks, networks);
    let [warning] = view.warnings.as_slice() else { panic!("{:?}", view.warnings) };
    assert_eq!(warning.warning, WarningKind::HiddenNames);
    assert_eq!(warning.names, ["_dmarc.example.com", "www.example.com"].map(str::to_owned).into());
    assert_eq!(warning.networks, networks);
}

#[tokio::test]
async fn a_zone_that_nobody_sees_is_told_and_links_are_read_to_the_last_page() {
    let (stage, policy) = self::stage(0).await;
    let zones = &policy.zones;
    let zone = zones.iter().find(|zone| zone.id.as_str() == private_id()).unwrap();
    let view = look(&stage.azure(), zone, &policy).await.unwrap();
    assert_eq!(view.warnings[0].warning, WarningKind::NoLink);
    let (many, _) = self::stage(620).await;
    assert_eq!(many.azure().dns.linked_networks(&zone.id).await.unwrap().len(), 620);
    let public = zones.iter().find(|zone| zone.id.as_str() != private_id()).unwrap();
    assert!(many.azure().dns.linked_networks(&public.id).await.unwrap().is_empty(), "it has no links");
}

/// A private zone hides what lies below its name, in whichever public zone that stands; what a private zone below it has is that one's.
#[tokio::test]
async fn public_zones_above_and_below_are_hidden_as_well() {
    let a = |name: &str| json!({"name": name, "type": "A", "TTL": 60, "ARecords": [{"ipv4Address": "203.0.113.7"}]});
    let named = |kind: &str, name: &str| zone_id(name).replace("dnsZones", kind);
    let world = json!({"zones": [
        {"id": named("dnsZones", "example.com"), "recordSets": [a("www"), a("x.corp"), a("y.lab.corp")]},
        {"id": named("dnsZones", "dmz.corp.example.com"), "recordSets": [a("lap")]},
        {"id": named("privateDnsZones", "corp.example.com"), "recordSets": [],
            "virtualNetworkLinks": [{"name": "l", "virtualNetwork": network("net")}]},
        {"id": named("privateDnsZones", "lab.corp.example.com"), "recordSets": []},
    ]});
    let ids = [
        named("dnsZones", "example.com"),
        named("dnsZones", "dmz.corp.example.com"),
        named("privateDnsZones", "corp.example.com"),
        named("privateDnsZones", "lab.corp.example.com"),
    ];
    let policy = policy(ids.iter().map(|id| ZoneId::parse(id).unwrap()));
    let stage = Stage::with(&world).await;
    let zone = policy.zones.iter().find(|zone| zone.id.as_str() == ids[2]).unwrap();
    let view = look(&stage.azure(), zone, &policy).await.unwrap();
    let hidden = ["dmz.corp.example.com", "lap.dmz.corp.example.com", "x.corp.example.com"];
    assert_eq!(view.warnings[0].names, hidden.map(str::to_owned).into(), "{:?}", view.warnings);
}

/// A set of ours, or of somebody's, stands where Azure would register a virtual machine of the network `hub`: it is told of ours.
#[tokio::test]
async fn a_virtual_machine_that_a_set_of_ours_hides_is_told_with_its_network() {
    let group = "/subscriptions/s1/resourceGroups/RG-net/providers";
    let machine = |name: &str| format!("{group}/Microsoft.Compute/virtualMachines/{name}");
    let interface = |name: &str, net: &str| {
        let configuration = json!({"name": "ipconfig1", "properties": {"primary": true, "privateIPAddress": "10.1.0.9",
            "subnet": {"id": format!("{}/subnets/default", network(net))}}});
        json!({"id": format!("{group}/Microsoft.Network/networkInterfaces/nic-{name}"),
            "properties": {"virtualMachine": {"id": machine(name)}, "ipConfigurations": [configuration]}})
    };
    let set = |name: &str, owner: &str| {
        let mark = json!({"heartbeat_dns_owner": owner, "heartbeat_dns_version": "1",
            "heartbeat_dns_machine": machine("other"), "heartbeat_dns_run": "run-1"});
        let metadata = if owner.is_empty() { json!({}) } else { mark };
        json!({"name": name, "type": "A", "ttl": 60, "metadata": metadata, "aRecords": [{"ipv4Address": "10.1.0.4"}]})
    };
    let told = async |registers: bool| {
        let link = json!({"name": "hub", "virtualNetwork": network("hub"), "registrationEnabled": registers});
        let called = json!({"osProfile": {"computerName": "DB"}});
        let stage = Stage::with(&json!({
            "zones": [{"id": private_id(), "virtualNetworkLinks": [link],
                "recordSets": [set("web", "us"), set("db", "us"), set("far", "us"), set("own", ""), set("their", "them"), set("nas", "us")]}],
            "machines": [{"id": machine("WEB")}, {"id": machine("vm7"), "properties": called}, {"id": machine("far")},
                {"id": machine("own")}, {"id": machine("their")}],
            "resources": [interface("WEB", "hub"), interface("vm7", "hub"), interface("far", "spoke"), interface("own", "hub"),
                interface("their", "hub")],
        }))
        .await;
        let policy = policy([ZoneId::parse(&private_id()).unwrap()]);
        let zone = policy.zones.iter().next().unwrap().clone();
        let view = look(&stage.azure(), &zone, &policy).await.unwrap();
        let asked = stage.calls().await.iter().filter(|call| call.path.contains("ResourceGraph")).count();
        (view.warnings, asked)
    };
    let (warnings, asked) = told(true).await;
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert_eq!((warning.warning, asked), (WarningKind::HiddenMachines, 1));
    assert_eq!(warning.names, ["db.example.com", "web.example.com"].map(str::to_owned).into());
    assert_eq!(warning.networks, [network("hub").to_lowercase()].into());
    assert!(warning.because.contains("2 virtual machines of hub"), "{}", warning.because);
    // Where no link registers nobody is asked for machines.
    assert_eq!(told(false).await, (Vec::new(), 0));
}
