//! The end of a name: nothing goes on a doubt, and never more of a zone than its limit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use pure::domain::{HostName, NameSet, RecordId, RecordType, ZoneId};
use pure::plan::census::{Census, Standing, daily_limit};
use pure::plan::orphan::{LIFTED, Weighed, depart, gone, is_watched, weigh};
use pure::plan::{
    Answer, Approval, Approved, Brake, BrakeKind, ClaimPast, Deletion, Evidence, Known, LastWrite, Live,
    Marked, Needs, Opens, Policy, Read,
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

/// Zones as they stand, and what the log calls deleted.
#[derive(Clone, Debug, Default)]
struct Scene {
    census: Census,
    deletions: BTreeMap<RecordId, Deletion>,
}

impl Scene {
    /// That a set was deleted so long ago by the log's word.
    fn deletes(&mut self, id: RecordId, ago: SignedDuration) {
        let time = now() - ago;
        self.deletions.insert(id, Deletion { first: time, last: time });
    }
}

/// Number of the first set that went before.
const WENT: usize = 10_000;
/// Number of the first set that somebody claims.
const KEPT: usize = 1000;

fn now() -> Timestamp {
    "2026-03-08T12:00:00Z".parse().unwrap()
}

/// Sets as they stand, with a mark of three days ago.
fn standing(zone: usize, numbers: Range<usize>, is_claimed: bool) -> impl Iterator<Item = Standing> {
    let marked_at = Some(now() - SignedDuration::from_hours(72));
    numbers.map(move |number| Standing { id: marked(zone, number).id, marked_at, is_claimed })
}

/// A zone with so many sets of ours, of which nobody claims the first ones, and so many went an hour ago.
fn lost(scene: &mut Scene, number: usize, own: usize, orphans: usize, before: usize) -> Vec<Marked> {
    let kept = standing(number, KEPT..KEPT + (own - orphans), true);
    scene.census.learn(&zone(number), standing(number, 0..orphans, false).chain(kept));
    for went in 0..before {
        scene.deletes(marked(number, WENT + went).id, SignedDuration::from_hours(1));
    }
    (0..orphans).map(|orphan| marked(number, orphan)).collect()
}

fn an_hour_ago() -> Timestamp {
    "2026-03-08T11:00:00Z".parse().unwrap()
}

fn weighed<'a>(all: &'a [Marked], scene: &Scene, approval: Option<&Approval>) -> Weighed<'a> {
    weigh(&all.iter().collect::<Vec<_>>(), &scene.deletions, &scene.census, approval)
}

fn brakes(weighed: &Weighed<'_>) -> Vec<Brake> {
    weighed.held.iter().filter_map(|held| held.brake(true)).collect()
}

#[test]
fn where_nobody_claims_anything_any_more_nothing_goes_by_itself() {
    // Of one zone of two, and of the only zone.
    for (others, orphans, limit) in [(30, 2, 0), (0, 2, 0), (30, 1, 5), (0, 1, 5)] {
        let mut scene = Scene::default();
        lost(&mut scene, 2, others, 0, 0);
        let all = lost(&mut scene, 1, orphans, orphans, 0);
        let weighed = weighed(&all, &scene, None);
        let found = brakes(&weighed).first().map(|brake| (brake.limit, brake.opens));
        assert_eq!(found, (limit == 0).then_some((0, Opens::Approve)), "{others} {orphans}");
        assert_eq!(weighed.going.len(), if limit == 0 { 0 } else { orphans });
    }
    // Each of three zones loses its only name.
    let mut scene = Scene::default();
    let all: Vec<Marked> = (1..4).flat_map(|number| lost(&mut scene, number, 1, 1, 0)).collect();
    assert_eq!((weighed(&all, &scene, None).going.len(), scene.census.limit(&zone(1))), (0, 0));
}

/// Rows say whatever whoever sends them wants; record sets stand there or not.
#[test]
fn what_went_is_what_stands_there_no_more() {
    let hours = SignedDuration::from_hours;
    for (case, stands_since, deleted, counts) in [
        ("gone", None, Some(hours(1)), true),
        ("announced, and not gone", Some(hours(72)), Some(hours(1)), false),
        ("made again since", Some(hours(0)), Some(hours(1)), true),
        ("marked at the same time", Some(hours(1)), Some(hours(1)), true),
        ("never deleted", Some(hours(72)), None, false),
    ] {
        let mut scene = Scene::default();
        let mut all = lost(&mut scene, 1, 100, 5, 0);
        let one = marked(1, WENT);
        let stands = stands_since.map(|ago| Standing {
            id: one.id.clone(),
            marked_at: Some(now() - ago),
            is_claimed: true,
        });
        let others = standing(1, 0..5, false).chain(standing(1, KEPT..KEPT + 95, true));
        scene.census.learn(&zone(1), others.chain(stands));
        deleted.into_iter().for_each(|ago| scene.deletes(one.id.clone(), ago));
        let going = weighed(&all, &scene, None).going.len();
        assert_eq!(going, if counts { 0 } else { 5 }, "{case}");
        // The log is late: it has no row yet of what is gone, and lists it as standing.
        if stands_since.is_none() {
            scene.deletions.clear();
            all.push(one);
            assert_eq!(weighed(&all, &scene, None).going.len(), 0, "{case}, and not told yet");
        }
    }
}

/// A mark whose time cannot be read says of no set that it stood there before.
#[test]
fn a_mark_without_a_time_excuses_nothing() {
    let mut scene = Scene::default();
    let all = lost(&mut scene, 1, 100, 5, 0);
    let one = Standing { id: marked(1, WENT).id, marked_at: None, is_claimed: true };
    let others = standing(1, 0..5, false).chain(standing(1, KEPT..KEPT + 95, true));
    scene.deletes(one.id.clone(), SignedDuration::from_hours(1));
    scene.census.learn(&zone(1), others.chain([one]));
    assert_eq!(weighed(&all, &scene, None).going.len(), 0);
}

#[test]
fn of_a_zone_that_was_not_counted_nothing_goes() {
    let (mut scene, all) = (Scene::default(), vec![marked(2, 0)]);
    lost(&mut scene, 1, 40, 3, 0);
    let weighed = weighed(&all, &scene, None);
    assert_eq!((weighed.going.len(), weighed.held.len(), scene.census.limit(&zone(2))), (0, 0, 0));
}

#[test]
fn what_waits_for_the_day_to_end_opens_by_itself_and_what_is_too_much_for_a_day_does_not() {
    for (orphans, before, opens) in [
        (3, 3, Opens::At(an_hour_ago() + SignedDuration::from_hours(24))),
        (5, 1, Opens::At(an_hour_ago() + SignedDuration::from_hours(24))),
        (6, 0, Opens::Approve),
        (6, 5, Opens::Approve),
    ] {
        let mut scene = Scene::default();
        let all = lost(&mut scene, 1, 40, orphans, before);
        let brakes = brakes(&weighed(&all, &scene, None));
        assert_eq!((brakes.len(), brakes[0].opens, brakes[0].names.len()), (1, opens, orphans));
    }
}

/// Forged claims make some of them not due yet; that many are lost shows in the zone.
#[test]
fn what_nobody_claims_counts_though_only_a_few_are_due() {
    for (orphans, due, limit_is_kept) in [(12, 4, false), (6, 1, false), (5, 1, true), (5, 4, true)] {
        let mut scene = Scene::default();
        let all = lost(&mut scene, 1, 40, orphans, 0);
        let weighed = weighed(&all[..due], &scene, None);
        assert_eq!(weighed.going.len(), if limit_is_kept { due } else { 0 }, "{due} of {orphans}");
        let seen = brakes(&weighed).first().map(|brake| (brake.seen, brake.opens, brake.names.len()));
        let brake = (Some(orphans as u64), Opens::Approve, due);
        assert_eq!(seen, (!limit_is_kept).then_some(brake), "{due} of {orphans}");
    }
    let mut scene = Scene::default();
    let all = lost(&mut scene, 1, 40, 12, 0);
    let because = &brakes(&weighed(&all[..4], &scene, None))[0].because;
    assert!(
        because.contains("12 record sets of ours in z1.example") && because.contains("4 of them"),
        "{because}"
    );
}

#[test]
fn the_digest_of_what_would_go_opens_that_and_nothing_else() {
    let mut scene = Scene::default();
    let mut all = lost(&mut scene, 1, 60, 8, 0);
    all.extend(lost(&mut scene, 2, 60, 8, 0));
    let digests: Vec<String> =
        brakes(&weighed(&all, &scene, None)).into_iter().filter_map(|brake| brake.digest).collect();
    assert!(digests.len() == 2 && digests[0] != digests[1], "a zone each: {digests:?}");
    let brakes_of =
        |names: NameSet| Approval::Brakes { digests: [digests[0][..12].to_owned()].into(), names };
    let opened = weighed(&all, &scene, Some(&brakes_of(NameSet::default())));
    let approved: BTreeSet<_> = opened.approved.iter().map(|marked| marked.id.zone.clone()).collect();
    assert_eq!((opened.approved.len(), approved, opened.going.len()), (8, [zone(1)].into(), 0));
    assert_eq!((brakes(&opened).len(), opened.digests.len()), (1, 1));
    let one = [all[3].id.name.clone()].into();
    let opened = weighed(&all, &scene, Some(&brakes_of(one)));
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
        weighed(&all, &scene, Some(&approval)).approved.len()
    };
    assert_eq!(as_read(&read), 1);
    read.from.clear();
    assert_eq!(as_read(&read), 0);
    // An approval opens what it was given for and not what is like it.
    let of_another_day =
        Approval::Brakes { digests: ["0123456789ab".to_owned()].into(), names: NameSet::default() };
    assert_eq!(weighed(&all, &scene, Some(&of_another_day)).approved.len(), 0);
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
        zones in prop::collection::vec((0..60usize, 0..400usize, 0..12usize), 1..5),
    ) {
        let mut scene = Scene::default();
        let mut all = Vec::new();
        for (number, (orphans, others, before)) in zones.iter().enumerate() {
            all.extend(lost(&mut scene, number, others + orphans, *orphans, *before));
        }
        let weighed = weighed(&all, &scene, None);
        let brakes = brakes(&weighed);
        for (number, (orphans, others, before)) in zones.iter().enumerate() {
            let of_zone = weighed.going.iter().filter(|marked| marked.id.zone == zone(number)).count();
            let most = scene.census.limit(&zone(number));
            prop_assert!(most == 0 || most == 5.max((others + orphans) as u64 / 20));
            prop_assert!(*others == 0 || most > 0 || zones.iter().all(|(_, others, _)| *others == 0));
            let brake = brakes.iter().find(|brake| brake.zone == Some(zone(number)));
            if *orphans == 0 || (before + orphans) as u64 <= most {
                prop_assert_eq!((of_zone, brake), (*orphans, None));
            } else {
                let brake = brake.unwrap();
                prop_assert_eq!((of_zone, brake.names.len(), brake.limit), (0, *orphans, most));
                prop_assert_eq!((brake.brake, brake.digest.is_some()), (BrakeKind::Orphans, true));
                prop_assert_eq!(brake.opens == Opens::Approve, *orphans as u64 > most);
            }
        }
    }

    /// Whatever rows are sent beside the true ones, no set goes that would not have gone without them.
    #[test]
    fn a_row_more_lets_no_set_more_go(
        (orphans, kept, before) in (1..9usize, 0..200usize, 0..6usize),
        in_vain in prop::collection::btree_set(0..8usize, 0..4),
        forged in prop::collection::vec((0..4usize, 0..12usize, 0..24i64, 0..24i64), 0..8),
    ) {
        let mut scene = Scene::default();
        let all = lost(&mut scene, 1, orphans + kept, orphans, before);
        for number in in_vain {
            scene.deletes(marked(1, number).id, SignedDuration::from_hours(2));
        }
        let honest = weighed(&all, &scene, None).going.len();
        for (kind, number, one, other) in forged {
            let id = marked(1, [0, KEPT, WENT, 2 * WENT][kind] + number).id;
            let time = |hours: i64| now() - SignedDuration::from_hours(hours);
            let row = Deletion { first: time(one.max(other)), last: time(one.min(other)) };
            let told = scene.deletions.entry(id).or_insert(row);
            *told = Deletion { first: told.first.min(row.first), last: told.last.max(row.last) };
        }
        let going = weighed(&all, &scene, None).going.len();
        prop_assert!(going <= honest, "{going} > {honest}");
    }
}
