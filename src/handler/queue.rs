//! One run at a time, at most one waiting; what calls over HTTP start keeps a pace. A further call joins the waiting run: that does
//! all it wants already, or is widened until it does.

mod pace;

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Gate, watch};
use tracing::Instrument;

use super::errand::Errand;
use pace::CallPace;

/// The order of the runs of this process. Runs of other processes are kept apart by ETags alone.
///
/// `T` is what a run tells those who wait for it; the newest value replaces the one before.
#[derive(Debug)]
pub(super) struct Queue<T> {
    gate: Arc<Gate<()>>,
    /// Runs that have had their turn, the present one included.
    begun: Arc<AtomicU64>,
    /// What the waiting run is to do; it takes it out when its turn comes.
    waiting: Arc<Mutex<Option<Waiting<T>>>>,
    /// When calls may start a run.
    pace: Arc<CallPace>,
}

#[derive(Debug)]
struct Waiting<T> {
    errand: Errand,
    told: watch::Receiver<Option<T>>,
}

/// A moment at which no run went on.
#[derive(Debug)]
pub(super) struct Quiet {
    begun: Arc<AtomicU64>,
    then: u64,
}

impl Quiet {
    /// Asked by a run that has its turn: whether none went on since but itself.
    pub(super) fn lasted(&self) -> bool {
        self.begun.load(SeqCst) == self.then + 1
    }
}

/// Where a call ended up.
#[derive(Debug)]
pub(super) enum Place<T> {
    /// Its run has started or is the next one.
    Mine(Ticket<T>),
    /// Another call's run waits and does its work too: its id, and the view on it.
    Joined(String, Ticket<T>),
}

/// The view on a run that goes on by itself, whether anybody looks or not.
#[derive(Debug)]
pub(super) struct Ticket<T> {
    told: watch::Receiver<Option<T>>,
}

/// The run ended without its last word: it panicked, which stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BrokeOff;

/// With what a run tells its state.
#[derive(Debug, Clone)]
pub(super) struct Teller<T>(watch::Sender<Option<T>>);

impl<T> Teller<T> {
    /// Tells everybody who waits.
    pub(super) fn tell(&self, state: T) {
        self.0.send_replace(Some(state));
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { gate: Arc::default(), begun: Arc::default(), waiting: Arc::default(), pace: Arc::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Queue<T> {
    /// Starts a run in a task of its own, now or after the running one, unless another waits that can do its work. One that a
    /// call started waits besides until so much time has passed since the last such one began. A run gives back how many questions
    /// it has asked the workspace.
    pub(super) fn submit<F>(
        &self,
        errand: Errand,
        run: impl FnOnce(Errand, Teller<T>) -> F + Send + 'static,
    ) -> Place<T>
    where
        F: Future<Output = u64> + Send + 'static,
    {
        let (sender, told) = watch::channel(None);
        let keeps_pace = errand.keeps_pace();
        let mut waiting = lock(&self.waiting);
        let (turn, now) = match Arc::clone(&self.gate).try_lock_owned().ok() {
            Some(turn) if !keeps_pace || self.pace.is_over() => {
                if keeps_pace {
                    self.pace.begin();
                }
                (Some(turn), Some(errand))
            }
            turn => {
                if let Some(other) = waiting.as_mut() {
                    other.errand.take_in(errand);
                    let ticket = Ticket { told: other.told.clone() };
                    return Place::Joined(other.errand.run.clone(), ticket);
                }
                *waiting = Some(Waiting { errand, told: told.clone() });
                (turn, None)
            }
        };
        drop(waiting);
        let (gate, waiting, begun, pace) = (
            Arc::clone(&self.gate),
            Arc::clone(&self.waiting),
            Arc::clone(&self.begun),
            Arc::clone(&self.pace),
        );
        let whole = async move {
            let turn = match turn {
                Some(turn) => turn,
                None => gate.lock_owned().await,
            };
            let errand = match now {
                Some(errand) => errand,
                None => {
                    if keeps_pace {
                        // Whoever comes meanwhile finds the turn taken, and joins.
                        pace.over().await;
                        pace.begin();
                    }
                    let taken = lock(&waiting).take();
                    // Whoever waits has put it there, and nobody else takes it out.
                    let Some(Waiting { errand, .. }) = taken else { return };
                    errand
                }
            };
            begun.fetch_add(1, SeqCst);
            let id = errand.run.clone();
            // A task of its own, so that a panic frees the turn and stands in the log.
            match tokio::spawn(run(errand, Teller(sender)).in_current_span()).await {
                Ok(queries) if keeps_pace => pace.spent(queries),
                Ok(_) => {}
                Err(fault) => tracing::error!(run = %id, "the run {id} broke off: {fault}"),
            }
            drop(turn);
        };
        tokio::spawn(whole.in_current_span());
        Place::Mine(Ticket { told })
    }

    /// Whether a call may ask the workspace so much now, beside all runs; runs that calls start make room for it.
    ///
    /// # Errors
    /// How long it takes until it may.
    pub(super) fn ask_beside(&self, queries: u64) -> Result<(), Duration> {
        self.pace.ask_beside(queries)
    }

    /// It has asked so much more than that.
    pub(super) fn asked_more(&self, queries: u64) {
        self.pace.asked_more(queries);
    }

    /// Now, if no run goes on: what was observed from here on is the newest that there is, as long as it lasts.
    pub(super) fn quiet(&self) -> Option<Quiet> {
        // Whoever submits meanwhile waits here, and not in the place for one.
        let _waiting = lock(&self.waiting);
        let is_free = self.gate.try_lock().is_ok();
        is_free.then(|| Quiet { begun: Arc::clone(&self.begun), then: self.begun.load(SeqCst) })
    }
}

impl<T: Clone> Ticket<T> {
    /// Waits until the run tells a state that `is_enough`.
    ///
    /// # Errors
    /// When the run ended without one.
    pub(super) async fn wait_for(&mut self, is_enough: impl Fn(&T) -> bool) -> Result<T, BrokeOff> {
        let state = self.told.wait_for(|state| state.as_ref().is_some_and(&is_enough)).await;
        state.ok().and_then(|state| state.clone()).ok_or(BrokeOff)
    }

    /// What the run told last, if anything.
    #[must_use]
    pub(super) fn latest(&self) -> Option<T> {
        self.told.borrow().clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
