//! How long others may keep a record set: what `POLICY_TTL_MAX` lowers with a write of ours, what it leaves, and that it causes none.

use std::collections::BTreeMap;

use pure::plan::report::digest;
use pure::plan::{ByHand, HoldOrder, Leaves, LetGo, Plan, Point, Release, Rollback, ordered};

use super::world::{World, addresses, key, minutes, name};

const HOST: &str = "nas.example.com";
const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

/// A set of ours that is wrong, with this time to live, below this ceiling.
fn wrong(ttl: u32, most: Option<u32>) -> World {
    let mut world = World::new().claims("nas", HOST, NEW).keeps("nas", HOST, &[OLD]);
    world.policy.ttl_max = most;
    world.set(&key(HOST), |set| set.ttl = ttl)
}

/// What the only change of a plan sends, and what its report says: before, after.
fn sent(world: &World, plan: &Plan) -> (u32, serde_json::Value, serde_json::Value) {
    assert_eq!(plan.changes.len(), 1, "{plan:?}");
    let change = &plan.changes[0];
    let told = serde_json::to_value(change).unwrap();
    let sent = change.record_set("dcr-ours", "run-1", world.now);
    assert_eq!(sent.ttl, change.after.ttl, "the set that is sent and the plan say the same");
    (sent.ttl, told["ttl_before"].clone(), told["ttl"].clone())
}

#[test]
fn a_move_lowers_what_is_longer_and_raises_nothing() {
    for (ttl, most, after) in [
        (3600, Some(300), 300),
        (3600, Some(3600), 3600),
        (3600, None, 3600),
        (60, Some(300), 60),
        (301, Some(300), 300),
    ] {
        let world = wrong(ttl, most);
        assert_eq!(sent(&world, &world.plan()), (after, ttl.into(), after.into()), "{ttl}, {most:?}");
    }
}

#[test]
fn it_causes_no_write_of_its_own() {
    let mut world = World::new().claims("nas", HOST, NEW).keeps("nas", HOST, &[NEW]);
    world.policy.ttl_max = Some(30);
    let plan = world.plan();
    assert!(plan.changes.is_empty(), "{plan:?}");
}

#[test]
fn an_adoption_lowers_it_by_itself_and_by_hand() {
    let mut listed = World::new().claims("nas", HOST, NEW).stands(HOST, &[OLD]).allow(&[HOST]);
    listed.policy.ttl_max = Some(60);
    assert_eq!(sent(&listed, &listed.plan()), (60, 300.into(), 60.into()));
    // Its addresses are right: the mark is written, and with it the time to live.
    let mut right = World::new().claims("nas", HOST, NEW).stands(HOST, &[NEW]);
    right.policy.ttl_max = Some(60);
    assert!(right.plan().changes.is_empty());
    right.case.asked.adopted.insert(name(HOST));
    assert_eq!(sent(&right, &right.plan()), (60, 300.into(), 60.into()));
}

#[test]
fn a_new_set_is_below_it_too() {
    let mut world = World::new().claims("nas", HOST, NEW).absent(&key(HOST));
    world.terms().ttl = 900;
    world.policy.ttl_max = Some(300);
    assert_eq!(sent(&world, &world.plan()), (300, serde_json::Value::Null, 300.into()));
}

fn order(world: &World, order: &ByHand) -> Plan {
    let mut case = world.case.clone();
    case.asked.named = [name(HOST)].into();
    ordered(order, &case, &world.policy, world.now)
}

fn hold() -> HoldOrder {
    HoldOrder { until: None, why: None, by: String::new() }
}

/// What puts addresses into a set lowers it as a move does, and never back up. Who only says what is to become of a set leaves
/// all of it as it stands.
#[test]
fn a_rollback_lowers_it_and_a_hold_and_a_release_leave_it() {
    let world = wrong(3600, Some(300)).set(&key(HOST), |set| {
        set.metadata.insert("heartbeat_dns_previous".to_owned(), "203.0.113.8".to_owned());
    });
    let (point, told) = (Point::Last, BTreeMap::new());
    let rollback = ByHand::Rollback(Box::new(Rollback { point, told, hold: hold(), deletes: None }));
    let plan = order(&world, &rollback);
    assert_eq!(sent(&world, &plan), (300, 3600.into(), 300.into()));
    assert_eq!(plan.changes[0].to(), &addresses(&["203.0.113.8"]));
    let release = |leaves| {
        ByHand::Release(Release {
            leaves,
            claims: BTreeMap::new(),
            swept: BTreeMap::new(),
            unseen: Vec::new(),
        })
    };
    for left in [ByHand::Hold(hold()), release(Leaves::AMark), release(Leaves::Nothing)] {
        assert_eq!(sent(&world, &order(&world, &left)), (3600, 3600.into(), 3600.into()), "{left:?}");
    }
    let held = world.clone().set(&key(HOST), |set| {
        let until = (world.now + minutes(60)).to_string();
        set.metadata.insert("heartbeat_dns_hold".to_owned(), until);
    });
    assert_eq!(sent(&held, &order(&held, &ByHand::Unhold(LetGo::All))), (3600, 3600.into(), 3600.into()));
}

/// Who agrees to a plan has read of it.
#[test]
fn the_digest_tells_a_lowered_one_apart() {
    let of = |ttl, most| digest(&wrong(ttl, most).plan().changes);
    let plain = of(3600, None);
    assert_eq!(plain, of(60, Some(300)), "the time to live that stays is nothing to agree to");
    assert_ne!(plain, of(3600, Some(300)));
    assert_ne!(of(3600, Some(60)), of(3600, Some(300)));
}
