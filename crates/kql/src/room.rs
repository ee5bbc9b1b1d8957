//! Memory that queries share: together they take no more than one limit, however many run at once.
//!
//! Small queries take from a part of the room that is kept for them. What does not fit there is a large query, and of
//! those one runs at a time, with all that is left; the others wait until it is over. So nobody waits for somebody who
//! waits: a large query always goes on.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Shares grow by this much, so that the room is rarely asked.
const GRAIN: usize = 1 << 20;

/// The small queries together have one part in so many.
const SMALL_PART: usize = 4;

/// Memory for all queries that are given a [`Share`] of it.
///
/// ```
/// use kql::{Database, DateTime, Options, Room, run};
///
/// let room = Room::new(600_000_000);
/// let now = DateTime::parse("2026-05-04T10:00:00Z").ok_or("no date")?;
/// let options = Options { share: Some(room.share()), ..Options::new(now) };
/// let answer = run("print 1 + 1", &Database::new(), &options)?;
/// assert_eq!(answer.rows_json(), [serde_json::json!([2])]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Room {
    shared: Arc<Shared>,
}

/// What one query holds of a [`Room`]. It is given back when the last clone is dropped, so whoever keeps an answer keeps
/// its share.
#[derive(Clone, Debug)]
pub struct Share {
    held: Arc<Held>,
}

impl Room {
    /// A room of so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Room {
        let (taken, given_back) = (Mutex::default(), Condvar::new());
        Room { shared: Arc::new(Shared { bytes, taken, given_back }) }
    }

    /// A share for one query, of nothing yet.
    #[must_use]
    pub fn share(&self) -> Share {
        Share { held: Arc::new(Held { shared: Arc::clone(&self.shared), own: Mutex::default() }) }
    }

    /// What one query may take.
    #[must_use]
    pub fn largest(&self) -> usize {
        self.shared.largest()
    }

    /// Bytes that are given away now.
    #[must_use]
    pub fn taken(&self) -> usize {
        let taken = locked(&self.shared.taken);
        taken.small + taken.large + taken.kept
    }
}

impl Share {
    /// From now on the share is that of an answer of so many bytes, whose query is over.
    pub fn settle(&self, bytes: usize) {
        let mut own = locked(&self.held.own);
        let mut taken = locked(&self.held.shared.taken);
        taken.replace(&mut own, Own { bytes, kind: Kind::Kept });
        self.held.shared.given_back.notify_all();
    }

    /// What one query may take.
    pub(crate) fn largest(&self) -> usize {
        self.held.shared.largest()
    }

    /// Makes the share at least so large, and waits for room until that instant. How large it is then; none when there
    /// was no room.
    pub(crate) fn hold(&self, bytes: usize, until: Option<Instant>) -> Option<usize> {
        let shared = &self.held.shared;
        let mut own = locked(&self.held.own);
        if bytes <= own.bytes {
            return Some(own.bytes);
        }
        let bytes = bytes.div_ceil(GRAIN).saturating_mul(GRAIN);
        let mut taken = locked(&shared.taken);
        let kind = loop {
            if let Some(kind) = shared.kind_of(&taken, &own, bytes) {
                break kind;
            }
            if bytes > shared.largest() {
                return None;
            }
            taken = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => shared.given_back.wait(taken).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return None,
                Some(left) => {
                    shared.given_back.wait_timeout(taken, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        };
        taken.replace(&mut own, Own { bytes, kind });
        Some(bytes)
    }
}

#[derive(Debug)]
struct Shared {
    bytes: usize,
    taken: Mutex<Taken>,
    given_back: Condvar,
}

impl Shared {
    fn small_limit(&self) -> usize {
        self.bytes / SMALL_PART
    }

    fn largest(&self) -> usize {
        self.bytes - self.small_limit()
    }

    /// As what a share may grow to so many bytes now, if it may.
    fn kind_of(&self, taken: &Taken, own: &Own, bytes: usize) -> Option<Kind> {
        let more = bytes.saturating_sub(own.bytes);
        if own.kind != Kind::Large && taken.small.saturating_add(more) <= self.small_limit() {
            return Some(Kind::Small);
        }
        let is_its_turn = own.kind == Kind::Large || !taken.is_large_there;
        (is_its_turn && bytes.saturating_add(taken.kept) <= self.largest()).then_some(Kind::Large)
    }
}

/// What is given away.
#[derive(Debug, Default)]
struct Taken {
    small: usize,
    large: usize,
    /// To answers whose queries are over.
    kept: usize,
    is_large_there: bool,
}

impl Taken {
    fn replace(&mut self, own: &mut Own, new: Own) {
        *self.part(own.kind) -= own.bytes;
        *self.part(new.kind) += new.bytes;
        if own.kind == Kind::Large || new.kind == Kind::Large {
            self.is_large_there = new.kind == Kind::Large;
        }
        *own = new;
    }

    fn part(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Small => &mut self.small,
            Kind::Large => &mut self.large,
            Kind::Kept => &mut self.kept,
        }
    }
}

#[derive(Debug)]
struct Held {
    shared: Arc<Shared>,
    own: Mutex<Own>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner);
        locked(&self.shared.taken).replace(own, Own::default());
        self.shared.given_back.notify_all();
    }
}

#[derive(Debug, Default)]
struct Own {
    bytes: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Small,
    Large,
    Kept,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: usize = GRAIN;

    /// No waiting: what is not there now is refused.
    fn hold(share: &Share, bytes: usize) -> Option<usize> {
        share.hold(bytes, Some(Instant::now()))
    }

    #[test]
    fn small_queries_have_room_beside_a_large_one_and_large_ones_go_one_by_one() {
        let room = Room::new(100 * MB);
        let (large, small, second) = (room.share(), room.share(), room.share());
        assert_eq!(hold(&large, 70 * MB), Some(70 * MB));
        assert_eq!(hold(&large, 76 * MB), None, "the part of the small ones is kept for them");
        assert_eq!(hold(&small, 20 * MB), Some(20 * MB));
        assert_eq!(hold(&second, 6 * MB), None, "it would be the second large one");
        assert_eq!(hold(&small, 1), Some(20 * MB), "what is held needs no room");
        assert_eq!(hold(&large, 75 * MB), Some(75 * MB));
        assert_eq!(room.taken(), 95 * MB);
        drop(large);
        assert_eq!(hold(&second, 60 * MB), Some(60 * MB));
        assert_eq!(room.taken(), 80 * MB);
    }

    #[test]
    fn an_answer_that_is_kept_leaves_less_to_the_next() {
        let room = Room::new(100 * MB);
        let (first, second) = (room.share(), room.share());
        assert_eq!(hold(&first, 70 * MB), Some(70 * MB));
        first.settle(10 * MB);
        assert_eq!(hold(&second, 66 * MB), None);
        assert_eq!(hold(&second, 65 * MB), Some(65 * MB));
        let clone = first.clone();
        drop(first);
        assert_eq!(room.taken(), 75 * MB, "somebody keeps it still");
        drop(clone);
        drop(second);
        assert_eq!(room.taken(), 0);
    }

    #[test]
    fn who_waits_goes_on_when_the_large_one_is_over() {
        let room = Room::new(100 * MB);
        let (large, second) = (room.share(), room.share());
        assert_eq!(hold(&large, 70 * MB), Some(70 * MB));
        let waiting = std::thread::spawn(move || second.hold(70 * MB, None));
        drop(large);
        assert_eq!(waiting.join().ok().flatten(), Some(70 * MB));
    }
}
