//! Key and token through the stand-in's Functions host, which has the habits of the real one: it passes both on.

use std::net::Ipv4Addr;

use serde_json::json;
use standin::functions_host::{FunctionsHost, Keys};
use tokio::net::TcpListener;

use super::Gate;
use crate::functions_host::own_functions;

#[tokio::test(flavor = "multi_thread")]
async fn key_and_token_open_together_and_neither_alone() {
    let gate = Gate::new(&[]).await;
    let keys = Keys::random();
    let environment = gate.house.environment.clone();
    let options = own_functions(environment, Some(keys.clone()));
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
