//! Which run a call gets, what it is asked to do, and when it begins.

use std::time::Duration;

use super::*;
use crate::run::Request;
use pure::domain::{HostName, NameSet};
use pure::plan::report::Trigger;
use pure::wish::{Wish, Wishes};
use tokio::sync::oneshot;
use tokio::time::Instant;

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
        0
    }));
    let mut errands = errands.into_iter();
    let tell = |errand, teller: Teller<Errand>| async move {
        teller.tell(errand);
        0
    };
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

#[tokio::test(start_paused = true)]
async fn a_waiting_plan_swallows_no_apply_and_no_alert() {
    let done = second_of(vec![plan(&[]), apply(&["nas"])]).await;
    assert_eq!(done.wishes, both(these(&["nas"]), Wish::All));
    let done = second_of(vec![plan(&["nas"]), Errand::of_alert("a1".to_owned(), true)]).await;
    assert_eq!(done.wishes, all_and(&[], &["nas"]));
    assert_eq!((done.trigger, done.alert_id.as_str()), (Trigger::Alert, "a1"));
    assert!(done.is_shared);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_apply_of_one_name_swallows_no_other() {
    let done = second_of(vec![apply(&["nas"]), apply(&["pc"]), plan(&["tv"])]).await;
    assert_eq!(done.wishes, both(these(&["nas", "pc"]), these(&["tv"])));
    assert_eq!(done.trigger, Trigger::Manual);
    let alerts = ["a1", "a2"].map(|id| Errand::of_alert(id.to_owned(), true));
    let done = second_of([vec![apply(&["nas"])], alerts.to_vec()].concat()).await;
    assert_eq!((done.wishes, done.alert_id.as_str()), (all_and(&["nas"], &[]), "a1"));
}

#[tokio::test(start_paused = true)]
async fn what_only_plans_makes_no_apply_larger() {
    let done = second_of(vec![apply(&["nas"]), plan(&[]), Errand::of_alert("a".to_owned(), false)]).await;
    assert_eq!(done.wishes, both(these(&["nas"]), Wish::All));
}

#[tokio::test(start_paused = true)]
async fn of_what_is_covered_the_names_are_kept_and_nothing_else() {
    let alert = Errand::of_alert("a1".to_owned(), true);
    assert_eq!(second_of(vec![alert.clone()]).await, alert);
    let done = second_of(vec![alert.clone(), plan(&["tv"]), apply(&["nas"]), plan(&[])]).await;
    let named = all_and(&["nas"], &["tv"]).named;
    let wishes = Wishes { named, ..alert.wishes.clone() };
    assert_eq!(done, Errand { wishes, is_shared: true, ..alert });
}

#[tokio::test(start_paused = true)]
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

#[tokio::test(start_paused = true)]
async fn the_timer_has_the_same_place_as_others() {
    let timer = || Errand::of_timer(Request::of_names(Trigger::Timer, NameSet::default(), true));
    let done = second_of(vec![timer(), apply(&["nas"]), Errand::of_alert("a1".to_owned(), true)]).await;
    assert_eq!((&done.wishes.write, &done.wishes.plan), (&Wish::All, &Wish::Nothing), "it covers all");
    assert_eq!((done.trigger, done.alert_id.as_str()), (Trigger::Alert, "a1"));
    let done = second_of(vec![plan(&["nas"]), timer(), timer()]).await;
    assert_eq!(done.wishes, all_and(&[], &["nas"]));
    assert_eq!(done.trigger, Trigger::Timer);
    let alert = Errand::of_alert("a1".to_owned(), true);
    assert_eq!(second_of(vec![alert.clone(), timer()]).await, Errand { is_shared: true, ..alert });
}

#[tokio::test(start_paused = true)]
async fn quiet_lasts_until_another_run_begins() {
    let queue = Arc::new(Queue::<bool>::default());
    let lasted = |quiet: Option<Quiet>| {
        let place = queue.submit(plan(&[]), move |_, teller| async move {
            teller.tell(quiet.is_some_and(|quiet| quiet.lasted()));
            0
        });
        async { mine(place).wait_for(|_| true).await.unwrap() }
    };
    let (first, second) = (queue.quiet(), queue.quiet());
    assert!(lasted(first).await);
    assert!(!lasted(second).await, "a run has gone on");
    let (go, gone) = oneshot::channel::<()>();
    let _running = mine(queue.submit(plan(&[]), |_, _| async move {
        let _ = gone.await;
        0
    }));
    assert!(queue.quiet().is_none(), "a run goes on");
    go.send(()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_panic_breaks_one_run_off_and_frees_the_turn() {
    let queue = Queue::<u8>::default();
    let mut broken = mine(queue.submit(plan(&[]), |_, teller| async move {
        let _keep = teller;
        panic!("on purpose");
    }));
    assert_eq!(broken.wait_for(|_| true).await, Err(BrokeOff));
    let mut next = mine(queue.submit(plan(&[]), |_, teller| async move {
        teller.tell(1);
        0
    }));
    assert_eq!(next.wait_for(|state| *state == 1).await, Ok(1));
}

/// How long after the beginning each of several runs began, in milliseconds, of errands that come so late each.
async fn begun(errands: Vec<(u64, Errand)>) -> Vec<u128> {
    begun_asking(4, errands).await
}

/// The same, when each run asks so many questions.
async fn begun_asking(queries: u64, errands: Vec<(u64, Errand)>) -> Vec<u128> {
    let queue = Queue::<u128>::default();
    let start = Instant::now();
    let mut tickets = Vec::new();
    for (after, errand) in errands {
        tokio::time::sleep_until(start + Duration::from_millis(after)).await;
        let place = queue.submit(errand, move |_, teller| async move {
            teller.tell(start.elapsed().as_millis());
            queries
        });
        match place {
            Place::Mine(ticket) => tickets.push(ticket),
            Place::Joined(..) => {}
        }
        // Its task begins, as it would before the next call comes.
        tokio::task::yield_now().await;
    }
    let mut begun = Vec::new();
    for mut ticket in tickets {
        begun.push(ticket.wait_for(|_| true).await.unwrap());
    }
    begun
}

#[tokio::test(start_paused = true)]
async fn runs_that_calls_start_begin_two_seconds_apart() {
    let alert = || Errand::of_alert("a1".to_owned(), true);
    assert_eq!(begun(vec![(0, alert()), (1, plan(&[])), (2500, alert())]).await, [0, 2000, 4000]);
    assert_eq!(begun(vec![(0, alert()), (1999, alert())]).await, [0, 2000]);
    assert_eq!(begun(vec![(0, alert()), (2000, alert())]).await, [0, 2000]);
    assert_eq!(begun(vec![(0, alert()), (5000, alert())]).await, [0, 5000]);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_in_thirty_seconds_are_fifteen_runs_and_the_one_that_waits() {
    let calls = (0..1000).map(|call| (call * 30, apply(&["nas"]))).collect();
    let begun = begun(calls).await;
    assert_eq!(begun.iter().filter(|begun| **begun < 30_000).count(), 15, "{begun:?}");
    assert!(begun.windows(2).all(|pair| pair[1] - pair[0] >= 2000), "{begun:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_more_is_followed_later() {
    for (queries, gap) in
        [(0, 2000), (4, 2000), (5, 2500), (6, 3000), (20, 10_000), (25, 15_000), (31, 30_000), (900, 30_000)]
    {
        let calls: Vec<_> = (0..700).map(|call| (call * 100, apply(&["nas"]))).collect();
        let begun = begun_asking(queries, calls).await;
        assert!(begun.windows(2).all(|pair| pair[1] - pair[0] == gap), "{queries}: {begun:?}");
        let within =
            |from: u128| begun.iter().filter(|at| (from..from + 30_000).contains(*at)).count() as u64;
        let most = begun.iter().map(|from| within(*from) * queries).max().unwrap();
        assert!(most <= queries.max(60), "{queries}: {most}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_timer_keeps_no_pace_and_costs_none() {
    let timer = || Errand::of_timer(Request::of_names(Trigger::Timer, NameSet::default(), true));
    let alert = || Errand::of_alert("a1".to_owned(), true);
    assert_eq!(begun(vec![(0, alert()), (500, timer()), (1000, timer())]).await, [0, 500, 1000]);
    assert_eq!(begun(vec![(0, timer()), (500, alert()), (1000, alert())]).await, [0, 500, 2500]);
    assert_eq!(
        begun(vec![(0, alert()), (500, alert()), (1000, timer())]).await,
        [0, 2000],
        "it joins who waits"
    );
}
