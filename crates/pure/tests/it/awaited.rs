//! A shared set is written once where once will do: what another run would take away does not stay for nobody's sake.

use pure::domain::RecordSet;
use pure::plan::{Answer, Live};

use super::world::{OWNER, World, addresses, machine, minutes};

const HOST: &str = "web.example.com";
const A: &str = "203.0.113.1";
const B: &str = "203.0.113.2";
const C: &str = "203.0.113.3";
const D: &str = "203.0.113.4";

/// Machines that share a set; the log knows it to hold what it held a minute ago.
fn lagging(says: &[(&str, &str)], logged: &[&str], holds: &[&str]) -> World {
    let mut world = World::new();
    world.terms().shared = true;
    world = says.iter().fold(world, |world, (who, says)| world.claims(who, HOST, says));
    world = world.keeps(says[0].0, HOST, holds);
    world.case.rows.iter_mut().for_each(|row| row.dns_ip = logged.join(","));
    world
}

/// The machine said its address once, and an address that the log has for the set so many minutes ago.
fn once(mut world: World, who: &str, before: Option<i64>) -> World {
    let seen = before.map(|ago| world.now - minutes(ago));
    let id = machine(who);
    let row = world.case.rows.iter_mut().find(|row| row.resource_id == id.lower()).unwrap();
    (row.beats, row.present_last_seen) = (1, seen);
    world
}

/// It is written so, and whoever plans again before the log knows has nothing to write.
fn is_written_once(world: &World, wanted: &[&str]) {
    let plan = world.plan();
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.skips);
    assert_eq!(*plan.changes[0].to(), addresses(wanted));
    let set = plan.changes[0].record_set(OWNER, "run-1", world.now);
    let after = world.clone().holds(RecordSet { etag: "etag-2".to_owned(), ..set });
    assert!(after.plan().changes.is_empty(), "{:?}", after.plan().changes);
}

/// The log has all that the set holds, and more: whoever said none of it has nothing in the set.
#[test]
fn a_log_that_knows_more_than_the_set_holds_tells_who_was_never_in_it() {
    let says = [("a", B), ("d", D)];
    is_written_once(&once(lagging(&says, &[A, B], &[A]), "d", None), &[B]);
    // Of what the log does not know nobody can tell whose it is, until it does.
    is_written_once(&once(lagging(&says, &[B], &[A]), "d", None), &[A, B]);
    is_written_once(&once(lagging(&says, &[], &[A]), "d", None), &[A, B]);
    is_written_once(&once(lagging(&says, &[A, B], &[A, C]), "d", None), &[A, B, C]);
    // Whoever said some of it may be the one whose it is.
    is_written_once(&once(lagging(&says, &[A, B], &[A]), "d", Some(2)), &[A, B]);
}

/// A machine whose tag cannot be read brings nothing. Where another brings what it says, what it said before goes with the same
/// write.
#[test]
fn nobody_is_awaited_whose_address_comes_by_the_word_of_another() {
    let unread = |says: &str, beats: u64| {
        let mut world = once(lagging(&[("a", A), ("b", says), ("d", D)], &[A, B], &[A, B]), "b", Some(2));
        world.case.rows[1].beats = beats;
        world.case.known.learn_tag(&machine("b"), Answer::Unavailable("504".to_owned()));
        world
    };
    is_written_once(&unread(D, 9), &[A, D]);
    // Who is alone with it is awaited, and so is whoever said it once.
    is_written_once(&unread(C, 9), &[A, B, D]);
    is_written_once(&unread(D, 1), &[A, B, D]);
    // What stands there already keeps itself and nothing else.
    let mut at_home = lagging(&[("a", D), ("b", B)], &[A, B], &[A, B]);
    at_home.case.rows[1].present_last_seen = Some(at_home.now - minutes(1));
    at_home.case.known.learn_tag(&machine("b"), Answer::Unavailable("504".to_owned()));
    is_written_once(&at_home, &[B, D]);
    // A tag that can be read makes no other rule of it.
    let moved = |beats| unread(D, beats).tag("b", Live::Tagged(vec![HOST.to_owned()]));
    is_written_once(&moved(9), &[A, D]);
    is_written_once(&moved(1), &[A, B, D]);
}
