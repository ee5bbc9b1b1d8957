//! One run at a time and one that waits, for alerts, people and the timer: whoever comes later joins it.

use serde_json::{Value, json};
use tokio::process::Command;

use super::alert;
use crate::handler::{Handler, House, OWNER, mark, moved, outcomes, set, tagged, until};
use crate::stage::zone_id;
use crate::watch::notices::Receiver;

/// Two names that are wrong, and a handler whose first run cannot end before the faults are taken away.
async fn busy(more: &[(&str, &str)]) -> (House, Handler) {
    let names = ["nas", "pc"];
    let sets = names.map(|name| set(name, &["198.51.100.10"], mark(name, OWNER, "1")));
    let machines = names.map(|name| tagged(name, &format!("{name}.example.com")));
    let beats = names.map(|name| moved(name, "198.51.100.10", "203.0.113.7")).concat();
    let house = House::new(&sets, &machines, &beats, &[&[("REPLY_WITHIN", "1s")], more].concat()).await;
    let handler = house.serve().await;
    occupy(&house, &handler).await;
    (house, handler)
}

/// A run that cannot end before the faults are taken away.
async fn occupy(house: &House, handler: &Handler) {
    let slow = json!([{ "method": "POST", "path": "/query", "times": 2, "delay_ms": 6000 }]);
    house.stage.fail(&slow).await;
    let (status, first) = handler.remediate("{}").await;
    assert_eq!((status, &first["result"]), (202, &json!("continues")), "{first}");
    // It waits itself when a run began just before.
    until("it has begun", async || house.stage.faults().await.is_empty()).await;
}

async fn holds(house: &House, name: &str, address: &str) {
    until("the record set is right", async || house.addresses(name).await == [address]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_waits_swallows_no_alert() {
    let (house, handler) = busy(&[]).await;
    let (status, waiting) = handler.remediate(r#"{"names":["nas.example.com"]}"#).await;
    assert_eq!(status, 202);
    let (status, joined) = handler.remediate(&alert()).await;
    assert_eq!((status, &joined["run"]), (202, &waiting["run"]), "its work is done by the run that waits");
    for name in ["nas", "pc"] {
        holds(&house, name, "203.0.113.7").await;
    }
    let wanted = format!("DNSChange_CL | where run_s == {} | distinct Trigger_s", waiting["run"]);
    until("the audit knows the alert", async || house.query(&wanted).await == [json!(["alert"])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_waits_swallows_no_other_name_and_a_plan_makes_it_no_larger() {
    let (house, handler) = busy(&[]).await;
    let (_, waiting) = handler.remediate(r#"{"mode":"apply","names":["nas.example.com"]}"#).await;
    let (status, joined) = handler.remediate("{}").await;
    assert_eq!((status, &joined["run"]), (202, &waiting["run"]));
    holds(&house, "nas", "203.0.113.7").await;
    // The next run begins when that one has ended.
    let plan = handler.plan().await;
    assert_eq!(outcomes(&plan), ["planned"], "{plan}");
    assert_eq!(house.addresses("pc").await, ["198.51.100.10"], "nobody asked for it");

    let (house, handler) = busy(&[]).await;
    handler.remediate(r#"{"mode":"apply","names":["nas.example.com"]}"#).await;
    handler.remediate(r#"{"mode":"apply","names":["pc.example.com"]}"#).await;
    for name in ["nas", "pc"] {
        holds(&house, name, "203.0.113.7").await;
    }
}

/// The names that a call gives are looked at as they are, and told when nobody claims them, although its run is one for all
/// names by then; only a call that asks for a write has them written.
#[tokio::test(flavor = "multi_thread")]
async fn names_that_were_given_are_not_forgotten_when_all_are_written() {
    let one = async |mode: &str, alert_first: bool| {
        let right = set("tv", &["203.0.113.8"], mark("tv", OWNER, "1"));
        let sets = [set("nas", &["198.51.100.10"], mark("nas", OWNER, "1")), right];
        let machines = [tagged("nas", "nas.example.com"), tagged("tv", "tv.example.com")];
        let beats = [moved("nas", "198.51.100.10", "203.0.113.7"), moved("tv", "203.0.113.8", "203.0.113.8")];
        let house = House::new(&sets, &machines, &beats.concat(), &[("REPLY_WITHIN", "1s")]).await;
        // Somebody changed it since, and the log does not know.
        let changed = [sets[0].clone(), set("tv", &["192.0.2.9"], mark("tv", OWNER, "1"))];
        house.world(&json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": changed }] })).await;
        let mut command = Command::new("sh");
        command.env_clear().envs(&house.environment).current_dir(std::env::temp_dir()).kill_on_drop(true);
        command.args(["-c", "exec \"$0\" serve 2>&1", env!("CARGO_BIN_EXE_heartbeat-dns")]);
        let (handler, log) = Handler::with_log(&mut command).await;
        occupy(&house, &handler).await;
        let call = json!({ "mode": mode, "names": ["tv.example.com", "naas.example.com"] }).to_string();
        let mut calls = [call, alert()];
        if alert_first {
            calls.reverse();
        }
        let (_, waiting) = handler.remediate(&calls[0]).await;
        let (status, joined) = handler.remediate(&calls[1]).await;
        assert_eq!((status, &joined["run"]), (202, &waiting["run"]));
        holds(&house, "nas", "203.0.113.7").await;
        let told = format!("run {} ", waiting["run"].as_str().unwrap());
        let is_told =
            |line: &String| line.contains(&told) && line.contains("claimed by nobody: naas.example.com");
        until("it is told that nobody claims it", async || log.lock().unwrap().iter().any(is_told)).await;
        let written = if mode == "apply" { "203.0.113.8" } else { "192.0.2.9" };
        assert_eq!(house.addresses("tv").await, [written], "{mode} {alert_first}");
    };
    tokio::join!(one("apply", false), one("apply", true), one("plan", false), one("plan", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_observes_writes_for_nobody_who_waits() {
    let (house, handler) = busy(&[("MODE", "observe")]).await;
    for body in [r#"{"mode":"apply","names":["nas.example.com"]}"#, &alert()] {
        assert_eq!(handler.remediate(body).await.0, 202);
    }
    let plan = r#"{"wait":true}"#;
    until("the runs that waited have ended", async || handler.remediate(plan).await.0 == 200).await;
    assert_eq!(handler.plan().await["result"], "planned");
    assert_eq!(house.writes().await, 0);
}

/// Questions to the logs since they were last counted.
async fn questions(house: &House) -> usize {
    house.stage.calls().await.iter().filter(|call| call.path.contains("/query")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_joins_the_run_that_waits_and_answers_when_it_is_done() {
    let (house, handler) = busy(&[]).await;
    let (status, waiting) = handler.remediate(&alert()).await;
    assert_eq!(status, 202);
    let run = waiting["run"].as_str().unwrap();
    let (status, text) = handler.tick().await;
    assert!(status == 200 && text.contains(&format!("run {run}: changed")), "{status} {text}");
    let rows = house.query("DNSChange_CL | distinct run_s").await;
    assert_eq!(rows, [json!([run])], "there was no third run");
    assert_eq!(house.addresses("nas").await, ["203.0.113.7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_only_asks_about_fails_no_run_of_others() {
    let (house, handler) = busy(&[]).await;
    let (_, waiting) = handler.remediate(r#"{"names":["naas.example.com"]}"#).await;
    let (status, text) = handler.tick().await;
    let run = waiting["run"].as_str().unwrap();
    assert!(status == 200 && text.contains(&format!("run {run}: changed")), "{status} {text}");
    assert_eq!(house.addresses("nas").await, ["203.0.113.7"]);

    // Nor does what somebody wants to be written and has mistyped.
    occupy(&house, &handler).await;
    let (_, waiting) = handler.remediate(r#"{"mode":"apply","names":["naas.example.com"]}"#).await;
    let (status, text) = handler.tick().await;
    let run = waiting["run"].as_str().unwrap();
    assert!(status == 200 && text.contains(&format!("run {run}: failed")), "{status} {text}");

    // Asked by nobody else, the same question is one in vain.
    let (_, alone) = handler.remediate(r#"{"names":["naas.example.com"],"wait":true}"#).await;
    assert_eq!(alone["result"], "failed", "{alone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_tick_joins_is_told_once() {
    let receiver = Receiver::start().await;
    let (hook, ping) = (format!("{}/hook", receiver.url), format!("{}/ping", receiver.url));
    let (_house, handler) = busy(&[("NOTIFY_URL", &hook), ("PING_URL", &ping)]).await;
    assert_eq!(handler.remediate(&alert()).await.0, 202);
    assert_eq!(handler.tick().await.0, 200);
    // What the first tick had to say is on its way by now, and this one says that all is well.
    assert_eq!(handler.tick().await.0, 200);
    until("both runs are told", async || receiver.pings() >= 2).await;
    let events: Vec<Value> =
        receiver.posts().iter().flat_map(|post| post.json()["events"].as_array().unwrap().clone()).collect();
    let moves = events.iter().filter(|event| event["event"] == "moved").count();
    assert_eq!((moves, receiver.pings()), (2, 2), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_joins_a_tick_that_waits() {
    let (house, handler) = busy(&[]).await;
    questions(&house).await;
    let late = async {
        // The tick has asked its two questions, and waits, or is about to.
        until("the tick waits", async || {
            let calls = house.control("GET", "/standin/calls", &Value::Null).await;
            let calls = calls.as_array().unwrap().iter();
            calls.filter(|call| call["path"].as_str().unwrap().contains("/query")).count() >= 2
        })
        .await;
        handler.remediate(&alert()).await
    };
    let ((status, text), (joined, answer)) = tokio::join!(handler.tick(), late);
    assert_eq!(joined, 202, "{answer}");
    let run = answer["run"].as_str().unwrap();
    assert!(status == 200 && text.contains(&format!("run {run}: changed")), "{status} {text} {answer}");
    assert_eq!(house.query("DNSChange_CL | distinct run_s").await, [json!([run])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_fails_with_the_run_that_it_joins() {
    let (house, handler) = busy(&[]).await;
    let refuse = json!({ "method": "PUT", "path": "/A/", "times": 1000, "status": 403,
        "body": { "error": { "code": "AuthorizationFailed", "message": "no" } } });
    let (_, waiting) = handler.remediate(&alert()).await;
    house.stage.fail(&json!([refuse])).await;
    let timer = json!({ "Data": { "timer": { "IsPastDue": false } } });
    let phrase = handler.reason("function-collector", timer.to_string()).await;
    let run = waiting["run"].as_str().unwrap();
    assert!(phrase.starts_with(&format!("run {run} failed: ")), "{phrase}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_that_nobody_disturbs_asks_once() {
    let house = super::house().await;
    let handler = house.serve().await;
    questions(&house).await;
    let (status, text) = handler.tick().await;
    assert!(status == 200 && text.contains(": changed"), "{text}");
    assert_eq!(questions(&house).await, 2);
}

/// What it had observed while another run went on may be old by the time of its turn.
#[tokio::test(flavor = "multi_thread")]
async fn a_tick_that_waited_for_a_run_asks_again() {
    let (house, handler) = busy(&[]).await;
    let (status, text) = handler.tick().await;
    assert!(status == 200 && text.contains(": changed"), "{status} {text}");
    assert_eq!(questions(&house).await, 2 + 2 + 2, "the first run, the tick, and its run");
}

/// Nor does what it had observed serve it when another run came and went while it still asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_tick_during_which_a_run_came_and_went_asks_again() {
    let house = super::house().await;
    let handler = house.serve().await;
    questions(&house).await;
    house.stage.fail(&json!([{ "method": "POST", "path": "/query", "times": 2, "delay_ms": 6000 }])).await;
    let meanwhile = async {
        until("both questions of the tick are under way", async || {
            house.control("GET", "/standin/faults", &Value::Null).await == json!([])
        })
        .await;
        handler.apply().await
    };
    let ((status, text), report) = tokio::join!(handler.tick(), meanwhile);
    assert_eq!(report["result"], "changed", "{report}");
    assert!(status == 200 && text.contains(": in-sync"), "{status} {text}");
    assert_eq!(questions(&house).await, 2 + 2 + 2, "the tick, the run that came and went, the tick's run");
}
