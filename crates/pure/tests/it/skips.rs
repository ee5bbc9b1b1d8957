//! What the audit needs of a skip: what stood there, and whether the alert counts the row.

use pure::plan::skip::Seen;
use pure::plan::{Plan, Reason, Skip};

use super::world::{World, addresses, key, minutes, record_set};

const HOST: &str = "nas.example.com";

fn seen(skip: &Skip) -> &Seen {
    skip.seen.as_ref().unwrap()
}

#[test]
fn what_stands_there_is_what_was_read() {
    // The log says one address, and two others stand there by now, which nobody marked.
    let world = World::new()
        .allow(&["*.example.com"])
        .claims("nas", HOST, "203.0.113.7")
        .stands(HOST, &["198.51.100.10"])
        .holds(record_set(key(HOST), addresses(&["198.51.100.9", "198.51.100.12"])));
    assert_eq!(seen(&world.plan().skips[0]).present, "198.51.100.12,198.51.100.9");
    assert_eq!(seen(&world.clone().absent(&key(HOST)).but(|row| row.beats = 1).only_skip()).present, "");
    // Where nothing was read, or the name has no place, the log's word stands.
    let mut unread = world.clone();
    unread.case.known = pure::plan::Known::default();
    assert_eq!(seen(&unread.only_skip()).present, "198.51.100.10");
    let nowhere = world.but(|row| row.host_name = "nas.example.net".to_owned());
    assert_eq!(seen(&nowhere.only_skip()).present, "198.51.100.10");
}

/// Whether the skips of a plan that a brake holds are counted by the alert, by machine.
fn counted(plan: &Plan) -> Vec<(&str, bool)> {
    plan.skips.iter().map(|skip| (skip.machine.rsplit('/').next().unwrap(), seen(skip).actionable)).collect()
}

#[test]
fn what_a_brake_holds_is_counted_as_its_rows_are() {
    let mut world = World::new()
        .claims("cam", HOST, "203.0.113.7")
        .claims("nas", HOST, "203.0.113.7")
        .but(|row| row.actionable = false)
        .keeps("nas", HOST, &["198.51.100.10"]);
    world.case.partial = true;
    assert_eq!(counted(&world.plan()), [("cam", true), ("nas", false)]);
    world.case.rows[0].actionable = false;
    assert_eq!(counted(&world.plan()), [("cam", false), ("nas", false)]);
    // A person's wish is no row, and is told.
    let mut adopted = World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["203.0.113.7"]);
    adopted.case.rows[0].actionable = false;
    adopted.case.asked.adopted.insert(key(HOST).name);
    adopted.case.partial = true;
    assert_eq!(counted(&adopted.plan()), [("nas", true)]);
    let heard = seen(&world.plan().skips[0]).heartbeat_time;
    assert_eq!(heard, Some(world.now - minutes(1)));
}

#[test]
fn the_log_is_said_to_lag_where_it_does() {
    let lags = |world: &World| {
        let plan = world.plan();
        let right = plan.skips.iter().find(|skip| skip.reason == Reason::AlreadyRight).unwrap();
        assert!(right.because.starts_with("nas.example.com already holds 203.0.113.7"), "{}", right.because);
        assert!(right.because.ends_with("; nothing to do."), "{}", right.because);
        right.because.contains("the log lags")
    };
    let right = World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["203.0.113.7"]);
    assert!(lags(&right.clone().but(|row| row.dns_ip = "198.51.100.10".to_owned())));
    // The row is there because another machine says something else, and that one is too young.
    let young = right.claims("thief", HOST, "192.0.2.66").but(|row| row.beats = 1);
    let young = young.but(|row| row.dns_ip = "203.0.113.7".to_owned());
    assert_eq!(young.codes(), [Reason::AlreadyRight, Reason::TooFewBeats]);
    assert!(!lags(&young));
}

#[test]
fn of_several_cuts_the_one_that_delegates_is_named() {
    let nas = "nas.a.home.example.com";
    let world = World::new().claims("nas", nas, "203.0.113.7");
    let skip = world.cut("example.com", &["a.home.example.com", "home.example.com"]).only_skip();
    assert!(skip.because.contains("add the zone home.example.com to DNS_ZONES"), "{}", skip.because);
}
