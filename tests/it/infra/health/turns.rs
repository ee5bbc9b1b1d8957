//! A machine whose beats come from two addresses by turns.

use serde_json::{Value, json};

use super::{World, beat, faults, one, tag, tag_marker, told, well, with};

const A: &str = "203.0.113.7";
const B: &str = "198.51.100.66";

/// Beats of nas, one address a minute, the last one at 11:59.
fn beats(addresses: &[&str]) -> Vec<Value> {
    let first = 60 - addresses.len();
    let minute = |(index, address): (usize, &&str)| beat(&format!("11:{:02}:30", first + index), address);
    addresses.iter().enumerate().map(minute).collect()
}

fn world(heartbeats: Vec<Value>) -> World {
    World { heartbeats, ..well() }
}

fn nothing() -> Vec<[String; 3]> {
    Vec::new()
}

#[test]
fn two_addresses_by_turns_are_two_uplinks_or_a_stranger() {
    let fault = one(&world(beats(&[A, B, A, B, A, B, A, B, A, B])));
    assert_eq!(
        (fault.fault.as_str(), fault.subject.as_str()),
        ("two-addresses", "machine nas (nas.example.com)")
    );
    assert_eq!(fault.since, "11:50:30");
    assert!(
        fault.because.starts_with("reports 198.51.100.66 and 203.0.113.7 by turns, 9 changes"),
        "{fault:?}"
    );
    assert!(
        fault.because.contains("two uplinks") && fault.because.contains("somebody else sends"),
        "{fault:?}"
    );
}

#[test]
fn a_stranger_three_seconds_after_each_true_beat_is_told() {
    let mut rows = Vec::new();
    for minute in 46..60 {
        rows.push(beat(&format!("11:{minute}:10"), A));
        rows.push(beat(&format!("11:{minute}:13"), B));
    }
    assert_eq!(one(&world(rows)).fault, "two-addresses");
}

#[test]
fn slow_turns_count_as_well() {
    assert_eq!(told(&world(beats(&[A, A, A, B, B, B, A, A, A, B, B, B, A, A]))).len(), 1);
}

#[test]
fn a_move_a_way_back_and_a_second_try_are_none() {
    assert_eq!(told(&world(beats(&[A, A, A, A, B, B, B, B]))), nothing());
    assert_eq!(told(&world(beats(&[A, A, A, B, B, B, A, A, A]))), nothing());
    assert_eq!(told(&world(beats(&[A, A, B, B, A, A, B, B]))), nothing());
    assert_eq!(told(&world(beats(&[A, B, "203.0.113.8", "203.0.113.9", "203.0.113.10"]))), nothing());
}

#[test]
fn many_addresses_by_turns_are_told_too() {
    let pool = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];
    let turns: Vec<&str> = (0..9).map(|minute| pool[minute % 3]).collect();
    let fault = one(&world(beats(&turns)));
    assert!(
        fault.because.starts_with("reports 203.0.113.1 and 203.0.113.2 and 203.0.113.3 by turns"),
        "{fault:?}"
    );
}

#[test]
fn what_was_before_is_over() {
    let before: Vec<Value> = (20..45)
        .map(|minute| beat(&format!("11:{minute}:00"), if minute % 2 == 0 { A } else { B }))
        .chain([beat("11:59:00", A)])
        .collect();
    assert_eq!(told(&world(before)), nothing());
}

#[test]
fn families_spellings_and_empty_texts_are_no_turns() {
    assert_eq!(told(&world(beats(&[A, "2001:db8::7", A, "2001:db8::7", A, "2001:db8::7", A]))), nothing());
    assert_eq!(told(&world(beats(&[A, "", A, "", A, "", A]))), nothing());
    let few = ["2001:db8::7", A, A, B, B, A, A, B, B];
    assert_eq!(told(&world(beats(&few))), nothing(), "the first beat of a family is no change");
    let spelt = ["2001:db8::a", "2001:DB8:0:0::A"].repeat(4);
    assert_eq!(told(&world(beats(&spelt))), nothing());
    assert_eq!(told(&world(beats(&["2001:db8::a", "2001:db8::b"].repeat(4)))).len(), 1);
}

#[test]
fn a_scom_server_and_a_machine_without_a_name_are_nobody() {
    let mut rows = beats(&[A, B, A, B, A, B, A, B]);
    for row in &mut rows {
        if row["ComputerIP"] == B {
            row["SCAgentChannel"] = json!("SCManagementServer");
        }
    }
    assert_eq!(told(&world(rows)), nothing());
    let mut unclaimed = world(beats(&[A, B, A, B, A, B, A, B]));
    unclaimed.tags = vec![tag_marker(super::at("11:30:00"))];
    assert_eq!(told(&unclaimed), nothing());
}

#[test]
fn machines_are_those_that_this_installation_knows() {
    let mut world = world(beats(&[A, B, A, B, A, B, A, B]));
    for row in world.tags.iter_mut().chain(&mut world.records) {
        row["Installation_s"] = json!("one");
    }
    world.tags.push(with(tag_marker(super::at("11:50:00")), json!({ "Installation_s": "two" })));
    let kinds = |installation: &str| {
        let line = format!("let Installation = '{installation}';");
        let query = super::query().replace("let Installation = \"\";", &line);
        let found = super::asked(&world, &query).into_iter().map(|fault| fault.fault);
        found.filter(|fault| fault == "two-addresses").count()
    };
    assert_eq!((kinds("one"), kinds("two")), (1, 0));
}

#[test]
fn the_names_are_those_of_the_newest_tag() {
    let mut world = world(beats(&[A, B, A, B, A, B, A, B]));
    for (time, name) in [("11:31:00", "box.example.com"), ("11:31:00", "files.example.com")] {
        world.tags.push(tag(super::at(time), super::NAS, name, super::ZONE));
    }
    assert_eq!(one(&world).subject, "machine nas (box.example.com, files.example.com)");
    let nothing = with(tag(super::at("11:32:00"), super::NAS, "", ""), json!({ "Types_s": "" }));
    world.tags.push(nothing);
    assert_eq!(faults(&world), []);
}
