//! Of how many addresses a part is too much: what rows say of that opens nothing.

use proptest::prelude::*;
use pure::plan::{Answer, BrakeKind, Plan, Reason};

use super::world::{World, minutes, zone};

/// So many names move, each from an address of its own to another one, for five minutes.
fn moving(count: u8) -> World {
    let mut world = (0..count).fold(World::new(), |world, index| {
        let (who, host) = (format!("h{index:02}"), format!("h{index:02}.example.com"));
        world.claims(&who, &host, &format!("203.0.113.{index}")).keeps(
            &who,
            &host,
            &[&format!("198.51.100.{index}")],
        )
    });
    let first = world.now - minutes(5);
    world.case.rows.iter_mut().for_each(|row| row.first_beat = Some(first));
    world
}

fn surge(plan: &Plan) -> Option<Option<u64>> {
    plan.brakes.iter().find(|brake| brake.brake == BrakeKind::Surge).map(|brake| brake.seen)
}

#[test]
fn names_that_stand_nowhere_do_not_lift_it() {
    for (case, logged, live, seen) in [
        ("as it is", 30, 30, Some(100)),
        ("two hundred forged names", 230, 30, Some(100)),
        ("a forged sweep that found little", 5, 30, Some(100)),
        ("none of them carries our mark", 230, 0, Some(100)),
        ("the log is behind", 99, 100, Some(31)),
        ("one less than enough", 230, 99, Some(31)),
        ("enough", 230, 100, None),
        ("enough, and no sweep", 0, 100, None),
    ] {
        let plan = moving(30).present(logged, live).plan();
        assert_eq!(surge(&plan), seen.map(Some), "{case}");
        assert_eq!(plan.changes.len(), if seen.is_some() { 0 } else { 30 }, "{case}");
    }
}

#[test]
fn a_small_zone_does_not_surge_whatever_rows_say_of_it() {
    let plan = moving(10).present(33, 19).plan();
    assert_eq!(surge(&plan), Some(Some(31)), "what the log has of it still holds");
    assert_eq!(moving(10).present(34, 19).plan().changes.len(), 10);
    assert_eq!(surge(&moving(10).present(34, 20).plan()), Some(Some(50)));
}

#[test]
fn a_zone_is_counted_only_where_that_decides() {
    for (count, logged, is_asked) in [(6, 100, false), (7, 100, true), (7, 20, false), (7, 0, true)] {
        let mut world = moving(count).present(logged, 100);
        let known = world.plan();
        world.case.known = without_present(&world);
        let plan = world.plan();
        assert_eq!(plan.needs.present.contains(&zone("example.com")), is_asked, "{count} of {logged}");
        // Until then all of it is held.
        if is_asked {
            assert_eq!((plan.changes.len(), known.changes.len()), (0, usize::from(count)), "{logged}");
        }
    }
}

/// Everything that is known but what stands in the zones.
fn without_present(world: &World) -> pure::plan::Known {
    let mut known = pure::plan::Known::default();
    for row in &world.case.rows {
        let machine = pure::domain::ResourceId::parse(&row.resource_id).unwrap();
        known.learn_tag(&machine, world.case.known.tag(&machine).unwrap().clone());
        let id = super::world::key(&row.host_name);
        known.learn_set(id.clone(), world.case.known.set(&id).unwrap().clone());
        known.learn_claimants(id.name.clone(), world.case.known.claimants(&id.name).unwrap().clone());
        known.learn_cuts(id.zone.clone(), world.case.known.cuts(&id.zone).unwrap().clone());
    }
    known
}

#[test]
fn what_cannot_be_counted_is_too_few() {
    let mut world = moving(7).present(230, 230);
    assert_eq!(world.plan().changes.len(), 7);
    world.case.known.learn_present(zone("example.com"), Answer::Unavailable("504".to_owned()));
    let plan = world.plan();
    assert_eq!((surge(&plan), plan.changes.len()), (Some(None), 0));
    assert!(plan.skips.iter().all(|skip| skip.reason == Reason::Braked));
    let because = &plan.brakes[0].because;
    assert!(
        because.starts_with(
            "7 of the zone's addresses would move at once, of how many could not be read, perhaps"
        ),
        "{because}"
    );
}

proptest! {
    /// Whatever the log says of the zone, what stands there decides how much may move.
    #[test]
    fn no_number_in_the_log_lets_more_move(count in 0..40u8, logged in any::<u64>(), live in 0..200u8) {
        let plan = moving(count).present(logged, live).plan();
        let (count, standing) = (u64::from(count), u64::from(live.max(count)));
        let is_surge = standing >= 20 && count * 100 > 30 * standing;
        prop_assert!(!is_surge || plan.changes.is_empty());
        prop_assert!(plan.changes.is_empty() || plan.changes.len() as u64 == count);
    }
}
