//! Machines of a shared set of which no row speaks: their tags and their heartbeats are asked before an address leaves.

use std::collections::BTreeMap;

use pure::domain::RecordType;
use pure::plan::{Answer, Evidence, EvidenceRequest, Grant, Live, NameForm, Particulars, Reason};

use super::world::{World, addresses, id, machine, minutes, name};

const HOST: &str = "web.example.com";
const A: &str = "203.0.113.1";
const B: &str = "203.0.113.2";
const C: &str = "203.0.113.3";
const D: &str = "203.0.113.4";

/// The set holds three addresses, and the log knows of one machine alone that claims it.
fn lonely() -> World {
    let mut world = World::new();
    world.terms().shared = true;
    world.claims("c", HOST, C).keeps("c", HOST, &[A, B, C])
}

/// The same before anybody has asked who claims it.
fn unasked() -> World {
    let mut world = lonely();
    world.case.known = World::new().case.known;
    world.tag("c", Live::Tagged(vec![HOST.to_owned()])).absent(&id(HOST, RecordType::A)).keeps(
        "c",
        HOST,
        &[A, B, C],
    )
}

/// The same where the live tags of these machines name it.
fn claimed_by(mut world: World, claimants: &[&str]) -> World {
    let claimants = claimants.iter().map(|who| machine(who)).collect();
    world.case.known.learn_claimants(name(HOST), Answer::Known(claimants));
    world
}

/// The same where the heartbeats that the plan asks for say who said what, so many minutes ago.
fn said(mut world: World, ago: &[(&str, &str, i64)]) -> World {
    let (id, asked) = world.plan().needs.evidence.into_iter().next().unwrap();
    let mut evidence = Evidence { asked, ..Evidence::default() };
    for (who, says, ago) in ago {
        let seen = evidence.reported.entry(machine(who).lower().to_owned()).or_default();
        seen.insert(says.parse().unwrap(), world.now - minutes(*ago));
    }
    world.case.known.learn_evidence(id, Answer::Known(evidence));
    world
}

fn is_written(world: &World, wanted: &[&str]) {
    let plan = world.plan();
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.skips);
    assert_eq!(*plan.changes[0].to(), addresses(wanted));
}

/// What is told while nothing is written.
fn told(world: &World) -> (Vec<Reason>, String) {
    let plan = world.plan();
    assert!(plan.changes.is_empty() && plan.needs.is_empty(), "{:?}", plan.changes);
    (world.codes(), plan.skips[0].because.to_string())
}

#[test]
fn who_claims_the_name_is_asked_before_an_address_leaves_and_only_then() {
    let world = unasked();
    let plan = world.plan();
    assert!(plan.changes.is_empty());
    assert_eq!(plan.needs.names, [name(HOST)].into());
    // Nobody else does: they leave.
    is_written(&claimed_by(world.clone(), &["c"]), &[C]);
    is_written(&claimed_by(world.clone(), &[]), &[C]);
    // Where all stay, where the set is another's and where nobody shares it, nothing is asked.
    let joins = world.clone().keeps("c", HOST, &[]);
    is_written(&joins, &[C]);
    let mut alone = world.clone();
    alone.terms().shared = false;
    is_written(&alone, &[C]);
    let mut held = world;
    held.terms().hold = true;
    assert_eq!(told(&held).0, [Reason::Held]);
}

#[test]
fn what_a_machine_says_of_which_no_row_speaks_stays_while_its_tag_claims_the_name() {
    let world = claimed_by(lonely(), &["a", "b", "c"]);
    assert!(world.plan().changes.is_empty());
    assert_eq!(world.wanted().machines, ["a", "b"].map(machine).into());
    assert_eq!(world.wanted().addresses, addresses(&[A, B]));
    let said = |ago| said(world.clone(), ago);
    let (codes, because) = told(&said(&[("a", A, 1), ("b", B, 15)]));
    assert_eq!(codes, [Reason::AlreadyRight]);
    insta::assert_snapshot!(because, @"203.0.113.1 and 203.0.113.2 stay in web.example.com, for the live tags of a and b still claim it; only the log does not say so, which ends with the next sweep of the tags.");
    is_written(&said(&[("a", A, 1), ("b", B, 16)]), &[A, C]);
    is_written(&said(&[("a", B, 1)]), &[B, C]);
    is_written(&said(&[("a", D, 1)]), &[C]);
    is_written(&said(&[]), &[C]);
    // What others add is written meanwhile.
    let joined = said(&[("a", A, 1), ("b", B, 1)]).claims("d", HOST, D).keeps("c", HOST, &[A, B, C]);
    is_written(&claimed_by(joined, &["a", "b", "c", "d"]), &[A, B, C, D]);
}

/// It may have left with a row, and say something else now: then it is known what it says.
#[test]
fn of_whom_a_row_speaks_says_what_the_row_says() {
    let moved = lonely().claims("b", HOST, D).keeps("c", HOST, &[B, C]);
    is_written(&moved, &[C, D]);
    let gone = lonely().claims("b", HOST, B).tag("b", Live::Tagged(Vec::new())).keeps("c", HOST, &[B, C]);
    is_written(&claimed_by(gone, &["b", "c"]), &[C]);
    // A row of another name or type says nothing of this one.
    for (host, says) in [("other.example.com", B), (HOST, "2001:db8::1")] {
        let world = lonely().claims("b", host, says).keeps("c", HOST, &[B, C]);
        let world = claimed_by(world, &["b", "c"]);
        assert_eq!(world.wanted().machines, [machine("b")].into(), "{host} {says}");
    }
}

#[test]
fn a_question_that_fails_takes_nothing_away_and_is_named() {
    let unanswered = || Answer::Unavailable("504".to_owned());
    let mut blind = lonely();
    blind.case.known.learn_claimants(name(HOST), unanswered());
    let (codes, because) = told(&blind);
    assert_eq!(codes, [Reason::Blind]);
    insta::assert_snapshot!(because, @"Whose live tags claim web.example.com could not be read (504), so it stays as it is; the next run asks again.");
    let mut deaf = claimed_by(lonely(), &["a", "b", "c"]);
    let id = deaf.plan().needs.evidence.into_keys().next().unwrap();
    deaf.case.known.learn_evidence(id, Answer::Unavailable("504".to_owned()));
    let (codes, because) = told(&deaf);
    assert_eq!(codes, [Reason::Blind]);
    insta::assert_snapshot!(because, @"The heartbeats of 30 days that decide about web.example.com could not be read (504), so it stays as it is; the next run asks again.");
    // What comes does not wait for it.
    let mut joined = blind.claims("d", HOST, D).keeps("c", HOST, &[A, B, C]);
    joined.case.known.learn_claimants(name(HOST), unanswered());
    is_written(&joined, &[A, B, C, D]);
}

/// The same whose machine c has the name by a line of its own, under other terms.
fn with_a_line_of_its_own(mut world: World, who: &str, change: impl FnOnce(&mut Grant)) -> World {
    let mut grants: Vec<Grant> = world.policy.grants.iter().cloned().collect();
    let mut own = Grant { line: Some(7), ..grants[0].clone() };
    own.scope = machine(who).as_str().parse().unwrap();
    change(&mut own);
    grants.insert(0, own);
    world.policy.grants = grants.into_iter().collect();
    world
}

#[test]
fn whoever_may_not_have_the_name_keeps_nothing_in_it() {
    let world = claimed_by(lonely(), &["a", "c"]);
    let none = with_a_line_of_its_own(world.clone(), "a", |grant| grant.terms.types.clear());
    is_written(&none, &[C]);
    let mut outside = world.clone();
    let only = machine("c").as_str().parse().unwrap();
    let grants: Vec<Grant> = outside.policy.grants.iter().cloned().collect();
    outside.policy.grants = [Grant { scope: only, ..grants[0].clone() }].into_iter().collect();
    is_written(&outside, &[C]);
    // Whoever has it by a line that does not share stays where it is: it may be in conflict, and that is not decided unheard.
    let rival = with_a_line_of_its_own(world, "a", |grant| grant.terms.shared = false);
    assert_eq!(told(&said(rival, &[("a", A, 1), ("a", B, 2)])).0, [Reason::AlreadyRight]);
}

/// Where one of those who speak does not share the set, it does not come in beside one of whom nothing is known.
#[test]
fn nobody_joins_who_does_not_share() {
    let world = lonely().claims("d", HOST, C).keeps("c", HOST, &[A, B]);
    let world = with_a_line_of_its_own(world, "d", |grant| grant.terms.shared = false);
    let world = claimed_by(world, &["b", "c", "d"]);
    assert_eq!(told(&said(world, &[("b", B, 1)])).0, [Reason::AlreadyRight; 2]);
}

/// An answer to another question about the set says nothing of these machines, and is not lost by theirs.
#[test]
fn heartbeats_that_were_asked_for_something_else_are_asked_again_with_it() {
    for (machines, holds) in [(&["a", "x"][..], &[A, B][..]), (&["a", "b", "x"], &[A])] {
        let mut world = claimed_by(lonely(), &["a", "b", "c"]);
        let key = id(HOST, RecordType::A);
        let machines = machines.iter().map(|who| machine(who)).collect();
        let asked = EvidenceRequest { machines, addresses: addresses(holds) };
        world.case.known.learn_evidence(key, Answer::Known(Evidence { asked, ..Evidence::default() }));
        assert!(world.plan().changes.is_empty());
        assert_eq!(world.wanted().machines, ["a", "b", "x"].map(machine).into());
        assert_eq!(world.wanted().addresses, addresses(&[A, B]));
    }
}

/// What the policy wants to know of a machine the claimants' answer tells too. Where it does not, the log's word that the name
/// is not allowed takes nothing away either: whoever may send rows may send that one.
#[test]
fn whoever_may_have_the_name_for_all_that_is_known_stays_whatever_the_log_says() {
    let learn = |world: &mut World, who: &str, location: &str| {
        let mut particulars = Particulars::default();
        particulars.learn(&machine(who), location, &BTreeMap::new(), None);
        world.case.known.learn_particulars(particulars);
    };
    let mut world = World::new();
    world.terms().shared = true;
    let mut grant = world.policy.grants.iter().next().unwrap().clone();
    grant.names = ["{location}.example.com".parse::<NameForm>().unwrap()].into_iter().collect();
    world.policy.grants = [grant].into_iter().collect();
    let mut world = world.claims("c", HOST, C).keeps("c", HOST, &[B, C]);
    learn(&mut world, "c", "web");
    let world = claimed_by(world, &["b", "c"]);
    assert_eq!(told(&said(world.clone(), &[("b", B, 1)])).0, [Reason::AlreadyRight]);
    let unasked = world.case.known.clone();
    let mut refused = world.claims("b", HOST, B).but(|row| row.skip = "name-not-allowed".to_owned());
    refused.case.known = unasked;
    let mut refused = refused.keeps("c", HOST, &[B, C]);
    let stays = said(refused.clone(), &[("b", B, 1)]);
    let mut codes = told(&stays).0;
    codes.sort();
    assert_eq!(codes, [Reason::NameNotAllowed, Reason::AlreadyRight]);
    // Known, it is judged as any other.
    learn(&mut refused, "b", "west");
    is_written(&refused, &[C]);
    learn(&mut refused, "b", "web");
    assert_eq!(refused.plan().needs.machines, [machine("b")].into());
}
