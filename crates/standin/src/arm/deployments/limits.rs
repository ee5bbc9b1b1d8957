//! What a template allows of the values of a parameter.

use serde_json::Value;

/// Whether a value is among the allowed ones, and neither too small nor too large.
pub(super) fn allow(declaration: &Value, value: &Value) -> bool {
    let listed = declaration.get("allowedValues").and_then(Value::as_array);
    let limit = |name: &str| declaration.get(name).and_then(Value::as_i64);
    let within = |size: Option<i64>, least: &str, most: &str| {
        size.is_none_or(|size| {
            limit(least).is_none_or(|least| size >= least) && limit(most).is_none_or(|most| size <= most)
        })
    };
    listed.is_none_or(|listed| listed.contains(value))
        && within(length(value), "minLength", "maxLength")
        && within(value.as_i64(), "minValue", "maxValue")
}

/// Characters of a text or elements of an array; none: the value has no length.
fn length(value: &Value) -> Option<i64> {
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(list) => list.len(),
        _ => return None,
    };
    i64::try_from(length).ok()
}
