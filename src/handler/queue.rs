//! One run at a time, at most one waiting; whoever comes later is told the waiting run's id.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Gate, OwnedMutexGuard, watch};

/// The order of the runs of this process. Runs of other processes are kept apart by ETags alone.
///
/// `T` is what a run tells those who wait for it; the newest value replaces the one before.
#[derive(Debug)]
pub struct Queue<T> {
    gate: Arc<Gate<()>>,
    waiting: Arc<Mutex<Option<String>>>,
    kind: std::marker::PhantomData<fn() -> T>,
}

/// Where a call ended up.
#[derive(Debug)]
pub enum Place<T> {
    /// Its run has started or is the next one.
    Mine(Ticket<T>),
    /// Another call's run already waits; it has this id and will see all that this call would have seen.
    Taken(String),
}

/// The view on a run that goes on by itself, whether anybody looks or not.
#[derive(Debug)]
pub struct Ticket<T> {
    progress: watch::Receiver<Option<T>>,
}

/// The run ended without its last word: it panicked, which stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokeOff;

/// With what a run tells its state.
#[derive(Debug, Clone)]
pub struct Progress<T>(watch::Sender<Option<T>>);

impl<T> Progress<T> {
    /// Tells everybody who waits.
    pub fn tell(&self, state: T) {
        self.0.send_replace(Some(state));
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { gate: Arc::default(), waiting: Arc::default(), kind: std::marker::PhantomData }
    }
}

impl<T: Clone + Send + Sync + 'static> Queue<T> {
    /// Starts the run `id` in a task of its own, now or after the running one, unless another already waits.
    pub fn submit<F>(&self, id: &str, run: impl FnOnce(Progress<T>) -> F + Send + 'static) -> Place<T>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, progress) = watch::channel(None);
        let mut waiting = lock(&self.waiting);
        let turn = if let Ok(turn) = Arc::clone(&self.gate).try_lock_owned() {
            Some(turn)
        } else {
            if let Some(other) = waiting.as_ref() {
                return Place::Taken(other.clone());
            }
            *waiting = Some(id.to_owned());
            None
        };
        drop(waiting);
        let (gate, waiting, id) = (Arc::clone(&self.gate), Arc::clone(&self.waiting), id.to_owned());
        tokio::spawn(async move {
            let turn = match turn {
                Some(turn) => turn,
                None => {
                    let turn = gate.lock_owned().await;
                    *lock(&waiting) = None;
                    turn
                }
            };
            // A task of its own, so that a panic frees the turn and stands in the log.
            if let Err(fault) = tokio::spawn(run(Progress(sender))).await {
                tracing::error!(run = %id, "the run {id} broke off: {fault}");
            }
            drop(turn);
        });
        Place::Mine(Ticket { progress })
    }

    /// Waits for a turn outside of the places for calls: the timer's run is never turned away.
    pub async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.gate).lock_owned().await
    }
}

impl<T: Clone> Ticket<T> {
    /// Waits until the run tells a state that `is_enough`.
    ///
    /// # Errors
    /// When the run ended without one.
    pub async fn wait_for(&mut self, is_enough: impl Fn(&T) -> bool) -> Result<T, BrokeOff> {
        let state = self.progress.wait_for(|state| state.as_ref().is_some_and(&is_enough)).await;
        state.ok().and_then(|state| state.clone()).ok_or(BrokeOff)
    }

    /// What the run told last, if anything.
    #[must_use]
    pub fn latest(&self) -> Option<T> {
        self.progress.borrow().clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn mine(place: Place<u8>) -> Ticket<u8> {
        match place {
            Place::Mine(ticket) => ticket,
            Place::Taken(id) => panic!("taken by {id}"),
        }
    }

    #[tokio::test]
    async fn one_runs_one_waits_and_the_third_learns_the_second() {
        let queue = Queue::<u8>::default();
        let (go, gone) = oneshot::channel::<()>();
        let mut first = mine(queue.submit("a", |progress| async move {
            let _ = gone.await;
            progress.tell(1);
        }));
        let mut second = mine(queue.submit("b", |progress| async move { progress.tell(2) }));
        assert!(matches!(queue.submit("c", |_| async {}), Place::Taken(id) if id == "b"));
        assert_eq!(second.latest(), None);
        go.send(()).unwrap();
        assert_eq!(first.wait_for(|_| true).await, Ok(1));
        assert_eq!(second.wait_for(|_| true).await, Ok(2));
        let _turn = queue.turn().await;
        assert!(matches!(queue.submit("d", |_| async {}), Place::Mine(_)));
    }

    #[tokio::test]
    async fn a_panic_breaks_one_run_off_and_frees_the_turn() {
        let queue = Queue::<u8>::default();
        let mut broken = mine(queue.submit("a", |progress| async move {
            let _keep = progress;
            panic!("on purpose");
        }));
        assert_eq!(broken.wait_for(|_| true).await, Err(BrokeOff));
        let mut next = mine(queue.submit("b", |progress| async move { progress.tell(1) }));
        assert_eq!(next.wait_for(|state| *state == 1).await, Ok(1));
    }
}
