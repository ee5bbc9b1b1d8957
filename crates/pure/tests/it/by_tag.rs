//! Adoption of what no heartbeat speaks of: the mark goes to the one machine whose tag names the set, under every rule that
//! needs no heartbeat.

use std::collections::{BTreeMap, BTreeSet};

use pure::domain::{HostName, RecordType, ResourceId};
use pure::plan::{Action, Answer, Brake, Cause, Needs, Plan, Reason, adopt};

use super::world::{OWNER, World, addresses, id, key, machine, mark, name, zone};

const HOST: &str = "nas.example.com";

/// A person adopts a name that these machines' tags claim.
fn adopted(world: &World, host: &str, machines: &[&str]) -> Plan {
    let machines: BTreeSet<ResourceId> = machines.iter().map(|who| machine(who)).collect();
    let claims: BTreeMap<HostName, _> = [(name(host), machines)].into();
    adopt(&claims, &BTreeSet::new(), &world.case, &world.policy, world.now)
}

/// Why the one machine whose tag names it does not get it.
fn refused(world: &World, host: &str) -> Vec<Reason> {
    let plan = adopted(world, host, &["nas"]);
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
    for skip in &plan.skips {
        assert_eq!((skip.name.as_str(), skip.machine.as_str()), (host, machine("nas").as_str()));
    }
    plan.skips.iter().map(|skip| skip.reason).collect()
}

fn unmarked() -> World {
    World::new().stands_alone(HOST)
}

impl World {
    /// An unmarked live set with one address, of which no row speaks.
    fn stands_alone(self, host: &str) -> Self {
        self.holds(super::world::record_set(key(host), addresses(&["198.51.100.10"])))
    }
}

#[test]
fn the_mark_goes_to_the_one_machine_and_nothing_else_changes() {
    let plan = adopted(&unmarked(), HOST, &["nas"]);
    assert_eq!((plan.changes.len(), plan.skips.len(), plan.brakes.len()), (1, 0, 0), "{plan:?}");
    let change = &plan.changes[0];
    assert_eq!((change.action(), &change.cause), (Action::Adopt, &Cause::Adopted { beats: None }));
    assert_eq!((change.from(), change.to()), (addresses(&["198.51.100.10"]), &addresses(&["198.51.100.10"])));
    assert_eq!((change.after.ttl, &change.after.machine), (300, &machine("nas")));
    assert_eq!(change.id, key(HOST));
}

/// Of a machine that may be the same under another id, and that is silent, nobody knows where it is.
#[test]
fn a_set_that_is_marked_for_another_machine_is_not_handed_over_to_a_silent_one() {
    let marked = unmarked().set(&key(HOST), |set| mark(1, OWNER, "nas").write_into(&mut set.metadata));
    for heirs in [&["cam"][..], &["cam", "nas"]] {
        let plan = adopted(&marked, HOST, heirs);
        assert!(plan.changes.is_empty(), "{:?}", plan.changes);
        let [skip] = &plan.skips[..] else { panic!("{:?}", plan.skips) };
        assert_eq!(skip.reason, Reason::NotOwned, "{heirs:?}");
        let wanted = "carries our mark for nas; cam is not heard, and without heartbeats nobody knows";
        assert!(skip.because.contains(wanted), "{}", skip.because);
    }
    assert_eq!(adopted(&marked, HOST, &["nas"]).skips[0].reason, Reason::AlreadyRight);
}

#[test]
fn what_needs_no_heartbeat_to_refuse_it_refuses_it() {
    let world = unmarked();
    let with = |pairs: &[(&str, &str)]| {
        world.clone().set(&key(HOST), |set| {
            mark(1, OWNER, "nas").write_into(&mut set.metadata);
            set.metadata.extend(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        })
    };
    let other = machine("other");
    for (why, world, reason) in [
        ("ours", with(&[]), Reason::AlreadyRight),
        ("ours for another machine", with(&[("heartbeat_dns_machine", other.as_str())]), Reason::NotOwned),
        ("a machine that is no id", with(&[("heartbeat_dns_machine", "/other")]), Reason::NotOwned),
        ("a version that is none", with(&[("heartbeat_dns_v", "x")]), Reason::NotOwned),
        ("theirs", with(&[("heartbeat_dns_owner", "dcr-theirs")]), Reason::NotOwned),
        ("nobody's name", with(&[("heartbeat_dns_owner", "")]), Reason::NotOwned),
        ("nobody's machine", with(&[("heartbeat_dns_machine", "")]), Reason::NotOwned),
        ("a newer form", with(&[("heartbeat_dns_v", "3")]), Reason::NotOwned),
        ("a cut", world.clone().cut("example.com", &[HOST]), Reason::Delegated),
        ("no etag", world.clone().set(&key(HOST), |set| set.etag.clear()), Reason::Blind),
        ("an alias", world.clone().set(&key(HOST), |set| set.alias = Some("/pip".to_owned())), Reason::Alias),
        ("empty", world.clone().set(&key(HOST), |set| set.addresses.clear()), Reason::EmptySet),
        (
            "empty, and theirs",
            with(&[("heartbeat_dns_owner", "dcr-theirs")]).set(&key(HOST), |set| set.addresses.clear()),
            Reason::EmptySet,
        ),
        ("no set", World::new().absent(&key(HOST)), Reason::NoRecord),
        ("never asked", World::new(), Reason::Blind),
        ("not allowed", world.clone().allow(&["*.home.example.com"]), Reason::NameNotAllowed),
    ] {
        assert_eq!(refused(&world, HOST), [reason], "{why}");
    }
    // Whose mark it is, is said.
    for (pairs, words) in [
        (&[("heartbeat_dns_owner", "dcr-theirs")][..], "dcr-theirs"),
        (&[("heartbeat_dns_owner", "dcr-theirs"), ("heartbeat_dns_machine", "")], "dcr-theirs"),
        (&[("heartbeat_dns_owner", "")], "incomplete"),
        (&[("heartbeat_dns_machine", "")], "incomplete"),
        (&[("heartbeat_dns_v", "3")], "version 3"),
    ] {
        let because = adopted(&with(pairs), HOST, &["nas"]).skips.remove(0).because;
        assert!(because.contains(words), "{because}");
    }
    let mut unread = World::new();
    unread.case.known.learn_set(key(HOST), Answer::Unavailable("504".to_owned()));
    assert_eq!(refused(&unread, HOST), [Reason::Blind]);
    // Nobody knows whether other name servers answer for it.
    let mut uncut = unmarked();
    uncut.case.known.learn_cuts(zone("example.com"), Answer::Unavailable("504".to_owned()));
    assert_eq!(refused(&uncut, HOST), [Reason::Blind]);
    let mut unasked = unmarked();
    unasked.case.known = pure::plan::Known::default();
    assert_eq!(refused(&unasked.stands_alone(HOST), HOST), [Reason::Blind]);
    let apart = World::new().stands_alone("wpad.example.com").stands_alone("example.com");
    assert_eq!(refused(&apart, "wpad.example.com"), [Reason::NameReserved]);
    assert_eq!(refused(&apart, "example.com"), [Reason::Apex]);
    assert_eq!(refused(&apart, "nas.example.net"), [Reason::NoZone]);
}

#[test]
fn of_two_machines_neither_gets_it() {
    let plan = adopted(&unmarked(), HOST, &["nas", "cam"]);
    assert_eq!((plan.changes.len(), plan.skips.len()), (0, 1), "{plan:?}");
    assert_eq!(plan.skips[0].reason, Reason::ClaimConflict);
    let because = &plan.skips[0].because;
    assert!(because.contains("nas") && because.contains("cam"), "{because}");
}

#[test]
fn each_family_is_adopted_for_itself() {
    let v6 = id(HOST, RecordType::Aaaa);
    let mut world = unmarked().absent(&v6);
    world.terms().types = [RecordType::A, RecordType::Aaaa].into();
    let plan = adopted(&world, HOST, &["nas"]);
    assert_eq!((plan.changes.len(), plan.skips.len()), (1, 0), "a family without a set is no refusal");
    let world = world.holds(super::world::record_set(v6.clone(), addresses(&["2001:db8::7"])));
    let ids: Vec<_> = adopted(&world, HOST, &["nas"]).changes.into_iter().map(|change| change.id).collect();
    assert_eq!(ids, [key(HOST), v6.clone()]);
    let world = world.set(&v6, |set| mark(1, "dcr-theirs", "nas").write_into(&mut set.metadata));
    let plan = adopted(&world, HOST, &["nas"]);
    assert_eq!((plan.changes.len(), plan.skips.len()), (1, 1));
    assert_eq!((plan.skips[0].record_type, plan.skips[0].reason), (RecordType::Aaaa, Reason::NotOwned));
}

#[test]
fn a_type_of_which_something_is_said_already_is_left_out() {
    let v6 = id(HOST, RecordType::Aaaa);
    let claims = |machines: &[&str]| -> BTreeMap<HostName, BTreeSet<ResourceId>> {
        [(name(HOST), machines.iter().map(|who| machine(who)).collect())].into()
    };
    let adopt = |world: &World, machines: &[&str]| {
        let spoken = [id(HOST, RecordType::Aaaa)].into();
        pure::plan::adopt(&claims(machines), &spoken, &world.case, &world.policy, world.now)
    };
    let mut world = unmarked().holds(super::world::record_set(v6, addresses(&["2001:db8::7"])));
    world.terms().types = [RecordType::A, RecordType::Aaaa].into();
    let ids: Vec<_> = adopt(&world, &["nas"]).changes.into_iter().map(|change| change.id).collect();
    assert_eq!(ids, [key(HOST)]);
    // Of several machines none gets it, and the other type is not spoken of once more.
    let skips = adopt(&world, &["nas", "cam"]).skips;
    let codes: Vec<_> = skips.iter().map(|skip| (skip.record_type, skip.reason)).collect();
    assert_eq!(codes, [(RecordType::A, Reason::ClaimConflict)]);
    // Where the rest has no set, there is nothing more to be adopted, whoever claims it.
    let alone = world.absent(&key(HOST));
    for machines in [&["nas"][..], &["nas", "cam"]] {
        assert_eq!(adopt(&alone, machines), Plan::default());
    }
}

#[test]
fn one_name_that_is_refused_keeps_no_other_from_its_mark_and_a_brake_holds_all() {
    let mut world = unmarked().stands_alone("cam.example.com").cut("example.com", &["cam.example.com"]);
    let claims =
        [(name(HOST), [machine("nas")].into()), (name("cam.example.com"), [machine("cam")].into())].into();
    let plan = adopt(&claims, &BTreeSet::new(), &world.case, &world.policy, world.now);
    let changed: Vec<_> = plan.changes.iter().map(|change| &change.id).collect();
    assert_eq!((changed, plan.skips.len()), (vec![&key(HOST)], 1));
    world.case.partial = true;
    let plan = adopt(&claims, &BTreeSet::new(), &world.case, &world.policy, world.now);
    assert_eq!((plan.changes.len(), plan.skips.len(), plan.brakes.len()), (0, 2, 1));
    assert_eq!(plan.brakes[0].names, [HOST.to_owned()].into());
}

/// A plan of heartbeats and one by tags are one plan: what both hold is held by one brake, and nothing of either is
/// lost.
#[test]
fn two_plans_are_put_together_and_one_brake_stays_one() {
    let cam = "cam.example.com";
    let mut world = World::new()
        .claims("nas", HOST, "203.0.113.7")
        .keeps("nas", HOST, &["198.51.100.10"])
        .stands_alone(cam);
    let by_beats = world.plan();
    let by_tag = adopt(
        &[(name(cam), [machine("cam")].into())].into(),
        &BTreeSet::new(),
        &world.case,
        &world.policy,
        world.now,
    );
    let mut both = by_beats.clone();
    both.absorb(by_tag);
    let ids: Vec<_> = both.changes.iter().map(|change| change.id.clone()).collect();
    assert_eq!(ids, [key(HOST), key(cam)]);

    world.case.history.tags_marker = None;
    world.case.history.newest_heartbeat = None;
    let mut held = world.plan();
    let other = adopt(
        &[(name(cam), [machine("cam")].into())].into(),
        &BTreeSet::new(),
        &world.case,
        &world.policy,
        world.now,
    );
    let causes: Vec<_> = held.brakes.iter().map(|brake| brake.about).collect();
    assert_eq!(causes.len(), 2);
    held.absorb(other);
    assert_eq!(
        held.brakes.iter().map(|brake| brake.about).collect::<Vec<_>>(),
        causes,
        "no brake stands twice"
    );
    assert_eq!(held.brakes[0].names, [HOST.to_owned(), cam.to_owned()].into());
    assert!(held.brakes[1].names.is_empty(), "the first has held it already");
    assert_eq!((held.changes.len(), held.skips.len()), (0, 2));

    // Another zone's is another brake, and so is another kind.
    let of_zone = |apex: &str| Plan {
        brakes: vec![Brake { zone: Some(zone(apex)), ..held.brakes[0].clone() }],
        led: [zone(apex)].into(),
        in_sync: [key(&format!("nas.{apex}"))].into(),
        needs: Needs { cuts: [zone(apex)].into(), ..Needs::default() },
        ..Plan::default()
    };
    let mut zones = of_zone("example.com");
    zones.absorb(of_zone("example.org"));
    zones.absorb(of_zone("example.org"));
    assert_eq!(
        (zones.brakes.len(), zones.led.len(), zones.in_sync.len(), zones.needs.cuts.len()),
        (2, 2, 2, 2)
    );
}
