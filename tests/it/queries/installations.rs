//! Two installations in one workspace: each one's queries count its own rows, and those of releases without the column.

use heartbeat_dns::queries::{ACTIONABLE, HISTORY, MISMATCH};
use serde_json::{Value, json};

use super::world::{World, ZONE, before, installed};

const ROW: [&str; 5] = ["_ResourceId", "DNSHostName_s", "DNSIP_s", "Skip_s", "Actionable"];

fn net() -> String {
    ZONE.replace("example.com", "example.net")
}

/// `one` manages example.com and swept 20 minutes ago, `two` manages example.net and swept 10 minutes ago. Each sees
/// the tags of both machines; the name in the other's zone is in none of its own.
fn shared() -> World {
    let sweep = |world: World, zone: &str, minutes: f64, ours: (&str, &str), theirs: (&str, &str)| {
        let at = |other: Value| super::rows::with(json!({"TimeGenerated": before(minutes)}), other);
        world
            .tag_marker(minutes)
            .zone_marker(minutes, zone)
            .tag_with(ours.0, ours.1, at(json!({"ZoneId_s": zone})))
            .tag_with(theirs.0, theirs.1, at(json!({"ZoneId_s": "", "Skip_s": "no-zone"})))
            .record_with(ours.1, &["198.51.100.1"], at(json!({"ZoneId_s": zone})))
    };
    let (nas, pi) = (("nas", "nas.example.com"), ("pi", "pi.example.net"));
    let world = sweep(World::empty(), ZONE, 20.0, nas, pi).signed("one");
    sweep(world, &net(), 10.0, pi, nas).signed("two").beats("nas", 1..=5, "203.0.113.7").beats(
        "pi",
        1..=5,
        "203.0.113.8",
    )
}

#[test]
fn each_installation_sees_its_own_sweep() {
    let one = [
        json!(["~nas", "nas.example.com", "198.51.100.1", "", true]),
        json!(["~pi", "pi.example.net", "", "no-zone", false]),
    ];
    let two = [
        json!(["~nas", "nas.example.com", "", "no-zone", false]),
        json!(["~pi", "pi.example.net", "198.51.100.1", "", true]),
    ];
    assert_eq!(shared().mismatch_of("one").pick(&ROW), one);
    assert_eq!(shared().mismatch_of("two").pick(&ROW), two);
    let alert = installed(&format!("{MISMATCH}{ACTIONABLE}\n"), "one");
    assert_eq!(shared().run(&alert).pick(&["_ResourceId"]), [json!(["~nas"])]);
}

#[test]
fn a_stranger_to_the_workspace_knows_nothing() {
    assert!(shared().mismatch_of("three").rows.is_empty());
    assert!(shared().mismatch_of("ONE").rows.is_empty(), "an id is itself, letter by letter");
}

#[test]
fn what_one_wrote_about_a_zone_is_not_what_the_other_wrote() {
    // Both sweep one zone; `two` did so later, and has not yet seen the new address.
    let world = World::empty()
        .tag_marker(20.0)
        .zone_marker(20.0, ZONE)
        .tag("nas", "nas.example.com")
        .record("nas.example.com", &["203.0.113.7"])
        .signed("one")
        .zone_marker(10.0, ZONE)
        .record_with("nas.example.com", &["198.51.100.1"], json!({"TimeGenerated": before(10.0)}))
        .signed("two")
        .beats("nas", 1..=5, "203.0.113.7");
    assert!(world.mismatch_of("one").rows.is_empty());
    assert_eq!(world.mismatch().only("DNSIP_s"), json!("198.51.100.1"), "without an id all rows count");
}

#[test]
fn rows_of_before_count_for_all() {
    let old = World::swept()
        .tag("nas", "nas.example.com")
        .record("nas.example.com", &["198.51.100.1"])
        .beats("nas", 1..=5, "203.0.113.7");
    let expected = [json!(["~nas", "nas.example.com", "198.51.100.1", "", true])];
    assert_eq!(old.mismatch_of("one").pick(&ROW), expected);
    let columns = ["Installation_s", "Refused_s"];
    assert_eq!(old.run_without(&installed(MISMATCH, "one"), &columns).pick(&ROW), expected);
    assert_eq!(old.run_without(MISMATCH, &columns).pick(&ROW), expected);
    // The first sweep of the new release takes over.
    let new = old
        .signed("")
        .tag_marker(5.0)
        .tag_with("pi", "nas.example.com", json!({"TimeGenerated": before(4.0)}))
        .signed("one")
        .beats("pi", 1..=5, "203.0.113.7");
    let expected = [json!(["~pi", "nas.example.com", "198.51.100.1", "", true])];
    assert_eq!(new.mismatch_of("one").now().pick(&ROW), expected);
}

#[test]
fn the_history_is_that_of_the_installation() {
    let facts = |installation: &str| {
        let table = shared().run(&installed(HISTORY, installation));
        let kinds = ["sweep", "tags", "claimed", "sets", "present"];
        let rows = table.pick(&["Kind", "ZoneId_s", "Time", "Number"]);
        rows.into_iter().filter(|row| kinds.contains(&row[0].as_str().unwrap())).collect::<Vec<_>>()
    };
    let expected = |zone: &str, minutes: f64| {
        let zone = zone.to_lowercase();
        vec![
            json!(["claimed", zone, null, 1]),
            json!(["present", zone, null, 1]),
            json!(["sets", zone, null, 1]),
            json!(["sweep", zone, minutes, null]),
            json!(["tags", "", minutes, null]),
        ]
    };
    assert_eq!(facts("one"), expected(ZONE, 20.0));
    assert_eq!(facts("two"), expected(&net(), 10.0));
}

#[test]
fn the_machines_that_a_sweep_must_find_again_are_those_of_its_own_sweep() {
    let world = shared()
        .tag_with("tv", "tv.example.com", json!({"TimeGenerated": before(9.0)}))
        .signed("two")
        .beats("tv", 1..=5, "203.0.113.9");
    let ids = |installation: &str| {
        let table = world.run(&installed(super::claimants::QUERY, installation));
        table.pick(&["ResourceId_s"])
    };
    assert_eq!(ids("one"), [json!(["~nas"]), json!(["~pi"])]);
    assert_eq!(ids("two"), [json!(["~nas"]), json!(["~pi"]), json!(["~tv"])]);
}

#[test]
fn the_changes_of_all_are_known_and_each_has_its_own_brakes() {
    let brake = json!({
        "Action_s": "brake", "Outcome_s": "stands", "Reason_s": "surge", "RecordType_s": "", "Installation_s": "one",
    });
    let world = World::swept()
        .change(9.0, "", "r0", brake.clone())
        .change(8.0, "nas.example.com", "r1", json!({"Installation_s": "one"}))
        .change(7.0, "", "r1", brake);
    let facts = |installation: &str| {
        let table = world.run(&installed(HISTORY, installation));
        let rows = table.pick(&["Kind", "run_s"]).into_iter();
        rows.filter(|row| row[0] == "change" || row[0] == "brake")
            .map(|row| row[0].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(facts("one"), ["brake", "change"]);
    assert_eq!(facts("two"), ["change"]);
}
