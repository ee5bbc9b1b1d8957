//! What the log says and its owners deny: nothing is believed that takes a claim or a mismatch away, and nothing moves by it.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use pure::domain::{RecordId, ResourceId};
use pure::plan::{About, Answer, BrakeKind, Known, Live, Plan, Read, Reason};

use super::world::{NOW, World, address, addresses, key};

const HOST: &str = "nas.example.com";

/// A log that calls so many machines, of so many that claimed lately, nobody's: `m0`, `m1` and so on.
fn nameless(nameless: u64, claimed: u64) -> World {
    let mut world = World::new();
    let said = &mut world.case.history.said;
    (said.nameless, said.claimed) = (nameless, claimed);
    said.nobodies = (0..nameless).map(machine).collect();
    world
}

fn machine(number: u64) -> ResourceId {
    super::world::machine(&format!("m{number}"))
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A name whose machine has moved.
fn moved() -> World {
    World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["198.51.100.1"])
}

fn tagged(known: &mut Known, number: u64, names: &[&str]) {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    known.learn_tag(&machine(number), Answer::Known(Live::Tagged(names)));
}

fn blind(plan: &Plan) -> Vec<&str> {
    let blind = plan.skips.iter().filter(|skip| skip.reason == Reason::Blind);
    blind.map(|skip| skip.name.as_str()).collect()
}

#[test]
fn a_machine_that_the_log_calls_nobodys_is_asked_and_its_tag_decides() {
    let world = nameless(1, 20);
    assert_eq!(world.plan().needs.machines, [machine(0)].into());
    for (names, told) in [(&[HOST][..], &[HOST][..]), (&[], &[]), (&["no host!"], &[])] {
        let mut world = world.clone();
        tagged(&mut world.case.known, 0, names);
        let plan = world.plan();
        assert_eq!((blind(&plan), plan.needs.is_empty()), (told.to_vec(), true), "{names:?}");
        assert!(plan.brakes.is_empty() && plan.changes.is_empty());
    }
    for live in
        [Answer::Known(Live::Gone), Answer::Known(Live::Unreadable), Answer::Unavailable(String::new())]
    {
        let mut world = world.clone();
        world.case.known.learn_tag(&machine(0), live);
        let plan = world.plan();
        assert!(blind(&plan).is_empty() && plan.needs.is_empty() && plan.brakes.is_empty());
    }
}

#[test]
fn most_machines_must_be_called_nobodys_and_most_tags_deny_it_before_the_brake_says_so() {
    for (nobodies, claimed, denied, seen) in [
        (2, 4, 2, None),
        (3, 5, 3, Some(60)),
        (3, 5, 2, Some(60)),
        (4, 5, 2, None),
        (3, 5, 0, None),
        (1, 1, 1, Some(100)),
    ] {
        let mut world = nameless(nobodies, claimed);
        for number in 0..nobodies {
            let host = format!("m{number}.example.com");
            let names = if number < denied { vec![host.as_str()] } else { Vec::new() };
            tagged(&mut world.case.known, number, &names);
        }
        let plan = world.plan();
        let brake = plan.brakes.first();
        assert_eq!(brake.and_then(|brake| brake.seen), seen, "{nobodies} of {claimed}, {denied} denied");
        assert_eq!(blind(&plan).len() as u64, denied);
        if let Some(brake) = brake {
            assert_eq!((brake.brake, brake.about), (BrakeKind::Blind, About::Cause("tags-denied")));
            assert_eq!((brake.zone.as_ref(), brake.limit, brake.names.len() as u64), (None, 50, denied));
        }
    }
}

/// A row without a name takes a claim out of a conflict; what the other one says is not written for it.
#[test]
fn whoever_is_called_nobodys_still_stands_in_the_way_of_others() {
    let mut world = World::new().claims("evil", HOST, "203.0.113.66");
    assert_eq!(world.plan().changes.len(), 1);
    let said = &mut world.case.history.said;
    (said.nameless, said.claimed, said.nobodies) = (1, 20, [machine(0)].into());
    for (names, changes) in [(&[HOST][..], 0), (&["other.example.com"], 1), (&[], 1)] {
        let mut world = world.clone();
        tagged(&mut world.case.known, 0, names);
        let plan = world.plan();
        assert_eq!(plan.changes.len(), changes, "{names:?}");
        if changes == 0 {
            assert_eq!(blind(&plan), [HOST, HOST]);
        }
    }
}

/// Where most are called nobody's the query gives the rows of before: they are judged by live answers, and move.
#[test]
fn what_rows_speak_of_is_not_told_a_second_time_and_moves() {
    let mut world = moved();
    let row = world.case.rows[0].clone();
    let said = &mut world.case.history.said;
    (said.nameless, said.claimed) = (3, 3);
    said.nobodies = [ResourceId::parse(&row.resource_id).unwrap()].into();
    let plan = world.plan();
    assert_eq!((plan.changes.len(), blind(&plan).len(), plan.brakes.len()), (1, 0, 1));
}

fn strange(logged: &[&str]) -> World {
    let mut world = World::new();
    world.case.history.said.strange = [(key(HOST), addresses(logged))].into();
    world
}

#[test]
fn a_set_of_which_a_strange_row_speaks_is_read_and_is_blind_where_it_holds_something_else() {
    let world = strange(&["203.0.113.7"]);
    assert_eq!(world.plan().needs.sets, [key(HOST)].into());
    let read = |world: &World, live: &[&str]| {
        let kept = world.clone().keeps("nas", HOST, live);
        kept.plan()
    };
    assert_eq!(blind(&read(&world, &["198.51.100.1"])), [HOST]);
    assert!(blind(&read(&world, &["203.0.113.7"])).is_empty());
    let absent = |mut world: World| {
        world.case.known.learn_set(key(HOST), Answer::Known(Read::default()));
        world.plan()
    };
    assert_eq!(blind(&absent(world)), [HOST], "there is none");
    assert!(blind(&absent(strange(&[]))).is_empty());
}

#[test]
fn rows_ahead_of_now_are_told_and_hold_nothing() {
    let mut world = moved();
    world.case.history.said.early = Some((2, now() + SignedDuration::from_mins(90)));
    let plan = world.plan();
    let told = plan.brakes.first().map(|brake| (brake.about, brake.limit, brake.seen));
    assert_eq!(told, Some((About::Cause("rows-ahead"), 5, Some(90))));
    assert_eq!(plan.changes.len(), 1);
}

#[test]
fn of_a_part_of_the_log_nothing_is_asked() {
    let mut world = nameless(3, 3);
    world.case.history.said.strange = [(key(HOST), addresses(&["203.0.113.7"]))].into();
    world.case.partial = true;
    assert!(world.plan().needs.is_empty());
}

/// The changes of a plan, as writes.
fn writes(plan: &Plan) -> Vec<(RecordId, std::collections::BTreeSet<std::net::IpAddr>)> {
    plan.changes.iter().map(|change| (change.id.clone(), change.to().clone())).collect()
}

proptest! {
    /// Rows of the log may take changes out of a plan, and never put one in, nor another one in its place: what is written is
    /// what is written without any history.
    #[test]
    fn no_forged_row_makes_a_change(
        places in prop::collection::vec((0_usize..6, 0_u8..4, 0_u8..4, 0_i64..1500), 0..12),
        reasons in prop::collection::vec((0_usize..6, any::<bool>()), 0..4),
        departs in any::<[bool; 12]>(),
        marked in any::<[bool; 6]>(),
        lately in (0_u64..6, 0_u64..6),
    ) {
        let host = |index: usize| format!("h{index}.example.com");
        let mut honest = World::new();
        for (index, marked) in marked.into_iter().enumerate() {
            let (who, host) = (format!("h{index}"), host(index));
            // All move to one address: the brake stands but for whom a mark excuses.
            honest = honest.claims(&who, &host, "203.0.113.99").keeps(&who, &host, &[&format!("198.51.100.{index}")]);
            if marked {
                honest = honest.set(&key(&host), |set| {
                    set.metadata.insert("heartbeat_dns_previous".to_owned(), "203.0.113.99".to_owned());
                });
            }
        }
        let mut forged = honest.clone();
        let end = |end: u8| if end == 0 { "203.0.113.99".to_owned() } else { format!("198.51.100.{end}") };
        for &(index, from, to, ago) in &places {
            forged = forged.went(&host(index), &end(from), &end(to), ago);
        }
        for ((index, from, to, _), departs) in places.iter().zip(departs) {
            let place = (super::world::zone("example.com"), address(&end(*to)));
            let names = forged.case.history.departures.entry(place).or_default();
            if departs {
                names.entry(key(&host(*index)).name).or_default().insert(address(&end(*from)));
            }
        }
        let history = &mut forged.case.history;
        for (index, contested) in reasons {
            let id = key(&host(index));
            if contested {
                history.contested.insert(id, now());
            } else {
                history.missed.insert(id, now());
            }
        }
        (history.said.nameless, history.said.claimed) = lately;
        history.said.nobodies = (0..lately.0).map(machine).collect();
        history.said.strange = [(key(&host(0)), [address("203.0.113.99")].into())].into();
        let (honest, forged) = (writes(&honest.plan()), writes(&forged.plan()));
        for write in &forged {
            prop_assert!(honest.contains(write), "{write:?} of {honest:?}");
        }
    }
}
