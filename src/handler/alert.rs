//! What a body posted to `function-remediate` means: a nudge, something to ignore, a manual call, or nothing.
//!
//! An alert is only a nudge: nothing in it but its kind, condition and rule decides anything, and no link in it
//! is ever followed (contract azure-monitor, sections 8.4 to 8.7).

mod facts;
mod repeated;

use serde_json::{Map, Value};

use super::envelope::{BODY_LIMIT, HttpRequest, decode};
use facts::{Found, Members};
use pure::shown::is_hidden;

/// What the caller wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A log alert has fired: run in the configured mode.
    Nudge {
        /// The alert's own id, for the audit; empty in the legacy forms.
        alert_id: String,
    },
    /// An alert that asks nothing of us, and why.
    Ignored(String),
    /// A person or a script, through the portal or by HTTP.
    Manual(Manual),
    /// A person asks whether everything works.
    Doctor {
        /// Whether a row may be sent to the log.
        probe: bool,
    },
}

/// A manual call's wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manual {
    /// Write, instead of only planning.
    pub apply: bool,
    /// Only these names; all when empty.
    pub names: Vec<String>,
    /// Only this side of them; both without it.
    pub zone: Option<String>,
    /// Wait for the end of the run, up to 200 seconds.
    pub wait: bool,
}

/// A body that is none of these: the HTTP status and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// 400, 405, 411 or 413.
    pub status: u16,
    /// What is wrong with the body, in words.
    pub because: String,
}

/// Tells what a request is. `rule_ids` are the alert rules that may nudge us, all when empty.
///
/// # Errors
/// A refusal when the body is too large or nothing that we know.
pub fn classify(request: &HttpRequest, rule_ids: &[String]) -> Result<Ask, Refusal> {
    match request.method.as_str() {
        "GET" | "HEAD" if request.is_chunked && request.body.is_none() => return Err(lost_body()),
        "GET" | "HEAD" => return asked(&request.query).map(Ask::Manual),
        "POST" => {}
        _ => return Err(Refusal { status: 405, because: "use GET or POST".to_owned() }),
    }
    let Some(body) = &request.body else { return without_body(request) };
    if let Some(found) = facts::find(body) {
        return Ok(alert(&found, rule_ids));
    }
    if body.len() > BODY_LIMIT {
        let because = format!("the body has {} bytes, at most {BODY_LIMIT} are read", body.len());
        return Err(Refusal { status: 413, because });
    }
    let text = body.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return in_body(request).map(|()| Ask::Manual(Manual::default()));
    }
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => decode(value),
        Err(fault) => {
            let place = format!("line {} column {}", fault.line(), fault.column());
            return Err(bad(format!("the body is not JSON, or nests too deeply ({place})")));
        }
    };
    let Value::Object(body) = value else { return Err(bad("the body is not a JSON object")) };
    if let Some(schema) = text_of(&body, "schemaId") {
        let known = ["Microsoft.Insights/LogAlert", "azureMonitorCommonAlertSchema"];
        if known.iter().any(|known| known.eq_ignore_ascii_case(schema)) {
            return Err(bad("the alert has no member data.essentials and no AlertRuleName"));
        }
        return Ok(Ask::Ignored(format!("an alert of schema {}, not a log search alert", shown(schema))));
    }
    if body.contains_key("context") && body.contains_key("status") {
        return Ok(Ask::Ignored("a classic metric or activity log alert, not a log search alert".to_owned()));
    }
    // The last one would win, and whoever wrote the first one would not know.
    if let Some(key) = repeated::first(text) {
        return Err(bad(format!("the body says {} more than once", shown(&key))));
    }
    in_body(request)?;
    if text_of(&body, "mode") == Some("doctor") {
        return doctor(&body);
    }
    manual(&body).map(Ask::Manual)
}

/// A wish in the query of a `POST` would be passed over, and more be written than was wished.
fn in_body(request: &HttpRequest) -> Result<(), Refusal> {
    let ours =
        |name: &str| ["names", "zone", "mode", "wait"].iter().any(|known| known.eq_ignore_ascii_case(name));
    match request.query.iter().find(|(name, _)| ours(name)) {
        Some((name, _)) => Err(bad(format!("{} in the query: a POST says it in its body", shown(name)))),
        None => Ok(()),
    }
}

/// What the beginning of an envelope is that was too long to be kept.
///
/// # Errors
/// A refusal when no alert can be recognised in it.
pub fn classify_beginning(envelope: &[u8], rule_ids: &[String]) -> Result<Ask, Refusal> {
    let found = facts::find_in_envelope(&String::from_utf8_lossy(envelope));
    let too_large = || Refusal { status: 413, because: "the request is too large".to_owned() };
    found.map(|found| alert(&found, rule_ids)).ok_or_else(too_large)
}

/// The host drops a body that comes in pieces: an answer to the rest would look like one to the whole. What an action
/// group lost named its rule, so that no list of rules can be asked about it; a nudge too many changes nothing.
fn without_body(request: &HttpRequest) -> Result<Ask, Refusal> {
    match (request.is_chunked, request.is_of_action_group) {
        (false, _) => in_body(request).map(|()| Ask::Manual(Manual::default())),
        (true, true) => Ok(Ask::Nudge { alert_id: String::new() }),
        (true, false) => Err(lost_body()),
    }
}

fn lost_body() -> Refusal {
    let because = "the body was lost on its way: send it with a Content-Length".to_owned();
    Refusal { status: 411, because }
}

/// What a `GET` asks for: a plan, and of which names. `code` and `clientId` are the host's, which minds no case.
fn asked(query: &[(String, String)]) -> Result<Manual, Refusal> {
    let mut manual = Manual::default();
    for (name, value) in query {
        match (name.as_str(), value.as_str()) {
            ("names", list) => {
                let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
                manual.names.extend(names.map(str::to_owned));
                if manual.names.is_empty() {
                    return Err(bad("names in the query names nothing"));
                }
            }
            ("zone", _) if manual.zone.is_some() => return Err(bad("zone is in the query more than once")),
            ("zone", zone) => manual.zone = Some(zone.to_owned()),
            ("mode", "plan") => {}
            ("mode", other) => {
                return Err(bad(format!("mode={} in the query: GET only plans; POST applies", shown(other))));
            }
            (name, _) if OF_THE_HOST.iter().any(|known| known.eq_ignore_ascii_case(name)) => {}
            (other, _) => {
                return Err(bad(format!("{} in the query is not one of names, zone, mode", shown(other))));
            }
        }
    }
    with_names(manual)
}

/// A side is one of names: whoever says one and no names surely does not mean every name of it.
fn with_names(manual: Manual) -> Result<Manual, Refusal> {
    match &manual.zone {
        Some(_) if manual.names.is_empty() => Err(bad("zone goes with names, and there are none")),
        _ => Ok(manual),
    }
}

/// What the host takes out of a query for itself: a key, and the name of that key.
const OF_THE_HOST: [&str; 2] = ["code", "clientId"];

fn alert(found: &Found, rule_ids: &[String]) -> Ask {
    match found {
        Found::Common(essentials) => common(essentials, rule_ids),
        Found::Legacy(members) => legacy(members, rule_ids),
    }
}

/// Log alerts go by these names (contract azure-monitor, section 8.4).
const LOG_SERVICES: [&str; 4] =
    ["Log Alerts V2", "Log Analytics", "Simple Log Alert", "Application Insights"];

fn common(essentials: &Members, rule_ids: &[String]) -> Ask {
    let text = |names: &[&str]| essentials.text(names);
    let targets = essentials.texts(&["alertTargetIDs", "alertTargetIds"]);
    let in_test_group = targets.iter().any(|id| is_test_target(id));
    if in_test_group && is_test_rule(text(&["alertRule"])) {
        return Ask::Ignored(
            "a test notification of the action group: received, nothing was touched".to_owned(),
        );
    }
    let service = text(&["monitoringService"]);
    let known = LOG_SERVICES.iter().any(|name| name.eq_ignore_ascii_case(service));
    let signal = text(&["signalType"]);
    if !known || !(signal.is_empty() || signal.eq_ignore_ascii_case("Log")) {
        let kind = if service.is_empty() { "an unnamed service" } else { service };
        return Ask::Ignored(format!("an alert of {}, not a log search alert", shown(kind)));
    }
    let condition = text(&["monitorCondition"]);
    if !condition.eq_ignore_ascii_case("Fired") {
        let why = if condition.eq_ignore_ascii_case("Resolved") { "resolved" } else { "not fired" };
        return Ask::Ignored(format!("the alert is {why}: there is nothing to do"));
    }
    if let Some(why) = foreign_rule(text(&["alertRuleID", "alertRuleId"]), rule_ids) {
        return Ask::Ignored(why);
    }
    Ask::Nudge { alert_id: bounded(text(&["alertId"])) }
}

/// The flat form of rules made with old interfaces (contract azure-monitor, section 8.5).
fn legacy(members: &Members, rule_ids: &[String]) -> Ask {
    if is_test_rule(members.text(&["AlertRuleName"])) && is_test_target(members.text(&["ResourceId"])) {
        return Ask::Ignored(
            "a test notification of the action group: received, nothing was touched".to_owned(),
        );
    }
    if let Some(why) = foreign_rule("", rule_ids) {
        return Ask::Ignored(why);
    }
    Ask::Nudge { alert_id: String::new() }
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
            ("mode", _) => return Err(bad("mode is none of \"plan\", \"apply\" and \"doctor\"")),
            ("wait", Value::Bool(wait)) => manual.wait = *wait,
            ("wait", _) => return Err(bad("wait is neither true nor false")),
            ("names", Value::Array(names)) => {
                for name in names {
                    let Value::String(name) = name else { return Err(bad("names is not a list of texts")) };
                    manual.names.push(name.clone());
                }
            }
            ("names", _) => return Err(bad("names is not a list of texts")),
            ("zone", Value::String(zone)) => manual.zone = Some(zone.clone()),
            ("zone", _) => return Err(bad("zone is no text")),
            (other, _) => {
                let what = "the body is neither an alert nor a manual call";
                return Err(bad(format!("{what}: {} is not one of mode, names, zone, wait", shown(other))));
            }
        }
    }
    // A list that came out empty surely does not mean that the whole fleet is to be written.
    if manual.apply && body.contains_key("names") && manual.names.is_empty() {
        return Err(bad("names is an empty list; leave it out to write all names"));
    }
    with_names(manual)
}

fn doctor(body: &Map<String, Value>) -> Result<Ask, Refusal> {
    let mut probe = true;
    for (key, value) in body {
        match (key.as_str(), value) {
            ("mode", _) => {}
            ("probe", Value::Bool(wanted)) => probe = *wanted,
            ("probe", _) => return Err(bad("probe is neither true nor false")),
            (other, _) => {
                return Err(bad(format!(
                    "{} is not one of mode, probe, which mode doctor takes",
                    shown(other)
                )));
            }
        }
    }
    Ok(Ask::Doctor { probe })
}

fn text_of<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn bad(because: impl Into<String>) -> Refusal {
    Refusal { status: 400, because: because.into() }
}

/// A caller's text for a message: short, without hidden characters.
fn shown(text: &str) -> String {
    let short: String = text.chars().filter(|c| !is_hidden(*c)).take(160).collect();
    format!("{short:?}")
}

fn bounded(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).take(400).collect()
}

#[cfg(test)]
mod tests;
