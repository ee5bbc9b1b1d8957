//! Another tool that puts other addresses back, with our mark or without it, is not fought for long.

use pure::domain::{Mark, RecordType};
use pure::plan::{Adopt, AdoptedBy, Footing, Motive, OwnChange, PastChange, Reason};

use super::world::{World, addresses, key, minutes, name};

const HOST: &str = "nas.example.com";
const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

/// The set holds the old address again, without our mark, and may be adopted.
fn reverted() -> World {
    let mut world = World::new().claims("nas", HOST, NEW).stands(HOST, &[OLD]);
    world.terms().adopt = Adopt::Always;
    world
}

/// So many writes of ours were undone, each an hour after the other, the last an hour ago.
fn undone(times: i64) -> World {
    (0..times).fold(reverted(), |world, index| world.went(HOST, OLD, NEW, 60 * (times - index)))
}

fn is_contested(world: &World) -> bool {
    let plan = world.plan();
    match (plan.changes.len(), plan.skips.len()) {
        (1, 0) => false,
        (0, 1) => {
            assert_eq!(plan.skips[0].reason, Reason::Contested, "{:?}", plan.skips);
            true
        }
        _ => panic!("{plan:?}"),
    }
}

#[test]
fn a_second_revert_within_a_day_ends_the_fight() {
    assert!(!is_contested(&undone(0)));
    assert!(!is_contested(&undone(1)));
    assert!(is_contested(&undone(2)));
    assert!(undone(2).only_skip().because.contains("twice within a day"));
    assert!(undone(3).only_skip().because.contains("3 times within a day"));
}

#[test]
fn what_was_undone_more_than_a_day_ago_counts_no_more() {
    let second = |ago: i64| reverted().went(HOST, OLD, NEW, ago).went(HOST, OLD, NEW, 60);
    assert!(is_contested(&second(24 * 60)));
    assert!(!is_contested(&second(24 * 60 + 1)));
}

#[test]
fn only_writes_that_are_known_to_have_landed_were_undone() {
    let mut world = undone(2);
    world.case.history.unconfirmed.insert((key(HOST), "run-0".to_owned()));
    assert!(!is_contested(&world));
    world.case.history.unconfirmed =
        [(key(HOST), "run-9".to_owned()), (key("x.example.com"), "run-0".to_owned())].into();
    assert!(is_contested(&world));
}

/// So many writes of ours, an hour after each other and each by a run of its own, found our mark and the old address; the
/// mark of the last stands over the old address.
fn put_back(times: i64) -> World {
    let mut world = World::new().claims("nas", HOST, NEW).keeps("nas", HOST, &[OLD]);
    for index in 0..times {
        world = world.went(HOST, OLD, NEW, 60 * (times - index));
        let last = world.case.history.changes.get_mut(&key(HOST)).unwrap().last_mut().unwrap();
        (last.run, last.footing) = (format!("run-{index}"), Some(Motive::Moved).into());
    }
    marked(world, |mark| {
        mark.run = format!("run-{}", times - 1);
        mark.previous = addresses(&[OLD]);
    })
}

/// Changes the mark of the live set.
fn marked(world: World, change: impl FnOnce(&mut Mark)) -> World {
    world.set(&key(HOST), |set| {
        let mut mark = set.mark().unwrap();
        change(&mut mark);
        mark.write_into(&mut set.metadata);
    })
}

#[test]
fn whoever_puts_an_address_back_and_leaves_our_mark_is_not_fought_for_long_either() {
    // A person corrects it once: the next run repairs it.
    assert!(!is_contested(&put_back(1)));
    assert!(is_contested(&put_back(2)));
    let words = put_back(2).only_skip().because;
    assert!(words.contains("under our mark, twice within a day"), "{words}");
    assert!(put_back(3).only_skip().because.contains("3 times within a day"));
    // What opens it opens it, and the set is written as one of ours.
    let mut adopted = put_back(2);
    adopted.case.asked.adopted.insert(name(HOST));
    assert_eq!(adopted.plan().changes[0].cause.adopted_by(), None);
}

#[test]
fn under_our_mark_only_the_write_that_the_mark_names_was_undone() {
    // The rows of another run, or of one that found something else, say nothing of what stands under this mark.
    assert!(!is_contested(&marked(put_back(2), |mark| mark.run = "run-0".to_owned())));
    assert!(!is_contested(&marked(put_back(2), |mark| mark.run.clear())));
    assert!(!is_contested(&marked(put_back(2), |mark| mark.previous = addresses(&["198.51.100.77"]))));
    // Nor do rows of one run that contradict each other.
    let disputed = |at: usize| {
        let mut world = put_back(2);
        let changes = world.case.history.changes.get_mut(&key(HOST)).unwrap();
        let other = PastChange { to: addresses(&["203.0.113.9"]), ..changes[at].clone() };
        changes.insert(at, other);
        is_contested(&world)
    };
    assert!(disputed(0));
    assert!(!disputed(1));
    // The set holds what the last write put there, and the machine has moved on.
    let mut moved = put_back(2).set(&key(HOST), |set| set.addresses = addresses(&[NEW]));
    moved.case.rows[0].computer_ip = "203.0.113.8".to_owned();
    assert!(!is_contested(&moved));
}

/// So many writes of this very process, an hour after each other; each took the place of the mark of `run-0`, which stands
/// there again, over the old address.
fn put_back_whole(times: i64) -> World {
    let mut world = World::new().claims("nas", HOST, NEW).keeps("nas", HOST, &[OLD]);
    let own = (0..times).map(|index| OwnChange {
        change: PastChange {
            from: addresses(&[OLD]),
            to: addresses(&[NEW]),
            time: world.now - minutes(60 * (times - index)),
            run: format!("own-{index}"),
            footing: Some(Motive::Moved).into(),
        },
        replaced: "run-0".to_owned(),
    });
    world.case.history.own.insert(key(HOST), own.collect());
    world
}

#[test]
fn whoever_puts_an_older_mark_back_with_the_old_address_is_known_by_what_the_process_wrote() {
    assert!(!is_contested(&put_back_whole(1)));
    assert!(is_contested(&put_back_whole(2)));
    assert!(put_back_whole(3).only_skip().because.contains("3 times within a day"));
    let changed = |change: fn(&mut OwnChange)| {
        let mut world = put_back_whole(2);
        change(world.case.history.own.get_mut(&key(HOST)).unwrap().last_mut().unwrap());
        is_contested(&world)
    };
    assert!(changed(|_| ()));
    // Another mark was replaced than the one that stands there, or none.
    assert!(!changed(|own| own.replaced = "run-1".to_owned()));
    assert!(!changed(|own| own.replaced.clear()));
    // It stands as it was written, was let go of, or was written long ago.
    assert!(!changed(|own| own.change.to = addresses(&[OLD])));
    assert!(!changed(|own| own.change.footing = Footing::Releasing));
    assert!(!changed(|own| own.change.time -= minutes(24 * 60)));
    // What was found the second time had not been put back.
    assert!(!changed(|own| own.change.from = addresses(&[NEW])));
    // Somebody else of ours has written since.
    assert!(!is_contested(&marked(put_back_whole(2), |mark| mark.run = "other".to_owned())));
    // The log knows it to be contested: the one try of a day is enough.
    let mut told = put_back_whole(1);
    told.case.history.contested.insert(key(HOST), told.now - minutes(25 * 60));
    assert!(is_contested(&told));
    let mut adopted = put_back_whole(2);
    adopted.case.asked.adopted.insert(name(HOST));
    assert!(!is_contested(&adopted));
}

#[test]
fn a_write_between_that_the_log_lost_was_undone_by_nobody() {
    // The second found another address than the first had written, and wrote a third: the machine has moved meanwhile.
    let mut world = put_back(2);
    let first = &mut world.case.history.changes.get_mut(&key(HOST)).unwrap()[0];
    first.to = addresses(&["203.0.113.8"]);
    assert!(!is_contested(&world));
}

#[test]
fn our_own_coming_and_going_is_no_contest() {
    // It went there and back by our own writes; whoever then took the mark off has undone nothing.
    let world = reverted().went(HOST, OLD, NEW, 90).went(HOST, NEW, OLD, 80).went(HOST, OLD, NEW, 70);
    let world = world.went(HOST, NEW, OLD, 60);
    assert!(!is_contested(&world));
    // Nor was the last write undone where the set holds what it wrote.
    let mut world = World::new().claims("nas", HOST, "203.0.113.8").stands(HOST, &[NEW]);
    world.terms().adopt = Adopt::Always;
    assert!(!is_contested(&(0..3).fold(world, |world, index| world.went(HOST, OLD, NEW, 90 - 10 * index))));
}

/// So many writes of ours, each of which found another address and, as the log says, this reason for it.
fn found_another_each_time(times: i64, motive: Motive) -> World {
    let mut world = World::new().claims("nas", HOST, NEW).stands(HOST, &["198.51.100.99"]);
    world.terms().adopt = Adopt::Always;
    for index in 0..times {
        world = world.went(HOST, &format!("198.51.100.{}", 20 + index), NEW, 60 * (times - index));
        world.case.history.changes.get_mut(&key(HOST)).unwrap().last_mut().unwrap().footing =
            Some(motive).into();
    }
    world
}

#[test]
fn whoever_puts_another_address_there_each_time_is_not_fought_either() {
    for motive in
        [AdoptedBy::Always, AdoptedBy::Listed, AdoptedBy::Seen, AdoptedBy::Hand].map(Motive::Adopted)
    {
        assert!(!is_contested(&found_another_each_time(1, motive)), "{motive:?}");
        assert!(is_contested(&found_another_each_time(2, motive)), "{motive:?}");
        assert!(found_another_each_time(3, motive).only_skip().because.contains("3 times within a day"));
    }
    // What each of these found had our mark, though with another address; the last one lost it.
    assert!(!is_contested(&found_another_each_time(1, Motive::Moved)));
    assert!(is_contested(&found_another_each_time(2, Motive::Moved)));
    // Of these nobody knows whether the mark was there.
    assert!(!is_contested(&found_another_each_time(4, Motive::Approved)));
}

#[test]
fn a_mark_that_we_took_off_ourselves_was_not_stripped() {
    let mut world = found_another_each_time(2, Motive::Adopted(AdoptedBy::Always));
    let last = world.case.history.changes.get_mut(&key(HOST)).unwrap().last_mut().unwrap();
    last.footing = Footing::Releasing;
    assert!(!is_contested(&world));
}

#[test]
fn a_mark_alone_that_is_taken_off_is_no_contest() {
    // It was adopted twice, right as it was, and each time our mark was taken off: no address was put back.
    assert!(!is_contested(&reverted().went(HOST, OLD, OLD, 90).went(HOST, OLD, OLD, 60)));
}

#[test]
fn what_the_log_knows_to_be_contested_is_tried_once_a_day() {
    let told = |ago: i64, tried: Option<i64>| {
        let mut world = reverted();
        world.case.history.contested.insert(key(HOST), world.now - minutes(ago));
        is_contested(&tried.into_iter().fold(world, |world, ago| world.went(HOST, OLD, NEW, ago)))
    };
    // A day after the last write nothing of it is left in the history: it is tried.
    assert!(!told(24 * 60, None));
    assert!(!told(24 * 60, Some(24 * 60 + 1)));
    // The one try was undone: the next is a day off, though nobody has counted a second one.
    assert!(told(24 * 60 + 20, Some(10)));
    assert!(told(24 * 60, Some(24 * 60)));
    assert!(told(48 * 60, Some(10)));
    assert!(!told(48 * 60 + 1, Some(10)));
}

#[test]
fn a_set_that_is_deleted_again_and_again_is_contested_too() {
    let created = |ago: i64, mut world: World| {
        world = world.went(HOST, OLD, NEW, ago);
        world.case.history.changes.get_mut(&key(HOST)).unwrap().last_mut().unwrap().from.clear();
        world
    };
    let gone = || World::new().claims("nas", HOST, NEW);
    assert!(!is_contested(&created(60, gone())));
    let mut twice = created(60, created(90, gone()));
    assert!(is_contested(&twice));
    // What we deleted ourselves was not undone by anybody.
    let mut ended = created(90, gone()).went(HOST, NEW, OLD, 60);
    ended.case.history.changes.get_mut(&key(HOST)).unwrap().last_mut().unwrap().to.clear();
    assert!(!is_contested(&ended));
    // But two of our writes that nobody finds are undone, whatever a row of a deletion says.
    let mut forged = twice.clone().went(HOST, NEW, OLD, 50);
    forged.case.history.changes.get_mut(&key(HOST)).unwrap().last_mut().unwrap().to.clear();
    assert!(is_contested(&forged));
    // Nobody can adopt what is not there: whoever asks for the name has it made.
    twice.case.asked.adopted.insert(name(HOST));
    assert_eq!(twice.codes(), [Reason::NoRecord]);
    twice.case.asked.adopted.clear();
    let words = twice.only_skip().because;
    assert!(words.contains("heartbeat-dns apply nas.example.com"), "{words}");
    twice.case.asked.insisted.insert(name(HOST));
    assert!(!is_contested(&twice));
}

#[test]
fn adoption_by_hand_opens_it_and_asking_for_the_name_does_not() {
    let mut world = undone(2);
    world.case.asked.insisted.insert(name(HOST));
    assert!(is_contested(&world));
    let words = world.only_skip().because;
    assert!(words.contains("heartbeat-dns adopt nas.example.com"), "{words}");
    world.case.asked.adopted.insert(name(HOST));
    let plan = world.plan();
    assert_eq!(plan.changes[0].cause.adopted_by(), Some(AdoptedBy::Hand), "{plan:?}");
}

#[test]
fn the_other_type_of_the_name_is_another_set() {
    let mut world = undone(2);
    let changes = world.case.history.changes.remove(&key(HOST)).unwrap();
    let mut other = key(HOST);
    other.record_type = RecordType::Aaaa;
    world.case.history.changes.insert(other, changes);
    assert!(!is_contested(&world));
}

/// Whoever may send rows may write that a newer write is the one that stands, that a person released the set, or that what was
/// found was our own: none of it ends the contest.
#[test]
fn no_row_more_ends_a_contest() {
    let motive = Motive::Adopted(AdoptedBy::Always);
    let forged = |from: &str, to: &str, ago: i64, footing: Footing| {
        let mut world = found_another_each_time(2, motive).went(HOST, from, to, ago);
        let changes = world.case.history.changes.get_mut(&key(HOST)).unwrap();
        let mut row = changes.pop().unwrap();
        row.footing = footing;
        row.run = "forged".to_owned();
        changes.push(row);
        changes.sort_by_key(|change| change.time);
        world
    };
    let present = "198.51.100.99";
    for footing in
        [Footing::Unknown, Footing::Unmarked, Footing::Marked, Footing::Undoing, Footing::Releasing]
    {
        for (from, to) in [(NEW, present), (present, NEW), ("198.51.100.21", "198.51.100.21"), (NEW, NEW)] {
            for ago in [1, 90, 200] {
                let world = forged(from, to, ago, footing);
                assert!(is_contested(&world), "{from} {to} {ago} {footing:?}");
            }
        }
    }
}

/// A row that comes twice is one write.
#[test]
fn a_write_that_is_told_twice_was_undone_once() {
    let mut world = found_another_each_time(1, Motive::Adopted(AdoptedBy::Always));
    let changes = world.case.history.changes.get_mut(&key(HOST)).unwrap();
    let mut again = changes[0].clone();
    again.from = super::world::addresses(&["198.51.100.77"]);
    let mut third = again.clone();
    third.from = super::world::addresses(&["198.51.100.78"]);
    changes.extend([again, third]);
    assert!(!is_contested(&world));
}
