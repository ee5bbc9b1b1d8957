//! What stops work on one value: the deadline, the room that it may take, and a sentence of the function itself.
//!
//! A function gets one value after another and cannot fail: it answers a value. When it is at work for longer than a
//! few bytes it tells the clock how much it did ([`Clock::work`]: about one unit for a byte looked at or an element
//! made) and what it is about to hold ([`Clock::room`]). Either may answer [`Stopped`]; the function then leaves off
//! and answers anything. The stop stays in the clock, and whoever called the function asks for it
//! ([`Clock::stopped`]) before the value is used. The clock looks at the time once in [`UNITS`] units, so telling it
//! costs nothing. No thread watches: what is not told is not stopped.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use crate::room::Share;

/// Units of work between two looks at the time: about a millisecond.
const UNITS: usize = 1 << 18;

/// What one value may take while it is made.
const VALUE_BYTES: usize = 1 << 28;

/// Says that work was left off; the clock knows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Why work was left off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) message: String,
    /// The bytes that were too few, if it is that.
    pub(crate) budget: Option<usize>,
}

/// The limits of one run of a query.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    deadline: Option<Duration>,
    max_bytes: usize,
    /// Units since the last look at the time.
    units: Cell<usize>,
    /// Bytes that are noted for good, and those of the value at hand.
    bytes: Cell<usize>,
    value_bytes: Cell<usize>,
    /// What all queries of the process share, and how much of it is this one's.
    share: Option<Share>,
    shared_bytes: Cell<usize>,
    stop: RefCell<Option<Reason>>,
}

impl Clock {
    pub(crate) fn new(deadline: Option<Duration>, max_bytes: usize) -> Clock {
        Clock {
            started: Instant::now(),
            deadline,
            max_bytes,
            units: Cell::new(0),
            bytes: Cell::new(0),
            value_bytes: Cell::new(0),
            share: None,
            shared_bytes: Cell::new(0),
            stop: RefCell::new(None),
        }
    }

    /// The same for a query that has a share of what all queries share.
    pub(crate) fn sharing(self, share: Option<Share>) -> Clock {
        Clock { share, ..self }
    }

    /// Notes work that is about to be done.
    pub(crate) fn work(&self, units: usize) -> Result<(), Stopped> {
        let units = self.units.get().saturating_add(units);
        self.units.set(units);
        if units >= UNITS { self.look() } else { Ok(()) }
    }

    /// Looks at the time.
    pub(crate) fn look(&self) -> Result<(), Stopped> {
        self.units.set(0);
        match self.deadline {
            Some(deadline) if self.started.elapsed() > deadline => {
                let seconds = deadline.as_secs_f64();
                Err(self.stop(format!("the query ran longer than {seconds} s and was stopped")))
            }
            _ if self.stop.borrow().is_some() => Err(Stopped),
            _ => Ok(()),
        }
    }

    /// Notes bytes that stay in use; `others` are those of what counts its own.
    pub(crate) fn keep(&self, bytes: usize, others: usize) -> Result<(), Stopped> {
        self.bytes.set(self.bytes.get().saturating_add(bytes));
        self.within(others)
    }

    /// Asks whether so many bytes more could be held for a while; `others` are those of what counts its own.
    pub(crate) fn afford(&self, bytes: usize, others: usize) -> Result<(), Stopped> {
        self.within(others.saturating_add(bytes))
    }

    /// Notes bytes that the value at hand is about to take while it is made.
    pub(crate) fn room(&self, bytes: usize) -> Result<(), Stopped> {
        let value = self.value_bytes.get().saturating_add(bytes);
        self.value_bytes.set(value);
        if value > VALUE_BYTES {
            let limit = VALUE_BYTES >> 20;
            let message = format!("one value would take more than {limit} MB while it is made");
            return Err(self.lacks(VALUE_BYTES, message));
        }
        self.within(0)?;
        self.work(bytes / 8)
    }

    fn within(&self, others: usize) -> Result<(), Stopped> {
        let used = self.bytes.get().saturating_add(self.value_bytes.get()).saturating_add(others);
        if used > self.max_bytes {
            let limit = self.max_bytes / 1_000_000;
            let message = format!("the query needs more than {limit} MB and was stopped");
            return Err(self.lacks(self.max_bytes, message));
        }
        match &self.share {
            Some(share) if used > self.shared_bytes.get() => self.hold(share, used),
            _ => Ok(()),
        }
    }

    /// Takes of what all queries share; waits for it while there is time.
    fn hold(&self, share: &Share, bytes: usize) -> Result<(), Stopped> {
        let until = self.deadline.and_then(|deadline| self.started.checked_add(deadline));
        if let Some(held) = share.hold(bytes, until) {
            self.shared_bytes.set(held);
            return Ok(());
        }
        self.look()?;
        let needed = bytes / 1_000_000;
        let message = format!("the queries that run now leave no room for one that needs {needed} MB");
        Err(self.lacks(share.largest(), message))
    }

    /// Leaves off for a reason of the function's own; the first reason stays.
    pub(crate) fn stop(&self, message: String) -> Stopped {
        self.stop.borrow_mut().get_or_insert(Reason { message, budget: None });
        Stopped
    }

    fn lacks(&self, budget: usize, message: String) -> Stopped {
        self.stop.borrow_mut().get_or_insert(Reason { message, budget: Some(budget) });
        Stopped
    }

    /// Why work was left off, if it was; what the value at hand took is free again.
    pub(crate) fn stopped(&self) -> Option<Reason> {
        self.value_bytes.set(0);
        self.stop.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_stopped_by_time_by_room_and_by_a_reason() {
        let late = Clock::new(Some(Duration::ZERO), 100);
        assert_eq!(late.work(1), Ok(()), "a little work is not worth a look");
        assert_eq!(late.work(UNITS), Err(Stopped));
        assert!(late.stopped().is_some_and(|reason| reason.message.contains("longer than 0 s")));

        let narrow = Clock::new(None, 100);
        assert_eq!(narrow.room(60), Ok(()));
        assert_eq!(narrow.stopped(), None, "the next value begins anew");
        assert_eq!(narrow.room(60), Ok(()));
        assert_eq!(narrow.room(60), Err(Stopped));
        let reason = narrow.stopped();
        assert!(reason.is_some_and(|reason| reason.budget == Some(100)));

        let reasoned = Clock::new(None, 100);
        assert_eq!(reasoned.keep(60, 30), Ok(()));
        assert_eq!(reasoned.afford(30, 10), Ok(()));
        assert_eq!(reasoned.afford(30, 10), Ok(()), "what is afforded is given back");
        assert_eq!(reasoned.stop("first".to_owned()), Stopped);
        reasoned.stop("second".to_owned());
        let first = Reason { message: "first".to_owned(), budget: None };
        assert_eq!(reasoned.stopped(), Some(first));
        assert_eq!(reasoned.look(), Err(Stopped), "what was stopped stays stopped");
    }
}
