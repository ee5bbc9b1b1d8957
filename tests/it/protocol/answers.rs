//! Who gets which status and which report, and when: an alert is never refused, a person is told the truth.

use serde_json::{Value, json};

use super::{alert, fixtures, house};
use crate::handler::{House, OWNER, mark, moved, outcomes, set, tagged, until};
use crate::watch::notices::Receiver;

/// One name that is wrong.
async fn wrong(more: &[(&str, &str)]) -> House {
    let sets = [set("nas", &["198.51.100.10"], mark("nas", OWNER, "1"))];
    let beats = moved("nas", "198.51.100.10", "203.0.113.7");
    House::new(&sets, &[tagged("nas", "nas.example.com")], &beats, more).await
}

/// The same, whose zone is answered by a name server that strays so.
async fn proved_by(manner: &Value, more: &[(&str, &str)]) -> House {
    let mut house = wrong(more).await;
    let servers = house.control("PUT", "/standin/name-servers", &json!([manner])).await;
    let address = servers[0]["address"].as_str().unwrap().to_owned();
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), address);
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_whose_run_meets_trouble_is_taken_all_the_same_and_people_are_told() {
    let receiver = Receiver::start().await;
    let house = wrong(&[("NOTIFY_URL", &format!("{}/hook", receiver.url))]).await;
    let handler = house.serve().await;
    house.stage.fail(&json!([{ "path": "/query", "times": 1000, "status": 403 }])).await;
    let (status, answer) = handler.remediate(&alert()).await;
    assert_eq!((status, &answer["result"]), (200, &json!("retry-later")), "{answer}");
    assert!(answer["because"].as_str().is_some_and(|because| because.contains("403")), "{answer}");
    until("people are told", async || !receiver.posts().is_empty()).await;
    let event = receiver.posts()[0].json()["events"][0].clone();
    assert_eq!((&event["event"], &event["what"]), (&json!("failed"), &json!("evaluate")), "{event}");
    // A person is told by the status as well.
    let (status, answer) = handler.remediate(r#"{"mode":"plan"}"#).await;
    assert_eq!((status, &answer["result"]), (503, &json!("retry-later")), "{answer}");
    let refused = json!([{ "path": "Custom-DNSChange", "times": 1000, "status": 403 }]);
    house.stage.fail(&refused).await;
    let (status, report) = handler.remediate(&alert()).await;
    assert_eq!((status, outcomes(&report)), (200, vec!["confirmed".to_owned()]), "{report}");
    assert!(report["because"].as_str().is_some_and(|because| because.contains("403")), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_start_a_run_is_said_by_reconcile_on() {
    let house = wrong(&[("RECONCILE_ON", "timer")]).await;
    let handler = house.serve().await;
    let (status, answer) = handler.remediate(&alert()).await;
    assert_eq!((status, &answer), (200, &json!({ "ignored": "RECONCILE_ON does not hold alert" })));
    assert_eq!(house.writes().await, 0);
    let house = wrong(&[("RECONCILE_ON", "alert")]).await;
    let handler = house.serve().await;
    let (status, text) = handler.tick().await;
    assert!(status == 200 && text.contains("RECONCILE_ON does not hold timer"), "{status} {text}");
    assert_eq!(house.writes().await, 0);
    assert_eq!(handler.remediate(&alert()).await.1["result"], "changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_delays_no_answer_to_an_alert() {
    let house = proved_by(&json!({ "lag_ms": 8000 }), &[("REPLY_WITHIN", "100s")]).await;
    let handler = house.serve().await;
    let (status, report) = handler.remediate(&alert()).await;
    assert_eq!((status, outcomes(&report)), (200, vec!["confirmed".to_owned()]), "{report}");
    assert_eq!(report["changes"][0]["proved_by"], Value::Null, "it was not waited for: {report}");
    let proved = "DNSChange_CL | where Outcome_s == 'confirmed' and isnotnull(TimeToTruthMs_d) | count";
    until("it is proved afterwards", async || house.query(proved).await == [json!([1])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_hears_what_was_written_although_the_proof_does_not_come_in_time() {
    let lie = json!({ "lie": { "nas.example.com": ["198.51.100.10"] } });
    let house = proved_by(&lie, &[("REPLY_WITHIN", "5s"), ("VERIFY", "dns")]).await;
    let handler = house.serve().await;
    let (status, report) = handler.remediate(r#"{"mode":"apply"}"#).await;
    assert_eq!((status, outcomes(&report)), (200, vec!["confirmed".to_owned()]), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_wait_is_not_told_that_it_goes_on() {
    let house = wrong(&[("REPLY_WITHIN", "1s")]).await;
    let handler = house.serve().await;
    let slow = json!([{ "path": "/query", "times": 2, "delay_ms": 2500 }]);
    house.stage.fail(&slow).await;
    let (status, report) = handler.remediate(r#"{"mode":"apply","wait":true}"#).await;
    assert_eq!((status, &report["result"]), (200, &json!("changed")), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_name_and_what_is_no_timer_starts_nothing() {
    let house = house().await;
    let handler = house.serve().await;
    let body = r#"{"mode":"apply","names":["nas.example.com","no name"],"wait":true}"#;
    let (status, answer) = handler.remediate(body).await;
    assert_eq!(status, 400, "{answer}");
    assert!(answer["error"].as_str().is_some_and(|words| words.contains("\"no name\"")), "{answer}");
    for (name, body) in fixtures("invocations").into_iter().filter(|(name, _)| !name.contains("timer")) {
        assert_eq!(handler.post("function-collector", body).await.0, 400, "{name}");
    }
    assert!(house.stage.calls().await.is_empty());
}
