//! The end of a name: nothing goes on a doubt, and never more of a zone than its limit.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use pure::domain::{HostName, RecordId, RecordType, ZoneId};
use pure::plan::orphan::{daily_limit, gone, is_watched, weigh};
use pure::plan::{BrakeKind, ClaimPast, History, LastWrite, Marked, Opens, Policy, ZoneHistory};

use super::world::World;

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

fn zone(number: usize) -> ZoneId {
    let id =
        format!("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/dnsZones/z{number}.example");
    ZoneId::parse(&id).unwrap()
}

fn marked(zone_number: usize, number: usize) -> Marked {
    let name = HostName::parse(&format!("n{number}.z{zone_number}.example")).unwrap();
    Marked {
        id: RecordId { zone: zone(zone_number), name, record_type: RecordType::A },
        addresses: BTreeSet::from(["198.51.100.10".parse().unwrap()]),
        machine: "m".to_owned(),
        run: "r".to_owned(),
    }
}

fn policy() -> Policy {
    World::new().policy
}

/// Everything says that it may go.
fn past(orphan: &Marked) -> ClaimPast {
    let write = LastWrite { run: orphan.run.clone(), addresses: orphan.addresses.clone() };
    ClaimPast {
        swept_days: (0..7).collect(),
        written: [(orphan.id.clone(), write)].into(),
        ..ClaimPast::default()
    }
}

#[test]
fn each_day_of_the_grace_must_have_been_watched() {
    let days =
        |days: &[u64]| ClaimPast { swept_days: days.iter().copied().collect(), ..ClaimPast::default() };
    assert!(is_watched(&days(&[0, 1, 2, 3, 4, 5, 6]), WEEK));
    for missing in 0..7 {
        let seen: Vec<u64> = (0..9).filter(|day| *day != missing).collect();
        assert!(!is_watched(&days(&seen), WEEK), "{missing}");
    }
    assert!(!is_watched(&days(&[]), SignedDuration::from_hours(24)));
    assert!(!is_watched(&days(&[0]), SignedDuration::from_hours(25)), "a part of a day is one to watch");
}

#[test]
fn a_claim_within_the_grace_another_hand_and_a_write_that_nobody_knows_keep_a_name() {
    let (orphan, now): (_, Timestamp) = (marked(1, 1), "2026-03-08T12:00:00Z".parse().unwrap());
    let goes = |past: &ClaimPast| !gone([&orphan], past, &policy(), now).is_empty();
    let all = past(&orphan);
    assert!(goes(&all));
    let claimed = |ago: SignedDuration| {
        let mut past = all.clone();
        past.claimed.insert(orphan.id.name.clone(), now - ago);
        past
    };
    assert!(!goes(&claimed(WEEK)), "it is not over before it is over");
    assert!(goes(&claimed(WEEK + SignedDuration::from_secs(1))));
    assert!(!goes(&ClaimPast { written: [].into(), ..all.clone() }));
    let of_another = |change: &dyn Fn(&mut LastWrite)| {
        let mut past = all.clone();
        past.written.values_mut().for_each(change);
        past
    };
    assert!(!goes(&of_another(&|write| write.run = "another".to_owned())));
    assert!(!goes(&of_another(&|write| write.addresses.clear())));
}

#[test]
fn the_limit_is_five_or_five_percent() {
    let limits = [(0, 5), (1, 5), (100, 5), (119, 5), (120, 6), (20_000, 1000), (u64::MAX, u64::MAX / 100)];
    for (own, limit) in limits {
        assert_eq!(daily_limit(own), limit, "{own}");
    }
}

proptest! {
    /// Whatever is gone where, and whatever went before: of each zone all go or none, never more than its limit within the
    /// day, and a zone that loses none of many has one brake that names them.
    #[test]
    fn of_each_zone_all_go_within_its_limit_or_none(
        zones in prop::collection::vec((0..60usize, 0..400u64, 0..12u64), 1..5),
    ) {
        let mut history = History::default();
        let mut all = Vec::new();
        for (number, (orphans, others, before)) in zones.iter().enumerate() {
            let marked_sets = others + *orphans as u64;
            history.zones.insert(zone(number), ZoneHistory { marked_sets, ..ZoneHistory::default() });
            history.deletions.insert(zone(number), *before);
            all.extend((0..*orphans).map(|orphan| marked(number, orphan)));
        }
        let (going, brakes) = weigh(&all.iter().collect::<Vec<_>>(), &history);
        for (number, (orphans, others, before)) in zones.iter().enumerate() {
            let of_zone = going.iter().filter(|marked| marked.id.zone == zone(number)).count();
            let limit = 5.max((others + *orphans as u64) / 20);
            let brake = brakes.iter().find(|brake| brake.zone == Some(zone(number)));
            if *orphans == 0 || before + *orphans as u64 <= limit {
                prop_assert_eq!((of_zone, brake), (*orphans, None));
            } else {
                let brake = brake.unwrap();
                prop_assert_eq!((of_zone, brake.names.len(), brake.limit), (0, *orphans, limit));
                prop_assert_eq!((brake.brake, brake.opens), (BrakeKind::Orphans, Opens::NextRun));
            }
        }
    }
}
