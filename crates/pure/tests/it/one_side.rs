//! One side of a name is asked for: nothing is said or done about the other, and nothing of it is counted.

use pure::domain::{NameSet, RecordId, RecordType, Until, ZoneKind};
use pure::plan::{
    Answer, Approval, ByHand, HoldOrder, Leaves, LetGo, Live, Plan, Point, Read, Reason, Release, Rollback,
    adopt, explain, ordered, right, standing,
};

use super::asked;
use super::private_world::{HOST, PRIVATE, PUBLIC, private_key, two_sides};
use super::world::{World, key, machine, name};

/// Each side, and the other.
fn sides() -> [(RecordId, RecordId); 2] {
    [(key(HOST), private_key(HOST)), (private_key(HOST), key(HOST))]
}

fn only(id: &RecordId) -> NameSet {
    NameSet::of([name(HOST)], Some(&id.zone))
}

/// The same world, for whoever asks for that side.
fn asking(mut world: World, id: &RecordId) -> World {
    world.case.asked.named = only(id);
    world
}

fn changed(plan: &Plan) -> Vec<&RecordId> {
    plan.changes.iter().map(|change| &change.id).collect()
}

#[test]
fn only_that_side_is_planned_read_and_left() {
    for (id, other) in sides() {
        let world = asking(two_sides("198.51.100.1", "10.9.0.9"), &id);
        let (asked, said) = asked::for_names(&world, &only(&id));
        assert_eq!((changed(&said), said.skips.len()), (vec![&id], 0), "{:?}", said.skips);
        assert!(asked.sets.contains(&id) && !asked.sets.contains(&other), "{:?}", asked.sets);
        let is_private = id.zone.kind() == ZoneKind::Private;
        assert_eq!(!asked.privately.listers.is_empty(), is_private, "who lists an address of the other side");
        let held = asking(two_sides("198.51.100.1", "10.9.0.9"), &id);
        let held = [&id, &other].into_iter().fold(held, |held, id| {
            held.set(id, |set| {
                drop(set.metadata.insert("heartbeat_dns_hold".to_owned(), "forever".to_owned()));
            })
        });
        let mut plan = held.plan();
        assert_eq!(plan.skips.len(), 2);
        plan.narrow(&only(&id));
        assert!(
            plan.skips.iter().all(|skip| skip.is_about(&id)) && plan.skips.len() == 1,
            "{:?}",
            plan.skips
        );
    }
}

/// What is right on one side is right, whatever the other is.
#[test]
fn a_side_is_counted_by_itself() {
    for (index, (id, other)) in sides().into_iter().enumerate() {
        let wrong =
            |here: bool| if (index == 0) == here { ("198.51.100.1", PRIVATE) } else { (PUBLIC, "10.9.0.9") };
        for (is_right, (public, private)) in [(true, wrong(false)), (false, wrong(true))] {
            let world = asking(two_sides(public, private), &id);
            let plan = world.plan();
            let found = standing::in_sync(&world.case, &plan, &world.policy, world.now);
            assert_eq!(found.len(), usize::from(is_right), "{id:?} {public} {private}");
            assert_eq!(plan.in_sync.contains(&id), is_right);
            let told = right(&[name(HOST)].into(), &world.case, &world.policy, world.now);
            assert!(told.iter().all(|told| told.zone != other.zone), "{told:?}");
            let blocks = explain(&name(HOST), &world.case, &world.policy, world.now, &[]);
            assert!(blocks.len() == 1 && blocks[0].is_of(&id), "{blocks:?}");
        }
    }
}

/// A run for all names that somebody has joined for one side of a name says nothing of a side that is right.
#[test]
fn a_name_that_is_asked_for_on_one_side_is_no_news_on_the_other() {
    for (id, _) in sides() {
        let plan = asking(two_sides(PUBLIC, PRIVATE), &id).plan();
        assert!(plan.skips.is_empty() && plan.changes.is_empty(), "{:?}", plan.skips);
    }
}

#[test]
fn an_order_is_of_one_side() {
    let hold = || HoldOrder { until: Some(Until::Forever), why: None, by: "a person".to_owned() };
    for (id, _) in sides() {
        let mut world = asking(two_sides(PUBLIC, PRIVATE), &id);
        let sixth = RecordId { record_type: RecordType::Aaaa, ..id.clone() };
        world.case.known.learn_set(sixth, Answer::Known(Read::default()));
        let mut orders = vec![ByHand::Hold(hold())];
        let (leaves, claims) = (Leaves::AMark, std::collections::BTreeMap::new());
        let (swept, unseen) = (claims.clone(), Vec::new());
        orders.push(ByHand::Release(Release { leaves, claims, swept, unseen }));
        for order in orders {
            let plan = ordered(&order, &world.case, &world.policy, world.now);
            assert_eq!((changed(&plan), plan.skips.len()), (vec![&id], 0), "{order:?} {:?}", plan.skips);
        }
        let told = std::collections::BTreeMap::new();
        let undone = Rollback { point: Point::Last, told, hold: hold(), deletes: None };
        let undone = ByHand::Rollback(Box::new(undone));
        for order in [undone, ByHand::Unhold(LetGo::All)] {
            let plan = ordered(&order, &world.case, &world.policy, world.now);
            assert!(plan.skips.iter().all(|skip| skip.is_about(&id)), "{:?}", plan.skips);
            assert!(changed(&plan).iter().all(|changed| **changed == id) && plan != Plan::default());
        }
    }
}

#[test]
fn an_unmarked_set_is_adopted_on_one_side() {
    for (id, other) in sides() {
        let mut world = two_sides(PUBLIC, PRIVATE);
        for id in [&id, &other] {
            world = world.set(id, |set| set.metadata.clear());
        }
        (world.case.asked.named, world.case.asked.adopted) = (only(&id), only(&id));
        let mut plan = world.plan();
        plan.narrow(&only(&id));
        assert_eq!((changed(&plan), plan.skips.len()), (vec![&id], 0), "{:?}", plan.skips);
        // Without any heartbeat as well.
        let claims = [(name(HOST), [machine("nas")].into())].into();
        let found = adopt(&claims, &std::collections::BTreeSet::new(), &world.case, &world.policy, world.now);
        let about = found
            .skips
            .iter()
            .filter_map(|skip| skip.zone.as_ref())
            .chain(found.changes.iter().map(|change| &change.id.zone));
        assert!(about.clone().count() > 0 && about.clone().all(|zone| *zone == id.zone), "{found:?}");
    }
}

/// A brake is approved for names, and may be for one side of them.
#[test]
fn an_approval_is_of_one_side() {
    for (id, other) in sides() {
        let mut world = two_sides("198.51.100.1", "10.9.0.9");
        world.policy.max_sources = 0;
        let digests = world.plan().brakes.iter().filter_map(|brake| brake.digest.clone()).collect();
        world.case.asked.approval = Some(Approval::Brakes { digests, names: only(&id) });
        let plan = world.plan();
        assert!(!changed(&plan).contains(&&other), "{plan:?}");
    }
}

/// A machine whose live tag no longer holds the name says so of the side that was asked for.
#[test]
fn what_a_tag_says_is_told_of_the_side_that_is_asked_for() {
    for (id, _) in sides() {
        let mut world = asking(two_sides("198.51.100.1", "10.9.0.9"), &id);
        world.case.known.learn_tag(&machine("nas"), Answer::Known(Live::Tagged([].into())));
        let mut plan = world.plan();
        plan.narrow(&only(&id));
        let reasons: Vec<_> = plan.skips.iter().map(|skip| (skip.reason, skip.zone.clone())).collect();
        assert_eq!(reasons, [(Reason::TagGone, Some(id.zone.clone()))]);
    }
}
