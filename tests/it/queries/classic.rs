//! The classic query of the fixture `classic.kql`, unchanged, over our tables.

use serde_json::{Value, json};

use super::world::{World, ZONE, before, id};

const CLASSIC: &str = include_str!("../fixtures/queries/classic.kql");
const COLUMNS: [&str; 4] = ["_ResourceId", "ComputerIP", "DNSIP_s", "DNSHostName_s"];

/// Three machines with a name of their own and one address each; the names of the first two point elsewhere.
fn plain() -> World {
    World::swept()
        .tag("edge-01", "edge-01.example.com")
        .tag("edge-02", "edge-02.example.com")
        .tag("edge-03", "edge-03.example.com")
        .record("edge-01.example.com", &["198.51.100.10"])
        .record("edge-02.example.com", &["198.51.100.20"])
        .record("edge-03.example.com", &["198.51.100.30"])
        .record("www.example.com", &["198.51.100.99"])
        .beats("edge-01", 1..=5, "203.0.113.7")
        .beats("edge-02", 1..=5, "203.0.113.8")
        .beats("edge-03", 1..=5, "198.51.100.30")
        .beats("untagged", 1..=5, "198.51.100.40")
}

#[test]
fn in_the_plain_case_the_first_four_columns_are_those_of_the_classic_query() {
    let expected = [
        json!(["~edge-01", "203.0.113.7", "198.51.100.10", "edge-01.example.com"]),
        json!(["~edge-02", "203.0.113.8", "198.51.100.20", "edge-02.example.com"]),
    ];
    assert_eq!(plain().run(CLASSIC).pick(&COLUMNS), expected);
    assert_eq!(plain().mismatch().pick(&COLUMNS), expected);
    assert_eq!(plain().run(CLASSIC).columns, COLUMNS);
    assert_eq!(plain().mismatch().columns[..4], COLUMNS);
}

/// Our marker rows do not disturb the classic query: the one of the tags has an empty id, which it filters, and the
/// one of a zone has the name of the apex, which matters only to a machine that claims the apex.
#[test]
fn markers_change_nothing_for_the_classic_query() {
    let world = plain().tag_marker(50.0).zone_marker(50.0, ZONE).tag_marker(80.0);
    assert_eq!(world.run(CLASSIC).pick(&COLUMNS), plain().run(CLASSIC).pick(&COLUMNS));
    // A machine whose tag was removed has a row without a name, to which no record set belongs.
    let gone = |world: World| {
        world.tag_row(json!({"TimeGenerated": before(5.0), "id_s": id("edge-02"), "DNSHostName_s": ""}))
    };
    let expected = [json!(["~edge-01", "203.0.113.7", "198.51.100.10", "edge-01.example.com"])];
    assert_eq!(gone(plain()).run(CLASSIC).pick(&COLUMNS), expected);
    assert_eq!(gone(plain()).mismatch().now().pick(&COLUMNS), expected);
}

/// Outside the plain case the two differ: a name without a record set, an address that comes as text nobody can use,
/// a record set with several addresses, and a tag with several names are seen whole by ours alone.
#[test]
fn outside_the_plain_case_ours_sees_more() {
    let missing = World::swept().tag("nas", "nas.example.com").beats("nas", 1..=5, "203.0.113.7");
    assert_eq!(missing.run(CLASSIC).pick(&COLUMNS), Vec::<Value>::new());
    let expected = [json!(["~nas", "203.0.113.7", "", "nas.example.com"])];
    assert_eq!(missing.mismatch().pick(&COLUMNS), expected);

    let several = missing.record("nas.example.com", &["203.0.113.9", "203.0.113.10"]);
    let expected = [json!(["~nas", "203.0.113.7", "203.0.113.10,203.0.113.9", "nas.example.com"])];
    assert_eq!(several.mismatch().pick(&COLUMNS), expected);
    assert_eq!(several.run(CLASSIC).rows.len(), 1, "it compares with one of the addresses");
}

/// What the documents say of a name in two zones.
const PUBLIC_ALONE: &str = r#"| where ZoneId_s !contains "/privateDnsZones/""#;

/// A name in a public and in a private zone, right in both. The classic query keys record sets by the name alone, so that it
/// takes the one that was seen last; with one line more it sees the public ones.
#[test]
fn with_a_name_in_two_zones_the_classic_query_needs_one_line_more() {
    let private = ZONE.replace("dnsZones", "privateDnsZones");
    let own = |minutes: f64| json!({"ZoneId_s": private, "TimeGenerated": before(minutes)});
    let world = World::swept()
        .zone_marker(20.0, &private)
        .tag("nas", "nas.example.com")
        .tag_with("nas", "nas.example.com", json!({"ZoneId_s": private, "Prefixes_s": "10.0.0.0/8"}))
        .record("nas.example.com", &["203.0.113.7"])
        .record_with("nas.example.com", &["10.1.0.4"], own(18.0))
        .beat_with("nas", 1.0, "203.0.113.7", json!({"ComputerPrivateIPs": ["10.1.0.4"]}));
    let wrong = [json!(["~nas", "203.0.113.7", "10.1.0.4", "nas.example.com"])];
    assert_eq!(world.run(CLASSIC).pick(&COLUMNS), wrong);
    let place = "let DNSDataTable = DNSData_CL |";
    assert_eq!(CLASSIC.matches(place).count(), 1);
    let public = CLASSIC.replace(place, &format!("let DNSDataTable = DNSData_CL {PUBLIC_ALONE} |"));
    assert_eq!(world.run(&public).pick(&COLUMNS), Vec::<Value>::new());
    assert_eq!(world.mismatch().pick(&COLUMNS), Vec::<Value>::new());
    // It goes on seeing a public name that is wrong.
    let moved = world.beat_with("nas", 0.5, "203.0.113.9", json!({"ComputerPrivateIPs": ["10.1.0.4"]}));
    let drifted = [json!(["~nas", "203.0.113.9", "203.0.113.7", "nas.example.com"])];
    assert_eq!(moved.run(&public).pick(&COLUMNS), drifted);
    assert_eq!(
        moved.run(include_str!("../../../infra/recipes/01-names-that-drifted.kql")).pick(&COLUMNS),
        drifted
    );
    assert!(include_str!("../../../docs/hybrid.md").contains(&format!("\n{PUBLIC_ALONE}\n")));
}
