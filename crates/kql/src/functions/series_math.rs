//! Functions of numbers over each element of a series, and those that make one number of all.

use super::Returns::Is;
use super::{Arg, Function, Naming, function};
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

const SERIES: super::Returns = Is(Type::Dynamic);
const REAL: super::Returns = Is(Type::Real);

pub(super) const FUNCTIONS: &[Function] = &[
    function("series_abs", "dyn", SERIES, Naming::None, |_, args| match args[0].array() {
        Some(items) => Value::Dynamic(Dynamic::Array(items.iter().map(absolute).collect())),
        None => Value::Null,
    }),
    function("series_sign", "dyn", SERIES, Naming::None, |_, args| {
        each(args[0], |value| if value == 0.0 || value.is_nan() { 0.0 } else { value.signum() })
    }),
    function("series_ceiling", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::ceil)),
    function("series_floor", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::floor)),
    function("series_exp", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::exp)),
    function("series_log", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::ln)),
    function("series_sin", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::sin)),
    function("series_cos", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::cos)),
    function("series_tan", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::tan)),
    function("series_asin", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::asin)),
    function("series_acos", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::acos)),
    function("series_atan", "dyn", SERIES, Naming::None, |_, args| each(args[0], f64::atan)),
    function("series_sum", "dyn", REAL, Naming::None, |_, args| {
        Value::or_null(numbers(args[0]).map(|list| list.iter().sum()), Value::Real)
    }),
    function("series_product", "dyn", REAL, Naming::None, |_, args| {
        Value::or_null(numbers(args[0]).map(|list| list.iter().product()), Value::Real)
    }),
    function("series_magnitude", "dyn", REAL, Naming::None, |_, args| {
        Value::or_null(numbers(args[0]).map(|list| magnitude(&list)), Value::Real)
    }),
    function("series_dot_product", "any any", REAL, Naming::None, |_, args| {
        let product = match (args[0].real(), args[1].real()) {
            (Some(factor), None) => numbers(args[1]).map(|list| list.iter().map(|item| item * factor).sum()),
            (None, Some(factor)) => numbers(args[0]).map(|list| list.iter().map(|item| item * factor).sum()),
            _ => pair(args).map(|(a, b)| dot(&a, &b)),
        };
        Value::or_null(product, Value::Real)
    }),
    function("series_cosine_similarity", "dyn dyn", REAL, Naming::None, |_, args| {
        let similarity = |(a, b): (Vec<f64>, Vec<f64>)| dot(&a, &b) / (magnitude(&a) * magnitude(&b));
        Value::or_null(pair(args).map(similarity), Value::Real)
    }),
];

/// A function of each element; null where one is no number.
fn each(list: Arg<'_>, compute: fn(f64) -> f64) -> Value {
    let Some(items) = list.array() else { return Value::Null };
    let one = |item: &Dynamic| {
        Arg::of_dynamic(item).real().map_or(Dynamic::Null, |value| Dynamic::Real(compute(value)))
    };
    Value::Dynamic(Dynamic::Array(items.iter().map(one).collect()))
}

fn absolute(item: &Dynamic) -> Dynamic {
    match item {
        Dynamic::Long(value) => value.checked_abs().map_or(Dynamic::Null, Dynamic::Long),
        Dynamic::Real(value) => Dynamic::Real(value.abs()),
        _ => Dynamic::Null,
    }
}

/// All numbers; nothing when one element is none.
fn numbers(list: Arg<'_>) -> Option<Vec<f64>> {
    list.array()?.iter().map(|item| Arg::of_dynamic(item).real()).collect()
}

/// Two series of one length.
fn pair(args: &[Arg<'_>]) -> Option<(Vec<f64>, Vec<f64>)> {
    Some((numbers(args[0])?, numbers(args[1])?)).filter(|(a, b)| a.len() == b.len())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn magnitude(list: &[f64]) -> f64 {
    dot(list, list).sqrt()
}
