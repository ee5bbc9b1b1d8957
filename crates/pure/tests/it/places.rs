//! A name has a place: zones that answer for it, zones that hand it over, and two zones that have it in common.

use pure::domain::{HostName, RecordId, Zones};
use pure::plan::{Answer, Reason, Refusal, ZoneHistory};

use super::world::{World, address, addresses, key, machine, minutes, name, record_set, zone};

const HOST: &str = "nas.home.example.com";

fn claimed(host: &str) -> World {
    World::new().claims("nas", host, "203.0.113.7")
}

#[test]
fn a_name_at_or_below_a_cut_is_delegated() {
    for cut in [HOST, "home.example.com"] {
        let skip = claimed(HOST).cut("example.com", &["other.example.com", cut]).only_skip();
        assert_eq!(skip.reason, Reason::Delegated);
        assert!(skip.because.contains(&format!("at or below {cut}, ")), "{}", skip.because);
        assert!(skip.because.contains(&format!("add the zone {cut} to DNS_ZONES")), "{}", skip.because);
    }
    // It comes before anything that the set says.
    let kept = claimed(HOST).keeps("nas", HOST, &["203.0.113.7"]).cut("example.com", &["home.example.com"]);
    assert_eq!(kept.codes(), [Reason::Delegated]);
}

#[test]
fn the_zones_own_name_servers_and_cuts_beside_a_name_hide_nothing() {
    let beside = ["example.com", "ome.example.com", "nas2.home.example.com", "a.nas.home.example.com"];
    assert_eq!(claimed(HOST).cut("example.com", &beside).plan().changes.len(), 1);
    // A cut of another zone is none of this one.
    assert_eq!(claimed(HOST).cut("example.org", &["home.example.com"]).plan().changes.len(), 1);
}

#[test]
fn the_highest_or_lowest_cut_are_both_true_but_one_is_named() {
    let world = claimed(HOST).cut("example.com", &["home.example.com", HOST]);
    assert_eq!(world.only_skip().reason, Reason::Delegated);
    assert!(world.only_skip().because.contains("at or below home.example.com"));
}

#[test]
fn a_child_zone_that_is_managed_answers_for_its_names() {
    let mut world = World::new();
    let child = zone("home.example.com");
    world.policy.zones = Zones::new([zone("example.com"), child.clone()]).unwrap();
    let marker = Some(world.now - minutes(10));
    world.case.history.zones = [zone("example.com"), child.clone()]
        .map(|id| (id, ZoneHistory { marker, ..ZoneHistory::default() }))
        .into();
    world =
        claims_at(world, "nas", HOST, child.clone(), "203.0.113.7").cut("example.com", &["home.example.com"]);
    world.case.known.learn_cuts(child.clone(), Answer::Known([name("home.example.com")].into()));
    let plan = world.plan();
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.skips);
    assert_eq!(plan.changes[0].id.zone, child);
    // The parent, which is not asked, may well have failed.
    world.case.known.learn_cuts(zone("example.com"), Answer::Unavailable("504".to_owned()));
    assert_eq!(world.plan().changes.len(), 1);
}

/// A claim on a name of a zone that is none of the two of every world.
fn claims_at(world: World, who: &str, host: &str, zone: pure::domain::ZoneId, reported: &str) -> World {
    let id = RecordId { zone, ..key(host) };
    world.claims(who, host, reported).absent(&id)
}

/// Two names that differ by their zones only, both kept for a machine, both moved.
fn twins() -> World {
    World::new()
        .claims("com", "nas.example.com", "203.0.113.7")
        .keeps("com", "nas.example.com", &["198.51.100.10"])
        .claims("org", "nas.example.org", "203.0.113.7")
        .keeps("org", "nas.example.org", &["198.51.100.20"])
}

fn skipped(world: &World) -> Vec<(String, Reason)> {
    world.plan().skips.into_iter().map(|skip| (skip.name, skip.reason)).collect()
}

#[test]
fn what_one_zone_has_seen_is_nothing_to_another() {
    let world = twins();
    let ids: Vec<RecordId> = world.plan().changes.into_iter().map(|change| change.id).collect();
    assert_eq!(ids, [key("nas.example.com"), key("nas.example.org")]);
    let flapping =
        (1..4).fold(world, |world, hour| world.went("nas.example.com", "203.0.113.7", "198.51.100.10", hour));
    assert_eq!(skipped(&flapping), [("nas.example.com".to_owned(), Reason::Flapping)]);
    // The very same name under another zone's id is another place too: nothing is known of it here.
    let mut moved = flapping;
    let history = std::mem::take(&mut moved.case.history.changes);
    moved.case.history.changes =
        history.into_iter().map(|(id, past)| (RecordId { zone: zone("example.org"), ..id }, past)).collect();
    assert_eq!(skipped(&moved), []);
}

#[test]
fn departures_count_for_their_zone_and_name() {
    let mut world = twins();
    world.policy.max_sources = 1;
    let left = |name: HostName| [(name, addresses(&["192.0.2.1"]))].into();
    let place = (zone("example.org"), address("203.0.113.7"));
    world.case.history.departures = [(place.clone(), left(name("gone.example.org")))].into();
    assert_eq!(skipped(&world), [("nas.example.org".to_owned(), Reason::Braked)]);
    let other = (zone("example.com"), address("203.0.113.7"));
    world.case.history.departures = [(other, left(name("gone.example.org")))].into();
    assert_eq!(skipped(&world), [("nas.example.com".to_owned(), Reason::Braked)]);
}

#[test]
fn a_refusal_counts_for_its_place() {
    let unmarked = |world: World, who: &str, host: &str| {
        world.claims(who, host, "203.0.113.7").stands(host, &["198.51.100.10"])
    };
    let mut world = unmarked(World::new(), "com", "nas.example.com");
    world = unmarked(world, "org", "nas.example.org");
    let refused = pure::domain::Refused::new("not-owned", [(machine("com"), address("203.0.113.7"))]);
    let refusal = Refusal { refused, etag: "etag-1".to_owned() };
    world.case.history.refused.insert(key("nas.example.com"), refusal.clone());
    let asked: Vec<RecordId> = world.plan().needs.evidence.into_keys().collect();
    assert_eq!(asked, [key("nas.example.org")]);
    world.case.history.refused = [(key("nas.example.org"), refusal)].into();
    assert_eq!(world.plan().needs.evidence.len(), 2);
}

#[test]
fn one_name_in_two_zones_is_two_record_sets() {
    let here = record_set(key("nas.example.com"), addresses(&["203.0.113.7"]));
    let there = RecordId { zone: zone("example.org"), ..here.record_id() };
    let world = claimed("nas.example.com").holds(record_set(there, addresses(&["203.0.113.7"])));
    assert_eq!(world.plan().changes[0].before, None);
    assert_eq!(world.holds(here).codes(), [Reason::AlreadyRight]);
}

/// One name moves, and it is not said that four do; what was left and is left again is one place.
#[test]
fn what_moves_now_is_told_apart_from_what_moved_within_the_day() {
    let host = "h1.example.com";
    let mut world = World::new().claims("h1", host, "203.0.113.99").keeps("h1", host, &["198.51.100.1"]);
    for old in [
        &["192.0.2.1", "192.0.2.2", "192.0.2.3"][..],
        &["192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1"],
    ] {
        let place = (zone("example.com"), address("203.0.113.99"));
        world.case.history.departures = [(place, [(name("gone.example.com"), addresses(old))].into())].into();
        let brake = &world.plan().brakes[0];
        let words =
            "names of 1 address move to 203.0.113.99 and of 3 others did within 24 h, together more than";
        assert!(brake.because.starts_with(words), "{}", brake.because);
        assert_eq!(brake.seen, Some(4));
    }
}
