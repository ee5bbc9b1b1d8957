//! Rows of runs that nobody answers for.

use serde_json::{Value, json};

use super::{NAS, World, ZONE, at, faults, one, told, well};
use crate::queries::rows::{change, record, tag, tag_marker, with, zone_marker};

fn of(run: &str, row: Value) -> Value {
    with(row, json!({ "run_s": run }))
}

/// A world that was swept at half past eleven and, but for what is sent in between, again five minutes ago.
fn swept_again(tags: &[Value], records: &[Value]) -> World {
    let mut world = well();
    world.tags.extend(tags.iter().cloned());
    world.records.extend(records.iter().cloned());
    let anew = |row: Value| of("again", row);
    world
        .tags
        .extend([tag_marker(at("11:55:00")), tag(at("11:55:01"), NAS, "nas.example.com", ZONE)].map(anew));
    let set = record(at("11:55:01"), "nas.example.com", "203.0.113.7", ZONE);
    world.records.extend([zone_marker(at("11:55:00"), ZONE), set].map(anew));
    world
}

fn nameless(time: &str) -> Value {
    of("forged", with(tag(at(time), NAS, "", ZONE), json!({ "ZoneId_s": "" })))
}

fn all_is_well(time: &str) -> Value {
    of("forged", record(at(time), "nas.example.com", "192.0.2.66", ZONE))
}

#[test]
fn what_nobody_answers_for_is_told_within_one_sweep() {
    let fault = |table: &str, since: &str| {
        ["stranger".to_owned(), format!("run forged in {table}"), since.to_owned()]
    };
    let tags = swept_again(&[nameless("11:54:00")], &[]);
    assert_eq!(told(&tags), [fault("TagData_CL", "11:54:00")]);
    let records = swept_again(&[], &[all_is_well("11:54:30")]);
    assert_eq!(told(&records), [fault("DNSData_CL", "11:54:30")]);
    let because = one(&records).because;
    // Each row arrives twice here.
    assert!(because.starts_with("2 rows say so, and no run with this id has closed a sweep"), "{because}");
    let both = swept_again(&[nameless("11:54:00")], &[all_is_well("11:54:30")]);
    assert_eq!(faults(&both).len(), 2);
    // Without a sweep since then it is told after a quarter of an hour, and of a time to come at once.
    for (time, is_told) in [("11:44:00", true), ("11:46:00", false), ("12:04:00", false), ("12:06:00", true)]
    {
        let mut world = well();
        world.tags.push(nameless(time));
        world.records.push(all_is_well(time));
        assert_eq!(faults(&world).len(), if is_told { 2 } else { 0 }, "{time}");
    }
}

#[test]
fn a_run_that_closed_a_part_or_was_written_down_is_no_stranger() {
    let mut audited = swept_again(&[nameless("11:54:00")], &[all_is_well("11:54:30")]);
    audited.changes.push(change(at("11:54:40"), "forged", "x.example.com", ZONE));
    assert_eq!(faults(&audited), []);
    // Its tags were not complete, its zone was; and the other way round.
    let zone_alone = swept_again(&[nameless("11:40:01")], &[of("forged", zone_marker(at("11:40:00"), ZONE))]);
    assert_eq!(faults(&zone_alone), []);
    let tags_alone = swept_again(&[of("forged", tag_marker(at("11:40:00")))], &[all_is_well("11:40:01")]);
    assert_eq!(faults(&tags_alone), []);
}

#[test]
fn what_is_long_past_is_not_told_for_ever() {
    assert_eq!(told(&swept_again(&[nameless("10:01:00")], &[])).len(), 1);
    assert_eq!(faults(&swept_again(&[nameless("09:59:00")], &[all_is_well("09:59:00")])), []);
}
