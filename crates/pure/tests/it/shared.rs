//! A set that several machines share: who is in it, who leaves it, and who is waited for.

use std::collections::BTreeSet;

use pure::domain::{Country, MismatchRow};
use pure::plan::{Answer, BrakeKind, Change, Grant, Live, Plan, Reason, Term, Terms, Whence, adopt};

use super::world::{World, addresses, machine, minutes, name};

const HOST: &str = "web.example.com";
const A: &str = "203.0.113.1";
const B: &str = "203.0.113.2";
const C: &str = "203.0.113.3";
const D: &str = "203.0.113.4";

/// A world in which every name is shared by all who claim it.
fn shared() -> World {
    let mut world = World::new();
    world.terms().shared = true;
    world
}

/// Machines that each say their address, with a set that is kept for the first of them.
fn set(says: &[(&str, &str)], holds: &[&str]) -> World {
    let world = says.iter().fold(shared(), |world, (who, address)| world.claims(who, HOST, address));
    if holds.is_empty() { world } else { world.keeps(says[0].0, HOST, holds) }
}

/// The row of a machine.
fn row(mut world: World, who: &str, change: impl FnOnce(&mut MismatchRow)) -> World {
    let id = machine(who);
    change(world.case.rows.iter_mut().find(|row| row.resource_id == id.lower()).unwrap());
    world
}

/// The machine has moved: it said an address of the set two minutes ago, and the one of its row once.
fn has_just_moved(world: World, who: &str) -> World {
    let seen = world.now - minutes(2);
    row(world, who, |row| (row.beats, row.present_last_seen) = (1, Some(seen)))
}

fn was_heard(world: World, who: &str, ago: i64) -> World {
    let time = world.now - minutes(ago);
    row(world, who, |row| (row.heartbeat_time, row.present_last_seen) = (Some(time), Some(time)))
}

fn only(plan: &Plan) -> &Change {
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.skips);
    &plan.changes[0]
}

/// What is written; none for nothing.
fn written(world: &World) -> Option<BTreeSet<std::net::IpAddr>> {
    let plan = world.plan();
    assert!(plan.changes.len() < 2 && plan.brakes.is_empty());
    plan.changes.first().map(|change| change.to().clone())
}

fn is_written(world: &World, wanted: &[&str]) {
    assert_eq!(written(world), Some(addresses(wanted)), "{:?}", world.plan().skips);
}

fn stays(world: &World) {
    assert_eq!(written(world), None);
}

#[test]
fn the_set_holds_what_all_say() {
    let new = set(&[("b", B), ("a", A), ("twin", A)], &[]).plan();
    let change = only(&new);
    assert_eq!(*change.to(), addresses(&[A, B]));
    assert_eq!(change.after.machine, machine("a"));
    assert_eq!(change.cause.witnesses().collect::<Vec<_>>(), [&machine("b"), &machine("twin")]);
    is_written(&set(&[("b", B), ("a", A), ("c", C)], &[A, B]), &[A, B, C]);
    stays(&set(&[("b", B), ("a", A)], &[A, B]));
    // Whose mark it is stays so while that machine is in it.
    let marked = set(&[("b", B), ("a", A)], &[B]);
    assert_eq!(only(&marked.plan()).after.machine, machine("b"));
    // Each type has a set of its own.
    let mut both = set(&[("a", A), ("b", "2001:db8::1")], &[]);
    both.terms().types.insert(pure::domain::RecordType::Aaaa);
    let plan = both.plan();
    let found: Vec<_> = plan.changes.iter().map(|change| change.to().len()).collect();
    assert_eq!(found, [1, 1]);
}

#[test]
fn whoever_was_not_heard_for_a_quarter_of_an_hour_leaves_and_the_last_one_does_not() {
    let both = || set(&[("a", A), ("b", B)], &[A, B]);
    stays(&was_heard(both(), "b", 15));
    let left = was_heard(both(), "b", 16);
    is_written(&left, &[A]);
    assert_eq!(left.codes(), [Reason::StaleHeartbeat]);
    // Also where the rule on stale heartbeats allows for more, and less.
    let mut patient = left.clone();
    patient.policy.max_heartbeat_age = minutes(40);
    is_written(&patient, &[A]);
    assert_eq!(patient.codes(), [Reason::StaleHeartbeat]);
    let mut hasty = was_heard(both(), "b", 10);
    hasty.policy.max_heartbeat_age = minutes(5);
    stays(&hasty);
    // The machine of the mark leaves as any other does.
    let plan = was_heard(both(), "a", 16).plan();
    assert_eq!((only(&plan).to(), &only(&plan).after.machine), (&addresses(&[B]), &machine("b")));
    stays(&was_heard(left, "a", 16));
    patient = was_heard(patient, "a", 20);
    stays(&patient);
    // Where nobody shares it, what the rule on stale heartbeats lets pass counts.
    patient = was_heard(patient, "a", 1);
    patient.terms().shared = false;
    let rivals = patient.keeps("a", HOST, &[C]);
    assert_eq!(rivals.codes(), [Reason::ClaimConflict; 2]);
}

#[test]
fn an_address_that_is_not_believed_yet_takes_none_away() {
    let moved = has_just_moved(set(&[("a", A), ("b", C)], &[A, B]), "b");
    stays(&moved);
    // Others go on all the same.
    let joined = moved.clone().claims("d", HOST, D).keeps("a", HOST, &[A, B]);
    is_written(&joined, &[A, B, D]);
    is_written(&row(moved.clone(), "b", |row| row.beats = 2), &[A, C]);
    // Two uplinks, and a name that went to and fro.
    let seen = moved.now - minutes(2);
    stays(&row(moved.clone(), "b", |row| {
        (row.beats, row.returned, row.present_last_seen) = (9, true, Some(seen));
    }));
    let flaps = (0..3).fold(row(moved.clone(), "b", |row| row.beats = 9), |world, hour| {
        world.went(HOST, C, B, 60 * hour + 30)
    });
    assert_eq!(flaps.codes(), [Reason::AlreadyRight, Reason::Flapping]);
    // A newcomer of whom nothing stands there keeps nothing.
    is_written(&row(moved, "b", |row| row.present_last_seen = None), &[A]);
    // Whoever says again what stands there is in it, however short it was.
    let back = set(&[("a", A), ("b", B), ("c", C)], &[A, B]);
    is_written(&row(back, "b", |row| row.beats = 1), &[A, B, C]);
}

#[test]
fn a_tag_that_cannot_be_read_takes_no_address_away_and_brings_none() {
    let unread = |says: &[(&str, &str)], holds: &[&str]| {
        let mut world = set(says, holds);
        world.case.known.learn_tag(&machine("b"), Answer::Unavailable("504".to_owned()));
        world
    };
    is_written(&unread(&[("a", A), ("b", B), ("c", C)], &[A, B]), &[A, B, C]);
    is_written(&unread(&[("a", A), ("b", B), ("c", C)], &[A]), &[A, C]);
    let seen = minutes(2);
    let moved = unread(&[("a", A), ("b", D), ("c", C)], &[A, B]);
    let time = moved.now - seen;
    is_written(&row(moved, "b", |row| row.present_last_seen = Some(time)), &[A, B, C]);
    // Where it might be in conflict nothing is decided.
    let mut other = mixed(&[("c", C), ("b", B)], &[A]);
    other.case.known.learn_tag(&machine("b"), Answer::Unavailable("504".to_owned()));
    assert_eq!(other.codes(), [Reason::Blind, Reason::Blind]);
    let mut apart = unread(&[("a", A), ("b", B)], &[C]);
    apart.terms().shared = false;
    assert_eq!(apart.codes(), [Reason::Blind, Reason::Blind]);
}

#[test]
fn a_machine_whose_address_is_refused_or_whose_tag_is_gone_leaves() {
    let denied = |beats: u64| {
        let mut world = has_just_moved(set(&[("a", A), ("b", C)], &[A, B]), "b");
        world.terms().deny_prefixes = vec![format!("{C}/32").parse().unwrap()];
        row(world, "b", |row| row.beats = beats)
    };
    is_written(&denied(2), &[A]);
    // One beat through another way out is none.
    stays(&denied(1));
    let abroad = |beats: u64| {
        let mut world = has_just_moved(set(&[("a", A), ("b", C)], &[A, B]), "b");
        world.terms().countries = Country::parse("CH").into_iter().collect();
        row(world, "b", |row| (row.beats, row.country) = (beats, "Austria".to_owned()))
    };
    is_written(&abroad(2), &[A]);
    stays(&abroad(1));
    is_written(&set(&[("a", A), ("b", B)], &[A, B]).tag("b", Live::Gone), &[A]);
}

/// Under one claim that shares and another, for the machine c, that does not.
fn mixed(says: &[(&str, &str)], holds: &[&str]) -> World {
    let mut world = set(says, holds);
    let mut grants: Vec<Grant> = world.policy.grants.iter().cloned().collect();
    let mut own = Grant { line: Some(7), ..grants[0].clone() };
    (own.scope, own.terms.shared) = (machine("c").as_str().parse().unwrap(), false);
    grants[0].line = Some(9);
    grants.insert(0, own);
    world.policy.grants = grants.into_iter().collect();
    world
}

#[test]
fn a_set_is_shared_when_all_claims_say_so() {
    let world = mixed(&[("a", A), ("c", C)], &[A]);
    assert_eq!(world.codes(), [Reason::ClaimConflict; 2]);
    let told = world.plan().skips.remove(0).because;
    assert!(told.contains("line 7 of POLICY_FILE says shared = true as well"), "{told}");
    is_written(&mixed(&[("a", A), ("b", B)], &[A]), &[A, B]);
    // One address from all of them is one claim, but none that takes away what another shares.
    is_written(&mixed(&[("a", A), ("c", A)], &[B]), &[A]);
    let waits = has_just_moved(mixed(&[("a", A), ("c", A), ("b", D)], &[A, B]), "b");
    stays(&waits);
    let rivals = has_just_moved(mixed(&[("a", A), ("c", A), ("b", D)], &[B]), "b");
    assert_eq!(rivals.codes(), [Reason::ClaimConflict, Reason::TooFewBeats, Reason::ClaimConflict]);
    // Taken away again, the set stays as it is until they agree, or one of them is left.
    let mut over = set(&[("a", A), ("b", C)], &[A, B]);
    over.terms().shared = false;
    assert_eq!(over.codes(), [Reason::ClaimConflict; 2]);
    is_written(&was_heard(over, "b", 16), &[A]);
}

#[test]
fn whoever_shares_a_set_may_write_it_whosever_mark_it_has() {
    let kept = |shares: bool| {
        let mut world = shared().claims("b", HOST, B).claims("c", HOST, C).keeps("a", HOST, &[A]);
        world.terms().shared = shares;
        world.tag("a", Live::Tagged(vec![HOST.to_owned()]))
    };
    is_written(&kept(true), &[B, C]);
    let mut alone = kept(false);
    alone.case.rows.truncate(1);
    assert!(alone.plan().changes.is_empty() && !alone.plan().needs.is_empty());
    // A machine that does not share it takes it by the rules of hand-over, and from one that does not nobody takes it otherwise.
    let taken = mixed(&[("c", C)], &[]).keeps("a", HOST, &[A]).tag("a", Live::Tagged(vec![HOST.to_owned()]));
    assert!(taken.plan().changes.is_empty() && !taken.plan().needs.is_empty());
    let mut other = mixed(&[("a", A), ("b", B)], &[]).keeps("c", HOST, &[C]);
    other = other.tag("c", Live::Tagged(vec![HOST.to_owned()]));
    assert!(other.plan().changes.is_empty() && !other.plan().needs.is_empty());
}

#[test]
fn since_when_it_is_so_is_said_by_those_who_are_new() {
    let young = |world: World, who: &str| {
        let since = world.now - minutes(3);
        row(world, who, |row| (row.first_beat, row.beats) = (Some(since), 3))
    };
    let world = young(set(&[("a", A), ("b", C)], &[A, B]), "b");
    let plan = world.plan();
    let beats = only(&plan).cause.beats().unwrap();
    assert_eq!((world.now.duration_since(beats.first_beat), beats.count), (minutes(3), 3));
    // Where one leaves, all who stay say so.
    let plan = was_heard(world, "b", 16).plan();
    assert_eq!(only(&plan).cause.beats().unwrap().count, 12);
}

#[test]
fn a_shared_set_leaves_only_what_none_of_its_machines_says() {
    let says: Vec<(String, String)> =
        (1..=6).map(|index| (format!("m{index}"), format!("203.0.113.{index}"))).collect();
    let holds: Vec<String> = (1..=6).map(|index| format!("198.51.100.{index}")).collect();
    // The first `moved` of six have moved to one address, the others are where they were.
    let fleet = |moved: usize, to: &str| {
        let said = |index: usize| if index < moved { to } else { holds[index].as_str() };
        let says: Vec<(&str, &str)> =
            says.iter().enumerate().map(|(index, (who, _))| (who.as_str(), said(index))).collect();
        set(&says, &holds.iter().map(String::as_str).collect::<Vec<_>>()).plan()
    };
    let one = fleet(1, D);
    assert_eq!((only(&one).to().len(), one.brakes.len()), (6, 0));
    let all = fleet(5, D);
    assert_eq!(all.brakes.iter().map(|brake| brake.brake).collect::<Vec<_>>(), [BrakeKind::Converging]);
    assert!(all.changes.is_empty() && all.skips.iter().all(|skip| skip.reason == Reason::Braked));
}

/// While somebody is awaited, what comes is written and what goes waits: it is a move all the same.
#[test]
fn a_proxy_does_not_come_into_a_shared_set_bit_by_bit() {
    let holds: Vec<String> = (1..=5).map(|index| format!("198.51.100.{index}")).collect();
    let says = [("a", D), ("b", D), ("c", D), ("d", D), ("e", D)];
    let world = set(&says, &holds.iter().map(String::as_str).collect::<Vec<_>>());
    let plan = has_just_moved(world, "e").plan();
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
    assert_eq!(plan.brakes.iter().map(|brake| brake.brake).collect::<Vec<_>>(), [BrakeKind::Converging]);
}

/// Other names converge on the address of one machine of the set: what another one of it does is none of that.
#[test]
fn what_a_shared_set_held_before_makes_no_move_of_it_suspicious() {
    let mut world = set(&[("a", A), ("b", C)], &[A, B]);
    for index in 1..=5 {
        let (who, host) = (format!("h{index}"), format!("h{index}.example.com"));
        world = world.claims(&who, &host, A).keeps(&who, &host, &[&format!("198.51.100.{index}")]);
    }
    let plan = world.plan();
    assert_eq!((only(&plan).id.name.as_str(), only(&plan).to()), (HOST, &addresses(&[A, C])));
    assert_eq!(plan.brakes[0].names.len(), 5);
}

#[test]
fn a_shared_set_is_adopted_by_hand_for_all() {
    let adopted = |shares: bool| {
        let mut world = set(&[("b", B), ("a", A)], &[]).stands(HOST, &[C]);
        world.terms().shared = shares;
        let claims = [(name(HOST), [machine("a"), machine("b")].into())].into();
        adopt(&claims, &BTreeSet::new(), &world.case, &world.policy, world.now)
    };
    let plan = adopted(true);
    assert_eq!((only(&plan).to(), &only(&plan).after.machine), (&addresses(&[C]), &machine("a")));
    assert_eq!(adopted(false).skips[0].reason, Reason::ClaimConflict);
}

/// A tag that was cloned: the machines of one name, each at an address of its own.
fn clones(count: usize) -> World {
    (1..=count).fold(World::new(), |world, index| {
        world.claims(&format!("vm{index:02}"), HOST, &format!("203.0.113.{index}"))
    })
}

#[test]
fn more_than_five_machines_in_conflict_are_one_line() {
    assert_eq!(clones(5).codes(), [Reason::ClaimConflict; 5]);
    let mut many = clones(50).stands(HOST, &["198.51.100.10"]);
    many.case.rows[0].actionable = false;
    many.case.rows.reverse();
    let skip = many.only_skip();
    insta::assert_snapshot!(skip.because, @"50 machines claim web.example.com and report 50 different addresses: 203.0.113.1 (vm01), 203.0.113.10 (vm10), 203.0.113.11 (vm11), 203.0.113.12 (vm12), 203.0.113.13 (vm13), 203.0.113.14 (vm14), 203.0.113.15 (vm15), 203.0.113.16 (vm16) and 42 more; 198.51.100.10 stays. So many have the tag from a template, an image or a policy that sets it; take the name out there and off all but one of them.");
    // The one that is written down is one that the alert counts.
    assert_eq!((skip.machine.as_str(), skip.others.len()), (machine("vm02").lower(), 49));
    assert!(skip.others.is_sorted() && skip.seen.as_ref().unwrap().actionable);
    let named: BTreeSet<&str> = skip.machines().collect();
    assert_eq!(named.len(), 50);
    // Nobody counts machines that say the same, nor a machine twice.
    let mut few = clones(2);
    few = (3..=9).fold(few, |world, index| world.claims(&format!("vm0{index}"), HOST, "203.0.113.1"));
    assert_eq!(few.plan().skips.len(), 1);
    many.case.rows.iter_mut().for_each(|row| row.actionable = false);
    assert_eq!(many.only_skip().machine, machine("vm01").lower());
    // Where all share the name they are no conflict, however many they are.
    many.terms().shared = true;
    many.case.asked.adopted.insert(name(HOST));
    assert_eq!(only(&many.plan()).to().len(), 50);
}

#[test]
fn a_conflict_says_which_line_could_let_them_share() {
    let told = |line: Option<usize>| {
        let mut world = World::new().claims("a", HOST, A).claims("b", HOST, B);
        let mut grants: Vec<Grant> = world.policy.grants.iter().cloned().collect();
        (grants[0].line, grants[0].terms) = (line, Terms::default());
        world.policy.grants = grants.into_iter().collect();
        world.plan().skips.remove(0).because
    };
    assert!(
        told(Some(4))
            .ends_with("or line 4 of POLICY_FILE says shared = true, if all of them are to serve it.")
    );
    assert!(told(None).ends_with("until the name is taken off the tags of all but one of them."));
    assert_eq!(Terms::default().origin(Term::Hold), Whence::FILE);
}
