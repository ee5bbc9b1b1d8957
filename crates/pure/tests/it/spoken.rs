//! Claims that newer rows take away from a machine: its live tag decides, and no row of tags makes anything move by it.

use proptest::prelude::*;
use proptest::sample::select;
use pure::domain::LoggedClaim;
use pure::plan::{Answer, BrakeKind, Live, Plan, Reason};

use super::any_world::config;
use super::world::{World, key, machine};

const NEW: &str = "203.0.113.99";

fn host(index: usize) -> String {
    format!("h{index}.example.com")
}

/// Somebody sends a newer row of that row's machine, with another name.
fn renamed(world: &mut World, index: usize, to: &str) {
    let mut row = world.case.rows[index].clone();
    to.clone_into(&mut row.host_name);
    row.dns_ip = String::new();
    world.case.rows[index].claimed = LoggedClaim::Before;
    world.case.rows.push(row);
}

/// Two machines, two places, one name.
fn conflict() -> World {
    let world = World::new().absent(&key("zz.example.com"));
    world.claims("a", "cc.example.com", "203.0.113.1").claims("b", "cc.example.com", "203.0.113.2")
}

#[test]
fn what_was_claimed_before_counts_where_the_live_tag_says_so() {
    let mut world = conflict();
    renamed(&mut world, 1, "zz.example.com");
    assert!(world.plan().changes.is_empty());
    let told = |reason| world.codes().iter().filter(|code| **code == reason).count();
    assert_eq!((told(Reason::ClaimConflict), told(Reason::TagGone)), (2, 1));
}

#[test]
fn of_what_the_live_tag_denies_nobody_hears() {
    let mut world = conflict();
    renamed(&mut world, 1, "zz.example.com");
    let world = world.tag("b", Live::Tagged(vec!["zz.example.com".to_owned()]));
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.skips.len()), (2, 0), "{:?}", plan.skips);
    assert!(plan.changes.iter().all(|change| change.to().len() == 1));
}

#[test]
fn a_tag_that_cannot_be_read_may_still_claim() {
    let mut world = conflict();
    renamed(&mut world, 1, "zz.example.com");
    world.case.known.learn_tag(&machine("b"), Answer::Unavailable("504".to_owned()));
    assert!(world.plan().changes.is_empty());
    assert!(world.codes().iter().all(|code| *code == Reason::Blind), "{:?}", world.codes());
}

#[test]
fn its_tag_alone_is_asked_first() {
    let mut world = World::new().claims("a", "cc.example.com", NEW);
    world.case.rows[0].claimed = LoggedClaim::Before;
    world.case.known = pure::plan::Known::default();
    let needs = world.plan().needs;
    assert_eq!((needs.machines.len(), needs.sets.len(), needs.cuts.len()), (1, 0, 0));
}

#[test]
fn what_stands_beside_speaks_once_two_claim_the_name() {
    let beside = |live: &str| {
        let mut world = conflict().keeps("a", "cc.example.com", &["203.0.113.1"]);
        world.case.rows[0].claimed = LoggedClaim::Beside;
        world.case.rows[1].claimed = LoggedClaim::Before;
        world.tag("b", Live::Tagged(vec![live.to_owned()])).codes()
    };
    assert_eq!(beside("cc.example.com"), [Reason::ClaimConflict; 2]);
    assert_eq!(beside("zz.example.com"), []);
}

/// Whether a plan would write an address into a set that the other one would not write into it.
fn writes_more(plan: &Plan, other: &Plan) -> bool {
    plan.changes.iter().any(|change| {
        let same = other.changes.iter().find(|other| other.id == change.id);
        let from = change.from();
        same.is_none_or(|same| change.to().iter().any(|to| !from.contains(to) && !same.to().contains(to)))
    })
}

proptest! {
    #![proptest_config(config())]

    /// The live answers stay as they are; rows of tags give machines other names.
    #[test]
    fn no_forged_tag_row_turns_a_held_change_into_a_written_one(
        claims in prop::collection::vec(
            (0..7_usize, select(&[NEW, NEW, NEW, "203.0.113.98", "203.0.113.97"][..]), any::<bool>()), 1..9),
        stands in prop::collection::vec((any::<bool>(), 0..5_u8, any::<bool>()), 7),
        forged in prop::collection::vec((0..9_usize,
            select(&["zz.example.com", "zz.example.net", "h0.example.com", "h1.example.com", "*.example.com"][..])), 0..9),
        max_sources in 0..4_usize,
        shared in any::<bool>(),
    ) {
        let mut honest = World::new().absent(&key("zz.example.com"));
        honest.policy.max_sources = max_sources;
        honest.terms().shared = shared;
        for index in 0..7 {
            honest = honest.absent(&key(&host(index)));
        }
        for (index, (at, reported, young)) in claims.iter().enumerate() {
            honest = honest.claims(&format!("m{index}"), &host(*at), reported);
            if *young {
                honest = honest.but(|row| row.beats = 1);
            }
        }
        for (index, (is_there, end, is_home)) in stands.iter().enumerate().filter(|(_, stands)| stands.0) {
            let leader = claims.iter().position(|(at, ..)| *at == index).unwrap_or(index);
            honest = honest.keeps(&format!("m{leader}"), &host(index), &[&format!("198.51.100.{end}")]);
            if *is_home {
                honest = honest.set(&key(&host(index)), |set| {
                    set.metadata.insert("heartbeat_dns_previous".to_owned(), NEW.to_owned());
                });
            }
            assert!(is_there);
        }
        let mut told = honest.clone();
        for (index, to) in forged.into_iter().filter(|(index, _)| *index < claims.len()) {
            renamed(&mut told, index, to);
        }
        let (honest, told) = (honest.plan(), told.plan());
        prop_assert!(!writes_more(&told, &honest), "{:?} of {:?}", told.changes, honest.changes);
        let held = |plan: &Plan| plan.brakes.iter().filter(|brake| brake.brake == BrakeKind::Converging).count();
        prop_assert!(held(&told) >= held(&honest));
    }
}
