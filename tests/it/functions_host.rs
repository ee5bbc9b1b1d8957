//! The files that are deployed, under the stand-in's Functions host, which has the habits of the real one (contract
//! functions-custom-handler, section 12).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};
use standin::functions_host::{
    FunctionsHost, HostEvent, HostOptions, Keys, Level, TimerStorage, event_channel,
};
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;

use crate::handler::{House, PATIENCE, moved, set, tagged};
use crate::infra::read;

/// A rule that may nudge; what a host drops names none.
const RULE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ddns/providers/\
                    Microsoft.Insights/scheduledQueryRules/ddns-mismatch";

/// A host over the functions of this project, whose handler has these variables; where they say nothing of its timer, the
/// year has one occurrence.
pub(crate) fn own_functions(mut environment: BTreeMap<String, String>, keys: Option<Keys>) -> HostOptions {
    let function = |name: &str| (name.to_owned(), read(&format!("{name}/function.json")));
    environment.entry("COLLECTOR_SCHEDULE".to_owned()).or_insert_with(|| "0 0 0 1 1 *".to_owned());
    HostOptions {
        host_json: read("host.json"),
        functions: vec![function("function-collector"), function("function-remediate")],
        command: Some(vec![env!("CARGO_BIN_EXE_heartbeat-dns").into(), "serve".into()]),
        environment: environment.into_iter().collect(),
        root: std::env::temp_dir(),
        tick_at_start: false,
        pages: axum::Router::new(),
        keys,
        timers: TimerStorage::default(),
        clock: standin::Clock::default(),
        application_insights: None,
        events: event_channel(),
    }
}

/// A house whose handler runs under a host.
struct Hosted {
    house: House,
    host: FunctionsHost,
    events: Receiver<HostEvent>,
    http: reqwest::Client,
}

impl Hosted {
    /// Starts it with these variables more, of which an empty one is taken away.
    async fn start(more: &[(&str, &str)]) -> Self {
        let sets = [set("nas", &["198.51.100.10"], Value::Null)];
        let machines = [tagged("nas", "nas.example.com")];
        let beats = moved("nas", "198.51.100.10", "203.0.113.7");
        let house = House::new(&sets, &machines, &beats, &[]).await;
        let mut environment = house.environment.clone();
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "LOG_LEVEL", "LOG_FORMAT"] {
            environment.insert(name.to_owned(), String::new());
        }
        environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let events = event_channel();
        let seen = events.subscribe();
        let options = HostOptions {
            application_insights: Some(house.stage.standin.state().clone()),
            events,
            ..own_functions(environment, None)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let host = FunctionsHost::start(options, listener).unwrap();
        assert!(host.ready().await);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { house, host, events: seen, http }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host.address())
    }

    /// What a caller gets.
    async fn called(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// "Run" of the portal on the collector: why it failed, and what it says in the log.
    async fn run_collector(&mut self) -> (Option<String>, Vec<String>) {
        let url = self.url("/admin/functions/function-collector");
        assert_eq!(self.called(self.http.post(url).body(r#"{"input":""}"#)).await.0, 202);
        self.event(|event| match event {
            HostEvent::Invoked { by: "admin", failure, logs, .. } => Some((failure.clone(), logs.clone())),
            _ => None,
        })
        .await
    }

    /// The next event that fits.
    async fn event<T>(&mut self, pick: impl Fn(&HostEvent) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(found) = pick(&self.events.recv().await.unwrap()) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, found).await.expect("the event in time")
    }

    /// Rows of a query, each as its texts.
    async fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let database = self.house.stage.standin.state().workspace().snapshot();
        let now = heartbeat_dns::clock::now();
        let answer = standin::logs_query::run(database, query.to_owned(), None, now, PATIENCE).await.unwrap();
        standin::logs_query::texts(&answer)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn run_of_the_portal_sweeps_in_full_and_is_four_items_of_telemetry() {
    let mut hosted = Hosted::start(&[]).await;
    let (failure, logs) = hosted.run_collector().await;
    assert_eq!(failure, None);
    assert!(logs[0].contains("swept 2 of 2 parts"), "{logs:?}");
    // A second one has nothing to write.
    let (failure, logs) = hosted.run_collector().await;
    assert!(failure.is_none() && logs[0].contains("swept 2 of 2 parts"), "{failure:?} {logs:?}");
    let newest =
        hosted.rows("AppRequests | top 1 by TimeGenerated | project tostring(Properties.InvocationId)").await;
    let ours = format!("AppTraces | where Message contains \"{}\" | count", newest[0][0]);
    let lines = async || hosted.rows(&ours).await[0][0].parse::<usize>().unwrap();
    crate::handler::until("its lines have come", async || lines().await == 2).await;
    let kinds = "union withsource=Table AppTraces, AppRequests, AppExceptions, AppDependencies
        | where isnotempty(OperationId) | project Table, tostring(Properties.Category) | sort by Table asc";
    let user = ["AppTraces", "Function.function-collector.User"];
    let result = ["AppRequests", "Host.Results"];
    assert_eq!(hosted.rows(kinds).await, [result, result, user, user]);
    hosted.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_leads_to_its_reason_its_lines_and_its_rows() {
    let mut hosted = Hosted::start(&[]).await;
    let zone = "/dnsZones/example.com/A\\?";
    hosted.house.stage.fail(&json!([{ "method": "GET", "path": zone, "times": 50, "status": 403 }])).await;
    let began = heartbeat_dns::clock::now();
    let (failure, _) = hosted.run_collector().await;
    let begin = "Response status code does not indicate success: 500 (the sweep of example.com failed: ";
    assert!(failure.as_deref().is_some_and(|why| why.starts_with(begin)), "{failure:?}");
    let query = read("docs/queries/failed-run.kql");
    let ours = "function-collector failed: the sweep of example.com failed";
    crate::handler::until("its lines have come", async || {
        hosted.house.query(&query).await.iter().any(|row| row.to_string().contains(ours))
    })
    .await;
    let rows = hosted.house.query(&query).await;
    let said = |what: &str, words: &str| {
        rows.iter().any(|row| {
            let text = row.to_string();
            text.contains(&format!("\"{what}\"")) && text.contains(words)
        })
    };
    for (what, words) in [
        ("reason", begin),
        ("ERROR", ours),
        ("row", "update A nas.example.com from 198.51.100.10 to 203.0.113.7: confirmed"),
    ] {
        assert!(said(what, words), "{what}: {words}\n{rows:#?}");
    }
    assert!(rows.iter().all(|row| row.to_string().contains("function-collector")), "{rows:#?}");
    let request = "AppRequests | project OperationId, tostring(Properties.InvocationId)";
    let request = hosted.rows(request).await.remove(0);
    let lines = "AppTraces | where Properties.Category == 'Host.Function.Console' | project Message";
    let lines = hosted.rows(lines).await.into_iter();
    let lines = lines.map(|line| serde_json::from_str::<Value>(&line[0]).unwrap());
    let is_of_the_run =
        |line: &Value| line["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap() > began;
    let lines: Vec<Value> = lines.filter(is_of_the_run).collect();
    assert!(lines.len() > 2, "{lines:?}");
    for line in lines {
        let ids = [&line["operation"], &line["invocation"]].map(|id| id.as_str().unwrap_or_default());
        assert_eq!(ids, [request[0].as_str(), request[1].as_str()], "each line of a run: {line}");
    }
    hosted.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_the_host_dropped_is_a_nudge_from_an_action_group_alone() {
    let hosted = Hosted::start(&[("ALERT_RULE_IDS", RULE)]).await;
    let send = async |agent: &str| {
        let pieces = futures::stream::iter([Ok::<_, std::io::Error>("{\"data\":"), Ok("{}}")]);
        let request = hosted.http.post(hosted.url("/api/remediate")).header("User-Agent", agent);
        hosted.called(request.body(reqwest::Body::wrap_stream(pieces))).await
    };
    let (status, answer) = send("curl/8.5.0").await;
    assert_eq!(status, 411, "{answer}");
    assert_eq!(hosted.house.addresses("nas").await, ["198.51.100.10"]);
    let (status, answer) = send("IcMBroadcaster/1.0").await;
    assert_eq!((status, &answer["trigger"]), (200, &json!("alert")), "{answer}");
    assert_eq!(hosted.house.addresses("nas").await, ["203.0.113.7"]);
    hosted.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_names_what_it_wants_or_is_refused() {
    let hosted = Hosted::start(&[]).await;
    let get = async |query: &str| {
        hosted.called(hosted.http.get(hosted.url(&format!("/api/remediate?{query}")))).await
    };
    let (status, report) = get("names=pc.example.com&names=nas.example.com&code=k&clientId=default").await;
    assert_eq!((status, &report["mode"]), (200, &json!("plan")), "{report}");
    assert_eq!(report["changes"][0]["name"], "nas.example.com");
    assert_eq!(report["unclaimed"][0]["name"], "pc.example.com");
    for (query, named) in [("mode=apply", "mode=\"apply\""), ("Names=nas.example.com", "\"Names\"")] {
        let (status, answer) = get(query).await;
        assert!(
            status == 400 && answer["error"].as_str().is_some_and(|words| words.contains(named)),
            "{answer}"
        );
    }
    hosted.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_lacks_is_said_where_people_look() {
    let mut hosted = Hosted::start(&[("IDENTITY_ENDPOINT", ""), ("AZURE_TOKEN_CREDENTIALS", "")]).await;
    let (failure, _) = hosted.run_collector().await;
    assert!(
        failure.as_deref().is_some_and(|why| why.contains("no identity is assigned to the app")),
        "{failure:?}"
    );
    hosted.host.stop().await;

    // The host goes on without the timer, and nothing would ever be collected.
    let mut hosted = Hosted::start(&[("COLLECTOR_SCHEDULE", "hourly")]).await;
    let line = hosted.event(|event| match event {
        HostEvent::Line { level: Level::Error, text } => Some(text.clone()),
        _ => None,
    });
    assert!(line.await.contains("'function-collector' function is in error"));
    let request = hosted.http.post(hosted.url("/api/remediate")).body("{}");
    let (status, answer) = hosted.called(request.timeout(Duration::from_secs(30))).await;
    let because = answer["because"].as_str().unwrap_or_default();
    assert!(status == 503 && because.contains("COLLECTOR_SCHEDULE is `hourly`"), "{answer}");
    hosted.host.stop().await;
}
