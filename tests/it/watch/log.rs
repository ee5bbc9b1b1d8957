//! What stands in the log: why something is held or failed, in sentences for people and whole for machines.

use serde_json::{Value, json};

use super::{NEW, OLD, Watch, converging, drifted};
use crate::handler::{House, beat, moved, set, tagged, until};

/// Lines of JSON that tell of a run, as they came.
fn runs(log: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["result"].is_string()).collect()
}

/// Lines for people without their times.
fn sentences(log: &str) -> Vec<&str> {
    log.lines().filter_map(|line| line.split_once("Z ").map(|(_, words)| words.trim_start())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_held_names_its_brake() {
    for format in ["text", "json"] {
        let house = converging(&[("LOG_FORMAT", format)]).await;
        let watch = Watch::start(&house, "1s").await;
        until("two runs were held", async || {
            watch.metrics().await.of("heartbeat_dns_runs_total", "result", "held") >= 2.0
        })
        .await;
        let log = watch.stop().await.log;
        if format == "text" {
            let lines = sentences(&log);
            let held = "held by converging, 0 changes, 5 skips, 0 in sync, 0 silent machines";
            assert!(lines.iter().any(|line| line.starts_with("WARN run ") && line.ends_with(held)), "{log}");
            let brake = lines.iter().find(|line| line.starts_with("WARN brake converging in example.com: "));
            assert!(
                brake.is_some_and(|line| line.contains("203.0.113.200") && line.contains("shop4")),
                "{log}"
            );
            assert!(!log.contains("report=") && !log.contains("run="), "{log}");
        } else {
            let line = &runs(&log)[0];
            assert_eq!((&line["level"], &line["result"]), (&json!("WARN"), &json!("held")), "{log}");
            let report: Value = serde_json::from_str(line["report"].as_str().unwrap()).unwrap();
            assert_eq!(report["brakes"][0]["brake"], "converging");
            assert!(!log.contains("\"message\":\"brake "), "{log}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_says_why_in_the_log_and_on_the_page() {
    let house = drifted(&[("RUN_DEADLINE", "2s")]).await;
    let body = json!({ "code": "AuthorizationFailed", "message": "no right to write." });
    let fault = json!({ "method": "PUT", "path": "/A/x", "times": 100_000, "status": 403, "body": body });
    house.stage.fail(&json!([fault])).await;
    let watch = Watch::start(&house, "1s").await;
    until("the repair has failed", async || watch.health().await.1["stages"]["repair"]["fault"].is_string())
        .await;
    let (status, body) = watch.health().await;
    let fault = body["stages"]["repair"]["fault"].as_str().unwrap();
    assert!(fault.contains("the change of x.example.com A failed: ") && fault.contains("403"), "{body}");
    assert!(status == 503 && body["reasons"].to_string().contains("403"), "{body}");
    let log = watch.stop().await.log;
    let lines = sentences(&log);
    let failed = lines.iter().find(|line| line.starts_with("ERROR run ")).expect("an error");
    assert!(failed.contains("the change of x.example.com A failed: ") && failed.contains("403"), "{log}");
    let change = format!("WARN x.example.com A: from {OLD} to {NEW} (m, adopted), failed");
    assert!(lines.contains(&change.as_str()), "the reason stands once: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_sentences_and_machines_the_report() {
    for format in ["text", "json"] {
        let sets = [set("x", &[OLD], Value::Null), set("www", &["198.51.100.80"], Value::Null)];
        let machines = [tagged("m", "x.example.com"), tagged("t", "www.example.com")];
        let beats = [moved("m", OLD, NEW), vec![beat("t", "203.0.113.9", 60), beat("t", "203.0.113.9", 5)]];
        let house = House::new(&sets, &machines, &beats.concat(), &[("LOG_FORMAT", format)]).await;
        let watch = Watch::start(&house, "1s").await;
        until("three runs were made", async || watch.metrics().await.sum("heartbeat_dns_runs_total") >= 3.0)
            .await;
        let log = watch.stop().await.log;
        if format == "text" {
            let moved =
                format!("INFO x.example.com A: from {OLD} to {NEW} (m, adopted), confirmed, proved by DNS");
            let lines = sentences(&log);
            assert_eq!(lines.iter().filter(|line| **line == moved).count(), 1, "{log}");
            let skip = "INFO www.example.com A is left as it is, not-owned: ";
            assert_eq!(
                lines.iter().filter(|line| line.starts_with(skip)).count(),
                1,
                "it is news once: {log}"
            );
            assert!(!log.contains("report") && !log.contains("duration_ms"), "{log}");
        } else {
            let runs = runs(&log);
            let report: Value = serde_json::from_str(runs[0]["report"].as_str().unwrap()).unwrap();
            assert_eq!(report["changes"][0]["outcome"], "confirmed");
            let last = runs.last().unwrap();
            assert!(last.get("report").is_none() && last["duration_ms"].is_u64(), "{last}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_it_would_do() {
    let sets = [set("www", &["198.51.100.80"], Value::Null)];
    let machines = [tagged("m", "x.example.com"), tagged("t", "www.example.com")];
    let beats = [moved("m", OLD, NEW), vec![beat("t", "203.0.113.9", 60), beat("t", "203.0.113.9", 5)]];
    let house = House::new(&sets, &machines, &beats.concat(), &[("MODE", "observe")]).await;
    let watch = Watch::start(&house, "1s").await;
    until("plans were made", async || watch.metrics().await.sum("heartbeat_dns_runs_total") >= 3.0).await;
    let log = watch.stop().await.log;
    let would = format!("INFO x.example.com A: would create with {NEW} (m), planned");
    assert!(sentences(&log).contains(&would.as_str()), "{log}");
    assert!(!log.contains("created"), "{log}");
    let skip = "INFO www.example.com A is left as it is, not-owned: ";
    let told = sentences(&log).iter().filter(|line| line.starts_with(skip)).count();
    assert_eq!(told, 1, "it is news once: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_changes_a_hundred_have_lines_and_the_rest_is_counted() {
    let house = crate::interrupt::newcomers(103, &[("MODE", "observe")]).await;
    let watch = Watch::start(&house, "1s").await;
    until("a plan was made", async || watch.metrics().await.sum("heartbeat_dns_runs_total") >= 1.0).await;
    let log = watch.stop().await.log;
    let lines = sentences(&log);
    let one = lines.iter().filter(|line| line.ends_with(", planned")).count();
    let rest = lines.iter().filter(|line| **line == "INFO and 3 more changes").count();
    assert!(rest > 0 && one == rest * 100, "{log}");
}
