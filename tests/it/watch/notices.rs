//! Whoever is named hears what moved, what is held and what failed: once, and once more when it is over.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{NEW, Watch, converging, drifted};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged, until};

/// A request as it came: method, path, headers, body.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Heard {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A receiver of webhooks on loopback.
#[derive(Clone)]
pub(crate) struct Receiver {
    heard: Arc<Mutex<Vec<Heard>>>,
    answer: Arc<Mutex<StatusCode>>,
    pub(crate) url: String,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(StatusCode::OK));
        let receiver = Self { heard: Arc::default(), answer, url };
        let router = Router::new().fallback(Self::take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    async fn take(State(receiver): State<Self>, request: Request) -> impl IntoResponse {
        let (parts, body) = request.into_parts();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let heard = Heard {
            method: parts.method.to_string(),
            path: parts.uri.to_string(),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap(),
        };
        // Whoever sees the request, and then changes the answer, means the next one.
        let status = *receiver.answer.lock().unwrap();
        receiver.heard.lock().unwrap().push(heard);
        (status, [("location", "http://192.0.2.1/elsewhere")])
    }

    fn answer(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = status;
    }

    pub(crate) fn posts(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().iter().filter(|heard| heard.method == "POST").cloned().collect()
    }

    fn forget(&self) {
        self.heard.lock().unwrap().clear();
    }

    pub(crate) fn pings(&self) -> usize {
        self.heard.lock().unwrap().iter().filter(|heard| heard.path == "/ping").count()
    }
}

/// The same text each time: runs and moments are taken out.
fn without_chance(text: &str) -> String {
    let mut text = text.to_owned();
    for piece in text.clone().split(|c: char| !c.is_ascii_alphanumeric() && !"-:.".contains(c)) {
        let is_id = piece.len() == 36 && piece.bytes().filter(|byte| *byte == b'-').count() == 4;
        let is_time = piece.len() > 19 && piece.starts_with("20") && piece.ends_with('Z');
        if is_id || is_time {
            text = text.replace(piece, if is_id { "RUN" } else { "TIME" });
        }
    }
    text
}

async fn notice_of_a_move(format: &str) -> Heard {
    let receiver = Receiver::start().await;
    let url = format!("{}/hook/hush", receiver.url);
    let house = drifted(&[("NOTIFY_URL", &url), ("NOTIFY_FORMAT", format)]).await;
    let watch = Watch::start(&house, "1s").await;
    until("a notice came", async || !receiver.posts().is_empty()).await;
    let ended = watch.stop().await;
    assert!(!ended.log.contains("hush"), "{}", ended.log);
    let posts = receiver.posts();
    assert_eq!(posts.len(), 1, "a move is told once: {posts:?}");
    let notice = posts[0].clone();
    assert_eq!(notice.path, "/hook/hush");
    assert!(notice.headers.iter().all(|(name, _)| name != "authorization"), "{:?}", notice.headers);
    let agent = ("user-agent".to_owned(), format!("heartbeat-dns/{}", env!("CARGO_PKG_VERSION")));
    assert!(notice.headers.contains(&agent), "{:?}", notice.headers);
    notice
}

#[tokio::test(flavor = "multi_thread")]
async fn every_preset_has_its_form() {
    let formats = ["json", "teams", "slack", "ntfy"];
    let notices = futures::future::join_all(formats.map(notice_of_a_move)).await;
    let pretty = |heard: &Heard| {
        let text = serde_json::to_string_pretty(&heard.json()).unwrap();
        without_chance(&text)
    };
    insta::assert_snapshot!("notice_json", pretty(&notices[0]));
    insta::assert_snapshot!("notice_teams", pretty(&notices[1]));
    insta::assert_snapshot!("notice_slack", pretty(&notices[2]));
    let ntfy = &notices[3];
    let header =
        |name: &str| ntfy.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    assert_eq!(header("title"), Some("heartbeat-dns: 1 name moved"));
    assert_eq!((header("priority"), header("tags")), (Some("3"), Some("globe_with_meridians")));
    assert_eq!(ntfy.body, "x.example.com A moved from 198.51.100.10 to 203.0.113.7 (m)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_once_and_once_when_it_is_over() {
    let receiver = Receiver::start().await;
    let url = format!("{}/hook", receiver.url);
    let ping = format!("{}/ping", receiver.url);
    let house = drifted(&[("NOTIFY_URL", &url), ("PING_URL", &ping), ("RUN_DEADLINE", "2s")]).await;
    house.stage.fail(&json!([{ "path": "/query", "times": 100_000, "status": 403 }])).await;
    let begin = Instant::now();
    let watch = Watch::start(&house, "1s").await;
    until("three rounds failed", async || {
        let evaluated = [("stage", "evaluate"), ("result", "failed")];
        watch.metrics().await.labelled("heartbeat_dns_stages_total", &evaluated) >= 3.0
    })
    .await;
    assert!(begin.elapsed() > Duration::from_secs(2 + 4), "each failed round is waited for twice as long");
    let posts = receiver.posts();
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert_eq!(posts[0].json()["events"][0]["event"], "failed");
    assert_eq!(posts[0].json()["events"][0]["what"], "evaluate");
    assert_eq!(receiver.pings(), 0);
    house.stage.fail(&json!([])).await;
    until("a good run was pinged", async || receiver.pings() > 0).await;
    let posts = receiver.posts();
    assert_eq!(posts.len(), 2, "{posts:?}");
    let events = posts[1].json()["events"].clone();
    assert_eq!(events[0], json!({ "event": "over", "what": "evaluate failed" }));
    assert_eq!(events[1]["event"], "moved");
    until("the deliveries are counted", async || {
        let metrics = watch.metrics().await;
        metrics.labelled("heartbeat_dns_notices_total", &[("channel", "notify"), ("result", "delivered")])
            == 2.0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_that_stands_is_told_once() {
    let receiver = Receiver::start().await;
    let url = format!("{}/hook", receiver.url);
    let house = converging(&[("NOTIFY_URL", &url)]).await;
    let watch = Watch::start(&house, "1s").await;
    until("three runs were held", async || {
        watch.metrics().await.of("heartbeat_dns_runs_total", "result", "held") >= 3.0
    })
    .await;
    let metrics = watch.metrics().await;
    assert_eq!(metrics.of("heartbeat_dns_brake_active", "brake", "converging"), 1.0);
    assert_eq!(metrics.of("heartbeat_dns_names", "state", "held"), 5.0);
    let posts = receiver.posts();
    assert_eq!(posts.len(), 1, "{posts:?}");
    let notice = posts[0].json();
    let event = &notice["events"][0];
    assert_eq!(
        (&event["event"], &event["brake"], &event["names"]),
        (&json!("held"), &json!("converging"), &json!(5))
    );
    assert_eq!(notice["title"], "heartbeat-dns: 1 brake holds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_in_trouble_is_in_nobodys_way_and_redirects_are_not_followed() {
    let receiver = Receiver::start().await;
    receiver.answer(StatusCode::FOUND);
    let url = format!("{}/hook/hush", receiver.url);
    let house = drifted(&[("NOTIFY_URL", &url)]).await;
    let watch = Watch::start(&house, "1s").await;
    until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
    until("the loss is counted", async || {
        let metrics = watch.metrics().await;
        metrics.labelled("heartbeat_dns_notices_total", &[("channel", "notify"), ("result", "failed")]) == 1.0
    })
    .await;
    assert_eq!(watch.health().await.0, 200);
    assert_eq!(receiver.posts().len(), 1, "a refusal is not tried again");
    let ended = watch.stop().await;
    assert!(ended.log.contains("redirects are not followed"), "{}", ended.log);
    assert!(!ended.log.contains("hush"), "{}", ended.log);
}

/// Whoever asks for patience, or is out of order for a moment, hears the same notice a little later.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_a_receiver_cannot_take_now_is_sent_again() {
    for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE] {
        let receiver = Receiver::start().await;
        receiver.answer(status);
        let house = drifted(&[("NOTIFY_URL", &format!("{}/hook", receiver.url))]).await;
        let watch = Watch::start(&house, "1s").await;
        until("a notice came", async || !receiver.posts().is_empty()).await;
        receiver.answer(StatusCode::OK);
        until("it is delivered", async || {
            let delivered = [("channel", "notify"), ("result", "delivered")];
            watch.metrics().await.labelled("heartbeat_dns_notices_total", &delivered) == 1.0
        })
        .await;
        let posts = receiver.posts();
        assert!(posts.len() > 1 && posts.iter().all(|post| post.body == posts[0].body), "{posts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watchdog_that_is_away_is_told_once_and_once_when_it_is_back() {
    let receiver = Receiver::start().await;
    receiver.answer(StatusCode::NOT_FOUND);
    let ping = format!("{}/ping", receiver.url);
    let house = drifted(&[("PING_URL", &ping)]).await;
    let watch = Watch::start(&house, "1s").await;
    let pings = async |result: &str| {
        let of = [("channel", "ping"), ("result", result)];
        watch.metrics().await.labelled("heartbeat_dns_notices_total", &of)
    };
    until("three pings were lost", async || pings("failed").await >= 3.0).await;
    receiver.answer(StatusCode::OK);
    until("a ping arrived", async || pings("delivered").await >= 1.0).await;
    let log = watch.stop().await.log;
    assert_eq!(log.matches("the call of PING_URL was not delivered: it answered 404").count(), 1, "{log}");
    assert_eq!(log.matches("the call of PING_URL is delivered again, after ").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_webhook_reaches_no_log() {
    let house = drifted(&[("NOTIFY_URL", "https://hush.invalid/hook"), ("LOG_LEVEL", "trace")]).await;
    let watch = Watch::start(&house, "1s").await;
    until("the loss is counted", async || {
        let failed = [("channel", "notify"), ("result", "failed")];
        watch.metrics().await.labelled("heartbeat_dns_notices_total", &failed) >= 1.0
    })
    .await;
    let log = watch.stop().await.log;
    assert!(
        log.contains("the notice to NOTIFY_URL was not delivered: the host cannot be looked up"),
        "{log}"
    );
    assert!(!log.contains("hush"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_functions_tell_as_well() {
    let receiver = Receiver::start().await;
    let (url, ping) = (format!("{}/hook", receiver.url), format!("{}/ping", receiver.url));
    let house = drifted(&[("NOTIFY_URL", &url), ("PING_URL", &ping)]).await;
    let handler = house.serve().await;
    assert_eq!(handler.plan().await["result"], "planned");
    assert_eq!(handler.tick().await.0, 200);
    until("the timer's run is told", async || receiver.posts().len() == 1 && receiver.pings() == 1).await;
    assert_eq!(receiver.posts()[0].json()["events"][0]["event"], "moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_configuration_is_told_when_it_says_to_whom() {
    let receiver = Receiver::start().await;
    let url = format!("{}/hook", receiver.url);
    let handler = crate::handler::Handler::bare(&[("NOTIFY_URL", &url), ("MODE", "on")]).await;
    until("the handler's faults are told", async || receiver.posts().len() == 1).await;
    let notice = receiver.posts()[0].json();
    let event = &notice["events"][0];
    assert_eq!((&event["event"], &event["what"]), (&json!("failed"), &json!("the configuration")));
    for variable in ["MODE", "DNS_ZONES", "POLICY_NAMES"] {
        assert!(event["because"].as_str().unwrap().contains(variable), "{notice}");
    }
    assert_eq!((&notice["run"], &notice["trigger"]), (&Value::Null, &Value::Null));
    assert_eq!(handler.health().await.0, 200);

    let mut house = drifted(&[("NOTIFY_URL", &url), ("PING_URL", &format!("{}/ping", receiver.url))]).await;
    house.environment.insert("RUN_DEADLINE".to_owned(), "4".to_owned());
    assert_eq!(house.run(&["watch"]).await.status.code(), Some(2));
    assert!(receiver.posts()[1].body.contains("RUN_DEADLINE"), "it leaves before the process does");
    assert_eq!(house.run(&["plan"]).await.status.code(), Some(2));
    assert_eq!((receiver.posts().len(), receiver.pings()), (2, 0), "a person at a terminal reads it there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_proxy_is_told_as_well() {
    let receiver = Receiver::start().await;
    let url = format!("{}/hook", receiver.url);
    let name = |index: usize| format!("shop{index}");
    let old = |index: usize| format!("198.51.100.{}", 10 + index);
    let sets: Vec<_> = (0..8).map(|index| set(&name(index), &[&old(index)], Value::Null)).collect();
    let machines: Vec<_> =
        (0..8).map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let to = |shops: std::ops::Range<usize>, address: &str| -> Vec<Value> {
        shops.flat_map(|index| moved(&name(index), &old(index), address)).collect()
    };
    let house = House::new(&sets, &machines, &to(0..4, "203.0.113.200"), &[("NOTIFY_URL", &url)]).await;
    let watch = Watch::start(&house, "1s").await;
    until("the first is told", async || receiver.posts().len() == 1).await;
    house.heartbeats(&to(4..8, "203.0.113.201")).await;
    until("the second is told", async || receiver.posts().len() >= 2).await;
    let text = receiver.posts()[1].body.clone();
    assert!(text.contains("move to 203.0.113.201"), "{text}");
    watch.stop().await;
}

/// Rounds of a `watch` that have asked the logs and were answered.
pub(crate) async fn evaluated(watch: &Watch) -> f64 {
    let ok = [("stage", "evaluate"), ("result", "ok")];
    watch.metrics().await.labelled("heartbeat_dns_stages_total", &ok)
}

/// Names that rest on what cannot be read are blind without any brake; whoever is named hears of each cause.
#[tokio::test(flavor = "multi_thread")]
async fn each_cause_for_which_names_are_blind_is_told() {
    let receiver = Receiver::start().await;
    let url = format!("{}/hook", receiver.url);
    let house = drifted(&[("NOTIFY_URL", &url), ("NOTIFY_FORMAT", "json"), ("RUN_DEADLINE", "4s")]).await;
    let handler = house.serve().await;
    let alert = include_str!("../fixtures/alerts/alert-v2-fired.json");
    let failures = || -> Vec<String> {
        let bodies = receiver.posts().into_iter().map(|post| post.json());
        let events = bodies.flat_map(|body| body["events"].as_array().cloned().unwrap_or_default());
        events.filter(|event| event["event"] == "failed").map(|event| event["what"].to_string()).collect()
    };
    for (status, code, count) in [(500, "Broken", 1), (500, "Broken", 1), (400, "Odd", 2)] {
        let body = json!({ "error": { "code": code, "message": "no" } });
        let fault = json!([{ "path": "/NS", "times": 10_000, "status": status, "body": body }]);
        house.stage.fail(&fault).await;
        handler.remediate(alert).await;
        until("the cause was told", async || failures().len() >= count).await;
        assert_eq!(failures().len(), count, "{:?}", failures());
    }
    let said = failures();
    assert!(said[0].contains("Broken") && said[1].contains("Odd"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_pinged_for_old_heartbeats_whoever_repairs() {
    let receiver = Receiver::start().await;
    let ping = format!("{}/ping", receiver.url);
    let old = [3600, 3540, 3480].map(|ago| beat("m", "198.51.100.10", ago));
    for on in ["alert", "timer"] {
        let sets = [set("x", &["198.51.100.10"], Value::Null)];
        let more = [("PING_URL", ping.as_str()), ("RECONCILE_ON", on)];
        let house = House::new(&sets, &[tagged("m", "x.example.com")], &old, &more).await;
        let watch = Watch::start(&house, "1s").await;
        until("there were three rounds", async || evaluated(&watch).await >= 3.0).await;
        assert_eq!(receiver.pings(), 0, "RECONCILE_ON={on}");
        house.heartbeats(&[beat("m", "198.51.100.10", 5)]).await;
        until("a round with fresh data is pinged", async || receiver.pings() > 0).await;
        watch.stop().await;
        receiver.forget();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_pinged_between_two_sweeps_that_fail() {
    let receiver = Receiver::start().await;
    let ping = format!("{}/ping", receiver.url);
    let sets = [set("x", &["198.51.100.10"], mark("m", OWNER, "1"))];
    let more = [("PING_URL", ping.as_str()), ("SNAPSHOT_EVERY", "1s"), ("COLLECT_DEADLINE", "2s")];
    let beats = moved("m", "198.51.100.10", "198.51.100.10");
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &beats, &more).await;
    let refused = json!([{ "path": "Microsoft.ResourceGraph", "times": 100_000, "status": 403 }]);
    house.stage.fail(&refused).await;
    let watch = Watch::start(&house, "1s").await;
    until("the sweep has failed, and repairs went on", async || {
        let repaired = [("stage", "repair"), ("result", "ok")];
        watch.metrics().await.labelled("heartbeat_dns_stages_total", &repaired) >= 4.0
    })
    .await;
    // The first round may come before a sweep is due.
    assert!(receiver.pings() <= 1, "{}", receiver.pings());
    house.stage.fail(&json!([])).await;
    until("all goes well again", async || receiver.pings() > 1).await;
}
