//! The pace of writes: a sliding minute for each zone, creations, updates and deletions apart, and as wide as its kind allows.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
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

/// The turn of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn(u64);

/// Turns with their moments, by these.
type Turns = VecDeque<(Turn, Instant)>;

/// The pace of one process. Its whole share may be used at once; the next write then waits for the minute to slide.
#[derive(Debug)]
pub struct Quota {
    /// The share of the platform's quota; `None`: no pace of our own.
    share: Option<f64>,
    /// When the newest writes of each zone were answered, were allowed where they are on their way, or will be: oldest first.
    granted: Mutex<BTreeMap<(String, Write), Turns>>,
    /// How many turns were given.
    given: AtomicU64,
    /// Until when the service wants to be left alone with a zone, reads and writes apart.
    closed: Mutex<BTreeMap<(String, Service), Instant>>,
}

impl Quota {
    /// A pace at `share` of the platform's quota, over 0 and at most 1; `None` sets no pace.
    #[must_use]
    pub fn new(share: Option<f64>) -> Self {
        Self { share, granted: Mutex::default(), given: AtomicU64::new(0), closed: Mutex::default() }
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

    /// Waits for its turn, and gives it. Turns are given in the order of the calls.
    ///
    /// # Errors
    /// The moment of the next turn, when that is not before `deadline`; the turn is not taken then.
    pub async fn turn(&self, zone: &ZoneId, write: Write, deadline: Instant) -> Result<Turn, Instant> {
        let (turn, mut moment) = self.reserve(zone, write, deadline)?;
        loop {
            tokio::time::sleep_until(moment).await;
            // It may have moved meanwhile, behind what was answered late.
            let mut granted = lock(&self.granted);
            let turns = granted.entry((zone.lower().to_owned(), write)).or_default();
            let Some(at) = turns.iter().position(|other| other.0 == turn) else { return Ok(turn) };
            moment = turns[at].1;
            if moment <= Instant::now() {
                return Ok(turn);
            }
            if moment >= deadline {
                turns.remove(at);
                return Err(moment);
            }
        }
    }

    /// The write whose turn that was has been answered. The service counted it at some moment before now: its minute begins now,
    /// for a slow answer must not let the next minute begin while the service still counts this one.
    pub(super) fn answered(&self, zone: &ZoneId, write: Write, turn: Turn) {
        let limit = self.limit_of(zone, write);
        let mut granted = lock(&self.granted);
        let Some(turns) = granted.get_mut(&(zone.lower().to_owned(), write)) else { return };
        let Some(at) = turns.iter().position(|other| other.0 == turn) else { return };
        let now = Instant::now();
        turns.remove(at);
        let at = turns.partition_point(|(_, moment)| *moment <= now);
        turns.insert(at, (turn, now));
        // Who still waits comes behind it, in the same order.
        for at in limit.max(at + 1)..turns.len() {
            turns[at].1 = turns[at].1.max(turns[at - limit].1 + MINUTE);
        }
    }

    /// Writes of a kind in a minute of such a zone, trials among them; no bound without a pace.
    fn limit_of(&self, zone: &ZoneId, write: Write) -> usize {
        match write {
            Write::Trial => TRIALS,
            _ => self.limit(zone).unwrap_or(usize::MAX),
        }
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
                for (_, moment) in granted.get_mut(&(zone.clone(), write)).into_iter().flatten() {
                    if *moment > now {
                        *moment = until.max(*moment);
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
        let taken =
            turns.map_or(0, |turns| turns.iter().filter(|(_, moment)| *moment + MINUTE > now).count());
        Some((limit.saturating_sub(taken), limit))
    }

    fn reserve(&self, zone: &ZoneId, write: Write, deadline: Instant) -> Result<(Turn, Instant), Instant> {
        let now = Instant::now();
        let turn = Turn(self.given.fetch_add(1, Ordering::Relaxed));
        let (paced, limit) = (self.limit(zone), self.limit_of(zone, write));
        if limit == usize::MAX {
            return Ok((turn, now));
        }
        let closed = lock(&self.closed).get(&(zone.lower().to_owned(), Service::DnsWrite)).copied();
        let mut granted = lock(&self.granted);
        // The service counts a trial as an update: where the next update would have to wait, none is made.
        if write == Write::Trial
            && let Some(limit) = paced
            && let Some(updates) = granted.get(&(zone.lower().to_owned(), Write::Update))
            && let Some((_, oldest)) = updates.len().checked_sub(limit).and_then(|at| updates.get(at))
            && *oldest + MINUTE > now
        {
            return Err(*oldest + MINUTE);
        }
        let turns = granted.entry((zone.lower().to_owned(), write)).or_default();
        let welcome = closed.map_or(now, |until| until.max(now));
        while turns.front().is_some_and(|(_, oldest)| *oldest + MINUTE <= now) {
            turns.pop_front();
        }
        let before = turns.len().checked_sub(limit).and_then(|at| turns.get(at));
        let moment = before.map_or(welcome, |(_, before)| welcome.max(*before + MINUTE));
        if moment > now && moment >= deadline {
            return Err(moment);
        }
        let at = turns.partition_point(|(_, other)| *other <= moment);
        turns.insert(at, (turn, moment));
        Ok((turn, moment))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
