//! One run at a time, at most one waiting. A further call joins the waiting run: that does all it wants already, or is
//! widened until it does.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Gate, watch};
use tracing::Instrument;

use super::errand::Errand;

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
        Self { gate: Arc::default(), begun: Arc::default(), waiting: Arc::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Queue<T> {
    /// Starts a run in a task of its own, now or after the running one, unless another waits that can do its work.
    pub(super) fn submit<F>(
        &self,
        errand: Errand,
        run: impl FnOnce(Errand, Teller<T>) -> F + Send + 'static,
    ) -> Place<T>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, told) = watch::channel(None);
        let mut waiting = lock(&self.waiting);
        let now = match Arc::clone(&self.gate).try_lock_owned() {
            Ok(turn) => Some((turn, errand)),
            Err(_) => {
                if let Some(other) = waiting.as_mut() {
                    other.errand.take_in(errand);
                    let ticket = Ticket { told: other.told.clone() };
                    return Place::Joined(other.errand.run.clone(), ticket);
                }
                *waiting = Some(Waiting { errand, told: told.clone() });
                None
            }
        };
        drop(waiting);
        let (gate, waiting, begun) =
            (Arc::clone(&self.gate), Arc::clone(&self.waiting), Arc::clone(&self.begun));
        let whole = async move {
            let (turn, errand) = match now {
                Some(now) => now,
                None => {
                    let turn = gate.lock_owned().await;
                    let taken = lock(&waiting).take();
                    // Whoever waits has put it there, and nobody else takes it out.
                    let Some(Waiting { errand, .. }) = taken else { return };
                    (turn, errand)
                }
            };
            begun.fetch_add(1, SeqCst);
            let id = errand.run.clone();
            // A task of its own, so that a panic frees the turn and stands in the log.
            if let Err(fault) = tokio::spawn(run(errand, Teller(sender)).in_current_span()).await {
                tracing::error!(run = %id, "the run {id} broke off: {fault}");
            }
            drop(turn);
        };
        tokio::spawn(whole.in_current_span());
        Place::Mine(Ticket { told })
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
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::run::Request;
    use pure::domain::HostName;
    use pure::plan::report::Trigger;
    use pure::wish::{Wish, Wishes};
    use tokio::sync::oneshot;

    fn mine<T>(place: Place<T>) -> Ticket<T> {
        match place {
            Place::Mine(ticket) => ticket,
            Place::Joined(id, _) => panic!("joined {id}"),
        }
    }

    fn these(names: &[&str]) -> Wish {
        Wish::these(names.iter().map(|name| HostName::parse(&format!("{name}.example.com")).unwrap()))
    }

    fn plan(names: &[&str]) -> Errand {
        Errand::of_person(Wishes::to_plan(if names.is_empty() { Wish::All } else { these(names) }))
    }

    fn apply(names: &[&str]) -> Errand {
        Errand::of_person(Wishes::to_write(these(names)))
    }

    /// What a run is to do that took in a call to write and one to plan.
    fn both(write: Wish, plan: Wish) -> Wishes {
        let mut both = Wishes::to_write(write);
        both.widen(Wishes::to_plan(plan));
        both
    }

    /// The same for all names, beside which these were given.
    fn all_and(write: &[&str], plan: &[&str]) -> Wishes {
        let mut all = both(these(write), these(plan));
        all.widen(Wishes::to_write(Wish::All));
        all
    }

    /// What the second run is asked to do when these calls come while the first goes on.
    async fn second_of(errands: Vec<Errand>) -> Errand {
        let queue = Queue::<Errand>::default();
        let (go, gone) = oneshot::channel::<()>();
        let mut first = mine(queue.submit(plan(&[]), |errand, teller| async move {
            let _ = gone.await;
            teller.tell(errand);
        }));
        let mut errands = errands.into_iter();
        let tell = |errand, teller: Teller<Errand>| async move { teller.tell(errand) };
        let second = errands.next().unwrap();
        let id = second.run.clone();
        let mut second = mine(queue.submit(second, tell));
        let mut joined = Vec::new();
        for errand in errands {
            match queue.submit(errand, tell) {
                Place::Joined(other, ticket) if other == id => joined.push(ticket),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(second.latest(), None);
        go.send(()).unwrap();
        first.wait_for(|_| true).await.unwrap();
        let done = second.wait_for(|_| true).await.unwrap();
        assert_eq!(done.run, id);
        for mut ticket in joined {
            assert_eq!(ticket.wait_for(|_| true).await.unwrap(), done, "whoever joined hears the same");
        }
        while queue.quiet().is_none() {
            tokio::task::yield_now().await;
        }
        assert!(matches!(queue.submit(plan(&[]), tell), Place::Mine(_)), "the place is free again");
        done
    }

    #[tokio::test]
    async fn a_waiting_plan_swallows_no_apply_and_no_alert() {
        let done = second_of(vec![plan(&[]), apply(&["nas"])]).await;
        assert_eq!(done.wishes, both(these(&["nas"]), Wish::All));
        let done = second_of(vec![plan(&["nas"]), Errand::of_alert("a1".to_owned(), true)]).await;
        assert_eq!(done.wishes, all_and(&[], &["nas"]));
        assert_eq!((done.trigger, done.alert_id.as_str()), (Trigger::Alert, "a1"));
        assert!(done.is_shared);
    }

    #[tokio::test]
    async fn a_waiting_apply_of_one_name_swallows_no_other() {
        let done = second_of(vec![apply(&["nas"]), apply(&["pc"]), plan(&["tv"])]).await;
        assert_eq!(done.wishes, both(these(&["nas", "pc"]), these(&["tv"])));
        assert_eq!(done.trigger, Trigger::Manual);
        let alerts = ["a1", "a2"].map(|id| Errand::of_alert(id.to_owned(), true));
        let done = second_of([vec![apply(&["nas"])], alerts.to_vec()].concat()).await;
        assert_eq!((done.wishes, done.alert_id.as_str()), (all_and(&["nas"], &[]), "a1"));
    }

    #[tokio::test]
    async fn what_only_plans_makes_no_apply_larger() {
        let done = second_of(vec![apply(&["nas"]), plan(&[]), Errand::of_alert("a".to_owned(), false)]).await;
        assert_eq!(done.wishes, both(these(&["nas"]), Wish::All));
    }

    #[tokio::test]
    async fn of_what_is_covered_the_names_are_kept_and_nothing_else() {
        let alert = Errand::of_alert("a1".to_owned(), true);
        assert_eq!(second_of(vec![alert.clone()]).await, alert);
        let done = second_of(vec![alert.clone(), plan(&["tv"]), apply(&["nas"]), plan(&[])]).await;
        let named = all_and(&["nas"], &["tv"]).named;
        let wishes = Wishes { named, ..alert.wishes.clone() };
        assert_eq!(done, Errand { wishes, is_shared: true, ..alert });
    }

    #[tokio::test]
    async fn an_alert_that_a_persons_apply_covers_is_the_alerts_run() {
        let all = Errand::of_person(Wishes::to_write(Wish::All));
        let done = second_of(vec![all, Errand::of_alert("a1".to_owned(), true)]).await;
        assert_eq!(done.wishes, Wishes::to_write(Wish::All));
        assert_eq!((done.trigger, done.alert_id.as_str()), (Trigger::Alert, "a1"));
    }

    #[test]
    fn a_run_is_asked_for_what_is_to_be_written() {
        let mut errand = apply(&["nas"]);
        errand.take_in(plan(&["tv"]));
        let request = errand.into_request();
        assert_eq!(request.wishes, both(these(&["nas"]), these(&["tv"])));
        let request = Errand::of_alert("a1".to_owned(), true).into_request();
        assert_eq!((request.wishes.write, request.alert_id.as_str()), (Wish::All, "a1"));
        let request = plan(&["tv"]).into_request();
        assert_eq!(request.wishes, Wishes::to_plan(these(&["tv"])));
    }

    #[tokio::test]
    async fn the_timer_has_the_same_place_as_others() {
        let timer = || Errand::of_timer(Request::of_names(Trigger::Timer, BTreeSet::new(), true));
        let done = second_of(vec![timer(), apply(&["nas"]), Errand::of_alert("a1".to_owned(), true)]).await;
        assert_eq!((&done.wishes.write, &done.wishes.plan), (&Wish::All, &Wish::Nothing), "it covers all");
        assert_eq!((done.trigger, done.alert_id.as_str()), (Trigger::Alert, "a1"));
        let done = second_of(vec![plan(&["nas"]), timer(), timer()]).await;
        assert_eq!(done.wishes, all_and(&[], &["nas"]));
        assert_eq!(done.trigger, Trigger::Timer);
        let alert = Errand::of_alert("a1".to_owned(), true);
        assert_eq!(second_of(vec![alert.clone(), timer()]).await, Errand { is_shared: true, ..alert });
    }

    #[tokio::test]
    async fn quiet_lasts_until_another_run_begins() {
        let queue = Arc::new(Queue::<bool>::default());
        let lasted = |quiet: Option<Quiet>| {
            let place = queue.submit(plan(&[]), move |_, teller| async move {
                teller.tell(quiet.is_some_and(|quiet| quiet.lasted()));
            });
            async { mine(place).wait_for(|_| true).await.unwrap() }
        };
        let (first, second) = (queue.quiet(), queue.quiet());
        assert!(lasted(first).await);
        assert!(!lasted(second).await, "a run has gone on");
        let (go, gone) = oneshot::channel::<()>();
        let _running = mine(queue.submit(plan(&[]), |_, _| async move {
            let _ = gone.await;
        }));
        assert!(queue.quiet().is_none(), "a run goes on");
        go.send(()).unwrap();
    }

    #[tokio::test]
    async fn a_panic_breaks_one_run_off_and_frees_the_turn() {
        let queue = Queue::<u8>::default();
        let mut broken = mine(queue.submit(plan(&[]), |_, teller| async move {
            let _keep = teller;
            panic!("on purpose");
        }));
        assert_eq!(broken.wait_for(|_| true).await, Err(BrokeOff));
        let mut next = mine(queue.submit(plan(&[]), |_, teller| async move { teller.tell(1) }));
        assert_eq!(next.wait_for(|state| *state == 1).await, Ok(1));
    }
}
