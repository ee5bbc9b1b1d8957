//! One cell: a value of any type, and its JSON forms.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::decimal::Decimal;
use crate::dynamic::{Dynamic, escapes, real_json};
use crate::time::{datetime_short, datetime_text, timespan_text};

/// The bit pattern by which a column of reals says null; no other NaN is a null.
pub(crate) const NULL_REAL_BITS: u64 = 0x7ff8_0000_6e75_6c6c;
/// The number by which columns of whole numbers, instants and spans say null. The smallest `long` is a value, so it is
/// another: one that nothing counts to and nobody writes.
pub(crate) const NULL_NUMBER: i64 = 0x8000_0000_6e75_6c6c_u64.cast_signed();
/// The number by which a column of bools says null.
pub(crate) const NULL_BOOL: u8 = 2;
/// The number by which a column of guids says null.
pub(crate) const NULL_GUID: u128 = u128::MAX;

/// The null of a column of reals.
pub(crate) fn null_real() -> f64 {
    f64::from_bits(NULL_REAL_BITS)
}

/// Whether a real is the null and not a number or an ordinary NaN.
pub(crate) fn is_null_real(value: f64) -> bool {
    value.to_bits() == NULL_REAL_BITS
}

/// A value of one cell. The type `int` uses [`Value::Long`] too: the column says which it is.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// No value; strings never have it.
    #[default]
    Null,
    /// `bool`.
    Bool(bool),
    /// `int` or `long`.
    Long(i64),
    /// `real`; it may be infinite or no number (NaN).
    Real(f64),
    /// `decimal`.
    Decimal(Decimal),
    /// `string`.
    String(Arc<str>),
    /// `datetime`, in ticks of 100 ns since 0001-01-01; [`DateTime::from_ticks`](crate::DateTime::from_ticks) takes them.
    DateTime(i64),
    /// `timespan`, in ticks of 100 ns; negative for a span back.
    Timespan(i64),
    /// `guid`: its 32 hexadecimal digits as one number.
    Guid(u128),
    /// `dynamic`; a null dynamic is [`Value::Null`].
    Dynamic(Dynamic),
}

impl Value {
    pub(crate) fn text(text: &str) -> Value {
        Value::String(Arc::from(text))
    }

    pub(crate) fn dynamic(value: Dynamic) -> Value {
        if value.is_null() { Value::Null } else { Value::Dynamic(value) }
    }

    /// The text of a string value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// JSON with dynamics as plain JSON and seven digits in instants: numbers, bools and text otherwise. A decimal is
    /// text, so that none of its digits is lost.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Long(value) => Json::from(*value),
            Value::Real(value) => real_json(*value),
            Value::Decimal(value) => Json::from(value.to_string()),
            Value::String(text) => Json::from(&**text),
            Value::DateTime(ticks) => Json::from(datetime_text(*ticks)),
            Value::Timespan(ticks) => Json::from(timespan_text(*ticks)),
            Value::Guid(bits) => Json::from(guid_text(*bits)),
            Value::Dynamic(value) => value.to_json(),
        }
    }

    /// JSON as the Logs Query API sends it: a dynamic is a string that holds JSON, an instant is ISO 8601 with
    /// `Z` (contract azure-monitor, section 4.3).
    #[must_use]
    pub fn to_api_json(&self) -> Json {
        match self {
            Value::DateTime(ticks) => Json::from(datetime_short(*ticks)),
            Value::Dynamic(value) => Json::from(value.to_text()),
            other => other.to_json(),
        }
    }

    /// The value as `tostring` shows it; null is nothing.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
            Value::Long(value) => value.to_string(),
            Value::Real(value) => real_text(*value),
            Value::Decimal(value) => value.to_string(),
            Value::String(text) => text.to_string(),
            Value::DateTime(ticks) => datetime_text(*ticks),
            Value::Timespan(ticks) => timespan_text(*ticks),
            Value::Guid(bits) => guid_text(*bits),
            Value::Dynamic(value) => value.to_text(),
        }
    }
}

impl Value {
    /// About how many bytes the value takes in an answer.
    pub(crate) fn answer_bytes(&self) -> usize {
        match self {
            Value::String(text) => text.len() + 2 + escapes(text),
            Value::Dynamic(value) => value.answer_bytes(),
            Value::DateTime(_) => 30,
            Value::Decimal(_) => 20,
            Value::Guid(_) => 38,
            _ => 8,
        }
    }
}

/// Any value inside a dynamic.
pub(crate) fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::Null,
        Value::Bool(value) => Dynamic::Bool(*value),
        Value::Long(value) => Dynamic::Long(*value),
        Value::Real(value) => Dynamic::Real(*value),
        Value::String(text) => Dynamic::String(text.clone()),
        Value::DateTime(ticks) => Dynamic::DateTime(*ticks),
        Value::Timespan(ticks) => Dynamic::Timespan(*ticks),
        // Dynamics have no decimals: they are written out.
        Value::Decimal(value) => Dynamic::String(value.to_string().into()),
        Value::Guid(bits) => Dynamic::String(guid_text(*bits).into()),
        Value::Dynamic(value) => value.clone(),
    }
}

/// A real as `tostring` shows it: the fewest digits that read back, with a point; of several the greatest.
pub(crate) fn real_text(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else if let Some(text) = greatest_digits(value) {
        text
    } else if value != 0.0 && !(1e-4..1e15).contains(&value.abs()) {
        scientific(value)
    } else if value.fract() == 0.0 {
        format!("{value:.1}")
    } else {
        value.to_string()
    }
}

/// The digits of a number that needs all seventeen, when greater ones than the nearest read back too.
fn greatest_digits(value: f64) -> Option<String> {
    let plain = (1e-4..1e15).contains(&value.abs());
    let text = if plain { value.to_string() } else { scientific(value) };
    let mantissa = text.split('E').next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let last = mantissa.bytes().last()?;
    if digits < 17 || !mantissa.contains('.') {
        return None;
    }
    let (before, after) = (&mantissa[..mantissa.len() - 1], &text[mantissa.len()..]);
    let with = |digit: u8| format!("{before}{}{after}", char::from(digit));
    (last + 1..=b'9').rev().map(with).find(|text| text.parse() == Ok(value))
}

/// `1E+20`, `1.5E-07`: an exponent of at least two digits.
fn scientific(value: f64) -> String {
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
            format!("{mantissa}E{sign}{digits:0>2}")
        }
        None => text,
    }
}

/// `74be27de-1e4e-49d9-b579-fe0b331d3642`.
pub(crate) fn guid_text(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Reads a guid, with or without hyphens and braces.
pub(crate) fn parse_guid(text: &str) -> Option<u128> {
    // The digits count, and what stands behind them does not.
    let text = text.trim().trim_start_matches('{');
    let hex: String = text.chars().filter(|c| *c != '-').take(32).collect();
    let valid = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then(|| u128::from_str_radix(&hex, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_read_and_written() {
        let text = "74be27de-1e4e-49d9-b579-fe0b331d3642";
        assert_eq!(parse_guid(text).map(guid_text).as_deref(), Some(text));
        assert_eq!(parse_guid("74be27de"), None);
    }

    #[test]
    fn reals_print_with_a_point() {
        assert_eq!(real_text(2.0), "2.0");
        assert_eq!(real_text(0.1), "0.1");
        assert_eq!(real_text(1e20), "1E+20");
        assert_eq!(real_text(f64::NEG_INFINITY), "-inf");
        // Of two decimals of seventeen digits that are this number, the greater.
        assert_eq!(real_text(0.1 + 0.7 + 0.1), "0.8999999999999999");
        assert_eq!(real_text(0.1 + 0.2), "0.30000000000000007");
    }
}
