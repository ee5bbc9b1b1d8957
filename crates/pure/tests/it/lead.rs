//! The order of writing: the oldest mismatch first, what was refused before last.

use std::collections::BTreeSet;

use pure::domain::RecordId;
use pure::lead;
use pure::plan::{Cause, Change};

use super::world::{World, key, minutes};

const OLD: &str = "old.example.com";
const YOUNG: &str = "young.example.com";
/// Two of one age.
const TWINS: [&str; 2] = ["twin-a.example.com", "twin-b.example.com"];
/// No beat caused it.
const BY_HAND: &str = "by-hand.example.com";

/// Changes of known ages, in the plan's order, which is that of their names.
fn changes() -> Vec<Change> {
    let mut world = World::new();
    for (host, age) in [(OLD, 40), (YOUNG, 5), (TWINS[0], 20), (TWINS[1], 20), (BY_HAND, 50)] {
        let who = host.split('.').next().unwrap();
        let since = world.now - minutes(age);
        world = world.claims(who, host, "203.0.113.7").but(|row| row.first_beat = Some(since)).keeps(
            who,
            host,
            &["198.51.100.10"],
        );
    }
    let mut changes = world.plan().changes;
    assert_eq!(changes.len(), 5);
    for change in changes.iter_mut().filter(|change| change.id == key(BY_HAND)) {
        change.cause = Cause::Adopted { beats: None };
    }
    changes
}

/// The names in the order of writing, where these were refused before; the same from wherever they start.
fn ordered(refused: &[&str]) -> Vec<String> {
    let refused: BTreeSet<RecordId> = refused.iter().map(|host| key(host)).collect();
    let order = |mut changes: Vec<Change>| {
        lead::order(&mut changes, |change| refused.contains(&change.id));
        changes.into_iter().map(|change| change.id.name.to_string()).collect::<Vec<_>>()
    };
    let forwards = order(changes());
    assert_eq!(order(changes().into_iter().rev().collect()), forwards);
    forwards
}

#[test]
fn the_oldest_mismatch_goes_first_and_what_no_beat_caused_last() {
    assert_eq!(ordered(&[]), [OLD, TWINS[0], TWINS[1], YOUNG, BY_HAND]);
}

/// What is refused for ever would else lead for ever, and all others would wait behind it.
#[test]
fn what_the_log_knows_as_refused_goes_behind_everything_else() {
    assert_eq!(ordered(&[OLD]), [TWINS[0], TWINS[1], YOUNG, BY_HAND, OLD]);
    assert_eq!(ordered(&[TWINS[0], OLD]), [TWINS[1], YOUNG, BY_HAND, OLD, TWINS[0]]);
    let all = [OLD, YOUNG, TWINS[0], TWINS[1], BY_HAND];
    assert_eq!(ordered(&all), ordered(&[]));
}

#[test]
fn what_landed_last_decides_whether_a_set_is_still_tried_in_vain() {
    let id = key(OLD);
    let moves = [("198.51.100.10", "203.0.113.7", 180), ("203.0.113.7", "198.51.100.10", 60)];
    let world = moves.into_iter().fold(World::new(), |world, (from, to, ago)| world.went(OLD, from, to, ago));
    for (missed, is_missing) in [(200, false), (120, false), (61, false), (60, true), (5, true)] {
        let mut history = world.case.history.clone();
        assert!(!history.is_missing(&id), "nothing was tried in vain");
        history.missed.insert(id.clone(), world.now - minutes(missed));
        assert_eq!(history.is_missing(&id), is_missing, "{missed} minutes ago");
    }
}
