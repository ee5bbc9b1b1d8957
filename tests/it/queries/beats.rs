//! What heartbeats say: runs that agree, families, empty texts, doubles, time.

use serde_json::{Value, json};

use super::world::{World, before, id};

const RUN: [&str; 7] =
    ["ComputerIP", "RecordType_s", "HeartbeatTime", "FirstBeat", "Beats", "PresentLastSeen", "Returned"];

/// One machine with one name that points to 198.51.100.10.
fn house() -> World {
    World::swept().tag("nas", "nas.example.com").record("nas.example.com", &["198.51.100.10"])
}

#[test]
fn a_run_is_as_long_as_the_newest_beats_agree() {
    let world = house().beats("nas", 4..=8, "198.51.100.10").beats("nas", 1..=3, "203.0.113.7");
    let expected = [json!(["203.0.113.7", "A", 1.0, 3.0, 3, 4.0, false])];
    assert_eq!(world.mismatch().pick(&RUN), expected);
}

#[test]
fn one_beat_after_another_address_is_a_run_of_one() {
    // A, B, A with A as the newest: the earlier As do not count.
    let world = house().beats("nas", [6, 5], "203.0.113.7").beats("nas", [4, 3], "203.0.113.8").beats(
        "nas",
        [2],
        "203.0.113.7",
    );
    let expected = [json!(["203.0.113.7", "A", 2.0, 2.0, 1, null, true])];
    assert_eq!(world.mismatch().pick(&RUN), expected);
}

#[test]
fn going_back_to_the_present_address_and_away_again_is_a_return() {
    let world = house()
        .beats("nas", [30, 29, 28], "203.0.113.7")
        .beats("nas", [9, 8], "198.51.100.10")
        .beats("nas", [3, 2, 1], "203.0.113.7");
    let expected = [json!(["203.0.113.7", "A", 1.0, 3.0, 3, 8.0, true])];
    assert_eq!(world.mismatch().pick(&RUN), expected);
}

#[test]
fn beats_are_counted_however_far_apart() {
    let world = house().beats("nas", [59, 40, 16, 2], "203.0.113.7").beats("nas", [61], "203.0.113.8");
    let expected = [json!(["203.0.113.7", "A", 2.0, 59.0, 4, null, false])];
    assert_eq!(world.mismatch().pick(&RUN), expected);
}

#[test]
fn a_beat_of_more_than_an_hour_is_none() {
    let world = house().beat("nas", 60.5, "203.0.113.7");
    assert!(world.mismatch().rows.is_empty());
    assert_eq!(house().beat("nas", 59.5, "203.0.113.7").mismatch().only("Actionable"), json!(false));
}

#[test]
fn fifteen_minutes_are_fresh_and_more_is_stale() {
    assert_eq!(house().beat("nas", 15.0, "203.0.113.7").mismatch().only("Actionable"), json!(true));
    assert_eq!(house().beat("nas", 15.01, "203.0.113.7").mismatch().only("Actionable"), json!(false));
}

#[test]
fn empty_addresses_neither_count_nor_break_a_run() {
    let world = house().beats("nas", [5, 3], "203.0.113.7").beats("nas", [4, 2, 1], "");
    let expected = [json!(["203.0.113.7", "A", 3.0, 5.0, 2, null, false])];
    assert_eq!(world.mismatch().pick(&RUN), expected);
}

#[test]
fn a_machine_that_says_nothing_but_nonsense_is_one_row_of_type_a() {
    let columns =
        ["ComputerIP", "RecordType_s", "HeartbeatTime", "FirstBeat", "Beats", "DNSIP_s", "Actionable"];
    let world = house().beats("nas", 1..=5, "");
    assert_eq!(world.mismatch().pick(&columns), [json!(["", "A", 1.0, null, 0, "198.51.100.10", false])]);
    for nonsense in
        ["unknown", "203.0.113", "203.0.113.256", "203.0.113.7/24", "2001:db8::/32", "1.2.3.4.", "::x"]
    {
        let world = house().beats("nas", [2], nonsense).beats("nas", [7], "other nonsense");
        let expected = [json!([nonsense, "A", 2.0, null, 0, "198.51.100.10", false])];
        assert_eq!(world.mismatch().pick(&columns), expected);
    }
    // One address of any family within the hour, and the machine speaks by that alone.
    let world = house().beats("nas", 1..=5, "").beat("nas", 50.0, "198.51.100.10");
    assert!(world.mismatch().rows.is_empty());
}

#[test]
fn the_second_beat_of_a_scom_agent_is_not_its_own() {
    let scom = json!({"SCAgentChannel": "SCManagementServer"});
    let world = (1..=5).fold(house(), |world, minute| {
        world.beat("nas", f64::from(minute), "203.0.113.7").beat_with(
            "nas",
            f64::from(minute) - 0.5,
            "192.0.2.200",
            scom.clone(),
        )
    });
    let expected = [json!(["203.0.113.7", "A", 1.0, 5.0, 5, null, false])];
    assert_eq!(world.mismatch().pick(&RUN), expected);
    assert!(house().beat_with("nas", 1.0, "192.0.2.200", scom).mismatch().rows.is_empty());
}

#[test]
fn families_are_looked_at_apart() {
    let world = house()
        .record("nas.example.com", &["2001:db8::10"])
        .beats("nas", [9, 7, 5, 3], "203.0.113.7")
        .beats("nas", [8, 6], "2001:db8::10")
        .beats("nas", [4, 2], "2001:db8::7");
    let columns =
        ["RecordType_s", "ComputerIP", "DNSIP_s", "HeartbeatTime", "FirstBeat", "Beats", "PresentLastSeen"];
    let expected = [
        json!(["A", "203.0.113.7", "198.51.100.10", 3.0, 9.0, 4, null]),
        json!(["AAAA", "2001:db8::7", "2001:db8::10", 2.0, 4.0, 2, 6.0]),
    ];
    assert_eq!(world.mismatch().pick(&columns), expected);
}

#[test]
fn the_other_family_does_not_make_a_beat_fresh() {
    let world = house().beats("nas", [30], "203.0.113.7").beats("nas", 1..=5, "2001:db8::7");
    let columns = ["RecordType_s", "HeartbeatTime", "DNSIP_s", "Actionable"];
    // AAAA is not among the types of the tag row.
    let expected = [json!(["A", 30.0, "198.51.100.10", false]), json!(["AAAA", 1.0, "", false])];
    assert_eq!(world.mismatch().pick(&columns), expected);
}

#[test]
fn one_ipv6_address_has_many_spellings() {
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .record("nas.example.com", &["2001:db8::a"])
        .beats("nas", [3], "2001:DB8:0:0::A")
        .beats("nas", [2, 1], "2001:db8::a");
    assert!(world.mismatch().rows.is_empty());
    let moved =
        world.record_with("nas.example.com", &["2001:db8::b"], json!({"TimeGenerated": before(10.0)}));
    let columns = ["ComputerIP", "Beats", "FirstBeat", "DNSIP_s"];
    assert_eq!(moved.mismatch().pick(&columns), [json!(["2001:db8::a", 3, 3.0, "2001:db8::b"])]);
}

#[test]
fn repeated_rows_change_nothing() {
    let world = house()
        .tag("pi", "nas.example.com")
        .record("nas.example.com", &["198.51.100.11"])
        .beats("nas", [6, 5], "203.0.113.7")
        .beats("nas", [4], "198.51.100.10")
        .beats("nas", [3, 2, 1], "203.0.113.7")
        .beats("pi", 1..=4, "203.0.113.7");
    let columns = [
        &RUN[..],
        &["_ResourceId", "DNSIP_s", "Claimants", "ClaimedBy_s", "Etag_s", "Country", "Actionable"],
    ]
    .concat();
    let expected = world.mismatch().pick(&columns);
    assert_eq!(expected.len(), 2);
    assert_eq!(expected[0][4], json!(3));
    assert_eq!(world.clone().doubled().mismatch().pick(&columns), expected);
    assert_eq!(world.reversed().mismatch().pick(&columns), expected);
}

#[test]
fn two_addresses_at_one_instant_are_a_run_of_one_whatever_the_order() {
    let world = house().beats("nas", [3], "203.0.113.7").beats("nas", [1], "203.0.113.8").beats(
        "nas",
        [1, 2],
        "203.0.113.7",
    );
    // The first as text speaks; the other one has just been reported as well.
    let expected = [json!(["203.0.113.7", "A", 1.0, 1.0, 1, null, true])];
    assert_eq!(world.mismatch().pick(&RUN), expected);
    assert_eq!(world.reversed().mismatch().pick(&RUN), expected);
}

#[test]
fn what_came_at_one_instant_with_another_address_is_no_part_of_the_run_and_no_return() {
    let world = house().beats("nas", [3, 2, 1], "203.0.113.7").beats("nas", [3], "203.0.113.8");
    let expected = [json!(["203.0.113.7", "A", 1.0, 2.0, 2, null, false])];
    assert_eq!(world.mismatch().pick(&RUN), expected);
    assert_eq!(world.reversed().mismatch().pick(&RUN), expected);
}

#[test]
fn ids_are_compared_without_case() {
    let world = house()
        .beat_with("nas", 2.0, "203.0.113.7", json!({"_ResourceId": id("NAS").to_uppercase()}))
        .beats("nas", [1], "203.0.113.7");
    assert_eq!(world.mismatch().pick(&["_ResourceId", "Beats"]), [json!(["~nas", 2])]);
}

#[test]
fn the_country_is_that_of_the_newest_beat() {
    let world = house().beat_with("nas", 2.0, "203.0.113.7", json!({"RemoteIPCountry": "Austria"})).beats(
        "nas",
        [1],
        "203.0.113.7",
    );
    assert_eq!(world.mismatch().only("Country"), json!("Switzerland"));
}

#[test]
fn a_machine_without_heartbeat_or_tag_is_no_row() {
    let world = World::swept().tag("nas", "nas.example.com").beats("other", 1..=5, "203.0.113.7");
    assert_eq!(world.mismatch().rows, Vec::<Vec<Value>>::new());
}
