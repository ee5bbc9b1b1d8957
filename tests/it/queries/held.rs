//! A set that somebody holds is no row that the alert counts, for as long as the hold stands.

use heartbeat_dns::queries::MISMATCH;
use serde_json::{Value, json};

use super::world::{World, before};

/// One machine that moved, and its set, with what the log knows of a hold.
fn house(hold_until: &Value) -> World {
    World::swept()
        .tag("nas", "nas.example.com")
        .record_with(
            "nas.example.com",
            &["198.51.100.1", "198.51.100.2"],
            json!({ "HoldUntil_t": hold_until }),
        )
        .beats("nas", 1..=5, "203.0.113.7")
}

#[test]
fn it_does_not_fire_for_a_day_and_then_it_does() {
    const DAY: i32 = 24 * 60;
    // Every quarter of an hour of the day, the hold that was put on at its begin has so many minutes left.
    for gone in (0..DAY).step_by(15) {
        let world = house(&json!(before(f64::from(gone - DAY))));
        assert_eq!(world.mismatch().only("Actionable"), false, "after {gone} min");
    }
    assert_eq!(house(&json!(before(0.0))).mismatch().only("Actionable"), true);
    assert_eq!(house(&json!("9999-12-30T00:00:00Z")).mismatch().only("Actionable"), false);
    assert_eq!(house(&Value::Null).mismatch().only("Actionable"), true);
}

#[test]
fn the_newest_row_says_whether_it_stands() {
    let held = json!({"TimeGenerated": before(3.0), "HoldUntil_t": "9999-12-30T00:00:00Z", "Etag_s": "2"});
    let held = house(&Value::Null).record_with("nas.example.com", &["198.51.100.1"], held);
    assert_eq!(held.mismatch().only("Actionable"), false);
    let free = json!({"TimeGenerated": before(2.0), "HoldUntil_t": null, "Etag_s": "3"});
    let free = held.record_with("nas.example.com", &["198.51.100.1"], free);
    assert_eq!(free.mismatch().only("Actionable"), true);
}

#[test]
fn tables_of_before_the_column_go_on_as_they_were() {
    let table = house(&Value::Null).run_without(MISMATCH, &["HoldUntil_t"]);
    assert_eq!(table.only("Actionable"), true);
}
