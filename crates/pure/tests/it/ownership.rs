//! Marks, hand-over and adoption.

use pure::plan::{Adopt, Footing, Live, PastChange, Reason};

use super::world::{World, address, key, machine, minutes};

const HOST: &str = "nas.example.com";

/// A machine that wants a name whose set nobody marked.
fn unmarked(host: &str) -> World {
    World::new().claims("nas", host, "203.0.113.7").stands(host, &["198.51.100.10"])
}

/// A machine that wants a name that we keep for another one, whose tag still says so.
fn kept_for_another() -> World {
    World::new().claims("new", HOST, "203.0.113.7").tag("old", Live::Tagged(vec![HOST.to_owned()])).keeps(
        "old",
        HOST,
        &["198.51.100.10"],
    )
}

#[test]
fn a_name_listed_literally_is_adopted() {
    let plan = unmarked(HOST).allow(&[HOST]).plan();
    assert!(plan.changes[0].cause.adopts());
    assert!(plan.needs.is_empty());
    let reserved = unmarked("www.example.com").allow(&["www.example.com"]).plan();
    assert!(reserved.changes[0].cause.adopts());
}

#[test]
fn the_claiming_machines_prove_every_present_address() {
    let world = World::new()
        .claims("a", HOST, "203.0.113.7")
        .claims("b", HOST, "203.0.113.7")
        .stands(HOST, &["198.51.100.10", "198.51.100.11"]);
    let wanted = world.wanted();
    assert_eq!(wanted.machines, [machine("a"), machine("b")].into());
    assert_eq!(wanted.addresses, [address("198.51.100.10"), address("198.51.100.11")].into());

    let together = world.clone().evidence(&[("a", "198.51.100.10"), ("b", "198.51.100.11")], &[]);
    assert!(together.plan().changes[0].cause.adopts());
    let one_missing = world.clone().evidence(&[("a", "198.51.100.10"), ("b", "198.51.100.10")], &[]);
    assert_eq!(one_missing.codes(), [Reason::NotOwned; 2]);
    assert!(one_missing.plan().skips[0].because.contains("198.51.100.11 was not reported by a and b"));
    assert!(one_missing.plan().needs.is_empty());
    let strangers = world.evidence(&[("c", "198.51.100.10"), ("c", "198.51.100.11")], &[]);
    assert_eq!(strangers.codes(), [Reason::NotOwned; 2]);
}

#[test]
fn evidence_about_others_proves_nothing_and_is_asked_again() {
    let mut world = unmarked(HOST).evidence(&[("nas", "198.51.100.10")], &[]);
    assert_eq!(world.plan().changes.len(), 1);
    world = world.stands(HOST, &["198.51.100.99"]);
    assert_eq!(world.codes(), [Reason::Blind]);
    assert!(world.wanted().addresses.contains(&address("198.51.100.99")));
}

#[test]
fn the_querys_own_proof_saves_asking() {
    let world = unmarked(HOST);
    let seen = world.now - minutes(30);
    let world = world.but(|row| row.present_last_seen = Some(seen));
    assert!(world.plan().changes[0].cause.adopts());
    // It is a proof about the logged set only, and only where that is one address.
    for other in [
        world.clone().but(|row| row.dns_ip = "198.51.100.9".to_owned()),
        // The query reads another address in a text that is none to us: it may be that one which was seen.
        world.clone().but(|row| row.dns_ip = "198.51.100.10,203.0.113.7/32".to_owned()),
        world.stands(HOST, &["198.51.100.10", "198.51.100.11"]),
    ] {
        assert_eq!(other.codes(), [Reason::Blind]);
        assert_eq!(other.wanted().machines, [machine("nas")].into());
    }
}

#[test]
fn names_that_everybody_trusts_need_more_than_evidence() {
    for host in ["www.example.com", "mail.home.example.com", "vpn.example.com"] {
        let world = unmarked(host);
        let seen = world.now - minutes(30);
        let world = world.but(|row| row.present_last_seen = Some(seen));
        assert_eq!(world.codes(), [Reason::NotOwned], "{host}");
        assert!(world.plan().needs.is_empty(), "{host}");
        let mut always = world.clone();
        always.terms().adopt = Adopt::Always;
        assert_eq!(always.codes(), [Reason::NotOwned], "{host}");
        assert_eq!(world.allow(&[host]).plan().changes.len(), 1, "{host}");
    }
}

#[test]
fn adoption_can_be_always_never_or_by_hand() {
    let mut world = unmarked(HOST);
    world.terms().adopt = Adopt::Always;
    assert!(world.plan().changes[0].cause.adopts());
    world.terms().adopt = Adopt::Never;
    assert_eq!(world.codes(), [Reason::NotOwned]);
    assert_eq!(world.clone().allow(&[HOST]).codes(), [Reason::NotOwned]);
    world.case.asked.adopted.insert(key(HOST).name);
    assert!(world.plan().changes[0].cause.adopts());
    // By hand a right set gets its mark, once.
    let right = world.stands(HOST, &["203.0.113.7"]);
    let plan = right.plan();
    assert_eq!(plan.changes[0].from(), *plan.changes[0].to());
    assert_eq!(right.keeps("nas", HOST, &["203.0.113.7"]).codes(), [Reason::AlreadyRight]);
}

#[test]
fn another_installations_mark_is_left_alone() {
    let world =
        World::new().allow(&[HOST]).claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["198.51.100.10"]);
    let mark = |key_: &str, value: &str| {
        let (key_, value) = (key_.to_owned(), value.to_owned());
        world.clone().set(&key(HOST), |set| {
            set.metadata.insert(key_, value);
        })
    };
    for (world, word) in [
        (mark("heartbeat_dns_owner", "dcr-theirs"), "dcr-theirs"),
        (mark("heartbeat_dns_v", "3"), "version 3"),
        (mark("heartbeat_dns_v", "x"), "cannot be read"),
        (mark("heartbeat_dns_v", ""), "cannot be read"),
        (mark("heartbeat_dns_v", "99999999999"), "cannot be read"),
        (mark("heartbeat_dns_owner", ""), "incomplete"),
        (mark("heartbeat_dns_machine", " "), "incomplete"),
        (mark("heartbeat_dns_machine", "a machine"), "cannot be read"),
    ] {
        let skip = world.only_skip();
        assert_eq!(skip.reason, Reason::NotOwned);
        assert!(skip.because.contains(word), "{}", skip.because);
        assert!(!skip.because.contains("4294967295"), "{}", skip.because);
        assert!(world.plan().needs.is_empty());
    }
    // Whoever else keeps it is not told to be thrown out, however its mark reads.
    let theirs = mark("heartbeat_dns_owner", "dcr-theirs").set(&key(HOST), |set| {
        set.metadata.insert("heartbeat_dns_v".to_owned(), "x".to_owned());
    });
    assert!(theirs.only_skip().because.contains("dcr-theirs"), "{}", theirs.only_skip().because);
}

#[test]
fn a_claim_ends_with_the_machine_or_its_tag() {
    let world = kept_for_another();
    for live in [Live::Gone, Live::Tagged(Vec::new()), Live::Tagged(vec!["other.example.com".to_owned()])] {
        let plan = world.clone().tag("old", live).plan();
        assert_eq!((plan.changes.len(), plan.changes[0].cause.adopts()), (1, false));
        assert_eq!(plan.changes[0].after.machine, machine("new"));
        assert!(plan.needs.is_empty());
    }
}

#[test]
fn a_machine_that_still_claims_keeps_its_name_until_it_is_dormant() {
    for live in [Live::Tagged(vec![HOST.to_owned()]), Live::Unreadable] {
        let world = kept_for_another().tag("old", live);
        assert_eq!(world.codes(), [Reason::Blind]);
        assert_eq!(world.wanted().machines, [machine("old")].into());
        assert_eq!(world.clone().evidence(&[], &[("old", 23)]).codes(), [Reason::NotOwned]);
        assert_eq!(world.clone().evidence(&[], &[("old", 25)]).plan().changes.len(), 1);
        assert_eq!(world.clone().evidence(&[], &[]).plan().changes.len(), 1);
    }
}

#[test]
fn a_row_of_the_marked_machine_shows_that_it_was_heard() {
    let world = kept_for_another();
    let heard = world.now - minutes(20);
    let world = world.claims("old", HOST, "198.51.100.10").but(|row| row.heartbeat_time = Some(heard));
    assert_eq!(world.codes(), [Reason::NotOwned, Reason::StaleHeartbeat]);
    assert!(world.plan().needs.is_empty());
}

/// A mark that another hand took off is not one that was never there.
#[test]
fn what_was_ours_until_another_hand_took_the_mark_off_is_told_so() {
    let world = World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["192.0.2.1"]);
    let never = world.clone().evidence(&[], &[]);
    assert!(never.only_skip().because.contains("has a record set that is not ours, and 192.0.2.1"));
    let ours = world.went(HOST, "198.51.100.10", "203.0.113.7", 60);
    let told = |world: &World| world.clone().evidence(&[], &[]).only_skip();
    let skip = told(&ours);
    assert_eq!(skip.reason, Reason::NotOwned);
    let words = "was ours when a run wrote it at";
    assert!(skip.because.contains(words) && skip.because.contains("taken our mark off since"), "{skip:?}");
    // What was released or taken away was not ours any more, and of a write that may not have landed nobody knows.
    let last = |change: fn(&mut PastChange)| {
        let mut world = ours.clone();
        change(world.case.history.changes.get_mut(&key(HOST)).unwrap().last_mut().unwrap());
        world
    };
    assert!(!told(&last(|change| change.footing = Footing::Releasing)).because.contains(words));
    assert!(!told(&last(|change| change.to.clear())).because.contains(words));
    let mut unconfirmed = ours;
    unconfirmed.case.history.unconfirmed.insert((key(HOST), "run-0".to_owned()));
    assert!(!told(&unconfirmed).because.contains(words));
}
