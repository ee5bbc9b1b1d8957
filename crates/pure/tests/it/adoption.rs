//! Adoption by hand goes the same way as every other write: through claims, rules and brakes.

use std::collections::BTreeSet;

use pure::domain::RecordType;
use pure::plan::report::{Intent, Report, RunResult, Trigger, Via};
use pure::plan::{Action, Adopt, AdoptedBy, BrakeKind, Cause, Change, Plan, Reason};

use super::world::{World, addresses, id, key, machine, minutes, name};

const HOST: &str = "nas.example.com";

/// A person adopts a name whose unmarked set holds these addresses.
fn adopted(host: &str, present: &[&str]) -> World {
    let mut world = World::new().claims("nas", host, "203.0.113.7").stands(host, present);
    world.case.asked.adopted.insert(name(host));
    world
}

fn only_change(plan: &Plan) -> &Change {
    assert_eq!((plan.changes.len(), plan.skips.len()), (1, 0), "{plan:?}");
    &plan.changes[0]
}

#[test]
fn a_set_that_is_right_gets_our_mark_and_nothing_else() {
    let world = adopted(HOST, &["203.0.113.7"]);
    let plan = world.plan();
    let change = only_change(&plan);
    assert_eq!(change.cause, Cause::Adopted { beats: None });
    assert!(change.cause.is_adoption() && change.cause.adopts() && !change.is_move());
    assert_eq!((change.action(), change.machines().count()), (Action::Adopt, 1));
    assert_eq!(change.since(), jiff::Timestamp::MAX);
    let set = change.record_set("dcr-ours", "run-1", world.now);
    assert_eq!(set.addresses, addresses(&["203.0.113.7"]));
    assert_eq!((set.ttl, set.mark().unwrap().machine.as_str()), (300, machine("nas").lower()));
    // Once it is ours, there is nothing more to adopt.
    assert_eq!(world.holds(set).codes(), [Reason::AlreadyRight]);
}

#[test]
fn a_set_that_is_wrong_is_adopted_and_moved_at_once() {
    let world = adopted(HOST, &["198.51.100.10"]);
    let plan = world.plan();
    let change = only_change(&plan);
    let Cause::Adopted { beats: Some(beats) } = &change.cause else { panic!("{:?}", change.cause) };
    assert_eq!((beats.count, beats.first_beat), (12, world.now - minutes(20)));
    assert_eq!((change.to(), change.is_move()), (&addresses(&["203.0.113.7"]), true));
    assert_eq!(change.since(), world.now - minutes(20));
    assert!(plan.needs.is_empty());
}

#[test]
fn a_hand_is_enough_where_the_policy_is_not() {
    let mut world = adopted("www.example.com", &["198.51.100.10"]);
    for adopt in [Adopt::Never, Adopt::Seen, Adopt::Always] {
        world.terms().adopt = adopt;
        assert!(only_change(&world.plan()).cause.is_adoption());
    }
    // It counts for that name only.
    let other = World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["203.0.113.7"]);
    let mut other =
        other.claims("cam", "cam.example.com", "203.0.113.7").stands("cam.example.com", &["203.0.113.7"]);
    other.case.asked.adopted.insert(name(HOST));
    let plan = other.plan();
    assert_eq!((plan.changes.len(), plan.skips.len()), (1, 1));
    assert_eq!(plan.skips[0].reason, Reason::AlreadyRight);
}

#[test]
fn the_rules_hold_for_a_hand_too() {
    let one_beat = adopted(HOST, &["203.0.113.7"]).but(|row| row.beats = 1);
    assert_eq!(one_beat.codes(), [Reason::TooFewBeats]);
    let two = adopted(HOST, &["198.51.100.10"]).claims("thief", HOST, "192.0.2.66");
    assert_eq!(two.codes(), [Reason::ClaimConflict; 2]);
    let delegated = adopted(HOST, &["203.0.113.7"]).cut("example.com", &[HOST]);
    assert_eq!(delegated.codes(), [Reason::Delegated]);
    assert_eq!(adopted(HOST, &[]).codes(), [Reason::EmptySet]);
    // A mark of anybody is not overridden by hand.
    let theirs =
        adopted(HOST, &["198.51.100.10"]).keeps("nas", HOST, &["198.51.100.10"]).set(&key(HOST), |set| {
            set.metadata.insert("heartbeat_dns_owner".to_owned(), "dcr-theirs".to_owned());
        });
    assert_eq!(theirs.codes(), [Reason::NotOwned]);
}

#[test]
fn where_there_is_no_set_none_is_adopted_and_none_created() {
    let mut world = adopted(HOST, &["203.0.113.7"]).absent(&key(HOST));
    for (create, adopt) in [(true, Adopt::Seen), (true, Adopt::Never), (false, Adopt::Always)] {
        (world.policy.create, world.terms().adopt) = (create, adopt);
        let skip = world.only_skip();
        assert_eq!(skip.reason, Reason::NoRecord);
        // The log is told of no refusal: the next run creates the set where it may.
        assert!(!skip.is_durable);
        assert!(skip.because.contains("no A record set nas.example.com to adopt"), "{}", skip.because);
        assert_eq!(
            skip.because.contains("heartbeat-dns explain nas.example.com"),
            create,
            "{}",
            skip.because
        );
        assert_eq!(skip.because.contains("POLICY_CREATE"), !create, "{}", skip.because);
    }
    let cname = world.cname(&key(HOST));
    assert_eq!(cname.codes(), [Reason::CnameExists]);
}

#[test]
fn a_refused_adoption_is_no_success() {
    let refused = |world: &World, insisted: bool| {
        let mut report = Report::of(world.plan(), "run-1", Trigger::Cli, Intent::Apply, Via::RecordSet);
        report.insisted = if insisted { [name(HOST)].into() } else { [].into() };
        report.conclude();
        (report.is_refused(), report.result)
    };
    let absent = adopted(HOST, &["203.0.113.7"]).absent(&key(HOST));
    assert_eq!(refused(&absent, true), (true, RunResult::Failed));
    assert_eq!(refused(&absent, false), (false, RunResult::InSync));
    let ours = adopted(HOST, &["203.0.113.7"]).keeps("nas", HOST, &["203.0.113.7"]);
    assert_eq!(refused(&ours, true), (false, RunResult::InSync));
    // One family has a set, and the other one none: there is one to adopt, or it is ours already.
    let v6 = "2001:db8::7";
    let mut both = ours.clone().claims("nas", HOST, v6);
    both.terms().types.insert(RecordType::Aaaa);
    assert_eq!(both.codes(), [Reason::AlreadyRight, Reason::NoRecord]);
    assert_eq!(refused(&both, true), (false, RunResult::InSync));
    // Each set is adopted for itself: the mark on one is not the other's.
    let mut half = adopted(HOST, &["203.0.113.7"]).claims("nas", HOST, v6);
    half.terms().types.insert(RecordType::Aaaa);
    let half = half.holds(super::world::record_set(id(HOST, RecordType::Aaaa), addresses(&["2001:db8::9"])));
    let half = half.but(|row| row.beats = if row.record_type == RecordType::Aaaa { 1 } else { 12 });
    assert_eq!((half.plan().changes.len(), half.codes()), (1, vec![Reason::TooFewBeats]));
    assert!(refused(&half, true).0);
    // A type that is not managed is nobody's to adopt.
    let mut one = half;
    one.terms().types.remove(&RecordType::Aaaa);
    assert_eq!((one.plan().changes.len(), one.codes()), (1, vec![Reason::TypeNotWanted]));
    assert!(!refused(&one, true).0);
    // What a brake holds is held, and not refused.
    let mut blind = adopted(HOST, &["203.0.113.7"]);
    blind.case.partial = true;
    assert_eq!(refused(&blind, true), (false, RunResult::Held));
}

#[test]
fn a_tag_alone_adopts_what_is_there_and_creates_nothing() {
    let mut world = World::new().absent(&key(HOST));
    let claims = [(name(HOST), [machine("nas")].into())].into();
    let both = [(name(HOST), [machine("cam"), machine("nas")].into())].into();
    for (create, claims) in [(true, &claims), (false, &claims), (true, &both)] {
        world.policy.create = create;
        let plan = pure::plan::adopt(claims, &BTreeSet::new(), &world.case, &world.policy, world.now);
        assert_eq!((plan.changes.len(), plan.skips.len()), (0, 1));
        let skip = &plan.skips[0];
        assert_eq!((skip.reason, skip.because.contains("POLICY_CREATE")), (Reason::NoRecord, !create));
    }
    let world = world.cname(&key(HOST));
    let plan = pure::plan::adopt(&claims, &BTreeSet::new(), &world.case, &world.policy, world.now);
    let codes: Vec<Reason> = plan.skips.iter().map(|skip| skip.reason).collect();
    assert_eq!((plan.changes.len(), codes), (0, vec![Reason::CnameExists]));
    let starred = world.stands(HOST, &["203.0.113.7"]).set(&key(HOST), |set| set.etag = "*".to_owned());
    let plan = pure::plan::adopt(&claims, &BTreeSet::new(), &starred.case, &starred.policy, starred.now);
    let codes: Vec<Reason> = plan.skips.iter().map(|skip| skip.reason).collect();
    assert_eq!((plan.changes.len(), codes), (0, vec![Reason::Blind]));
}

#[test]
fn witnesses_of_an_adoption_end_in_one_change() {
    let moved = adopted(HOST, &["198.51.100.10"]).claims("cam", HOST, "203.0.113.7").plan();
    let names: Vec<&str> = only_change(&moved).machines().map(pure::domain::ResourceId::name).collect();
    assert_eq!(names, ["cam", "nas"]);
}

#[test]
fn where_only_the_mark_is_missing_the_others_are_right_already() {
    let plan = adopted(HOST, &["203.0.113.7"]).claims("cam", HOST, "203.0.113.7").plan();
    // The mark needs one machine; nobody's heartbeats are behind it.
    assert_eq!((plan.changes.len(), plan.changes[0].machines().count()), (1, 1));
    assert_eq!(plan.changes[0].after.machine, machine("cam"));
    assert_eq!((plan.skips.len(), plan.skips[0].reason), (1, Reason::AlreadyRight));
    assert_eq!(plan.skips[0].machine, machine("nas").lower());
}

#[test]
fn brakes_hold_an_adoption_as_well() {
    // A proxy: the adoption would move a name to it.
    let proxy = (1..=3).fold(adopted(HOST, &["198.51.100.10"]), |world, index| {
        let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
        world.claims(&who, &host, "203.0.113.7").keeps(&who, &host, &[&format!("192.0.2.{index}")])
    });
    let plan = proxy.plan();
    assert_eq!((plan.changes.len(), plan.brakes[0].brake), (0, BrakeKind::Converging));
    assert!(plan.brakes[0].names.contains(HOST));
    // Where only the mark is missing, nothing converges and nothing moves; old data holds it all the same.
    let mut right = adopted(HOST, &["203.0.113.7"]);
    right.case.history.zones.entry(key(HOST).zone).or_default().distinct_present = 20;
    right.policy.max_move_percent = 0;
    assert_eq!(right.plan().changes.len(), 1);
    right.case.partial = true;
    let skip = right.only_skip();
    assert_eq!((skip.reason, skip.name.as_str()), (Reason::Blind, HOST));
    assert_eq!(right.plan().brakes[0].names, [HOST.to_owned()].into());
}

#[test]
fn a_change_says_by_what_a_set_becomes_ours() {
    let by = |world: World| only_change(&world.plan()).cause.adopted_by();
    let claimed = || World::new().claims("nas", HOST, "203.0.113.7");
    let here = || claimed().stands(HOST, &["198.51.100.10"]);
    assert_eq!(by(here().allow(&[HOST])), Some(AdoptedBy::Listed));
    let mut always = here();
    always.terms().adopt = Adopt::Always;
    assert_eq!(by(always), Some(AdoptedBy::Always));
    assert_eq!(by(here().evidence(&[("nas", "198.51.100.10")], &[])), Some(AdoptedBy::Seen));
    assert_eq!(by(adopted(HOST, &["198.51.100.10"])), Some(AdoptedBy::Hand));
    assert_eq!((by(claimed().keeps("nas", HOST, &["198.51.100.10"])), by(claimed())), (None, None));
}
