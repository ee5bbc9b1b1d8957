//! The brake `converging`, and names that come home: they are not counted, and they are not held.

use pure::plan::{Answer, Brake, BrakeKind, Opens, Plan};

use super::world::{World, address, addresses, key, name, zone};

const HOME: &str = "203.0.113.99";

fn host(index: usize) -> String {
    format!("pc{index}.example.com")
}

/// So many laptops, each somewhere else, that all report one address now.
fn laptops(count: usize) -> World {
    (1..=count).fold(World::new(), |world, index| {
        let (who, host) = (format!("pc{index}"), host(index));
        world.claims(&who, &host, HOME).keeps(&who, &host, &[&format!("198.51.100.{index}")])
    })
}

/// The mark of a laptop says that it came from home.
fn marked(world: World, index: usize) -> World {
    world.set(&key(&host(index)), |set| {
        set.metadata.insert("heartbeat_dns_previous".to_owned(), format!("192.0.2.9,{HOME}"));
    })
}

/// A laptop left home an hour ago.
fn left(world: World, index: usize) -> World {
    world.went(&host(index), HOME, &format!("198.51.100.{index}"), 60)
}

fn brake(plan: &Plan) -> Option<&Brake> {
    assert!(plan.brakes.len() < 2);
    plan.brakes.first()
}

#[test]
fn the_limit_is_the_last_number_of_places_that_is_let_through() {
    for (count, held) in [(3, 0), (4, 4), (5, 5)] {
        let plan = laptops(count).plan();
        assert_eq!((plan.changes.len(), plan.skips.len()), (count - held, held), "{count}");
        assert_eq!(
            brake(&plan).map(|brake| (brake.limit, brake.seen)),
            (held > 0).then_some((3, Some(held as u64)))
        );
    }
    let mut none = laptops(1);
    none.policy.max_sources = 0;
    assert_eq!(none.plan().skips.len(), 1);
}

#[test]
fn four_laptops_on_their_way_home_are_no_proxy() {
    let world = laptops(4);
    assert_eq!(world.plan().changes.len(), 0);
    let by_mark = (1..=4).fold(world.clone(), marked);
    assert_eq!((by_mark.plan().changes.len(), by_mark.plan().brakes.len()), (4, 0));
    // One of the four is enough for the other three.
    assert_eq!(marked(world, 2).plan().changes.len(), 4);
}

#[test]
fn a_name_that_comes_home_is_not_held_with_strangers() {
    let plan = marked(laptops(5), 3).plan();
    let moved: Vec<&str> = plan.changes.iter().map(|change| change.id.name.as_str()).collect();
    assert_eq!(moved, ["pc3.example.com"]);
    let brake = brake(&plan).unwrap();
    assert_eq!((brake.brake, brake.seen, brake.opens), (BrakeKind::Converging, Some(4), Opens::Approve));
    assert_eq!(brake.names, [1, 2, 4, 5].map(host).into());
}

#[test]
fn a_home_is_what_the_name_held_and_not_where_it_is_or_what_others_say() {
    // It went there; it did not leave it.
    let world = laptops(4).went(&host(1), "192.0.2.1", HOME, 60);
    assert_eq!(world.plan().changes.len(), 0);
    // Another name left it.
    let world = laptops(4).went("other.example.com", HOME, "198.51.100.1", 60);
    assert_eq!(world.plan().changes.len(), 0);
    // The mark is another installation's, so nothing in it is believed; the name is not ours either.
    let world = marked(laptops(5), 1).set(&key(&host(1)), |set| {
        set.metadata.insert("heartbeat_dns_owner".to_owned(), "dcr-theirs".to_owned());
    });
    let plan = world.plan();
    assert_eq!((plan.changes.len(), brake(&plan).and_then(|brake| brake.seen)), (0, Some(5)));
}

/// The machine that comes home is not the one that moves the name: that one goes where the proxy is.
#[test]
fn the_home_of_one_machine_is_not_that_of_another() {
    let world = laptops(4);
    assert_eq!(world.plan().changes.len(), 0);
    let old = "192.0.2.77";
    let shared = world.claims("roamer", &host(1), old).set(&key(&host(1)), |set| {
        set.metadata.insert("heartbeat_dns_previous".to_owned(), old.to_owned());
    });
    let roamer = shared.case.rows.len() - 1;
    let mut shared = shared;
    shared.case.rows[roamer].beats = 1;
    let plan = shared.plan();
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
    assert_eq!(brake(&plan).map(|brake| brake.names.len()), Some(4));
}

/// Whoever may send rows may write that all of them were there.
#[test]
fn no_row_of_the_log_makes_a_home() {
    let world = (1..=4).fold(laptops(4), left);
    let plan = world.plan();
    assert_eq!((plan.changes.len(), brake(&plan).and_then(|brake| brake.seen)), (0, Some(4)));
}

#[test]
fn departures_count_whatever_the_log_says_of_homes() {
    let mut world = laptops(1);
    let old = addresses(&["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    let place = (zone("example.com"), address(HOME));
    world.case.history.departures = [(place, [(name("gone.example.com"), old)].into())].into();
    assert_eq!(world.plan().changes.len(), 0);
    assert_eq!(world.went("gone.example.com", HOME, "192.0.2.1", 120).plan().changes.len(), 0);
}

#[test]
fn only_what_holds_another_address_is_another_place() {
    // The fourth is there already, and a new name was nowhere.
    let world = laptops(3)
        .claims("there", "there.example.com", HOME)
        .keeps("there", "there.example.com", &[HOME])
        .claims("new", "new.example.com", HOME);
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.brakes.len()), (4, 0));
    // Two names at one place are one.
    let world = laptops(3).claims("twin", "twin.example.com", HOME).keeps(
        "twin",
        "twin.example.com",
        &["198.51.100.1"],
    );
    assert_eq!(world.plan().changes.len(), 4);
}

#[test]
fn ranges_that_are_expected_hold_any_number() {
    let mut world = laptops(12);
    world.policy.expect_prefixes = vec!["203.0.113.0/29".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    assert_eq!(world.plan().changes.len(), 0);
    world.policy.expect_prefixes.push("203.0.113.96/29".parse().unwrap());
    assert_eq!(world.plan().changes.len(), 12);
}

/// Names that left so many places for the address of one that comes there now, as rows of the log have it.
fn after(ghosts: usize) -> World {
    let mut world = laptops(1);
    let place = (zone("example.com"), address(HOME));
    let left = |index: usize| (name(&ghost(index)), addresses(&[&format!("192.0.2.{index}")]));
    world.case.history.departures = [(place, (1..=ghosts).map(left).collect())].into();
    world
}

fn ghost(index: usize) -> String {
    format!("ghost{index}.example.com")
}

#[test]
fn names_that_never_left_hold_nobody() {
    let world = after(4);
    let plan = world.plan();
    assert_eq!((plan.changes.len(), brake(&plan).and_then(|brake| brake.seen)), (0, Some(5)));
    assert_eq!(plan.needs.sets, (1..=4).map(|index| key(&ghost(index))).collect());
    // There is none of these; that one carries no mark, and this one's mark knows of no such move.
    let mut world = world.stands(&ghost(3), &[HOME]).keeps("g4", &ghost(4), &[HOME]);
    for index in [1, 2] {
        world = world.absent(&key(&ghost(index)));
    }
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.brakes.len(), plan.needs.is_empty()), (1, 0, true));
}

#[test]
fn names_that_left_count_by_their_marks() {
    let previous = |world: World, index: usize, at: &str, previous: &str| {
        world.keeps("g", &ghost(index), &[at]).set(&key(&ghost(index)), |set| {
            set.metadata.insert("heartbeat_dns_previous".to_owned(), previous.to_owned());
        })
    };
    let left = |world: World, index: usize| previous(world, index, HOME, &format!("192.0.2.{index}"));
    let world = left(left(after(3), 1), 2);
    // It has gone on from there; or it was elsewhere before; or nobody can read it.
    let gone_on = previous(world.clone(), 3, "192.0.2.200", HOME).plan();
    assert_eq!((gone_on.changes.len(), brake(&gone_on).and_then(|brake| brake.seen)), (0, Some(4)));
    let elsewhere = previous(world.clone(), 3, HOME, "192.0.2.201").plan();
    assert_eq!((elsewhere.changes.len(), elsewhere.brakes.len()), (1, 0));
    let mut unread = world;
    unread.case.known.learn_set(key(&ghost(3)), Answer::Unavailable("503".to_owned()));
    assert_eq!(brake(&unread.plan()).and_then(|brake| brake.seen), Some(4));
}

#[test]
fn only_where_the_brake_would_hold_by_it_what_has_left_is_read() {
    let mut quiet = after(4);
    quiet.case.rows.clear();
    assert!(quiet.plan().needs.is_empty());
    assert!(after(2).plan().needs.is_empty());
    // Four that are there now hold by themselves.
    let mut world = laptops(4);
    world.case.history.departures = after(4).case.history.departures;
    assert!(world.plan().needs.is_empty());
    // Of very many the log is believed.
    assert_eq!(after(40).plan().needs.sets.len(), 32);
    let none = (1..=40).fold(after(40), |world, index| world.absent(&key(&ghost(index))));
    assert_eq!(brake(&none.plan()).and_then(|brake| brake.seen), Some(9));
}
