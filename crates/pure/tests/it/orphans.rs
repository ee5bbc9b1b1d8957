//! The end of a name: nothing goes on a doubt, and never more of a zone than its limit.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use pure::domain::{HostName, RecordId, RecordType, ZoneId};
use pure::plan::orphan::{Census, LIFTED, Weighed, daily_limit, depart, gone, is_watched, limit, weigh};
use pure::plan::{
    Answer, Approval, Approved, Brake, BrakeKind, ClaimPast, Departed, Evidence, History, Known, LastWrite,
    Live, Marked, Needs, Opens, Policy, Read, ZoneHistory,
};

use super::world::{World, addresses, key, machine, mark, record_set};

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

/// A zone with so many sets of ours, of which nobody claims the first ones, and so many went an hour ago.
fn lost(history: &mut History, number: usize, own: u64, orphans: usize, before: u64) -> Vec<Marked> {
    history.zones.insert(zone(number), ZoneHistory { marked_sets: own, ..ZoneHistory::default() });
    history.deletions.insert(zone(number), Departed { count: before, newest: an_hour_ago() });
    let all: Vec<Marked> = (0..orphans).map(|orphan| marked(number, orphan)).collect();
    history.orphans.extend(all.iter().cloned());
    all
}

fn an_hour_ago() -> Timestamp {
    "2026-03-08T11:00:00Z".parse().unwrap()
}

fn weighed<'a>(all: &'a [Marked], history: &History, approval: Option<&Approval>) -> Weighed<'a> {
    weigh(&all.iter().collect::<Vec<_>>(), history, None, approval)
}

fn brakes(weighed: &Weighed<'_>) -> Vec<Brake> {
    weighed.held.iter().filter_map(|held| held.brake(true)).collect()
}

#[test]
fn where_nobody_claims_anything_any_more_nothing_goes_by_itself() {
    // Of one zone of two, and of the only zone.
    for (others, orphans, limit) in [(30, 2, 0), (0, 2, 0), (30, 1, 5), (0, 1, 5)] {
        let mut history = History::default();
        lost(&mut history, 2, others, 0, 0);
        let all = lost(&mut history, 1, orphans as u64, orphans, 0);
        let weighed = weighed(&all, &history, None);
        let found = brakes(&weighed).first().map(|brake| (brake.limit, brake.opens));
        assert_eq!(found, (limit == 0).then_some((0, Opens::Approve)), "{others} {orphans}");
        assert_eq!(weighed.going.len(), if limit == 0 { 0 } else { orphans });
    }
    // Each of three zones loses its only name.
    let mut history = History::default();
    let all: Vec<Marked> = (1..4).flat_map(|number| lost(&mut history, number, 1, 1, 0)).collect();
    assert_eq!((weighed(&all, &history, None).going.len(), limit(&history, &zone(1))), (0, 0));
}

/// Rows say whatever whoever sends them wants; record sets stand there or not.
#[test]
fn rows_lift_no_limit_above_what_stands_there() {
    for (standing, claimed, expected) in [(28, 16, 5), (200, 188, 10), (12, 0, 0), (9999, 9987, 21)] {
        let mut history = History::default();
        let all = lost(&mut history, 1, 428, 12, 0);
        assert_eq!(limit(&history, &zone(1)), 21);
        let mut live = Census::by_log(&history);
        live.learn(&zone(1), (0..standing).map(|set| set < claimed));
        let gone: Vec<_> = all.iter().collect();
        let weighed = weigh(&gone, &history, Some(&live), None);
        let found = brakes(&weighed).first().map(|brake| brake.limit);
        assert_eq!(found, (expected < 12).then_some(expected), "{standing}");
        assert_eq!(weighed.going.len(), if expected < 12 { 0 } else { 12 }, "{standing}");
    }
}

#[test]
fn what_waits_for_the_day_to_end_opens_by_itself_and_what_is_too_much_for_a_day_does_not() {
    for (orphans, before, opens) in [
        (3, 3, Opens::At(an_hour_ago() + SignedDuration::from_hours(24))),
        (5, 1, Opens::At(an_hour_ago() + SignedDuration::from_hours(24))),
        (6, 0, Opens::Approve),
        (6, 5, Opens::Approve),
    ] {
        let mut history = History::default();
        let all = lost(&mut history, 1, 40, orphans, before);
        let brakes = brakes(&weighed(&all, &history, None));
        assert_eq!((brakes.len(), brakes[0].opens, brakes[0].names.len()), (1, opens, orphans));
    }
}

#[test]
fn the_digest_of_what_would_go_opens_that_and_nothing_else() {
    let mut history = History::default();
    let mut all = lost(&mut history, 1, 60, 8, 0);
    all.extend(lost(&mut history, 2, 60, 8, 0));
    let digests: Vec<String> =
        brakes(&weighed(&all, &history, None)).into_iter().filter_map(|brake| brake.digest).collect();
    assert!(digests.len() == 2 && digests[0] != digests[1], "a zone each: {digests:?}");
    let brakes_of =
        |names: BTreeSet<HostName>| Approval::Brakes { digests: [digests[0][..12].to_owned()].into(), names };
    let opened = weighed(&all, &history, Some(&brakes_of(BTreeSet::new())));
    let approved: BTreeSet<_> = opened.approved.iter().map(|marked| marked.id.zone.clone()).collect();
    assert_eq!((opened.approved.len(), approved, opened.going.len()), (8, [zone(1)].into(), 0));
    assert_eq!((brakes(&opened).len(), opened.digests.len()), (1, 1));
    let one = [all[3].id.name.clone()].into();
    let opened = weighed(&all, &history, Some(&brakes_of(one)));
    assert_eq!(opened.approved, [&all[3]]);
    assert_eq!(brakes(&opened)[0].names.len(), 7);
    // What was read is what may go: the same set with the same addresses.
    let mut read = Approved {
        id: all[3].id.clone(),
        from: all[3].addresses.clone(),
        to: BTreeSet::new(),
        lifted: [LIFTED].into(),
    };
    let as_read = |read: &Approved| {
        let approval = Approval::Read(vec![read.clone()]);
        weighed(&all, &history, Some(&approval)).approved.len()
    };
    assert_eq!(as_read(&read), 1);
    read.from.clear();
    assert_eq!(as_read(&read), 0);
    // An approval opens what it was given for and not what is like it.
    let of_another_day =
        Approval::Brakes { digests: ["0123456789ab".to_owned()].into(), names: BTreeSet::new() };
    assert_eq!(weighed(&all, &history, Some(&of_another_day)).approved.len(), 0);
}

/// The log says of all of these that they may go.
#[test]
fn a_set_goes_by_the_word_of_the_machine_that_its_mark_names() {
    let (policy, now): (_, Timestamp) = (policy(), "2026-03-08T12:00:00Z".parse().unwrap());
    let (holder, host) = (machine("nas"), "nas.example.com");
    let mut set = record_set(key(host), addresses(&["203.0.113.7"]));
    let mark = mark(1, &policy.owner, "nas");
    mark.write_into(&mut set.metadata);
    let run = mark.run.clone();
    let orphan = Marked { id: key(host), addresses: set.addresses.clone(), machine: "other".to_owned(), run };
    let tagged = |names: &[&str]| Live::Tagged(names.iter().map(|name| (*name).to_owned()).collect());
    let dormant = policy.claim_dormant;
    let longer = dormant + SignedDuration::from_secs(1);
    for (case, live, heard, goes) in [
        ("without the tag", Ok(tagged(&[])), Some(SignedDuration::ZERO), true),
        ("another name", Ok(tagged(&["other.example.com"])), Some(SignedDuration::ZERO), true),
        ("its name", Ok(tagged(&["other.example.com", "NAS.example.com."])), None, false),
        ("gone", Ok(Live::Gone), None, true),
        ("gone for long", Ok(Live::Gone), Some(longer), true),
        ("gone and heard", Ok(Live::Gone), Some(dormant), false),
        ("unreadable", Ok(Live::Unreadable), None, false),
        ("not answered", Err("504".to_owned()), None, false),
    ] {
        let (mut known, mut needs) = (Known::default(), Needs::default());
        let depart = |known: &Known, needs: &mut Needs| {
            depart(&orphan, known, (&policy, now), BTreeSet::new(), needs).is_some()
        };
        assert!(!depart(&known, &mut needs) && needs.sets == [key(host)].into(), "{case}: {needs:?}");
        let read = Read { set: Some(set.clone()), is_cname: false };
        known.learn_set(key(host), Answer::Known(read));
        assert!(
            !depart(&known, &mut needs) && needs.machines == [holder.clone()].into(),
            "{case}: {needs:?}"
        );
        let is_gone = live == Ok(Live::Gone);
        known.learn_tag(&holder, live.map_or_else(Answer::Unavailable, Answer::Known));
        let mut needs = Needs::default();
        let went = depart(&known, &mut needs);
        assert_eq!((went, needs.evidence.len()), (goes && !is_gone, usize::from(is_gone)), "{case}");
        let last_heard = heard.map(|age| (holder.lower().to_owned(), now - age));
        let asked = needs.evidence.remove(&key(host)).unwrap_or_default();
        let evidence =
            Evidence { asked, last_heard: last_heard.into_iter().collect(), ..Evidence::default() };
        known.learn_evidence(key(host), Answer::Known(evidence));
        assert_eq!(depart(&known, &mut Needs::default()), goes, "{case}");
        known.learn_evidence(key(host), Answer::Unavailable("504".to_owned()));
        assert_eq!(depart(&known, &mut Needs::default()), goes && !is_gone, "{case}: nobody knows");
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
            all.extend(lost(&mut history, number, others + *orphans as u64, *orphans, *before));
        }
        let weighed = weighed(&all, &history, None);
        let brakes = brakes(&weighed);
        for (number, (orphans, others, before)) in zones.iter().enumerate() {
            let of_zone = weighed.going.iter().filter(|marked| marked.id.zone == zone(number)).count();
            let most = limit(&history, &zone(number));
            prop_assert!(most == 0 || most == 5.max((others + *orphans as u64) / 20));
            prop_assert!(*others == 0 || most > 0 || zones.iter().all(|(_, others, _)| *others == 0));
            let brake = brakes.iter().find(|brake| brake.zone == Some(zone(number)));
            if *orphans == 0 || before + *orphans as u64 <= most {
                prop_assert_eq!((of_zone, brake), (*orphans, None));
            } else {
                let brake = brake.unwrap();
                prop_assert_eq!((of_zone, brake.names.len(), brake.limit), (0, *orphans, most));
                prop_assert_eq!((brake.brake, brake.digest.is_some()), (BrakeKind::Orphans, true));
                prop_assert_eq!(brake.opens == Opens::Approve, *orphans as u64 > most);
            }
        }
    }
}
