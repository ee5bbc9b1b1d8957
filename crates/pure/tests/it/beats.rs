//! What the witnesses of a change say together.

use jiff::SignedDuration;
use pure::plan::{AdoptedBy, Beats, Cause, Plan};

use super::world::{World, addresses, key, machine, minutes};

const HOST: &str = "home.example.com";

fn beats(plan: &Plan) -> &Beats {
    assert_eq!((plan.changes.len(), plan.skips.len()), (1, 0), "{plan:?}");
    plan.changes[0].cause.beats().unwrap()
}

/// Two machines of one house; the second one is marked.
fn house() -> World {
    let world = World::new();
    let now = world.now;
    world
        .claims("a", HOST, "203.0.113.7")
        .but(|row| {
            (row.heartbeat_time, row.first_beat) = (Some(now - minutes(3)), Some(now - minutes(40)));
            (row.beats, row.country) = (30, "AT".to_owned());
        })
        .claims("b", HOST, "203.0.113.7")
        .but(|row| {
            (row.heartbeat_time, row.first_beat) = (Some(now - minutes(1)), Some(now - minutes(5)));
            (row.beats, row.country) = (5, "CH".to_owned());
        })
        .keeps("b", HOST, &["198.51.100.10"])
}

#[test]
fn the_earliest_and_the_newest_beat_of_all_count() {
    let world = house();
    let plan = world.plan();
    let expected = Beats {
        witnesses: vec![machine("a")],
        counted: [machine("a"), machine("b")].into(),
        country: "CH".to_owned(),
        first_beat: world.now - minutes(40),
        heartbeat_time: world.now - minutes(1),
        count: 30,
    };
    assert_eq!(*beats(&plan), expected);
    assert_eq!(plan.changes[0].since(), world.now - minutes(40));
    assert_eq!(plan.changes[0].after.machine, machine("b"));
}

#[test]
fn the_leaders_country_is_told_and_any_where_it_has_none() {
    let country = |a: &str, b: &str| {
        let mut world = house();
        a.clone_into(&mut world.case.rows[0].country);
        b.clone_into(&mut world.case.rows[1].country);
        beats(&world.plan()).country.clone()
    };
    assert_eq!(country("AT", "CH"), "CH");
    assert_eq!(country("AT", ""), "AT");
    assert_eq!(country("", ""), "");
}

#[test]
fn one_machine_that_speaks_twice_is_one_witness() {
    let mut world = house();
    let mut again = world.case.rows[0].clone();
    again.resource_id = again.resource_id.to_uppercase();
    world.case.rows.push(again.clone());
    world.case.rows.push(again);
    assert_eq!(beats(&world.plan()).witnesses.len(), 1);
}

#[test]
fn a_change_says_what_it_does() {
    let moved = house().plan().changes.remove(0);
    assert!(moved.is_move() && !moved.cause.adopts() && !moved.cause.is_adoption());
    assert_eq!((moved.from(), moved.to()), (addresses(&["198.51.100.10"]), &addresses(&["203.0.113.7"])));
    let mut stays = moved.clone();
    stays.before.as_mut().unwrap().addresses = addresses(&["203.0.113.7"]);
    assert!(!stays.is_move());
    let mut created = moved.clone();
    created.before = None;
    // A creation takes nothing from anybody.
    assert!(!created.is_move());
    assert_eq!((created.from(), created.action().as_str()), (addresses(&[]), "create"));
    let Cause::Moved { beats, adopts: None, lifted } = moved.cause else { panic!() };
    for cause in [
        Cause::Moved { beats: beats.clone(), adopts: Some(AdoptedBy::Seen), lifted: lifted.clone() },
        Cause::Adopted { beats: Some(beats) },
    ] {
        assert!(cause.adopts());
        assert_eq!(
            (cause.is_adoption(), cause.witnesses().count()),
            (matches!(cause, Cause::Adopted { .. }), 1)
        );
    }
    assert_eq!(Cause::Adopted { beats: None }.witnesses().count(), 0);
}

#[test]
fn a_new_set_is_made_of_what_the_policy_says() {
    let mut world = house().absent(&key(HOST));
    world.terms().ttl = 20;
    let change = world.plan().changes.remove(0);
    let set = change.record_set("dcr-ours", "run-1", world.now + SignedDuration::from_secs(1));
    assert_eq!((set.ttl, set.record_id(), set.etag.as_str()), (20, key(HOST), ""));
    let mark = set.mark().unwrap();
    assert_eq!((mark.version, mark.owner.as_str(), mark.run.as_str()), (1, "dcr-ours", "run-1"));
    assert_eq!((mark.machine.as_str(), mark.previous), (machine("a").lower(), addresses(&[])));
    assert_eq!(mark.time, Some(world.now + SignedDuration::from_secs(1)));
}
