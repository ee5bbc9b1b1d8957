//! `watch` as a person starts it: it repairs like the functions, and its numbers are those of the log and the wire.

mod counts;
mod crowd;
mod dashboard;
mod documented;
mod ends;
mod hush;
mod log;
pub(crate) mod notices;

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;

use crate::handler::{House, moved, set, tagged, until};
use crate::stage::world;

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

/// A running `watch`.
pub(crate) struct Watch {
    pub(crate) child: Child,
    url: String,
    http: reqwest::Client,
}

/// What a process said and how it ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) log: String,
}

impl Watch {
    pub(crate) async fn start(house: &House, every: &str) -> Self {
        Self::begin(house.command(), every).await
    }

    /// The same in a process that may open so many files and no more.
    pub(crate) async fn start_with_files(house: &House, every: &str, files: u32) -> Self {
        let mut command = tokio::process::Command::new("sh");
        command.env_clear().envs(&house.environment).current_dir(std::env::temp_dir()).kill_on_drop(true);
        let words = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
        command.args(["-c", &words, env!("CARGO_BIN_EXE_heartbeat-dns")]);
        Self::begin(command, every).await
    }

    async fn begin(mut command: tokio::process::Command, every: &str) -> Self {
        command.args(["watch", "--every", every, "--listen", "127.0.0.1:0", "-o", "json"]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next_line().await.unwrap().expect("watch says where it listens");
        let ready: Value = serde_json::from_str(&ready).unwrap();
        assert_eq!(ready["event"], "ready");
        let url = format!("http://{}", ready["listen"].as_str().unwrap());
        assert_eq!(ready["metrics"], format!("{url}/metrics"));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, url, http }
    }

    pub(crate) async fn get(&self, path: &str, accept: &str) -> (u16, String, String) {
        let request = self.http.get(format!("{}{path}", self.url)).header("accept", accept);
        let answer = request.send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.text().await.unwrap())
    }

    pub(crate) async fn metrics(&self) -> counts::Samples {
        counts::Samples::parse(&self.get("/metrics", "*/*").await.2)
    }

    pub(crate) async fn health(&self) -> (u16, Value) {
        let (status, _, body) = self.get("/healthz", "*/*").await;
        (status, serde_json::from_str(&body).unwrap())
    }

    /// Sends a signal by its name, to this process alone.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let sent = tokio::process::Command::new("kill").args(["-s", name, &id]).status().await.unwrap();
        assert!(sent.success());
    }

    pub(crate) async fn ended(mut self) -> Ended {
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).await.unwrap();
        Ended { code: self.child.wait().await.unwrap().code(), log }
    }

    pub(crate) async fn stop(self) -> Ended {
        self.signal("TERM").await;
        self.ended().await
    }
}

/// A house whose one name is wrong.
pub(crate) async fn drifted(more: &[(&str, &str)]) -> House {
    House::new(&[set("x", &[OLD], Value::Null)], &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), more)
        .await
}

/// Five shops at five addresses that all report one address now.
pub(crate) async fn converging(more: &[(&str, &str)]) -> House {
    let name = |index: usize| format!("shop{index}");
    let old = |index: usize| format!("198.51.100.{}", 10 + index);
    let all = 0..5;
    let sets: Vec<_> = all.clone().map(|index| set(&name(index), &[&old(index)], Value::Null)).collect();
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let beats: Vec<_> = all.flat_map(|index| moved(&name(index), &old(index), "203.0.113.200")).collect();
    House::new(&sets, &machines, &beats, more).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drifted_name_is_repaired_and_the_pages_say_so() {
    let house = drifted(&[]).await;
    let watch = Watch::start(&house, "1s").await;
    until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
    until("everything is well", async || watch.health().await.0 == 200).await;
    let (status, _, name) = watch.get("/", "*/*").await;
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_str::<Value>(&name).unwrap()["name"], "heartbeat-dns");
    assert_eq!(watch.get("/elsewhere", "*/*").await.0, 404);
    for path in ["/", "/metrics", "/healthz", "/elsewhere"] {
        let answer = watch.http.get(format!("{}{path}", watch.url)).send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path} is of this moment");
    }
    until("the name is in sync", async || {
        let metrics = watch.metrics().await;
        metrics.of("heartbeat_dns_names", "state", "in_sync") == 1.0
            && metrics.of("heartbeat_dns_changes_total", "outcome", "confirmed") == 1.0
    })
    .await;
    let (_, kind, text) = watch.get("/metrics", "application/openmetrics-text;version=1.0.0").await;
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(text.ends_with("# EOF\n") && text.contains("# TYPE heartbeat_dns_changes counter\n"), "{text}");
    let (_, kind, text) = watch.get("/metrics", "*/*").await;
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    assert!(text.contains("# TYPE heartbeat_dns_changes_total counter\n"), "{text}");
    for private in ["x.example.com", OLD, NEW, "/machines/"] {
        assert!(!text.contains(private), "{private} is in {text}");
    }
    let ended = watch.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(ended.log.contains("told to stop"), "{}", ended.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_swept_is_swept_and_repaired() {
    let house = House::new(&[], &[], &[], &[("SNAPSHOT_EVERY", "2s")]).await;
    let sets = [set("x", &[OLD], Value::Null)];
    house.world(&world(&sets, &[tagged("m", "x.example.com")])).await;
    house.heartbeats(&moved("m", OLD, NEW)).await;
    let watch = Watch::start(&house, "1s").await;
    until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
    // The round that repaired it ends a moment later, and counts its stages then.
    until("the sweep is counted", async || {
        let stage = [("stage", "collect"), ("result", "ok")];
        watch.metrics().await.labelled("heartbeat_dns_stages_total", &stage) >= 1.0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_any_heartbeat_is_no_fresh_one() {
    let house = House::new(&[], &[], &[], &[]).await;
    let watch = Watch::start(&house, "1s").await;
    until("it was evaluated", async || {
        let evaluated = [("stage", "evaluate"), ("result", "ok")];
        watch.metrics().await.labelled("heartbeat_dns_stages_total", &evaluated) >= 1.0
    })
    .await;
    assert_eq!(watch.metrics().await.sum("heartbeat_dns_heartbeat_lag_seconds"), 86_400.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn observe_plans_and_counts_no_change() {
    let house = drifted(&[("MODE", "observe")]).await;
    let watch = Watch::start(&house, "1s").await;
    until("a plan was made", async || {
        watch.metrics().await.of("heartbeat_dns_runs_total", "result", "planned") >= 1.0
    })
    .await;
    let metrics = watch.metrics().await;
    assert_eq!(metrics.of("heartbeat_dns_names", "state", "drifted"), 1.0);
    assert_eq!(metrics.sum("heartbeat_dns_changes_total"), 0.0);
    assert_eq!(house.addresses("x").await, [OLD]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_timer_it_only_collects() {
    let house = drifted(&[("RECONCILE_ON", "alert")]).await;
    let watch = Watch::start(&house, "1s").await;
    until("everything is well", async || watch.health().await.0 == 200).await;
    let metrics = watch.metrics().await;
    assert_eq!(metrics.sum("heartbeat_dns_runs_total"), 0.0);
    assert_eq!(metrics.of("heartbeat_dns_names", "state", "drifted"), 1.0);
    assert_eq!(house.addresses("x").await, [OLD]);
    let ended = watch.stop().await;
    assert!(ended.log.contains("RECONCILE_ON"), "{}", ended.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_while_azure_is_down_and_heals() {
    let house = drifted(&[("RUN_DEADLINE", "2s"), ("COLLECT_DEADLINE", "2s")]).await;
    house.stage.fail(&json!([{ "path": "", "times": 100_000, "status": 503 }])).await;
    let watch = Watch::start(&house, "1s").await;
    until("the trouble is told", async || watch.health().await.1["stages"]["evaluate"]["fault"].is_string())
        .await;
    let (status, body) = watch.health().await;
    assert_eq!(status, 503);
    assert!(body["reasons"][0].as_str().unwrap().contains("has not done well yet"), "{body}");
    house.stage.fail(&json!([])).await;
    until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
    until("everything is well", async || watch.health().await.0 == 200).await;
    // And down again: what was well grows stale.
    house.stage.fail(&json!([{ "path": "", "times": 100_000, "status": 503 }])).await;
    until("it is stale", async || watch.health().await.0 == 503).await;
    let (_, body) = watch.health().await;
    assert!(body["reasons"][0].as_str().unwrap().contains("last did well at"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_configuration_ends_with_2_and_every_fault() {
    let mut house = drifted(&[]).await;
    for (name, value) in [("MODE", "on"), ("RUN_DEADLINE", "4"), ("NOTIFY_URL", "http://192.0.2.1/hush")] {
        house.environment.insert(name.to_owned(), value.to_owned());
    }
    for arguments in [&["watch"][..], &["watch", "--every", "0s"], &["watch", "--listen", "nowhere"]] {
        let output = house.run(arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let text = String::from_utf8(house.run(&["watch"]).await.stderr).unwrap();
    for variable in ["MODE", "RUN_DEADLINE", "NOTIFY_URL"] {
        assert!(text.contains(variable), "{text}");
    }
    assert!(!text.contains("hush"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_writes_is_finished_before_the_end() {
    let receiver = notices::Receiver::start().await;
    let house = drifted(&[("NOTIFY_URL", &format!("{}/hook", receiver.url))]).await;
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "times": 1, "delay_ms": 2000 }])).await;
    let watch = Watch::start(&house, "1s").await;
    until("the write is on its way", async || house.stage.faults().await.is_empty()).await;
    let ended = watch.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert_eq!(house.addresses("x").await, [NEW]);
    let rows = house.query("DNSChange_CL | where Outcome_s == 'confirmed' | count").await;
    assert_eq!(rows, [json!([1])], "{}", ended.log);
    assert_eq!(receiver.posts().len(), 1, "and told: {}", ended.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_reads_is_left_to_the_next_start() {
    let receiver = notices::Receiver::start().await;
    let house = drifted(&[("PING_URL", &format!("{}/ping", receiver.url))]).await;
    house.stage.fail(&json!([{ "method": "POST", "path": "/query", "times": 2, "delay_ms": 20_000 }])).await;
    let watch = Watch::start(&house, "1s").await;
    until("the questions are on their way", async || house.stage.faults().await.is_empty()).await;
    watch.signal("INT").await;
    let ended = watch.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert_eq!(house.addresses("x").await, [OLD]);
    assert_eq!(receiver.pings(), 0, "it was no good round");
    assert!(!ended.log.contains("evaluated"), "{}", ended.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_fails_keeps_no_repair_away() {
    let house = drifted(&[("SNAPSHOT_EVERY", "6s")]).await;
    let list = json!({ "method": "GET", "path": "/example.com/A\\?", "times": 100_000, "status": 403 });
    house.stage.fail(&json!([list])).await;
    let watch = Watch::start(&house, "1s").await;
    until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
    until("the sweep has failed, and runs went on", async || {
        let metrics = watch.metrics().await;
        let of = |stage, result| {
            metrics.labelled("heartbeat_dns_stages_total", &[("stage", stage), ("result", result)])
        };
        of("collect", "failed") >= 2.0 && of("repair", "ok") > of("collect", "failed")
    })
    .await;
    let (_, body) = watch.health().await;
    assert!(body["stages"]["collect"]["fault"].as_str().unwrap().contains("403"), "{body}");
    house.stage.fail(&json!([])).await;
    until("the sweep has healed", async || watch.health().await.1["stages"]["collect"]["fault"].is_null())
        .await;
}
