//! A need that fails: it reaches the rows that rest on it, and no others.

use std::collections::BTreeSet;
use std::net::IpAddr;

use proptest::prelude::*;
use proptest::sample::Index;
use pure::domain::RecordId;
use pure::plan::{Answer, BrakeKind, Change, Evidence, EvidenceRequest, Known, Live, Plan, Reason};

use super::any_world::{config, worlds};
use super::one_failure::{Question, failed, with_one_failure};
use super::world::{World, address, key, machine, minutes, zone};

const HOST: &str = "nas.example.com";

/// Four names that move, two in each zone; one of them would be adopted.
fn four() -> World {
    World::new()
        .claims("nas", HOST, "203.0.113.1")
        .stands(HOST, &["198.51.100.1"])
        .evidence(&[("nas", "198.51.100.1")], &[])
        .claims("cam", "cam.example.com", "203.0.113.2")
        .keeps("cam", "cam.example.com", &["198.51.100.2"])
        .claims("a", "a.example.org", "203.0.113.3")
        .keeps("a", "a.example.org", &["198.51.100.3"])
        .claims("b", "b.example.org", "203.0.113.4")
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.changes.iter().map(|change| change.id.name.as_str()).collect()
}

#[test]
fn what_failed_holds_what_rests_on_it_and_everything_else_moves() {
    let without = |learn: &dyn Fn(&mut Known)| {
        let mut world = four();
        learn(&mut world.case.known);
        let plan = world.plan();
        assert!(plan.needs.is_empty() && plan.brakes.is_empty());
        for skip in &plan.skips {
            assert_eq!(skip.reason, Reason::Blind);
            assert!(skip.because.contains("(504 GatewayTimeout)"), "{}", skip.because);
        }
        let blind: Vec<String> = plan.skips.iter().map(|skip| skip.name.clone()).collect();
        assert_eq!(blind.len() + plan.changes.len(), 4);
        (blind, plan.skips.first().map(|skip| skip.because.to_string()).unwrap_or_default())
    };
    assert_eq!(names(&four().plan()).len(), 4);
    let (blind, words) = without(&|known| known.learn_tag(&machine("cam"), failed()));
    assert_eq!(blind, ["cam.example.com"]);
    assert!(words.starts_with("The live tag of cam could not be read"), "{words}");
    let (blind, words) = without(&|known| known.learn_set(key("b.example.org"), failed()));
    assert_eq!(blind, ["b.example.org"]);
    assert!(words.starts_with("The live record set b.example.org A could not be read"), "{words}");
    let (blind, words) = without(&|known| known.learn_cuts(zone("example.org"), failed()));
    assert_eq!(blind, ["a.example.org", "b.example.org"]);
    assert!(words.starts_with("The NS record sets of the zone example.org could not be read"), "{words}");
    let (blind, words) = without(&|known| known.learn_evidence(key(HOST), failed()));
    assert_eq!(blind, [HOST]);
    assert!(words.starts_with(&format!("The heartbeats of 30 days that decide about {HOST}")), "{words}");
    // What nothing rests on may well fail.
    let (blind, _) = without(&|known| {
        known.learn_evidence(key("cam.example.com"), failed());
        known.learn_tag(&machine("stranger"), failed());
        known.learn_set(key("stranger.example.com"), failed());
    });
    assert_eq!(blind, Vec::<String>::new());
}

#[test]
fn a_set_without_entity_tag_holds_its_name_alone() {
    let world = four().set(&key("cam.example.com"), |set| set.etag.clear());
    let plan = world.plan();
    assert_eq!((names(&plan).len(), plan.skips.len()), (3, 1));
    assert_eq!((plan.skips[0].name.as_str(), plan.skips[0].reason), ("cam.example.com", Reason::Blind));
    assert!(plan.skips[0].because.contains("without an entity tag"));
}

#[test]
fn evidence_in_part_is_none() {
    let mut world = four();
    let asked =
        EvidenceRequest { machines: [machine("nas")].into(), addresses: [address("198.51.100.9")].into() };
    world.case.known.learn_evidence(key(HOST), Answer::Known(Evidence { asked, ..Evidence::default() }));
    let plan = world.plan();
    assert_eq!((names(&plan).len(), plan.skips[0].reason), (3, Reason::Blind));
    assert!(plan.needs.evidence.contains_key(&key(HOST)));
}

/// The question failed, so nobody knows whether the claim has ended: that is no refusal, which would be written down and
/// not asked again. A machine that a complete answer cannot read is another matter: it still claims.
#[test]
fn a_holder_whose_tag_question_failed_is_no_refusal() {
    let mut world = World::new().claims("new", HOST, "203.0.113.7").keeps("old", HOST, &["198.51.100.10"]);
    world.case.known.learn_tag(&machine("old"), failed());
    assert_eq!(world.codes(), [Reason::Blind]);
    assert_eq!(world.wanted().machines, [machine("old")].into());
    let awake = world.clone().evidence(&[], &[("old", 3)]);
    let skip = awake.only_skip();
    assert_eq!((skip.reason, skip.is_durable), (Reason::Blind, false));
    assert!(skip.because.starts_with("The live tag of old could not be read (504"), "{}", skip.because);
    assert!(awake.plan().needs.is_empty());
    // A row that shows the holder saves the question, and is no proof either.
    let heard = world.now - minutes(20);
    let mut shown = world
        .clone()
        .claims("old", "other.example.com", "10.0.0.4")
        .but(|row| row.heartbeat_time = Some(heard));
    shown.case.known.learn_tag(&machine("old"), failed());
    assert_eq!(shown.codes(), [Reason::Blind, Reason::AddressNotPublic]);
    assert!(shown.plan().needs.is_empty());
    // Whoever was silent for so long claims nothing, whatever its tag says.
    assert_eq!(world.clone().evidence(&[], &[("old", 25)]).plan().changes.len(), 1);
    let unreadable = world.clone().tag("old", Live::Unreadable).evidence(&[], &[("old", 3)]);
    assert_eq!(unreadable.codes(), [Reason::NotOwned]);
    world.case.known.learn_evidence(key(HOST), failed());
    assert_eq!(world.codes(), [Reason::Blind]);
    assert!(world.only_skip().because.contains("504"));
}

/// Two machines that claim one new name for different addresses.
fn rivals() -> World {
    World::new().claims("nas", HOST, "203.0.113.7").claims("thief", HOST, "192.0.2.66")
}

#[test]
fn a_claimant_whose_tag_cannot_be_read_may_be_right() {
    assert_eq!(rivals().codes(), [Reason::ClaimConflict; 2]);
    for silent in ["nas", "thief"] {
        for world in [rivals(), rivals().stands(HOST, &["198.51.100.10"]).allow(&[HOST])] {
            let mut world = world;
            world.case.known.learn_tag(&machine(silent), failed());
            assert_eq!(world.codes(), [Reason::Blind; 2], "{silent}");
            let skips = world.plan().skips;
            assert!(skips.iter().all(|skip| skip.because.starts_with(&format!("The live tag of {silent} "))));
        }
    }
}

#[test]
fn a_claimant_who_would_not_count_or_says_the_same_holds_nobody_up() {
    let blind_thief = |change: &dyn Fn(World) -> World| {
        let mut world = change(rivals());
        world.case.known.learn_tag(&machine("thief"), failed());
        let plan = world.plan();
        assert!(plan.skips.iter().all(|skip| skip.machine.ends_with("/thief")), "{:?}", plan.skips);
        assert!(plan.needs.is_empty());
        plan.changes.len()
    };
    assert_eq!(blind_thief(&|world| world.but(|row| row.beats = 1)), 1);
    assert_eq!(blind_thief(&|world| world.but(|row| row.computer_ip = "203.0.113.7".to_owned())), 1);
    assert_eq!(blind_thief(&|world| world.but(|row| row.computer_ip = "10.0.0.4".to_owned())), 1);
}

#[test]
fn a_row_whose_tag_cannot_be_read_is_a_place_of_its_own_to_the_brake() {
    let mut world = (1..=4).fold(World::new(), |world, index| {
        let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
        world.claims(&who, &host, "203.0.113.99").keeps(&who, &host, &[&format!("198.51.100.{index}")])
    });
    assert_eq!(world.plan().brakes.len(), 1);
    world.case.known.learn_tag(&machine("m4"), failed());
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.brakes[0].brake), (0, BrakeKind::Converging));
    assert_eq!(plan.brakes[0].seen, Some(4));
}

/// Names that move to one address, each from its own; the log knows the last of them to hold these addresses.
fn convergence(names: u8, logged: &str) -> World {
    let world = (1..=names).fold(World::new(), |world, index| {
        let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
        world.claims(&who, &host, "203.0.113.99").keeps(&who, &host, &[&format!("198.51.100.{index}")])
    });
    world.but(|row| row.dns_ip = logged.to_owned())
}

#[test]
fn a_set_that_cannot_be_read_is_a_place_of_its_own_to_the_brake() {
    // What the log knows of the fourth: its address, none, that of another name, the new one already, two.
    for (logged, seen) in [
        ("198.51.100.4", 4),
        ("", 4),
        ("198.51.100.1", 4),
        ("203.0.113.99", 4),
        ("198.51.100.4,198.51.100.5", 5),
        ("198.51.100.1,198.51.100.2", 5),
    ] {
        let mut world = convergence(4, logged);
        assert_eq!((world.plan().changes.len(), world.plan().brakes[0].seen), (0, Some(4)), "{logged}");
        world.case.known.learn_set(key("m4.example.com"), failed());
        let plan = world.plan();
        assert_eq!((plan.changes.len(), plan.brakes.len()), (0, 1), "{logged}");
        assert_eq!((plan.brakes[0].brake, plan.brakes[0].seen), (BrakeKind::Converging, Some(seen)));
        let said = plan.brakes[0].because.contains(&format!("counting {} for", seen - 3));
        assert!(said, "{}", plan.brakes[0].because);
    }
    assert!(!convergence(4, "").plan().brakes[0].because.contains("could not be read"));
}

#[test]
fn a_set_that_cannot_be_read_counts_for_no_more_than_one_that_stands_elsewhere() {
    // Three places are no proxy, whatever one of them says; the log's address of a set is no place besides its own.
    for logged in ["198.51.100.3", "", "198.51.100.7"] {
        let mut world = convergence(3, logged);
        world.case.known.learn_set(key("m3.example.com"), failed());
        assert_eq!((names(&world.plan()).len(), world.codes()), (2, vec![Reason::Blind]), "{logged}");
    }
    // Nor do all machines that claim one name make it more than one place.
    let mut world = convergence(3, "");
    for who in ["w1", "w2", "w3"] {
        world = world.claims(who, "m3.example.com", "203.0.113.99");
    }
    world.case.known.learn_set(key("m3.example.com"), failed());
    assert_eq!((names(&world.plan()).len(), world.plan().brakes.len()), (2, 0));
    // Whether it comes home only its mark tells, which was not read: it is a place, whatever rows say.
    let mut world = convergence(4, "").went("m4.example.com", "203.0.113.99", "198.51.100.4", 60);
    world.case.known.learn_set(key("m4.example.com"), failed());
    assert_eq!((names(&world.plan()).len(), world.plan().brakes.len()), (0, 1));
}

/// What became of the rows of record sets beside these.
fn beside(plan: &Plan, touched: &BTreeSet<RecordId>) -> (Vec<Change>, Vec<pure::plan::Skip>) {
    let is_beside = |name: &str, record_type| {
        !touched.iter().any(|id| id.name.as_str() == name && id.record_type == record_type)
    };
    let changes = plan.changes.iter().filter(|change| !touched.contains(&change.id)).cloned().collect();
    let skips = plan.skips.iter().filter(|skip| is_beside(&skip.name, skip.record_type)).cloned().collect();
    (changes, skips)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn one_failure_reaches_only_what_rests_on_it(world in worlds(), which in any::<Index>()) {
        let mut world = world;
        // What brakes hold depends on the other names, and is meant to.
        world.policy.max_sources = usize::MAX;
        world.policy.max_move_percent = u64::MAX;
        let Some((question, other)) = with_one_failure(&world, which) else { return Ok(()) };
        let touched = question.touches(&world);
        let together = question.weighs_with(&world);
        let all = &touched | &together;
        let (before, after) = (world.plan(), other.plan());
        prop_assert_eq!(beside(&after, &all), beside(&before, &all));
        // What is weighed together with it is as it was, or nobody can tell.
        let (before, after) = (beside(&before, &touched), beside(&after, &touched));
        prop_assert!(after.0.iter().all(|change| before.0.contains(change)));
        for skip in after.1.iter().filter(|skip| !before.1.contains(skip)) {
            prop_assert_eq!(skip.reason, Reason::Blind, "{}", skip.because);
        }
    }

    #[test]
    fn no_failure_makes_a_change(world in worlds(), which in any::<Index>()) {
        let mut world = world;
        // A surge is measured by what would move, and what is blind does not: that is what the brake means.
        world.policy.max_move_percent = u64::MAX;
        // Of a set that is shared a part may move, and what moves is what this brake counts.
        let is_shared = world.policy.grants.iter().any(|grant| grant.terms.shared);
        if is_shared {
            world.policy.max_sources = usize::MAX;
        }
        let Some((question, mut other)) = with_one_failure(&world, which) else { return Ok(()) };
        // Addresses that nothing knows of are lost to the count of converging, and no others.
        other.policy.max_sources = other.policy.max_sources.saturating_sub(question.hidden_growth(&world));
        let before = world.plan();
        for change in other.plan().changes {
            let same = before.changes.iter().find(|same| same.id == change.id);
            // A machine of which nothing is known brings nothing to a set that it shares, and takes nothing away.
            let is_part = |same: &Change| {
                let is_there = |address: &IpAddr| same.to().contains(address) || change.from().contains(address);
                same.to() == change.to() || is_shared && change.to().iter().all(is_there)
            };
            // Before an address leaves a shared set more is asked. Where a failure keeps it there, there is no such question.
            let asks_on = is_shared && !before.needs.is_empty() && same.is_none();
            let only_adds = change.from().is_subset(change.to());
            prop_assert!(same.is_some_and(is_part) || asks_on && only_adds, "{:?}: {:?}", question, change);
        }
    }

    #[test]
    fn what_is_not_answered_is_never_asked_again(world in worlds(), which in any::<Index>()) {
        let Some((question, other)) = with_one_failure(&world, which) else { return Ok(()) };
        let needs = other.plan().needs;
        let asked = match &question {
            Question::Tag(machine) => needs.machines.contains(machine),
            Question::Set(id) => needs.sets.contains(id),
            Question::Cuts(zone) => needs.cuts.contains(zone),
            Question::Evidence(id) => needs.evidence.contains_key(id),
            Question::Claimants(name) => needs.names.contains(name),
        };
        prop_assert!(!asked, "{:?}", question);
    }
}

#[test]
fn a_live_tag_that_is_known_to_be_gone_is_no_failure() {
    let world = rivals().tag("thief", Live::Gone);
    assert_eq!((world.plan().changes.len(), world.codes()), (1, vec![Reason::TagGone]));
}
