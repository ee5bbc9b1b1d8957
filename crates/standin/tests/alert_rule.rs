//! The alert rule over a real workspace, its alerts at a real endpoint.

#![expect(clippy::expect_used, reason = "all of this crate is test code, which may panic")]

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use standin::action_group::{ActionGroup, Patience};
use standin::alert_rule::{AlertRule, RuleEvent};
use standin::clock::Course;
use standin::{Clock, Options};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Long enough for a loaded machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

async fn take(State(payloads): State<mpsc::UnboundedSender<Value>>, body: String) {
    let _ = payloads.send(serde_json::from_str(&body).expect("json"));
}

#[tokio::test]
async fn every_evaluation_with_rows_fires_an_alert_of_its_own() {
    let (sender, mut payloads) = mpsc::unbounded_channel();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a listener");
    let url = format!("http://{}/api/remediate", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(take).with_state(sender);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let standin = standin::start(Options::default()).await.expect("a stand-in");
    let group = ActionGroup::new(url, Patience::default()).expect("a group");
    let rule = AlertRule {
        name: "ddns-mismatch".to_owned(),
        id: "/subscriptions/s/resourceGroups/g/providers/microsoft.insights/scheduledqueryrules/r".to_owned(),
        query: "Heartbeat | where ComputerIP == '198.51.100.7'".to_owned(),
        range: "PT1H".to_owned(),
        first_after: Duration::from_millis(10),
        every: Duration::from_millis(10),
    };
    let stopping = CancellationToken::new();
    let running = rule.start(standin.state().clone(), group, stopping.clone()).expect("a rule");
    let mut events = running.events();
    assert_eq!(events.recv().await.expect("an event"), RuleEvent::Quiet);
    let heartbeat = json!({ "Computer": "nas", "ComputerIP": "198.51.100.7" });
    standin::heartbeats::post(standin.state(), vec![heartbeat.as_object().cloned().expect("a row")]);

    let mut next =
        async || tokio::time::timeout(PATIENCE, payloads.recv()).await.ok().flatten().expect("a payload");
    let (first, second) = (next().await, next().await);
    let essentials = |payload: &Value| payload["data"]["essentials"].clone();
    assert_ne!(essentials(&first)["alertId"], essentials(&second)["alertId"]);
    assert_eq!(essentials(&first)["monitorCondition"], "Fired");
    assert_eq!(first["data"]["alertContext"]["condition"]["allOf"][0]["metricValue"], 1.0);
    let target = essentials(&first)["alertTargetIDs"][0].as_str().map(str::to_owned);
    assert_eq!(target, Some(standin.state().world().workspace_resource_id().to_lowercase()));
    stopping.cancel();
    standin.stop().await;
}

/// A minute takes a tenth of a second; what is asked, and what is told, is of the recording's time.
#[tokio::test]
async fn under_a_recorded_clock_it_is_evaluated_once_a_minute_of_it() {
    let (sender, mut payloads) = mpsc::unbounded_channel();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a listener");
    let url = format!("http://{}/api/remediate", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(take).with_state(sender);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let origin: Timestamp = "2025-02-25T07:00:00Z".parse().expect("a time");
    let clock = Clock::standing(origin);
    let options = Options { clock: clock.clone(), ..Options::default() };
    let standin = standin::start(options).await.expect("a stand-in");
    let heartbeat =
        json!({ "Computer": "nas", "ComputerIP": "198.51.100.7", "TimeGenerated": "2025-02-25T06:30:00Z" });
    standin::heartbeats::post(standin.state(), vec![heartbeat.as_object().cloned().expect("a row")]);
    let rule = AlertRule {
        name: "r".to_owned(),
        id: "/subscriptions/s/resourceGroups/g/providers/microsoft.insights/scheduledqueryrules/r".to_owned(),
        query: "Heartbeat | where TimeGenerated between (now() - 45m .. now())".to_owned(),
        range: "PT1H".to_owned(),
        first_after: Duration::ZERO,
        every: Duration::from_secs(60),
    };
    let group = ActionGroup::new(url, Patience::default()).expect("a group");
    let stopping = CancellationToken::new();
    let running = rule.start(standin.state().clone(), group, stopping.clone()).expect("a rule");
    let mut events = running.events();
    let end = origin + SignedDuration::from_hours(48);
    clock.run(Course { origin, wall: standin::clock::wall(), speed: 600.try_into().expect("a speed"), end });
    let mut fired = Vec::new();
    for _ in 0..3 {
        let payload =
            tokio::time::timeout(PATIENCE, payloads.recv()).await.ok().flatten().expect("a payload");
        let time = payload["data"]["essentials"]["firedDateTime"].as_str().expect("a time").to_owned();
        fired.push(time.parse::<Timestamp>().expect("a time"));
    }
    fired.sort();
    assert!(fired[0] >= origin && fired[2] < origin + SignedDuration::from_mins(15), "{fired:?}");
    assert!(fired.windows(2).all(|pair| pair[1].duration_since(pair[0]).as_secs() >= 60), "{fired:?}");
    // The row grows old by that clock, within a second and a half of the wall's.
    while !matches!(tokio::time::timeout(PATIENCE, events.recv()).await, Ok(Ok(RuleEvent::Quiet))) {}
    stopping.cancel();
    standin.stop().await;
}
