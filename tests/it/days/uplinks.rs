//! Days of a machine with two ways out, which it takes in turn.

use super::day::Day;
use super::{HOUR, NEW, OLD, because, named, ours};
use crate::handler::reasons;

const HOST: &str = "x.example.com";

async fn house() -> Day {
    let mut day = Day::begin(&[ours("x", "x", OLD)], &[named("x")], &[("x", OLD)], &[]).await;
    day.pass(6).await;
    day
}

/// It changes its way every twenty minutes, all day. The name follows it five times, and then stays where it is, told once, until
/// the machine is steady again.
#[tokio::test(flavor = "multi_thread")]
async fn two_uplinks_alternate_for_a_day() {
    let mut day = house().await;
    for turn in 0..72 {
        day.moves("x", if turn % 2 == 0 { NEW } else { OLD });
        day.pass_quietly(20).await;
    }
    assert_eq!(day.held("x"), [OLD, NEW, OLD, NEW, OLD, NEW]);
    let plan = day.plan().await;
    assert_eq!(reasons(&plan, HOST), ["flapping"], "{plan}");
    let said = because(&plan, HOST);
    assert!(said.contains(OLD) && said.contains("It moves when it was steady for 45 min"), "{said}");
    let told = [("skip still-seen", 1), ("skip flapping", 1), ("update confirmed", 5)];
    assert_eq!(day.told().await, told.map(|(what, count)| (what.to_owned(), count)).into());
    assert_eq!(day.notices(), ["moved x.example.com"; 5]);
    // It is on the other way by now, and stays there.
    assert_eq!(day.held("x").last().map(String::as_str), Some(NEW));
    day.moves("x", OLD);
    day.pass_quietly(HOUR).await;
    assert_eq!(day.served("x").await, OLD);
    assert!(!day.fires().await);
}

/// It changes its way every four minutes: the name does not move at all while the address that it holds is still seen.
#[tokio::test(flavor = "multi_thread")]
async fn two_uplinks_alternate_within_minutes() {
    let mut day = house().await;
    for turn in 0..60 {
        day.moves("x", if turn % 2 == 0 { NEW } else { OLD });
        day.pass(4).await;
    }
    // In the first minutes nobody knows yet that it will come back.
    assert_eq!(day.held("x"), [OLD, NEW]);
    let plan = day.plan().await;
    assert_eq!(reasons(&plan, HOST), ["still-seen"], "{plan}");
    assert!(because(&plan, HOST).contains("or wait until one is used alone"), "{plan}");
    day.pass(HOUR).await;
    assert_eq!(
        (day.held("x"), day.served("x").await),
        (vec![OLD.to_owned(), NEW.to_owned(), OLD.to_owned()], OLD.to_owned())
    );
    let told = [("skip still-seen", 1), ("update confirmed", 2)];
    assert_eq!(day.told().await, told.map(|(what, count)| (what.to_owned(), count)).into());
    assert!(!day.fires().await);
}
