//! How steady a claim must be: the age of its beats, their number and span, a second uplink, coming and going.

use jiff::SignedDuration;
use pure::plan::{Footing, PastChange, Reason};

use super::world::{World, addresses, key, minutes};

const HOST: &str = "nas.example.com";
const HERE: &str = "203.0.113.7";
const THERE: &str = "198.51.100.10";

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// A machine that moved, and whose record set is ours.
fn moved() -> World {
    World::new().claims("nas", HOST, HERE).keeps("nas", HOST, &[THERE])
}

/// What becomes of the only row: a change, or the code of its skip.
fn end(world: &World) -> Option<Reason> {
    let plan = world.plan();
    assert_eq!(plan.changes.len() + plan.skips.len(), 1, "{plan:?}");
    plan.skips.first().map(|skip| skip.reason)
}

fn spanning(world: &World, span: SignedDuration) -> World {
    let world = world.clone();
    world.but(|row| row.first_beat = row.heartbeat_time.map(|time| time - span))
}

#[test]
fn two_beats_within_seconds_are_one_moment() {
    let world = moved().but(|row| row.beats = 2);
    assert_eq!(end(&spanning(&world, seconds(45))), None);
    assert_eq!(end(&spanning(&world, seconds(44))), Some(Reason::TooFewBeats));
    assert_eq!(end(&spanning(&world, seconds(3))), Some(Reason::TooFewBeats));
    let words = spanning(&world, seconds(3)).only_skip().because;
    assert!(words.contains("for 3 s only, POLICY_MIN_SPAN wants 45 s"), "{words}");
    // Many beats within seconds are no more than one, and new names wait as well.
    assert_eq!(
        end(&spanning(&world.clone().but(|row| row.beats = 40), seconds(44))),
        Some(Reason::TooFewBeats)
    );
    let new = World::new().claims("nas", HOST, HERE);
    assert_eq!(end(&spanning(&new, seconds(44))), Some(Reason::TooFewBeats));
    let mut fine = spanning(&world, SignedDuration::from_millis(1200));
    fine.terms().min_span = SignedDuration::from_millis(1500);
    let words = fine.only_skip().because;
    assert!(words.contains("for 1 s only, POLICY_MIN_SPAN wants 1 s 500 ms"), "{words}");
    let mut short = world;
    short.terms().min_span = seconds(3);
    assert_eq!(end(&spanning(&short, seconds(3))), None);
}

#[test]
fn a_first_beat_that_is_not_known_or_later_than_the_newest_spans_nothing() {
    let later = moved().but(|row| row.first_beat = row.heartbeat_time.map(|time| time + minutes(10)));
    assert_eq!(end(&later), Some(Reason::TooFewBeats));
    assert_eq!(end(&moved().but(|row| row.first_beat = None)), Some(Reason::TooFewBeats));
}

#[test]
fn where_one_beat_is_wanted_it_need_not_span_anything() {
    let mut world = spanning(&moved().but(|row| row.beats = 1), seconds(0));
    assert_eq!(end(&world), Some(Reason::TooFewBeats));
    world.policy.min_beats = 1;
    assert_eq!(end(&world), None);
    world.policy.min_beats = 3;
    let enough = spanning(&world, seconds(45));
    for (beats, reason) in [(2, Some(Reason::TooFewBeats)), (3, None)] {
        assert_eq!(end(&enough.clone().but(|row| row.beats = beats)), reason, "{beats}");
    }
}

#[test]
fn the_newest_heartbeat_may_be_as_old_as_the_limit() {
    for (age, reason) in [(900, None), (901, Some(Reason::StaleHeartbeat))] {
        let world = moved();
        let heard = world.now - seconds(age);
        assert_eq!(end(&world.but(|row| row.heartbeat_time = Some(heard))), reason, "{age}");
    }
    assert_eq!(end(&moved().but(|row| row.heartbeat_time = None)), Some(Reason::StaleHeartbeat));
}

#[test]
fn the_present_address_must_be_unseen_for_long_enough_after_a_return() {
    let seen = |ago: i64, returned: bool| {
        let world = moved();
        let time = world.now - seconds(ago);
        end(&world.but(|row| (row.returned, row.present_last_seen) = (returned, Some(time))))
    };
    assert_eq!(seen(600, true), Some(Reason::StillSeen));
    assert_eq!(seen(601, true), None);
    assert_eq!(seen(1, true), Some(Reason::StillSeen));
    assert_eq!(seen(1, false), None);
    assert_eq!(end(&moved().but(|row| row.returned = true)), None);
}

/// A row that takes the place of the one that holds the present address hides when that was seen: the machine can have said it
/// until its newest beats agreed.
#[test]
fn no_row_about_the_set_hides_a_second_uplink() {
    for logged in ["", "192.0.2.222", HERE] {
        let hidden = |span: i64, returned: bool| {
            let world = spanning(&moved(), seconds(span));
            let world = world.but(|row| {
                row.heartbeat_time = row.heartbeat_time.map(|_| super::world::NOW.parse().unwrap());
                (row.dns_ip, row.returned, row.present_last_seen) = (logged.to_owned(), returned, None);
            });
            let first = world.now - seconds(span);
            world.but(|row| row.first_beat = Some(first))
        };
        assert_eq!(end(&hidden(600, true)), Some(Reason::StillSeen), "{logged}");
        let because = hidden(600, true).only_skip().because;
        assert!(because.contains("but reported another address "), "{because}");
        assert_eq!(end(&hidden(601, true)), None, "{logged}");
        assert_eq!(end(&hidden(60, false)), None, "{logged}");
    }
}

/// Of two published addresses the machine says one, and was at a third for a moment. That it was seen at what it says now
/// is no sign of a second uplink.
#[test]
fn an_address_that_stays_published_is_no_second_uplink() {
    let world = moved().keeps("nas", HOST, &[HERE, THERE]);
    let seen = world.now - seconds(60);
    let world = world.but(|row| (row.returned, row.present_last_seen) = (true, Some(seen)));
    assert_eq!(end(&world), None);
    assert_eq!(*world.plan().changes[0].to(), addresses(&[HERE]));
    // Where the log lags, another address may be the one that was seen, or the one that stands there, if it came back lately.
    let world = spanning(&world, seconds(60));
    for (log, live) in [(HERE, &[THERE][..]), (THERE, &[HERE, THERE])] {
        let lags = world.clone().keeps("nas", HOST, live).but(|row| row.dns_ip = log.to_owned());
        assert_eq!(end(&lags), Some(Reason::StillSeen), "{log}");
        // Nobody reported what a hand has put there.
        let because = lags.only_skip().because;
        let seen = if log == HERE { "another address" } else { THERE };
        assert!(because.contains(&format!("but reported {seen} ")), "{because}");
    }
}

/// A machine came back to what the log holds, and another hand changes the set: what it says itself is no second uplink. What
/// stands there it can have said until its newest beats agreed.
#[test]
fn whoever_says_one_address_for_long_uses_no_second_uplink() {
    let steady_for = |span: i64, log: &str| {
        let world = moved().keeps("nas", HOST, &["192.0.2.222"]);
        let (first, newest) = (world.now - seconds(span), world.now - seconds(5));
        world.but(|row| {
            row.dns_ip = log.to_owned();
            (row.first_beat, row.heartbeat_time) = (Some(first), Some(newest));
            (row.returned, row.present_last_seen) = (true, Some(newest));
        })
    };
    for log in [HERE.to_owned(), format!("{HERE},{THERE}")] {
        assert_eq!(end(&steady_for(601, &log)), None, "{log}");
        assert_eq!(*steady_for(601, &log).plan().changes[0].to(), addresses(&[HERE]), "{log}");
        let young = steady_for(600, &log);
        assert_eq!(end(&young), Some(Reason::StillSeen), "{log}");
        let because = young.only_skip().because;
        assert!(because.contains(" 10 min ago"), "{because}");
    }
}

/// However many rows tell of it, with whatever addresses.
#[test]
fn a_write_that_is_told_again_and_again_is_one_return() {
    let told = |distinct: bool| {
        let mut world = moved();
        for from in [format!("{HERE},192.0.2.1"), format!("{HERE},192.0.2.2"), HERE.to_owned()] {
            world = world.went(HOST, HERE, THERE, 60);
            let changes = world.case.history.changes.get_mut(&key(HOST)).unwrap();
            let last = changes.last_mut().unwrap();
            last.from = from.split(',').flat_map(|address| addresses(&[address])).collect();
            if !distinct {
                last.run = "one".to_owned();
            }
        }
        end(&world)
    };
    assert_eq!((told(true), told(false)), (Some(Reason::Flapping), None));
}

/// A name that left the address it is to return to so many times, newest first one hour ago.
fn coming_and_going(returns: i64) -> World {
    (1..=returns).fold(moved(), |world, hour| world.went(HOST, HERE, THERE, 60 * hour))
}

#[test]
fn the_third_return_within_a_day_is_held() {
    assert_eq!(end(&coming_and_going(2)), None);
    assert_eq!(end(&coming_and_going(3)), Some(Reason::Flapping));
    assert_eq!(end(&coming_and_going(4)), Some(Reason::Flapping));
    let words = coming_and_going(4).only_skip().because;
    assert!(words.contains("for the fourth time within 24 h, after going to 198.51.100.10 (4 of"), "{words}");
    assert!(coming_and_going(5).only_skip().because.contains("for the 5th time"));
}

#[test]
fn a_return_counts_for_a_day_to_the_second() {
    for (age, reason) in [(24 * 3600, Some(Reason::Flapping)), (24 * 3600 + 1, None)] {
        let mut world = coming_and_going(2);
        let time = world.now - seconds(age);
        let past = PastChange {
            from: addresses(&[HERE]),
            to: addresses(&[THERE]),
            time,
            run: "r".to_owned(),
            footing: Footing::Unknown,
        };
        world.case.history.changes.get_mut(&key(HOST)).unwrap().push(past);
        assert_eq!(end(&world), reason, "{age}");
    }
}

#[test]
fn a_row_whose_addresses_did_not_change_is_no_move() {
    // An adoption of a set that was right, three times over.
    let adopted = (0..3).fold(moved(), |world, hour| world.went(HOST, HERE, HERE, 60 * hour));
    assert_eq!(end(&adopted), None);
    let adopted = (0..3).fold(coming_and_going(2), |world, hour| world.went(HOST, THERE, THERE, 60 * hour));
    assert_eq!(end(&adopted), None);
    // Nor are they counted among the shares of those that were.
    let adopted = adopted.went(HOST, HERE, THERE, 600);
    let words = adopted.only_skip().because;
    assert!(words.contains("198.51.100.10 (3 of the changes)"), "{words}");
}

#[test]
fn a_set_that_kept_the_address_was_not_left_by_it() {
    // Two addresses, of which one was taken away: the other one is no return.
    let mut world = moved();
    for hour in 1..4 {
        let past = PastChange {
            from: addresses(&[HERE, THERE]),
            to: addresses(&[HERE]),
            time: world.now - minutes(60 * hour),
            run: "r".to_owned(),
            footing: Footing::Unknown,
        };
        world.case.history.changes.entry(key(HOST)).or_default().push(past);
    }
    assert_eq!(end(&world), None);
}

#[test]
fn an_address_that_is_steady_again_opens_it() {
    for (age, reason) in [(45 * 60, Some(Reason::Flapping)), (45 * 60 + 1, None)] {
        let world = coming_and_going(3);
        let first = world.now - seconds(age);
        assert_eq!(end(&world.but(|row| row.first_beat = Some(first))), reason, "{age}");
    }
}

#[test]
fn a_person_who_names_it_on_the_command_line_is_not_held_up() {
    let mut world = coming_and_going(3);
    // A name in a call over HTTP is named, and not insisted on.
    world.case.asked.named.insert(key(HOST).name);
    assert_eq!(end(&world), Some(Reason::Flapping));
    world.case.asked.insisted.insert(key("cam.example.com").name);
    assert_eq!(end(&world), Some(Reason::Flapping));
    world.case.asked.insisted.insert(key(HOST).name);
    assert_eq!(end(&world), None);
    // Nothing else is opened by that.
    assert_eq!(end(&world.but(|row| row.beats = 1)), Some(Reason::TooFewBeats));
}
