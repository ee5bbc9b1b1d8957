//! Record sets of private zones: the same calls in the other kind's words.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use heartbeat_dns::azure::{Certainty, Condition, Deleted, Kind};
use pure::domain::{RecordSet, RecordType, ZoneId};
use serde_json::json;

use super::addresses;
use crate::stage::{Stage, host, zone_id};

const TYPES: [(RecordType, &str); 2] = [(RecordType::A, "10.1.0.4"), (RecordType::Aaaa, "fd12::4")];

fn private_id() -> String {
    zone_id("corp.example.com").replace("dnsZones", "privateDnsZones")
}

fn private() -> ZoneId {
    ZoneId::parse(&private_id()).unwrap()
}

/// A private zone with a set of Azure's and one of each type of somebody's.
async fn stage() -> Stage {
    let sets = [
        json!({"name": "vm01", "type": "A", "ttl": 10, "isAutoRegistered": true,
            "aRecords": [{"ipv4Address": "10.1.0.9"}]}),
        json!({"name": "nas", "type": "A", "ttl": 300, "metadata": {"team": "edge"},
            "aRecords": [{"ipv4Address": "10.1.0.3"}]}),
        json!({"name": "nas", "type": "AAAA", "ttl": 300, "aaaaRecords": [{"ipv6Address": "fd12::3"}]}),
    ];
    Stage::with(&json!({"zones": [{"id": private_id(), "recordSets": sets}]})).await
}

#[tokio::test]
async fn a_set_of_a_private_zone_is_created_replaced_listed_and_taken_away() {
    let stage = stage().await;
    let azure = stage.azure();
    let (zone, name) = (private(), host("nas.corp.example.com"));
    for (record_type, to) in TYPES {
        let before = azure.dns.get(&zone, &name, record_type).await.unwrap().unwrap();
        assert_eq!((before.ttl, before.addresses.len(), before.auto_registered), (300, 1, false));
        assert!(before.other.is_empty(), "{:?}", before.other);
        let moved = RecordSet { addresses: addresses(to), ..before.clone() };
        let after = azure.dns.put(&moved, &Condition::Match(before.etag.clone())).await.unwrap();
        assert_eq!((after.ttl, &after.addresses, &after.metadata), (300, &moved.addresses, &before.metadata));
        assert_ne!(after.etag, before.etag);
        let stale = azure.dns.put(&before, &Condition::Match(before.etag.clone())).await.unwrap_err();
        assert!(stale.is_precondition() && stale.certainty == Certainty::Answered, "{stale}");
        let list = azure.dns.list(&zone, record_type, BTreeSet::from([name.clone()]));
        let pages: Vec<_> = list.try_collect().await.unwrap();
        assert_eq!(pages[0].sets[0].1.as_ref().unwrap(), &after);

        let new =
            RecordSet { name: host("new.corp.example.com"), id: String::new(), etag: String::new(), ..after };
        let made = azure.dns.put(&new, &Condition::Absent).await.unwrap();
        let there = azure.dns.put(&new, &Condition::Absent).await.unwrap_err();
        assert!(there.is_precondition(), "{there}");
        assert_eq!(azure.dns.delete(&made).await.unwrap(), Deleted::Gone);
        assert_eq!(azure.dns.get(&zone, &new.name, record_type).await.unwrap(), None);
    }
    assert!(azure.dns.cnames(&zone).await.unwrap().is_empty());
}

/// Azure would let the write win, and say nothing (contract private-zones, section 0).
#[tokio::test]
async fn a_set_that_azure_registered_is_told_to_be_so_and_never_written() {
    let stage = stage().await;
    let azure = stage.azure();
    let name = host("vm01.corp.example.com");
    let set = azure.dns.get(&private(), &name, RecordType::A).await.unwrap().unwrap();
    assert!(set.auto_registered, "{set:?}");
    let moved = RecordSet { addresses: addresses("10.1.0.4"), ..set.clone() };
    let refused = azure.dns.put(&moved, &Condition::Match(set.etag.clone())).await.unwrap_err();
    assert_eq!((refused.kind(), refused.certainty), (Kind::NotWritable, Certainty::NotSent), "{refused}");
    let refused = azure.dns.delete(&set).await.unwrap_err();
    assert_eq!((refused.kind(), refused.certainty), (Kind::NotWritable, Certainty::NotSent), "{refused}");
    assert_eq!(azure.dns.get(&private(), &name, RecordType::A).await.unwrap(), Some(set));
}

#[tokio::test]
async fn a_private_zone_is_asked_by_its_own_version_and_never_for_what_it_hands_over() {
    let stage = stage().await;
    let azure = stage.azure();
    azure.dns.get(&private(), &host("nas.corp.example.com"), RecordType::A).await.unwrap();
    assert!(azure.dns.ns_sets(&private()).await.unwrap().is_empty(), "it can hand nothing over");
    let calls = stage.all_calls().await;
    let asked: Vec<_> = calls.iter().filter(|call| call.path.contains("DnsZones")).collect();
    let [asked] = &asked[..] else { panic!("{asked:?}") };
    assert!(
        asked.path.ends_with("/privateDnsZones/corp.example.com/A/nas?api-version=2024-06-01"),
        "{asked:?}"
    );
}

/// Azure makes and removes the sets of such machines by itself (contract private-zones, section 3).
#[tokio::test]
async fn the_networks_whose_virtual_machines_a_zone_registers_are_known_by_its_links() {
    let network = |name: &str| {
        format!("/subscriptions/s1/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/{name}")
    };
    let link = |name: &str, registers: bool| json!({ "name": name, "virtualNetwork": { "id": network(name) }, "registrationEnabled": registers });
    let zone = json!({"id": private_id(), "recordSets": [],
        "virtualNetworkLinks": [link("vnet-hub", true), link("vnet-spoke", false)]});
    let stage = Stage::with(&json!({ "zones": [zone] })).await;
    let found = stage.azure().dns.registering(&private()).await.unwrap();
    let names: Vec<_> = found.iter().map(|id| id.name().to_owned()).collect();
    assert_eq!(names, ["vnet-hub"]);
    let bare = Stage::with(&json!({ "zones": [{"id": private_id(), "recordSets": []}] })).await;
    assert!(bare.azure().dns.registering(&private()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_addresses_of_a_virtual_machine_are_those_of_all_its_network_interfaces() {
    let machine = |name: &str| {
        format!("/subscriptions/s1/resourceGroups/rg-edge/providers/Microsoft.Compute/virtualMachines/{name}")
    };
    let interface = |name: &str, of: &str, addresses: &[&str]| {
        let configuration = |address: &&str| json!({ "properties": { "privateIPAddress": address } });
        let configurations: Vec<_> = addresses.iter().map(configuration).collect();
        json!({ "id": format!("/subscriptions/s1/resourceGroups/rg-net/providers/Microsoft.Network/networkInterfaces/{name}"),
            "properties": { "virtualMachine": { "id": machine(of).to_uppercase() }, "ipConfigurations": configurations } })
    };
    let resources = json!([
        interface("nic-web-1", "web", &["10.1.0.4", "10.1.0.5"]),
        interface("nic-web-2", "web", &["fd12::4"]),
        interface("nic-db", "db", &["10.1.0.9"]),
    ]);
    let stage = Stage::with(&json!({ "zones": [], "resources": resources })).await;
    let asked = ["web", "none"].map(|name| pure::domain::ResourceId::parse(&machine(name)).unwrap());
    let found = stage.azure().resource_graph.private_addresses(&asked.clone().into()).await.unwrap();
    let told: Vec<_> =
        asked.iter().map(|id| found[id].iter().map(ToString::to_string).collect::<Vec<_>>()).collect();
    assert_eq!(told, [vec!["10.1.0.4", "10.1.0.5", "fd12::4"], vec![]]);
    assert_eq!(found.len(), 2, "nobody asked for the other one");
}
