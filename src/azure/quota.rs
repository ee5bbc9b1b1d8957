//! The pace of writes: a sliding minute for each zone, creations and updates apart.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// Creations, and likewise updates, that Azure DNS takes in a minute for one public zone (contract
/// azure-resource-manager, section 2.7).
pub const WRITES_PER_MINUTE: usize = 200;

const MINUTE: Duration = Duration::from_secs(60);

/// The two kinds of writes that are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Write {
    /// A record set that does not exist.
    Create,
    /// A record set that exists.
    Update,
}

/// The pace of one process. Its whole share may be used at once; the next write then waits for the minute to slide.
#[derive(Debug)]
pub struct Quota {
    /// Writes in a minute; `None`: no pace of our own.
    limit: Option<usize>,
    /// When the newest writes of each zone were, or will be, allowed: at most `limit` of them, oldest first.
    granted: Mutex<BTreeMap<(String, Write), VecDeque<Instant>>>,
}

impl Quota {
    /// A pace at `share` of the platform's quota, over 0 and at most 1; `None` sets no pace.
    #[must_use]
    pub fn new(share: Option<f64>) -> Self {
        let of_share = |share: f64| {
            // The product lies between 0 and 200, so nothing is cut off but its fraction.
            let limit = (share.clamp(0.0, 1.0) * WRITES_PER_MINUTE as f64).floor() as usize;
            limit.max(1)
        };
        Self { limit: share.map(of_share), granted: Mutex::default() }
    }

    /// Waits for its turn. Turns are given in the order of the calls.
    ///
    /// # Errors
    /// The moment of the next turn, when that is not before `deadline`; the turn is not taken then.
    pub async fn turn(&self, zone: &str, write: Write, deadline: Instant) -> Result<(), Instant> {
        let turn = self.reserve(zone, write, deadline)?;
        tokio::time::sleep_until(turn).await;
        Ok(())
    }

    /// Turns that would be given at once now, and the most that there are in a minute; none without a pace.
    pub(super) fn left(&self, zone: &str, write: Write) -> Option<(usize, usize)> {
        let limit = self.limit?;
        let now = Instant::now();
        let granted = self.granted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let turns = granted.get(&(zone.to_ascii_lowercase(), write));
        let taken = turns.map_or(0, |turns| turns.iter().filter(|turn| **turn + MINUTE > now).count());
        Some((limit.saturating_sub(taken), limit))
    }

    fn reserve(&self, zone: &str, write: Write, deadline: Instant) -> Result<Instant, Instant> {
        let now = Instant::now();
        let Some(limit) = self.limit else { return Ok(now) };
        let mut granted = self.granted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let turns = granted.entry((zone.to_ascii_lowercase(), write)).or_default();
        let turn = match turns.front() {
            Some(oldest) if turns.len() >= limit => now.max(*oldest + MINUTE),
            _ => now,
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn writes(quota: &Quota, zone: &str, write: Write, count: usize, deadline: Instant) -> Vec<u64> {
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
        let times = writes(&quota, "z", Write::Update, 1000, deadline).await;
        assert_eq!(times[159], 0);
        assert_eq!(times[160], 60);
        assert_eq!(times[999], 360);
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_holds_more_than_the_share() {
        let quota = Quota::new(Some(0.05));
        let deadline = Instant::now() + Duration::from_secs(3600);
        let start = Instant::now();
        let mut times = Vec::new();
        for index in 0..60_u64 {
            tokio::time::advance(Duration::from_secs(index % 7)).await;
            quota.turn("z", Write::Create, deadline).await.unwrap();
            times.push(Instant::now() - start);
        }
        assert!(times.windows(11).all(|eleven| eleven[10] - eleven[0] >= MINUTE));
    }

    #[tokio::test(start_paused = true)]
    async fn zones_and_kinds_have_minutes_of_their_own() {
        let quota = Quota::new(Some(0.01));
        let deadline = Instant::now() + Duration::from_secs(3600);
        for (zone, write) in [("a", Write::Update), ("a", Write::Create), ("b", Write::Update)] {
            assert_eq!(writes(&quota, zone, write, 2, deadline).await, [0, 0]);
        }
        assert_eq!(
            writes(&quota, "A", Write::Update, 1, deadline).await,
            [60],
            "zones are compared without case"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_room_before_the_deadline_is_told_at_once() {
        let quota = Quota::new(Some(0.01));
        let deadline = Instant::now() + Duration::from_secs(30);
        assert_eq!(writes(&quota, "z", Write::Update, 5, deadline).await, [0, 0]);
        let next = quota.turn("z", Write::Update, deadline).await.unwrap_err();
        assert_eq!(next - Instant::now(), MINUTE, "a refused turn is not counted");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_comes_back_after_a_minute() {
        let quota = Quota::new(Some(0.02));
        let deadline = Instant::now() + Duration::from_secs(3600);
        assert_eq!(quota.left("z", Write::Create), Some((4, 4)));
        quota.turn("Z", Write::Create, deadline).await.unwrap();
        assert_eq!(
            (quota.left("z", Write::Create), quota.left("z", Write::Update)),
            (Some((3, 4)), Some((4, 4)))
        );
        tokio::time::advance(MINUTE).await;
        assert_eq!(quota.left("z", Write::Create), Some((4, 4)));
        assert_eq!(Quota::new(None).left("z", Write::Create), None);
    }

    #[tokio::test(start_paused = true)]
    async fn off_sets_no_pace() {
        let times = writes(&Quota::new(None), "z", Write::Update, 5000, Instant::now()).await;
        assert_eq!(times.last(), Some(&0));
        assert_eq!(times.len(), 5000);
    }
}
