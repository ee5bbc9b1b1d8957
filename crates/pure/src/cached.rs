//! What an answer that may come out of a cache proves of a record set, and from when on it denies it.
//!
//! ```text
//! the answer          within the old TTL         after it
//! the new addresses   proof, but of a name that  proof
//!                     held them within that TTL
//! anything else       says nothing               a denial
//! ```

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::RecordSet;
use crate::plan::{Change, PastChange};

/// How long a resolver may tell that there is no such record, where nothing stood there before: the SOA of a private zone says
/// 10 seconds (contract private-zones, section 1).
pub const ABSENCE: Duration = Duration::from_secs(10);
/// Zones and caches are not to the second.
pub const GRACE: Duration = Duration::from_secs(5);

/// A record set that was written, as those who keep answers may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cached {
    /// What it is to hold.
    pub wanted: BTreeSet<IpAddr>,
    /// How long an answer of before the write may be kept.
    pub old_ttl: Duration,
    /// What the name held of late, for as long as an answer of then may be kept: each of these may come out of a cache.
    pub held: BTreeSet<BTreeSet<IpAddr>>,
    /// How long before the write it held the same addresses last; none: not that anybody knows.
    pub held_before: Option<Duration>,
}

/// What an answer is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// The write is seen.
    Proof,
    /// It may be of before the write.
    Nothing,
    /// The write is not seen, though every older answer has had its time.
    Denial,
}

impl Cached {
    /// A change that has just landed; none for one that leaves the addresses as they are, of which no answer shows anything.
    /// When the name held the new ones last its mark tells, and what the log remembers of it.
    #[must_use]
    pub fn of(change: &Change, past: &[PastChange], now: Timestamp) -> Option<Self> {
        let wanted = change.to();
        if change.from() == *wanted {
            return None;
        }
        let mark = change.before.as_ref().and_then(RecordSet::mark);
        let by_mark = mark.as_ref().filter(|mark| mark.previous == *wanted).and_then(|mark| mark.time);
        let by_log = past.iter().filter(|past| past.is_move() && past.from == *wanted).map(|past| past.time);
        let left = by_log.chain(by_mark).max();
        let ago = |left: Timestamp| Duration::try_from(now.duration_since(left)).unwrap_or_default();
        let old_ttl = change.ttl_before().map_or(ABSENCE, |ttl| Duration::from_secs(ttl.into()));
        let is_of_late = |time: Timestamp| ago(time) <= old_ttl + GRACE;
        let logged = past.iter().filter(|past| is_of_late(past.time));
        let logged = logged.flat_map(|past| [past.from.clone(), past.to.clone()]);
        let marked = mark.filter(|mark| mark.time.is_some_and(is_of_late)).map(|mark| mark.previous);
        let held = logged.chain(marked).chain([change.from()]).collect();
        Some(Self { wanted: wanted.clone(), old_ttl, held, held_before: left.map(ago) })
    }

    /// Whether these addresses come out of no cache: the name is not to hold them, and did not hold them of late.
    #[must_use]
    pub fn is_strange(&self, answered: &BTreeSet<IpAddr>) -> bool {
        *answered != self.wanted && !self.held.contains(answered)
    }

    /// What these addresses say, so long after the write.
    #[must_use]
    pub fn worth(&self, answered: &BTreeSet<IpAddr>, since: Duration) -> Worth {
        let is_wanted = *answered == self.wanted;
        // It may have been asked for while the name held them the last time.
        let may_be_old = self.held_before.is_some_and(|ago| ago + since <= self.old_ttl);
        match (is_wanted, since > self.denied_after()) {
            (true, _) if !may_be_old => Worth::Proof,
            (true, _) | (false, false) => Worth::Nothing,
            (false, true) => Worth::Denial,
        }
    }

    /// How long after the write an answer denies it.
    #[must_use]
    pub fn denied_after(&self) -> Duration {
        self.old_ttl + GRACE
    }
}
