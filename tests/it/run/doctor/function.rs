//! The same lines from the function, for its own identity.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use standin::functions_host::{FunctionsHost, Keys};
use tokio::net::TcpListener;

use super::{code, healthy, words};
use crate::functions_host::own_functions;
use crate::handler::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_function_answers_for_its_own_identity_and_starts_no_run() {
    let (house, _) = healthy(&[]).await;
    let roles = super::may_all_but(&["Microsoft.Network/dnszones/A/write"]);
    house.world(&json!({ "identity": { "roles": roles } })).await;
    let handler = house.serve().await;
    let (status, report) = handler.remediate(r#"{"mode":"doctor"}"#).await;
    assert_eq!((status, &report["schema"]), (200, &json!("heartbeat-dns-doctor/1")), "{report:#}");
    assert_eq!(super::line(&report, "zone")["verdict"], "fail", "{report:#}");
    assert_eq!(report["by"]["object"], "00000000-0000-0000-0000-0000000000f2");
    let rows = house.query("DNSChange_CL | project Trigger_s").await;
    assert_eq!(rows, [json!(["probe"])]);
    let another = house.serve().await;
    let (_, report) = another.remediate(r#"{"mode":"doctor","probe":false}"#).await;
    assert_eq!(super::line(&report, "ingestion")["verdict"], "skip", "{report:#}");
    assert_eq!(house.query("DNSChange_CL | project Trigger_s").await.len(), 1);
    // Each of both is refused the write, and what it may do at the zone and at its group.
    assert_eq!(house.stage.calls().await.iter().filter(|call| call.status == 403).count(), 2 * 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_without_end_is_answered_once_a_minute_and_runs_go_on() {
    let (house, _) = healthy(&[]).await;
    let handler = house.serve().await;
    let body = r#"{"mode":"doctor","probe":false}"#;
    assert_eq!(handler.remediate(body).await.0, 200);
    assert!(!house.stage.calls().await.is_empty(), "those of the first answer");
    for _ in 0..20 {
        let (status, answer) = handler.remediate(body).await;
        assert_eq!((status, &answer["result"]), (503, &json!("retry-later")), "{answer}");
    }
    assert!(house.stage.calls().await.is_empty(), "nobody was asked again");
    assert_eq!(handler.remediate(r#"{"mode":"apply","wait":true}"#).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_else_stands_beside_the_mode_is_refused() {
    let (house, _) = healthy(&[]).await;
    let handler = house.serve().await;
    for body in [
        r#"{"mode":"doctor","names":["x.example.com"]}"#,
        r#"{"mode":"doctor","wait":true}"#,
        r#"{"mode":"doctor","probe":"no"}"#,
        r#"{"mode":"patient"}"#,
    ] {
        assert_eq!(handler.remediate(body).await.0, 400, "{body}");
    }
}

/// Runs `doctor --function` against a host that asks for a key, with nothing else in the environment.
async fn through(house: &House, key: Option<&str>, more: &[&str]) -> (i32, String, Value) {
    let own: Vec<(&str, &str)> = key.map(|key| ("FUNCTION_KEY", key)).into_iter().collect();
    asked(house, &[], &own, more).await
}

/// The same, with these variables for the function and those for whoever asks.
pub(crate) async fn asked(
    house: &House,
    of_function: &[(&str, &str)],
    own: &[(&str, &str)],
    more: &[&str],
) -> (i32, String, Value) {
    let keys = Keys { master: "master".to_owned(), host: "host".to_owned(), function: "right".to_owned() };
    let mut environment = house.environment.clone();
    environment.extend(of_function.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let options = own_functions(environment, Some(keys));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let host = FunctionsHost::start(options, listener).unwrap();
    assert!(host.ready().await);
    let url = format!("http://{}/api/remediate", host.address());
    let mut command = house.command();
    command.env_clear().args(["doctor", "--function", &url, "-o", "json"]).args(more);
    command.envs(own.iter().copied());
    let output = command.output().await.unwrap();
    host.stop().await;
    (code(&output), words(&output), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_asks_the_function_with_nothing_but_its_address_and_key() {
    let (house, _) = healthy(&[]).await;
    let (code, said, report) = through(&house, Some("right"), &["--no-probe"]).await;
    assert_eq!((code, &report["totals"]["fail"]), (0, &json!(0)), "{said}");
    assert_eq!(super::line(&report, "zone")["verdict"], "ok", "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_wrong_or_missing_is_told_with_where_the_right_one_is() {
    let (house, _) = healthy(&[]).await;
    let list = "az functionapp function keys list ";
    // Whoever does not know the app by heart is told what shows it.
    let apps = "what stands for APP and GROUP: az functionapp list ";
    let (code, said, _) = through(&house, Some("wrong"), &[]).await;
    assert!(
        code == 1 && said.contains("FUNCTION_KEY is no key of this function") && said.contains(list),
        "{said}"
    );
    assert!(said.contains(apps), "{said}");
    let (code, said, _) = through(&house, None, &[]).await;
    assert!(code == 2 && said.contains("FUNCTION_KEY is not set") && said.contains(list), "{said}");
    assert!(said.contains(apps), "{said}");
}
