//! A JSON document against a JSON Schema, as far as ours go: `docs/report.schema.json` holds for every report of these tests.

use serde_json::{Value, json};

/// The schema that is shipped.
fn of_the_report() -> Value {
    serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap()
}

/// Fails unless the report is what the schema says.
pub(crate) fn hold(report: &Value) {
    let faults = faults(&of_the_report(), report, "");
    assert!(faults.is_empty(), "{faults:#?}\n{report:#}");
}

/// What a document has that its schema does not allow, or lacks. A member that the schema does not know is a fault here,
/// where a reader would pass over it: the schema would be old.
fn faults(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(any) = schema["anyOf"].as_array() {
        if any.iter().all(|one| !faults(one, value, path).is_empty()) {
            found.push(format!("{path}: {value} is none of those"));
        }
        return found;
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{path}: {value} is no word of it"));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_a(kind, value)) {
        found.push(format!("{path}: {value} is no {}", kinds.join(" and no ")));
    }
    if schema["format"] == "date-time"
        && let Some(text) = value.as_str()
        && text.parse::<jiff::Timestamp>().is_err()
    {
        found.push(format!("{path}: {text} is no time"));
    }
    if let Value::Array(items) = value {
        found.extend(items.iter().flat_map(|item| faults(&schema["items"], item, &format!("{path}[]"))));
    }
    if let Value::Object(members) = value {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let missing = required.filter(|name| !members.contains_key(*name));
        found.extend(missing.map(|name| format!("{path}.{name} is missing")));
        for (name, member) in members {
            let path = format!("{path}.{name}");
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, Value::Null) => found.push(format!("{path} is unknown")),
                (Value::Null, others) => found.extend(faults(others, member, &path)),
                (known, _) => found.extend(faults(known, member, &path)),
            }
        }
    }
    found
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "integer" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_another_form_is_refused() {
    let house = crate::watch::drifted(&[]).await;
    let report = crate::output::report(&house, &["plan"]).await;
    hold(&report);
    let refused = |pointer: &str, other: Value| {
        let mut report = report.clone();
        *report.pointer_mut(pointer).unwrap() = other;
        faults(&of_the_report(), &report, "").len()
    };
    for (pointer, other) in [
        ("/result", json!("fine")),
        ("/changes/0/ttl", json!("60")),
        ("/changes/0/from", json!([1])),
        ("/changes/0/first_beat", json!("yesterday")),
        ("/changes/0/adopted_by", json!("magic")),
        ("/summary", json!({})),
        ("/summary/skips", json!({ "a": "b" })),
        ("/duration_ms", json!(null)),
    ] {
        assert!(refused(pointer, other) > 0, "{pointer}");
    }
}
