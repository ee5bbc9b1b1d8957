//! Whether a rule calls as soon as one row is there, and each time (contract azure-monitor, sections 7.1 and 7.4).

use pure::domain::ResourceId;
use serde_json::Value;

use super::duration::{duration, minutes};
use crate::doctor::az;
use crate::doctor::found::Resource;

/// Something that keeps a rule from calling.
#[derive(Debug)]
pub(super) struct Hindrance {
    /// What it does, after the name of the rule.
    pub(super) said: String,
    /// What mends it; none: the rule has to be made anew.
    pub(super) az: Option<String>,
}

pub(super) fn faults(rule: &Resource, id: &ResourceId) -> Vec<Hindrance> {
    let mut faults = Vec::new();
    let mut fault = |said: String, az: Option<String>| faults.push(Hindrance { said, az });
    let conditions = rule.properties.pointer("/criteria/allOf").and_then(Value::as_array);
    match conditions.map(Vec::as_slice).unwrap_or_default() {
        [condition] => {
            if let Some(said) = of_condition(condition) {
                fault(said, Some(az::first_row(id)));
            }
        }
        several => fault(format!("has {} conditions, and one calls", several.len()), None),
    }
    // Without a word of it a rule is stateful.
    if rule.properties.get("autoMitigate") != Some(&Value::Bool(false)) {
        let said = "calls once, and then not before all is right again: what drifts meanwhile waits for the timer's run";
        fault(said.to_owned(), Some(az::set(id, &["autoMitigate=false"])));
    }
    if let Some(mute) = rule.text("muteActionsDuration").and_then(duration).filter(|mute| !mute.is_zero()) {
        let said = format!("calls nobody for {} after a call", minutes(mute));
        fault(said, Some(az::remove(id, "muteActionsDuration")));
    }
    if rule.kind.eq_ignore_ascii_case("LogToMetric") {
        fault("writes a metric and calls nobody (its kind is LogToMetric)".to_owned(), None);
    }
    faults
}

/// What is wrong with the condition.
fn of_condition(condition: &Value) -> Option<String> {
    let text = |name: &str| condition.get(name).and_then(Value::as_str);
    if let Some(other) = text("timeAggregation").filter(|by| !by.eq_ignore_ascii_case("Count")) {
        return Some(format!("judges its rows by {other}, not by Count"));
    }
    let operator = text("operator").unwrap_or_default();
    let threshold = condition.get("threshold").and_then(Value::as_f64);
    let is_met_by = |rows: f64| {
        let threshold = threshold?;
        match operator {
            "GreaterThan" => Some(rows > threshold),
            "GreaterThanOrEqual" => Some(rows >= threshold),
            _ => None,
        }
    };
    if is_met_by(1.0) != Some(true) || is_met_by(0.0) != Some(false) {
        let threshold = condition.get("threshold").map_or_else(|| "nothing".to_owned(), Value::to_string);
        return Some(format!("calls when its rows are {operator} {threshold}, and one row has to be enough"));
    }
    let periods = |name: &str| {
        condition.pointer(&format!("/failingPeriods/{name}")).and_then(Value::as_u64).unwrap_or(1)
    };
    let (of, least) = (periods("numberOfEvaluationPeriods"), periods("minFailingPeriodsToAlert"));
    if (of, least) != (1, 1) {
        return Some(format!("calls after {least} of {of} evaluations, and the first has to be enough"));
    }
    let dimensions = condition.get("dimensions").and_then(Value::as_array).map_or(0, Vec::len);
    (dimensions > 0).then(|| "counts its rows by dimensions, and calls for some of them alone".to_owned())
}
