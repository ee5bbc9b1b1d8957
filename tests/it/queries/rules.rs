//! What makes a row actionable: the alert must not ring for what the function is certain to skip.

use serde_json::{Value, json};

use super::world::{World, lower_id};

fn swept(name: &str, tag: Value) -> World {
    World::swept().tag_with("nas", name, tag).beats("nas", 1..=5, "203.0.113.7")
}

#[test]
fn a_verdict_of_the_collector_is_final() {
    let world = swept("www.example.com", json!({"Skip_s": "name-not-allowed"}));
    assert_eq!(world.mismatch().pick(&["Skip_s", "Actionable"]), [json!(["name-not-allowed", false])]);
    let world = swept("nas.example.org", json!({"Skip_s": "no-zone", "ZoneId_s": ""}));
    let expected = [json!(["no-zone", "", "", false])];
    assert_eq!(world.mismatch().pick(&["Skip_s", "ZoneId_s", "RecordSetId_s", "Actionable"]), expected);
}

#[test]
fn a_type_must_be_wanted_by_name() {
    let wanted = |types: &str, address: &str| {
        let world = World::swept().tag_with("nas", "nas.example.com", json!({"Types_s": types}));
        world.beats("nas", 1..=5, address).mismatch().only("Actionable")
    };
    assert_eq!(wanted("A", "203.0.113.7"), json!(true));
    assert_eq!(wanted("A", "2001:db8::7"), json!(false));
    assert_eq!(wanted("AAAA", "203.0.113.7"), json!(false), "A is no part of AAAA");
    assert_eq!(wanted("A,AAAA", "2001:db8::7"), json!(true));
    assert_eq!(wanted("A,AAAA", "203.0.113.7"), json!(true));
    assert_eq!(wanted("", "203.0.113.7"), json!(false));
}

#[test]
fn a_private_link_is_no_way_to_a_machine() {
    let address = "fd40:1085:12:6d79:7712:100:a00:4";
    let columns = ["ComputerIP", "RecordType_s", "DNSIP_s", "Beats", "Actionable"];
    let world = World::swept()
        .tag_with("hub", "hub.example.com", json!({"Types_s": "A,AAAA"}))
        .record("hub.example.com", &["198.51.100.10"])
        .beats("hub", 1..=5, address);
    assert_eq!(world.mismatch().pick(&columns), [json!([address, "AAAA", "", 5, false])]);
    // The public address from before the link was made is still the newest one of its family, and right.
    let lately = world.beats("hub", 6..=9, "198.51.100.10");
    assert_eq!(lately.mismatch().pick(&columns), [json!([address, "AAAA", "", 5, false])]);
}

#[test]
fn a_claimant_behind_a_private_link_wants_nothing() {
    let world = World::swept()
        .tag_with("hub", "hub.example.com", json!({"Types_s": "A,AAAA"}))
        .tag_with("spoke", "hub.example.com", json!({"Types_s": "A,AAAA"}))
        .record("hub.example.com", &["2001:db8::7"])
        .beats("hub", 1..=5, "fd40:1085:12:6d79:7712:100:a00:4")
        .beats("spoke", 1..=5, "2001:db8::7");
    assert!(world.mismatch().rows.is_empty());
}

#[test]
fn the_rule_is_the_file_and_one_line() {
    let world = World::swept()
        .tag("nas", "nas.example.com")
        .tag("pi", "pi.example.com")
        .tag_with("tv", "tv.example.com", json!({"Skip_s": "name-not-allowed"}))
        .record("nas.example.com", &["203.0.113.7"])
        .beats("nas", 1..=5, "203.0.113.7")
        .beats("pi", 1..=5, "203.0.113.7")
        .beats("tv", 1..=5, "203.0.113.7");
    assert_eq!(world.mismatch().rows.len(), 2);
    let rule = format!("{}{}\n", heartbeat_dns::queries::MISMATCH, heartbeat_dns::queries::ACTIONABLE);
    let rows = world.run(&rule);
    assert_eq!(rows.pick(&["_ResourceId"]), [json!(["~pi"])]);
    assert_eq!(rows.rows[0][0], json!(lower_id("pi")));
}

/// What alert rules refuse at one evaluation a minute (contract azure-monitor, section 7.2), as whole words anywhere
/// in the text, comments included; and the call that widens the rule's range (section 7.3), as any part of a word.
#[test]
fn the_text_obeys_the_limits_of_alert_rules() {
    let text = heartbeat_dns::queries::MISMATCH;
    let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let refused = [
        "union",
        "search",
        "take",
        "limit",
        "ingestion_time",
        "bag_unpack",
        "pivot",
        "narrow",
        "AggregatedValue",
        "adx",
    ];
    for word in refused {
        assert!(!words.iter().any(|found| found.eq_ignore_ascii_case(word)), "{word}");
    }
    assert!(!text.to_lowercase().contains("ago"));
    let functions = text.lines().filter(|line| line.starts_with("let ") && line.contains("= ("));
    assert_eq!(functions.count(), 0, "no function at all, so none over tables");
    assert!(text.ends_with('\n') && text.len() < 30_000);
}
