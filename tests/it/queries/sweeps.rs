//! Markers: what was removed is gone, and what was never swept cannot be acted on.

use serde_json::json;

use super::world::{World, ZONE, before};

#[test]
fn without_a_tag_marker_there_is_nothing() {
    let world = World::empty().zone_marker(20.0, ZONE).tag("nas", "nas.example.com").beats(
        "nas",
        1..=5,
        "203.0.113.7",
    );
    assert!(world.mismatch().rows.is_empty());
    assert_eq!(world.tag_marker(20.0).mismatch().rows.len(), 1);
}

#[test]
fn a_tag_row_older_than_the_newest_marker_does_not_count() {
    let world = World::swept()
        .tag_marker(50.0)
        .tag_with("nas", "nas.example.com", json!({"TimeGenerated": before(49.0)}))
        .beats("nas", 1..=5, "203.0.113.7");
    assert!(world.mismatch().now().rows.is_empty(), "the machine was not in the newest sweep");
}

#[test]
fn the_marker_is_the_start_of_its_sweep() {
    let world = World::swept()
        .tag_with("nas", "nas.example.com", json!({"TimeGenerated": before(20.0)}))
        .record_with("nas.example.com", &["203.0.113.7"], json!({"TimeGenerated": before(20.0)}))
        .beats("nas", 1..=5, "203.0.113.7");
    assert!(world.mismatch().rows.is_empty());
    let moved = world.beats("nas", [0], "203.0.113.8");
    assert_eq!(moved.mismatch().only("DNSIP_s"), json!("203.0.113.7"));
}

#[test]
fn a_sweep_without_marker_removes_nothing() {
    // The newest sweep reached only `pi` before it failed; the rows of the one before it stand.
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .tag("pi", "pi.example.com")
        .tag_with("pi", "pi.example.com", json!({"TimeGenerated": before(4.0)}))
        .beats("nas", 1..=5, "203.0.113.7")
        .beats("pi", 1..=5, "203.0.113.7");
    let expected = [json!(["nas.example.com"]), json!(["pi.example.com"])];
    assert_eq!(world.mismatch().pick(&["DNSHostName_s"]), expected);
}

#[test]
fn a_removed_record_set_is_a_missing_one() {
    let world = World::swept()
        .zone_marker(50.0, ZONE)
        .tag("nas", "nas.example.com")
        .record_with("nas.example.com", &["203.0.113.7"], json!({"TimeGenerated": before(49.0)}))
        .beats("nas", 1..=5, "203.0.113.7");
    let columns = ["DNSIP_s", "RecordSetId_s", "IsAlias_b", "Actionable"];
    assert_eq!(world.mismatch().pick(&columns), [json!(["", "", null, true])]);
}

#[test]
fn the_names_of_a_zone_that_was_never_swept_are_rows_without_a_record_set() {
    let other = ZONE.replace("example.com", "example.net");
    let world = World::swept()
        .tag_with("nas", "nas.example.net", json!({"ZoneId_s": other}))
        .record_with("nas.example.net", &["203.0.113.7"], json!({"ZoneId_s": other}))
        .beats("nas", 1..=5, "203.0.113.7");
    let columns = ["DNSIP_s", "RecordSetId_s", "Etag_s", "TTL_d", "IsAlias_b", "ZoneId_s", "Actionable"];
    assert_eq!(world.mismatch().pick(&columns), [json!(["", "", "", null, null, other, false])]);
    // With the marker the row is gone, because the set is right.
    assert!(world.zone_marker(20.0, &other).mismatch().rows.is_empty());
}

#[test]
fn the_sweep_of_one_zone_says_nothing_of_another() {
    let other = ZONE.replace("example.com", "example.net");
    let world = World::swept()
        .zone_marker(50.0, &other)
        .tag_with("nas", "nas.example.net", json!({"ZoneId_s": other}))
        .record_with(
            "nas.example.net",
            &["203.0.113.7"],
            json!({"ZoneId_s": other, "TimeGenerated": before(49.0)}),
        )
        .beats("nas", 1..=5, "203.0.113.7");
    assert!(world.mismatch().rows.is_empty());
}
