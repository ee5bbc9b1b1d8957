//! Key and token through the stand-in's Functions host, which has the habits of the real one: it passes both on.

use std::net::Ipv4Addr;

use serde_json::json;
use standin::functions_host::{FunctionsHost, HostOptions, Keys, TimerStorage, event_channel};
use tokio::net::TcpListener;

use super::Gate;
use crate::infra::read;

#[tokio::test(flavor = "multi_thread")]
async fn key_and_token_open_together_and_neither_alone() {
    let gate = Gate::new(&[]).await;
    let keys = Keys::random();
    let function = |name: &str| (name.to_owned(), read(&format!("{name}/function.json")));
    let mut environment = gate.house.environment.clone();
    environment.insert("COLLECTOR_SCHEDULE".to_owned(), "0 0 0 1 1 *".to_owned());
    let options = HostOptions {
        host_json: read("host.json"),
        functions: vec![function("function-collector"), function("function-remediate")],
        command: Some(vec![env!("CARGO_BIN_EXE_heartbeat-dns").into(), "serve".into()]),
        environment: environment.into_iter().collect(),
        root: std::env::temp_dir(),
        tick_at_start: false,
        pages: axum::Router::new(),
        keys: Some(keys.clone()),
        timers: TimerStorage::default(),
        clock: standin::Clock::default(),
        application_insights: None,
        events: event_channel(),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let host = FunctionsHost::start(options, listener).unwrap();
    assert!(host.ready().await);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let right = gate.right().await;
    gate.asked().await;
    let called = async |key: Option<&str>, token: Option<&str>| {
        let url = format!("http://{}/api/remediate", host.address());
        let body = json!({ "mode": "plan", "wait": true }).to_string();
        let mut request = http.post(url).header("Content-Type", "application/json").body(body);
        if let Some(key) = key {
            request = request.header("x-functions-key", key);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let key = keys.function.as_str();
    assert_eq!(called(None, Some(&right)).await, 401, "the host lets no token in alone");
    assert_eq!(called(Some("wrong"), Some(&right)).await, 401);
    assert_eq!(called(Some(key), None).await, 401, "we let no key in alone");
    assert_eq!(called(Some(&keys.master), None).await, 401, "nor the master's");
    assert_eq!(called(Some(key), Some("hush")).await, 401);
    assert_eq!(gate.asked().await.0, 0, "none of them cost Azure anything");
    assert_eq!(called(Some(key), Some(&right)).await, 200);
    host.stop().await;
}
