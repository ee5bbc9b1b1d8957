//! One name in a public zone and in a private one: what is said of one record set, or decided about it, speaks of the other
//! in no way.

use std::collections::{BTreeMap, BTreeSet};

use pure::domain::{Mark, MismatchRow, NameSet, RecordId, RecordType, ZoneId, ZoneKind};
use pure::plan::report::{Intent, Report, Trigger, Via};
use pure::plan::{
    Answer, Approval, ByHand, Explanation, Footing, HoldOrder, Live, PastChange, Plan, Point, Reason,
    Refusal, Rollback, standing,
};

use super::private_world::{CORP, HOST, PRIVATE, PUBLIC, private_key, private_zone, two_sides};
use super::world::{OWNER, World, address, addresses, key, machine, mark, minutes, name, record_set};

/// Both sides moved.
fn moved() -> World {
    two_sides("198.51.100.1", "10.9.0.9")
}

fn changed(plan: &Plan) -> Vec<RecordId> {
    assert!(plan.needs.is_empty(), "{:?}", plan.needs);
    plan.changes.iter().map(|change| change.id.clone()).collect()
}

/// What is left as it is, by its zone.
fn left(plan: &Plan) -> Vec<(Option<pure::domain::ZoneId>, Reason)> {
    plan.skips.iter().map(|skip| (skip.zone.clone(), skip.reason)).collect()
}

#[test]
fn only_the_side_that_is_wrong_is_written() {
    assert_eq!(changed(&moved().plan()), [key(HOST), private_key(HOST)]);
    assert_eq!(changed(&two_sides(PUBLIC, "10.9.0.9").plan()), [private_key(HOST)]);
    assert_eq!(changed(&two_sides("198.51.100.1", PRIVATE).plan()), [key(HOST)]);
}

#[test]
fn a_hold_a_foreign_mark_and_a_fight_are_of_one_side() {
    for (id, other) in [(key(HOST), private_key(HOST)), (private_key(HOST), key(HOST))] {
        let held = moved().set(&id, |set| {
            set.metadata.insert("heartbeat_dns_hold".to_owned(), "forever".to_owned());
        });
        let foreign = moved().set(&id, |set| mark(1, "dcr-theirs", "nas").write_into(&mut set.metadata));
        let mut flapping = moved();
        let returns = (1..=3).map(|number| PastChange {
            from: flapping.plan().changes.iter().find(|change| change.id == id).unwrap().to().clone(),
            to: addresses(&["192.0.2.1"]),
            time: flapping.now - minutes(10 * number),
            run: format!("run-{number}"),
            footing: Footing::Unknown,
        });
        let returns = returns.collect();
        flapping.case.history.changes.insert(id.clone(), returns);
        for (world, reason) in
            [(held, Reason::Held), (foreign, Reason::NotOwned), (flapping, Reason::Flapping)]
        {
            let plan = world.plan();
            assert_eq!(changed(&plan), std::slice::from_ref(&other), "{reason}");
            assert_eq!(left(&plan), [(Some(id.zone.clone()), reason)]);
        }
    }
}

/// What the log remembers of a refusal spares one side its question, and not the other.
#[test]
fn a_refusal_is_remembered_of_one_side() {
    for (id, other) in [(key(HOST), private_key(HOST)), (private_key(HOST), key(HOST))] {
        let mut world = moved();
        for id in [&id, &other] {
            world = world.set(id, |set| set.metadata.clear());
        }
        // Of a set in a private zone no heartbeat could prove whose it is.
        let asked = |plan: &Plan| plan.needs.evidence.keys().cloned().collect::<Vec<_>>();
        assert_eq!(asked(&world.plan()), [key(HOST)]);
        let spared = id == key(HOST);
        let to = if id == key(HOST) { PUBLIC } else { PRIVATE };
        let refused = pure::domain::Refused::new("not-owned", [(machine("nas"), address(to))]);
        let refusal = Refusal { refused, etag: "etag-1".to_owned() };
        world.case.history.refused.insert(id, refusal);
        assert_eq!(asked(&world.plan()), if spared { Vec::new() } else { vec![key(HOST)] });
    }
}

/// What no pattern reaches is listed for each kind of zones by itself, and the sentence says how.
#[test]
fn a_name_that_must_be_listed_is_told_with_the_entry_that_lists_it() {
    let world = World::with_private_zone().allow(&["*"]);
    for (host, entry) in [
        (CORP, "private:corp.example.com"),
        ("wpad.corp.example.com", "private:wpad.corp.example.com"),
        ("*.corp.example.com", "private:\\*.corp.example.com"),
    ] {
        let why = world.policy.offers(ZoneKind::Private, host).unwrap_err();
        for text in [why.sentence(), why.way_out()] {
            assert!(text.contains(entry), "{text}");
        }
        let public = world.policy.offers(ZoneKind::Public, host);
        assert!(public.err().is_none_or(|why| !why.sentence().contains("private:")), "{host}");
        let listed = world.clone().allow(&[entry]);
        assert!(listed.policy.offers(ZoneKind::Private, host).is_ok(), "{host}");
    }
}

/// What `explain` tells of a private address is said of the prefixes of private zones.
#[test]
fn the_rules_on_addresses_are_told_by_what_they_looked_at() {
    let world =
        World::with_private_zone().claims("nas", HOST, PUBLIC).lists("nas", HOST, &[PRIVATE], &[PRIVATE]);
    let told = pure::plan::explain(&name(HOST), &world.case, &world.policy, world.now, &[]);
    let words = |zone: &ZoneId, rule| {
        let is_meant =
            |set: &&Explanation| (set.zone.as_ref(), set.record_type) == (Some(zone), RecordType::A);
        let set = told.iter().find(is_meant).unwrap();
        set.claims[0]
            .rules
            .iter()
            .find(|told| told.rule == rule)
            .unwrap()
            .because
            .as_ref()
            .map(ToString::to_string)
    };
    let (public, private) = (key(HOST).zone, private_zone(CORP));
    let allowed = format!("{PUBLIC} is in POLICY_ALLOW_PREFIXES");
    assert_eq!(words(&public, Reason::AddressNotPublic), Some(allowed));
    assert_eq!(words(&private, Reason::AddressNotPublic), None);
    let prefixes = format!("{PRIVATE} is in POLICY_PRIVATE_PREFIXES");
    assert_eq!(words(&private, Reason::AddressOutside), Some(prefixes));
    assert_eq!(words(&public, Reason::AddressOutside), None);
}

#[test]
fn the_log_is_told_of_each_side_once() {
    let mut world = moved();
    for id in [key(HOST), private_key(HOST)] {
        world = world.set(&id, |set| {
            set.metadata.insert("heartbeat_dns_hold".to_owned(), "forever".to_owned());
        });
    }
    let keys: BTreeSet<_> = world.plan().skips.iter().map(|skip| skip.audited().unwrap()).collect();
    let zones: BTreeSet<&str> = keys.iter().map(|key| key.zone.as_str()).collect();
    assert_eq!(zones, [key(HOST).zone.lower(), private_zone(CORP).lower()].into());
    assert!(keys.iter().all(|key| (key.name.as_str(), key.reason.as_str()) == (HOST, "held")));
}

/// The private zone is braked; the public side of the same names goes on. One approval is of one zone.
#[test]
fn a_brake_and_its_approval_are_of_one_side() {
    let houses: Vec<(String, String)> =
        (1..=12).map(|house| (format!("h{house:02}"), format!("h{house:02}.{CORP}"))).collect();
    // In the private zone all of them are names of one machine.
    let world = |proxy: &str| {
        houses.iter().enumerate().fold(World::with_private_zone(), |world, (at, (who, host))| {
            let own = format!("203.0.113.{}", 10 + at);
            let world = world.claims(who, host, if proxy.is_empty() { &own } else { proxy });
            let world = world.keeps(who, host, &[&format!("198.51.100.{at}")]);
            let world = world.lists("nas", host, &[PRIVATE], &[PRIVATE]);
            world.keeps_privately("nas", host, &[&format!("10.9.0.{at}")])
        })
    };
    let plan = world("").plan();
    assert_eq!(plan.brakes.len(), 1, "{:?}", plan.brakes);
    assert_eq!(plan.brakes[0].zone, Some(private_zone(CORP)));
    assert!(plan.changes.iter().all(|change| change.id.zone == key(HOST).zone) && plan.changes.len() == 12);
    let both = world("203.0.113.99");
    let digests: Vec<String> = both.plan().brakes.iter().map(|brake| brake.digest.clone().unwrap()).collect();
    assert!(digests.len() == 2 && digests[0] != digests[1], "{digests:?}");
    let mut approved = both;
    let report = |plan: Plan| Report::of(plan, "run", Trigger::Cli, Intent::Plan, Via::RecordSet);
    let held = report(approved.plan());
    for skip in &held.skips {
        assert_eq!(held.told_by(skip).unwrap().zone, skip.zone);
    }
    approved.case.asked.approval =
        Some(Approval::Brakes { digests: [digests[1].clone()].into(), names: NameSet::default() });
    let plan = approved.plan();
    let zones: BTreeSet<_> = changed(&plan).into_iter().map(|id| id.zone).collect();
    let other = plan.brakes.iter().find(|brake| brake.digest.as_ref() == Some(&digests[0])).unwrap();
    assert_eq!((plan.changes.len(), zones.len(), plan.brakes.len()), (12, 1, 1));
    assert!(!zones.contains(other.zone.as_ref().unwrap()));
}

/// What a zone's sweep lacks, or a fight, is of that zone alone, though both brakes are of one kind and cause.
#[test]
fn a_zone_that_was_not_swept_blinds_its_own_side() {
    let zones = [key(HOST).zone, private_zone(CORP)];
    let old = |zones: &[pure::domain::ZoneId]| {
        let mut world = moved();
        for zone in zones {
            world.case.history.zones.get_mut(zone).unwrap().marker = Some(world.now - minutes(70));
        }
        Report::of(world.plan(), "run", Trigger::Cli, Intent::Plan, Via::RecordSet)
    };
    for zone in &zones {
        let report = old(std::slice::from_ref(zone));
        assert_eq!(report.changes.len(), 1);
        assert_ne!(report.changes[0].change.id.zone, *zone);
        assert_eq!(report.told_by(&report.skips[0]).unwrap().zone.as_ref(), Some(zone));
    }
    let both = old(&zones);
    assert_eq!((both.changes.len(), both.skips.len(), both.brakes.len()), (0, 2, 2));
    for skip in &both.skips {
        assert!(skip.zone.is_some());
        assert_eq!(both.told_by(skip).unwrap().zone, skip.zone);
    }
}

/// One verb is for both sides of a name, and each goes back to what its own mark and rows say.
#[test]
fn a_rollback_undoes_each_side_by_its_own_word() {
    let mut world = two_sides(PUBLIC, PRIVATE).listers("10.9.0.9", &[]);
    for (id, run, before) in [(key(HOST), "run-a", "198.51.100.1"), (private_key(HOST), "run-b", "10.9.0.9")]
    {
        let mark = Mark {
            time: Some(world.now - minutes(60)),
            previous: addresses(&[before]),
            run: run.to_owned(),
            ..mark(Mark::VERSION, OWNER, "nas")
        };
        world = world.set(&id, |set| mark.write_into(&mut set.metadata));
        world = world.absent(&RecordId { record_type: RecordType::Aaaa, ..id });
    }
    world.case.asked.named = [name(HOST)].into();
    let undone = |point: Point, told: BTreeMap<RecordId, Vec<PastChange>>| {
        let hold = HoldOrder { until: None, why: None, by: String::new() };
        let order = ByHand::Rollback(Box::new(Rollback { point, told, hold, deletes: None }));
        let plan = pure::plan::ordered(&order, &world.case, &world.policy, world.now);
        plan.changes.iter().map(|change| (change.id.clone(), change.to().clone())).collect::<Vec<_>>()
    };
    let (public, private) =
        ((key(HOST), addresses(&["198.51.100.1"])), (private_key(HOST), addresses(&["10.9.0.9"])));
    assert_eq!(undone(Point::Last, [].into()), [public, private.clone()]);
    assert_eq!(undone(Point::Run("run-b".to_owned()), [].into()), std::slice::from_ref(&private));
    // A row of the public side says nothing of the private one.
    let told = PastChange {
        from: addresses(&["192.0.2.9"]),
        to: addresses(&[PUBLIC]),
        time: world.now - minutes(90),
        run: "run-b".to_owned(),
        footing: Footing::Unknown,
    };
    let told: BTreeMap<_, _> = [(key(HOST), vec![told])].into();
    assert!(undone(Point::Run("run-b".to_owned()), told).contains(&private));
}

#[test]
fn one_side_is_adopted_by_tag_whatever_is_said_of_the_other() {
    let unmarked = |world: World, id: RecordId, held: &str| world.holds(record_set(id, addresses(&[held])));
    let world = unmarked(World::with_private_zone(), key(HOST), "198.51.100.1");
    let world = unmarked(world, private_key(HOST), "10.9.0.9");
    let claims: BTreeMap<_, BTreeSet<_>> = [(name(HOST), [machine("nas")].into())].into();
    let adopted = |spoken: &[RecordId]| {
        let spoken = spoken.iter().cloned().collect();
        changed(&pure::plan::adopt(&claims, &spoken, &world.case, &world.policy, world.now))
    };
    assert_eq!(adopted(&[]), [key(HOST), private_key(HOST)]);
    assert_eq!(adopted(&[key(HOST)]), [private_key(HOST)]);
    assert_eq!(adopted(&[private_key(HOST)]), [key(HOST)]);
}

/// The sides as a person asks for them: the log has the rows, whatever the sets hold.
fn named(world: World) -> World {
    let mut world = world;
    for row in world.case.rows.iter_mut().filter(|row| row.zone_id.is_empty()) {
        row.zone_id = key(HOST).zone.to_string();
    }
    world.case.asked.named.insert(name(HOST));
    world
}

#[test]
fn a_name_is_in_sync_when_both_sides_are() {
    let is_in_sync =
        |world: &World| !standing::in_sync(&world.case, &world.plan(), &world.policy, world.now).is_empty();
    let right = named(two_sides(PUBLIC, PRIVATE));
    assert!(is_in_sync(&right), "{:?}", right.plan());
    // The set of one side cannot be read: that the other one is right says nothing of it.
    for id in [key(HOST), private_key(HOST)] {
        let mut unread = right.clone();
        unread.case.known.learn_set(id.clone(), Answer::Unavailable("no answer".to_owned()));
        let plan = unread.plan();
        assert_eq!(left(&plan), [(Some(id.zone), Reason::Blind)]);
        assert_eq!((plan.in_sync.len(), is_in_sync(&unread)), (1, false));
    }
    for world in [two_sides("198.51.100.1", PRIVATE), two_sides(PUBLIC, "10.9.0.9")] {
        assert!(!is_in_sync(&named(world)));
    }
}

#[test]
fn what_is_refused_on_one_side_is_refused_though_the_other_is_written() {
    for id in [key(HOST), private_key(HOST)] {
        let mut world = moved().set(&id, |set| mark(1, "dcr-theirs", "nas").write_into(&mut set.metadata));
        world.case.asked.insisted.insert(name(HOST));
        let mut report = Report::of(world.plan(), "run", Trigger::Cli, Intent::Apply, Via::RecordSet);
        (report.insisted, report.given) = ([name(HOST)].into(), [name(HOST)].into());
        assert_eq!(report.changes.len(), 1);
        assert!(report.is_refused());
        let zones = serde_json::to_value(&report).unwrap()["skips"][0]["zone"].clone();
        assert_eq!(zones, id.zone.to_string());
    }
}

/// A row that nobody signed says that the private set is right; that rows speak of the public one is no reason to believe it.
#[test]
fn a_strange_row_of_one_side_is_looked_at_though_rows_speak_of_the_other() {
    let mut world =
        World::with_private_zone().claims("nas", HOST, PUBLIC).keeps("nas", HOST, &["198.51.100.1"]);
    world.case.history.said.strange.insert(private_key(HOST), addresses(&[PRIVATE]));
    assert_eq!(world.plan().needs.sets, [private_key(HOST)].into());
    world.case.history.said.strange = [(key(HOST), addresses(&["198.51.100.1"]))].into();
    assert!(world.plan().needs.sets.is_empty());
}

/// The log calls a machine nobody's, and a row speaks of its private side alone: what another one would write on the public side
/// waits for the live tag all the same.
#[test]
fn a_claim_that_the_log_denies_stands_in_the_way_on_the_side_that_no_row_speaks_of() {
    let world = World::with_private_zone()
        .lists("nas", HOST, &[PRIVATE], &[PRIVATE])
        .keeps_privately("nas", HOST, &["10.9.0.9"])
        .claims("other", HOST, "203.0.113.66")
        .keeps("other", HOST, &["198.51.100.1"]);
    assert_eq!(changed(&world.plan()), [key(HOST), private_key(HOST)]);
    let mut denied = world;
    let said = &mut denied.case.history.said;
    (said.nameless, said.claimed, said.nobodies) = (1, 20, [machine("nas")].into());
    assert_eq!(changed(&denied.plan()), [private_key(HOST)]);
    let is_public = |row: &MismatchRow| row.zone_id.is_empty();
    assert!(denied.case.rows.iter().any(is_public));
    let free = denied.tag("nas", Live::Tagged(Vec::new()));
    assert!(changed(&free.plan()).contains(&key(HOST)));
}
