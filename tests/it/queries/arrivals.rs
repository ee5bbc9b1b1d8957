//! Names of which the log alone says that they have come to what their machine reports.

use std::collections::BTreeMap;
use std::net::IpAddr;

use pure::domain::{HostName, ZoneId};
use pure::plan::{Arrival, History};
use serde_json::json;

use super::world::{World, ZONE, before};

fn history(world: &World) -> History {
    let table = world.run(heartbeat_dns::queries::HISTORY);
    heartbeat_dns::queries::history(&table.columns, &table.rows)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// What is told to have come to what its machine reports, of a name whose record set held something else before.
fn arrivals(world: &World) -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let place = (ZoneId::parse(ZONE).unwrap(), ip("203.0.113.7"));
    let names = history(world).arrivals.remove(&place).unwrap_or_default();
    let texts = |name: HostName, arrival: Arrival| {
        let left = arrival.left.iter().map(ToString::to_string).collect();
        let machines = arrival.machines.iter().map(|machine| machine.name().to_owned()).collect();
        (name.to_string(), (left, machines))
    };
    names.into_iter().map(|(name, arrival)| texts(name, arrival)).collect()
}

#[test]
fn arrivals_are_names_that_the_newest_rows_alone_put_where_a_machine_beats() {
    let at = |minutes: f64| json!({ "TimeGenerated": before(minutes) });
    let told = |world: World, name: &str, old: &str, new: &str| {
        world.record(name, &[old]).record_with(name, &[new], at(3.0))
    };
    let claimed = |world: World, who: &str, address: &str| {
        world.tag(who, &format!("{who}.example.com")).beats(who, [1, 6, 11], address)
    };
    let mut world = World::swept();
    for who in ["came", "stayed", "abroad", "left"] {
        world = claimed(world, who, if who == "abroad" { "203.0.113.8" } else { "203.0.113.7" });
    }
    world = told(world, "came.example.com", "198.51.100.1", "203.0.113.7");
    world = told(world, "stayed.example.com", "203.0.113.7", "203.0.113.7");
    world = told(world, "abroad.example.com", "198.51.100.2", "203.0.113.7");
    world = told(world, "left.example.com", "203.0.113.7", "198.51.100.3");
    world = told(world, "nobody.example.com", "198.51.100.4", "203.0.113.7");
    let arrival = |name: &str, left: &str, machine: &str| {
        (name.to_owned(), (vec![left.to_owned()], vec![machine.to_owned()]))
    };
    let came = arrival("came.example.com", "198.51.100.1", "came");
    assert_eq!(arrivals(&world), [came.clone()].into());
    // A newer row that gives its machine another name takes nothing away.
    let renamed = world.tag_with("came", "other.example.com", at(2.0));
    assert_eq!(arrivals(&renamed), [came].into());
    // What a machine that is silent reported is no news, nor what was told long ago.
    let silent = told(
        World::swept().tag("pc", "pc.example.com").beat("pc", 40.0, "203.0.113.7"),
        "pc.example.com",
        "198.51.100.1",
        "203.0.113.7",
    );
    assert_eq!(arrivals(&silent), BTreeMap::new());
}

#[test]
fn arrivals_of_private_zones_are_where_a_machine_lists_the_address() {
    let private =
        "/subscriptions/s1/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/example.com";
    let lists = json!({ "ComputerPrivateIPs": ["10.9.9.9", "10.1.0.4"] });
    let of_zone = |minutes: f64| json!({ "TimeGenerated": before(minutes), "ZoneId_s": private });
    let world = World::swept()
        .zone_marker(20.0, private)
        .tag_with("nas", "nas.example.com", json!({ "ZoneId_s": private }))
        .beat_with("nas", 1.0, "203.0.113.7", lists)
        .record_with("nas.example.com", &["10.1.0.3"], of_zone(19.0))
        .record_with("nas.example.com", &["10.1.0.4"], of_zone(3.0));
    let told: Vec<_> =
        history(&world).arrivals.into_iter().map(|((_, address), names)| (address, names.len())).collect();
    assert_eq!(told, [(ip("10.1.0.4"), 1)]);
}
