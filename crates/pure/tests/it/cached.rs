//! What answers out of caches prove, and when.

use std::collections::BTreeSet;
use std::time::Duration;

use pure::cached::{ABSENCE, Cached, GRACE, Worth};
use pure::plan::{Footing, PastChange};

use super::world::{World, addresses, key, minutes};

const NEW: &str = "10.1.0.4";
const OLD: &str = "10.1.0.9";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn written(held_before: Option<u64>) -> Cached {
    let held = [addresses(&[OLD])].into();
    Cached { wanted: addresses(&[NEW]), old_ttl: seconds(60), held, held_before: held_before.map(seconds) }
}

fn worth(of: &Cached, answered: &[&str], since: u64) -> Worth {
    of.worth(&addresses(answered), seconds(since))
}

#[test]
fn the_new_addresses_are_proof_at_once_and_from_a_cache_too() {
    for since in [0, 1, 60, 66, 3600] {
        assert_eq!(worth(&written(None), &[NEW], since), Worth::Proof, "{since} s");
    }
    // All of them, and no others.
    for other in [&[OLD, NEW][..], &[]] {
        assert_eq!(worth(&written(None), other, 1), Worth::Nothing, "{other:?}");
    }
}

#[test]
fn the_old_ones_deny_nothing_before_their_time_is_over() {
    let last = 60 + GRACE.as_secs();
    for (since, said) in
        [(0, Worth::Nothing), (60, Worth::Nothing), (last, Worth::Nothing), (last + 1, Worth::Denial)]
    {
        assert_eq!(worth(&written(None), &[OLD], since), said, "{since} s");
        assert_eq!(worth(&written(None), &[], since), said, "{since} s, no such record");
    }
}

#[test]
fn what_the_name_held_a_moment_ago_may_be_an_answer_of_then() {
    // It went away 20 s before the write, and may be told until 60 s after that.
    let back = written(Some(20));
    for (since, said) in [(0, Worth::Nothing), (40, Worth::Nothing), (41, Worth::Proof)] {
        assert_eq!(worth(&back, &[NEW], since), said, "{since} s");
    }
    assert_eq!(worth(&written(Some(60)), &[NEW], 1), Worth::Proof, "long enough ago");
}

#[test]
fn what_is_gone_is_proved_by_its_absence() {
    let gone = Cached { wanted: addresses(&[]), ..written(None) };
    assert_eq!(worth(&gone, &[], 0), Worth::Proof);
    assert_eq!((worth(&gone, &[OLD], 60), worth(&gone, &[OLD], 66)), (Worth::Nothing, Worth::Denial));
}

/// A set with a time to live of 300 s moves from one address to another; the mark tells what it held before, and until when.
#[test]
fn the_mark_and_the_log_tell_when_the_name_held_it_last() {
    const HOST: &str = "nas.example.com";
    let (now, before) = ("203.0.113.7", "198.51.100.10");
    let world = |previous: &str| {
        let world = World::new().claims("nas", HOST, now).keeps("nas", HOST, &[before]);
        let time = (world.now - minutes(3)).to_string();
        world.set(&key(HOST), |set| {
            set.metadata.insert("heartbeat_dns_previous".to_owned(), previous.to_owned());
            set.metadata.insert("heartbeat_dns_time".to_owned(), time.clone());
        })
    };
    let whole = |world: &World, past: &[PastChange]| Cached::of(&world.plan().changes[0], past, world.now);
    let cached = |world: &World, past: &[PastChange]| {
        Some(Cached { held: BTreeSet::default(), ..whole(world, past)? })
    };
    let other = world("192.0.2.1");
    let fresh = Cached {
        wanted: addresses(&[now]),
        old_ttl: seconds(300),
        held: BTreeSet::default(),
        held_before: None,
    };
    assert_eq!(cached(&other, &[]), Some(fresh.clone()));
    assert_eq!(cached(&world(now), &[]), Some(Cached { held_before: Some(seconds(180)), ..fresh.clone() }));
    // The log remembers older ones, and knows them apart from writes that moved nothing.
    let past = |from: &str, to: &str| PastChange {
        from: addresses(&[from]),
        to: addresses(&[to]),
        time: other.now - minutes(4),
        run: "run-0".to_owned(),
        footing: Footing::Unknown,
    };
    let told = [past(now, before), past("192.0.2.8", now)];
    assert_eq!(cached(&other, &told), Some(Cached { held_before: Some(seconds(240)), ..fresh.clone() }));
    assert_eq!(cached(&other, &[past(now, now)]), Some(fresh.clone()));
    // What it held of late no cache need be believed to have made up; what it never held, or long ago, none has.
    let long_ago = PastChange { time: other.now - minutes(6), ..past("192.0.2.9", "192.0.2.9") };
    let held = whole(&other, &[past("192.0.2.8", before), long_ago]).unwrap();
    let strange = [before, "192.0.2.1", "192.0.2.8", now, "192.0.2.9", "192.0.2.66"]
        .map(|text| held.is_strange(&addresses(&[text])));
    assert_eq!(strange, [false, false, false, false, true, true]);
    assert!(held.is_strange(&addresses(&[])), "there was a set all the time");
    // Of a name without a set others know that there is none.
    let new = World::new().claims("nas", HOST, now).absent(&key(HOST));
    assert_eq!(cached(&new, &[]), Some(Cached { old_ttl: ABSENCE, ..fresh }));
    assert!(!whole(&new, &[]).unwrap().is_strange(&addresses(&[])));
    // An adoption that moves nothing shows nothing.
    let mut adopted = World::new().claims("nas", HOST, now).stands(HOST, &[now]);
    adopted.case.asked.adopted.insert(super::world::name(HOST));
    assert_eq!(whole(&adopted, &[]), None);
}
