//! Column types for tables that nothing describes: from the endings of a custom log's columns, else from values.

use kql::{Cell, DateTime, Type};

/// What custom logs are called, and how their columns end (contract azure-monitor, section 3.3).
const CUSTOM: &str = "_CL";
const ENDINGS: [(&str, Type); 4] =
    [("_s", Type::String), ("_d", Type::Real), ("_b", Type::Bool), ("_t", Type::DateTime)];

/// The type that the name of a column tells.
pub(super) fn told(table: &str, column: &str) -> Option<Type> {
    let is_custom = table.ends_with(CUSTOM);
    ENDINGS.into_iter().find(|(ending, _)| is_custom && column.ends_with(ending)).map(|(_, ty)| ty)
}

/// The type of a value, of which the others in its column were `known`; none for null.
pub(super) fn value_type(cell: &Cell<'_>, from_text: bool, known: Option<Type>) -> Option<Type> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Bool(_) => Type::Bool,
        Cell::Number(number) if number.is_i64() => Type::Long,
        Cell::Number(_) => Type::Real,
        Cell::Tree(_) | Cell::Raw(_) | Cell::Made(_) => Type::Dynamic,
        // What has become text stays text.
        Cell::Text(_) if known == Some(Type::String) => Type::String,
        Cell::Text(text) => text_type(text, from_text),
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

/// The narrowest type for values of both.
pub(super) fn common(a: Type, b: Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a,
        (Type::Long, Type::Real) | (Type::Real, Type::Long) => Type::Real,
        (Type::Dynamic, _) | (_, Type::Dynamic) => Type::Dynamic,
        _ => Type::String,
    }
}
