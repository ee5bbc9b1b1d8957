//! The three brakes: what trips them, what they hold, what opens them, and what they leave alone.

use jiff::SignedDuration;
use pure::plan::About;
use pure::plan::brake::unproved;
use pure::plan::{BrakeKind, Change, Live, Opens, Plan, Reason};

use super::world::{World, address, addresses, minutes, name, zone};

/// Houses with `names` names each, which move from an address of their own to another one.
fn houses(count: u8, names: u8, to: impl Fn(u8) -> String) -> World {
    let mut world = World::new();
    for house in 1..=count {
        for name in 1..=names {
            let (who, host) = (format!("h{house:02}-{name}"), format!("h{house:02}-{name}.example.com"));
            world =
                world.claims(&who, &host, &to(house)).keeps(&who, &host, &[&format!("198.51.100.{house}")]);
        }
    }
    world
}

fn kinds(plan: &Plan) -> Vec<BrakeKind> {
    plan.brakes.iter().map(|brake| brake.brake).collect()
}

#[test]
fn five_names_of_one_house_are_one_source() {
    let plan = houses(3, 5, |_| "203.0.113.99".to_owned()).plan();
    assert_eq!((plan.changes.len(), plan.brakes.len()), (15, 0));
}

#[test]
fn a_proxy_that_four_houses_report_holds_them_and_nobody_else() {
    let world = houses(4, 2, |_| "203.0.113.99".to_owned())
        .claims("other", "other.example.com", "203.0.113.50")
        .keeps("other", "other.example.com", &["198.51.100.200"])
        .claims("fresh", "fresh.example.com", "203.0.113.99");
    let plan = world.plan();
    let names: Vec<&str> = plan.changes.iter().map(|change| change.id.name.as_str()).collect();
    // A creation takes nothing from anybody.
    assert_eq!(names, ["fresh.example.com", "other.example.com"]);
    assert_eq!(world.codes(), [Reason::Braked; 8]);
    let brake = &plan.brakes[0];
    assert_eq!((brake.brake, brake.limit, brake.seen), (BrakeKind::Converging, 3, Some(4)));
    assert_eq!((brake.opens, brake.names.len()), (Opens::Approve, 8));
    assert_eq!(brake.zone, Some(zone("example.com")));
    assert_eq!(plan.brakes.len(), 1);

    let mut expected = world;
    expected.policy.expect_prefixes = vec!["203.0.113.99/32".parse().unwrap()];
    assert_eq!(expected.plan().changes.len(), 10);
}

#[test]
fn rows_that_are_held_for_other_reasons_count_as_sources() {
    let mut world = houses(4, 1, |_| "203.0.113.99".to_owned());
    for row in &mut world.case.rows[1..] {
        row.beats = 1;
    }
    let plan = world.plan();
    assert_eq!((plan.changes.len(), kinds(&plan)), (0, vec![BrakeKind::Converging]));
    // A set that may not be written stands somewhere all the same.
    let last = super::world::key("h04-1.example.com");
    let alias =
        houses(4, 1, |_| "203.0.113.99".to_owned()).set(&last, |set| set.alias = Some("/pip".to_owned()));
    assert_eq!((alias.plan().changes.len(), kinds(&alias.plan())), (0, vec![BrakeKind::Converging]));
    // A tag that is gone is no source.
    let gone = world.tag("h04-1", pure::plan::Live::Gone).plan();
    assert_eq!((gone.changes.len(), gone.brakes.len()), (1, 0));
}

#[test]
fn addresses_that_were_left_for_it_count_as_sources() {
    let mut world = houses(1, 1, |_| "203.0.113.99".to_owned());
    let left = |apex: &str, old: &[&str]| {
        [((zone(apex), address("203.0.113.99")), [(name("gone.example.com"), addresses(old))].into())].into()
    };
    world.case.history.departures =
        left("example.com", &["192.0.2.1", "192.0.2.2", "203.0.113.99", "198.51.100.1"]);
    assert_eq!(world.plan().changes.len(), 1);
    world.case.history.departures = left("example.com", &["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    assert_eq!(kinds(&world.plan()), [BrakeKind::Converging]);
    // Another zone's departures are another matter.
    world.case.history.departures = left("example.org", &["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    assert_eq!(world.plan().changes.len(), 1);
}

/// Ten houses of thirty-three move, each to an address of its own.
fn moving(present: u64) -> World {
    let mut world = houses(10, 2, |house| format!("203.0.113.{house}"));
    world.case.history.zones.entry(zone("example.com")).or_default().distinct_present = present;
    world
}

fn young(mut world: World, from: usize) -> World {
    let first = world.now - minutes(5);
    for (index, row) in world.case.rows[from..].iter_mut().enumerate() {
        row.first_beat = Some(first - SignedDuration::from_secs(index as i64));
    }
    world
}

#[test]
fn a_surge_is_more_than_the_share_of_at_least_twenty_addresses() {
    let zones = [(19, 0), (20, 1), (33, 1), (34, 0)];
    for (present, brakes) in zones {
        let plan = young(moving(present), 0).plan();
        assert_eq!(plan.brakes.len(), brakes, "{present}");
        assert_eq!(plan.changes.len(), if brakes == 0 { 20 } else { 0 }, "{present}");
    }
}

#[test]
fn the_share_itself_is_no_surge_yet() {
    let mut world = young(moving(20), 0);
    for (percent, held) in [(50, 0), (49, 20)] {
        world.policy.max_move_percent = percent;
        assert_eq!(world.plan().skips.len(), held, "{percent}");
    }
}

#[test]
fn a_surge_opens_by_itself_when_the_newest_first_beat_is_old_enough() {
    let world = young(moving(30), 0);
    let plan = world.plan();
    let brake = &plan.brakes[0];
    assert_eq!((brake.brake, brake.limit, brake.seen), (BrakeKind::Surge, 30, Some(34)));
    let Opens::At(opens) = brake.opens else { panic!("{:?}", brake.opens) };
    assert_eq!(opens, world.now + minutes(10));
    let mut later = world;
    later.now = opens + SignedDuration::from_secs(1);
    later.case.history.newest_heartbeat = Some(later.now);
    for row in &mut later.case.rows {
        row.heartbeat_time = Some(later.now);
    }
    let plan = later.plan();
    assert_eq!((plan.changes.len(), plan.brakes.len()), (20, 0));
}

#[test]
fn in_a_surge_the_oldest_free_change_leads_and_the_others_wait() {
    // Rows are 20 minutes old but the last twelve.
    let mut world = young(moving(30), 8);
    let oldest = world.now - minutes(40);
    world.case.rows[5].first_beat = Some(oldest);
    world = world.claims("fresh", "fresh.example.com", "203.0.113.77");
    let first = world.now - minutes(2);
    let world = world.but(|row| row.first_beat = Some(first));
    let plan = world.plan();
    assert_eq!(plan.led, [zone("example.com")].into());
    let mut moves: Vec<&Change> = plan.changes.iter().filter(|change| change.is_move()).collect();
    moves.sort_by_key(|change| change.since());
    assert_eq!(moves[0].id.name.as_str(), "h03-2.example.com");
    // Twelve are held; a creation takes nothing from anybody, so it waits for nobody.
    assert_eq!((moves.len(), plan.changes.len(), plan.skips.len()), (8, 9, 12));
    assert!(plan.skips.iter().all(|skip| skip.reason == Reason::Braked));
    // What converging holds is not counted again.
    assert_eq!(plan.brakes[0].names.len(), 12);
}

#[test]
fn a_change_is_free_when_its_first_beat_is_older_than_the_hold() {
    for (age, held) in [(15 * 60, 20), (15 * 60 + 1, 0)] {
        let mut world = moving(30);
        let first = world.now - SignedDuration::from_secs(age);
        world.case.rows.iter_mut().for_each(|row| row.first_beat = Some(first));
        let plan = world.plan();
        assert_eq!((plan.skips.len(), plan.led.len()), (held, usize::from(held == 0)), "{age}");
    }
}

#[test]
fn a_zone_is_led_only_while_something_moves_there() {
    // Every move is held, so that nothing has to be proved before the new name may come.
    let world = young(moving(30), 0).claims("fresh", "fresh.example.com", "203.0.113.77");
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.skips.len()), (1, 20));
    assert!(plan.led.is_empty(), "{:?}", plan.led);
    // What another brake holds leads nothing either.
    let mut blind = moving(30);
    assert_eq!(blind.plan().led, [zone("example.com")].into());
    blind.case.partial = true;
    assert!(blind.plan().led.is_empty());
}

#[test]
fn a_narrowed_plan_keeps_its_brakes_and_is_led_by_what_is_left() {
    let mut world = young(moving(30), 8);
    let oldest = world.now - minutes(40);
    world.case.rows[5].first_beat = Some(oldest);
    let mut plan = world.plan();
    plan.narrow(&["h01-1.example.com", "h02-2.example.com", "h10-1.example.com"].map(name).into());
    let parts: Vec<_> = plan.changes.iter().map(|change| change.id.name.as_str()).collect();
    assert_eq!(parts, ["h01-1.example.com", "h02-2.example.com"]);
    assert_eq!(plan.led, [zone("example.com")].into());
    assert_eq!(plan.brakes[0].names, ["h10-1.example.com".to_owned()].into());
    assert_eq!(plan.skips.len(), 1);
    plan.narrow(&[name("h01-1.example.com")].into());
    assert!(plan.brakes.is_empty());
}

#[test]
fn what_converging_holds_is_no_surge() {
    let mut world = houses(10, 1, |_| "203.0.113.99".to_owned());
    world.case.history.zones.entry(zone("example.com")).or_default().distinct_present = 30;
    assert_eq!(kinds(&young(world, 0).plan()), [BrakeKind::Converging]);
}

/// One update in each zone, and a creation.
fn two_zones() -> World {
    World::new()
        .claims("a", "a.example.com", "203.0.113.1")
        .keeps("a", "a.example.com", &["198.51.100.1"])
        .claims("b", "b.example.org", "203.0.113.2")
        .keeps("b", "b.example.org", &["198.51.100.2"])
}

#[test]
fn an_old_sweep_of_a_zone_holds_that_zone_alone() {
    let mut world = two_zones();
    for (age, changes) in [(65, 2), (66, 1)] {
        let marker = Some(world.now - minutes(age));
        world.case.history.zones.entry(zone("example.com")).or_default().marker = marker;
        assert_eq!(world.plan().changes.len(), changes, "{age}");
    }
    let plan = world.plan();
    assert_eq!(plan.skips[0].reason, Reason::Blind);
    let brake = &plan.brakes[0];
    assert_eq!((brake.limit, brake.seen, brake.opens), (65, Some(66), Opens::FreshData));
    assert_eq!(brake.zone, Some(zone("example.com")));
    world.case.history.zones.clear();
    assert_eq!(kinds(&world.plan()), [BrakeKind::Blind; 2]);
}

#[test]
fn old_tags_old_heartbeats_partial_rows_and_silence_hold_everything() {
    let world = two_zones();
    let now = world.now;
    let trips = |change: &dyn Fn(&mut World)| {
        let mut world = world.clone();
        change(&mut world);
        let plan = world.plan();
        assert_eq!(plan.changes.is_empty(), !plan.brakes.is_empty());
        assert!(plan.brakes.iter().all(|brake| brake.zone.is_none() && brake.names.len() == 2));
        !plan.brakes.is_empty()
    };
    assert!(trips(&|world| world.case.partial = true));
    assert!(trips(&|world| world.case.history.tags_marker = None));
    assert!(trips(&|world| world.case.history.tags_marker = Some(now - minutes(66))));
    assert!(!trips(&|world| world.case.history.tags_marker = Some(now - minutes(65))));
    assert!(trips(&|world| world.case.history.newest_heartbeat = None));
    assert!(trips(&|world| world.case.history.newest_heartbeat = Some(now - minutes(16))));
    assert!(!trips(&|world| world.case.history.newest_heartbeat = Some(now - minutes(15))));
    for (heard, lost, expected) in [(9, 9, false), (10, 5, false), (10, 6, true), (1000, 501, true)] {
        let silence = |world: &mut World| {
            (world.case.history.heard_before, world.case.history.lost) = (heard, lost);
        };
        assert_eq!(trips(&silence), expected, "{lost} of {heard}");
    }
}

#[test]
fn blindness_is_told_without_any_row() {
    let mut world = World::new();
    world.case.history.tags_marker = None;
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.skips.len()), (0, 0));
    assert_eq!(kinds(&plan), [BrakeKind::Blind]);
}

#[test]
fn a_brake_measures_in_its_own_unit() {
    let world = World::new();
    let now = world.now;
    let measured = |change: &dyn Fn(&mut World)| {
        let mut world = world.clone();
        change(&mut world);
        let plan = world.plan();
        let brakes = plan.brakes.into_iter();
        brakes.map(|brake| (brake.about, brake.limit, brake.seen)).collect::<Vec<_>>()
    };
    let blind = |cause| About::Cause(cause);
    assert_eq!(measured(&|world| world.case.partial = true), [(blind("partial"), 0, None)]);
    assert_eq!(measured(&|world| world.case.history.tags_marker = None), [(blind("tag-sweep"), 0, None)]);
    // Minutes, the begun one counts.
    let old = now - SignedDuration::from_secs(66 * 60 + 1);
    assert_eq!(
        measured(&|world| world.case.history.tags_marker = Some(old)),
        [(blind("tag-sweep"), 65, Some(67))]
    );
    assert_eq!(
        measured(&|world| world.case.history.zones.get_mut(&zone("example.org")).unwrap().marker = Some(old)),
        [(blind("zone-sweep"), 65, Some(67))]
    );
    assert_eq!(
        measured(&|world| world.case.history.zones.get_mut(&zone("example.org")).unwrap().marker = None),
        [(blind("zone-sweep"), 0, None)]
    );
    assert_eq!(
        measured(&|world| world.case.history.newest_heartbeat = Some(now - minutes(16))),
        [(blind("heartbeats"), 15, Some(16))]
    );
    assert_eq!(
        measured(&|world| world.case.history.newest_heartbeat = None),
        [(blind("heartbeats"), 0, None)]
    );
    // Percent.
    assert_eq!(
        measured(&|world| (world.case.history.heard_before, world.case.history.lost) = (30, 16)),
        [(blind("silence"), 50, Some(54))]
    );
    let converging = houses(4, 1, |_| "203.0.113.99".to_owned()).plan();
    assert_eq!(converging.brakes[0].about, About::Address(address("203.0.113.99")));
    assert_eq!(young(moving(30), 0).plan().brakes[0].about, About::Volume);
}

#[test]
fn what_led_and_was_not_proved_holds_the_rest_of_its_zone() {
    let world = moving(30);
    let plan = world.plan();
    let (led, held) = (&plan.changes[0].id, &plan.changes[1..]);
    let (brake, skips) = unproved(&zone("example.com"), led, held, &world.policy);
    assert_eq!((brake.brake, brake.about, brake.opens), (BrakeKind::Surge, About::Proof, Opens::NextRun));
    assert_eq!((brake.limit, brake.seen, brake.names.len()), (30, None, 19));
    assert_eq!(brake.zone, Some(zone("example.com")));
    assert!(brake.because.contains("h01-1.example.com, the first change of its zone,"), "{}", brake.because);
    assert_eq!(skips.len(), 19);
    assert!(
        skips.iter().all(|skip| skip.reason == Reason::Braked && skip.because.ends_with(&*brake.because))
    );
    let seen = skips[0].seen.as_ref().unwrap();
    assert_eq!((seen.present.as_str(), seen.reported.as_str()), ("198.51.100.1", "203.0.113.1"));
    assert_eq!((seen.beats, seen.actionable), (12, true));
    assert_eq!(seen.heartbeat_time, Some(world.now - minutes(1)));
}

#[test]
fn what_opens_a_brake_has_a_word() {
    let now = World::new().now;
    for (opens, word) in [
        (Opens::Approve, "approve"),
        (Opens::At(now), "2026-03-01T02:00:00Z"),
        (Opens::FreshData, "fresh-data"),
        (Opens::NextRun, "next-run"),
    ] {
        assert_eq!(opens.to_string(), word);
        assert_eq!(serde_json::to_value(opens).unwrap(), serde_json::json!(word));
    }
    for kind in BrakeKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), serde_json::json!(kind.as_str()));
    }
}

#[test]
fn a_lost_right_is_no_lost_fleet() {
    let fleet = |live: Live| {
        (1..=3).fold(World::new(), |world, index| {
            let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
            let world = world.claims(&who, &host, &format!("203.0.113.{index}"));
            world.keeps(&who, &host, &[&format!("198.51.100.{index}")]).tag(&who, live.clone())
        })
    };
    let plan = fleet(Live::Unreadable).plan();
    assert!(plan.changes.is_empty() && plan.skips.iter().all(|skip| skip.reason == Reason::Blind));
    assert_eq!((plan.brakes[0].brake, plan.brakes[0].about), (BrakeKind::Blind, About::Cause("right-lost")));
    assert_eq!((plan.brakes[0].limit, plan.brakes[0].seen, plan.brakes[0].names.len()), (50, Some(100), 3));
    // One of them is known to be deleted, or two are too few to tell: then they are gone.
    let one_gone = fleet(Live::Unreadable).tag("m1", Live::Gone).plan();
    assert!(one_gone.brakes.is_empty() && one_gone.skips.iter().all(|skip| skip.reason == Reason::TagGone));
    let readable = fleet(Live::Unreadable).tag("m1", Live::Tagged(vec!["m1.example.com".to_owned()])).plan();
    assert_eq!((readable.changes.len(), readable.brakes.len()), (1, 0));
}

#[test]
fn a_part_of_an_answer_says_nothing_of_what_is_not_in_it() {
    let mut world = two_zones();
    world.case.partial = true;
    world.case.history.newest_heartbeat = None;
    world.case.history.tags_marker = None;
    world.case.history.zones.clear();
    let plan = world.plan();
    let about: Vec<_> = plan.brakes.iter().map(|brake| brake.about).collect();
    assert_eq!((about, plan.changes.len()), (vec![About::Cause("partial")], 0));
    world.case.partial = false;
    assert_eq!(world.plan().brakes.len(), 4);
}

#[test]
fn what_holds_something_by_its_age_or_its_half_is_blind() {
    let blind = |change: &dyn Fn(&mut World)| {
        let mut world = two_zones();
        change(&mut world);
        pure::plan::old_data::is_blind(&world.case, &world.policy, world.now)
    };
    assert!(!blind(&|_| {}));
    assert!(blind(&|world| world.case.partial = true));
    assert!(blind(&|world| world.case.history.tags_marker = None));
}
