//! Tokens: renewed when they are refused, sent to one host, and never told to anybody.

use azure_core::base64;
use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use heartbeat_dns::azure::{Azure, Certainty, Error, Kind};
use pure::domain::RecordType;
use serde_json::json;

use super::double::{Double, reply};
use super::{get, move_nas};
use crate::stage::{Stage, a_record, host, world, zone};

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_succeeds() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    get(&azure, "nas.example.com").await;
    stage.all_calls().await;
    stage.fail(&json!([{"method": "GET", "path": "/A/nas", "status": 401}])).await;
    get(&azure, "nas.example.com").await;
    let calls = stage.all_calls().await;
    let of = |part: &str| {
        calls.iter().filter(|call| call.path.contains(part)).map(|call| call.status).collect::<Vec<_>>()
    };
    assert_eq!(of("/A/nas"), [401, 200]);
    assert_eq!(of("/msi/token").len(), 1, "a new token was asked for");
}

#[tokio::test]
async fn a_token_that_does_not_come_for_one_audience_holds_no_other() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    stage
        .fail(
            &json!([{"method": "GET", "path": "/msi/token.*loganalytics", "delay_ms": 60_000, "times": 99}]),
        )
        .await;
    let logs = azure.logs_query.ask("print Answer = 1", None, &["Answer"]);
    let name = host("nas.example.com");
    let zone = zone("example.com");
    let dns = async {
        // The logs have asked for their token by then.
        tokio::task::yield_now().await;
        azure.dns.get(&zone, &name, RecordType::A).await
    };
    match futures::future::select(std::pin::pin!(logs), std::pin::pin!(dns)).await {
        futures::future::Either::Left((answer, _)) => panic!("the zone waited for the logs: {answer:?}"),
        futures::future::Either::Right((set, _)) => assert!(set.unwrap().is_some()),
    }
}

#[tokio::test]
async fn many_calls_at_once_renew_a_revoked_token_together() {
    let refused = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let revoked = std::sync::Arc::clone(&refused);
    let double = Double::start(move |asked, _| {
        if asked.token == *revoked.lock().unwrap() {
            return reply(401, &[], r#"{"error":{"code":"InvalidAuthenticationToken","message":"revoked"}}"#);
        }
        reply(404, &[], r#"{"code":"NotFound","message":"The resource record 'x' does not exist"}"#)
    })
    .await;
    let azure = double.azure();
    let read = async || azure.dns.get(&zone("example.com"), &host("x.example.com"), RecordType::A).await;
    assert_eq!(read().await.unwrap(), None);
    double.tokens().await;
    *refused.lock().unwrap() = double.asked()[0].token.clone();
    // The stand-in's tokens differ by the second.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    for answer in futures::future::join_all((0..8).map(|_| read())).await {
        assert_eq!(answer.unwrap(), None);
    }
    assert_eq!(double.tokens().await, 1, "one renewal serves all");
}

#[tokio::test]
async fn an_identity_that_is_refused_for_good_asks_for_no_more_than_three_tokens() {
    let body = r#"{"error":{"code":"InvalidAuthenticationToken","message":"no"}}"#;
    let double = Double::start(move |_, _| reply(401, &[], body)).await;
    let azure = double.azure();
    for _ in 0..5 {
        let error =
            azure.dns.get(&zone("example.com"), &host("x.example.com"), RecordType::A).await.unwrap_err();
        assert_eq!((error.status, error.kind()), (Some(401), Kind::Refused), "{error}");
        assert!(error.chain().contains("the token was refused"), "{}", error.chain());
    }
    assert!(double.tokens().await <= 3);
    assert!(double.asked().len() <= 7, "{} requests for five calls", double.asked().len());
}

/// One call of each audience.
async fn ask_all(azure: &Azure) -> [Result<(), Error>; 3] {
    let (zone, name, rows) = (zone("example.com"), host("nas.example.com"), [json!({"run_s": "r"})]);
    let (arm, query, ingest) = tokio::join!(
        azure.dns.get(&zone, &name, RecordType::A),
        azure.logs_query.run("print 1", None),
        azure.logs_ingest.send(DNS_CHANGE, &rows)
    );
    [arm.map(drop), query.map(drop), ingest.map(drop)]
}

async fn token_requests(stage: &Stage) -> usize {
    stage.all_calls().await.iter().filter(|call| call.path.contains("/msi/token")).count()
}

#[tokio::test]
async fn a_refused_token_that_comes_back_the_same_is_renewed_after_a_pause() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    for answer in ask_all(&azure).await {
        answer.unwrap();
    }
    stage.revoke(&json!(1)).await;
    stage.all_calls().await;
    for answer in ask_all(&azure).await {
        answer.unwrap();
    }
    assert_eq!(token_requests(&stage).await, 6, "two for each audience");
}

#[tokio::test]
async fn a_refused_token_that_comes_back_for_ever_is_a_fault_soon() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let clients = stage.clients();
    let hasty = || clients.until(tokio::time::Instant::now() + std::time::Duration::from_secs(8)).unwrap();
    for answer in ask_all(&hasty()).await {
        answer.unwrap();
    }
    stage.revoke(&json!(true)).await;
    stage.all_calls().await;
    let azure = hasty();
    let zone = zone("example.com");
    azure.logs_query.run("print 1", None).await.unwrap_err();
    // One after the other: who comes after the pause does not wait, nor ask again.
    for _ in 0..3 {
        for answer in ask_all(&azure).await {
            let error = answer.unwrap_err();
            // The Logs Query API says the same with 403.
            assert!(matches!(error.status, Some(401 | 403)) && error.kind() == Kind::Refused, "{error}");
            assert!(
                !error.is_forbidden() && error.chain().contains("the token was refused"),
                "{}",
                error.chain()
            );
        }
        let names = ["a", "b", "c", "d"].map(|name| host(&format!("{name}.example.com")));
        let reads = names.iter().map(|name| azure.dns.get(&zone, name, RecordType::A));
        assert!(futures::future::join_all(reads).await.iter().all(Result::is_err));
    }
    let asked = token_requests(&stage).await;
    assert!(asked <= 6, "{asked} requests for tokens");
}

/// A text as an address carries it when nothing but letters and digits is taken as it is.
fn escaped(text: &str) -> String {
    let escape =
        |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("%{:02X}", u32::from(c)) };
    text.chars().map(escape).collect()
}

#[tokio::test]
async fn a_token_that_a_service_echoes_is_told_to_nobody() {
    for place in ["message", "code", "header", "page", "cut", "base64", "escaped", "success"] {
        let double = Double::start(move |asked, _| {
            let token = &asked.token;
            let document =
                |code: &str, message: &str| json!({"error": {"code": code, "message": message}}).to_string();
            match place {
                "message" => {
                    reply(400, &[], document("Bad", &format!("you sent Bearer {token}, which is bad")))
                }
                "code" => reply(400, &[], document(token, "m")),
                "header" => reply(400, &[("x-ms-error-code", token)], document("Bad", "m")),
                "page" => reply(403, &[], format!("<html>Authorization: Bearer {token}</html>")),
                "cut" => reply(400, &[], document("Bad", &format!("{} {}", "x".repeat(300), &token[..200]))),
                "base64" => {
                    reply(400, &[], document("Bad", &format!("you sent '{}'", base64::encode(token))))
                }
                "escaped" => reply(400, &[], document("Bad", &format!("at ?t={}", escaped(token)))),
                _ => reply(
                    200,
                    &[],
                    json!({"name": "x", "properties": {"ARecords": [{"ipv4Address": token}]}}).to_string(),
                ),
            }
        })
        .await;
        let clients = double.clients(&[]);
        let azure = clients.until(tokio::time::Instant::now() + std::time::Duration::from_secs(2)).unwrap();
        let error =
            azure.dns.get(&zone("example.com"), &host("x.example.com"), RecordType::A).await.unwrap_err();
        let token = double.asked()[0].token.clone();
        assert!(token.len() > 100);
        let shown = format!("{error} {} {} {:?} {error:?}", error.chain(), error.for_people(), error.code());
        let (encoded, escaped) = (base64::encode(&token), escaped(&token));
        let pieces = [
            &encoded[..24],
            &encoded[40..80],
            &encoded[encoded.len() - 24..],
            &escaped[30..60],
            &escaped[escaped.len() - 24..],
        ];
        for piece in [&token[..], &token[..24], &token[30..60]].into_iter().chain(pieces) {
            assert!(!shown.contains(piece), "{place}: {shown}");
        }
        assert!(shown.contains('…'), "{place}: {shown}");
    }
}

#[tokio::test]
async fn a_write_without_a_condition_that_holds_is_never_sent() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    let azure = stage.azure();
    let set = get(&azure, "nas.example.com").await;
    stage.calls().await;
    for etag in ["", "*"] {
        let condition = heartbeat_dns::azure::Condition::Match(etag.to_owned());
        let error = azure.dns.put(&set, &condition).await.unwrap_err();
        assert_eq!((error.kind(), error.certainty), (Kind::NoEtag, Certainty::NotSent));
        assert_eq!(error.reason(), "no-etag");
    }
    assert_eq!(stage.calls().await, []);
    move_nas(&azure, "203.0.113.7").await.unwrap();
}
