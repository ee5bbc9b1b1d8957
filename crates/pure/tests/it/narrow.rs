//! A call for some names: what it asks of the others, and that it decides as a call for all does.

use jiff::SignedDuration;
use pure::domain::{NameSet, RecordId, Refused};
use pure::plan::{Live, Needs, Plan, Reason, Refusal};

use super::asked;
use super::world::{World, addresses, key, machine, minutes, name, record_set, zone};

/// So many houses with one name each that move, the first ones to an address that they share.
fn houses(count: usize, together: usize, present: u8) -> World {
    let mut world = World::new();
    for index in 0..count {
        let (who, host) = (who(index), host(index));
        let to = if index < together { "203.0.113.99".to_owned() } else { format!("203.0.113.{index}") };
        let old = format!("198.51.100.{index}");
        world = world.claims(&who, &host, &to).keeps(&who, &host, &[&old]);
    }
    let first = world.now - minutes(5);
    world.case.rows.iter_mut().for_each(|row| row.first_beat = Some(first));
    world.present(present.into(), present)
}

fn who(index: usize) -> String {
    format!("h{index:02}")
}

fn host(index: usize) -> String {
    format!("h{index:02}.example.com")
}

fn hosts(indices: &[usize]) -> NameSet {
    indices.iter().map(|index| name(&host(*index))).collect()
}

/// What a call for these names asks, and what it then says.
fn ask(world: &World, names: &NameSet) -> (Needs, Plan) {
    asked::for_names(world, names)
}

/// How many sets and tags are asked for the names; what is said of them must be what a call for all says.
fn cost(world: &World, names: &NameSet) -> (usize, usize) {
    let (asked, said) = ask(world, names);
    let mut all = world.plan();
    all.narrow(names);
    assert_eq!((&said.changes, &said.skips, &said.brakes), (&all.changes, &all.skips, &all.brakes));
    (asked.sets.len(), asked.machines.len())
}

#[test]
fn where_no_brake_could_trip_only_the_name_itself_is_asked() {
    assert_eq!(cost(&houses(12, 0, 100), &hosts(&[3])), (1, 1));
    assert_eq!(cost(&houses(12, 3, 100), &hosts(&[0, 4])), (2, 2));
    // Thirty of a hundred are no surge yet, and below twenty addresses there is none.
    assert_eq!(cost(&houses(30, 0, 100), &hosts(&[3])), (1, 1));
    assert_eq!(cost(&houses(19, 0, 19), &hosts(&[3])), (1, 1));
}

#[test]
fn where_places_could_converge_on_the_names_address_those_are_read() {
    let world = houses(12, 4, 100);
    assert_eq!(cost(&world, &hosts(&[0])), (4, 4));
    assert_eq!(ask(&world, &hosts(&[0])).1.skips[0].reason, Reason::Braked);
    assert_eq!(cost(&world, &hosts(&[5])), (1, 1), "others converge");
    // Live one of them has its new address already.
    let fewer = world.clone().set(&id(1), |set| set.addresses = addresses(&["203.0.113.99"]));
    assert_eq!(cost(&fewer, &hosts(&[0])), (4, 4));
    assert_eq!(ask(&fewer, &hosts(&[0])).1.changes.len(), 1);
    // A new name takes nothing from anybody, whoever else says its address.
    let new = world.claims("new", "new.example.com", "203.0.113.99");
    assert_eq!(cost(&new, &[name("new.example.com")].into()), (1, 1));
    // Departures of the day count as well, and places that are expected do not.
    let gone = record_set(key("gone.example.com"), addresses(&["203.0.113.99"]));
    let mut left = houses(12, 2, 100).holds(gone);
    let address = "203.0.113.99".parse().unwrap();
    let old = [(name("gone.example.com"), addresses(&["192.0.2.1", "192.0.2.2"]))];
    left.case.history.departures = [((zone("example.com"), address), old.into())].into();
    assert_eq!(cost(&left, &hosts(&[0])), (3, 2));
    assert_eq!(ask(&left, &hosts(&[0])).1.changes.len(), 1, "nothing bears the departures out");
    left.policy.expect_prefixes = vec!["203.0.113.99/32".parse().unwrap()];
    assert_eq!(cost(&left, &hosts(&[0])), (1, 1));
}

/// Whoever may write rows may say of all of them that they are at one place, or nowhere.
#[test]
fn whatever_the_log_says_of_their_places_those_that_converge_are_read() {
    for logged in ["198.51.100.0", ""] {
        let mut world = houses(12, 4, 100);
        world.case.rows.iter_mut().skip(1).for_each(|row| logged.clone_into(&mut row.dns_ip));
        assert_eq!(cost(&world, &hosts(&[0])), (4, 4), "{logged:?}");
        assert_eq!(ask(&world, &hosts(&[0])).1.skips[0].reason, Reason::Braked);
    }
}

#[test]
fn where_the_zone_could_surge_over_a_name_it_is_read() {
    let mut world = houses(31, 0, 100);
    assert_eq!(cost(&world, &hosts(&[3])), (31, 31));
    assert_eq!(ask(&world, &hosts(&[3])).1.skips[0].reason, Reason::Braked);
    // A new name leaves no address: it has no part in a surge, and nobody is read for it.
    let young = world.now - minutes(5);
    let new = world.clone().claims("new", "new.example.com", "203.0.113.200");
    let new = new.but(|row| row.first_beat = Some(young));
    assert_eq!(cost(&new, &[name("new.example.com")].into()), (1, 1));
    // One that is as old as the hold is held, and the others decide about it.
    for (age, sets) in [(minutes(15), 31), (minutes(15) + SignedDuration::from_secs(1), 1)] {
        let mut aged = world.clone();
        let first = aged.now - age;
        aged.case.rows.iter_mut().for_each(|row| row.first_beat = Some(first));
        assert_eq!(cost(&aged, &hosts(&[3])), (sets, sets), "{age}");
    }
    // The log holds one of the others to be a certain skip.
    world.case.rows[7].actionable = false;
    assert_eq!(ask(&world, &hosts(&[3])).0.sets.len(), 1);
    // It is quiet because a lock refused its write, which is tried again.
    let given = [(machine(&who(7)), "203.0.113.7".parse().unwrap())];
    let refusal = Refusal { refused: Refused::new("ScopeLocked", given), etag: "etag-1".to_owned() };
    world.case.history.refused.insert(id(7), refusal);
    assert_eq!(cost(&world, &hosts(&[3])), (31, 31));
    world.case.rows[7].actionable = true;
    // A change that is free leads nobody when it is alone; of two, one must be proved first.
    let old = world.now - minutes(20);
    world.case.rows.iter_mut().for_each(|row| row.first_beat = Some(old));
    assert_eq!(cost(&world, &hosts(&[3])), (1, 1));
    assert_eq!(cost(&world, &hosts(&[3, 4])), (31, 31));
    assert_eq!(ask(&world, &hosts(&[3, 4])).1.led, [zone("example.com")].into());
}

/// What the log has of a zone may be forged.
#[test]
fn where_only_the_log_lets_a_surge_pass_the_zone_is_counted() {
    let forged = houses(31, 0, 31).present(230, 31);
    assert_eq!(cost(&forged, &hosts(&[3])), (31, 31));
    let (asked, said) = ask(&forged, &hosts(&[3]));
    assert_eq!((asked.present, said.skips[0].reason), ([zone("example.com")].into(), Reason::Braked));
    // It is as large as the log says: nobody else is read.
    let large = forged.present(230, 230);
    assert_eq!(cost(&large, &hosts(&[3])), (1, 1));
    assert_eq!(ask(&large, &hosts(&[3])).0.present.len(), 1);
    assert_eq!(ask(&houses(6, 0, 230), &hosts(&[3])).0.present.len(), 0, "so few are no surge of any zone");
}

#[test]
fn a_machine_that_cannot_be_read_is_looked_at_with_all_others() {
    let mut world = houses(12, 0, 100);
    for index in 0..12 {
        world = world.tag(&who(index), Live::Unreadable);
    }
    assert_eq!(cost(&world, &hosts(&[3])).1, 12);
    assert_eq!(ask(&world, &hosts(&[3])).1.skips[0].reason, Reason::Blind);
}

#[test]
fn the_machine_of_a_mark_is_asked_though_it_claims_another_name() {
    let mut world = houses(12, 0, 100).set(&id(3), |set| {
        let marked = machine(&who(7)).lower().to_owned();
        set.metadata.insert("heartbeat_dns_machine".to_owned(), marked);
    });
    let (asked, said) = ask(&world, &hosts(&[3]));
    assert_eq!((asked.machines.len(), said.changes.len()), (2, 1), "{said:?}");
    // As the log knows it.
    world.case.rows[3].owner = machine(&who(7)).lower().to_owned();
    assert_eq!(ask(&world, &hosts(&[3])).0.machines.len(), 2);
}

fn id(index: usize) -> RecordId {
    key(&host(index))
}

/// Whether a set may be adopted is asked for the names themselves, and for others only where they count.
#[test]
fn evidence_is_asked_for_the_name_itself() {
    let world = ["pc", "tv"].into_iter().fold(World::new(), |world, who| {
        let host = format!("{who}.example.com");
        world.claims(who, &host, "203.0.113.9").stands(&host, &["198.51.100.9"])
    });
    let asked = |only: &str| {
        let mut needs = world.plan().needs;
        needs.narrow(&[name(only)].into(), &world.case, &world.policy, world.now);
        needs.evidence.keys().map(|id| id.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(world.plan().needs.evidence.len(), 2);
    assert_eq!(asked("pc.example.com"), ["pc.example.com"]);
    assert_eq!(asked("nas.example.com"), Vec::<String>::new());
}
