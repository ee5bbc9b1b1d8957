//! What moves, and how much of a zone: the corners of `converging` and `surge`.

use pure::domain::RecordType;
use pure::plan::report::{Intent, Report, Trigger, Via};
use pure::plan::{About, BrakeKind, Plan};
use pure::story;

use super::world::{World, address, addresses, id, key, minutes, zone};

const HOST: &str = "nas.example.com";

fn host(index: usize, apex: &str) -> String {
    format!("m{index:02}.{apex}")
}

/// So many young moves in a zone, each of its own machine from an address of its own to another one.
fn street(world: World, apex: &str, count: usize) -> World {
    let first = world.now - minutes(5);
    (1..=count).fold(world, |world, index| {
        let (who, host) = (format!("{apex}-{index:02}"), host(index, apex));
        let net = if apex == "example.com" { "198.51.100" } else { "192.0.2" };
        let world = world.claims(&who, &host, &format!("203.0.113.{index}"));
        world.but(|row| row.first_beat = Some(first)).keeps(&who, &host, &[&format!("{net}.{index}")])
    })
}

fn present(mut world: World, apex: &str, count: u64) -> World {
    world.case.history.zones.entry(zone(apex)).or_default().distinct_present = count;
    world
}

fn changed(plan: &Plan) -> Vec<String> {
    plan.changes.iter().map(|change| change.id.name.to_string()).collect()
}

/// A set with our mark that holds no address any more, and whose machine is heard.
fn emptied() -> World {
    World::new().claims("nas", HOST, "203.0.113.99").keeps("nas", HOST, &[])
}

#[test]
fn an_empty_set_that_gets_its_address_takes_nothing_from_anybody() {
    let plan = emptied().plan();
    assert_eq!((plan.changes.len(), plan.changes[0].is_move()), (1, false));
    // Beside a proxy it is free as a new name is.
    let proxy = (1..=4).fold(emptied(), |world, index| {
        let (who, host) = (format!("m{index}"), host(index, "example.com"));
        world.claims(&who, &host, "203.0.113.99").keeps(&who, &host, &[&format!("198.51.100.{index}")])
    });
    assert_eq!((changed(&proxy.plan()), proxy.plan().skips.len()), (vec![HOST.to_owned()], 4));
    // It is no part of a surge, and waits for no lead.
    let first = emptied().now - minutes(5);
    let surge = street(emptied().but(|row| row.first_beat = Some(first)), "example.com", 10);
    let plan = present(surge, "example.com", 20).plan();
    assert_eq!((changed(&plan), plan.led.len()), (vec![HOST.to_owned()], 0));
}

#[test]
fn an_empty_set_is_told_as_one() {
    let report = Report::of(emptied().plan(), "run-1", Trigger::Cli, Intent::Plan, Via::RecordSet);
    let lines: Vec<String> = story::of(&report).iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["nas.example.com A: would move from no address to 203.0.113.99 (nas), planned"]);
}

#[test]
fn an_address_that_stays_is_not_left() {
    let kept =
        World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["203.0.113.7", "203.0.113.8"]);
    let change = &kept.plan().changes[0];
    assert!(change.is_move(), "203.0.113.8 is left");
    // Six of twenty addresses may go. Five go elsewhere, and of this set one or two: the one that stays does not count.
    let first = kept.now - minutes(5);
    let kept = kept.but(|row| row.first_beat = Some(first));
    for (set, held) in
        [(&["203.0.113.7", "192.0.2.8"][..], 0), (&["203.0.113.7", "192.0.2.8", "192.0.2.9"], 6)]
    {
        let world = kept.clone().set(&key(HOST), |live| live.addresses = addresses(set));
        let plan = present(street(world, "example.com", 5), "example.com", 20).plan();
        assert_eq!((plan.skips.len(), plan.changes.len()), (held, 6 - held), "{set:?}");
    }
}

#[test]
fn a_surge_of_one_zone_holds_nothing_of_another() {
    let world = street(street(World::new(), "example.com", 10), "example.org", 2);
    let plan = present(present(world, "example.com", 20), "example.org", 20).plan();
    assert_eq!(changed(&plan), [host(1, "example.org"), host(2, "example.org")]);
    assert_eq!(plan.skips.len(), 10);
    assert_eq!((plan.brakes.len(), &plan.brakes[0].zone), (1, &Some(zone("example.com"))));
    assert!(plan.led.is_empty());
}

const HOME: &str = "2001:db8::99";

/// So many laptops that all report one IPv6 address now.
fn laptops(count: usize) -> World {
    let mut world = (1..=count).fold(World::new(), |world, index| {
        let (who, host) = (format!("pc{index}"), host(index, "example.com"));
        world.claims(&who, &host, HOME).keeps(&who, &host, &[&format!("2001:db8::{index}")])
    });
    world.terms().types = [RecordType::A, RecordType::Aaaa].into();
    world
}

#[test]
fn a_proxy_of_the_other_family_holds_as_well() {
    let plan = laptops(4).plan();
    assert_eq!((plan.changes.len(), plan.skips.len()), (0, 4));
    let brake = &plan.brakes[0];
    assert_eq!((brake.brake, brake.about), (BrakeKind::Converging, About::Address(address(HOME))));
    assert_eq!(laptops(3).plan().changes.len(), 3);
}

#[test]
fn departures_by_the_other_family_count_whatever_the_log_says_of_homes() {
    // Three names left for it within the day, and one more goes there now.
    let mut world = laptops(1);
    let old = addresses(&["2001:db8::a", "2001:db8::b", "2001:db8::c"]);
    let gone = "gone.example.com";
    world.case.history.departures =
        [((zone("example.com"), address(HOME)), [(key(gone).name, old)].into())].into();
    assert_eq!(world.plan().changes.len(), 0);
    // Rows by which the name that left had been there before excuse it by neither of its sets.
    let home = |record_type: RecordType| {
        let mut world = world.clone().went(gone, HOME, "2001:db8::a", 120);
        let past = world.case.history.changes.remove(&key(gone)).unwrap();
        world.case.history.changes.insert(id(gone, record_type), past);
        world.plan().changes.len()
    };
    assert_eq!((home(RecordType::Aaaa), home(RecordType::A)), (0, 0));
}
