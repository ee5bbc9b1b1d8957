//! What holds for every world: order, idempotence, policy, one end for each row, and no panic.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use pure::domain::{
    AddressClass, HostName, MismatchRow, RecordSet, RecordType, ResourceId, parse_address, split_tag,
};
use pure::plan::report::digest;
use pure::plan::{Action, Adopt, Answer, BrakeKind, Known, Live, NamePattern, Plan, Proposal, Read, Reason};

use super::any_world::{HOSTS, config, worlds};
use super::world::{OWNER, World, id, key, zone};

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
        for address in change.to() {
            let left = change.from().difference(change.to()).copied().collect::<BTreeSet<_>>();
            let names = world.case.history.departures.entry((change.id.zone.clone(), *address)).or_default();
            names.entry(change.id.name.clone()).or_default().extend(left);
        }
        world = world.holds(RecordSet { etag: "etag-2".to_owned(), ..set });
    }
    world
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
    }

    #[test]
    fn what_was_changed_is_not_changed_again(world in worlds()) {
        let first = world.plan();
        let second = after(&world, &first).plan();
        for change in &second.changes {
            prop_assert!(first.changes.iter().all(|done| done.id != change.id), "{:?}", change);
        }
        if first.brakes.is_empty() {
            prop_assert!(second.changes.is_empty(), "{:?}", second.changes);
        }
    }

    #[test]
    fn nothing_outside_the_policy_is_ever_changed(world in worlds()) {
        for change in world.plan().changes {
            let placed = world.policy.place(Proposal::of(change.id.name.as_str(), Some(&change.after.machine))).unwrap();
            prop_assert_eq!(&placed.name, &change.id.name);
            prop_assert_eq!(&placed.zone.id, &change.id.zone);
            let terms = &placed.grant.terms;
            prop_assert!(terms.types.contains(&change.id.record_type));
            prop_assert!(change.to().len() == 1 || terms.shared && !change.to().is_empty());
            let says = |row: &&MismatchRow| {
                HostName::parse(&row.host_name) == Ok(change.id.name.clone())
                    && parse_address(&row.computer_ip).is_some_and(|said| change.to().contains(&said))
            };
            prop_assert!(world.case.rows.iter().any(|row| says(&row)));
            for to in change.to() {
                prop_assert_eq!(RecordType::of(*to), change.id.record_type);
                prop_assert_eq!(AddressClass::of(*to), AddressClass::Documentation);
                let is_kept = terms.shared && change.from().contains(to);
                prop_assert!(is_kept || terms.deny_prefixes.iter().all(|prefix| !prefix.contains(to)));
            }
            let known = &world.case.known;
            for machine in change.machines() {
                let Some(Answer::Known(Live::Tagged(names))) = known.tag(machine) else {
                    return Err(TestCaseError::fail("a claim without a live tag"));
                };
                let mut named = names.iter().flat_map(|value| split_tag(value));
                prop_assert!(named.any(|text| HostName::parse(text) == Ok(change.id.name.clone())));
            }
            let Some(Answer::Known(cuts)) = known.cuts(&placed.zone.id) else {
                return Err(TestCaseError::fail("a change of which no cuts are known"));
            };
            let hidden = |cut: &HostName| cut != placed.zone.name() && change.id.name.is_at_or_below(cut);
            prop_assert!(!cuts.iter().any(hidden));
            let Some(Answer::Known(live)) = known.set(&change.id) else {
                return Err(TestCaseError::fail("a write that rests on no live read"));
            };
            prop_assert_eq!(&live.set, &change.before);
            match &live.set {
                None => {
                    prop_assert!(world.policy.create && !live.is_cname);
                    prop_assert_eq!(change.action(), Action::Create);
                }
                Some(set) => {
                    prop_assert!(set.alias.is_none() && !set.etag.is_empty());
                    let by_hand = change.cause.is_adoption();
                    let action = if by_hand { Action::Adopt } else { Action::Update };
                    prop_assert_eq!(change.action(), action);
                    prop_assert!(set.hold().is_none_or(|hold| !hold.stands(world.now)));
                    let mark = set.mark();
                    prop_assert_eq!(change.cause.adopts(), mark.is_none());
                    if let Some(mark) = mark {
                        prop_assert!(mark.owner == OWNER && mark.version == 1);
                        prop_assert!(change.from() != *change.to());
                    } else {
                        let by_hand = world.case.asked.adopted.holds(&change.id);
                        prop_assert_eq!(change.cause.is_adoption(), by_hand);
                        prop_assert!(!set.addresses.is_empty());
                        prop_assert!(by_hand || (change.is_move() || terms.shared) && world.policy.grants.iter().all(|grant| grant.terms.adopt != Adopt::Never));
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
        let in_sync = |row: &&MismatchRow| {
            let (_, host, record_type) = identity(row);
            plan.in_sync.iter().any(|id| id.name.as_str() == host && id.record_type == record_type)
        };
        let quiet = world.case.rows.iter().filter(in_sync).count();
        let skipped: usize = plan.skips.iter().map(|skip| skip.machines().count()).sum();
        prop_assert!(skipped + covered <= world.case.rows.len());
        prop_assert!(skipped + covered + quiet >= world.case.rows.len());
        for row in &world.case.rows {
            let (who, host, record_type) = identity(row);
            let skips = plan.skips.iter().filter(|skip| {
                skip.machines().any(|id| id.to_lowercase() == who) && skip.name == host && skip.record_type == record_type
            });
            let changes = plan.changes.iter().filter(|change| {
                change.id.name.as_str() == host
                    && change.id.record_type == record_type
                    && change.machines().any(|machine| machine.lower() == who)
            });
            let told = skips.count() + changes.count();
            prop_assert!(told == 1 || told == 0 && in_sync(&row), "{:?}", row);
        }
        let ids: BTreeSet<_> = plan.changes.iter().map(|change| &change.id).collect();
        prop_assert_eq!(ids.len(), plan.changes.len());
        prop_assert!(plan.in_sync.iter().all(|id| !ids.contains(id) && world.case.asked.named.holds(id)));
    }

    #[test]
    fn suspicion_never_holds_a_creation(world in worlds()) {
        let plan = world.plan();
        for skip in plan.skips.iter().filter(|skip| skip.reason == Reason::Braked) {
            let read = world.case.known.set(&id(&skip.name, skip.record_type)).unwrap().known().unwrap();
            prop_assert!(read.set.is_some());
        }
        for brake in plan.brakes.iter().filter(|brake| brake.brake != BrakeKind::Blind) {
            prop_assert!(!brake.names.is_empty() && brake.seen > Some(brake.limit));
        }
    }

    #[test]
    fn two_places_for_one_name_are_never_decided(world in worlds()) {
        let plan = world.plan();
        for change in &plan.changes {
            for skip in plan.skips.iter().filter(|skip| skip.name == change.id.name.as_str()) {
                let apart = skip.record_type != change.id.record_type || skip.reason == Reason::Blind;
                prop_assert!(apart || skip.reason < Reason::ClaimConflict, "{:?}", skip);
            }
        }
    }

    #[test]
    fn asking_for_what_is_missing_ends(world in worlds()) {
        let mut world = world;
        world.case.known = Known::default();
        for _ in 0..4 {
            let needs = world.plan().needs;
            for machine in &needs.machines {
                let names = Live::Tagged(HOSTS.map(str::to_owned).to_vec());
                world.case.known.learn_tag(machine, Answer::Known(names));
            }
            for zone in needs.cuts {
                world.case.known.learn_cuts(zone, Answer::Known(BTreeSet::new()));
            }
            for id in needs.sets {
                world.case.known.learn_set(id, Answer::Known(Read::default()));
            }
        }
        prop_assert!(world.plan().needs.is_empty());
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
        counts in any::<(u64, u64, u64)>(),
        percents in any::<(u64, u64)>(),
    ) {
        let time = |index: usize| Timestamp::from_second(seconds[index]).ok();
        let mut world = World::new().claims("nas", "nas.example.com", "203.0.113.7").but(|row| {
            row.beats = beats;
            (row.heartbeat_time, row.first_beat, row.present_last_seen) = (time(0), time(1), time(2));
        });
        world = world.claims("cam", &texts[0], &texts[1]).but(|row| {
            row.resource_id.clone_from(&texts[2]);
            row.dns_ip.clone_from(&texts[3]);
            row.zone_id.clone_from(&texts[4]);
            row.owner.clone_from(&texts[5]);
        });
        world = world.keeps("nas", "nas.example.com", &["198.51.100.1"]);
        world = world.set(&key("nas.example.com"), |set| {
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
            if let Ok(machine) = ResourceId::parse(text) {
                prop_assert_eq!(ResourceId::parse(machine.lower()), Ok(machine));
            }
            if let Ok(name) = HostName::parse(text) {
                prop_assert_eq!(HostName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
