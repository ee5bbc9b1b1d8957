//! Values of one type as values of another; what cannot be converted is null (or empty text).

use crate::decimal::Decimal;
use crate::digits::hexadecimal;
use crate::dynamic::Dynamic;
use crate::functions::Arg;
use crate::time::MAX_TICKS;
use crate::time_text::{parse_datetime, parse_timespan};
use crate::types::Type;
use crate::value::{Value, parse_guid};

/// A value as one of that type.
pub(crate) fn convert(value: &Value, ty: Type) -> Value {
    convert_arg(Arg::of(value), ty)
}

/// The same for an argument.
pub(crate) fn convert_arg(arg: Arg<'_>, ty: Type) -> Value {
    if ty == Type::String {
        if let Arg::Dynamic(Dynamic::String(text)) = arg {
            return Value::String(text.clone());
        }
        // Inside a dynamic, bools are written in lower case (rule 14).
        return Value::text(&arg.shown());
    }
    let arg = match arg {
        Arg::Dynamic(value) if ty != Type::Dynamic => Arg::of_dynamic(value),
        other => other,
    };
    match ty {
        Type::String => Value::Null,
        Type::Dynamic => Value::dynamic(arg.dynamic()),
        Type::Bool => Value::or_null(to_bool(arg), Value::Bool),
        Type::Long => Value::or_null(to_long(arg), Value::Long),
        Type::Int => Value::or_null(to_int(arg).map(i64::from), Value::Long),
        Type::Real => Value::or_null(to_real(arg), Value::Real),
        Type::Decimal => Value::or_null(to_decimal(arg), Value::Decimal),
        Type::DateTime => Value::or_null(to_datetime(arg), Value::DateTime),
        Type::Timespan => Value::or_null(to_timespan(arg), Value::Timespan),
        Type::Guid => match arg {
            Arg::Guid(bits) => Value::Guid(bits),
            Arg::Text(text) => Value::or_null(parse_guid(text), Value::Guid),
            _ => Value::Null,
        },
    }
}

fn to_bool(arg: Arg<'_>) -> Option<bool> {
    match arg {
        Arg::Bool(value) => Some(value),
        Arg::Long(value) => Some(value != 0),
        Arg::Real(value) => Some(value != 0.0),
        Arg::Decimal(value) => Some(!value.is_zero()),
        Arg::Text(text) => {
            if text.eq_ignore_ascii_case("true") {
                return Some(true);
            }
            if text.eq_ignore_ascii_case("false") {
                return Some(false);
            }
            to_long(arg).map(|value| value != 0)
        }
        _ => None,
    }
}

pub(crate) fn to_long(arg: Arg<'_>) -> Option<i64> {
    match arg {
        Arg::Long(value) | Arg::DateTime(value) | Arg::Timespan(value) => Some(value),
        Arg::Bool(value) => Some(i64::from(value)),
        Arg::Real(value) => saturated(value),
        Arg::Decimal(value) => value.to_long(),
        Arg::Text(text) => {
            let text = text.trim();
            match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
                // Hexadecimal digits are the bits.
                Some(hex) => hexadecimal(hex).map(u64::cast_signed),
                None => text.parse().ok(),
            }
        }
        _ => None,
    }
}

/// The low 32 bits of a whole number, the nearest int to a real, and what of a text or a decimal fits.
fn to_int(arg: Arg<'_>) -> Option<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "as the service has it: bits of wholes are cut off")]
    match arg {
        Arg::Long(value) => Some(value as i32),
        Arg::Real(value) => value.is_finite().then_some(value as i32),
        Arg::Text(text) => {
            let text = text.trim();
            match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
                Some(hex) => hexadecimal(hex).map(u32::cast_signed),
                None => text.parse().ok(),
            }
        }
        other => to_long(other).and_then(|value| i32::try_from(value).ok()),
    }
}

/// A real without its fraction: beyond 64 bits the nearest that fits.
fn saturated(value: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the cast takes the nearest that fits")]
    value.is_finite().then_some(value as i64)
}

/// A real without its fraction, when it fits 64 bits.
pub(crate) fn truncated(value: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    (value.is_finite() && value.abs() < 9.223_372_036_854_775e18).then_some(value as i64)
}

#[expect(clippy::cast_precision_loss, reason = "reals of the language are doubles")]
pub(crate) fn to_real(arg: Arg<'_>) -> Option<f64> {
    match arg {
        Arg::Real(value) => Some(value),
        Arg::Decimal(value) => Some(value.to_real()),
        Arg::Long(value) | Arg::Timespan(value) | Arg::DateTime(value) => Some(value as f64),
        Arg::Bool(value) => Some(f64::from(u8::from(value))),
        Arg::Text(text) => {
            let text = text.trim();
            // Of the words for what is no number, these spellings are known.
            let word = text.trim_start_matches(['+', '-']);
            let known = matches!(word, "inf" | "Inf" | "Infinity" | "nan" | "NaN");
            if known || !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
                text.parse().ok()
            } else {
                None
            }
        }
        _ => None,
    }
}

pub(crate) fn to_decimal(arg: Arg<'_>) -> Option<Decimal> {
    match arg {
        Arg::Decimal(value) => Some(value),
        Arg::Real(value) => Decimal::of_real(value),
        Arg::Text(text) => Decimal::parse(text),
        other => to_long(other).map(Decimal::of_long),
    }
}

fn to_datetime(arg: Arg<'_>) -> Option<i64> {
    match arg {
        Arg::DateTime(ticks) => Some(ticks),
        Arg::Text(text) => parse_datetime(text),
        Arg::Long(ticks) | Arg::Timespan(ticks) => {
            Some(ticks).filter(|ticks| (0..=MAX_TICKS).contains(ticks))
        }
        Arg::Real(ticks) => truncated(ticks).filter(|ticks| (0..=MAX_TICKS).contains(ticks)),
        _ => None,
    }
}

fn to_timespan(arg: Arg<'_>) -> Option<i64> {
    match arg {
        Arg::Timespan(ticks) | Arg::Long(ticks) => Some(ticks),
        // Days without a unit are whole.
        Arg::Text(text) => {
            let bare = text.chars().all(|c| !c.is_ascii_alphabetic() && c != ':') && text.contains('.');
            parse_timespan(text).filter(|_| !bare)
        }
        _ => None,
    }
}
