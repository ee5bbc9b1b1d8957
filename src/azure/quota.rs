//! The pace of writes: a sliding minute for each zone, creations, updates and deletions apart, and as wide as its kind allows.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pure::domain::{Service, ZoneId, ZoneKind};
use tokio::time::Instant;

/// Creations, and likewise updates and deletions, that Azure DNS takes in a minute for one zone of this kind (contract
/// azure-resource-manager, section 2.7, and private-zones, section 0).
fn writes_per_minute(kind: ZoneKind) -> usize {
    match kind {
        ZoneKind::Public => 200,
        ZoneKind::Private => 60,
    }
}

/// Writes in a minute for one zone that are made to be refused, whatever the pace of the others: one, and its repetitions.
const TRIALS: usize = 4;
const MINUTE: Duration = Duration::from_secs(60);
/// A zone is not left alone for longer than this on the word of one answer; waits of five minutes were seen (contract
/// azure-resource-manager, section 1.4).
const LONGEST: Duration = Duration::from_secs(3600);

/// The kinds of writes that are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Write {
    /// A record set that does not exist.
    Create,
    /// A record set that exists.
    Update,
    /// A record set that exists and is to be gone.
    Delete,
    /// A write that is made to be refused. Its pace is its own and small, and it never goes before a write that is meant.
    Trial,
}

/// The pace of one process. Its whole share may be used at once; the next write then waits for the minute to slide.
#[derive(Debug)]
pub struct Quota {
    /// The share of the platform's quota; `None`: no pace of our own.
    share: Option<f64>,
    /// When the newest writes of each zone were, or will be, allowed: at most a minute of them, oldest first.
    granted: Mutex<BTreeMap<(String, Write), VecDeque<Instant>>>,
    /// Until when the service wants to be left alone with a zone, reads and writes apart.
    closed: Mutex<BTreeMap<(String, Service), Instant>>,
}

impl Quota {
    /// A pace at `share` of the platform's quota, over 0 and at most 1; `None` sets no pace.
    #[must_use]
    pub fn new(share: Option<f64>) -> Self {
        Self { share, granted: Mutex::default(), closed: Mutex::default() }
    }

    /// Writes of a kind in a minute of such a zone; none without a pace.
    fn limit(&self, zone: &ZoneId) -> Option<usize> {
        let of_share = |share: f64| {
            // The product lies between 0 and 200, so nothing is cut off but its fraction.
            let limit = (share.clamp(0.0, 1.0) * writes_per_minute(zone.kind()) as f64).floor() as usize;
            limit.max(1)
        };
        self.share.map(of_share)
    }

    /// Waits for its turn. Turns are given in the order of the calls.
    ///
    /// # Errors
    /// The moment of the next turn, when that is not before `deadline`; the turn is not taken then.
    pub async fn turn(&self, zone: &ZoneId, write: Write, deadline: Instant) -> Result<(), Instant> {
        let turn = self.reserve(zone, write, deadline)?;
        tokio::time::sleep_until(turn).await;
        Ok(())
    }

    /// Leaves a zone alone until then: the service has answered 429 to one call, and means them all. Turns that were
    /// given for a moment before move behind it.
    pub(super) fn close(&self, zone: &ZoneId, service: Service, until: Instant) {
        let now = Instant::now();
        let until = until.min(now + LONGEST);
        let zone = zone.lower().to_owned();
        if service == Service::DnsWrite {
            let mut granted = lock(&self.granted);
            for write in [Write::Create, Write::Update, Write::Delete, Write::Trial] {
                for turn in granted.get_mut(&(zone.clone(), write)).into_iter().flatten() {
                    if *turn > now {
                        *turn = until.max(*turn);
                    }
                }
            }
        }
        let mut closed = lock(&self.closed);
        let end = closed.entry((zone, service)).or_insert(until);
        *end = until.max(*end);
    }

    /// Waits until the service may be asked about a zone again.
    ///
    /// # Errors
    /// The moment from which it may, when that is not before `deadline`.
    pub(super) async fn open(
        &self,
        zone: &ZoneId,
        service: Service,
        deadline: Instant,
    ) -> Result<(), Instant> {
        let key = (zone.lower().to_owned(), service);
        loop {
            let until = lock(&self.closed).get(&key).copied();
            match until {
                Some(until) if until <= Instant::now() => {
                    // Somebody may have been told to wait for longer meanwhile.
                    let mut closed = lock(&self.closed);
                    if closed.get(&key).is_some_and(|until| *until <= Instant::now()) {
                        closed.remove(&key);
                    }
                }
                Some(until) if until >= deadline => return Err(until),
                Some(until) => tokio::time::sleep_until(until).await,
                None => return Ok(()),
            }
        }
    }

    /// Turns that would be given at once now, and the most that there are in a minute; none without a pace.
    pub(super) fn left(&self, zone: &ZoneId, write: Write) -> Option<(usize, usize)> {
        let limit = self.limit(zone)?;
        let now = Instant::now();
        let granted = lock(&self.granted);
        let turns = granted.get(&(zone.lower().to_owned(), write));
        let taken = turns.map_or(0, |turns| turns.iter().filter(|turn| **turn + MINUTE > now).count());
        Some((limit.saturating_sub(taken), limit))
    }

    fn reserve(&self, zone: &ZoneId, write: Write, deadline: Instant) -> Result<Instant, Instant> {
        let now = Instant::now();
        let paced = self.limit(zone);
        let limit = match (write, paced) {
            (Write::Trial, _) => TRIALS,
            (_, Some(limit)) => limit,
            (_, None) => return Ok(now),
        };
        let closed = lock(&self.closed).get(&(zone.lower().to_owned(), Service::DnsWrite)).copied();
        let mut granted = lock(&self.granted);
        // The service counts a trial as an update: where the next update would have to wait, none is made.
        if write == Write::Trial
            && let Some(limit) = paced
            && let Some(updates) = granted.get(&(zone.lower().to_owned(), Write::Update))
            && let Some(oldest) = updates.front().filter(|_| updates.len() >= limit)
            && *oldest + MINUTE > now
        {
            return Err(*oldest + MINUTE);
        }
        let turns = granted.entry((zone.lower().to_owned(), write)).or_default();
        let welcome = closed.map_or(now, |until| until.max(now));
        let turn = match turns.front() {
            Some(oldest) if turns.len() >= limit => welcome.max(*oldest + MINUTE),
            _ => welcome,
        };
        if turn > now && turn >= deadline {
            return Err(turn);
        }
        if turns.len() >= limit {
            turns.pop_front();
        }
        turns.push_back(turn);
        Ok(turn)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> ZoneId {
        let base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones";
        ZoneId::parse(&format!("{base}/{name}.example.com")).unwrap()
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
            quota.reserve(&zone("z"), Write::Update, deadline).unwrap();
        }
        assert_eq!(quota.reserve(&zone("z"), Write::Update, deadline).unwrap() - start, MINUTE);
        quota.close(&zone("z"), Service::DnsWrite, start + Duration::from_secs(90));
        for turn in [90, 150, 150] {
            let next = quota.reserve(&zone("z"), Write::Update, deadline).unwrap();
            assert_eq!((next - start).as_secs(), turn, "the turn that moved to 90 s counts from there");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_zone_that_may_not_be_read_for_a_while_is_written_in_its_turn() {
        let quota = Quota::new(Some(0.01));
        let start = Instant::now();
        let deadline = start + Duration::from_secs(3600);
        for _ in 0..3 {
            quota.reserve(&zone("z"), Write::Update, deadline).unwrap();
        }
        quota.close(&zone("z"), Service::DnsRead, start + Duration::from_secs(90));
        for turn in [60, 120] {
            let next = quota.reserve(&zone("z"), Write::Update, deadline).unwrap();
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
            assert_eq!(
                writes(&quota, &zone("z"), Write::Trial, 50, deadline).await.len(),
                TRIALS,
                "{share:?}"
            );
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
        assert_eq!(quota.reserve(&zone("z"), Write::Trial, start + MINUTE / 2), Err(start + MINUTE));
        assert_eq!(quota.reserve(&zone("y"), Write::Trial, deadline), Ok(start), "another zone's");
        tokio::time::advance(MINUTE).await;
        assert!(quota.reserve(&zone("z"), Write::Trial, deadline).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn off_sets_no_pace() {
        let times = writes(&Quota::new(None), &zone("z"), Write::Update, 5000, Instant::now()).await;
        assert_eq!(times.last(), Some(&0));
        assert_eq!(times.len(), 5000);
    }
}
