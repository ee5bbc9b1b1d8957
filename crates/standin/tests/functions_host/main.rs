//! The Functions host against a handler: this very test program, started anew with [`CHILD`] set.

#![expect(clippy::expect_used, reason = "all of this crate is test code, which may panic")]

mod habits;
mod pages_of_others;

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use standin::functions_host::{FunctionsHost, HostEvent, HostOptions, Level, TimerStorage, event_channel};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

const CHILD: &str = "STANDIN_TEST_HANDLER";
/// Long enough for a loaded machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

const TIMER: &str =
    r#"{"bindings":[{"type":"timerTrigger","direction":"in","name":"timer","schedule":"%SCHEDULE%"}]}"#;
const HTTP: &str = r#"{"bindings":[
    {"type":"httpTrigger","direction":"in","name":"req","methods":["get","post"],"route":"remediate"},
    {"type":"http","direction":"out","name":"res"}]}"#;

/// The handler itself: no test unless it is started as a child.
#[tokio::test]
async fn handler() {
    let Ok(mode) = std::env::var(CHILD) else { return };
    if mode == "crash" {
        std::process::exit(7);
    }
    // As a handler does that wants to end with its host.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(9);
    });
    let port: u16 = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT").expect("a port").parse().expect("a port");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("a listener");
    axum::serve(listener, Router::new().fallback(handle)).await.expect("served");
}

/// Does what the body of the caller's request says; by default tells what it got.
async fn handle(uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let json_kind = [("content-type", "application/json")];
    if uri.path() == "/" {
        return StatusCode::OK.into_response();
    }
    let envelope: Value = serde_json::from_slice(&body).expect("an envelope");
    match envelope["Data"]["req"]["Body"].as_str().unwrap_or_default() {
        "exit 0" => std::process::exit(0),
        "exit 1" => std::process::exit(1),
        "nothing" => StatusCode::OK.into_response(),
        "null" => (json_kind, "null").into_response(),
        "text" => "done".into_response(),
        "400" => (StatusCode::BAD_REQUEST, json_kind, "{}").into_response(),
        "late" => {
            tokio::time::sleep(PATIENCE).await;
            (json_kind, "{}").into_response()
        }
        "soon" => {
            tokio::time::sleep(Duration::from_secs(1)).await;
            (json_kind, "{}").into_response()
        }
        "reason" => {
            let mut answer = (StatusCode::INTERNAL_SERVER_ERROR, json_kind, "{}").into_response();
            answer.extensions_mut().insert(hyper::ext::ReasonPhrase::from_static(b"it is raining"));
            answer
        }
        "shout" => {
            let words = b"it is broken\na Warning only\n";
            std::io::Write::write_all(&mut std::io::stderr(), words).expect("a host that listens");
            (json_kind, "{\"Logs\":[\"from the answer\"]}").into_response()
        }
        "" if std::env::var(CHILD).is_ok_and(|mode| mode == "slow") => {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            let last = envelope["Data"]["timer"]["ScheduleStatus"]["Last"].clone();
            (json_kind, json!({ "Outputs": {}, "Logs": [last] }).to_string()).into_response()
        }
        _ => {
            let header = |name: &str| headers.get(name).map(|value| value.to_str().expect("text").to_owned());
            let told = json!({
                "path": uri.path(),
                "envelope": envelope,
                "chunked": header("transfer-encoding"),
                "length": header("content-length"),
                "version": header("x-azure-functions-hostversion"),
                "invocation": header("x-azure-functions-invocationid"),
                "agent": header("user-agent"),
                "trace": header("traceparent"),
                "ports": [std::env::var("FUNCTIONS_HTTPWORKER_PORT").ok(), std::env::var("EXTRA").ok()],
            });
            println!("asked for {}", uri.path());
            let res = json!({ "statusCode": 202, "headers": { "x-told": "yes" }, "body": told.to_string() });
            let logs = [format!("past due: {}", envelope["Data"]["timer"]["IsPastDue"])];
            (json_kind, json!({ "Outputs": { "res": res }, "Logs": logs }).to_string()).into_response()
        }
    }
}

async fn start(mode: &str, schedule: &str, timeout: &str) -> (FunctionsHost, broadcast::Receiver<HostEvent>) {
    start_with(mode, schedule, timeout, |_| {}).await
}

/// The same with options changed.
async fn start_with(
    mode: &str,
    schedule: &str,
    timeout: &str,
    change: impl FnOnce(&mut HostOptions),
) -> (FunctionsHost, broadcast::Receiver<HostEvent>) {
    let host_json = json!({
        "version": "2.0",
        "functionTimeout": timeout,
        "customHandler": { "description": { "defaultExecutablePath": "unused" } },
    });
    let exe = std::env::current_exe().expect("this program");
    let command: Vec<OsString> =
        vec![exe.into(), "--exact".into(), "handler".into(), "--nocapture".into(), "--test-threads=1".into()];
    let events = event_channel();
    let seen = events.subscribe();
    let mut options = HostOptions {
        events,
        host_json: host_json.to_string(),
        functions: vec![
            ("function-collector".to_owned(), TIMER.to_owned()),
            ("function-remediate".to_owned(), HTTP.to_owned()),
        ],
        command: Some(command),
        environment: [(CHILD, mode), ("SCHEDULE", schedule), ("EXTRA", "given")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        root: std::env::temp_dir(),
        tick_at_start: false,
        pages: Router::new(),
        keys: None,
        timers: TimerStorage::default(),
        clock: standin::Clock::default(),
        application_insights: None,
    };
    change(&mut options);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a listener");
    let host = FunctionsHost::start(options, listener).expect("a host");
    (host, seen)
}

/// Waits for an event that fits.
async fn wait<T>(events: &mut broadcast::Receiver<HostEvent>, pick: impl Fn(&HostEvent) -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = pick(&events.recv().await.expect("an event")) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the event in time")
}

fn ready(event: &HostEvent) -> Option<u32> {
    match event {
        HostEvent::Ready { pid, .. } => Some(*pid),
        _ => None,
    }
}

const NEVER: &str = "0 0 0 30 2 *";

fn url(host: &FunctionsHost, path: &str) -> String {
    format!("http://{}{path}", host.address())
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn post(host: &FunctionsHost, body: &str) -> reqwest::Response {
    client().post(url(host, "/api/remediate")).body(body.to_owned()).send().await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_call_becomes_an_envelope_and_back() {
    let (host, _events) = start("serve", NEVER, "00:10:00").await;
    let answer = client().post(url(&host, "/api/Remediate?a=1&code=k")).body("{\"n\":2}").send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.headers()["x-told"], "yes");
    assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
    let told: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("json");
    assert_eq!(told["path"], "/function-remediate");
    assert_eq!((&told["chunked"], &told["length"]), (&json!("chunked"), &Value::Null));
    assert_eq!(
        told["agent"],
        format!("Azure-Functions-Host/{}", told["version"].as_str().expect("a version"))
    );
    assert_eq!(told["invocation"].as_str().map(str::len), Some(36));
    assert_eq!(told["trace"], Value::Null, "without Application Insights");
    assert_eq!(told["ports"][1], "given");
    let request = &told["envelope"]["Data"]["req"];
    assert_eq!(request["Body"], "{\"n\":2}");
    assert_eq!(request["Method"], "POST");
    assert_eq!(request["Query"], json!({ "a": "1", "code": "k" }));
    assert_eq!(request["Url"], url(&host, "/api/Remediate?a=1&code=k"));
    assert_eq!(told["envelope"]["Metadata"]["n"], "\"2\"");
    assert_eq!(told["envelope"]["Metadata"].get("code"), None);

    let answer = client().get(url(&host, "/api/remediate")).send().await.expect("an answer");
    let told: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("json");
    assert_eq!(told["envelope"]["Data"]["req"].get("Body"), None);

    let status =
        async |request: reqwest::RequestBuilder| request.send().await.expect("an answer").status().as_u16();
    for method in ["PUT", "DELETE", "HEAD", "OPTIONS"] {
        let method = method.parse().expect("a method");
        assert_eq!(status(client().request(method, url(&host, "/api/remediate"))).await, 404);
    }
    assert_eq!(status(client().get(url(&host, "/api/other"))).await, 404);
    assert_eq!(status(client().get(url(&host, "/"))).await, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_result_is_a_500() {
    let (host, mut events) = start("serve", NEVER, "00:10:00").await;
    for body in ["400", "text"] {
        assert_eq!(post(&host, body).await.status(), 500, "{body}");
        let failure = wait(&mut events, |event| match event {
            HostEvent::Invoked { failure, .. } => Some(failure.clone()),
            _ => None,
        });
        assert!(failure.await.is_some(), "{body}");
    }
    assert_eq!(post(&host, "shout").await.status(), 200);
    let logs = wait(&mut events, |event| match event {
        HostEvent::Invoked { logs, .. } if !logs.is_empty() => Some(logs.clone()),
        _ => None,
    });
    assert_eq!(logs.await, ["from the answer"]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_ranked_by_their_stream() {
    let (host, mut events) = start("serve", NEVER, "00:10:00").await;
    post(&host, "shout").await;
    for (wanted, rank) in [("it is broken", Level::Error), ("a Warning only", Level::Warning)] {
        let level = wait(&mut events, |event| match event {
            HostEvent::Line { level, text } if text == wanted => Some(*level),
            _ => None,
        });
        assert_eq!(level.await, rank, "{wanted}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_answer_hangs_until_the_handler_is_killed() {
    let (host, mut events) = start("serve", NEVER, "00:00:01").await;
    for body in ["nothing", "null"] {
        let pid = wait(&mut events, ready).await;
        assert_eq!(post(&host, body).await.status(), 500, "{body}");
        let gone = wait(&mut events, |event| match event {
            HostEvent::Exited { pid, .. } => Some(*pid),
            _ => None,
        });
        assert_eq!(gone.await, pid, "{body}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_handler_is_started_again() {
    let (host, mut events) = start("serve", "* * * * * *", "00:10:00").await;
    let first = wait(&mut events, ready).await;
    assert!(Command::new("kill").args(["-9", &first.to_string()]).status().expect("kill").success());
    let second = wait(&mut events, ready).await;
    assert_ne!(first, second);
    assert_eq!(host.child_pid(), Some(second));
    let succeeded = wait(&mut events, |event| match event {
        HostEvent::Invoked { by: "timer", failure: None, function, .. } => Some(function.clone()),
        _ => None,
    });
    assert_eq!(succeeded.await, "function-collector");
    host.stop().await;
    assert!(!is_alive(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_with_zero_goes_unnoticed() {
    let (host, mut events) = start("serve", NEVER, "00:10:00").await;
    wait(&mut events, ready).await;
    assert_eq!(post(&host, "exit 0").await.status(), 500);
    assert_eq!(post(&host, "again").await.status(), 500);
    let (host_2, mut events) = start("serve", NEVER, "00:10:00").await;
    wait(&mut events, ready).await;
    assert_eq!(post(&host_2, "exit 1").await.status(), 500);
    wait(&mut events, ready).await;
    assert_eq!(post(&host_2, "again").await.status(), 202);
    host.stop().await;
    host_2.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_crashes_end_the_host() {
    let (host, mut events) = start("crash", NEVER, "00:10:00").await;
    let mut started = 0;
    let restarts = async {
        loop {
            match events.recv().await.expect("an event") {
                HostEvent::Started { .. } => started += 1,
                HostEvent::HostRestart => return started,
                _ => {}
            }
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, restarts).await.expect("in time"), 3);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_run_by_hand() {
    let (host, mut events) = start("serve", NEVER, "00:10:00").await;
    let call = async |name: &str, body: &str| {
        let request = client().post(url(&host, &format!("/admin/functions/{name}"))).body(body.to_owned());
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(call("function-collector", "{\"input\":\"\"}").await, 202);
    assert_eq!(call("function-collector", "{}").await, 202);
    assert_eq!(call("function-collector", "").await, 400);
    assert_eq!(call("function-collector", "{\"input\":{}}").await, 400);
    assert_eq!(call("nobody", "{}").await, 404);
    let by = wait(&mut events, |event| match event {
        HostEvent::Invoked { by, failure: None, .. } => Some(*by),
        _ => None,
    });
    assert_eq!(by.await, "admin");
    for (name, value) in [("Host", "evil.example"), ("Origin", "http://evil.example")] {
        let request = client().post(url(&host, "/admin/functions/collector")).header(name, value);
        assert_eq!(request.body("{}").send().await.expect("an answer").status(), 403, "{name}");
    }
    host.stop().await;
}

fn is_alive(pid: u32) -> bool {
    Command::new("kill").args(["-0", &pid.to_string()]).output().expect("kill").status.success()
}
