//! A right that was lost is no fleet that has gone: how many machines must be unreadable, and when they count as gone.

use pure::domain::{Mark, ResourceId};
use pure::plan::{About, Answer, BrakeKind, Live, Reason};

use super::world::{OWNER, World, key, machine, mark};

/// So many machines of one subscription, the first of them unreadable and the last of them deleted.
fn fleet(world: World, subscription: &str, machines: usize, unreadable: usize, gone: usize) -> World {
    (0..machines).fold(world, |world, index| {
        let (who, host) = (format!("{subscription}-{index}"), format!("{subscription}-{index}.example.com"));
        let id = machine(&who).as_str().replace("/s1/", &format!("/{subscription}/"));
        let live = if index < unreadable {
            Live::Unreadable
        } else if index >= machines - gone {
            Live::Gone
        } else {
            Live::Tagged(vec![host.clone()])
        };
        let mut world = world
            .claims(&who, &host, "203.0.113.7")
            .stands(&host, &["198.51.100.10"])
            .set(&key(&host), |set| {
                Mark { machine: id.clone(), ..mark(1, OWNER, &who) }.write_into(&mut set.metadata);
            })
            .but(|row| row.resource_id = id.clone());
        world.case.known.learn_tag(&ResourceId::parse(&id).unwrap(), Answer::Known(live));
        world
    })
}

/// Whether the unreadable machines of a fleet are blind; else they are gone.
fn is_blind(world: &World) -> bool {
    let plan = world.plan();
    let right_lost = |brake: &pure::plan::Brake| {
        (brake.brake, brake.about) == (BrakeKind::Blind, About::Cause("right-lost"))
    };
    let reasons: Vec<_> = plan.skips.iter().map(|skip| skip.reason).collect();
    let blind = plan.brakes.iter().any(right_lost);
    assert_eq!(blind, reasons.contains(&Reason::Blind), "{reasons:?}");
    blind
}

/// Section 6: more than `POLICY_MAX_SILENT_PERCENT` (50) from 10 up, from 3 up when all of them, and no single read
/// says that a machine was deleted.
#[test]
fn the_share_counts_from_ten_up_and_the_whole_from_three_up() {
    for (machines, unreadable, gone, blind) in [
        (1, 1, 0, false),
        (2, 2, 0, false),
        (3, 2, 0, false),
        (3, 3, 0, true),
        (9, 8, 0, false),
        (9, 9, 0, true),
        (10, 5, 0, false),
        (10, 6, 0, true),
        (10, 6, 1, false),
        (10, 9, 1, false),
        (20, 10, 0, false),
        (20, 11, 0, true),
        (20, 11, 1, false),
        (20, 0, 11, false),
    ] {
        let world = fleet(World::new(), "s1", machines, unreadable, gone);
        assert_eq!(is_blind(&world), blind, "{unreadable} of {machines} unreadable, {gone} deleted");
    }
}

#[test]
fn each_subscription_counts_for_itself_as_well() {
    let world = fleet(World::new(), "s1", 20, 0, 0);
    for (machines, unreadable, gone, blind) in
        [(2, 2, 0, false), (3, 2, 0, false), (3, 3, 0, true), (10, 6, 0, true), (10, 6, 1, false)]
    {
        let both = fleet(world.clone(), "s2", machines, unreadable, gone);
        assert_eq!(is_blind(&both), blind, "{unreadable} of {machines} unreadable, {gone} deleted");
    }
    // One that was deleted elsewhere explains nothing here.
    let elsewhere = fleet(fleet(World::new(), "s1", 20, 0, 1), "s2", 3, 3, 0);
    assert!(is_blind(&elsewhere));
}
