//! A second look at one record set: what a newer read makes of one change.

use pure::plan::{Action, Again, Answer, Cause, Change, Docket, Live, Read, Reason, plan};

use super::world::{World, addresses, key, machine, mark, minutes};

const HOST: &str = "nas.example.com";

fn moved() -> World {
    World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["198.51.100.10"])
}

fn change(world: &World) -> Change {
    world.plan().changes.into_iter().find(|change| change.id == key(HOST)).unwrap()
}

/// A second look at the change of one world with what another world reads.
fn look(world: &World, read: &Answer<Read>) -> Again {
    Docket::of(&world.case, &world.policy, world.now).again(&change(world), read, world.now)
}

fn read_of(world: &World) -> Answer<Read> {
    world.case.known.set(&key(HOST)).unwrap().clone()
}

fn reasons(again: &Again) -> Vec<Reason> {
    let Again::Skips(skips) = again else { panic!("{again:?}") };
    skips.iter().map(|skip| skip.reason).collect()
}

#[test]
fn the_same_wish_rests_on_what_stands_there_now() {
    let world = moved();
    let newer = world.clone().keeps("nas", HOST, &["198.51.100.99"]).set(&key(HOST), |set| {
        (set.etag, set.ttl) = ("etag-2".to_owned(), 30);
    });
    let Again::Change(again) = look(&world, &read_of(&newer)) else { panic!() };
    let before = again.before.as_ref().unwrap();
    assert_eq!((before.etag.as_str(), again.after.ttl), ("etag-2", 30));
    assert_eq!(again.from(), addresses(&["198.51.100.99"]));
    assert_eq!(*again.to(), addresses(&["203.0.113.7"]));
    // The set was deleted meanwhile: it is created.
    let Again::Change(again) = look(&world, &Answer::Known(Read::default())) else { panic!() };
    assert_eq!((again.action(), again.before), (Action::Create, None));
    // One that was created meanwhile is updated where it is ours.
    let new = World::new().claims("nas", HOST, "203.0.113.7");
    let Again::Change(again) = look(&new, &read_of(&world)) else { panic!() };
    assert_eq!(again.action(), Action::Update);
}

#[test]
fn what_is_right_or_not_ours_by_now_is_a_skip() {
    let world = moved();
    let right = world.clone().keeps("nas", HOST, &["203.0.113.7"]);
    assert_eq!(reasons(&look(&world, &read_of(&right))), [Reason::AlreadyRight]);
    let theirs = world.clone().set(&key(HOST), |set| {
        set.metadata.insert("heartbeat_dns_owner".to_owned(), "dcr-theirs".to_owned());
    });
    assert_eq!(reasons(&look(&world, &read_of(&theirs))), [Reason::NotOwned]);
    let empty = world.clone().stands(HOST, &[]);
    assert_eq!(reasons(&look(&world, &read_of(&empty))), [Reason::EmptySet]);
    let alias = world.clone().set(&key(HOST), |set| set.alias = Some("pip".to_owned()));
    assert_eq!(reasons(&look(&world, &read_of(&alias))), [Reason::Alias]);
    let cname = Answer::Known(Read { set: None, is_cname: true });
    assert_eq!(reasons(&look(&world, &cname)), [Reason::CnameExists]);
    // `*` is no entity tag of this set: it matches every one.
    for etag in ["", "*"] {
        let no_etag = world.clone().set(&key(HOST), |set| etag.clone_into(&mut set.etag));
        assert_eq!(reasons(&look(&world, &read_of(&no_etag))), [Reason::Blind]);
    }
    assert_eq!(reasons(&look(&world, &Answer::Unavailable("504".to_owned()))), [Reason::Blind]);
}

#[test]
fn a_right_that_was_lost_is_one_for_a_second_look_too() {
    // Of three machines none but the mover can be read, and more than half of them is too many.
    let mut world = moved().claims("cam", HOST, "203.0.113.7").tag("cam", Live::Unreadable);
    for number in 0..9 {
        let (who, host) = (format!("m{number}"), format!("m{number}.example.com"));
        world = world.claims(&who, &host, "203.0.113.7").tag(&who, Live::Unreadable);
    }
    let planned: Vec<Reason> =
        world.plan().skips.iter().filter(|skip| skip.name == HOST).map(|skip| skip.reason).collect();
    assert_eq!(planned, [Reason::Blind]);
    let right = world.clone().keeps("nas", HOST, &["203.0.113.7"]);
    let mut again = reasons(&look(&world, &read_of(&right)));
    again.sort();
    assert_eq!(again, [Reason::AlreadyRight, Reason::Blind]);
}

#[test]
fn what_would_have_to_be_asked_is_left_to_the_next_run() {
    let world = moved();
    // Nobody's mark any more: thirty days of heartbeats would decide.
    let unmarked = world.clone().set(&key(HOST), |set| set.metadata.clear());
    assert_eq!(look(&world, &read_of(&unmarked)), Again::Open);
    // Another machine's mark: its live tag would decide.
    let other =
        world.clone().set(&key(HOST), |set| mark(1, "dcr-ours", "other").write_into(&mut set.metadata));
    assert_eq!(look(&world, &read_of(&other)), Again::Open);
    let known = world.clone().tag("other", Live::Gone);
    assert!(matches!(look(&known, &read_of(&other)), Again::Change(_)));
    // A change for which no row speaks is nobody's.
    let mut elsewhere = change(&world);
    elsewhere.id = key("cam.example.com");
    let docket = Docket::of(&world.case, &world.policy, world.now);
    assert_eq!(docket.again(&elsewhere, &read_of(&world), world.now), Again::Open);
}

#[test]
fn other_addresses_are_left_to_the_next_run() {
    let world = moved();
    let mut wanted = change(&world);
    wanted.after.addresses = addresses(&["203.0.113.8"]);
    let docket = Docket::of(&world.case, &world.policy, world.now);
    assert_eq!(docket.again(&wanted, &read_of(&world), world.now), Again::Open);
}

#[test]
fn time_goes_on_between_two_looks() {
    let world = moved();
    let docket = Docket::of(&world.case, &world.policy, world.now);
    let later = docket.again(&change(&world), &read_of(&world), world.now + minutes(15));
    assert_eq!(reasons(&later), [Reason::StaleHeartbeat]);
}

#[test]
fn rows_that_were_skipped_are_skipped_again_and_no_other_name_is_looked_at() {
    let world = moved()
        .claims("young", HOST, "203.0.113.7")
        .but(|row| row.beats = 1)
        .claims("gone", HOST, "203.0.113.7")
        .tag("gone", Live::Gone)
        .claims("cam", "cam.example.com", "10.0.0.4");
    let right = world.clone().keeps("nas", HOST, &["203.0.113.7"]);
    assert_eq!(
        reasons(&look(&world, &read_of(&right))),
        [Reason::TagGone, Reason::AlreadyRight, Reason::AlreadyRight]
    );
    let Again::Change(again) = look(&world, &read_of(&world)) else { panic!() };
    assert_eq!(again.machines().collect::<Vec<_>>(), [&machine("nas")]);
}

#[test]
fn an_adoption_is_looked_at_as_every_other_change() {
    let mut world = World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["203.0.113.7"]);
    world.case.asked.adopted.insert(key(HOST).name);
    let newer = world.clone().set(&key(HOST), |set| set.etag = "etag-2".to_owned());
    let Again::Change(again) = look(&world, &read_of(&newer)) else { panic!() };
    assert_eq!(
        (again.cause, again.before.unwrap().etag.as_str()),
        (Cause::Adopted { beats: None }, "etag-2")
    );
    let moved = world.clone().stands(HOST, &["198.51.100.10"]);
    assert_eq!(look(&world, &read_of(&moved)), Again::Open, "nobody has agreed to a move");
    let ours = world.clone().keeps("nas", HOST, &["203.0.113.7"]);
    assert_eq!(reasons(&look(&world, &read_of(&ours))), [Reason::AlreadyRight]);
}

#[test]
fn a_named_name_that_is_right_by_now_is_told() {
    let mut world = moved();
    world.case.asked.named.insert(key(HOST).name);
    let right = world.clone().keeps("nas", HOST, &["203.0.113.7"]);
    assert_eq!(reasons(&look(&world, &read_of(&right))), [Reason::AlreadyRight]);
    // Where the log said so before, a plan would call it in sync; here a change was wanted, and is not any more.
    let logged = world.but(|row| row.dns_ip = "203.0.113.7".to_owned());
    assert_eq!(reasons(&look(&logged, &read_of(&right))), [Reason::AlreadyRight]);
}

#[test]
fn a_rival_whose_tag_cannot_be_read_is_in_doubt_here_too() {
    let world = moved();
    let mut rivals = world.clone().claims("thief", HOST, "192.0.2.66");
    rivals.case.known.learn_tag(&machine("thief"), Answer::Unavailable("504".to_owned()));
    let docket = Docket::of(&rivals.case, &rivals.policy, rivals.now);
    let again = docket.again(&change(&world), &read_of(&world), world.now);
    assert_eq!(reasons(&again), [Reason::Blind; 2]);
}

mod law {
    use proptest::prelude::*;
    use proptest::sample::Index;
    use pure::plan::report::digest;

    use super::*;
    use crate::any_world::{config, worlds};

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn a_second_look_is_a_plan_of_its_own(world in worlds(), other in worlds(), which in any::<Index>()) {
            let mut world = world;
            // No brake is asked again, so none is asked here.
            world.policy.max_sources = usize::MAX;
            let quiet = World::new().case.history;
            let history = &mut world.case.history;
            (history.zones, world.case.partial) = (quiet.zones, false);
            let changes = world.plan().changes;
            if changes.is_empty() {
                return Ok(());
            }
            let change = &changes[which.index(changes.len())];
            let id = &change.id;
            let Some(read) = other.case.known.set(id).or(world.case.known.set(id)) else { return Ok(()) };
            let docket = Docket::of(&world.case, &world.policy, world.now);
            let mut fresh = world.case.clone();
            fresh.known.learn_set(id.clone(), read.clone());
            let fresh = plan(&fresh, &world.policy, world.now);
            let again = docket.again(change, read, world.now);
            let planned = fresh.changes.iter().find(|planned| planned.id == *id);
            let skips: Vec<_> = fresh
                .skips
                .iter()
                .filter(|skip| skip.name == id.name.as_str() && skip.record_type == id.record_type)
                .collect();
            match again {
                Again::Change(again) => {
                    prop_assert_eq!(Some(&*again), planned);
                    prop_assert_eq!(again.to(), change.to());
                }
                Again::Skips(mut again) => {
                    prop_assert_eq!(planned, None);
                    if fresh.in_sync.contains(id) {
                        again.retain(|skip| skip.reason != Reason::AlreadyRight);
                    }
                    again.sort_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
                    let mut skips = skips;
                    skips.sort_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
                    prop_assert_eq!(again.iter().collect::<Vec<_>>(), skips);
                }
                Again::Open => {
                    // Of what a person has agreed to, nothing else is taken either.
                    let is_agreed = world.case.asked.is_agreed || change.cause.is_adoption();
                    let digest = |change: &Change| digest(std::slice::from_ref(change));
                    let other = planned.is_some_and(|planned| {
                        planned.to() != change.to() || is_agreed && digest(planned) != digest(change)
                    });
                    let asks = !fresh.needs.is_empty();
                    prop_assert!(other || asks);
                }
            }
        }
    }
}
