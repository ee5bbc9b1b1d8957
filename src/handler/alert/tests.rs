//! What is a nudge, what is ignored, what is a call by hand, and what is refused.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::*;

fn request(method: &str, body: impl Into<String>) -> HttpRequest {
    HttpRequest { method: method.to_owned(), body: Some(body.into()), ..HttpRequest::default() }
}

fn post(body: impl Into<String>) -> Result<Ask, Refusal> {
    classify(&request("POST", body), &[])
}

fn alert(essentials: &Value) -> Value {
    json!({ "schemaId": "azureMonitorCommonAlertSchema", "data": { "essentials": essentials } })
}

fn fired() -> Value {
    json!({
        "alertId": "/subscriptions/s/alerts/1", "alertRule": "ddns", "alertRuleId": "/Subscriptions/s/rules/ddns",
        "signalType": "Log", "monitorCondition": "Fired", "monitoringService": "Log Alerts V2",
        "alertTargetIDs": ["/subscriptions/s/resourcegroups/rg/providers/x/workspaces/w"],
    })
}

fn with(mut essentials: Value, key: &str, value: impl Into<Value>) -> Value {
    essentials[key] = value.into();
    essentials
}

#[test]
fn a_fired_log_alert_is_a_nudge_in_every_form() {
    let nudge = Ask::Nudge { alert_id: "/subscriptions/s/alerts/1".to_owned() };
    assert_eq!(post(alert(&fired()).to_string()), Ok(nudge.clone()));
    let twice = json!(alert(&fired()).to_string()).to_string();
    assert_eq!(post(twice), Ok(nudge));
    let flat = json!({ "AlertRuleName": "ddns", "SearchQuery": "Heartbeat", "ResultCount": 2 });
    let wrapped = json!({ "schemaId": "Microsoft.Insights/LogAlert", "data": flat });
    for form in [flat, wrapped] {
        assert_eq!(post(form.to_string()), Ok(Ask::Nudge { alert_id: String::new() }));
    }
}

#[test]
fn what_asks_nothing_is_ignored_and_says_why() {
    let test_target = json!(["/subscriptions/1/resourceGroups/TEST-rg/providers/x/workspaces/w"]);
    let test =
        with(with(fired(), "alertRule", json!("Test-logAlertRule")), "alertTargetIDs", test_target.clone());
    let cases = [
        (with(fired(), "monitorCondition", json!("Resolved")), "resolved"),
        (with(fired(), "monitoringService", json!("Platform")), "Platform"),
        (with(fired(), "signalType", json!("Metric")), "not a log search alert"),
        (test, "test notification"),
    ];
    for (essentials, word) in cases {
        let Ok(Ask::Ignored(why)) = post(alert(&essentials).to_string()) else {
            panic!("not ignored: {word}")
        };
        assert!(why.contains(word), "{why}");
    }
    for other in [
        json!({ "schemaId": "AzureMonitorMetricAlert", "data": {} }),
        json!({ "status": "Activated", "context": {} }),
    ] {
        assert!(matches!(post(other.to_string()), Ok(Ask::Ignored(_))), "{other}");
    }
    let only_group = with(fired(), "alertTargetIDs", test_target);
    assert!(matches!(post(alert(&only_group).to_string()), Ok(Ask::Nudge { .. })));
    let only_name = with(fired(), "alertRule", json!("test-house"));
    assert!(matches!(post(alert(&only_name).to_string()), Ok(Ask::Nudge { .. })));
}

#[test]
fn every_kind_of_log_alert_is_one_and_only_while_it_says_that_it_fired() {
    let is_nudge = |essentials: &Value| matches!(post(alert(essentials).to_string()), Ok(Ask::Nudge { .. }));
    for service in
        ["Log Alerts V2", "log analytics", "Simple Log Alert", "Application Insights", "Platform", "Log"]
    {
        let wanted = !["Platform", "Log"].contains(&service);
        assert_eq!(is_nudge(&with(fired(), "monitoringService", service)), wanted, "{service}");
    }
    assert!(is_nudge(&with(fired(), "signalType", Value::Null)), "the service has said it");
    assert!(!is_nudge(&with(fired(), "monitorCondition", Value::Null)), "nothing says that it fired");
}

#[test]
fn a_test_of_the_old_form_is_ignored_by_its_rule_and_its_target_together() {
    let old = |rule: &str, group: &str| {
        let target = format!("/subscriptions/1/resourceGroups/{group}/providers/x/workspaces/w");
        let body = json!({ "AlertRuleName": rule, "SearchQuery": "q", "ResourceId": target });
        matches!(post(body.to_string()), Ok(Ask::Ignored(why)) if why.contains("test notification"))
    };
    assert!(old("test-house", "test-RG"));
    assert!(!old("test-house", "rg") && !old("ddns", "test-RG"));
}

#[test]
fn the_id_of_an_alert_that_the_audit_keeps_is_short_and_hides_nothing() {
    let long = format!("a\u{1b}\n{}", "b".repeat(1000));
    let nudge = post(alert(&with(fired(), "alertId", long)).to_string());
    assert_eq!(nudge, Ok(Ask::Nudge { alert_id: format!("a{}", "b".repeat(399)) }));
}

#[test]
fn with_a_list_of_rules_only_these_nudge() {
    let rules = ["/subscriptions/S/rules/ddns/".to_owned()];
    let ask = |body: &Value| classify(&request("POST", body.to_string()), &rules);
    assert!(matches!(ask(&alert(&fired())), Ok(Ask::Nudge { .. })));
    let spelt =
        with(with(fired(), "alertRuleId", Value::Null), "alertRuleID", json!("/subscriptions/s/rules/ddns"));
    assert!(matches!(ask(&alert(&spelt)), Ok(Ask::Nudge { .. })));
    assert!(matches!(ask(&alert(&with(fired(), "alertRuleId", json!("/other")))), Ok(Ask::Ignored(_))));
    assert!(matches!(ask(&alert(&with(fired(), "alertRuleId", Value::Null))), Ok(Ask::Ignored(_))));
    assert!(matches!(ask(&json!({ "AlertRuleName": "a", "SearchQuery": "b" })), Ok(Ask::Ignored(_))));
}

#[test]
fn manual_bodies_are_read_strictly() {
    let plan = Ask::Manual(Manual::default());
    for body in ["", "  ", "{}", "\u{feff}{}", "{\"mode\":\"plan\",\"names\":[]}", "\"{}\""] {
        assert_eq!(post(body), Ok(plan.clone()), "{body}");
    }
    let apply = Manual { apply: true, names: vec!["web01.example.com".to_owned()], zone: None, wait: true };
    let body = "{\"mode\":\"apply\",\"names\":[\"web01.example.com\"],\"wait\":true}";
    assert_eq!(post(body), Ok(Ask::Manual(apply)));
    let get = request("GET", "{\"mode\":\"apply\"}");
    assert_eq!(classify(&get, &[]), Ok(plan));
    for body in [
        "[]",
        "{\"mode\":\"apply\",\"names\":[]}",
        "1",
        "null",
        "x",
        "{\"mode\":\"write\"}",
        "{\"mode\":1}",
        "{\"names\":\"a\"}",
        "{\"names\":[1]}",
        "{\"wait\":1}",
        "{\"alert\":\"beacon\"}",
        "{\"schemaId\":\"azureMonitorCommonAlertSchema\"}",
        "{\"schemaId\":\"azureMonitorCommonAlertSchema\",\"data\":{}}",
    ] {
        assert_eq!(post(body).map_err(|refusal| refusal.status), Err(400), "{body}");
    }
}

#[test]
fn a_key_that_is_said_twice_is_refused_by_name() {
    let twice = "{\"names\":[\"a.example.com\"],\"mode\":\"apply\",\"names\":[\"b.example.com\"]}";
    for body in [twice.to_owned(), json!(twice).to_string()] {
        let refusal = post(body).unwrap_err();
        assert_eq!(refusal.status, 400);
        assert!(refusal.because.contains("\"names\" more than once"), "{}", refusal.because);
    }
    let refusal = post("{\"mode\":\"apply\",\"mode\":\"plan\"}").unwrap_err();
    assert!(refusal.because.contains("\"mode\""), "{}", refusal.because);
    // An alert says what it likes.
    let fired = alert(&fired()).to_string();
    let fired = fired.replacen('{', "{\"names\":1,\"names\":2,", 1);
    assert!(matches!(post(fired), Ok(Ask::Nudge { .. })));
}

#[test]
fn hostile_bodies_are_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(post(deep).map_err(|refusal| refusal.status), Err(400));
    assert_eq!(post(" ".repeat(BODY_LIMIT + 1)).map_err(|refusal| refusal.status), Err(413));
    assert_eq!(post(" ".repeat(BODY_LIMIT)), Ok(Ask::Manual(Manual::default())), "so much is read");
    let put = request("PUT", "");
    assert_eq!(classify(&put, &[]).map_err(|refusal| refusal.status), Err(405));
}

#[test]
fn an_alert_is_never_refused_for_what_else_it_holds() {
    let body = alert(&fired()).to_string();
    let long = format!("{{\"rows\":{:?},\"alert\":{body}}}", "x".repeat(BODY_LIMIT));
    let number = body.replacen('{', "{\"x\":1e999,", 1);
    let deep = body.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(9000), "]".repeat(9000)), 1);
    for body in [long, number, deep, json!({ "a": [{ "b": alert(&fired()) }] }).to_string()] {
        assert!(matches!(post(body.clone()), Ok(Ask::Nudge { .. })), "{body:.80}");
        let resolved = body.replace("Fired", "Resolved");
        assert!(matches!(post(resolved), Ok(Ask::Ignored(_))));
    }
    let no_alert = format!("{{\"rows\":{:?}}}", "x".repeat(BODY_LIMIT));
    assert_eq!(post(no_alert).map_err(|refusal| refusal.status), Err(413));
    let envelope =
        json!({ "Data": { "req": { "Method": "POST", "Body": alert(&fired()).to_string() } } }).to_string();
    let cut = &envelope.as_bytes()[..envelope.len() - 20];
    assert!(matches!(classify_beginning(cut, &[]), Ok(Ask::Nudge { .. })));
    assert_eq!(classify_beginning(b"{\"Data\":{\"req\"", &[]).map_err(|refusal| refusal.status), Err(413));
}

#[test]
fn a_get_plans_the_names_that_it_names() {
    let get = |query: &[(&str, &str)]| {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        classify(&HttpRequest { method: "GET".to_owned(), query, ..HttpRequest::default() }, &[])
    };
    let names = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Ok(Ask::Manual(Manual { names, ..Manual::default() }))
    };
    assert_eq!(get(&[]), names(&[]));
    assert_eq!(
        get(&[("names", "a.b, c.d"), ("mode", "plan"), ("code", "x"), ("clientId", "y")]),
        names(&["a.b", "c.d"])
    );
    assert_eq!(get(&[("Code", "x"), ("clientid", "y")]), names(&[]), "the host minds no case");
    let (names, zone) = (vec!["a.b".to_owned()], Some("private:b".to_owned()));
    let one_side = Manual { names, zone, ..Manual::default() };
    assert_eq!(get(&[("zone", "private:b"), ("names", "a.b")]), Ok(Ask::Manual(one_side)));
    assert!(get(&[("names", "a.b"), ("zone", "b"), ("zone", "b")]).is_err(), "which of the two?");
    for (name, value) in [
        ("mode", "apply"),
        ("mode", ""),
        ("name", "a.b"),
        ("wait", "true"),
        ("names", ","),
        ("names", ""),
        ("zone", "b"),
    ] {
        let refusal = get(&[(name, value)]).unwrap_err();
        assert!(
            refusal.status == 400 && refusal.because.contains(name),
            "{name}={value}: {}",
            refusal.because
        );
    }
}

#[test]
fn a_body_that_the_host_dropped_is_no_empty_body() {
    let chunked = |is_of_action_group| HttpRequest {
        method: "POST".to_owned(),
        is_chunked: true,
        is_of_action_group,
        ..HttpRequest::default()
    };
    // The rule's id stood in what was lost.
    for listed in [&[][..], &["/subscriptions/s/rules/r".to_owned()]] {
        assert_eq!(classify(&chunked(true), listed), Ok(Ask::Nudge { alert_id: String::new() }));
    }
    for method in ["POST", "GET"] {
        let lost = HttpRequest { method: method.to_owned(), ..chunked(false) };
        let refusal = classify(&lost, &[]).unwrap_err();
        assert!(refusal.status == 411 && refusal.because.contains("Content-Length"), "{method}");
    }
    let empty = HttpRequest { method: "POST".to_owned(), ..HttpRequest::default() };
    assert_eq!(classify(&empty, &[]), Ok(Ask::Manual(Manual::default())));
}

#[test]
fn what_looks_like_an_alert_is_never_refused_whatever_its_members_hold() {
    let odd = [
        "null",
        "5",
        "-1e999",
        "true",
        "\"\"",
        "\"text\"",
        "[]",
        "[null,5]",
        "[[{}]]",
        "{}",
        "{\"x\":[]}",
        "\"{\\\"a\\\":1}\"",
    ];
    for member in ["essentials", "SearchResults", "AlertRuleName"] {
        for value in odd {
            let flat = format!("{{\"{member}\":{value}}}");
            let forms = [
                flat.clone(),
                format!("{{\"{member}\" : {value} ,\"x\":1}}"),
                format!("{{\"schemaId\":\"azureMonitorCommonAlertSchema\",\"data\":{flat}}}"),
                format!("{{\"data\":[{flat}]}}"),
                format!("[{flat}]"),
                json!(flat).to_string(),
                json!(format!("[{flat}]")).to_string(),
                json!(format!("\u{feff}{flat}")).to_string(),
                json!({ "message": flat }).to_string(),
                json!({ "rows": vec!["{\"a\":\"text\"}"; 20], "message": flat }).to_string(),
            ];
            for body in forms {
                let call = post(body.clone());
                assert!(matches!(call, Ok(Ask::Nudge { .. } | Ask::Ignored(_))), "{body}: {call:?}");
            }
            let cut = format!("{{\"Data\":{{\"req\":{{\"Body\":{}", json!(flat));
            for end in cut.find(member).unwrap() + member.len() + 4..cut.len() {
                let call = classify_beginning(&cut.as_bytes()[..end], &[]);
                assert!(call.is_ok(), "{}", &cut[..end]);
            }
        }
    }
}

/// Any JSON, at most a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~\u{e9}\n]{0,20}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        "[a-z\"\\\\:{]{0,6}",
        select(vec![
            "essentials",
            "SearchResults",
            "AlertRuleName",
            "alertTargetIDs",
            "alertRule",
            "data",
            "mode"
        ])
        .prop_map(str::to_owned)
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key.clone(), inner.clone()), 0..4).prop_map(|members| members.into_iter().collect()),
            inner.prop_map(|value| Value::from(value.to_string())),
        ]
    })
}

proptest! {
    #[test]
    fn an_alert_of_any_shape_is_a_nudge_or_ignored(
        value in any_json(),
        beside in any_json(),
        member in select(vec!["essentials", "SearchResults", "AlertRuleName"]),
        last in any::<bool>(),
        wraps in vec(0..4, 0..4),
        texts in 0..3,
    ) {
        let alert = format!("\"{member}\":{value}");
        let mut body = if last { format!("{{\"x\":{beside},{alert}}}") } else { format!("{{{alert},\"x\":{beside}}}") };
        for wrap in wraps {
            body = match wrap {
                0 => format!("[{body}]"),
                1 => format!("{{\"data\":{body}}}"),
                2 => format!("[{beside}, {body}]"),
                _ => format!("{{\"x\" : {beside}\n, \"data\" : {body} }}"),
            };
        }
        for _ in 0..texts {
            body = Value::from(body).to_string();
        }
        let call = post(body.clone());
        prop_assert!(matches!(call, Ok(Ask::Nudge { .. } | Ask::Ignored(_))), "{}: {:?}", body, call);
    }
}
