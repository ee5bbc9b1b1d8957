//! What a person agrees to: a digest that tells apart whatever they would want to know, and a second look that takes no more.

use std::collections::{BTreeMap, BTreeSet};

use pure::domain::{RecordSet, Until};
use pure::plan::report::digest;
use pure::plan::{
    Again, Answer, ByHand, Change, Docket, HoldOrder, Leaves, LetGo, Live, Point, Read, Reason, Release,
    Rollback, ordered,
};

use super::world::{World, addresses, key, machine, mark, name};

const HOST: &str = "nas.example.com";
const OLD: &str = "198.51.100.10";

fn world() -> World {
    World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &[OLD])
}

fn held(until: &str, why: &str) -> World {
    world().set(&key(HOST), |set| {
        set.metadata.insert("heartbeat_dns_hold".to_owned(), until.to_owned());
        set.metadata.insert("heartbeat_dns_hold_why".to_owned(), why.to_owned());
    })
}

/// Its mark says that other addresses stood there before.
fn marked_as_moved(world: World) -> World {
    world.set(&key(HOST), |set| {
        let label = ("heartbeat_dns_previous".to_owned(), "198.51.100.7".to_owned());
        set.metadata.extend([label]);
    })
}

fn hold(until: Option<Until>) -> HoldOrder {
    HoldOrder { until, why: None, by: String::new() }
}

fn release(leaves: Leaves) -> ByHand {
    ByHand::Release(Release { leaves, claims: BTreeMap::new(), swept: BTreeMap::new(), unseen: Vec::new() })
}

fn rollback() -> ByHand {
    let (point, told) = (Point::Last, BTreeMap::new());
    ByHand::Rollback(Box::new(Rollback { point, told, hold: hold(None), deletes: None }))
}

fn planned(world: &World, order: &ByHand) -> Change {
    // What its machine still claims is not deleted.
    let of_nobody = world.clone().tag("nas", Live::Tagged(Vec::new()));
    let world = if *order == release(Leaves::NoSet) { &of_nobody } else { world };
    let mut case = world.case.clone();
    case.asked.named = [name(HOST)].into();
    ordered(order, &case, &world.policy, world.now).changes.remove(0)
}

#[test]
fn each_order_on_each_state_of_a_set_has_a_digest_of_its_own() {
    let end = Some(Until::Time("2027-01-01T00:00:00Z".parse().unwrap()));
    let states =
        [world(), held("forever", ""), held("forever", "incident"), held("2099-01-01T00:00:00Z", "")];
    let orders = [
        release(Leaves::AMark),
        release(Leaves::Nothing),
        release(Leaves::NoSet),
        rollback(),
        ByHand::Hold(hold(end)),
        ByHand::Unhold(LetGo::All),
    ];
    let mut digests = BTreeSet::new();
    let mut count = 0;
    for (state, world) in states.into_iter().map(marked_as_moved).enumerate() {
        for order in &orders {
            let is_held = state > 0;
            // What is held another hold takes the place of, or its end; what is not held cannot be let go.
            let is_written = match order {
                ByHand::Hold(_) => true,
                ByHand::Unhold(_) => is_held,
                ByHand::Release(_) | ByHand::Rollback(_) => !is_held,
            };
            if is_written {
                digests.insert(digest(&[planned(&world, order)]));
                count += 1;
            }
        }
    }
    assert_eq!((digests.len(), count), (11, 11));
}

#[test]
fn what_no_heartbeat_bears_out_and_whose_set_it_was_are_told_apart() {
    let change = planned(&marked_as_moved(world()), &rollback());
    let mut unreported = change.clone();
    let pure::plan::Cause::RolledBack(undone) = &mut unreported.cause else { panic!() };
    undone.unreported = addresses(&["198.51.100.7"]);
    assert_ne!(digest(&[unreported]), digest(&[change]));

    let owned = world().plan().changes.remove(0);
    let mut adopting = owned.clone();
    let pure::plan::Cause::Moved { adopts, .. } = &mut adopting.cause else { panic!() };
    *adopts = Some(pure::plan::AdoptedBy::Seen);
    let mut taken = owned.clone();
    mark(1, "dcr-ours", "other").write_into(&mut taken.before.as_mut().unwrap().metadata);
    assert_eq!(taken.taken_over_from(), Some(machine("other")));
    let digests = BTreeSet::from([owned, adopting, taken].map(|change| digest(&[change])));
    assert_eq!(digests.len(), 3);
}

/// A second look at an order's change of one world, with what another world reads.
fn look(world: &World, order: ByHand, newer: &World) -> Again {
    let change = planned(world, &order);
    let mut case = world.case.clone();
    case.asked.order = Some(order);
    let read = newer.case.known.set(&key(HOST)).unwrap().clone();
    Docket::of(&case, &world.policy, world.now).again(&change, &read, world.now)
}

fn touched(set: &mut RecordSet) {
    set.etag = "etag-2".to_owned();
}

#[test]
fn an_order_is_carried_out_only_on_what_was_read() {
    let end = Some(Until::Time("2027-01-01T00:00:00Z".parse().unwrap()));
    let (free, until, forever) = (world(), held("2099-01-01T00:00:00Z", ""), held("forever", "incident"));
    for (order, read, meanwhile) in [
        (ByHand::Unhold(LetGo::All), &until, &forever),
        (ByHand::Hold(hold(end)), &free, &forever),
        (ByHand::Hold(hold(end)), &until, &free),
        (release(Leaves::AMark), &free, &forever),
        (release(Leaves::Nothing), &free, &forever),
        (rollback(), &free, &forever),
    ] {
        let (read, meanwhile) = (marked_as_moved(read.clone()), marked_as_moved(meanwhile.clone()));
        let again = look(&read, order.clone(), &meanwhile);
        match (&order, &again) {
            // Who holds it is told.
            (ByHand::Release(_) | ByHand::Rollback(_), Again::Skips(skips)) => {
                assert_eq!(skips.iter().map(|skip| skip.reason).collect::<Vec<_>>(), [Reason::Held]);
            }
            (ByHand::Hold(_) | ByHand::Unhold(_), Again::Open) => {}
            other => panic!("{other:?}"),
        }
        let again = look(&read, order.clone(), &read.clone().set(&key(HOST), touched));
        assert!(matches!(again, Again::Change(_)), "{order:?}: {again:?}");
        let elsewhere = read.clone().set(&key(HOST), |set| set.addresses = addresses(&["198.51.100.99"]));
        assert_eq!(look(&read, order.clone(), &elsewhere), Again::Open, "{order:?}");
    }
}

/// A timer's run plans again on what stands there now; what a person has agreed to is left to them.
#[test]
fn what_heartbeats_move_goes_from_elsewhere_only_where_nobody_has_agreed() {
    let elsewhere = world().keeps("nas", HOST, &["198.51.100.99"]);
    let read = |world: &World| -> Answer<Read> { world.case.known.set(&key(HOST)).unwrap().clone() };
    for is_agreed in [false, true] {
        let mut world = world();
        world.case.asked.is_agreed = is_agreed;
        let change = world.plan().changes.remove(0);
        let docket = Docket::of(&world.case, &world.policy, world.now);
        let again = docket.again(&change, &read(&elsewhere), world.now);
        assert_eq!(again == Again::Open, is_agreed, "{again:?}");
        let same = docket.again(&change, &read(&world.clone().set(&key(HOST), touched)), world.now);
        assert!(matches!(same, Again::Change(_)), "{same:?}");
        let gone = docket.again(&change, &Answer::Known(Read::default()), world.now);
        assert_eq!(gone == Again::Open, is_agreed, "a creation is another action: {gone:?}");
    }
}
