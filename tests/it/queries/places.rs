//! A name may stand in two zones: each of the two is a claim, a record set and a row of its own.

use serde_json::json;

use super::world::{World, ZONE, before};

const PLACE: [&str; 6] = ["_ResourceId", "ZoneId_s", "DNSIP_s", "Claimants", "ClaimedBy_s", "Actionable"];

/// The other zone of the same name.
fn other() -> String {
    ZONE.replace("rg-dns", "rg-inside")
}

/// `nas` claims one name in both zones, which were swept.
fn two_zones() -> World {
    World::swept()
        .zone_marker(20.0, &other())
        .tag("nas", "nas.example.com")
        .tag_with("nas", "nas.example.com", json!({"ZoneId_s": other()}))
        .beats("nas", 1..=5, "203.0.113.7")
}

fn inside(world: World, addresses: &[&str]) -> World {
    world.record_with("nas.example.com", addresses, json!({"ZoneId_s": other()}))
}

#[test]
fn each_zone_is_a_row_of_its_own() {
    let world = inside(two_zones().record("nas.example.com", &["198.51.100.1"]), &["198.51.100.2"]);
    let expected = [
        json!(["~nas", ZONE, "198.51.100.1", 1, "~nas", true]),
        json!(["~nas", other(), "198.51.100.2", 1, "~nas", true]),
    ];
    assert_eq!(world.mismatch().pick(&PLACE), expected);
    assert_eq!(world.doubled().mismatch().pick(&PLACE), expected);
}

#[test]
fn the_record_set_of_one_zone_says_nothing_of_the_other() {
    let right_there = inside(two_zones(), &["203.0.113.7"]);
    assert_eq!(right_there.mismatch().pick(&PLACE), [json!(["~nas", ZONE, "", 1, "~nas", true])]);
    let right_here = two_zones().record("nas.example.com", &["203.0.113.7"]);
    assert_eq!(right_here.mismatch().pick(&PLACE), [json!(["~nas", other(), "", 1, "~nas", true])]);
    assert!(inside(right_here, &["203.0.113.7"]).mismatch().rows.is_empty());
}

#[test]
fn claimants_are_those_of_the_same_zone() {
    let world = two_zones()
        .tag("pi", "nas.example.com")
        .tag_with("tv", "nas.example.com", json!({"ZoneId_s": other()}))
        .beats("pi", 1..=5, "203.0.113.8")
        .record("nas.example.com", &["203.0.113.7", "203.0.113.8"]);
    // In the first zone two addresses are wanted, and there; in the other one that of nas alone.
    let expected = [json!(["~nas", other(), "", 2, "~nas,~tv", true])];
    assert_eq!(world.mismatch().pick(&PLACE), expected);
    assert!(inside(world, &["203.0.113.7"]).mismatch().rows.is_empty());

    let alone = two_zones().tag("pi", "nas.example.com");
    let expected =
        [json!(["~nas", ZONE, "", 2, "~nas,~pi", true]), json!(["~nas", other(), "", 1, "~nas", true])];
    assert_eq!(alone.mismatch().pick(&PLACE), expected);
}

#[test]
fn a_present_address_was_seen_for_the_zone_that_holds_it() {
    let world = inside(two_zones().record("nas.example.com", &["198.51.100.1"]), &["198.51.100.2"])
        .beats("nas", [9], "198.51.100.1")
        .beats("nas", [12], "198.51.100.2");
    let expected = [json!([ZONE, 9.0]), json!([other(), 12.0])];
    assert_eq!(world.mismatch().pick(&["ZoneId_s", "PresentLastSeen"]), expected);
}

#[test]
fn verdicts_and_types_are_those_of_the_zone() {
    let world = World::swept()
        .zone_marker(20.0, &other())
        .tag_with("nas", "nas.example.com", json!({"Skip_s": "apex"}))
        .tag_with("nas", "nas.example.com", json!({"ZoneId_s": other()}))
        .beats("nas", 1..=5, "203.0.113.7");
    let expected = [json!([ZONE, "apex", false]), json!([other(), "", true])];
    assert_eq!(world.mismatch().pick(&["ZoneId_s", "Skip_s", "Actionable"]), expected);
}

#[test]
fn a_zone_in_two_spellings_is_one_place() {
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .tag_with("pi", "nas.example.com", json!({"ZoneId_s": ZONE.to_uppercase()}))
        .beats("nas", 1..=5, "203.0.113.7")
        .beats("pi", 1..=5, "203.0.113.7");
    assert_eq!(world.mismatch().pick(&["Claimants"]), [json!([2]), json!([2])]);
    let right = world.record_with("nas.example.com", &["203.0.113.7"], json!({"TimeGenerated": before(6.0)}));
    assert!(right.mismatch().rows.is_empty());
}
