//! What holds for every world: order, idempotence, policy, one end for each row, and no panic.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use pure::domain::{
    AddressClass, HostName, MismatchRow, RecordId, RecordType, ResourceId, parse_address, split_tag,
};
use pure::plan::report::digest;
use pure::plan::{
    Action, Adopt, BrakeKind, CurrentRecordSets, Live, LiveTags, NamePattern, Plan, Reason, needs,
};

use super::any_world::{HOSTS, worlds};
use super::world::{OWNER, World, name, zone};

/// What a row is known by: machine, name as stored, type by its address.
fn identity(row: &MismatchRow) -> (String, String, RecordType) {
    let host =
        HostName::parse(&row.host_name).map_or_else(|_| row.host_name.clone(), |name| name.to_string());
    let record_type = parse_address(&row.computer_ip).map_or(row.record_type, RecordType::of);
    (row.resource_id.to_lowercase(), host, record_type)
}

fn distinct_rows(world: &mut World) {
    let mut seen = BTreeSet::new();
    world.case.rows.retain(|row| seen.insert(identity(row)));
}

/// The world after all changes of its plan landed.
fn after(world: &World, plan: &Plan) -> World {
    let mut world = world.clone();
    for change in &plan.changes {
        let set = change.record_set(OWNER, "run-1", world.now);
        for address in &change.to {
            let left = world.case.history.departures.entry((change.zone.clone(), *address)).or_default();
            left.extend(change.from.difference(&change.to));
        }
        world.case.current.insert(change.key(), Some(set));
    }
    world
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_order_of_rows_does_not_matter(world in worlds(), swaps in prop::collection::vec(any::<(Index, Index)>(), 16)) {
        let mut shuffled = world.clone();
        if !shuffled.case.rows.is_empty() {
            let count = shuffled.case.rows.len();
            for (a, b) in swaps {
                shuffled.case.rows.swap(a.index(count), b.index(count));
            }
        }
        let (plan, other) = (world.plan(), shuffled.plan());
        prop_assert_eq!(digest(&plan.changes), digest(&other.changes));
        prop_assert_eq!(plan, other);
        prop_assert_eq!(
            needs(&world.case, &world.policy, world.now),
            needs(&shuffled.input, &shuffled.policy, shuffled.now)
        );
    }

    #[test]
    fn what_was_changed_is_not_changed_again(world in worlds()) {
        let first = world.plan();
        let second = after(&world, &first).plan();
        for change in &second.changes {
            prop_assert!(first.changes.iter().all(|done| done.key() != change.key()), "{:?}", change);
        }
        if first.brakes.is_empty() {
            prop_assert!(second.changes.is_empty(), "{:?}", second.changes);
        }
    }

    #[test]
    fn nothing_outside_the_policy_is_ever_changed(world in worlds()) {
        for change in world.plan().changes {
            let (placed, zone) = world.policy.place(change.name.as_str()).unwrap();
            prop_assert_eq!(&placed, &change.name);
            prop_assert_eq!(&zone.id, &change.zone);
            prop_assert!(world.policy.record_types.contains(&change.record_type));
            prop_assert_eq!(change.to.len(), 1);
            for to in &change.to {
                prop_assert_eq!(RecordType::of(*to), change.record_type);
                prop_assert_eq!(AddressClass::of(*to), AddressClass::Documentation);
                prop_assert!(world.policy.deny_prefixes.iter().all(|prefix| !prefix.contains(to)));
            }
            for machine in change.machines() {
                let Some(Live::Tagged(names)) = world.case.tags.get(machine) else {
                    return Err(TestCaseError::fail("a claim without a live tag"));
                };
                let mut named = names.iter().flat_map(|value| split_tag(value));
                prop_assert!(named.any(|text| HostName::parse(text) == Ok(change.name.clone())));
            }
            let live = world.case.current.get(&change.key()).expect("a write rests on a live read");
            prop_assert_eq!(live, change.before.as_ref());
            match live {
                None => {
                    prop_assert!(world.policy.create && !world.case.current.is_cname(&change.name));
                    prop_assert_eq!(change.action, Action::Create);
                }
                Some(set) => {
                    prop_assert!(set.alias.is_none());
                    prop_assert_eq!(change.action, Action::Update);
                    let mark = set.mark();
                    prop_assert_eq!(change.adopted, mark.is_none());
                    if let Some(mark) = mark {
                        prop_assert!(mark.owner == OWNER && mark.version == 1);
                    } else {
                        prop_assert!(!set.addresses.is_empty());
                        prop_assert!(world.policy.adopt != Adopt::Never);
                    }
                }
            }
        }
    }

    #[test]
    fn every_row_ends_in_one_change_or_one_skip(mut world in worlds()) {
        distinct_rows(&mut world);
        let plan = world.plan();
        let covered: usize = plan.changes.iter().map(|change| change.machines().count()).sum();
        prop_assert_eq!(plan.skips.len() + covered, world.case.rows.len());
        for row in &world.case.rows {
            let (who, host, record_type) = identity(row);
            let skips = plan.skips.iter().filter(|skip| {
                skip.machine.to_lowercase() == who && skip.name == host && skip.record_type == record_type
            });
            let changes = plan.changes.iter().filter(|change| {
                change.name.as_str() == host
                    && change.record_type == record_type
                    && change.machines().any(|machine| machine.lower() == who)
            });
            prop_assert_eq!(skips.count() + changes.count(), 1, "{:?}", row);
        }
        let keys: BTreeSet<_> = plan.changes.iter().map(pure::plan::Change::key).collect();
        prop_assert_eq!(keys.len(), plan.changes.len());
    }

    #[test]
    fn suspicion_never_holds_a_creation(world in worlds()) {
        let plan = world.plan();
        for skip in plan.skips.iter().filter(|skip| skip.reason == Reason::Braked) {
            let key = RecordId { name: name(&skip.name), record_type: skip.record_type };
            prop_assert!(world.case.current.get(&key).unwrap().is_some());
        }
        for brake in plan.brakes.iter().filter(|brake| brake.brake != BrakeKind::Blind) {
            prop_assert!(!brake.names.is_empty() && brake.seen > Some(brake.limit));
        }
    }

    #[test]
    fn two_places_for_one_name_are_never_decided(world in worlds()) {
        let plan = world.plan();
        for change in &plan.changes {
            for skip in plan.skips.iter().filter(|skip| skip.name == change.name.as_str()) {
                let apart = skip.record_type != change.record_type || skip.reason == Reason::Blind;
                prop_assert!(apart || skip.reason < Reason::ClaimConflict, "{:?}", skip);
            }
        }
    }

    #[test]
    fn asking_for_what_is_missing_ends(world in worlds()) {
        let mut world = world;
        (world.case.tags, world.case.current) = (LiveTags::default(), CurrentRecordSets::default());
        for _ in 0..4 {
            let needs = needs(&world.case, &world.policy, world.now);
            for machine in &needs.machines {
                world.case.tags.insert(machine, Live::Tagged(HOSTS.map(str::to_owned).to_vec()));
            }
            for (_, key) in needs.names {
                world.case.current.insert(key, None);
            }
        }
        prop_assert!(needs(&world.case, &world.policy, world.now).is_empty());
        let blind = |reason: &Reason| *reason == Reason::Blind;
        if world.plan().brakes.is_empty() {
            prop_assert!(!world.codes().iter().any(blind));
        }
    }

    #[test]
    fn no_text_and_no_number_panics(
        texts in prop::collection::vec("\\PC{0,40}|[a-z*.\\\\_-]{0,80}|[0-9a-f:.]{0,40}", 9),
        seconds in prop::collection::vec(-377_705_023_201i64..253_402_207_200, 4),
        beats in any::<u64>(),
        ttl in any::<f64>(),
        counts in any::<(u64, u64, u64)>(),
        percents in any::<(u64, u64)>(),
    ) {
        let time = |index: usize| Timestamp::from_second(seconds[index]).ok();
        let mut world = World::new().claims("nas", "nas.example.com", "203.0.113.7").but(|row| {
            row.beats = beats;
            row.ttl = Some(ttl);
            (row.heartbeat_time, row.first_beat, row.present_last_seen) = (time(0), time(1), time(2));
        });
        world = world.claims("cam", &texts[0], &texts[1]).but(|row| {
            row.resource_id.clone_from(&texts[2]);
            row.dns_ip.clone_from(&texts[3]);
            row.zone_id.clone_from(&texts[4]);
            row.owner.clone_from(&texts[5]);
        });
        world = world.keeps("nas", "nas.example.com", &["198.51.100.1"]);
        let key = RecordId { name: name("nas.example.com"), record_type: RecordType::A };
        world = world.set(&key, |set| {
            set.alias = (beats % 7 == 0).then(|| texts[6].clone());
            set.metadata.insert("heartbeat_dns_owner".to_owned(), texts[7].clone());
            set.metadata.insert("heartbeat_dns_v".to_owned(), texts[8].clone());
        });
        if let Some(time) = time(3) {
            world.now = time;
        }
        world.policy.max_heartbeat_age = SignedDuration::MAX;
        world.policy.snapshot_every = SignedDuration::MAX;
        (world.policy.max_move_percent, world.policy.max_silent_percent) = percents;
        let history = &mut world.case.history;
        (history.heard_before, history.lost, _) = counts;
        history.zones.entry(zone("example.com")).or_default().distinct_present = counts.2;
        let plan = world.plan();
        prop_assert_eq!(plan.changes.len() + plan.skips.len(), 2);
        for text in &texts {
            if let Ok(pattern) = text.parse::<NamePattern>() {
                prop_assert_eq!(pattern.to_string().parse::<NamePattern>(), Ok(pattern));
            }
            if let Ok(id) = ResourceId::parse(text) {
                prop_assert_eq!(ResourceId::parse(id.lower()), Ok(id));
            }
            if let Ok(name) = HostName::parse(text) {
                prop_assert_eq!(HostName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
