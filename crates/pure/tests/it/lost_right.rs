//! A right that was lost is no fleet that has gone: how many machines must be unreadable, and when they count as gone.

use pure::domain::{Mark, ResourceId};
use pure::plan::{About, Answer, Blindness, BrakeKind, Live, Reason, lacks_too_many};

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
fn the_limits_are_those_of_the_specification() {
    for (machines, missing, many) in [
        (10, 5, false),
        (10, 6, true),
        (9, 8, false),
        (9, 9, true),
        (3, 3, true),
        (3, 2, false),
        (2, 2, false),
        (11, 6, true),
        (1000, 500, false),
        (1000, 501, true),
        (0, 0, false),
    ] {
        assert_eq!(lacks_too_many(machines, missing, 50), many, "{missing} of {machines}");
    }
    assert!(lacks_too_many(10, 10, 100), "all of them are too many at any percent");
}

/// What becomes of machines that are unreadable.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// Their claims have ended.
    Gone,
    /// A right was lost.
    Lost,
    /// A tag that was not answered decides.
    Open,
}

fn end(world: &World) -> End {
    end_of(world, "s1")
}

fn end_of(world: &World, subscription: &str) -> End {
    let plan = world.plan();
    let lost = plan.brakes.iter().any(|brake| brake.about == About::Cause("right-lost"));
    let of_the_first =
        plan.skips.iter().find(|skip| skip.machine.ends_with(&format!("/{subscription}-0"))).unwrap();
    match of_the_first.reason {
        Reason::TagGone => End::Gone,
        Reason::Blind if lost => {
            assert!(of_the_first.because.contains("role Reader"), "{}", of_the_first.because);
            End::Lost
        }
        reason => {
            assert_eq!((reason, lost), (Reason::Blind, false));
            assert!(of_the_first.because.contains("(504 GatewayTimeout)"), "{}", of_the_first.because);
            End::Open
        }
    }
}

/// The tags of so many machines of a fleet, from this one on, are not answered.
fn unanswered(mut world: World, subscription: &str, from: usize, count: usize) -> World {
    for index in from..from + count {
        let id = machine(&format!("{subscription}-{index}"))
            .as_str()
            .replace("/s1/", &format!("/{subscription}/"));
        let failed = Answer::Unavailable("504 GatewayTimeout".to_owned());
        world.case.known.learn_tag(&ResourceId::parse(&id).unwrap(), failed);
    }
    world
}

#[test]
fn a_tag_that_is_not_answered_is_neither_there_nor_missing() {
    for (machines, unreadable, silent, gone, wanted) in [
        // It makes no right lost.
        (4, 3, 1, 0, End::Open),
        (10, 5, 1, 0, End::Open),
        (20, 1, 10, 0, End::Open),
        // Nor does it hide that one was.
        (3, 2, 1, 0, End::Open),
        (10, 6, 1, 0, End::Lost),
        (11, 6, 5, 0, End::Lost),
        // It decides nothing where it could not.
        (4, 2, 1, 0, End::Gone),
        (2, 1, 1, 0, End::Gone),
        (10, 4, 1, 0, End::Gone),
        (20, 1, 9, 0, End::Gone),
        (4, 1, 2, 1, End::Gone),
        (20, 15, 4, 1, End::Gone),
    ] {
        let world =
            unanswered(fleet(World::new(), "s1", machines, unreadable, gone), "s1", unreadable, silent);
        assert_eq!(
            end(&world),
            wanted,
            "{unreadable} of {machines} unreadable, {silent} silent, {gone} deleted"
        );
    }
}

#[test]
fn of_several_tags_that_were_not_answered_the_first_is_named() {
    let world = unanswered(fleet(World::new(), "s1", 4, 2, 0), "s1", 2, 2);
    let skips = world.plan().skips;
    assert_eq!(skips.len(), 4);
    for (skip, named) in skips.iter().zip(["s1-2", "s1-2", "s1-2", "s1-3"]) {
        assert_eq!(skip.reason, Reason::Blind);
        assert!(skip.because.starts_with(&format!("The live tag of {named} ")), "{}", skip.because);
    }
    // Its name is the same, however the first row spells it.
    let mut other = world.clone();
    other.case.rows[2].resource_id.make_ascii_uppercase();
    assert_eq!(other.plan().skips.iter().find(|skip| skip.machine.ends_with("-0")), skips.first());
}

#[test]
fn a_subscription_is_open_for_itself_and_lost_for_itself() {
    let others = fleet(World::new(), "s1", 20, 0, 0);
    let open = unanswered(fleet(others.clone(), "s2", 3, 2, 0), "s2", 2, 1);
    assert_eq!(end_of(&open, "s2"), End::Open);
    // What is not answered elsewhere says nothing of it.
    let elsewhere = unanswered(fleet(others.clone(), "s2", 3, 2, 0), "s1", 0, 1);
    assert_eq!(end_of(&elsewhere, "s2"), End::Gone);
    // A right that was lost there is told, though it is open whether all were.
    let both = unanswered(fleet(others, "s2", 3, 3, 0), "s1", 0, 15);
    assert_eq!(end_of(&both, "s2"), End::Lost);
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

#[test]
fn the_brake_measures_the_share_that_cannot_be_read() {
    let plan = fleet(World::new(), "s1", 21, 11, 0).plan();
    let right_lost: Vec<_> = plan.brakes.iter().map(|brake| (brake.limit, brake.seen, &brake.zone)).collect();
    assert_eq!(right_lost, [(50, Some(53), &None)]);
}

#[test]
fn all_subscriptions_count_together() {
    let few = ["s1", "s2", "s3"].into_iter().fold(World::new(), |world, id| fleet(world, id, 1, 1, 0));
    assert_eq!(["s1", "s2", "s3"].map(|id| end_of(&few, id)), [End::Lost; 3]);
    let silent = unanswered(few, "s3", 0, 1);
    assert_eq!(["s1", "s2"].map(|id| end_of(&silent, id)), [End::Open; 2]);
}

/// A right of which the whole fleet shows that it was lost: the one of a subscription, or all.
fn lost(subscription: Option<&str>, unreadable: u64, asked: u64) -> Blindness {
    Blindness::RightLost { unreadable, asked, limit: 50, subscription: subscription.map(str::to_owned) }
}

#[test]
fn what_the_whole_fleet_shows_is_believed_where_rows_show_too_little() {
    let few = ["s1", "s2", "s3"].into_iter().fold(World::new(), |world, id| fleet(world, id, 1, 1, 0));
    let ends = |causes: &[Blindness]| {
        let mut world = few.clone();
        world.case.known.learn_rights_lost(causes.to_vec());
        let seen: Vec<_> = world.plan().brakes.iter().map(|brake| brake.seen).collect();
        (["s1", "s2", "s3"].map(|id| end_of(&world, id)), seen)
    };
    assert_eq!(ends(&[lost(None, 6, 8)]), ([End::Lost; 3], vec![Some(75)]));
    // Machines of other subscriptions are gone, although all of the few rows cannot be read.
    assert_eq!(ends(&[lost(Some("s2"), 9, 9)]), ([End::Gone, End::Lost, End::Gone], vec![Some(100)]));
    let two = [lost(Some("s1"), 6, 10), lost(Some("s2"), 9, 9)];
    assert_eq!(ends(&two), ([End::Lost, End::Lost, End::Gone], vec![Some(60), Some(100)]));
}
