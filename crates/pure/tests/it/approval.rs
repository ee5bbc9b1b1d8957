//! What a person approves: which digest a brake has, what it lifts, and what goes on holding.

use std::collections::BTreeSet;

use proptest::prelude::*;
use pure::domain::HostName;
use pure::plan::report::digest;
use pure::plan::{
    About, Again, Approval, Approved, Brake, BrakeKind, Change, Docket, Plan, Reason, brake_digest,
};

use super::world::{World, address, addresses, minutes, name, zone};

const PROXY: &str = "203.0.113.99";

/// Houses that move, each from an address of its own: to one address, or each to its own.
fn houses(count: u8, to: impl Fn(u8) -> String) -> World {
    (1..=count).fold(World::new(), |world, house| {
        let (who, host) = (format!("h{house:02}"), format!("h{house:02}.example.com"));
        world.claims(&who, &host, &to(house)).keeps(&who, &host, &[&format!("198.51.100.{house}")])
    })
}

/// What moved five minutes ago is not free of a surge.
fn young(mut world: World) -> World {
    let first = world.now - minutes(5);
    for row in &mut world.case.rows {
        row.first_beat = Some(first);
    }
    world
}

/// The third house was heard once where it is now.
fn once(mut world: World) -> World {
    world.case.rows[2].beats = 1;
    world
}

fn proxied() -> World {
    houses(5, |_| PROXY.to_owned())
}

fn surging() -> World {
    let mut world = young(houses(9, |house| format!("203.0.113.{house}")));
    world.case.history.zones.entry(zone("example.com")).or_default().distinct_present = 20;
    world
}

fn host(house: u8) -> HostName {
    name(&format!("h{house:02}.example.com"))
}

fn approved(mut world: World, digests: &[&str], names: &[HostName]) -> Plan {
    let digests = digests.iter().map(|digest| (*digest).to_owned()).collect();
    let names = names.iter().cloned().collect();
    world.case.asked.approval = Some(Approval::Brakes { digests, names });
    world.plan()
}

fn read(mut world: World, read: &Plan) -> Plan {
    world.case.asked.approval = Some(Approval::Read(read.changes.iter().map(Approved::of).collect()));
    world.plan()
}

fn only(plan: &Plan) -> &Brake {
    let [brake] = &plan.brakes[..] else { panic!("{:?}", plan.brakes) };
    brake
}

fn known(plan: &Plan) -> String {
    only(plan).digest.clone().unwrap()
}

fn hosts(plan: &Plan) -> Vec<String> {
    plan.changes.iter().map(|change| change.id.name.to_string()).collect()
}

#[test]
fn what_a_brake_holds_is_lifted_by_twelve_characters_of_its_digest_and_leads_its_zone() {
    for (world, kind) in
        [(proxied as fn() -> World, BrakeKind::Converging), (surging as fn() -> World, BrakeKind::Surge)]
    {
        let held = world().plan();
        assert_eq!((only(&held).brake, held.changes.len()), (kind, 0));
        let digest = known(&held);
        let plan = approved(world(), &[&digest[..12]], &[]);
        assert_eq!((plan.brakes.len(), plan.skips.len()), (0, 0), "{kind:?}");
        assert_eq!(plan.changes.len(), only(&held).names.len());
        assert!(plan.changes.iter().all(|change| change.cause.is_approved()));
        assert_eq!(plan.led, BTreeSet::from([zone("example.com")]), "the oldest goes first");
        assert_eq!(plan.met.digests, BTreeSet::from([digest[..12].to_owned()]));
        assert_eq!(known(&world().plan()), digest, "nothing of it is left in the world");
    }
}

#[test]
fn another_digest_lifts_nothing_and_nothing_else_is_written() {
    let world = || proxied().claims("free", "free.example.com", "203.0.113.50");
    assert_eq!(hosts(&world().plan()), ["free.example.com"]);
    let none = approved(world(), &["0123456789ab"], &[]);
    assert_eq!((none.changes.len(), none.met.digests.len()), (0, 0), "not even what no brake holds");
    let digest = known(&none);
    let some = approved(world(), &[&digest], &[host(2)]);
    assert_eq!(hosts(&some), ["h02.example.com"]);
    let rest = only(&some);
    assert!(rest.names.len() == 4 && !rest.names.contains("h02.example.com"), "{rest:?}");
    assert_ne!(rest.digest, Some(digest), "it is the digest of what is left");
}

#[test]
fn another_brake_that_holds_the_same_name_still_holds_it() {
    // Twelve houses of twenty move to one address: once they are no proxy, they are a surge.
    let both = || {
        let to = |house| if house < 6 { PROXY.to_owned() } else { format!("203.0.113.{house}") };
        let mut world = young(houses(12, to));
        world.case.history.zones.entry(zone("example.com")).or_default().distinct_present = 20;
        world.policy.max_move_percent = 50;
        world
    };
    let proxy = known(&both().plan());
    let lifted = approved(both(), &[&proxy], &[]);
    assert_eq!((only(&lifted).brake, lifted.changes.len()), (BrakeKind::Surge, 0), "{lifted:?}");
    assert!(lifted.skips.iter().all(|skip| skip.reason == Reason::Braked));
    let surge = known(&lifted);
    assert_eq!(approved(both(), &[&proxy, &surge], &[]).changes.len(), 12);
    let mut blind = both();
    blind.case.partial = true;
    let plan = approved(blind, &[&proxy, &surge], &[]);
    assert_eq!(
        (only(&plan).brake, plan.changes.len()),
        (BrakeKind::Blind, 0),
        "nothing lifts what nobody sees"
    );
    assert_eq!(only(&plan).digest, None);
}

/// A plan names all digests that what it shows takes, and the digest is of all of it, whichever names are wanted.
#[test]
fn a_brake_tells_the_digest_of_the_other_one_and_names_only_narrow() {
    for percent in [30, 50] {
        let both = || {
            let to = |house| if house < 6 { PROXY.to_owned() } else { format!("203.0.113.{house}") };
            let mut world = young(houses(12, to));
            world.case.history.zones.entry(zone("example.com")).or_default().distinct_present = 20;
            world.policy.max_move_percent = percent;
            world
        };
        let held = both().plan();
        let [proxy, rest @ ..] = &held.brakes[..] else { panic!("{percent}") };
        assert_eq!((proxy.brake, rest.len()), (BrakeKind::Converging, usize::from(percent < 35)));
        let [surge] = &proxy.besides[..] else { panic!("{percent}: {proxy:?}") };
        assert!(rest.iter().all(|rest| rest.besides.is_empty() && rest.digest.as_ref() != Some(surge)));
        let digests = [&proxy.digest.clone().unwrap()[..12], &surge[..12]];
        assert_eq!(approved(both(), &digests, &[]).changes.len(), 12, "{percent}");
        let some = approved(both(), &digests, &[host(3), host(4)]);
        assert_eq!(hosts(&some), [3, 4].map(|house| host(house).to_string()), "{percent}");
        assert_eq!(some.met.digests.len(), 2, "{percent}: both are known");
        let half = approved(both(), &digests[..1], &[host(3), host(4)]);
        let of_surge = half.brakes.iter().find(|brake| brake.brake == BrakeKind::Surge);
        let wanted = (percent < 35).then_some(surge);
        assert_eq!(of_surge.and_then(|brake| brake.digest.as_ref()), wanted, "{percent}");
    }
    let alone = proxied().plan();
    assert!(only(&alone).besides.is_empty(), "what nothing else holds takes one digest");
}

/// Whoever read what a proxy holds has not read that it is a surge by now.
#[test]
fn a_brake_that_trips_after_the_reading_holds_what_was_read() {
    let both = |present: u64| {
        let mut world = young(houses(12, |_| PROXY.to_owned()));
        world.case.history.zones.entry(zone("example.com")).or_default().distinct_present = present;
        world
    };
    let digest = known(&both(100).plan());
    let first = approved(both(100), &[&digest], &[]);
    assert_eq!(first.changes.len(), 12);
    let plan = read(both(20), &first);
    assert_eq!((only(&plan).brake, plan.changes.len()), (BrakeKind::Surge, 0), "{plan:?}");
    assert_eq!((plan.met.gone.len(), plan.met.other.len()), (0, 0));
}

/// A set that changed between the reading and the write is written only from where it was read.
#[test]
fn a_second_look_keeps_an_approval_and_what_it_was_given_for() {
    let world = proxied();
    let plan = approved(proxied(), &[&known(&world.plan())], &[]);
    let change = plan.changes.iter().find(|change| change.id.name == host(3)).unwrap();
    let look = |other: &World| {
        let read = other.case.known.set(&change.id).unwrap().clone();
        Docket::of(&world.case, &world.policy, world.now).again(change, &read, world.now)
    };
    let newer = proxied().set(&change.id, |set| set.etag = "etag-2".to_owned());
    let Again::Change(again) = look(&newer) else { panic!("it stands where it stood") };
    assert_eq!(again.cause.lifted(), change.cause.lifted());
    assert_eq!(look(&proxied().keeps("h03", "h03.example.com", &["198.51.100.77"])), Again::Open);
}

#[test]
fn of_what_was_read_only_the_very_same_is_written() {
    let first = approved(proxied(), &[&known(&proxied().plan())], &[]);
    // One is gone, one is new, and one has left another address than was read.
    let gone = houses(4, |_| PROXY.to_owned()).claims("new", "new.example.com", PROXY).keeps(
        "new",
        "new.example.com",
        &["198.51.100.77"],
    );
    let plan = read(gone, &first);
    assert_eq!(hosts(&plan), [1, 2, 3, 4].map(|house| host(house).to_string()));
    assert_eq!(plan.met.gone.iter().map(|id| &id.name).collect::<Vec<_>>(), [&host(5)]);
    assert_eq!(
        (plan.met.other.len(), &only(&plan).names),
        (0, &BTreeSet::from(["new.example.com".to_owned()]))
    );
    for other in [
        houses(5, |house| if house == 3 { "203.0.113.98".to_owned() } else { PROXY.to_owned() }),
        proxied().keeps("h03", "h03.example.com", &["198.51.100.77"]),
        // It has said so once, which is too little to be written.
        once(houses(5, |house| if house == 3 { "203.0.113.98".to_owned() } else { PROXY.to_owned() })),
    ] {
        let plan = read(other, &first);
        assert_eq!(plan.met.other.iter().map(|id| &id.name).collect::<Vec<_>>(), [&host(3)]);
        assert!(!hosts(&plan).contains(&host(3).to_string()), "{plan:?}");
    }
    // What no brake holds any more was approved no less.
    let mut open = proxied();
    open.policy.expect_prefixes = vec!["203.0.113.99/32".parse().unwrap()];
    let plan = read(open, &first);
    assert!(plan.changes.len() == 5 && plan.changes.iter().all(|change| change.cause.is_approved()));
}

#[test]
fn a_plan_for_some_names_tells_no_digest() {
    let mut plan = proxied().plan();
    plan.narrow(&[host(1)].into());
    assert_eq!((only(&plan).digest.as_ref(), only(&plan).names.len()), (None, 1));
    assert!(only(&plan).besides.is_empty());
}

/// The changes that five houses behind a proxy would make.
fn changes() -> Vec<Change> {
    approved(proxied(), &[&known(&proxied().plan())], &[]).changes
}

proptest! {
    #[test]
    fn a_digest_depends_on_every_change_and_on_no_order(
        order in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle(),
        at in 0..5_usize,
        octet in 100..200_u8,
    ) {
        let all = changes();
        let of = |changes: &[Change]| brake_digest(BrakeKind::Surge, &zone("example.com"), changes);
        let known = of(&all);
        let shuffled: Vec<Change> = order.iter().map(|at| all[*at].clone()).collect();
        prop_assert_eq!(&of(&shuffled), &known);
        let with = |change: &dyn Fn(&mut Change)| {
            let mut other = all.clone();
            change(&mut other[at]);
            of(&other)
        };
        let mut fewer = all.clone();
        fewer.remove(at);
        let others = [
            of(&fewer),
            with(&|change| change.id.name = name("other.example.com")),
            with(&|change| change.after.addresses = addresses(&[&format!("203.0.113.{octet}")])),
            with(&|change| {
                let set = change.before.as_mut().unwrap();
                set.addresses = BTreeSet::from([address(&format!("198.51.100.{octet}"))]);
            }),
            brake_digest(BrakeKind::Converging, &zone("example.com"), &all),
            brake_digest(BrakeKind::Surge, &zone("example.net"), &all),
        ];
        let distinct: BTreeSet<&String> = others.iter().chain([&known]).collect();
        prop_assert_eq!(distinct.len(), 7, "{:?}", others);
        // What somebody agreed to as a plan is another thing than what a brake holds.
        prop_assert_ne!(digest(&all), known);
    }
}

#[test]
fn what_is_lifted_is_told_by_its_brake() {
    let plan = approved(proxied(), &[&known(&proxied().plan())], &[]);
    let lifted = plan.changes[0].cause.lifted().unwrap().first().copied().unwrap();
    assert_eq!((lifted.brake, lifted.about), (BrakeKind::Converging, About::Address(address(PROXY))));
    assert_eq!(pure::plan::Motive::of(&plan.changes[0]).as_str(), "approved");
}
