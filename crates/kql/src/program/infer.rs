//! Column types for tables that nothing describes: from the endings of a custom log's columns, else from values.

use kql::{Column, DateTime, Type};
use serde_json::{Map, Value as Json};

/// What custom logs are called, and how their columns end (contract azure-monitor, section 3.3).
const CUSTOM: &str = "_CL";
const ENDINGS: [(&str, Type); 4] =
    [("_s", Type::String), ("_d", Type::Real), ("_b", Type::Bool), ("_t", Type::DateTime)];

/// The columns of a table's rows, in the order in which they first appear.
pub(super) fn columns(table: &str, rows: &[Map<String, Json>], from_text: bool) -> Vec<Column> {
    let is_custom = table.ends_with(CUSTOM);
    let told = |name: &str| ENDINGS.into_iter().find(|(ending, _)| is_custom && name.ends_with(ending));
    let mut columns: Vec<(String, Option<Type>)> = Vec::new();
    for (name, value) in rows.iter().flatten() {
        let index = match columns.iter().position(|(known, _)| known == name) {
            Some(index) => index,
            None => {
                columns.push((name.clone(), None));
                columns.len() - 1
            }
        };
        let ty = &mut columns[index].1;
        *ty = match (*ty, value_type(value, from_text)) {
            (known, None) => known,
            (None, found) => found,
            (Some(known), Some(found)) => Some(common(known, found)),
        };
    }
    let column = |(name, ty): (String, Option<Type>)| {
        let ty = told(&name).map(|(_, ty)| ty).or(ty).unwrap_or(Type::String);
        Column::new(name, ty)
    };
    columns.into_iter().map(column).collect()
}

fn value_type(value: &Json, from_text: bool) -> Option<Type> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(_) => Type::Bool,
        Json::Number(number) if number.is_i64() => Type::Long,
        Json::Number(_) => Type::Real,
        Json::Array(_) | Json::Object(_) => Type::Dynamic,
        Json::String(text) => text_type(text, from_text),
    })
}

/// Text is a datetime when it begins as an ISO 8601 date; text of a CSV file may be a number or a bool too.
fn text_type(text: &str, from_text: bool) -> Type {
    let bytes = text.as_bytes();
    let is_date = bytes.len() >= 10
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && DateTime::parse(text).is_some();
    if is_date {
        return Type::DateTime;
    }
    if !from_text {
        return Type::String;
    }
    let has_leading_zero = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
    if has_leading_zero {
        Type::String
    } else if text.parse::<i64>().is_ok() {
        Type::Long
    } else if text.parse::<f64>().is_ok_and(f64::is_finite) {
        Type::Real
    } else if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        Type::Bool
    } else {
        Type::String
    }
}

fn common(a: Type, b: Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a,
        (Type::Long, Type::Real) | (Type::Real, Type::Long) => Type::Real,
        (Type::Dynamic, _) | (_, Type::Dynamic) => Type::Dynamic,
        _ => Type::String,
    }
}
