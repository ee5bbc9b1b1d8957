//! What tags claim as the newest complete sweep has it.

use std::collections::BTreeSet;

use heartbeat_dns::queries::{OwnerId, SweptClaim, claims, claims_query};
use serde_json::json;

use super::world::{World, ZONE, before, id, lower_id};

/// Every claim, as one installation sees them.
fn claimed(world: &World, installation: &str) -> BTreeSet<SweptClaim> {
    let table = world.run(&claims_query(&OwnerId::new(installation)));
    claims(&table.columns, &table.rows)
}

fn claim(machine: &str, name: &str, zone: &str) -> SweptClaim {
    SweptClaim { machine: lower_id(machine), name: name.to_owned(), zone: zone.to_lowercase() }
}

/// Claims in the zone of most tests.
fn expected(claims: &[(&str, &str)]) -> BTreeSet<SweptClaim> {
    claims.iter().map(|(machine, name)| claim(machine, name, ZONE)).collect()
}

#[test]
fn a_name_in_two_zones_is_claimed_where_the_sweep_has_found_it() {
    let private = ZONE.replace("dnsZones", "privateDnsZones");
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .tag_with("nas", "nas.example.com", json!({"ZoneId_s": private.to_uppercase()}))
        .tag("pi", "pi.example.com")
        .tag_with("tv", "tv.example.net", json!({"ZoneId_s": "", "Skip_s": "no-zone"}));
    let claims = [
        claim("nas", "nas.example.com", ZONE),
        claim("nas", "nas.example.com", &private),
        claim("pi", "pi.example.com", ZONE),
        claim("tv", "tv.example.net", ""),
    ];
    assert_eq!(claimed(&world, ""), claims.into());
}

#[test]
fn the_newest_rows_of_a_machine_since_the_newest_sweep_claim() {
    let at = |minutes: f64| json!({"TimeGenerated": before(minutes)});
    let world = World::empty()
        .tag_marker(40.0)
        // Not in the newest sweep any more.
        .tag_with("gone", "gone.example.com", at(39.0))
        .tag_marker(20.0)
        // Read in the very moment in which the sweep began.
        .tag_with("first", "first.example.com", at(20.0))
        .tag_with("nas", "NAS.example.com", json!({"id_s": id("NAS").to_uppercase()}))
        .tag("nas", "files.example.com")
        // Its tag was changed since, and that of the other one taken off.
        .tag("moved", "before.example.com")
        .tag_with("moved", "after.example.com", at(5.0))
        .tag("bare", "bare.example.com")
        .tag_with("bare", "", at(5.0))
        .doubled();
    let claims = expected(&[
        ("first", "first.example.com"),
        ("nas", "nas.example.com"),
        ("nas", "files.example.com"),
        ("moved", "after.example.com"),
    ]);
    assert_eq!(claimed(&world, ""), claims);
    assert!(claimed(&World::empty().tag("nas", "nas.example.com"), "").is_empty(), "no complete sweep");
}

#[test]
fn each_installation_has_its_own_claims() {
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .signed("one")
        .tag_marker(10.0)
        .tag_with("pi", "pi.example.com", json!({"TimeGenerated": before(9.0)}))
        .signed("two");
    assert_eq!(claimed(&world, "one"), expected(&[("nas", "nas.example.com")]));
    assert_eq!(claimed(&world, "two"), expected(&[("pi", "pi.example.com")]));
}
