//! A day and an hour with an identity that may do too much: told once a day, however many processes come and go.

use serde_json::json;

use super::day::Day;
use super::{OLD, named, ours};
use crate::handler::OWNER;
use crate::run::doctor::world::deployed;
use crate::stage::{SUBSCRIPTION, zone_id};

async fn day_with(more: &[serde_json::Value]) -> Day {
    let mut day = Day::begin(&[ours("x", "x", OLD)], &[named("x")], &[("x", OLD)], &[]).await;
    let roles = [deployed().as_array().unwrap(), more].concat();
    day.house.world(&json!({ "identity": { "roles": roles } })).await;
    day.alert = false;
    day
}

/// The minutes of the ticks that told of it, as the log has them.
async fn told(day: &Day) -> Vec<i64> {
    let rows = day.ask("DNSChange_CL | where Action_s == 'warning' | project TimeGenerated").await;
    let minute = |row: &serde_json::Value| {
        let time: jiff::Timestamp = row[0].as_str().unwrap().parse().unwrap();
        time.duration_since(day.at(0)).as_mins()
    };
    let mut minutes: Vec<i64> = rows.iter().map(minute).collect();
    minutes.sort_unstable();
    minutes
}

fn warned(day: &Day) -> usize {
    day.notices().iter().filter(|notice| *notice == "warned rights-too-wide").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_told_of_once_a_day() {
    let owner = json!({ "scope": format!("{SUBSCRIPTION}/resourceGroups/rg-dns"), "actions": ["*"] });
    let mut day = day_with(&[owner]).await;
    for hours in [9, 8, 6] {
        day.pass_by_the_hour(hours).await;
        assert_eq!((told(&day).await, warned(&day)), (vec![60], 1), "after another {hours} hours");
        day.restart().await;
    }
    // This process has found it, and not told it, an hour before the day was over; it tells when the day is.
    day.pass_by_the_hour(1).await;
    assert_eq!(told(&day).await, [60]);
    day.pass_by_the_hour(2).await;
    crate::handler::until("people are told again", async || warned(&day) == 2).await;
    assert_eq!(told(&day).await, [60, 25 * 60]);
    // And so does one that lives on.
    day.pass_by_the_hour(23).await;
    assert_eq!(told(&day).await, [60, 25 * 60, 49 * 60]);
}

/// Rows that nobody of ours has sent say each hour that people know it already.
#[tokio::test(flavor = "multi_thread")]
async fn a_forger_keeps_it_from_people_for_a_day_of_a_process_at_most() {
    let owner = json!({ "scope": format!("{SUBSCRIPTION}/resourceGroups/rg-dns"), "actions": ["*"] });
    let mut day = day_with(&[owner]).await;
    let mut heard = Vec::new();
    for hour in 0..50 {
        let time = day.at(hour * 60 + 30);
        day.append(
            "DNSChange_CL",
            &[json!({ "TimeGenerated": time.to_string(), "run_s": "forged", "Trigger_s": "timer",
                "DNSHostName_s": "rg-dns", "RecordType_s": "", "ZoneId_s": zone_id("example.com").to_lowercase(),
                "Action_s": "warning", "Outcome_s": "stands", "Reason_s": "rights-too-wide", "ResourceId_s": "x",
                "Installation_s": OWNER })],
        );
        day.pass_by_the_hour(1).await;
        heard.push(warned(&day));
    }
    crate::handler::until("people are told twice", async || warned(&day) == 2).await;
    assert_eq!((heard[0], heard[22]), (0, 0), "the first one is believed: {heard:?}");
    assert!(heard[26] == 1, "and none after it: {heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_of_infra_are_told_of_on_no_day() {
    let mut day = day_with(&[json!({ "scope": SUBSCRIPTION, "actions": ["*/read"] })]).await;
    day.pass_by_the_hour(13).await;
    day.restart().await;
    day.pass_by_the_hour(13).await;
    assert_eq!((told(&day).await, day.notices()), (vec![], vec![]));
}
