//! What the Functions host and the callers behind it get to hear (contract functions-custom-handler, section 1).

mod answers;
mod pages;
mod process;
mod queue;
mod recorded;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::handler::{Handler, House, moved, set, tagged, until};

fn fixtures(folder: &str) -> Vec<(String, String)> {
    let path = format!("{}/tests/it/fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(path).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// An answer that lets the host end the invocation: a JSON object, or a status that says failed.
fn ends_the_invocation(status: u16, text: &str) -> bool {
    let is_object = serde_json::from_str::<Value>(text).is_ok_and(|answer| answer.is_object());
    (200..300).contains(&status) && is_object || status >= 400
}

async fn house() -> House {
    let sets = [set("nas", &["198.51.100.10"], Value::Null)];
    let machines = [tagged("nas", "nas.example.com")];
    House::new(&sets, &machines, &moved("nas", "198.51.100.10", "203.0.113.7"), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_invocation_is_ended_whatever_it_holds() {
    let house = house().await;
    for handler in [house.serve().await, Handler::bare(&[]).await] {
        for function in ["function-collector", "function-remediate"] {
            for (name, body) in fixtures("invocations") {
                let (status, text) = handler.post(function, body).await;
                assert!(ends_the_invocation(status, &text), "{function} {name}: {status} {text}");
            }
            for body in ["", "{", "null", "[]", "7", r#"{"Data":1}"#, r#"{"Data":{"req":{"Body":5}}}"#] {
                let (status, text) = handler.post(function, body).await;
                assert!(ends_the_invocation(status, &text), "{function} {body}: {status} {text}");
            }
        }
        assert_eq!(handler.post("nowhere", "{}").await.0, 404);
        let (status, health) = handler.health().await;
        assert_eq!((status, &health["name"]), (200, &json!("heartbeat-dns")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_run_with_a_configuration_and_fail_without() {
    let house = house().await;
    let handler = house.serve().await;
    let bare = Handler::bare(&[]).await;
    for (name, body) in
        fixtures("invocations").into_iter().filter(|(name, _)| name.starts_with("request-timer"))
    {
        let (status, text) = handler.post("function-collector", body.clone()).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(status, 200, "{name}: {text}");
        assert_eq!((&answer["Outputs"], &answer["ReturnValue"]), (&json!({}), &Value::Null));
        assert!(answer["Logs"].as_array().is_some_and(|lines| !lines.is_empty()), "{text}");
        assert_eq!(bare.post("function-collector", body).await.0, 500, "{name}");
    }
    assert_eq!(house.addresses("nas").await, ["203.0.113.7"], "the first tick repairs");
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_nudges_and_the_rest_is_ignored() {
    let handler = house().await.serve().await;
    for (name, body) in fixtures("alerts") {
        let (status, answer) = handler.remediate(&body).await;
        assert_eq!(status, 200, "{name}: {answer}");
        let runs = name.starts_with("alert-v1") || name.starts_with("alert-v2-fired");
        assert_eq!(answer["schema"] == "heartbeat-dns/1", runs, "{name}: {answer}");
        assert_eq!(answer["ignored"].is_string(), !runs, "{name}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_rules_on_the_list_are_believed() {
    let sets = [set("nas", &["198.51.100.10"], Value::Null)];
    let machines = [tagged("nas", "nas.example.com")];
    let rule = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/RG-DDNS/providers/\
                microsoft.insights/scheduledqueryrules/ddns-mismatch";
    let house = House::new(&sets, &machines, &[], &[("ALERT_RULE_IDS", rule)]).await;
    let handler = house.serve().await;
    for (name, body) in fixtures("alerts").into_iter().filter(|(name, _)| name.starts_with("alert-v2-fired"))
    {
        assert_eq!(handler.remediate(&body).await.1["schema"], "heartbeat-dns/1", "{name}: ids mind no case");
        let other = body.replace("scheduledqueryrules/ddns-mismatch", "scheduledqueryrules/other");
        assert!(handler.remediate(&other).await.1["ignored"].is_string(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn manual_calls_plan_unless_they_say_apply() {
    let house = house().await;
    let handler = house.serve().await;
    for body in ["", "{}", r#"{"mode":"plan"}"#] {
        let (status, report) = handler.remediate(body).await;
        assert_eq!(
            (status, &report["mode"], &report["result"]),
            (200, &json!("plan"), &json!("planned")),
            "{body}"
        );
    }
    assert_eq!(house.writes().await, 0);
    for body in ["[]", "7", "nonsense", r#"{"mode":"x"}"#, r#"{"names":"x"}"#, r#"{"foo":1}"#] {
        let (status, answer) = handler.remediate(body).await;
        assert_eq!(status, 400, "{body}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    assert_eq!(handler.remediate(&"x".repeat(256 * 1024 + 1)).await.0, 413);
    assert_eq!(handler.remediate(&"[".repeat(100_000)).await.0, 400);
    let (status, report) =
        handler.remediate(r#"{"mode":"apply","names":["other.example.com"],"wait":true}"#).await;
    assert_eq!((status, house.writes().await), (200, 0), "{report}");
    assert_eq!(
        (&report["result"], &report["unclaimed"][0]["name"]),
        (&json!("failed"), &json!("other.example.com"))
    );
    let because = report["unclaimed"][0]["because"].as_str().unwrap();
    assert!(because.starts_with("No tagged machine claims other.example.com"), "{because}");
    let (_, report) = handler.remediate(r#"{"mode":"apply","names":["nas.example.com"],"wait":true}"#).await;
    assert_eq!((&report["result"], house.writes().await), (&json!("changed"), 1), "{report}");
    assert!(report.get("unclaimed").is_none(), "{report}");
    let (_, report) = handler.remediate(r#"{"mode":"plan","names":["nas.example.com"],"wait":true}"#).await;
    assert_eq!(report["result"], "in-sync", "it is claimed, and right: {report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_configuration_is_told_to_each_caller_as_it_can_bear() {
    let handler = Handler::bare(&[("POLICY_MIN_BEATS", "many")]).await;
    let (_, alert) = fixtures("alerts").into_iter().find(|(name, _)| name == "alert-v2-fired.json").unwrap();
    let (status, answer) = handler.remediate(&alert).await;
    assert_eq!((status, &answer["result"]), (200, &json!("retry-later")));
    for name in ["DNS_ZONES", "LOGS_WORKSPACE_IDS", "POLICY_NAMES", "POLICY_MIN_BEATS"] {
        assert!(answer["because"].as_str().unwrap().contains(name), "{name}: {answer}");
    }
    assert_eq!(handler.remediate("{}").await.0, 503);
    assert_eq!(handler.tick().await.0, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_are_a_body_like_any_other() {
    let house = house().await;
    let handler = house.serve().await;
    let envelope =
        json!({ "Data": { "req": { "Method": "POST", "Body": "{\"mode\":\"plan\"}" } } }).to_string();
    let pieces: Vec<_> =
        envelope.into_bytes().chunks(7).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    let (status, text) = handler.post("function-remediate", body).await;
    assert_eq!(status, 200);
    assert!(text.contains("heartbeat-dns/1"), "{text}");
}

fn alert() -> String {
    fixtures("alerts").into_iter().find(|(name, _)| name == "alert-v2-fired.json").unwrap().1
}

/// What a caller sees of a request that the host wraps so.
async fn called(handler: &Handler, request: Value) -> (u64, Value) {
    let (status, text) =
        handler.post("function-remediate", json!({ "Data": { "req": request } }).to_string()).await;
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let res = &answer["Outputs"]["res"];
    (res["statusCode"].as_u64().unwrap(), serde_json::from_str(res["body"].as_str().unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_plans_what_its_query_names() {
    let house = house().await;
    let handler = house.serve().await;
    let get = async |query: Value| called(&handler, json!({ "Method": "GET", "Query": query })).await;
    let (status, report) =
        get(json!({ "names": "nas.example.com,pc.example.com", "mode": "plan", "code": "k" })).await;
    assert_eq!((status, &report["unclaimed"][0]["name"]), (200, &json!("pc.example.com")), "{report}");
    assert_eq!(report["changes"][0]["name"], "nas.example.com");
    for query in [json!({ "mode": "apply" }), json!({ "name": "nas.example.com" })] {
        assert_eq!(get(query.clone()).await.0, 400, "{query}");
    }
    assert_eq!(house.writes().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_in_the_query_of_a_post_is_refused_and_not_passed_over() {
    let house = house().await;
    let handler = house.serve().await;
    // The host leaves `Body` out where there is none (contract functions-custom-handler, section 3.2).
    let post = async |query: Value, body: Option<&str>| {
        let mut request = json!({ "Method": "POST", "Query": query });
        if let Some(body) = body {
            request["Body"] = body.into();
        }
        called(&handler, request).await
    };
    for query in [json!({ "names": "pc.example.com" }), json!({ "mode": "apply" }), json!({ "Wait": "1" })] {
        for body in [None, Some(""), Some(r#"{"mode":"apply"}"#)] {
            let (status, answer) = post(query.clone(), body).await;
            assert_eq!(status, 400, "{query} {body:?}: {answer}");
        }
    }
    assert_eq!(post(json!({ "code": "key" }), Some(r#"{"mode":"plan","wait":true}"#)).await.0, 200);
    assert_eq!(post(json!({ "code": "key" }), None).await.0, 200);
    assert_eq!(house.writes().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_a_run_names_what_nobody_claims() {
    let house = house().await;
    let handler = house.serve().await;
    let query = json!({ "names": "pc.example.com,tv.example.com", "mode": "plan" });
    let request = json!({ "Data": { "req": { "Method": "GET", "Query": query } } });
    let (_, text) = handler.post("function-remediate", request.to_string()).await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    let line = answer["Logs"][0].as_str().unwrap();
    assert!(line.ends_with("; claimed by nobody: pc.example.com, tv.example.com"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_the_host_dropped_is_never_a_plan() {
    let house = house().await;
    let handler = house.serve().await;
    let dropped = |agent: &str| json!({ "Method": "POST", "Headers": { "Transfer-Encoding": ["chunked"], "User-Agent": [agent] } });
    let (status, answer) = called(&handler, dropped("curl/8")).await;
    assert_eq!(status, 411, "{answer}");
    let (status, report) = called(&handler, dropped("IcMBroadcaster/1.0")).await;
    assert_eq!((status, &report["result"], &report["trigger"]), (200, &json!("changed"), &json!("alert")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_a_nudge_however_large_and_odd_it_is() {
    let house = house().await;
    let handler = house.serve().await;
    let alert = alert();
    let odd = alert.replacen('{', "{\"x\":1e999,", 1);
    let deep = alert.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(5000), "]".repeat(5000)), 1);
    let rest = alert.trim_end().strip_suffix('}').unwrap();
    let long = format!("{rest},\"rows\":{:?}}}", "x".repeat(300 * 1024));
    let huge = format!("{rest},\"rows\":{:?}}}", "x".repeat(9 * 1024 * 1024));
    for body in [odd, deep, long, huge] {
        let (status, report) = handler.remediate(&body).await;
        assert_eq!((status, &report["trigger"]), (200, &json!("alert")), "{body:.60}");
    }
    assert_eq!(handler.remediate(&format!("{:?}", "x".repeat(9 * 1024 * 1024))).await.0, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_of_a_failed_tick_is_the_reason_phrase() {
    let handler = Handler::bare(&[("MODE", "on")]).await;
    let timer = json!({ "Data": { "timer": { "IsPastDue": false } } });
    let phrase = handler.reason("function-collector", timer.to_string()).await;
    assert!(phrase.starts_with("the configuration is faulty: ") && phrase.len() <= 200, "{phrase}");
    assert!(phrase.is_ascii(), "{phrase}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_phrase_begins_with_what_failed() {
    let house = house().await;
    let handler = house.serve().await;
    let timer = json!({ "Data": { "timer": { "IsPastDue": false } }, "Metadata": { "timer": "\"\"" } });
    let zone = "/dnsZones/example.com/A\\?";
    house.stage.fail(&json!([{ "method": "GET", "path": zone, "times": 50, "status": 403 }])).await;
    let phrase = handler.reason("function-collector", timer.to_string()).await;
    let begin = "the sweep of example.com failed: failed to list ";
    assert!(phrase.starts_with(begin) && phrase.contains(" answered 403"), "{phrase}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_phrase_says_that_the_identity_is_not_the_apps() {
    let house = house().await;
    let handler = house.serve().await;
    let timer = json!({ "Data": { "timer": { "IsPastDue": false } } });
    for (status, said) in [(400, true), (500, false)] {
        house.stage.fail(&json!([{ "path": "/msi/token", "times": 1000, "status": status }])).await;
        let phrase = handler.reason("function-collector", timer.to_string()).await;
        let words = "no token was given: the identity was refused; check that it is assigned";
        assert_eq!(phrase.contains(words), said, "{status}: {phrase}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_speaks_of_an_alert_is_never_refused() {
    let handler = Handler::bare(&[]).await;
    for value in ["null", "5", "true", "[]", "[null]", "\"\"", "\"x\"", "{}"] {
        for member in ["essentials", "SearchResults", "AlertRuleName"] {
            for body in [
                format!("{{\"{member}\":{value}}}"),
                format!("{{\"data\":{{\"x\":[{{\"{member}\":{value}}}]}}}}"),
            ] {
                let (status, answer) = handler.remediate(&body).await;
                assert_eq!(status, 200, "{body}: {answer}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_by_hand_sweeps_whatever_the_age_of_the_last_sweep() {
    let house = house().await;
    let handler = house.serve().await;
    let timer = json!({ "timer": { "Schedule": { "AdjustForDST": true }, "IsPastDue": false } });
    for (metadata, swept) in [(json!({ "sys": {} }), false), (json!({ "timer": "\"\"", "sys": {} }), true)] {
        let body = json!({ "Data": timer, "Metadata": metadata }).to_string();
        let (status, text) = handler.post("function-collector", body).await;
        assert_eq!((status, text.contains("swept 2 of 2 parts")), (200, swept), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_by_hand_sweeps_although_the_logs_cannot_be_asked() {
    let house = house().await;
    let handler = house.serve().await;
    for (metadata, swept) in [(json!({ "sys": {} }), false), (json!({ "timer": "\"\"", "sys": {} }), true)] {
        let refused = json!({"error": {"code": "InsufficientAccessError", "message": "m"}});
        house.stage.fail(&json!([{"path": "/query", "times": 2, "status": 403, "body": refused}])).await;
        house.stage.calls().await;
        let body = json!({ "Data": { "timer": { "IsPastDue": false } }, "Metadata": metadata }).to_string();
        let phrase = handler.reason("function-collector", body).await;
        assert!(phrase.contains("query the logs"), "the fault is told: {phrase}");
        let calls = house.stage.calls().await;
        let sent = |stream: &str| calls.iter().any(|call| call.path.contains(stream));
        assert_eq!((sent("TagData"), sent("DNSData")), (swept, swept), "{metadata}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_history_spares_no_comparison() {
    let columns = json!([{"name": "Kind", "type": "string"}, {"name": "Time", "type": "datetime"}]);
    let old = heartbeat_dns::clock::now() - SignedDuration::from_hours(1);
    // The second tells of a sweep, and of none of the machines that it found.
    for (columns, rows) in [(json!([]), json!([])), (columns, json!([["tags", old.to_string()]]))] {
        let house = house().await;
        let handler = house.serve().await;
        let part = json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}],
            "error": {"code": "PartialError", "message": "m"}});
        house.stage.fail(&json!([{"path": "/query", "times": 2, "body": part}])).await;
        house.stage.calls().await;
        let tick = json!({ "Data": { "timer": { "IsPastDue": false } }, "Metadata": { "sys": {} } });
        let (status, text) = handler.post("function-collector", tick.to_string()).await;
        assert_eq!((status, text.contains("swept 2 of 2 parts")), (200, true), "{text}");
        let calls = house.stage.calls().await;
        let asked = calls.iter().filter(|call| call.path.contains("/query")).count();
        assert_eq!(
            asked, 6,
            "twice what is asked of a run, who must be found again, and whose rows there are: {rows}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_a_run_carry_the_ids_of_the_host() {
    let house = house().await;
    let mut command = house.command();
    let (handler, log) = Handler::with_log(&mut command).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let headers = [
        ("X-Azure-Functions-InvocationId", "i-1"),
        ("traceparent", &format!("00-{trace}-b7ad6b7169203331-01")),
    ];
    let body = r#"{"Data":{"req":{"Method":"POST","Body":"{\"mode\":\"apply\",\"wait\":true}"}}}"#;
    assert_eq!(handler.post_with("function-remediate", &headers, body).await, 200);
    let tick = r#"{"Data":{"timer":{"IsPastDue":false}}}"#;
    assert_eq!(
        handler.post_with("function-collector", &[headers[0], ("traceparent", "00-no-trace-01")], tick).await,
        200
    );
    let runs = || -> Vec<Value> {
        let lines = log.lock().unwrap().clone();
        let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["result"].is_string()).collect()
    };
    until("both runs are told", async || runs().len() == 2).await;
    let (call, tick) = (&runs()[0], &runs()[1]);
    assert_eq!((&call["invocation"], &call["operation"]), (&json!("i-1"), &json!(trace)), "{call}");
    assert_eq!((&tick["invocation"], tick.get("operation")), (&json!("i-1"), None), "{tick}");
    assert!(
        call["timestamp"].is_string() && call["duration_ms"].is_u64() && call["message"].is_string(),
        "{call}"
    );
}
