//! What record sets hold: several addresses, none, an alias, nothing at all.

use serde_json::json;

use super::world::{World, ZONE, before};

const SET: [&str; 8] =
    ["DNSIP_s", "RecordSetId_s", "Etag_s", "Owner_s", "TTL_d", "IsAlias_b", "PresentLastSeen", "Actionable"];

/// One machine that moved to 203.0.113.7.
fn moved() -> World {
    World::swept().tag("nas", "nas.example.com").beats("nas", 1..=5, "203.0.113.7")
}

fn set_id(record_type: &str) -> String {
    format!("{ZONE}/{record_type}/nas.example.com")
}

#[test]
fn the_columns_are_those_that_the_function_reads() {
    let table = moved().mismatch();
    let columns: Vec<String> =
        table.columns.iter().zip(&table.types).map(|(name, ty)| format!("{name}:{ty}")).collect();
    assert_eq!(
        columns.join(" "),
        "_ResourceId:string ComputerIP:string DNSIP_s:string DNSHostName_s:string RecordType_s:string \
         HeartbeatTime:datetime FirstBeat:datetime Beats:long Claimants:long ClaimedBy_s:string ZoneId_s:string \
         Skip_s:string RecordSetId_s:string Etag_s:string Owner_s:string TTL_d:real IsAlias_b:bool \
         PresentLastSeen:datetime Returned:bool Country:string Claim_s:string PrivateIPs_s:string Actionable:bool"
    );
}

#[test]
fn a_name_without_a_record_set_is_a_row() {
    let expected = [json!(["", "", "", "", null, null, null, true])];
    assert_eq!(moved().mismatch().pick(&SET), expected);
    assert_eq!(moved().mismatch().only("ZoneId_s"), json!(ZONE));
}

#[test]
fn a_record_set_tells_its_evidence() {
    let world = moved().record_with(
        "nas.example.com",
        &["198.51.100.10"],
        json!({"Owner_s": "m", "Etag_s": "e7", "TTL_d": 300}),
    );
    let expected = [json!(["198.51.100.10", set_id("A"), "e7", "m", 300.0, false, null, true])];
    assert_eq!(world.mismatch().pick(&SET), expected);
}

#[test]
fn several_addresses_are_compared_as_a_set_and_sorted_as_text() {
    let world = moved().record("nas.example.com", &["203.0.113.9", "203.0.113.7", "203.0.113.10"]);
    let expected = [json!(["203.0.113.10,203.0.113.7,203.0.113.9", 1.0])];
    assert_eq!(world.mismatch().pick(&["DNSIP_s", "PresentLastSeen"]), expected);
}

#[test]
fn only_the_newest_rows_of_a_record_set_count() {
    // Two addresses at minute 19; the write of minute 6 left one.
    let after = |address: &str| {
        moved().record("nas.example.com", &["198.51.100.10", "198.51.100.11"]).record_with(
            "nas.example.com",
            &[address],
            json!({"TimeGenerated": before(6.0), "Etag_s": "e2"}),
        )
    };
    assert!(after("203.0.113.7").mismatch().rows.is_empty());
    assert_eq!(
        after("198.51.100.11").mismatch().pick(&["DNSIP_s", "Etag_s"]),
        [json!(["198.51.100.11", "e2"])]
    );
}

#[test]
fn an_alias_is_a_row_that_nobody_can_act_on() {
    let alias = json!({"IsAlias_b": true, "RecordType_s": "A", "TargetResourceId_s": "/subscriptions/s1/ip"});
    let world = moved().record_with("nas.example.com", &[], alias);
    let expected = [json!(["", set_id("A"), "e1", "", 60.0, true, null, false])];
    assert_eq!(world.mismatch().pick(&SET), expected);
}

#[test]
fn an_empty_set_is_for_us_only_when_it_bears_our_mark() {
    let world = moved().record("nas.example.com", &[]);
    assert_eq!(world.mismatch().only("Actionable"), json!(false));
    let ours = moved().record_with("nas.example.com", &[], json!({"Owner_s": "m"}));
    let expected = [json!(["", set_id("A"), "e1", "m", 60.0, false, null, true])];
    assert_eq!(ours.mismatch().pick(&SET), expected);
}

#[test]
fn the_other_type_is_another_record_set() {
    // The AAAA set is right for nobody, and the A set is missing.
    let world = moved().record("nas.example.com", &["2001:db8::10"]);
    assert_eq!(world.mismatch().pick(&["RecordType_s", "DNSIP_s"]), [json!(["A", ""])]);
    // A set of AAAA that no machine reports an address for is nobody's mismatch.
    let right = world.record("nas.example.com", &["203.0.113.7"]);
    assert!(right.mismatch().rows.is_empty());
}

#[test]
fn names_and_zones_are_compared_without_case() {
    let world =
        moved().record_with("NAS.example.com", &["203.0.113.7"], json!({"ZoneId_s": ZONE.to_uppercase()}));
    assert!(world.mismatch().rows.is_empty());
}

#[test]
fn the_name_is_looked_up_in_its_own_zone() {
    let child = format!("{}dyn.example.com", ZONE.strip_suffix("example.com").unwrap());
    let name = "nas.dyn.example.com";
    let world = World::swept()
        .zone_marker(20.0, &child)
        .tag_with("nas", name, json!({"ZoneId_s": child}))
        .beats("nas", 1..=5, "203.0.113.7")
        .record(name, &["203.0.113.7"]);
    assert_eq!(world.mismatch().pick(&["DNSIP_s", "ZoneId_s", "Actionable"]), [json!(["", child, true])]);
    let right = world.record_with(name, &["203.0.113.7"], json!({"ZoneId_s": child}));
    assert!(right.mismatch().rows.is_empty());
}

#[test]
fn what_is_no_address_is_a_part_of_the_set_all_the_same() {
    let world = moved().record("nas.example.com", &["203.0.113.7", "nonsense"]);
    assert_eq!(world.mismatch().pick(&["DNSIP_s", "Actionable"]), [json!(["203.0.113.7,nonsense", true])]);
}
