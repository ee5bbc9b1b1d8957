//! Which machines list an address as their own, tagged or not.

use std::collections::BTreeSet;
use std::net::IpAddr;

use heartbeat_dns::queries::{listers, listers_query};
use serde_json::{Value, json};

use super::world::{World, lower_id};

fn list(world: World, machine: &str, minutes: f64, listed: &Value) -> World {
    world.beat_with(machine, minutes, "203.0.113.7", json!({ "ComputerPrivateIPs": listed }))
}

/// Each address with the machines that list it.
fn ask(world: &World, addresses: &[&str]) -> Vec<(String, Vec<String>)> {
    let asked: BTreeSet<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let table = world.run(&listers_query(&asked));
    let found = listers(&asked, &table.columns, &table.rows);
    let ids = |machines: BTreeSet<pure::domain::ResourceId>| {
        machines.iter().map(|id| id.lower().to_owned()).collect()
    };
    found.into_iter().map(|(address, machines)| (address.to_string(), ids(machines))).collect()
}

fn found(address: &str, machines: &[&str]) -> (String, Vec<String>) {
    (address.to_owned(), machines.iter().map(|name| lower_id(name)).collect())
}

#[test]
fn every_machine_that_was_heard_lately_counts_by_its_newest_list() {
    let mut world = World::empty();
    for (machine, minutes, listed) in [
        ("nas", 1.0, json!(["172.17.0.1", "10.1.0.4", "FD12:0::7"])),
        ("text", 2.0, json!("[\"10.1.0.4\", \"fe80::1\"]")),
        ("late", 16.0, json!(["10.1.0.4"])),
        ("moved", 3.0, json!(["10.1.0.4"])),
        ("moved", 2.0, json!(["10.1.0.9"])),
        ("alike", 1.0, json!(["10.1.0.40", "110.1.0.4", "010.1.0.4"])),
        ("mapped", 1.0, json!(["::ffff:10.1.0.4", "::FFFF:a01:5"])),
        ("nothing", 1.0, json!(null)),
        ("silent", 2.0, json!(["10.1.0.4"])),
        ("silent", 1.0, json!(null)),
    ] {
        world = list(world, machine, minutes, &listed);
    }
    let other = json!({ "ComputerPrivateIPs": ["10.1.0.4"], "SCAgentChannel": "SCManagementServer" });
    let world = world.beat_with("scom", 1.0, "203.0.113.7", other).doubled();
    // A beat without a list takes nothing back.
    assert_eq!(
        ask(&world, &["10.1.0.4", "fd12::7", "10.8.0.8"]),
        [
            found("10.1.0.4", &["mapped", "nas", "silent", "text"]),
            found("10.8.0.8", &[]),
            found("fd12::7", &["nas"])
        ]
    );
    assert_eq!(ask(&world, &["10.1.0.5"]), [found("10.1.0.5", &["mapped"])]);
    assert_eq!(ask(&world, &[]), []);
}
