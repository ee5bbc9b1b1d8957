//! The counters are exactly what the call log and `DNSChange_CL` hold, whatever goes wrong on the way.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{NEW, OLD, Watch};
use crate::handler::{House, moved, set, tagged, until};

/// What a scrape holds: samples by name and labels.
#[derive(Debug, PartialEq)]
pub(crate) struct Samples(BTreeMap<(String, BTreeMap<String, String>), f64>);

impl Samples {
    pub(crate) fn parse(text: &str) -> Self {
        let samples = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let pairs = labels.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty());
            let labels = pairs.map(|pair| pair.split_once('=').unwrap());
            let labels = labels.map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned()));
            ((name.to_owned(), labels.collect()), value.parse().unwrap())
        });
        Self(samples.collect())
    }

    pub(crate) fn labelled(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.0.get(&(name.to_owned(), labels)).copied().unwrap_or_default()
    }

    pub(crate) fn of(&self, name: &str, label: &str, value: &str) -> f64 {
        self.labelled(name, &[(label, value)])
    }

    pub(crate) fn sum(&self, name: &str) -> f64 {
        self.0.iter().filter(|((found, _), _)| found == name).map(|(_, value)| value).sum()
    }

    /// The requests by one label, those of the codes that are wanted.
    fn requests(&self, label: &str, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for ((name, labels), value) in &self.0 {
            if name == "heartbeat_dns_requests_total" && *value > 0.0 && wanted(&labels["code"]) {
                *sums.entry(labels[label].clone()).or_default() += *value as u64;
            }
        }
        sums
    }

    /// The values of a family by one label, those of zero left out.
    pub(crate) fn by(&self, name: &str, label: &str) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for ((_, labels), value) in self.0.iter().filter(|((found, _), value)| found == name && **value > 0.0)
        {
            *sums.entry(labels[label].clone()).or_default() += *value as u64;
        }
        sums
    }
}

/// The service of a call, as the metrics name it.
fn service(call: &Value) -> &'static str {
    let path = call["path"].as_str().unwrap();
    let lower = path.to_lowercase();
    match call["method"].as_str().unwrap() {
        _ if lower.contains("/msi/token") => "token",
        _ if lower.contains("/v1/workspaces/") => "logs_query",
        _ if lower.contains("/datacollectionrules/") => "logs_ingest",
        // What the program may do itself is asked of Resource Manager, below whatever resource.
        _ if lower.contains("/microsoft.authorization/permissions") => "resource_graph",
        "PUT" => "dns_write",
        _ if lower.contains("/dnszones/") => "dns_read",
        _ => "resource_graph",
    }
}

async fn calls(house: &House) -> Vec<Value> {
    let url = house.stage.standin.azure_url().join("/standin/calls").unwrap();
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

fn counted(calls: &[Value], key: impl Fn(&Value) -> String) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(key(call)).or_default() += 1;
    }
    counts
}

/// Waits for a moment at which nothing is on its way, and compares with the call log: by service always, by code when
/// no answer was lost and we hung up on none. A request without a connection never reached the wire; one that we hung
/// up on may have.
async fn agree_with_the_wire(house: &House, watch: &Watch, codes: bool) {
    let mut last = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let agreed = async || {
        let metrics = watch.metrics().await;
        let calls = calls(house).await;
        let label = if codes { "code" } else { "service" };
        let wire = counted(&calls, |call| match codes {
            true if call["status"] == 0 => "lost".to_owned(),
            true => call["status"].to_string(),
            false => service(call).to_owned(),
        });
        // On a busy machine an answer may come when we wait no longer.
        let we_hung_up = |code: &str| ["cancelled", "timeout"].contains(&code);
        let sent =
            metrics.requests(label, |code| !["connect", "unsent"].contains(&code) && !we_hung_up(code));
        let hung_up = metrics.requests(label, we_hung_up);
        last = (sent, hung_up, wire);
        let (sent, hung_up, wire) = &last;
        if codes {
            return !hung_up.is_empty() || sent == wire;
        }
        let of = |counts: &BTreeMap<String, u64>, key: &String| counts.get(key).copied().unwrap_or_default();
        sent.keys().chain(hung_up.keys()).chain(wire.keys()).all(|key| {
            let (sent, most) = (of(sent, key), of(sent, key) + of(hung_up, key));
            (sent..=most).contains(&of(wire, key))
        })
    };
    // Before the patience of `until` ends, so that the failure says what differs.
    let waiting = tokio::time::timeout(crate::handler::PATIENCE * 9 / 10, until("the counts agree", agreed));
    assert!(waiting.await.is_ok(), "scraped {:?}, hung up {:?}, on the wire {:?}", last.0, last.1, last.2);
}

const LANDED: &str = "DNSChange_CL | where Outcome_s in ('confirmed', 'unconfirmed') \
    | distinct run_s, DNSHostName_s, RecordType_s | count";
const SKIPPED: &str = "DNSChange_CL | where Action_s == 'skip' \
    | distinct run_s, DNSHostName_s, RecordType_s, Reason_s | summarize count() by Reason_s";

async fn agree_with_the_log(house: &House, watch: &Watch) {
    until("the counts of the log agree", async || {
        let metrics = watch.metrics().await;
        let landed = metrics.of("heartbeat_dns_changes_total", "outcome", "confirmed")
            + metrics.of("heartbeat_dns_changes_total", "outcome", "unconfirmed");
        let rows = house.query(SKIPPED).await;
        let skips: BTreeMap<_, _> =
            rows.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_u64().unwrap())).collect();
        house.query(LANDED).await == [json!([landed as u64])]
            && metrics.by("heartbeat_dns_skips_total", "reason") == skips
    })
    .await;
}

/// One name to move, one to leave alone.
async fn house() -> House {
    let sets = [set("x", &[OLD], Value::Null), set("www", &["192.0.2.80"], Value::Null)];
    let machines = [tagged("m", "x.example.com"), tagged("stranger", "www.example.com")];
    let beats = [moved("m", OLD, NEW), moved("stranger", "198.51.100.77", "203.0.113.77")].concat();
    House::new(&sets, &machines, &beats, &[("RUN_DEADLINE", "8s"), ("SNAPSHOT_EVERY", "3s")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_are_those_of_the_wire_and_of_the_log() {
    let house = house().await;
    let watch = Watch::start(&house, "1s").await;
    until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
    agree_with_the_wire(&house, &watch, true).await;
    agree_with_the_wire(&house, &watch, false).await;
    agree_with_the_log(&house, &watch).await;
    let metrics = watch.metrics().await;
    assert_eq!(metrics.of("heartbeat_dns_skips_total", "reason", "not-owned"), 1.0);
    assert_eq!(metrics.of("heartbeat_dns_names", "state", "skipped"), 1.0);
    let truth =
        house.query("DNSChange_CL | where isnotnull(TimeToTruthMs_d) | project TimeToTruthMs_d").await;
    assert_eq!(metrics.sum("heartbeat_dns_time_to_truth_seconds_count"), truth.len() as f64);
    let seconds: f64 = truth.iter().map(|row| row[0].as_f64().unwrap() / 1000.0).sum();
    assert!((metrics.sum("heartbeat_dns_time_to_truth_seconds_sum") - seconds).abs() < 1e-6);
    let update = [("action", "update"), ("zone", "example.com")];
    assert_eq!(metrics.labelled("heartbeat_dns_zone_writes_limit", &update), 160.0);
    assert_eq!(metrics.labelled("heartbeat_dns_zone_writes_remaining", &update), 159.0);
}

fn fault(kind: &Value, path: &str, times: u32) -> Value {
    let mut fault = kind.clone();
    fault["path"] = json!(path);
    fault["times"] = json!(times);
    json!([fault])
}

/// Each kind on each part of the wire, few enough for the calls to survive, and so many that runs end in trouble.
#[tokio::test(flavor = "multi_thread")]
async fn counters_hold_under_every_fault() {
    let kinds = [
        json!({ "status": 429, "headers": { "Retry-After": "1" } }),
        json!({ "status": 500 }),
        json!({ "delay_ms": 300 }),
        json!({ "reset": "before" }),
        json!({ "reset": "after" }),
        json!({ "truncate": true }),
    ];
    let paths = ["/query", "ResourceGraph", "/A/x", "dataCollectionRules", "/msi/token"];
    let one = async |kind: &Value, path: &str, times: u32| {
        let house = house().await;
        house.stage.fail(&fault(kind, path, times)).await;
        let watch = Watch::start(&house, "1s").await;
        until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
        house.stage.fail(&json!([])).await;
        // A row that the log did not take is owed after ten minutes.
        house.age_marks(11, None).await;
        agree_with_the_wire(&house, &watch, kind["reset"] != "after").await;
        agree_with_the_wire(&house, &watch, false).await;
        agree_with_the_log(&house, &watch).await;
    };
    for path in paths {
        for times in [1, 7] {
            let all = kinds.iter().map(|kind| one(kind, path, times));
            futures::future::join_all(all).await;
        }
    }
}

/// The log took the rows of a run, and nobody was told.
#[tokio::test(flavor = "multi_thread")]
async fn rows_whose_answer_was_lost_count_when_the_log_shows_them() {
    let house = house().await;
    house.stage.fail(&fault(&json!({ "reset": "after" }), "Custom-DNSChange", 5)).await;
    let watch = Watch::start(&house, "1s").await;
    until("the upload was given up", async || house.stage.faults().await.is_empty()).await;
    until("the skip is counted", async || {
        watch.metrics().await.of("heartbeat_dns_skips_total", "reason", "not-owned") == 1.0
    })
    .await;
    agree_with_the_log(&house, &watch).await;
    assert_eq!(house.query("DNSChange_CL | where Action_s == 'skip' | count").await, [json!([5])]);
}

/// The next evaluation fails, so that the one after it is the first that can tell.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_in_doubt_is_not_forgotten_in_a_round_that_cannot_ask() {
    let house = house().await;
    let lost = |times| fault(&json!({ "reset": "after" }), "Custom-DNSChange", times);
    house.stage.fail(&lost(100)).await;
    let watch = Watch::start(&house, "1s").await;
    let is_tried = async || {
        let calls = calls(&house).await;
        calls.iter().any(|call| call["path"].as_str().unwrap().contains("Custom-DNSChange"))
    };
    until("the upload is tried", is_tried).await;
    let refused = json!({ "path": "/query", "times": 2, "status": 400 });
    let faults = [lost(4), json!([refused])].map(|faults| faults.as_array().unwrap().clone()).concat();
    house.stage.fail(&json!(faults)).await;
    until("an evaluation failed", async || {
        let evaluated = [("stage", "evaluate"), ("result", "failed")];
        watch.metrics().await.labelled("heartbeat_dns_stages_total", &evaluated) >= 1.0
    })
    .await;
    until("the skip is counted", async || {
        watch.metrics().await.of("heartbeat_dns_skips_total", "reason", "not-owned") == 1.0
    })
    .await;
    agree_with_the_log(&house, &watch).await;
}

/// The log refused the row of a change; a later run owes it, and the change is counted once.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_row_was_refused_counts_once_and_is_recovered() {
    let house = house().await;
    house.stage.fail(&fault(&json!({ "status": 500 }), "Custom-DNSChange", 5)).await;
    let watch = Watch::start(&house, "1s").await;
    until("the upload was given up", async || house.stage.faults().await.is_empty()).await;
    // It may be on its way for ten minutes.
    house.age_marks(11, None).await;
    until("the row was recovered", async || {
        watch.metrics().await.sum("heartbeat_dns_recovered_total") == 1.0
    })
    .await;
    agree_with_the_log(&house, &watch).await;
    let metrics = watch.metrics().await;
    assert_eq!(metrics.of("heartbeat_dns_changes_total", "outcome", "confirmed"), 1.0);
    assert_eq!(house.query(LANDED).await, [json!([1])]);
}
