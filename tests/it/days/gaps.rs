//! Days on which something does not work for hours: the fleet is not heard, nobody sweeps, or we are not there.

use std::collections::BTreeMap;

use serde_json::Value;

use super::day::Day;
use super::{HOUR, NEW, THIRD, named, ours};
use crate::handler::reasons;

const HOST: &str = "m00.example.com";
/// Where its machine is in the morning.
const BEGIN: &str = "198.51.100.10";

/// The names that a brake holds, each by its brake and its sentence.
fn braked(plan: &Value) -> Vec<(&str, &str)> {
    let brakes = plan["brakes"].as_array().unwrap().iter();
    brakes.map(|brake| (brake["brake"].as_str().unwrap(), brake["because"].as_str().unwrap())).collect()
}

/// What the audit has, as words and numbers.
fn rows(rows: &[(&str, u64)]) -> BTreeMap<String, u64> {
    rows.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect()
}

/// Twenty machines, each with its name.
async fn fleet() -> Day {
    let names: Vec<String> = (0..20).map(|index| format!("m{index:02}")).collect();
    let at = |index: usize| format!("198.51.100.{}", 10 + index);
    let sets: Vec<Value> =
        names.iter().enumerate().map(|(index, name)| ours(name, name, &at(index))).collect();
    let machines: Vec<Value> = names.iter().map(|name| named(name)).collect();
    let addresses: Vec<String> = (0..20).map(at).collect();
    let places: Vec<(&str, &str)> =
        names.iter().zip(&addresses).map(|(name, address)| (name.as_str(), address.as_str())).collect();
    let mut day = Day::begin(&sets, &machines, &places, &[]).await;
    day.pass(6).await;
    day
}

/// Twelve of twenty machines fall silent at once: that is no fleet any more, and nothing that rests on it is believed. After an
/// hour those who are still heard are all there is, and their names move again.
#[tokio::test(flavor = "multi_thread")]
async fn half_the_fleet_is_silent() {
    let mut day = fleet().await;
    for index in 8..20 {
        day.falls_silent(&format!("m{index:02}"));
    }
    day.pass(20).await;
    day.moves("m00", NEW);
    day.pass(30).await;
    let plan = day.plan().await;
    assert_eq!((reasons(&plan, HOST), day.held("m00")), (vec!["blind".to_owned()], vec![BEGIN.to_owned()]));
    let [(brake, because)] = braked(&plan)[..] else { panic!("{plan}") };
    assert_eq!(brake, "blind");
    assert!(because.contains("12 of 20 machines fell silent"), "{because}");
    day.pass(40).await;
    assert_eq!(day.held("m00"), [BEGIN, NEW]);
    day.pass_quietly(22 * HOUR).await;
    assert_eq!(day.served("m00").await, NEW);
    assert!((1..20).all(|index| day.held(&format!("m{index:02}")).len() == 1));
    let told = rows(&[
        ("brake stands blind", 1),
        ("brake opened blind", 1),
        ("skip blind", 1),
        ("update confirmed", 1),
    ]);
    assert_eq!(day.told().await, told);
    assert_eq!(day.notices(), ["held blind", "over brake blind, silence", "moved m00.example.com"]);
    assert!(!day.fires().await);
}

/// The timer does not come for eight hours, and the alert does: what is known of tags and sets is too old by then, and what moves
/// stays where it was. When the timer comes again, it sweeps, and the name follows within the minute.
#[tokio::test(flavor = "multi_thread")]
async fn the_collector_is_away_for_eight_hours() {
    let mut day = fleet().await;
    day.timer = false;
    day.pass(70).await;
    day.moves("m00", NEW);
    day.pass(30).await;
    for minutes in [0, 380] {
        day.pass_quietly(minutes).await;
        let plan = day.plan().await;
        assert_eq!(day.held("m00"), [BEGIN]);
        let said = braked(&plan);
        assert!(said.len() == 2 && said.iter().all(|(brake, _)| *brake == "blind"), "{said:?}");
        assert!(said.iter().all(|(_, because)| because.contains("run heartbeat-dns collect")), "{said:?}");
        // Tags that are too old count for nothing, and then nobody speaks of the name any more.
        let expected = if minutes == 0 { vec!["blind"] } else { vec![] };
        assert_eq!(reasons(&plan, HOST), expected, "{plan}");
    }
    day.timer = true;
    day.pass(20).await;
    assert_eq!((day.held("m00"), day.since("m00")), (vec![BEGIN.to_owned(), NEW.to_owned()], 490));
    day.pass_quietly(15 * HOUR).await;
    assert_eq!(day.served("m00").await, NEW);
    let told = rows(&[
        ("brake stands blind", 2),
        ("brake opened blind", 2),
        ("skip blind", 1),
        ("update confirmed", 1),
    ]);
    assert_eq!(day.told().await, told);
    let heard = day.notices();
    let of_brakes = |word: &str| heard.iter().filter(|notice| notice.starts_with(word)).count();
    assert_eq!((of_brakes("held blind"), of_brakes("over brake blind"), heard.len()), (2, 2, 5), "{heard:?}");
    assert!(!day.fires().await);
}

/// For three hours nothing of ours runs, and nobody is called. Meanwhile one machine moves twice, and another takes the address
/// that it had: with the first tick both are where they are, and nobody was told of what they were in between.
#[tokio::test(flavor = "multi_thread")]
async fn we_are_away_for_three_hours() {
    let mut day = fleet().await;
    (day.timer, day.alert) = (false, false);
    day.pass(30).await;
    day.moves("m00", NEW);
    day.pass(HOUR).await;
    day.moves("m00", THIRD);
    day.moves("m01", BEGIN);
    day.pass(90).await;
    (day.timer, day.alert) = (true, true);
    day.restart().await;
    day.pass(10).await;
    assert_eq!((day.held("m00"), day.since("m00")), (vec![BEGIN.to_owned(), THIRD.to_owned()], 190));
    assert_eq!(day.held("m01"), ["198.51.100.11", BEGIN]);
    day.pass_quietly(20 * HOUR).await;
    assert_eq!([day.served("m00").await, day.served("m01").await], [THIRD, BEGIN]);
    assert_eq!(day.told().await, rows(&[("update confirmed", 2)]));
    assert_eq!(day.notices(), ["moved m00.example.com", "moved m01.example.com"]);
    assert!(!day.fires().await);
}
