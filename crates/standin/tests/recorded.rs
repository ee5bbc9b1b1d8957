//! Machines of a recording: they are heard when it says so, and whoever was heard last beats on when it has ended.

#![expect(clippy::expect_used, reason = "all of this crate is test code, which may panic")]

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use standin::clock::{Course, wall};
use standin::{Clock, Options, Standin, logs_query};

/// Long enough for a loaded machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who was heard after a time.
async fn heard_after(standin: &Standin, time: Timestamp) -> BTreeSet<String> {
    let query = format!("Heartbeat | where TimeGenerated > datetime({time}) | distinct Computer");
    let snapshot = standin.state().workspace().snapshot();
    let found = logs_query::run(snapshot, query, None, standin.state().now(), PATIENCE).await;
    let answer = found.expect("an answer");
    logs_query::texts(&answer).into_iter().filter_map(|row| row.first().cloned()).collect()
}

#[tokio::test]
async fn who_was_heard_last_beats_on_at_the_end_and_nobody_before() {
    let origin: Timestamp = "2025-02-25T07:00:00Z".parse().expect("a time");
    let end = origin + SignedDuration::from_hours(2);
    let clock = Clock::standing(origin);
    let options = Options {
        clock: clock.clone(),
        beat_from: Some(end),
        beat_every: Some(Duration::from_millis(50)),
        ..Options::default()
    };
    let standin = standin::start(options).await.expect("a stand-in");
    let post = |computer: &str, time: Timestamp| {
        let row =
            json!({ "Computer": computer, "ComputerIP": "198.51.100.7", "TimeGenerated": time.to_string() });
        standin::heartbeats::post(standin.state(), vec![row.as_object().cloned().expect("a row")]);
    };
    let minutes = |minutes: i64| end - SignedDuration::from_mins(minutes);
    post("silent", minutes(30));
    post("heard", minutes(30));
    // Two hours pass in a second; the last rows come late.
    clock.run(Course { origin, wall: wall(), speed: 7200.try_into().expect("a speed"), end });
    clock.until(minutes(20)).await;
    post("heard", minutes(1));
    assert_eq!(heard_after(&standin, minutes(1)).await, BTreeSet::new(), "a recording speaks for itself");
    clock.until(end + SignedDuration::from_millis(300)).await;
    let heard = tokio::time::timeout(PATIENCE, async {
        loop {
            let heard = heard_after(&standin, end).await;
            if !heard.is_empty() {
                return heard;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert_eq!(heard.await.expect("a beat"), BTreeSet::from(["heard".to_owned()]));
    standin.stop().await;
}
