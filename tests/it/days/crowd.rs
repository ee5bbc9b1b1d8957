//! A day of five hundred names that cannot be moved.

use serde_json::Value;

use super::day::Day;
use super::named;
use crate::handler::set;

const MANY: usize = 500;
/// What a person wrote into all of them.
const HAND: &str = "192.0.2.80";

/// Somebody has tagged five hundred machines with names whose record sets a person has made, and which point elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_names_are_skipped_all_day() {
    let names: Vec<String> = (0..MANY).map(|index| format!("c{index:03}")).collect();
    let sets: Vec<Value> = names.iter().map(|name| set(name, &[HAND], Value::Null)).collect();
    let machines: Vec<Value> = names.iter().map(|name| named(name)).collect();
    let at: Vec<String> = (0..MANY).map(|index| format!("203.0.113.{}", index % 250 + 1)).collect();
    let places: Vec<(&str, &str)> =
        names.iter().zip(&at).map(|(name, address)| (name.as_str(), address.as_str())).collect();
    let mut day = Day::with_beats(10, &sets, &machines, &places, &[]).await;
    day.pass(10).await;
    assert_eq!(day.told().await, [("skip not-owned".to_owned(), MANY as u64)].into());
    // The alert is quiet from the second minute on, for the log knows what was refused.
    assert!(!day.fires().await);
    day.pass_by_the_hour(25).await;
    for name in &names {
        assert_eq!(day.held(name), [HAND], "{name}");
    }
    // Once a day each is told again.
    let rows = day.ask("DNSChange_CL | where TimeGenerated > now() - 1d | count").await;
    assert!(rows[0][0].as_u64().unwrap() <= 1000, "{rows:?}");
    assert_eq!(day.told().await, [("skip not-owned".to_owned(), 2 * MANY as u64)].into());
    assert_eq!(day.notices(), [] as [String; 0]);
    assert!(day.most_calls(2) <= 4, "{:?}", day.ran);
}
