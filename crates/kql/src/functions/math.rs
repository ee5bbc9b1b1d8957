//! Functions of numbers.

use super::Returns::{Bin, First, Is};
use super::{Arg, Call, Function, Naming, function};
use crate::convert::truncated;
use crate::decimal::Decimal;
use crate::time::MAX_TICKS;
use crate::types::Type;
use crate::value::Value;

const REAL: super::Returns = Is(Type::Real);

pub(super) const FUNCTIONS: &[Function] = &[
    function("bin", "any any", Bin, Naming::First, |_, args| bin(args[0], args[1], None)),
    function("floor", "any any", Bin, Naming::First, |_, args| bin(args[0], args[1], None)),
    function("bin_at", "any any any", Bin, Naming::First, |_, args| bin(args[0], args[1], Some(args[2]))),
    function("abs", "any", First, Naming::First, |_, args| match args[0] {
        Arg::Long(value) => Value::or_null(value.checked_abs(), Value::Long),
        Arg::Real(value) => Value::Real(value.abs()),
        Arg::Decimal(value) => Value::Decimal(value.absolute()),
        Arg::Timespan(value) => Value::or_null(value.checked_abs(), Value::Timespan),
        _ => Value::Null,
    }),
    function("round", "num const?", First, Naming::First, round),
    function("ceiling", "num", First, Naming::First, |_, args| match args[0] {
        Arg::Real(value) => Value::Real(value.ceil()),
        Arg::Decimal(value) => Value::or_null(value.ceiling(), Value::Decimal),
        other => other.value(),
    }),
    function("sign", "num", REAL, Naming::None, |_, args| match args[0].real() {
        // What is no number has no sign.
        Some(value) if value == 0.0 || value.is_nan() => Value::Real(0.0),
        Some(value) => Value::Real(value.signum()),
        None => Value::Null,
    }),
    function("pow", "num num", REAL, Naming::First, |_, args| real2(args, f64::powf)),
    function("sqrt", "num", REAL, Naming::First, |_, args| real(args, f64::sqrt)),
    function("log", "num", REAL, Naming::First, |_, args| from_zero(args, f64::ln)),
    function("log2", "num", REAL, Naming::First, |_, args| from_zero(args, f64::log2)),
    function("log10", "num", REAL, Naming::First, |_, args| from_zero(args, f64::log10)),
    function("exp", "num", REAL, Naming::First, |_, args| real(args, f64::exp)),
    function("exp2", "num", REAL, Naming::First, |_, args| real(args, f64::exp2)),
    function("exp10", "num", REAL, Naming::First, |_, args| real(args, |value| 10_f64.powf(value))),
    function("around", "sum sum amt", Is(Type::Bool), Naming::None, |_, args| around(args)),
    function("pi", "", REAL, Naming::None, |_, _| Value::Real(std::f64::consts::PI)),
    function("sin", "num", REAL, Naming::First, |_, args| real(args, f64::sin)),
    function("cos", "num", REAL, Naming::First, |_, args| real(args, f64::cos)),
    function("tan", "num", REAL, Naming::First, |_, args| real(args, f64::tan)),
    function("asin", "num", REAL, Naming::First, |_, args| from_unit(args, f64::asin)),
    function("acos", "num", REAL, Naming::First, |_, args| from_unit(args, f64::acos)),
    function("atan", "num", REAL, Naming::First, |_, args| real(args, f64::atan)),
    function("atan2", "num num", REAL, Naming::First, |_, args| real2(args, f64::atan2)),
    function("cot", "num", REAL, Naming::None, |_, args| real(args, |value| value.tan().recip())),
    function("degrees", "num", REAL, Naming::None, |_, args| real(args, f64::to_degrees)),
    function("radians", "num", REAL, Naming::None, |_, args| real(args, f64::to_radians)),
    function("isnan", "num", Is(Type::Bool), Naming::None, |_, args| is(args, f64::is_nan)),
    function("isinf", "num", Is(Type::Bool), Naming::None, |_, args| is(args, f64::is_infinite)),
    function("isfinite", "num", Is(Type::Bool), Naming::None, |_, args| is(args, f64::is_finite)),
    function("binary_and", "int int", Is(Type::Long), Naming::First, |_, args| bits(args, |a, b| a & b)),
    function("binary_or", "int int", Is(Type::Long), Naming::First, |_, args| bits(args, |a, b| a | b)),
    function("binary_xor", "int int", Is(Type::Long), Naming::First, |_, args| bits(args, |a, b| a ^ b)),
    function("binary_not", "int", Is(Type::Long), Naming::First, |_, args| {
        Value::or_null(args[0].long(), |value| Value::Long(!value))
    }),
    function("binary_shift_left", "int int", Is(Type::Long), Naming::First, |_, args| {
        shifted(args, i64::wrapping_shl)
    }),
    function("binary_shift_right", "int int", Is(Type::Long), Naming::First, |_, args| {
        shifted(args, i64::wrapping_shr)
    }),
    function("bitset_count_ones", "int", Is(Type::Long), Naming::First, |_, args| {
        Value::or_null(args[0].long(), |value| Value::Long(i64::from(value.count_ones())))
    }),
    Function { is_volatile: true, ..function("rand", "int?", REAL, Naming::None, random) },
    Function { is_volatile: true, ..function("new_guid", "", Is(Type::Guid), Naming::None, new_guid) },
];

fn real(args: &[Arg<'_>], compute: fn(f64) -> f64) -> Value {
    Value::or_null(args[0].real().map(compute), Value::Real)
}

/// Whether a value is no further from the center than that; instants and spans in ticks.
fn around(args: &[Arg<'_>]) -> Value {
    let ticks = |arg: Arg<'_>| arg.long().or(arg.instant()).or(arg.span());
    if let (Some(value), Some(center), Some(delta)) = (ticks(args[0]), ticks(args[1]), ticks(args[2])) {
        let far = (i128::from(value) - i128::from(center)).abs();
        return Value::Bool(far <= i128::from(delta));
    }
    match (args[0].real(), args[1].real(), args[2].real()) {
        (Some(value), Some(center), Some(delta)) => {
            Value::Bool(value >= center - delta && value <= center + delta)
        }
        _ => Value::Null,
    }
}

/// A question about a number; null of none.
fn is(args: &[Arg<'_>], holds: fn(f64) -> bool) -> Value {
    Value::or_null(args[0].real().map(holds), Value::Bool)
}

/// Shifted by so many bits, of which those count that a long has; null for fewer than none.
fn shifted(args: &[Arg<'_>], shift: fn(i64, u32) -> i64) -> Value {
    let count = args[1].long().and_then(|count| u32::try_from(count.checked_rem(64)?).ok());
    match (args[0].long(), count) {
        (Some(value), Some(count)) => Value::Long(shift(value, count)),
        _ => Value::Null,
    }
}

/// A function that is defined from 0 on, and null below.
fn from_zero(args: &[Arg<'_>], compute: fn(f64) -> f64) -> Value {
    let inside = args[0].real().filter(|value| value.is_nan() || *value >= 0.0);
    Value::or_null(inside.map(compute), Value::Real)
}

/// A function that is defined from -1 to 1, and null outside.
fn from_unit(args: &[Arg<'_>], compute: fn(f64) -> f64) -> Value {
    let inside = args[0].real().filter(|value| value.is_nan() || value.abs() <= 1.0);
    Value::or_null(inside.map(compute), Value::Real)
}

fn real2(args: &[Arg<'_>], compute: fn(f64, f64) -> f64) -> Value {
    match (args[0].real(), args[1].real()) {
        (Some(a), Some(b)) => Value::Real(compute(a, b)),
        _ => Value::Null,
    }
}

fn bits(args: &[Arg<'_>], compute: fn(i64, i64) -> i64) -> Value {
    match (args[0].long(), args[1].long()) {
        (Some(a), Some(b)) => Value::Long(compute(a, b)),
        _ => Value::Null,
    }
}

/// To that many digits; halves go away from zero.
fn round(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let digits = args.get(1).and_then(|arg| arg.long()).unwrap_or(0).clamp(-15, 15);
    match args[0] {
        Arg::Long(value) if digits >= 0 => Value::Long(value),
        #[expect(clippy::cast_precision_loss, reason = "rounding drops the digits that would be lost")]
        Arg::Long(value) => Value::or_null(truncated(round_real(value as f64, digits)), Value::Long),
        Arg::Real(value) => Value::Real(round_real(value, digits)),
        Arg::Decimal(value) => {
            let places = i32::try_from(digits).ok();
            Value::or_null(places.and_then(|places| value.rounded_to(places)), Value::Decimal)
        }
        _ => Value::Null,
    }
}

fn round_real(value: f64, digits: i64) -> f64 {
    if !value.is_finite() {
        return value;
    }
    let scale = 10_f64.powi(i32::try_from(digits.abs()).unwrap_or(0));
    if digits >= 0 {
        let scaled = value * scale;
        if scaled.is_finite() { scaled.round() / scale } else { value }
    } else {
        (value / scale).round() * scale
    }
}

/// The multiple of the size below the value, counted from the fixed point (rule 11).
fn bin(value: Arg<'_>, size: Arg<'_>, fixed: Option<Arg<'_>>) -> Value {
    let ticks = |arg: Arg<'_>| arg.long().or(arg.instant()).or(arg.span());
    let floor = |value: i64, size: i64| -> Option<i64> {
        let from = match fixed {
            None => 0,
            Some(fixed) => ticks(fixed)?,
        };
        if size <= 0 {
            return None;
        }
        let floored = (i128::from(value) - i128::from(from)).div_euclid(i128::from(size)) * i128::from(size);
        i64::try_from(floored + i128::from(from)).ok()
    };
    match (value, ticks(value), ticks(size)) {
        (Arg::Long(_), Some(value), Some(size)) => Value::or_null(floor(value, size), Value::Long),
        (Arg::Timespan(_), Some(value), Some(size)) => Value::or_null(floor(value, size), Value::Timespan),
        (Arg::DateTime(_), Some(value), Some(size)) => {
            let floored = floor(value, size).filter(|ticks| (0..=MAX_TICKS).contains(ticks));
            Value::or_null(floored, Value::DateTime)
        }
        _ if matches!(value, Arg::Decimal(_)) || matches!(size, Arg::Decimal(_)) => {
            let from = fixed.map_or(Some(Decimal::ZERO), Arg::decimal);
            let floored = from
                .zip(value.decimal())
                .zip(size.decimal())
                .and_then(|((from, value), size)| value.minus(from)?.bin(size)?.plus(from));
            Value::or_null(floored, Value::Decimal)
        }
        _ => {
            let from = fixed.map_or(Some(0.0), Arg::real);
            match (value.real(), size.real(), from) {
                // A size of zero is a division by it, which is no number.
                (Some(value), Some(size), Some(from)) if size >= 0.0 => {
                    Value::Real(((value - from) / size).floor() * size + from)
                }
                _ => Value::Null,
            }
        }
    }
}

/// A step of the generator by Marsaglia (xorshift64*).
fn next_random(call: &Call<'_>) -> u64 {
    let mut state = call.state.random.borrow_mut();
    let mut x = (*state).max(1);
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    x.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

#[expect(clippy::cast_precision_loss, reason = "53 bits fit a real")]
fn random(call: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let unit = (next_random(call) >> 11) as f64 / (1_u64 << 53) as f64;
    match args.first().and_then(|arg| arg.long()) {
        Some(bound) if bound > 1 => Value::Real((unit * bound as f64).floor()),
        _ => Value::Real(unit),
    }
}

fn new_guid(call: &Call<'_>, _: &[Arg<'_>]) -> Value {
    let bits = (u128::from(next_random(call)) << 64) | u128::from(next_random(call));
    let version = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    Value::Guid(version)
}
