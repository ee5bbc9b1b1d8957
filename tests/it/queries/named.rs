//! Names that somebody asked for have rows whatever the log holds.

use heartbeat_dns::queries::MISMATCH;
use serde_json::{Value, json};

use super::world::{Table, World, ZONE, before, replaced};

const ROW: [&str; 5] = ["_ResourceId", "DNSHostName_s", "ComputerIP", "DNSIP_s", "Actionable"];

fn asked(world: &World, names: &str) -> Table {
    world.run(&replaced(MISMATCH, "let Named = dynamic([]);", &format!("let Named = dynamic([{names}]);")))
}

/// Two names that the log calls right, and one that is wrong.
fn house() -> World {
    World::swept()
        .tag("nas", "nas.example.com")
        .tag("nas", "files.example.com")
        .tag("pi", "pi.example.com")
        .record("nas.example.com", &["203.0.113.7"])
        .record("files.example.com", &["203.0.113.7"])
        .record("pi.example.com", &["198.51.100.1"])
        .beats("nas", 1..=5, "203.0.113.7")
        .beats("pi", 1..=5, "203.0.113.8")
}

fn wrong() -> Value {
    json!(["~pi", "pi.example.com", "203.0.113.8", "198.51.100.1", true])
}

#[test]
fn a_named_name_is_a_row_though_the_log_calls_it_right() {
    assert_eq!(house().mismatch().pick(&ROW), [wrong()]);
    let right = json!(["~nas", "nas.example.com", "203.0.113.7", "203.0.113.7", false]);
    assert_eq!(asked(&house(), "'nas.example.com'").pick(&ROW), [right.clone(), wrong()]);
    assert_eq!(asked(&house().doubled(), "'nas.example.com'").pick(&ROW), [right, wrong()]);
}

#[test]
fn its_row_tells_the_whole_evidence() {
    let world = house().beats("nas", [40], "198.51.100.9");
    let columns =
        ["DNSHostName_s", "Beats", "FirstBeat", "Claimants", "ClaimedBy_s", "Etag_s", "PresentLastSeen"];
    let table = asked(&world, "'nas.example.com', 'none.example.com'");
    let expected = json!(["nas.example.com", 5, 5.0, 1, "~nas", "e1", 1.0]);
    assert_eq!(table.pick(&columns)[0], expected);
    assert_eq!(table.rows.len(), 2);
}

#[test]
fn being_named_makes_nothing_actionable_and_nothing_less() {
    let named = asked(&house(), "'pi.example.com'");
    assert_eq!(named.pick(&ROW), [wrong()]);
    // Who claims nothing, or was not heard, has no row by being named.
    let silent = World::swept().tag("nas", "nas.example.com").record("nas.example.com", &["203.0.113.7"]);
    assert!(asked(&silent, "'nas.example.com'").rows.is_empty());
    assert!(asked(&house(), "'www.example.com'").pick(&ROW) == [wrong()]);
}

#[test]
fn a_name_is_asked_for_in_all_its_zones() {
    let other = ZONE.replace("rg-dns", "rg-inside");
    let world = house()
        .zone_marker(20.0, &other)
        .tag_with("pi", "nas.example.com", json!({"ZoneId_s": other}))
        .record_with("nas.example.com", &["203.0.113.8"], json!({"ZoneId_s": other}));
    let table = asked(&world, "'nas.example.com'");
    let expected = [json!(["nas.example.com", ZONE]), json!(["nas.example.com", other])];
    assert_eq!(table.pick(&["DNSHostName_s", "ZoneId_s"])[..2], expected);
}

#[test]
fn shared_names_have_a_row_for_each_claimant_that_was_heard() {
    let world = house().tag("tv", "nas.example.com").beats("tv", [30], "198.51.100.3");
    let expected = [
        json!(["~nas", "nas.example.com", "203.0.113.7", "203.0.113.7", false]),
        wrong(),
        json!(["~tv", "nas.example.com", "198.51.100.3", "203.0.113.7", false]),
    ];
    assert_eq!(asked(&world, "'nas.example.com'").pick(&ROW), expected);
}

#[test]
fn a_set_that_was_removed_since_is_what_the_log_still_holds() {
    let world =
        house().record_with("nas.example.com", &["203.0.113.7"], json!({"TimeGenerated": before(2.0)}));
    let row = asked(&world, "'nas.example.com'");
    assert_eq!(
        row.pick(&["DNSHostName_s", "RecordSetId_s"])[0][1],
        json!(format!("{ZONE}/A/nas.example.com"))
    );
}
