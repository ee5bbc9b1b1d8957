//! Days on which somebody had a hand in it: a hold, a rollback, a plan that was read yesterday, a mark of a later program.

use super::day::Day;
use super::{HOUR, NEW, OLD, THIRD, because, named, ours};
use crate::handler::{OWNER, mark, reasons, set};

const HOST: &str = "x.example.com";
const DAY: i64 = 24 * HOUR;

async fn house(more: &[(&str, &str)]) -> Day {
    let mut day = Day::begin(&[ours("x", "x", OLD)], &[named("x")], &[("x", OLD)], more).await;
    day.pass(6).await;
    day
}

/// Somebody holds a name for a day, and its machine moves. Not one alert fires, nothing is written and nobody is told; when the
/// hold is over, the name moves by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_stands_for_a_day_and_not_one_alert_fires() {
    let mut day = house(&[]).await;
    let until = day.at(DAY).to_string();
    assert_eq!(day.person(&["hold", HOST, "--until", &until, "--yes"]).await, (Some(0), 1));
    day.moves("x", NEW);
    day.pass(HOUR).await;
    day.pass_quietly(DAY - day.minute - 10).await;
    day.pass(9).await;
    let plan = day.plan().await;
    assert_eq!(
        (reasons(&plan, HOST), day.held("x")),
        (vec!["held".to_owned()], vec![OLD.to_owned()]),
        "{plan}"
    );
    assert!(because(&plan, HOST).contains(&format!("heartbeat-dns unhold {HOST}")), "{plan}");
    assert_eq!((day.fired.len(), day.notices().len()), (0, 0), "{:?}", day.fired);
    assert_eq!(day.told().await, [("hold confirmed".to_owned(), 1)].into());
    day.pass(5).await;
    assert_eq!(
        (day.held("x"), day.served("x").await),
        (vec![OLD.to_owned(), NEW.to_owned()], NEW.to_owned())
    );
    assert!((DAY..DAY + 2).contains(&day.since("x")), "{}", day.since("x"));
}

/// A move is taken back by hand. No alert fires for it, and ten that come all the same change nothing, nor does a day of the
/// timer; let go, it moves again.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_stays_for_a_day() {
    let mut day = house(&[]).await;
    day.moves("x", NEW);
    day.pass(5).await;
    assert_eq!(day.held("x"), [OLD, NEW]);
    assert_eq!(day.person(&["rollback", HOST, "--yes"]).await, (Some(0), 1));
    let before = day.fired.len();
    for _ in 0..10 {
        day.pass(3).await;
        day.nudge().await;
    }
    day.pass_quietly(DAY).await;
    assert_eq!((day.fired.len(), day.held("x")), (before, [OLD, NEW, OLD].map(str::to_owned).to_vec()));
    assert_eq!(day.served("x").await, OLD);
    assert_eq!(day.person(&["unhold", HOST, "--yes"]).await, (Some(0), 1));
    day.pass(5).await;
    assert_eq!(day.held("x"), [OLD, NEW, OLD, NEW]);
}

/// Whoever has read a plan yesterday agrees to nothing that is planned today, however often he says so.
#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_digest_is_agreed_to_in_vain() {
    let mut day = house(&[("RECONCILE_ON", "alert")]).await;
    // Nothing but this person writes.
    day.alert = false;
    day.moves("x", NEW);
    day.pass(5).await;
    let read = day.counted().await;
    assert_eq!(read["changes"][0]["to"][0], NEW, "{read}");
    let digest = read["digest"].as_str().unwrap();
    day.pass_quietly(DAY - 20).await;
    day.moves("x", THIRD);
    day.pass(20).await;
    for _ in 0..2 {
        assert_eq!(day.person(&["apply", "--expect", digest]).await, (Some(4), 0));
        assert_eq!(day.person(&["apply", HOST, "--expect", digest]).await, (Some(4), 0));
    }
    let now = day.counted().await["digest"].as_str().unwrap().to_owned();
    assert_eq!(day.person(&["apply", "--expect", &now]).await, (Some(0), 1));
    assert_eq!(
        (day.held("x"), day.served("x").await),
        (vec![OLD.to_owned(), THIRD.to_owned()], THIRD.to_owned())
    );
}

/// A mark whose version is higher than those that we know means something that we do not know, as a hold does to a program of
/// before: the set is left alone all day, and told once.
#[tokio::test(flavor = "multi_thread")]
async fn a_mark_of_a_later_program_is_left_alone() {
    let sets = [set("x", &[OLD], mark("x", OWNER, "3"))];
    let mut day = Day::begin(&sets, &[named("x")], &[("x", OLD)], &[]).await;
    day.pass(6).await;
    day.moves("x", NEW);
    day.pass(HOUR).await;
    day.pass_quietly(DAY - 2 * HOUR).await;
    let plan = day.plan().await;
    assert_eq!(
        (reasons(&plan, HOST), day.held("x")),
        (vec!["not-owned".to_owned()], vec![OLD.to_owned()]),
        "{plan}"
    );
    assert_eq!((day.told().await, day.notices().len()), ([("skip not-owned".to_owned(), 1)].into(), 0));
    // Two beats until it is judged; from then on the log knows.
    assert!(day.fired.len() <= 2, "{:?}", day.fired);
}
