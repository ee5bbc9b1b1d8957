//! The pace, on a clock that stands.

use super::*;

fn zone(name: &str) -> ZoneId {
    let base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones";
    ZoneId::parse(&format!("{base}/{name}.example.com")).unwrap()
}

fn reserve(quota: &Quota, zone: &ZoneId, write: Write, deadline: Instant) -> Result<Instant, Instant> {
    quota.reserve(zone, write, deadline).map(|(_, moment)| moment)
}

async fn writes(quota: &Quota, zone: &ZoneId, write: Write, count: usize, deadline: Instant) -> Vec<u64> {
    let start = Instant::now();
    let mut times = Vec::new();
    for _ in 0..count {
        if quota.turn(zone, write, deadline).await.is_err() {
            break;
        }
        times.push((Instant::now() - start).as_secs());
    }
    times
}

#[tokio::test(start_paused = true)]
async fn a_thousand_updates_end_six_minutes_after_the_first() {
    let quota = Quota::new(Some(0.8));
    let deadline = Instant::now() + Duration::from_secs(3600);
    let times = writes(&quota, &zone("z"), Write::Update, 1000, deadline).await;
    assert_eq!(times[159], 0);
    assert_eq!(times[160], 60);
    assert_eq!(times[999], 360);
}

#[tokio::test(start_paused = true)]
async fn a_private_zone_goes_at_the_pace_of_its_kind() {
    let quota = Quota::new(Some(0.8));
    let deadline = Instant::now() + Duration::from_secs(3600);
    let id = zone("z").as_str().replace("dnsZones", "privateDnsZones");
    let private = ZoneId::parse(&id).unwrap();
    assert_eq!(quota.left(&private, Write::Create), Some((48, 48)));
    let times = writes(&quota, &private, Write::Create, 192, deadline).await;
    assert_eq!([0, 47, 48, 95, 96, 191].map(|write| times[write]), [0, 0, 60, 60, 120, 180]);
    assert_eq!(quota.left(&zone("z"), Write::Create), Some((160, 160)), "the public one has its own");
}

/// The service counts a call when it comes there, which may be long after it was sent.
#[tokio::test(start_paused = true)]
async fn slow_answers_let_no_minute_of_the_service_hold_more() {
    let quota = std::sync::Arc::new(Quota::new(Some(0.05)));
    let deadline = Instant::now() + Duration::from_secs(3600);
    let start = Instant::now();
    // The first ten are counted at their end, twenty seconds later; the others at once.
    let call = |index: u64| {
        let quota = std::sync::Arc::clone(&quota);
        async move {
            let turn = quota.turn(&zone("z"), Write::Update, deadline).await.unwrap();
            if index < 10 {
                tokio::time::sleep(Duration::from_secs(20)).await;
            }
            quota.answered(&zone("z"), Write::Update, turn);
            (Instant::now() - start).as_secs()
        }
    };
    let mut counted = futures::future::join_all((0..30).map(call)).await;
    counted.sort_unstable();
    assert_eq!([0, 9, 10, 19, 20, 29].map(|index| counted[index]), [20, 20, 80, 80, 140, 140]);
}

#[tokio::test(start_paused = true)]
async fn no_minute_holds_more_than_the_share() {
    let quota = Quota::new(Some(0.05));
    let deadline = Instant::now() + Duration::from_secs(3600);
    let start = Instant::now();
    let mut times = Vec::new();
    for index in 0..60_u64 {
        tokio::time::advance(Duration::from_secs(index % 7)).await;
        quota.turn(&zone("z"), Write::Create, deadline).await.unwrap();
        times.push(Instant::now() - start);
    }
    assert!(times.windows(11).all(|eleven| eleven[10] - eleven[0] >= MINUTE));
}

#[tokio::test(start_paused = true)]
async fn zones_and_kinds_have_minutes_of_their_own() {
    let quota = Quota::new(Some(0.01));
    let deadline = Instant::now() + Duration::from_secs(3600);
    for (name, write) in [("a", Write::Update), ("a", Write::Create), ("b", Write::Update)] {
        assert_eq!(writes(&quota, &zone(name), write, 2, deadline).await, [0, 0]);
    }
    assert_eq!(
        writes(&quota, &zone("A"), Write::Update, 1, deadline).await,
        [60],
        "zones are compared without case"
    );
}

#[tokio::test(start_paused = true)]
async fn what_has_no_room_before_the_deadline_is_told_at_once() {
    let quota = Quota::new(Some(0.01));
    let deadline = Instant::now() + Duration::from_secs(30);
    assert_eq!(writes(&quota, &zone("z"), Write::Update, 5, deadline).await, [0, 0]);
    let next = quota.turn(&zone("z"), Write::Update, deadline).await.unwrap_err();
    assert_eq!(next - Instant::now(), MINUTE, "a refused turn is not counted");
}

#[tokio::test(start_paused = true)]
async fn what_is_left_comes_back_after_a_minute() {
    let quota = Quota::new(Some(0.02));
    let deadline = Instant::now() + Duration::from_secs(3600);
    assert_eq!(quota.left(&zone("z"), Write::Create), Some((4, 4)));
    quota.turn(&zone("Z"), Write::Create, deadline).await.unwrap();
    assert_eq!(
        (quota.left(&zone("z"), Write::Create), quota.left(&zone("z"), Write::Update)),
        (Some((3, 4)), Some((4, 4)))
    );
    tokio::time::advance(MINUTE).await;
    assert_eq!(quota.left(&zone("z"), Write::Create), Some((4, 4)));
    assert_eq!(Quota::new(None).left(&zone("z"), Write::Create), None);
}

#[tokio::test(start_paused = true)]
async fn a_closed_zone_waits_with_and_without_a_pace_and_no_other_does() {
    for share in [None, Some(0.8)] {
        let quota = Quota::new(share);
        let start = Instant::now();
        let deadline = start + Duration::from_secs(60);
        quota.close(&zone("Z"), Service::DnsWrite, start + Duration::from_secs(20));
        quota.close(&zone("z"), Service::DnsWrite, start + Duration::from_secs(5));
        quota.open(&zone("y"), Service::DnsWrite, deadline).await.unwrap();
        quota.open(&zone("z"), Service::DnsRead, deadline).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        let soon = start + Duration::from_secs(10);
        let until = quota.open(&zone("z"), Service::DnsWrite, soon).await.unwrap_err();
        assert_eq!(until - start, Duration::from_secs(20));
        quota.open(&zone("z"), Service::DnsWrite, deadline).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 20, "the longer of the two waits counts");
        quota.open(&zone("z"), Service::DnsWrite, Instant::now()).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_is_told_to_wait_again_waits_again() {
    let quota = std::sync::Arc::new(Quota::new(None));
    let start = Instant::now();
    quota.close(&zone("z"), Service::DnsWrite, start + Duration::from_secs(10));
    let later = std::sync::Arc::clone(&quota);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        later.close(&zone("z"), Service::DnsWrite, start + Duration::from_secs(30));
    });
    quota.open(&zone("z"), Service::DnsWrite, start + Duration::from_secs(60)).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn turns_behind_a_wait_keep_the_pace() {
    let quota = Quota::new(Some(0.01));
    let start = Instant::now();
    let deadline = start + Duration::from_secs(3600);
    for _ in 0..2 {
        reserve(&quota, &zone("z"), Write::Update, deadline).unwrap();
    }
    assert_eq!(reserve(&quota, &zone("z"), Write::Update, deadline).unwrap() - start, MINUTE);
    quota.close(&zone("z"), Service::DnsWrite, start + Duration::from_secs(90));
    for turn in [90, 150, 150] {
        let next = reserve(&quota, &zone("z"), Write::Update, deadline).unwrap();
        assert_eq!((next - start).as_secs(), turn, "the turn that moved to 90 s counts from there");
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_may_not_be_read_for_a_while_is_written_in_its_turn() {
    let quota = Quota::new(Some(0.01));
    let start = Instant::now();
    let deadline = start + Duration::from_secs(3600);
    for _ in 0..3 {
        reserve(&quota, &zone("z"), Write::Update, deadline).unwrap();
    }
    quota.close(&zone("z"), Service::DnsRead, start + Duration::from_secs(90));
    for turn in [60, 120] {
        let next = reserve(&quota, &zone("z"), Write::Update, deadline).unwrap();
        assert_eq!((next - start).as_secs(), turn);
    }
}

#[tokio::test(start_paused = true)]
async fn no_answer_closes_a_zone_for_more_than_an_hour() {
    let quota = Quota::new(None);
    let start = Instant::now();
    quota.close(&zone("z"), Service::DnsWrite, start + Duration::from_secs(86_400));
    quota.open(&zone("z"), Service::DnsWrite, start + Duration::from_secs(7200)).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 3600);
}

#[tokio::test(start_paused = true)]
async fn what_opens_or_has_its_turn_at_the_deadline_comes_too_late() {
    let quota = Quota::new(Some(0.001));
    let start = Instant::now();
    assert_eq!(quota.left(&zone("z"), Write::Update), Some((1, 1)), "the smallest share is one write");
    quota.turn(&zone("z"), Write::Update, start).await.expect("the first one need not wait");
    assert_eq!(quota.turn(&zone("z"), Write::Update, start + MINUTE).await, Err(start + MINUTE));
    quota.close(&zone("z"), Service::DnsRead, start + MINUTE);
    assert_eq!(quota.open(&zone("z"), Service::DnsRead, start + MINUTE).await, Err(start + MINUTE));
    let later = start + MINUTE + Duration::from_millis(1);
    quota.turn(&zone("z"), Write::Update, later).await.unwrap();
    assert_eq!(start.elapsed(), MINUTE);
}

#[tokio::test(start_paused = true)]
async fn trials_take_nothing_from_updates_and_never_go_before_them() {
    for share in [None, Some(0.8), Some(1.0)] {
        let quota = Quota::new(share);
        let deadline = Instant::now() + Duration::from_secs(15);
        assert_eq!(writes(&quota, &zone("z"), Write::Trial, 50, deadline).await.len(), TRIALS, "{share:?}");
        if let Some((_, most)) = quota.left(&zone("z"), Write::Update) {
            assert_eq!(
                writes(&quota, &zone("z"), Write::Update, 500, deadline).await.len(),
                most,
                "{share:?}"
            );
        }
    }
    let quota = Quota::new(Some(0.01));
    let start = Instant::now();
    let deadline = start + Duration::from_secs(3600);
    writes(&quota, &zone("z"), Write::Update, 2, deadline).await;
    assert_eq!(reserve(&quota, &zone("z"), Write::Trial, start + MINUTE / 2), Err(start + MINUTE));
    assert_eq!(reserve(&quota, &zone("y"), Write::Trial, deadline), Ok(start), "another zone's");
    tokio::time::advance(MINUTE).await;
    assert!(reserve(&quota, &zone("z"), Write::Trial, deadline).is_ok());
}

#[tokio::test(start_paused = true)]
async fn off_sets_no_pace() {
    let times = writes(&Quota::new(None), &zone("z"), Write::Update, 5000, Instant::now()).await;
    assert_eq!(times.last(), Some(&0));
    assert_eq!(times.len(), 5000);
}
