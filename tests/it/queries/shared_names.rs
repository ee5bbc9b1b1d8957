//! Several machines with one name, and one machine with several.

use serde_json::{Value, json};

use super::world::{World, before};

const CLAIMS: [&str; 6] = ["_ResourceId", "ComputerIP", "DNSIP_s", "Claimants", "ClaimedBy_s", "Actionable"];

/// `nas` and `pi` claim one name.
fn shared(present: &[&str]) -> World {
    World::swept()
        .tag("pi", "home.example.com")
        .tag("nas", "home.example.com")
        .record("home.example.com", present)
}

#[test]
fn a_name_of_several_machines_holds_the_addresses_of_all() {
    let both = |world: World| world.beats("nas", 1..=5, "203.0.113.7").beats("pi", 1..=5, "203.0.113.8");
    assert!(both(shared(&["203.0.113.8", "203.0.113.7"])).mismatch().rows.is_empty());

    let expected = [
        json!(["~nas", "203.0.113.7", "203.0.113.7", 2, "~nas,~pi", true]),
        json!(["~pi", "203.0.113.8", "203.0.113.7", 2, "~nas,~pi", true]),
    ];
    assert_eq!(both(shared(&["203.0.113.7"])).mismatch().pick(&CLAIMS), expected);
}

#[test]
fn machines_of_one_house_are_one_address() {
    let both = |world: World| world.beats("nas", 1..=5, "203.0.113.7").beats("pi", 1..=5, "203.0.113.7");
    assert!(both(shared(&["203.0.113.7"])).mismatch().rows.is_empty());
    let expected = [
        json!(["~nas", "203.0.113.7", "198.51.100.10", 2, "~nas,~pi", true]),
        json!(["~pi", "203.0.113.7", "198.51.100.10", 2, "~nas,~pi", true]),
    ];
    assert_eq!(both(shared(&["198.51.100.10"])).mismatch().pick(&CLAIMS), expected);
}

#[test]
fn a_claimant_that_was_not_heard_lately_says_nothing_while_another_was() {
    let world = |present: &[&str]| {
        shared(present).beats("nas", 1..=5, "203.0.113.7").beats("pi", 20..=25, "203.0.113.8")
    };
    assert!(world(&["203.0.113.7"]).mismatch().rows.is_empty());
    let expected = [
        json!(["~nas", "203.0.113.7", "203.0.113.8", 2, "~nas,~pi", true]),
        json!(["~pi", "203.0.113.8", "203.0.113.8", 2, "~nas,~pi", false]),
    ];
    assert_eq!(world(&["203.0.113.8"]).mismatch().pick(&CLAIMS), expected);
}

#[test]
fn all_claimants_count_when_none_was_heard_lately() {
    let world = |present: &[&str]| {
        shared(present).beats("nas", 30..=35, "203.0.113.7").beats("pi", 20..=25, "203.0.113.8")
    };
    assert!(world(&["203.0.113.7", "203.0.113.8"]).mismatch().rows.is_empty());
    assert_eq!(world(&["203.0.113.8"]).mismatch().rows.len(), 2);
}

#[test]
fn a_claimant_that_was_never_heard_is_counted_and_is_no_row() {
    let world = shared(&["198.51.100.10"]).beats("nas", 1..=5, "203.0.113.7");
    let expected = [json!(["~nas", "203.0.113.7", "198.51.100.10", 2, "~nas,~pi", true])];
    assert_eq!(world.mismatch().pick(&CLAIMS), expected);
}

#[test]
fn a_claimant_without_an_address_adds_none() {
    let world = |present: &[&str]| shared(present).beats("nas", 1..=5, "203.0.113.7").beats("pi", 1..=5, "");
    assert!(world(&["203.0.113.7"]).mismatch().rows.is_empty());
    let expected = [
        json!(["~nas", "203.0.113.7", "198.51.100.10", 2, "~nas,~pi", true]),
        json!(["~pi", "", "198.51.100.10", 2, "~nas,~pi", false]),
    ];
    assert_eq!(world(&["198.51.100.10"]).mismatch().pick(&CLAIMS), expected);
}

#[test]
fn a_tag_with_several_names_is_a_row_for_each_that_is_wrong() {
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .tag("nas", "files.example.com")
        .tag("nas", "backup.example.com")
        .record("nas.example.com", &["198.51.100.10"])
        .record("files.example.com", &["203.0.113.7"])
        .beats("nas", 1..=5, "203.0.113.7");
    let columns = ["DNSHostName_s", "DNSIP_s", "Claimants", "Actionable"];
    let expected =
        [json!(["backup.example.com", "", 1, true]), json!(["nas.example.com", "198.51.100.10", 1, true])];
    assert_eq!(world.mismatch().pick(&columns), expected);
}

#[test]
fn only_the_newest_rows_of_a_machine_claim() {
    // The tag had two names at minute 19 and has another one since minute 10.
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .tag("nas", "files.example.com")
        .tag_with("nas", "box.example.com", json!({"TimeGenerated": before(10.0)}))
        .tag("pi", "nas.example.com")
        .beats("nas", 1..=5, "203.0.113.7");
    let expected = [json!(["box.example.com", 1, "~nas"])];
    assert_eq!(world.mismatch().now().pick(&["DNSHostName_s", "Claimants", "ClaimedBy_s"]), expected);

    let untagged = world.tag_with("nas", "", json!({"TimeGenerated": before(5.0)}));
    assert_eq!(untagged.mismatch().now().rows, Vec::<Vec<Value>>::new());
}

#[test]
fn of_more_than_fifty_claimants_the_first_fifty_are_named() {
    for count in [50, 51, 60] {
        let claimed = (0..count)
            .fold(World::swept(), |world, index| world.tag(&format!("m{index:02}"), "home.example.com"));
        let world = claimed.record("home.example.com", &["198.51.100.10"]).beats("m07", 1..=5, "203.0.113.7");
        let row = &world.mismatch().pick(&["Claimants", "ClaimedBy_s"])[0];
        let named: Vec<&str> = row[1].as_str().unwrap().split(',').collect();
        assert_eq!((&row[0], named.len(), named[49]), (&json!(count), 50, "~m49"));
    }
}
