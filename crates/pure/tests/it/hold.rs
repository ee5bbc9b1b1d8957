//! Holds: what a person's word in the metadata of a set keeps from being written, and how it comes there and goes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pure::domain::{Hold, Mark, RecordSet, RecordType, Until};
use pure::plan::{
    Action, Again, Answer, ByHand, Cause, Docket, HoldOrder, Leaves, LetGo, Plan, Read, Reason, Release,
};

use super::world::{OWNER, World, id, key, mark, minutes, name};

const HOST: &str = "nas.example.com";

fn moved() -> World {
    World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["198.51.100.10"])
}

fn label(until: &str) -> impl FnOnce(&mut RecordSet) {
    |set: &mut RecordSet| {
        set.metadata.insert("heartbeat_dns_hold".to_owned(), until.to_owned());
    }
}

fn a_hold(until: Until, why: &str) -> ByHand {
    ByHand::Hold(HoldOrder { until: Some(until), why: Some(why.to_owned()), by: "anna (o-1)".to_owned() })
}

/// What an order comes to, with both types of set read.
fn ordered(world: &World, order: &ByHand) -> Plan {
    let mut world = world.clone().absent(&id(HOST, RecordType::Aaaa));
    world.case.asked.named = [name(HOST)].into();
    pure::plan::ordered(order, &world.case, &world.policy, world.now)
}

fn reasons(plan: &Plan) -> Vec<Reason> {
    plan.skips.iter().map(|skip| skip.reason).collect()
}

#[test]
fn it_holds_until_its_time_whoever_asks() {
    let world = moved();
    let (ahead, over) = (world.now + minutes(1), world.now);
    for (until, holds) in [
        (ahead.to_string(), true),
        (over.to_string(), false),
        ("forever".to_owned(), true),
        ("x".to_owned(), true),
    ] {
        let mut held = world.clone().set(&key(HOST), label(&until));
        assert_eq!(held.plan().changes.is_empty(), holds, "{until}");
        held.case.asked.named.insert(name(HOST));
        held.case.asked.insisted.insert(name(HOST));
        held.case.asked.adopted.insert(name(HOST));
        let plan = held.plan();
        assert_eq!(reasons(&plan), if holds { vec![Reason::Held] } else { Vec::new() }, "{until}");
        assert!(plan.skips.iter().all(|skip| !skip.is_durable), "{until}");
    }
}

#[test]
fn a_set_that_nobody_marked_is_held_and_not_adopted_meanwhile() {
    let stands =
        World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["198.51.100.10"]).allow(&[HOST]);
    assert_eq!(stands.plan().changes.len(), 1);
    let held = stands.set(&key(HOST), label("forever"));
    let skip = held.only_skip();
    assert_eq!(skip.reason, Reason::Held);
    assert!(skip.because.contains("take heartbeat_dns_hold out of its metadata"), "{}", skip.because);
}

/// What is said of a set without a mark is true for the verb, and names a command only where one is of use.
#[test]
fn an_order_for_a_set_without_a_mark_says_what_is_true_for_its_verb() {
    let world = World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["198.51.100.10"]);
    let release = Release { leaves: Leaves::AMark, claims: [].into(), swept: [].into(), unseen: Vec::new() };
    for (order, words, adopts) in [
        (a_hold(Until::Forever, "x"), "make it ours first", true),
        (ByHand::Unhold(LetGo::All), "nothing to let go", false),
        (ByHand::Release(release), "nothing to release", false),
    ] {
        let plan = ordered(&world, &order);
        assert_eq!(reasons(&plan), [Reason::NotOwned], "{order:?}");
        let because = &plan.skips[0].because;
        assert!(because.contains(words), "{because}");
        assert_eq!(because.contains(&format!("adopt {HOST}")), adopts, "{because}");
    }
}

#[test]
fn whose_it_is_need_not_be_asked_while_it_is_held() {
    let kept = World::new().claims("new", HOST, "203.0.113.7").keeps("old", HOST, &["198.51.100.10"]);
    assert!(!kept.plan().needs.is_empty());
    let held = kept.set(&key(HOST), label("forever"));
    assert!(held.plan().needs.is_empty());
    assert_eq!(held.codes(), [Reason::Held]);
    // A set of others is theirs first.
    let theirs = held.set(&key(HOST), |set| {
        set.metadata.insert("heartbeat_dns_owner".to_owned(), "dcr-theirs".to_owned());
    });
    assert_eq!(theirs.codes(), [Reason::NotOwned]);
}

#[test]
fn the_mark_says_so_in_a_version_of_its_own_and_the_first_write_afterwards_takes_it_back() {
    let world = moved().set(&key(HOST), |set| {
        let previous = BTreeSet::from(["192.0.2.1".parse().unwrap()]);
        Mark { previous, ..mark(1, OWNER, "nas") }.write_into(&mut set.metadata);
    });
    let until = world.now + minutes(60);
    let plan = ordered(&world, &a_hold(Until::Time(until), "audit"));
    let [change] = &plan.changes[..] else { panic!("{plan:?}") };
    assert_eq!(
        (change.action(), change.is_move(), change.from()),
        (Action::Hold, false, change.to().clone())
    );
    let set = change.record_set(OWNER, "run-1", world.now);
    let said = |key: &str| set.metadata.get(key).map(String::as_str);
    assert_eq!(said("heartbeat_dns_v"), Some("2"), "a program of version 0.1.0 leaves it alone");
    assert_eq!(said("heartbeat_dns_hold"), Some(until.to_string().as_str()));
    assert_eq!(said("heartbeat_dns_hold_why"), Some("audit"));
    assert_eq!(said("heartbeat_dns_hold_by"), Some("anna (o-1)"));
    assert_eq!(
        said("heartbeat_dns_previous"),
        Some("192.0.2.1"),
        "whoever undoes the last move wants to know"
    );
    let held = world.clone().set(&key(HOST), |old| old.metadata.clone_from(&set.metadata));
    assert_eq!(held.codes(), [Reason::Held]);
    let free = |set: RecordSet| {
        assert_eq!(set.metadata["heartbeat_dns_v"], "1");
        assert!(!set.metadata.keys().any(|key| key.contains("hold")), "{:?}", set.metadata);
    };
    let let_go = ordered(&held, &ByHand::Unhold(LetGo::All));
    assert_eq!((let_go.changes.len(), let_go.changes[0].action()), (1, Action::Unhold));
    assert_eq!(let_go.changes[0].cause, Cause::Unheld { held_by: None });
    free(let_go.changes[0].record_set(OWNER, "run-2", world.now));
    let over =
        world.set(&key(HOST), label(&"2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap().to_string()));
    free(over.plan().changes[0].record_set(OWNER, "run-2", over.now));
}

#[test]
fn an_order_that_cannot_be_carried_out_is_refused_in_words() {
    let forever = || a_hold(Until::Forever, "");
    let held = moved().set(&key(HOST), |set| {
        let hold = Hold { until: Until::Forever, why: String::new(), by: "ben".to_owned() };
        Mark { hold: Some(hold), ..mark(Mark::HELD, OWNER, "nas") }.write_into(&mut set.metadata);
    });
    let with = |key_of: &'static str, value: &'static str| {
        moved().set(&key(HOST), |set| {
            set.metadata.insert(key_of.to_owned(), value.to_owned());
        })
    };
    let unmarked = World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["198.51.100.10"]);
    for (what, world, order, reason, words) in [
        ("no mark", unmarked, forever(), Reason::NotOwned, "no mark of ours"),
        (
            "theirs",
            with("heartbeat_dns_owner", "dcr-theirs"),
            forever(),
            Reason::NotOwned,
            "another installation",
        ),
        ("newer", with("heartbeat_dns_v", "3"), forever(), Reason::NotOwned, "version 3"),
        ("nobody's machine", with("heartbeat_dns_machine", ""), forever(), Reason::NotOwned, "incomplete"),
        (
            "alias",
            moved().set(&key(HOST), |set| set.alias = Some("/x".to_owned())),
            forever(),
            Reason::Alias,
            HOST,
        ),
        ("no etag", moved().set(&key(HOST), |set| set.etag.clear()), forever(), Reason::Blind, HOST),
        ("no set", moved().absent(&key(HOST)), forever(), Reason::NoRecord, "no A or AAAA record set"),
        ("held", held.clone(), forever(), Reason::AlreadyRight, "held already"),
        ("not held", moved(), ByHand::Unhold(LetGo::All), Reason::AlreadyRight, "Nobody holds"),
    ] {
        let plan = ordered(&world, &order);
        assert!(plan.changes.is_empty(), "{what}: {plan:?}");
        assert_eq!(reasons(&plan), [reason], "{what}");
        assert!(plan.skips[0].because.contains(words), "{what}: {}", plan.skips[0].because);
    }
    // Another end, another reason, or a hold that no older release would see, is something to write.
    for (world, order) in [
        (held.clone(), a_hold(Until::Forever, "audit")),
        (held, a_hold(Until::Time("2027-01-01T00:00:00Z".parse().unwrap()), "")),
        (moved().set(&key(HOST), label("forever")), forever()),
    ] {
        assert_eq!(ordered(&world, &order).changes.len(), 1, "{order:?}");
    }
}

#[test]
fn two_holds_of_one_set_have_two_digests() {
    let digest = |order: &ByHand| pure::plan::report::digest(&ordered(&moved(), order).changes);
    let time = |text: &str| Until::Time(text.parse().unwrap());
    let orders = [
        a_hold(Until::Forever, ""),
        a_hold(Until::Forever, "audit"),
        a_hold(time("2027-01-01T00:00:00Z"), ""),
        a_hold(time("2027-01-01T00:00:01Z"), ""),
    ];
    let digests: BTreeSet<String> = orders.iter().map(digest).collect();
    assert_eq!(digests.len(), orders.len());
}

#[test]
fn what_is_not_read_yet_is_asked_for_both_types() {
    let mut world = World::new();
    world.case.asked.named = [name(HOST)].into();
    let plan = pure::plan::ordered(&ByHand::Unhold(LetGo::All), &world.case, &world.policy, world.now);
    assert_eq!(plan.needs.sets, [key(HOST), id(HOST, RecordType::Aaaa)].into());
}

/// Whoever is refused sees what stays there.
#[test]
fn a_refused_order_tells_what_the_set_holds() {
    let world = moved().set(&key(HOST), |set| set.metadata.clear());
    for order in [a_hold(Until::Forever, ""), ByHand::Unhold(LetGo::All)] {
        let plan = ordered(&world, &order);
        let skip = plan.skips.iter().find(|skip| skip.record_type == RecordType::A).unwrap();
        let seen = skip.seen.as_ref().unwrap();
        let live = world.case.known.set(&key(HOST)).unwrap().known().unwrap().set.clone().unwrap();
        assert_eq!(seen.present, pure::domain::join_addresses(&live.addresses), "{skip:?}");
        assert!(!seen.present.is_empty() && !seen.actionable, "no alert counts it: {skip:?}");
    }
}

/// Between the read of a set and its write somebody holds it, or writes it.
#[test]
fn a_second_look_sees_a_hold_and_an_order_looks_again_too() {
    let world = moved();
    let change = world.plan().changes.remove(0);
    let look = |world: &World, change, read: &World| {
        let read = read.case.known.set(&key(HOST)).unwrap().clone();
        Docket::of(&world.case, &world.policy, world.now).again(change, &read, world.now)
    };
    let held = world.clone().set(&key(HOST), label("forever"));
    let Again::Skips(skips) = look(&world, &change, &held) else { panic!() };
    assert_eq!(skips[0].reason, Reason::Held);
    let mut asking = world.clone();
    asking.case.asked.named = [name(HOST)].into();
    let order = a_hold(Until::Forever, "");
    let change = ordered(&world, &order).changes.remove(0);
    asking.case.asked.order = Some(order);
    let newer = world.clone().set(&key(HOST), |set| set.etag = "etag-2".to_owned());
    let Again::Change(again) = look(&asking, &change, &newer) else { panic!() };
    assert_eq!((again.action(), again.before.unwrap().etag.as_str()), (Action::Hold, "etag-2"));
    let moved = world.clone().keeps("nas", HOST, &["203.0.113.7"]);
    assert_eq!(look(&asking, &change, &moved), Again::Open, "other addresses would stand still");
    let Again::Skips(skips) = look(&asking, &change, &world.clone().absent(&key(HOST))) else { panic!() };
    assert_eq!(skips[0].reason, Reason::NoRecord);
    let unread = Answer::<Read>::Unavailable("timeout".to_owned());
    let docket = Docket::of(&asking.case, &asking.policy, asking.now);
    let Again::Skips(skips) = docket.again(&change, &unread, asking.now) else { panic!() };
    assert_eq!(skips[0].reason, Reason::Blind);
}

/// Whoever holds once more says only what is to be different.
#[test]
fn what_is_not_given_anew_stays_as_a_standing_hold_has_it() {
    let end = |text: &str| Until::Time(text.parse().unwrap());
    let order = |until, why: Option<&str>| {
        ByHand::Hold(HoldOrder { until, why: why.map(str::to_owned), by: "anna (o-1)".to_owned() })
    };
    let held = |until: &str| {
        moved().set(&key(HOST), |set| {
            for (label, value) in [("v", "2"), ("hold", until), ("hold_why", "audit"), ("hold_by", "ben")] {
                set.metadata.insert(format!("heartbeat_dns_{label}"), value.to_owned());
            }
        })
    };
    let (ahead, over) = ("2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z");
    for (stands, given, wanted) in [
        (ahead, order(None, Some("line")), (end(ahead), "line")),
        (ahead, order(Some(Until::Forever), None), (Until::Forever, "audit")),
        (over, order(None, None), (Until::Forever, "")),
    ] {
        let plan = ordered(&held(stands), &given);
        let hold = plan.changes.iter().find_map(|change| change.cause.hold()).expect("a hold");
        assert_eq!((hold.until, hold.why.as_str()), wanted, "{stands}");
    }
    let plan = ordered(&held(ahead), &order(None, None));
    assert_eq!((plan.changes.len(), reasons(&plan)), (0, vec![Reason::AlreadyRight]));
}

/// Whoever gives a set up takes nobody's hold along: only `unhold` ends it, or its own time.
#[test]
fn what_somebody_holds_is_not_released() {
    let until = |text: &str| Until::parse(text).unwrap();
    for leaves in [Leaves::AMark, Leaves::Nothing, Leaves::NoSet] {
        for (owner, until, stands, ends) in [
            (OWNER, until("forever"), true, "unhold nas.example.com"),
            (OWNER, until("2999-01-01T00:00:00Z"), true, "unhold nas.example.com"),
            (OWNER, until("2020-01-01T00:00:00Z"), false, ""),
            // Nobody lets go of what was released by a command.
            (Mark::RELEASED, until("forever"), leaves != Leaves::AMark, "heartbeat_dns_hold out of"),
        ] {
            let hold = Hold { until, why: "incident 7".to_owned(), by: "ben".to_owned() };
            let world = moved().set(&key(HOST), |set| {
                Mark { hold: Some(hold), ..mark(Mark::HELD, owner, "nas") }.write_into(&mut set.metadata);
            });
            let release =
                Release { leaves, claims: BTreeMap::new(), swept: BTreeMap::new(), unseen: Vec::new() };
            let plan = ordered(&world, &ByHand::Release(release));
            assert_eq!(reasons(&plan) == [Reason::Held], stands, "{leaves:?} {owner} {until:?}: {plan:?}");
            assert!(plan.changes.is_empty() || !stands, "{leaves:?} {until:?}: {plan:?}");
            if stands {
                let because = plan.skips[0].because.to_string();
                for part in ["\"ben\"", "\"incident 7\"", ends] {
                    assert!(because.contains(part), "{part}: {because}");
                }
            }
        }
    }
}
