//! A refusal for good: the row of its machine and address is quiet until something is different.

use serde_json::{Value, json};

use super::world::{World, ZONE, before, lower_id};

const ROW: [&str; 4] = ["_ResourceId", "ComputerIP", "DNSIP_s", "Actionable"];
const SET: [&str; 7] =
    ["DNSIP_s", "RecordSetId_s", "Etag_s", "Owner_s", "TTL_d", "IsAlias_b", "PresentLastSeen"];

/// One machine that moved, and a set that is not ours, as the sweep found it.
fn house() -> World {
    World::swept().tag("nas", "nas.example.com").record("nas.example.com", &["198.51.100.1"]).beats(
        "nas",
        1..=5,
        "203.0.113.7",
    )
}

fn words(refusals: &[(&str, &str)]) -> String {
    let elements = refusals.iter().map(|(machine, address)| format!("{}={address}", lower_id(machine)));
    ["code=not-owned".to_owned()].into_iter().chain(elements).collect::<Vec<_>>().join(",")
}

/// The set as a run read it so many minutes ago, and to whom it was refused.
fn refused(world: World, minutes: f64, addresses: &[&str], to: &[(&str, &str)]) -> World {
    let members = json!({"TimeGenerated": before(minutes), "Refused_s": words(to)});
    world.record_with("nas.example.com", addresses, members)
}

/// What a run writes that was refused a set which is not there.
fn refused_create(world: World, minutes: f64, to: &[(&str, &str)]) -> World {
    let members = json!({
        "TimeGenerated": before(minutes), "Refused_s": words(to), "RecordSetId_s": "", "Etag_s": "", "TTL_d": 0,
    });
    world.record_with("nas.example.com", &[], members)
}

fn actionable(world: &World) -> Value {
    world.mismatch().only("Actionable")
}

#[test]
fn a_refused_row_is_there_and_nobody_is_called_for_it() {
    assert_eq!(actionable(&house()), json!(true));
    let world = refused(house(), 4.0, &["198.51.100.1"], &[("nas", "203.0.113.7")]);
    let expected = [json!(["~nas", "203.0.113.7", "198.51.100.1", false])];
    assert_eq!(world.mismatch().pick(&ROW), expected);
    assert_eq!(world.doubled().mismatch().pick(&ROW), expected);
}

#[test]
fn another_address_or_claimant_was_not_refused() {
    let world = |to| refused(house(), 4.0, &["198.51.100.1"], to);
    assert_eq!(actionable(&world(&[("nas", "203.0.113.8")])), json!(true));
    assert_eq!(actionable(&world(&[("nas", "203.0.113.70")])), json!(true), "a longer address is another");
    assert_eq!(actionable(&world(&[("nas", "203.0.113.")])), json!(true), "a shorter one is none");
    assert_eq!(actionable(&world(&[("pi", "203.0.113.7")])), json!(true));
    assert_eq!(actionable(&world(&[("snas", "203.0.113.7")])), json!(true));
    assert_eq!(actionable(&world(&[])), json!(true), "a code alone refuses nobody");
    assert_eq!(actionable(&world(&[("pi", "203.0.113.9"), ("nas", "203.0.113.7")])), json!(false));
    let both =
        world(&[("nas", "203.0.113.7")]).tag("pi", "nas.example.com").beats("pi", 1..=5, "203.0.113.7");
    let expected = [json!(["~nas", false]), json!(["~pi", true])];
    assert_eq!(both.mismatch().pick(&["_ResourceId", "Actionable"]), expected);
}

#[test]
fn the_newest_rows_of_the_set_speak() {
    let refusal = [("nas", "203.0.113.7")];
    // A run wrote down another state of the set after the refusal.
    let later = json!({"TimeGenerated": before(2.0), "Etag_s": "e2"});
    let world = refused(house(), 4.0, &["198.51.100.1"], &refusal);
    assert_eq!(
        actionable(&world.record_with("nas.example.com", &["198.51.100.1"], later)),
        json!(true),
        "another ETag"
    );
    // The next sweep begins after the refusal.
    let world = refused(house(), 4.0, &["198.51.100.1"], &refusal).zone_marker(3.0, ZONE);
    let swept =
        world.record_with("nas.example.com", &["198.51.100.1"], json!({"TimeGenerated": before(3.0)}));
    assert_eq!(actionable(&swept), json!(true), "swept anew");
    // A refusal that is older than the sweep's own rows.
    assert_eq!(actionable(&refused(house(), 19.5, &["198.51.100.1"], &refusal)), json!(true));
}

#[test]
fn a_refused_create_is_no_record_set() {
    let none = World::swept().tag("nas", "nas.example.com").beats("nas", 1..=5, "203.0.113.7");
    let world = refused_create(none.clone(), 4.0, &[("nas", "203.0.113.7")]);
    assert_eq!(world.mismatch().pick(&SET), none.mismatch().pick(&SET));
    assert_eq!(world.mismatch().pick(&SET), [json!(["", "", "", "", null, null, null])]);
    assert_eq!(actionable(&world), json!(false));
    let other = refused_create(none, 4.0, &[("nas", "203.0.113.8")]);
    assert_eq!(actionable(&other), json!(true), "no set is not an empty set");
}

#[test]
fn a_refused_create_says_that_the_set_is_gone() {
    let world = refused_create(house(), 4.0, &[("nas", "203.0.113.7")]);
    assert_eq!(world.mismatch().pick(&SET), [json!(["", "", "", "", null, null, null])]);
    assert_eq!(actionable(&world), json!(false));
    // Somebody makes one, and a run sees it.
    let made = world.record_with("nas.example.com", &["198.51.100.2"], json!({"TimeGenerated": before(2.0)}));
    assert_eq!(made.mismatch().pick(&ROW), [json!(["~nas", "203.0.113.7", "198.51.100.2", true])]);
}

#[test]
fn a_set_that_a_run_found_gone_is_none_and_nobody_was_refused() {
    let gone = json!({
        "TimeGenerated": before(4.0), "Refused_s": "code=absent", "RecordSetId_s": "", "Etag_s": "", "TTL_d": 0,
    });
    let right = World::swept().tag("nas", "nas.example.com").beats("nas", 1..=5, "203.0.113.7");
    let right = right.record("nas.example.com", &["203.0.113.7"]);
    assert!(right.mismatch().rows.is_empty());
    let world = right.record_with("nas.example.com", &[], gone);
    assert_eq!(world.mismatch().pick(&SET), [json!(["", "", "", "", null, null, null])]);
    assert_eq!(actionable(&world), json!(true));
}

#[test]
fn a_row_without_a_refusal_is_a_set_whatever_it_lacks() {
    let world = World::swept().tag("nas", "nas.example.com").beats("nas", 1..=5, "203.0.113.7");
    let bare = json!({"RecordSetId_s": "", "Etag_s": "", "IsAlias_b": false});
    let world = world.record_with("nas.example.com", &[], bare);
    assert_eq!(world.mismatch().pick(&["IsAlias_b", "Actionable"]), [json!([false, false])]);
}

#[test]
fn an_empty_set_that_was_refused_is_still_a_set() {
    let world = World::swept().tag("nas", "nas.example.com").beats("nas", 1..=5, "203.0.113.7");
    let world = refused(world, 4.0, &[], &[("nas", "203.0.113.8")]);
    let expected = [json!([format!("{ZONE}/A/nas.example.com"), false])];
    assert_eq!(world.mismatch().pick(&["RecordSetId_s", "Actionable"]), expected);
}

#[test]
fn the_refusal_of_one_zone_or_type_is_not_that_of_another() {
    let other = ZONE.replace("rg-dns", "rg-inside");
    let world = refused(house(), 4.0, &["198.51.100.1"], &[("nas", "203.0.113.7")])
        .zone_marker(20.0, &other)
        .tag_with("nas", "nas.example.com", json!({"ZoneId_s": other, "Types_s": "A,AAAA"}))
        .beats("nas", 1..=5, "2001:db8::7");
    let expected = [
        json!([ZONE, "A", false]),
        json!([ZONE, "AAAA", false]),
        json!([other, "A", true]),
        json!([other, "AAAA", true]),
    ];
    assert_eq!(world.mismatch().pick(&["ZoneId_s", "RecordType_s", "Actionable"]), expected);
}

#[test]
fn an_address_is_refused_in_every_spelling() {
    let refusal = |spelling: &str| {
        World::swept()
            .tag_with("nas", "nas.example.com", json!({"Types_s": "AAAA"}))
            .record_with("nas.example.com", &["2001:db8::1"], {
                json!({"Refused_s": words(&[("nas", "2001:db8::a")])})
            })
            .beats("nas", 1..=5, spelling)
    };
    assert_eq!(actionable(&refusal("2001:db8::a")), json!(false));
    assert_eq!(actionable(&refusal("2001:DB8:0:0::A")), json!(false));
    assert_eq!(actionable(&refusal("2001:db8::b")), json!(true));
}

#[test]
fn a_right_name_stays_no_row() {
    let world = refused(house(), 4.0, &["203.0.113.7"], &[("nas", "203.0.113.7")]);
    assert!(world.mismatch().rows.is_empty());
}
