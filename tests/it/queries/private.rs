//! Rows of private zones: which of a machine's own addresses they tell, and since when, wherever it stands in the list.

use heartbeat_dns::queries::{ACTIONABLE, MISMATCH};
use serde_json::{Value, json};

use super::world::{World, ZONE};

const PRIVATE: &str =
    "/subscriptions/s1/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/example.com";
const NAME: &str = "nas.example.com";

/// The twelve addresses of a machine with containers and VPNs; one of them lies in the prefix.
const TWELVE: [&str; 12] = [
    "172.17.0.1",
    "10.1.0.4",
    "fe80::42:acff:fe11:1",
    "192.168.178.20",
    "100.64.0.9",
    "172.18.0.1",
    "169.254.12.7",
    "127.0.0.1",
    "fd00:d0c::1",
    "192.168.122.1",
    "10.244.0.1",
    "::1",
];

fn own(prefixes: &str) -> Value {
    json!({"ZoneId_s": PRIVATE, "Prefixes_s": prefixes})
}

/// Both zones of the name swept, and a tag row for each.
fn two_sides(prefixes: &str) -> World {
    World::swept().zone_marker(20.0, PRIVATE).tag("nas", NAME).tag_with("nas", NAME, own(prefixes))
}

/// A beat that lists these addresses besides.
fn listing(world: World, minute: u32, list: &[&str]) -> World {
    world.beat_with("nas", f64::from(minute), "203.0.113.7", json!({"ComputerPrivateIPs": list}))
}

fn record(world: World, addresses: &[&str]) -> World {
    world.record_with(NAME, addresses, json!({"ZoneId_s": PRIVATE, "RecordSetId_s": "private"}))
}

/// The picked columns of the rows of the private zone.
fn private_rows(world: &World, columns: &[&str]) -> Vec<Value> {
    let columns: Vec<&str> = std::iter::once("ZoneId_s").chain(columns.iter().copied()).collect();
    let rows = world.mismatch().pick(&columns).into_iter().filter(|row| row[0] == PRIVATE);
    rows.map(|row| Value::from(row.as_array().unwrap()[1..].to_vec())).collect()
}

#[test]
fn one_name_is_a_row_for_each_of_its_zones() {
    let world = (1..=5)
        .fold(two_sides("10.0.0.0/8"), |world, minute| listing(world, minute, &["172.17.0.1", "10.1.0.4"]));
    let columns =
        ["ZoneId_s", "ComputerIP", "RecordType_s", "FirstBeat", "Beats", "PrivateIPs_s", "Actionable"];
    assert_eq!(
        world.mismatch().pick(&columns),
        [
            json!([ZONE, "203.0.113.7", "A", 5.0, 5, "", true]),
            json!([PRIVATE, "10.1.0.4", "A", 5.0, 5, r#"["172.17.0.1","10.1.0.4"]"#, true]),
        ]
    );
    let columns = world.mismatch().columns;
    assert_eq!(columns[columns.len() - 2..], ["PrivateIPs_s", "Actionable"]);
}

/// Row 6 of the acceptance of issue 15.
#[test]
fn twelve_addresses_in_any_order_are_the_same_address_since_the_same_beat() {
    let mut world = record(two_sides("10.1.0.0/16"), &["10.1.0.9"]);
    for minute in 1..=12 {
        let mut list = TWELVE;
        list.rotate_left(minute as usize);
        if minute % 3 == 0 {
            list.reverse();
        }
        world = listing(world, minute, &list);
    }
    let columns = ["ComputerIP", "DNSIP_s", "FirstBeat", "Beats", "Returned", "Actionable"];
    let expected = [json!(["10.1.0.4", "10.1.0.9", 12.0, 12, false, true])];
    assert_eq!(private_rows(&world, &columns), expected);
    assert_eq!(private_rows(&world.clone().reversed(), &columns), expected);
    assert_eq!(private_rows(&world.doubled(), &columns), expected);
}

#[test]
fn an_address_is_counted_since_it_came_and_told_when_it_came_back() {
    let columns = ["ComputerIP", "FirstBeat", "Beats", "Returned", "PresentLastSeen"];
    let moved = |lists: &[(u32, &str)]| {
        let world = record(two_sides("10.0.0.0/8"), &["10.1.0.9"]);
        let world =
            lists.iter().fold(world, |world, (minute, own)| listing(world, *minute, &["172.17.0.1", own]));
        private_rows(&world, &columns)
    };
    assert_eq!(
        moved(&[(9, "10.1.0.9"), (7, "10.1.0.9"), (5, "10.1.0.4"), (3, "10.1.0.4")]),
        [json!(["10.1.0.4", 5.0, 2, false, 7.0])]
    );
    assert_eq!(
        moved(&[(9, "10.1.0.4"), (7, "10.1.0.9"), (5, "10.1.0.4"), (3, "10.1.0.4")]),
        [json!(["10.1.0.4", 5.0, 2, true, 7.0])]
    );
    // A beat without a list says nothing, neither for an address nor against it.
    let world = record(two_sides("10.0.0.0/8"), &["10.1.0.9"]);
    let world = listing(listing(world, 8, &["10.1.0.4"]), 2, &["10.1.0.4"]).beat("nas", 5.0, "203.0.113.7");
    assert_eq!(private_rows(&world, &columns), [json!(["10.1.0.4", 8.0, 2, false, null])]);
}

#[test]
fn what_lies_in_no_prefix_has_one_row_and_never_an_alert() {
    let columns = ["ComputerIP", "RecordType_s", "Beats", "PrivateIPs_s", "HeartbeatTime", "Actionable"];
    let none = |list: &[&str]| private_rows(&listing(two_sides("10.0.0.0/8"), 2, list), &columns);
    assert_eq!(
        none(&["172.17.0.1", "192.168.178.20"]),
        [json!(["", "A", 0, r#"["172.17.0.1","192.168.178.20"]"#, 2.0, false])]
    );
    assert_eq!(none(&[]), [json!(["", "A", 0, "[]", 2.0, false])]);
    let silent = two_sides("10.0.0.0/8").beat("nas", 2.0, "203.0.113.7");
    assert_eq!(private_rows(&silent, &columns), [json!(["", "A", 0, "", 2.0, false])]);
    let nowhere = listing(two_sides(""), 2, &["10.1.0.4"]);
    assert_eq!(private_rows(&nowhere, &columns), [json!(["", "A", 0, r#"["10.1.0.4"]"#, 2.0, false])]);
    let text = two_sides("10.0.0.0/8").beat_with(
        "nas",
        2.0,
        "203.0.113.7",
        json!({"ComputerPrivateIPs": r#"["10.1.0.4"]"#}),
    );
    assert_eq!(
        private_rows(&text, &["ComputerIP", "PrivateIPs_s"]),
        [json!(["10.1.0.4", r#"["10.1.0.4"]"#])]
    );
}

/// However an address is written, it is the one that the program reads: mapped into IPv6, in its long form, with blanks around it.
#[test]
fn an_address_may_be_written_in_any_form_that_the_program_reads() {
    for form in ["::ffff:10.1.0.33", "::FFFF:0a01:0021", "0:0:0:0:0:ffff:a01:21", " 10.1.0.33 "] {
        let world = (1..=3).fold(record(two_sides("10.1.0.0/16"), &["10.1.0.9"]), |world, minute| {
            listing(world, minute, &["172.17.0.1", if minute == 2 { "10.1.0.33" } else { form }])
        });
        let columns = ["ComputerIP", "RecordType_s", "Beats", "Actionable"];
        assert_eq!(private_rows(&world, &columns), [json!(["10.1.0.33", "A", 3, true])], "{form}");
        let both = listing(world, 0, &["10.1.0.33", form]);
        assert_eq!(private_rows(&both, &columns), [json!(["10.1.0.33", "A", 4, true])], "{form} beside it");
    }
    let right = listing(record(two_sides("10.1.0.0/16"), &["10.1.0.33"]), 1, &["::ffff:10.1.0.33"]);
    assert_eq!(private_rows(&right, &["ComputerIP"]), Vec::<Value>::new());
}

#[test]
fn several_that_may_stand_there_are_a_decision_of_a_person() {
    let columns = ["ComputerIP", "DNSIP_s", "Actionable"];
    let two = |held: &[&str], is_multi: bool| {
        let tag = json!({"ZoneId_s": PRIVATE, "Prefixes_s": "10.0.0.0/8", "IsMulti_b": is_multi});
        let world = World::swept().zone_marker(20.0, PRIVATE).tag_with("nas", NAME, tag);
        let world = if held.is_empty() { world } else { record(world, held) };
        private_rows(&listing(world, 2, &["10.2.0.4", "10.1.0.4"]), &columns)
    };
    let rows = |held: &str, actionable: bool| {
        vec![json!(["10.1.0.4", held, actionable]), json!(["10.2.0.4", held, actionable])]
    };
    assert_eq!(two(&[], false), rows("", false));
    assert_eq!(two(&["10.9.0.4"], false), rows("10.9.0.4", false));
    assert_eq!(two(&["10.2.0.4"], false), [] as [Value; 0], "one that stands there is right");
    assert_eq!(two(&[], true), rows("", true));
    assert_eq!(two(&["10.2.0.4"], true), rows("10.2.0.4", true));
    assert_eq!(two(&["10.1.0.4", "10.2.0.4"], true), [] as [Value; 0]);
}

#[test]
fn each_family_is_a_row_where_its_type_is_wanted() {
    let tag =
        |types: &str| json!({"ZoneId_s": PRIVATE, "Prefixes_s": "10.0.0.0/8,fd12::/16", "Types_s": types});
    let told = |types: &str, list: &[&str]| {
        let world = World::swept().zone_marker(20.0, PRIVATE).tag_with("nas", NAME, tag(types));
        private_rows(&listing(world, 2, list), &["ComputerIP", "RecordType_s", "Actionable"])
    };
    let list = ["fd12::4", "10.1.0.4", "fe80::1"];
    assert_eq!(told("A", &list), [json!(["10.1.0.4", "A", true])]);
    assert_eq!(told("AAAA", &list), [json!(["fd12::4", "AAAA", true])]);
    assert_eq!(told("A,AAAA", &list), [json!(["10.1.0.4", "A", true]), json!(["fd12::4", "AAAA", true])]);
    assert_eq!(told("AAAA", &["10.1.0.4"]), [json!(["", "AAAA", false])]);
}

#[test]
fn what_azure_registered_rings_for_nobody() {
    let world = |is_auto: bool| {
        let set = json!({"ZoneId_s": PRIVATE, "RecordSetId_s": "private", "IsAuto_b": is_auto});
        listing(two_sides("10.0.0.0/8").record_with(NAME, &["10.1.0.9"], set), 2, &["10.1.0.4"])
    };
    assert_eq!(private_rows(&world(true), &["DNSIP_s", "Actionable"]), [json!(["10.1.0.9", false])]);
    assert_eq!(private_rows(&world(false), &["DNSIP_s", "Actionable"]), [json!(["10.1.0.9", true])]);
}

/// Row 8 of the acceptance of issue 15.
#[test]
fn tables_of_the_version_before_and_a_workspace_without_the_list_are_still_read() {
    let world = listing(World::swept().tag("nas", NAME), 2, &["10.1.0.4"]);
    let columns = ["ComputerIP", "ZoneId_s", "PrivateIPs_s", "Actionable"];
    let expected = [json!(["203.0.113.7", ZONE, "", true])];
    let older = ["Prefixes_s", "IsMulti_b", "IsAuto_b"];
    assert_eq!(world.run_without(MISMATCH, &older).pick(&columns), expected);
    // A private zone whose tables come later has rows that no alert counts.
    let early = listing(two_sides("10.0.0.0/8"), 2, &["10.1.0.4"]);
    let rows = early.run_without(MISMATCH, &older).pick(&["ZoneId_s", "ComputerIP", "Actionable"]);
    assert_eq!(rows, [json!([ZONE, "203.0.113.7", true]), json!([PRIVATE, "", false])]);
    let rule = early.run_without(&format!("{MISMATCH}{ACTIONABLE}"), &older);
    assert_eq!(rule.pick(&["ZoneId_s"]), [json!([ZONE])]);
}
