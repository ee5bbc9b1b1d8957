//! The real binary before a stand-in: as the handler that the Functions host starts, and as a command.

use std::collections::BTreeMap;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use standin::Options;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::stage::{Stage, machine, machine_id, world};

/// Long enough for a loaded machine; nothing waits for it when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// The stand-in's rule, which is the installation's owner id as well.
pub(crate) const OWNER: &str = "dcr-00000000000000000000000000000001";

/// A stand-in with heartbeats in it, and the environment of the binary before it.
pub(crate) struct House {
    pub(crate) stage: Stage,
    pub(crate) environment: BTreeMap<String, String>,
    http: reqwest::Client,
}

/// A process that serves.
pub(crate) struct Handler {
    pub(crate) child: Child,
    url: String,
    http: reqwest::Client,
}

/// A machine with a tag for its name.
pub(crate) fn tagged(name: &str, host: &str) -> Value {
    machine(name, &json!({ "DNSHostName": host }))
}

/// A heartbeat of a machine, so many seconds ago.
pub(crate) fn beat(machine: &str, address: &str, ago: i64) -> Value {
    let time = heartbeat_dns::clock::now() - SignedDuration::from_secs(ago);
    json!({
        "_ResourceId": machine_id(machine).to_lowercase(), "Computer": machine, "ComputerIP": address,
        "SCAgentChannel": "Direct", "TimeGenerated": time.to_string(),
    })
}

/// A machine that was at one address for some minutes and is at another one since a minute.
pub(crate) fn moved(machine: &str, from: &str, to: &str) -> Vec<Value> {
    let before = [600, 540, 480].map(|ago| beat(machine, from, ago));
    before.into_iter().chain([60, 30, 2].map(|ago| beat(machine, to, ago))).collect()
}

/// A mark in a record set's metadata.
pub(crate) fn mark(machine: &str, owner: &str, version: &str) -> Value {
    json!({
        "heartbeat_dns_v": version, "heartbeat_dns_owner": owner,
        "heartbeat_dns_machine": machine_id(machine).to_lowercase(),
        "heartbeat_dns_run": "11111111-1111-1111-1111-111111111111",
        "heartbeat_dns_time": (heartbeat_dns::clock::now() - SignedDuration::from_hours(30)).to_string(),
        "heartbeat_dns_previous": "",
    })
}

/// An A record set of a world; metadata may be null.
pub(crate) fn set(name: &str, addresses: &[&str], metadata: Value) -> Value {
    let records: Vec<_> = addresses.iter().map(|address| json!({ "ipv4Address": address })).collect();
    let mut properties = json!({ "TTL": 300, "ARecords": records });
    if !metadata.is_null() {
        properties["metadata"] = metadata;
    }
    json!({ "name": name, "type": "A", "properties": properties })
}

impl House {
    /// A world that has been swept and heard.
    pub(crate) async fn new(
        sets: &[Value],
        machines: &[Value],
        beats: &[Value],
        more: &[(&str, &str)],
    ) -> Self {
        Self::with_options(sets, machines, beats, more, Options::default()).await
    }

    pub(crate) async fn with_options(
        sets: &[Value],
        machines: &[Value],
        beats: &[Value],
        more: &[(&str, &str)],
        options: Options,
    ) -> Self {
        Self::with_world(&world(sets, machines), beats, more, options).await
    }

    /// The same with all that a world can say.
    pub(crate) async fn with_world(
        world: &Value,
        beats: &[Value],
        more: &[(&str, &str)],
        options: Options,
    ) -> Self {
        let world = Some(standin::World::from_json(world).unwrap());
        let stage = Stage::with_options(Options { world, ..options }).await;
        let mut environment = stage.environment(more);
        environment.insert("DNS_VERIFY_SERVERS".to_owned(), stage.standin.dns_addr().to_string());
        for name in ["PATH", "HOME"] {
            environment.insert(name.to_owned(), std::env::var(name).unwrap_or_default());
        }
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let house = Self { stage, environment, http };
        house.heartbeats(beats).await;
        let swept = house.run(&["collect"]).await;
        assert!(swept.status.success(), "{}", String::from_utf8_lossy(&swept.stderr));
        house.stage.all_calls().await;
        house
    }

    pub(crate) async fn heartbeats(&self, rows: &[Value]) {
        self.control("POST", "/standin/heartbeats", &json!(rows)).await;
    }

    /// Changes a member of the world.
    pub(crate) async fn world(&self, change: &Value) {
        self.control("PUT", "/standin/world", change).await;
    }

    /// Asks something of the stand-in's own surface; these calls are not counted.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = self.stage.standin.azure_url().join(path).unwrap();
        let request = self.http.request(method.parse().unwrap(), url).body(body.to_string());
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Makes our marks so many minutes older, but for those of one run: a young mark whose row is missing is owed none
    /// yet, for the row may be on its way.
    pub(crate) async fn age_marks(&self, minutes: i64, but: Option<&str>) {
        let mut world = self.control("GET", "/standin/world", &Value::Null).await;
        let sets = world["zones"].as_array_mut().unwrap().iter_mut();
        for set in sets.flat_map(|zone| zone["recordSets"].as_array_mut().unwrap()) {
            let Some(metadata) = set.pointer_mut("/properties/metadata") else { continue };
            let is_kept = but.is_some_and(|run| metadata["heartbeat_dns_run"] == run);
            let time =
                metadata["heartbeat_dns_time"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
            if let Some(time) = time.filter(|_| !is_kept) {
                let older = time - SignedDuration::from_mins(minutes);
                metadata["heartbeat_dns_time"] = json!(older.to_string());
            }
        }
        self.world(&json!({ "zones": world["zones"] })).await;
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
        command.env_clear().envs(&self.environment).current_dir(std::env::temp_dir()).kill_on_drop(true);
        command
    }

    /// The handler's command, whose warnings come in the stream of its other lines.
    pub(crate) fn command_in_one_stream(&self) -> Command {
        let mut command = Command::new("sh");
        command.env_clear().envs(&self.environment).current_dir(std::env::temp_dir()).kill_on_drop(true);
        command.args(["-c", "exec \"$0\" serve 2>&1", env!("CARGO_BIN_EXE_heartbeat-dns")]);
        command
    }

    /// Runs a command to its end, without a terminal.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).stdin(Stdio::null()).output().await.unwrap()
    }

    /// What a query answers: its rows.
    pub(crate) async fn query(&self, text: &str) -> Vec<Value> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let output = self.run(&["query", file.path().to_str().unwrap(), "-o", "json"]).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["rows"].as_array().unwrap().clone()
    }

    /// Starts the handler.
    pub(crate) async fn serve(&self) -> Handler {
        Handler::start(self.command()).await
    }

    /// A record set as Azure has it: its properties; null without one.
    pub(crate) async fn record_set(&self, name: &str) -> Value {
        let url = self.stage.standin.azure_url().join("/standin/world").unwrap();
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        let world: Value = serde_json::from_str(&text).unwrap();
        let sets = world["zones"][0]["recordSets"].as_array().unwrap();
        let is_wanted = |set: &&Value| {
            set["name"] == name
                && set["type"].as_str().is_some_and(|kind| kind == "A" || kind.ends_with("/A"))
        };
        sets.iter().find(is_wanted).map_or(Value::Null, |set| {
            if set["properties"].is_object() { set["properties"].clone() } else { set.clone() }
        })
    }

    /// The addresses of a record set.
    pub(crate) async fn addresses(&self, name: &str) -> Vec<String> {
        let set = self.record_set(name).await;
        let records = set["ARecords"].as_array().cloned().unwrap_or_default();
        records.iter().filter_map(|record| record["ipv4Address"].as_str().map(str::to_owned)).collect()
    }

    /// The writes to record sets that landed since the calls were last forgotten.
    pub(crate) async fn writes(&self) -> usize {
        let calls = self.stage.calls().await;
        calls.iter().filter(|call| call.method == "PUT" && call.status < 300).count()
    }
}

impl Handler {
    /// Starts a handler with nothing in its environment but what the host itself sets.
    pub(crate) async fn bare(more: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
        command.env_clear().envs(more.iter().copied()).current_dir(std::env::temp_dir()).kill_on_drop(true);
        Self::start(command).await
    }

    async fn start(mut command: Command) -> Self {
        Self::with_log(&mut command).await.0
    }

    /// Starts a handler whose standard output is kept.
    pub(crate) async fn with_log(command: &mut Command) -> (Self, Arc<Mutex<Vec<String>>>) {
        let mut child = command
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", "0")
            // The host reads it before it starts us, and we say so when it is missing.
            .env("COLLECTOR_SCHEDULE", "0 */5 * * * *")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("the handler says where it listens");
            let line: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(port) = line["port"].as_u64() {
                break port;
            }
        };
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        // A full pipe would stop the handler.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                kept.lock().unwrap().push(line);
            }
        });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        (Self { child, url: format!("http://127.0.0.1:{port}"), http }, log)
    }

    /// Posts to a function with headers of the host.
    pub(crate) async fn post_with(&self, function: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        let request = self.http.post(format!("{}/{function}", self.url)).body(body.to_owned());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap().status().as_u16()
    }

    /// Posts to a function, as the host does.
    pub(crate) async fn post(&self, function: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
        let request = self.http.post(format!("{}/{function}", self.url)).body(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The reason phrase that a function answers with.
    pub(crate) async fn reason(&self, function: &str, body: String) -> String {
        let answer = self.http.post(format!("{}/{function}", self.url)).body(body).send().await.unwrap();
        let phrase = answer.extensions().get::<hyper::ext::ReasonPhrase>().expect("a phrase of our own");
        String::from_utf8(phrase.as_bytes().to_vec()).unwrap()
    }

    /// Where it listens.
    pub(crate) fn place(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub(crate) async fn health(&self) -> (u16, Value) {
        let answer = self.http.get(&self.url).send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    /// What a caller of `/api/remediate` would see.
    pub(crate) async fn remediate(&self, body: &str) -> (u64, Value) {
        let request = json!({ "Url": "http://localhost/api/remediate", "Method": "POST", "Query": {},
            "Headers": { "Content-Type": ["application/json"] }, "Params": {}, "Identities": [], "Body": body });
        let envelope = json!({ "Data": { "req": request }, "Metadata": {} });
        let (status, text) = self.post("function-remediate", envelope.to_string()).await;
        assert_eq!(status, 200, "{text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        let res = &answer["Outputs"]["res"];
        let body = res["body"].as_str().expect("the body is a string");
        (res["statusCode"].as_u64().unwrap(), serde_json::from_str(body).unwrap())
    }

    /// Applies by hand and gives the report.
    pub(crate) async fn apply(&self) -> Value {
        let (status, report) = self.remediate(r#"{"mode":"apply","wait":true}"#).await;
        assert_eq!(status, 200, "{report}");
        report
    }

    /// Applies by hand while the log does not take all rows, of which the answer tells, and gives the report.
    pub(crate) async fn apply_untold(&self) -> Value {
        let (status, report) = self.remediate(r#"{"mode":"apply","wait":true}"#).await;
        assert!(status == 503 && report["because"].is_string(), "{status}: {report}");
        report
    }

    /// Plans and gives the report.
    pub(crate) async fn plan(&self) -> Value {
        let (status, report) = self.remediate(r#"{"mode":"plan","wait":true}"#).await;
        assert_eq!(status, 200, "{report}");
        report
    }

    /// One tick of the timer.
    pub(crate) async fn tick(&self) -> (u16, String) {
        let timer =
            json!({ "Schedule": { "AdjustForDST": true }, "ScheduleStatus": null, "IsPastDue": false });
        self.post("function-collector", json!({ "Data": { "collectorTimer": timer } }).to_string()).await
    }
}

/// The reasons of a report's skips for a name, each once.
pub(crate) fn reasons(report: &Value, name: &str) -> Vec<String> {
    let skips = report["skips"].as_array().unwrap();
    let mut reasons: Vec<_> = skips
        .iter()
        .filter(|skip| skip["name"] == name)
        .map(|skip| skip["reason"].as_str().unwrap().to_owned())
        .collect();
    reasons.sort();
    reasons.dedup();
    reasons
}

/// The outcomes of a report's changes, each once.
pub(crate) fn outcomes(report: &Value) -> Vec<String> {
    let changes = report["changes"].as_array().into_iter().flatten();
    let mut outcomes: Vec<_> = changes.map(|change| change["outcome"].as_str().unwrap().to_owned()).collect();
    outcomes.sort();
    outcomes.dedup();
    outcomes
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        let mut pulse = tokio::time::interval(Duration::from_millis(20));
        while !holds().await {
            pulse.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}
