//! Functions that say something of a whole series: statistics, a line, how two go together.

use std::sync::Arc;

use super::Returns::Is;
use super::{Arg, Function, Naming, function};
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("series_stats", "dyn bool?", Is(Type::Real), Naming::None, |_, args| {
        stats(args).map_or(Value::Null, |stats| Value::Real(stats.min))
    }),
    function("series_stats_dynamic", "dyn bool?", Is(Type::Dynamic), Naming::None, |_, args| {
        stats(args).map_or(Value::Null, Stats::bag)
    }),
    function("series_fit_line", "dyn", Is(Type::Real), Naming::None, |_, args| {
        line(args[0]).map_or(Value::Null, |line| Value::Real(line.r_square))
    }),
    function("series_fit_line_dynamic", "dyn", Is(Type::Dynamic), Naming::None, |_, args| {
        line(args[0]).map_or(Value::Null, Line::bag)
    }),
    function("series_pearson_correlation", "dyn dyn", Is(Type::Real), Naming::None, |_, args| {
        Value::or_null(pearson(args), Value::Real)
    }),
];

/// The columns of a function that answers several: the members of what its dynamic form answers.
pub(crate) fn columns_of(function: &str) -> Option<&'static [(&'static str, Type)]> {
    match function {
        "series_stats" => Some(&[
            ("min", Type::Real),
            ("min_idx", Type::Long),
            ("max", Type::Real),
            ("max_idx", Type::Long),
            ("avg", Type::Real),
            ("stdev", Type::Real),
            ("variance", Type::Real),
        ]),
        "series_fit_line" => Some(&[
            ("rsquare", Type::Real),
            ("slope", Type::Real),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("interception", Type::Real),
            ("line_fit", Type::Dynamic),
        ]),
        _ => None,
    }
}

fn bag(members: Vec<(&str, Dynamic)>) -> Value {
    Value::Dynamic(Dynamic::Bag(members.into_iter().map(|(name, value)| (Arc::from(name), value)).collect()))
}

/// All numbers of a series; nothing when one element is none.
fn numbers(arg: Arg<'_>) -> Option<Vec<f64>> {
    let number = |item: &Dynamic| Arg::of_dynamic(item).real().filter(|value| value.is_finite());
    arg.array()?.iter().map(number).collect::<Option<Vec<f64>>>().filter(|list| !list.is_empty())
}

#[expect(clippy::cast_precision_loss, reason = "counts of elements")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sum of the products of two series' distances from their means.
fn products(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum()
}

/// The variance of a sample.
#[expect(clippy::cast_precision_loss, reason = "counts of elements")]
fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 { 0.0 } else { products(values, values) / (values.len() - 1) as f64 }
}

struct Stats {
    min: f64,
    min_place: usize,
    max: f64,
    max_place: usize,
    values: Vec<f64>,
}

/// Nothing for a series with elements that are no finite numbers, unless they are to be passed over.
fn stats(args: &[Arg<'_>]) -> Option<Stats> {
    let passes = args.get(1).and_then(|arg| arg.boolean()).unwrap_or(false);
    let mut places = Vec::new();
    let mut values = Vec::new();
    for (place, item) in args[0].array()?.iter().enumerate() {
        match Arg::of_dynamic(item).real().filter(|value| value.is_finite()) {
            Some(value) => {
                places.push(place);
                values.push(value);
            }
            None if passes => {}
            None => return None,
        }
    }
    let least =
        (0..values.len()).reduce(|best, next| if values[next] < values[best] { next } else { best })?;
    let most =
        (0..values.len()).reduce(|best, next| if values[next] > values[best] { next } else { best })?;
    Some(Stats {
        min: values[least],
        min_place: places[least],
        max: values[most],
        max_place: places[most],
        values,
    })
}

impl Stats {
    fn bag(self) -> Value {
        let count = |number: usize| Dynamic::Long(i64::try_from(number).unwrap_or(i64::MAX));
        let variance = variance(&self.values);
        bag(vec![
            ("min", Dynamic::Real(self.min)),
            ("min_idx", count(self.min_place)),
            ("max", Dynamic::Real(self.max)),
            ("max_idx", count(self.max_place)),
            ("avg", Dynamic::Real(mean(&self.values))),
            ("stdev", Dynamic::Real(variance.sqrt())),
            ("variance", Dynamic::Real(variance)),
            ("sum", Dynamic::Real(self.values.iter().sum())),
            ("len", count(self.values.len())),
        ])
    }
}

/// The line of least squares through a series.
struct Line {
    r_square: f64,
    slope: f64,
    variance: f64,
    rest: f64,
    start: f64,
    fit: Vec<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "places in a series")]
fn line(arg: Arg<'_>) -> Option<Line> {
    let values = numbers(arg).filter(|values| values.len() > 1)?;
    let places: Vec<f64> = (0..values.len()).map(|place| place as f64).collect();
    let slope = products(&places, &values) / products(&places, &places);
    let start = mean(&values) - slope * mean(&places);
    let fit: Vec<f64> = places.iter().map(|place| start + slope * place).collect();
    let rest: Vec<f64> = values.iter().zip(&fit).map(|(value, fit)| value - fit).collect();
    let (all, rest) = (variance(&values), variance(&rest));
    let r_square = if all == 0.0 { 1.0 } else { 1.0 - rest / all };
    Some(Line { r_square, slope, variance: all, rest, start, fit })
}

impl Line {
    fn bag(self) -> Value {
        bag(vec![
            ("rsquare", Dynamic::Real(self.r_square)),
            ("slope", Dynamic::Real(self.slope)),
            ("variance", Dynamic::Real(self.variance)),
            ("rvariance", Dynamic::Real(self.rest)),
            ("interception", Dynamic::Real(self.start)),
            ("line_fit", Dynamic::Array(self.fit.into_iter().map(Dynamic::Real).collect())),
        ])
    }
}

/// Nothing for series of unlike length.
fn pearson(args: &[Arg<'_>]) -> Option<f64> {
    let (a, b) = (numbers(args[0])?, numbers(args[1])?);
    (a.len() == b.len()).then(|| products(&a, &b) / (products(&a, &a) * products(&b, &b)).sqrt())
}
