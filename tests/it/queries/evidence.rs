//! Thirty days of heartbeats of given machines.

use heartbeat_dns::queries::{EvidenceAnswer, evidence_query};
use pure::domain::ResourceId;
use pure::plan::{Evidence, EvidenceRequest};
use serde_json::json;

use super::world::{World, before, id, lower_id};

const DAY: f64 = 1440.0;

fn request(machines: &[&str], addresses: &[&str]) -> EvidenceRequest {
    EvidenceRequest {
        machines: machines.iter().map(|name| ResourceId::parse(&id(name)).unwrap()).collect(),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
    }
}

fn ask(world: &World, machines: &[&str], addresses: &[&str]) -> Evidence {
    let request = request(machines, addresses);
    let table = world.run(&evidence_query(&request));
    EvidenceAnswer::read(&table.columns, &table.rows).about(request)
}

#[test]
fn each_machine_and_address_has_its_newest_time() {
    let world = World::empty()
        .beat("nas", 29.0 * DAY, "198.51.100.1")
        .beat("nas", 28.0 * DAY, "198.51.100.1")
        .beat("nas", 31.0 * DAY, "198.51.100.2")
        .beat("nas", 5.0, "203.0.113.7")
        .beat("nas", 1.0, "")
        .beat_with("pi", 9.0, "198.51.100.1", json!({"_ResourceId": id("pi").to_uppercase()}))
        .beat_with("pi", 8.0, "198.51.100.2", json!({"SCAgentChannel": "SCManagementServer"}))
        .beat("other", 1.0, "198.51.100.1")
        .doubled();
    let found = ask(&world, &["nas", "pi", "never"], &["198.51.100.1", "198.51.100.2"]);
    let time = |minutes: f64| before(minutes).parse().unwrap();
    let address = "198.51.100.1".parse().unwrap();
    let expected = Evidence {
        reported: [
            (lower_id("nas"), [(address, time(28.0 * DAY))].into()),
            (lower_id("pi"), [(address, time(9.0))].into()),
        ]
        .into(),
        asked: found.asked.clone(),
        last_heard: [(lower_id("nas"), time(1.0)), (lower_id("pi"), time(9.0))].into(),
    };
    assert_eq!(found, expected);
    assert_eq!((found.asked.machines.len(), found.asked.addresses.len()), (3, 2));
}

#[test]
fn ipv6_is_found_in_any_spelling() {
    let world = World::empty().beat("nas", 9.0, "2001:DB8:0::7").beat("nas", 3.0, "2001:db8::8");
    let found = ask(&world, &["nas"], &["2001:db8::7"]);
    let expected = ("2001:db8::7".parse().unwrap(), before(9.0).parse().unwrap());
    assert_eq!(found.reported[&lower_id("nas")], [expected].into());
}

#[test]
fn asking_for_nobody_finds_nothing() {
    let world = World::empty().beats("nas", 1..=5, "203.0.113.7");
    let nobody = ask(&world, &[], &["203.0.113.7"]);
    assert!(nobody.reported.is_empty() && nobody.last_heard.is_empty());
    assert!(ask(&world, &["nas"], &[]).reported.is_empty());
}

/// One answer for many record sets gives each its own.
#[test]
fn a_machine_that_was_not_asked_for_has_no_part_in_it() {
    let world = World::empty().beat("nas", 3.0, "203.0.113.7").beat("pi", 2.0, "203.0.113.7");
    let table = world.run(&evidence_query(&request(&["nas", "pi"], &["203.0.113.7"])));
    let recalled = EvidenceAnswer::read(&table.columns, &table.rows);
    let one = recalled.about(request(&["pi"], &["203.0.113.7"]));
    assert_eq!((one.reported.len(), one.last_heard.len()), (1, 1));
    let nobody = recalled.about(request(&["other"], &["203.0.113.7"]));
    assert!(nobody.reported.is_empty() && nobody.last_heard.is_empty());
}
