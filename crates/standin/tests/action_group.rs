//! The action group against an endpoint of its own: what it retries, what is final, when it falls silent.

#![expect(clippy::expect_used, reason = "all of this crate is test code, which may panic")]

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use standin::action_group::{ActionEvent, ActionGroup, Patience};
use tokio::net::TcpListener;

/// What the endpoint answers, one status after the other, and what it got.
#[derive(Default)]
struct Script {
    statuses: VecDeque<u16>,
    bodies: Vec<Value>,
}

type Shared = Arc<Mutex<Script>>;

async fn answer(State(script): State<Shared>, body: String) -> StatusCode {
    let status = {
        let mut script = script.lock().expect("a script");
        script.bodies.push(serde_json::from_str(&body).expect("json"));
        script.statuses.pop_front().unwrap_or(200)
    };
    if status == 0 {
        std::future::pending::<()>().await;
    }
    StatusCode::from_u16(status).expect("a status")
}

async fn endpoint(statuses: &[u16]) -> (String, Shared) {
    let script =
        Arc::new(Mutex::new(Script { statuses: statuses.iter().copied().collect(), bodies: Vec::new() }));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a listener");
    let url = format!("http://{}/api/remediate", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, script)
}

fn quick() -> Patience {
    Patience {
        call: Duration::from_millis(300),
        gaps: vec![Duration::from_millis(1); 5],
        silence: Duration::from_secs(900),
    }
}

/// Delivers one alert and says how each call went.
async fn deliver(group: &ActionGroup) -> Vec<String> {
    let mut events = group.events();
    group.deliver("/alerts/1", &json!({ "schemaId": "azureMonitorCommonAlertSchema" })).await;
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        seen.push(match event {
            ActionEvent::Called { attempt, outcome: Ok(status), .. } => format!("{attempt}:{status}"),
            ActionEvent::Called { attempt, outcome: Err(_), .. } => format!("{attempt}:broken"),
            ActionEvent::Silenced { .. } => "silenced".to_owned(),
            ActionEvent::Dropped { .. } => "dropped".to_owned(),
        });
    }
    seen
}

#[tokio::test]
async fn only_some_answers_are_retried() {
    for (statuses, expected) in [
        (&[200][..], &["1:200"][..]),
        (&[202], &["1:202"]),
        (&[500], &["1:500"]),
        (&[404], &["1:404"]),
        (&[429, 503, 408, 504, 200], &["1:429", "2:503", "3:408", "4:504", "5:200"]),
        (&[0, 200], &["1:broken", "2:200"]),
    ] {
        let (url, script) = endpoint(statuses).await;
        let group = ActionGroup::new(url, quick()).expect("a group");
        assert_eq!(deliver(&group).await, expected);
        assert_eq!(script.lock().expect("a script").bodies.len(), expected.len());
        assert!(!group.is_silent());
    }
}

#[tokio::test]
async fn after_the_last_retry_nobody_calls() {
    let (url, script) = endpoint(&[503; 20]).await;
    let group = ActionGroup::new(url, quick()).expect("a group");
    let seen = deliver(&group).await;
    assert_eq!(seen, ["1:503", "2:503", "3:503", "4:503", "5:503", "6:503", "silenced"]);
    assert_eq!(deliver(&group).await, ["dropped"]);
    assert_eq!(script.lock().expect("a script").bodies.len(), 6);
}

#[tokio::test]
async fn a_refused_connection_is_retried() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a listener");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let group = ActionGroup::new(url, quick()).expect("a group");
    assert_eq!(deliver(&group).await.len(), 7);
}

#[test]
fn the_table_is_azures() {
    let patience = Patience::default();
    assert_eq!(patience.call, Duration::from_secs(10));
    assert_eq!(patience.gaps.iter().map(Duration::as_secs).collect::<Vec<_>>(), [5, 20, 5, 40, 5]);
    assert_eq!(patience.silence, Duration::from_secs(900));
}
