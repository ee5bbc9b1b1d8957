//! Names that a call is about: their rows come whatever the log holds, and live reads decide.

use std::collections::BTreeSet;

use pure::plan::{EvidenceRequest, Reason};

use super::world::{World, address, key, machine, name};

const HOST: &str = "nas.example.com";

/// A name that a call is about; the log holds these addresses.
fn named(logged: &str) -> World {
    let mut world = World::new().claims("nas", HOST, "203.0.113.7").but(|row| row.dns_ip = logged.to_owned());
    world.case.asked.named.insert(name(HOST));
    world
}

/// The same, with a set that we keep and that holds these addresses live.
fn kept(logged: &str, live: &[&str]) -> World {
    named(logged).keeps("nas", HOST, live).but(|row| row.dns_ip = logged.to_owned())
}

#[test]
fn right_in_the_log_and_live_is_in_sync() {
    let plan = kept("203.0.113.7", &["203.0.113.7"]).plan();
    assert_eq!(plan.in_sync, BTreeSet::from([key(HOST)]));
    assert_eq!((plan.changes.len(), plan.skips.len()), (0, 0));
    let several = kept("203.0.113.7,203.0.113.8", &["203.0.113.8", "203.0.113.7"]);
    let plan = several
        .claims("twin", HOST, "203.0.113.8")
        .but(|row| row.dns_ip = "203.0.113.7,203.0.113.8".to_owned())
        .plan();
    assert_eq!((plan.in_sync.len(), plan.skips.len()), (1, 0));
}

#[test]
fn right_live_alone_means_that_the_log_lags() {
    for logged in ["", "198.51.100.10", "203.0.113.7,203.0.113.8"] {
        let world = kept(logged, &["203.0.113.7"]);
        assert_eq!(world.codes(), [Reason::AlreadyRight], "{logged}");
        assert!(world.plan().in_sync.is_empty());
    }
}

#[test]
fn what_the_log_calls_right_is_not_right_when_it_is_not_live() {
    let other = kept("203.0.113.7", &["198.51.100.10"]).plan();
    assert_eq!((other.changes.len(), other.in_sync.len()), (1, 0));
    assert_eq!(other.changes[0].from(), [address("198.51.100.10")].into());
    let absent = named("203.0.113.7").plan();
    assert_eq!((absent.changes.len(), absent.in_sync.len()), (1, 0));
    assert_eq!(absent.changes[0].before, None);
}

#[test]
fn a_row_that_nobody_named_is_a_row_of_the_query() {
    let mut world = kept("203.0.113.7", &["203.0.113.7"]);
    world.case.asked.named = [name("cam.example.com")].into();
    assert_eq!(world.codes(), [Reason::AlreadyRight]);
    assert!(world.plan().in_sync.is_empty());
}

#[test]
fn a_plan_is_narrowed_to_the_names_that_were_named() {
    let mut world = kept("203.0.113.7", &["203.0.113.7"])
        .claims("cam", "cam.example.com", "203.0.113.7")
        .claims("bad", "bad.example.com", "10.0.0.4")
        .claims("tv", "tv.example.com", "203.0.113.7")
        .keeps("tv", "tv.example.com", &["203.0.113.7"]);
    world.case.asked.named.insert(name("tv.example.com"));
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.skips.len(), plan.in_sync.len()), (1, 1, 2));
    let narrowed = |host: &str| {
        let mut plan = plan.clone();
        plan.narrow(&[name(host)].into());
        (plan.changes.len(), plan.skips.len(), plan.in_sync.len())
    };
    assert_eq!(narrowed(HOST), (0, 0, 1));
    assert_eq!(narrowed("cam.example.com"), (1, 0, 0));
    assert_eq!(narrowed("bad.example.com"), (0, 1, 0));
    // What other names need is not asked for them.
    let mut needy = plan.clone();
    for host in [HOST, "cam.example.com", "cam.example.org"] {
        needy.needs.sets.insert(key(host));
        needy.needs.evidence.insert(key(host), EvidenceRequest::default());
        needy.needs.cuts.insert(key(host).zone);
        needy.needs.machines.insert(machine(host));
        needy.needs.names.insert(name(host));
    }
    needy.narrow(&[name(HOST)].into());
    assert_eq!(needy.needs.sets, [key(HOST)].into());
    assert!(needy.needs.evidence.keys().eq([&key(HOST)]));
    assert_eq!(needy.needs.cuts, [key(HOST).zone].into());
    assert_eq!(needy.needs.names, [name(HOST)].into());
    // Old data is told whatever it holds; another brake only where it holds one of the names.
    world.case.partial = true;
    let mut blind = world.plan();
    blind.narrow(&[name("bad.example.com")].into());
    assert_eq!((blind.brakes.len(), blind.brakes[0].names.len(), blind.skips.len()), (1, 0, 1));
}
