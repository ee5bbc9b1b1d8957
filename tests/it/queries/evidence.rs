//! Thirty days of heartbeats of given machines.

use std::collections::BTreeSet;
use std::net::IpAddr;

use heartbeat_dns::queries::{EvidenceAnswer, EvidenceQuestion, evidence_query};
use pure::domain::{ResourceId, ZoneKind};
use pure::plan::{Evidence, EvidenceRequest};
use serde_json::json;

use super::world::{World, before, id, lower_id};

const DAY: f64 = 1440.0;

fn request(machines: &[&str], addresses: &[&str]) -> EvidenceRequest {
    EvidenceRequest {
        machines: machines.iter().map(|name| ResourceId::parse(&id(name)).unwrap()).collect(),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
    }
}

/// What a set in a zone of this kind learns.
fn ask_of(kind: ZoneKind, world: &World, machines: &[&str], addresses: &[&str]) -> Evidence {
    let request = request(machines, addresses);
    let mut question = EvidenceQuestion::default();
    question.take(kind, &request);
    let table = world.run(&evidence_query(&question));
    EvidenceAnswer::read(&table.columns, &table.rows).about(kind, request)
}

fn ask(world: &World, machines: &[&str], addresses: &[&str]) -> Evidence {
    ask_of(ZoneKind::Public, world, machines, addresses)
}

#[test]
fn each_machine_and_address_has_its_newest_time() {
    let world = World::empty()
        .beat("nas", 29.0 * DAY, "198.51.100.1")
        .beat("nas", 28.0 * DAY, "198.51.100.1")
        .beat("nas", 31.0 * DAY, "198.51.100.2")
        .beat("nas", 5.0, "203.0.113.7")
        .beat("nas", 1.0, "")
        .beat_with("pi", 9.0, "198.51.100.1", json!({"_ResourceId": id("pi").to_uppercase()}))
        .beat_with("pi", 8.0, "198.51.100.2", json!({"SCAgentChannel": "SCManagementServer"}))
        .beat("other", 1.0, "198.51.100.1")
        .doubled();
    let found = ask(&world, &["nas", "pi", "never"], &["198.51.100.1", "198.51.100.2"]);
    let time = |minutes: f64| before(minutes).parse().unwrap();
    let address = "198.51.100.1".parse().unwrap();
    let expected = Evidence {
        reported: [
            (lower_id("nas"), [(address, time(28.0 * DAY))].into()),
            (lower_id("pi"), [(address, time(9.0))].into()),
        ]
        .into(),
        asked: found.asked.clone(),
        last_heard: [(lower_id("nas"), time(1.0)), (lower_id("pi"), time(9.0))].into(),
    };
    assert_eq!(found, expected);
    assert_eq!((found.asked.machines.len(), found.asked.addresses.len()), (3, 2));
}

#[test]
fn ipv6_is_found_in_any_spelling() {
    let world = World::empty().beat("nas", 9.0, "2001:DB8:0::7").beat("nas", 3.0, "2001:db8::8");
    let found = ask(&world, &["nas"], &["2001:db8::7"]);
    let expected = ("2001:db8::7".parse().unwrap(), before(9.0).parse().unwrap());
    assert_eq!(found.reported[&lower_id("nas")], [expected].into());
}

#[test]
fn asking_for_nobody_finds_nothing() {
    let world = World::empty().beats("nas", 1..=5, "203.0.113.7");
    let nobody = ask(&world, &[], &["203.0.113.7"]);
    assert!(nobody.reported.is_empty() && nobody.last_heard.is_empty());
    assert!(ask(&world, &["nas"], &[]).reported.is_empty());
}

/// A machine whose heartbeats came from 10.1.0.9 three days ago, through a tunnel of another house, and that lists 10.1.0.4.
fn two_sides() -> World {
    let listing = |list: serde_json::Value| json!({"ComputerPrivateIPs": list});
    World::empty()
        .beat("nas", 3.0 * DAY, "10.1.0.9")
        .beat_with("nas", 9.0 * DAY, "203.0.113.7", listing(json!(["172.17.0.1", " 10.1.0.4", "FD12:0::4"])))
        .beat_with("nas", 8.0 * DAY, "203.0.113.7", listing(json!(["10.1.0.4", "172.17.0.1"])))
        .beat_with("nas", 31.0 * DAY, "203.0.113.7", listing(json!(["10.1.0.5"])))
        .beat_with("nas", 2.0, "203.0.113.7", json!({}))
}

fn seen(evidence: &Evidence) -> Vec<(String, f64)> {
    let now: jiff::Timestamp = before(0.0).parse().unwrap();
    let seen = evidence.reported.get(&lower_id("nas")).into_iter().flatten();
    seen.map(|(address, time)| (address.to_string(), now.duration_since(*time).as_secs_f64() / 60.0))
        .collect()
}

#[test]
fn a_private_set_learns_what_was_listed_and_a_public_one_where_beats_came_from() {
    let addresses = ["10.1.0.4", "10.1.0.5", "10.1.0.9", "fd12::4", "203.0.113.7"];
    let of = |kind| ask_of(kind, &two_sides().doubled(), &["nas"], &addresses);
    let (public, private) = (of(ZoneKind::Public), of(ZoneKind::Private));
    assert_eq!(seen(&public), [("10.1.0.9".to_owned(), 3.0 * DAY), ("203.0.113.7".to_owned(), 2.0)]);
    assert_eq!(seen(&private), [("10.1.0.4".to_owned(), 8.0 * DAY), ("fd12::4".to_owned(), 9.0 * DAY)]);
    assert_eq!(public.last_heard, private.last_heard);
}

#[test]
fn one_question_for_both_sides_of_a_name_gives_each_its_own() {
    let both = request(&["nas"], &["10.1.0.4", "10.1.0.9"]);
    let mut question = EvidenceQuestion::default();
    for kind in ZoneKind::ALL {
        question.take(kind, &both);
    }
    assert_eq!((question.machines.len(), &question.reported), (1, &question.listed));
    let table = two_sides().run(&evidence_query(&question));
    let recalled = EvidenceAnswer::read(&table.columns, &table.rows);
    assert_eq!(seen(&recalled.about(ZoneKind::Public, both.clone())), [("10.1.0.9".to_owned(), 3.0 * DAY)]);
    assert_eq!(seen(&recalled.about(ZoneKind::Private, both)), [("10.1.0.4".to_owned(), 8.0 * DAY)]);
    // A machine that was not asked for has no part in it.
    let nobody = recalled.about(ZoneKind::Private, request(&["pi"], &["10.1.0.4"]));
    assert!(nobody.reported.is_empty() && nobody.last_heard.is_empty());
}

#[test]
fn a_list_that_is_too_long_for_one_machine_proves_nothing() {
    let long = |number: u32| (0..number).map(|at| format!("10.2.0.{at}")).collect::<BTreeSet<_>>();
    let found = |number| {
        let world =
            World::empty().beat_with("nas", 2.0, "203.0.113.7", json!({"ComputerPrivateIPs": long(number)}));
        ask_of(ZoneKind::Private, &world, &["nas"], &["10.2.0.1"]).reported
    };
    let address: IpAddr = "10.2.0.1".parse().unwrap();
    assert!(found(64)[&lower_id("nas")].contains_key(&address) && found(65).is_empty());
}
