//! What a body posted to `function-remediate` means: a nudge, something to ignore, a manual call, or nothing.
//!
//! An alert is only a nudge: nothing in it but its kind, condition and rule decides anything, and no link in it
//! is ever followed (contract azure-monitor, sections 8.4 to 8.7).

use serde_json::{Map, Value};

use super::envelope::{BODY_LIMIT, HttpRequest, decode};

/// What the caller wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A log alert has fired: run in the configured mode.
    Nudge {
        /// The alert's own id, for the audit; empty in the legacy forms.
        alert_id: String,
    },
    /// An alert that asks nothing of us, and why.
    Ignored(String),
    /// A person or a script, through the portal or by HTTP.
    Manual(Manual),
}

/// A manual call's wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manual {
    /// Write, instead of only planning.
    pub apply: bool,
    /// Only these names; all when empty.
    pub names: Vec<String>,
    /// Wait for the end of the run, up to 200 seconds.
    pub wait: bool,
}

/// A body that is none of these: the HTTP status and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// 400, 405 or 413.
    pub status: u16,
    /// What is wrong with the body, in words.
    pub because: String,
}

/// Tells what a request is. `rule_ids` are the alert rules that may nudge us, all when empty.
///
/// # Errors
/// A refusal when the body is too large or nothing that we know.
pub fn classify(request: &HttpRequest, rule_ids: &[String]) -> Result<Call, Refusal> {
    match request.method.as_str() {
        "GET" | "HEAD" => return Ok(Call::Manual(Manual::default())),
        "POST" => {}
        _ => return Err(Refusal { status: 405, because: "use GET or POST".to_owned() }),
    }
    if request.body.len() > BODY_LIMIT {
        let because = format!("the body has {} bytes, at most {BODY_LIMIT} are read", request.body.len());
        return Err(Refusal { status: 413, because });
    }
    let text = request.body.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(Call::Manual(Manual::default()));
    }
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => decode(value),
        Err(fault) => {
            let place = format!("line {} column {}", fault.line(), fault.column());
            return Err(bad(format!("the body is not JSON, or nests too deeply ({place})")));
        }
    };
    let Value::Object(body) = value else { return Err(bad("the body is not a JSON object")) };
    if let Some(schema) = text_of(&body, &["schemaId"]) {
        return with_schema(schema, &body, rule_ids);
    }
    if is_legacy(&body) {
        return Ok(legacy(&body, rule_ids));
    }
    if body.contains_key("context") && body.contains_key("status") {
        return Ok(Call::Ignored(
            "a classic metric or activity log alert, not a log search alert".to_owned(),
        ));
    }
    manual(&body).map(Call::Manual)
}

fn with_schema(schema: &str, body: &Map<String, Value>, rule_ids: &[String]) -> Result<Call, Refusal> {
    let is_legacy = schema.eq_ignore_ascii_case("Microsoft.Insights/LogAlert");
    if !is_legacy && !schema.eq_ignore_ascii_case("azureMonitorCommonAlertSchema") {
        return Ok(Call::Ignored(format!("an alert of schema {}, not a log search alert", shown(schema))));
    }
    let Some(Value::Object(data)) = body.get("data") else {
        return Err(bad("the alert has no member data"));
    };
    if is_legacy {
        return Ok(legacy(data, rule_ids));
    }
    let Some(Value::Object(essentials)) = data.get("essentials") else {
        return Err(bad("the alert has no member data.essentials"));
    };
    Ok(common(essentials, rule_ids))
}

/// Log alerts go by these names (contract azure-monitor, section 8.4).
const LOG_SERVICES: [&str; 4] =
    ["Log Alerts V2", "Log Analytics", "Simple Log Alert", "Application Insights"];

fn common(essentials: &Map<String, Value>, rule_ids: &[String]) -> Call {
    let text = |keys: &[&str]| text_of(essentials, keys).unwrap_or_default();
    let targets = essentials.get("alertTargetIDs").or_else(|| essentials.get("alertTargetIds"));
    let in_test_group = match targets {
        Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).any(is_test_target),
        Some(Value::String(id)) => is_test_target(id),
        _ => false,
    };
    if in_test_group && is_test_rule(text(&["alertRule"])) {
        return Call::Ignored(
            "a test notification of the action group: received, nothing was touched".to_owned(),
        );
    }
    let service = text(&["monitoringService"]);
    let known = LOG_SERVICES.iter().any(|name| name.eq_ignore_ascii_case(service));
    let signal = text(&["signalType"]);
    if !known || !(signal.is_empty() || signal.eq_ignore_ascii_case("Log")) {
        let kind = if service.is_empty() { "an unnamed service" } else { service };
        return Call::Ignored(format!("an alert of {}, not a log search alert", shown(kind)));
    }
    let condition = text(&["monitorCondition"]);
    if !condition.eq_ignore_ascii_case("Fired") {
        let why = if condition.eq_ignore_ascii_case("Resolved") { "resolved" } else { "not fired" };
        return Call::Ignored(format!("the alert is {why}: there is nothing to do"));
    }
    if let Some(why) = foreign_rule(text(&["alertRuleID", "alertRuleId"]), rule_ids) {
        return Call::Ignored(why);
    }
    Call::Nudge { alert_id: bounded(text(&["alertId"])) }
}

/// The flat form of rules made with old interfaces (contract azure-monitor, section 8.5).
fn is_legacy(body: &Map<String, Value>) -> bool {
    text_of(body, &["AlertRuleName"]).is_some()
        && ["SearchQuery", "SearchResult", "SearchResults", "AlertType", "ResultCount"]
            .iter()
            .any(|key| body.contains_key(*key))
}

fn legacy(body: &Map<String, Value>, rule_ids: &[String]) -> Call {
    let rule = text_of(body, &["AlertRuleName"]).unwrap_or_default();
    if is_test_rule(rule) && text_of(body, &["ResourceId"]).is_some_and(is_test_target) {
        return Call::Ignored(
            "a test notification of the action group: received, nothing was touched".to_owned(),
        );
    }
    if let Some(why) = foreign_rule("", rule_ids) {
        return Call::Ignored(why);
    }
    Call::Nudge { alert_id: String::new() }
}

/// Why a rule may not nudge us, when a list of rules is configured.
fn foreign_rule(id: &str, rule_ids: &[String]) -> Option<String> {
    let plain = |id: &str| id.trim().trim_end_matches('/').to_ascii_lowercase();
    if rule_ids.is_empty() || rule_ids.iter().any(|known| plain(known) == plain(id)) {
        return None;
    }
    Some(if id.is_empty() {
        "the alert names no rule id, and ALERT_RULE_IDS is set".to_owned()
    } else {
        format!("the rule {} is not in ALERT_RULE_IDS", shown(id))
    })
}

/// Test notifications come from a rule of this name on a target in this group (contract azure-monitor, section 8.7).
fn is_test_rule(name: &str) -> bool {
    name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("test-"))
}

fn is_test_target(id: &str) -> bool {
    id.to_ascii_lowercase().contains("/resourcegroups/test-rg/")
}

fn manual(body: &Map<String, Value>) -> Result<Manual, Refusal> {
    let mut manual = Manual::default();
    for (key, value) in body {
        match (key.as_str(), value) {
            ("mode", Value::String(mode)) if mode == "apply" => manual.apply = true,
            ("mode", Value::String(mode)) if mode == "plan" => {}
            ("mode", _) => return Err(bad("mode is neither \"plan\" nor \"apply\"")),
            ("wait", Value::Bool(wait)) => manual.wait = *wait,
            ("wait", _) => return Err(bad("wait is neither true nor false")),
            ("names", Value::Array(names)) => {
                for name in names {
                    let Value::String(name) = name else { return Err(bad("names is not a list of texts")) };
                    manual.names.push(name.clone());
                }
            }
            ("names", _) => return Err(bad("names is not a list of texts")),
            (other, _) => {
                let what = "the body is neither an alert nor a manual call";
                return Err(bad(format!("{what}: {} is not one of mode, names, wait", shown(other))));
            }
        }
    }
    Ok(manual)
}

fn text_of<'a>(object: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| object.get(*key).and_then(Value::as_str))
}

fn bad(because: impl Into<String>) -> Refusal {
    Refusal { status: 400, because: because.into() }
}

/// A caller's text for a message: short, without control characters.
fn shown(text: &str) -> String {
    let short: String = text.chars().filter(|c| !c.is_control()).take(160).collect();
    format!("{short:?}")
}

fn bounded(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn post(body: impl Into<String>) -> Result<Call, Refusal> {
        classify(&HttpRequest { method: "POST".to_owned(), body: body.into() }, &[])
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
        let nudge = Call::Nudge { alert_id: "/subscriptions/s/alerts/1".to_owned() };
        assert_eq!(post(alert(&fired()).to_string()), Ok(nudge.clone()));
        let twice = json!(alert(&fired()).to_string()).to_string();
        assert_eq!(post(twice), Ok(nudge));
        let flat = json!({ "AlertRuleName": "ddns", "SearchQuery": "Heartbeat", "ResultCount": 2 });
        let wrapped = json!({ "schemaId": "Microsoft.Insights/LogAlert", "data": flat });
        for form in [flat, wrapped] {
            assert_eq!(post(form.to_string()), Ok(Call::Nudge { alert_id: String::new() }));
        }
    }

    #[test]
    fn what_asks_nothing_is_ignored_and_says_why() {
        let test_target = json!(["/subscriptions/1/resourceGroups/TEST-rg/providers/x/workspaces/w"]);
        let test = with(
            with(fired(), "alertRule", json!("Test-logAlertRule")),
            "alertTargetIDs",
            test_target.clone(),
        );
        let cases = [
            (with(fired(), "monitorCondition", json!("Resolved")), "resolved"),
            (with(fired(), "monitoringService", json!("Platform")), "Platform"),
            (with(fired(), "signalType", json!("Metric")), "not a log search alert"),
            (test, "test notification"),
        ];
        for (essentials, word) in cases {
            let Ok(Call::Ignored(why)) = post(alert(&essentials).to_string()) else {
                panic!("not ignored: {word}")
            };
            assert!(why.contains(word), "{why}");
        }
        for other in [
            json!({ "schemaId": "AzureMonitorMetricAlert", "data": {} }),
            json!({ "status": "Activated", "context": {} }),
        ] {
            assert!(matches!(post(other.to_string()), Ok(Call::Ignored(_))), "{other}");
        }
        let only_group = with(fired(), "alertTargetIDs", test_target);
        assert!(matches!(post(alert(&only_group).to_string()), Ok(Call::Nudge { .. })));
        let only_name = with(fired(), "alertRule", json!("test-house"));
        assert!(matches!(post(alert(&only_name).to_string()), Ok(Call::Nudge { .. })));
    }

    #[test]
    fn with_a_list_of_rules_only_these_nudge() {
        let rules = ["/subscriptions/S/rules/ddns/".to_owned()];
        let ask =
            |body: &Value| classify(&HttpRequest { method: "POST".into(), body: body.to_string() }, &rules);
        assert!(matches!(ask(&alert(&fired())), Ok(Call::Nudge { .. })));
        let spelt = with(
            with(fired(), "alertRuleId", Value::Null),
            "alertRuleID",
            json!("/subscriptions/s/rules/ddns"),
        );
        assert!(matches!(ask(&alert(&spelt)), Ok(Call::Nudge { .. })));
        assert!(matches!(ask(&alert(&with(fired(), "alertRuleId", json!("/other")))), Ok(Call::Ignored(_))));
        assert!(matches!(ask(&alert(&with(fired(), "alertRuleId", Value::Null))), Ok(Call::Ignored(_))));
        assert!(matches!(ask(&json!({ "AlertRuleName": "a", "SearchQuery": "b" })), Ok(Call::Ignored(_))));
    }

    #[test]
    fn manual_bodies_are_read_strictly() {
        let plan = Call::Manual(Manual::default());
        for body in ["", "  ", "{}", "\u{feff}{}", "{\"mode\":\"plan\",\"names\":[]}", "\"{}\""] {
            assert_eq!(post(body), Ok(plan.clone()), "{body}");
        }
        let apply = Manual { apply: true, names: vec!["web01.example.com".to_owned()], wait: true };
        let body = "{\"mode\":\"apply\",\"names\":[\"web01.example.com\"],\"wait\":true}";
        assert_eq!(post(body), Ok(Call::Manual(apply)));
        let get = HttpRequest { method: "GET".into(), body: "{\"mode\":\"apply\"}".into() };
        assert_eq!(classify(&get, &[]), Ok(plan));
        for body in [
            "[]",
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
    fn hostile_bodies_are_refused() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(post(deep).map_err(|refusal| refusal.status), Err(400));
        assert_eq!(post(" ".repeat(BODY_LIMIT + 1)).map_err(|refusal| refusal.status), Err(413));
        let put = HttpRequest { method: "PUT".into(), body: String::new() };
        assert_eq!(classify(&put, &[]).map_err(|refusal| refusal.status), Err(405));
    }
}
