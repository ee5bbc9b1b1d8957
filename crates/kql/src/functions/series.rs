//! Functions of series that give a value for each place: filling, arithmetic, comparisons, filters.

use super::Returns::Is;
use super::arrays::ELEMENT_BYTES;
use super::{Arg, Call, Function, Naming, done, function};
use crate::clock::Stopped;
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

const SERIES: super::Returns = Is(Type::Dynamic);

pub(super) const FUNCTIONS: &[Function] = &[
    function("series_fill_const", "dyn num num?", SERIES, Naming::First, |_, args| {
        filled(args[0], args.get(2), |_, _| args[1].dynamic())
    }),
    function("series_fill_forward", "dyn num?", SERIES, Naming::First, |_, args| {
        filled(args[0], args.get(1), |known, place| {
            nearest(known, place).0.map_or(Dynamic::Null, |(_, value)| value)
        })
    }),
    function("series_fill_backward", "dyn num?", SERIES, Naming::First, |_, args| {
        filled(args[0], args.get(1), |known, place| {
            nearest(known, place).1.map_or(Dynamic::Null, |(_, value)| value)
        })
    }),
    function("series_fill_linear", "dyn num? bool? num?", SERIES, Naming::First, |_, args| fill_linear(args)),
    function("series_add", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| number(a, b, i64::wrapping_add, |a, b| a + b))
    }),
    function("series_subtract", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| number(a, b, i64::wrapping_sub, |a, b| a - b))
    }),
    function("series_multiply", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| number(a, b, i64::wrapping_mul, |a, b| a * b))
    }),
    function("series_divide", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| Some(Dynamic::Real(a.real()? / b.real()?)))
    }),
    function("series_pow", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| Some(Dynamic::Real(a.real()?.powf(b.real()?))))
    }),
    function("series_greater", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| Some(Dynamic::Bool(a.real()? > b.real()?)))
    }),
    function("series_greater_equals", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| Some(Dynamic::Bool(a.real()? >= b.real()?)))
    }),
    function("series_less", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| Some(Dynamic::Bool(a.real()? < b.real()?)))
    }),
    function("series_less_equals", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| Some(Dynamic::Bool(a.real()? <= b.real()?)))
    }),
    function("series_equals", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| same(a, b).map(Dynamic::Bool))
    }),
    function("series_not_equals", "any any", SERIES, Naming::None, |call, args| {
        each(call, args, |a, b| same(a, b).map(|same| Dynamic::Bool(!same)))
    }),
    function("series_fir", "dyn dyn bool? bool?", SERIES, Naming::First, |call, args| done(fir(call, args))),
    function("series_iir", "dyn dyn dyn", SERIES, Naming::First, |call, args| done(iir(call, args))),
];

fn series(items: Vec<Dynamic>) -> Value {
    Value::Dynamic(Dynamic::Array(items.into()))
}

/// A value with its place.
type Placed = (usize, Dynamic);

/// The values that are not missing.
type Known = Vec<Placed>;

/// The known values before and behind a place.
fn nearest(known: &Known, place: usize) -> (Option<Placed>, Option<Placed>) {
    let behind = known.partition_point(|(at, _)| *at < place);
    (behind.checked_sub(1).and_then(|before| known.get(before)).cloned(), known.get(behind).cloned())
}

/// A series whose missing values are filled. What is missing is null, or the number that stands for it.
fn filled(list: Arg<'_>, missing: Option<&Arg<'_>>, fill: impl Fn(&Known, usize) -> Dynamic) -> Value {
    let Some(items) = list.array() else { return Value::Null };
    let placeholder = missing.and_then(|arg| arg.real());
    let is_missing = |item: &Dynamic| {
        item.is_null() || placeholder.is_some_and(|wanted| Arg::of_dynamic(item).real() == Some(wanted))
    };
    let known: Known = items.iter().cloned().enumerate().filter(|(_, item)| !is_missing(item)).collect();
    let fill =
        |(place, item): (usize, &Dynamic)| if is_missing(item) { fill(&known, place) } else { item.clone() };
    series(items.iter().enumerate().map(fill).collect())
}

/// Between two known values on the line between them; outside the nearest, or nothing. A series of none is filled
/// with a constant.
#[expect(clippy::cast_precision_loss, reason = "places in a series")]
fn fill_linear(args: &[Arg<'_>]) -> Value {
    let edges = args.get(2).and_then(|arg| arg.boolean()).unwrap_or(true);
    let constant = args.get(3).map_or(Dynamic::Real(0.0), |arg| arg.dynamic());
    let real = |value: &Dynamic| Arg::of_dynamic(value).real();
    filled(args[0], args.get(1), |known, place| match nearest(known, place) {
        (Some((left, from)), Some((right, to))) => match (real(&from), real(&to)) {
            (Some(from), Some(to)) => {
                let share = (place - left) as f64 / (right - left) as f64;
                Dynamic::Real(from + (to - from) * share)
            }
            _ => Dynamic::Null,
        },
        (None, None) => constant.clone(),
        (Some((_, value)), None) | (None, Some((_, value))) if edges => value,
        _ => Dynamic::Null,
    })
}

/// Place by place over two series, or a series and a number; null where one has no number.
fn each(call: &Call<'_>, args: &[Arg<'_>], compute: impl Fn(Arg<'_>, Arg<'_>) -> Option<Dynamic>) -> Value {
    let lengths = [args[0].array().map(<[Dynamic]>::len), args[1].array().map(<[Dynamic]>::len)];
    let Some(count) = lengths.into_iter().flatten().max() else { return Value::Null };
    if call.clock().room(count * ELEMENT_BYTES).is_err() {
        return Value::Null;
    }
    fn at<'a>(arg: Arg<'a>, place: usize) -> Arg<'a> {
        match arg.array() {
            Some(items) => items.get(place).map_or(Arg::Null, Arg::of_dynamic),
            None => arg,
        }
    }
    let one = |place| compute(at(args[0], place), at(args[1], place)).unwrap_or_default();
    series((0..count).map(one).collect())
}

/// Whole numbers stay whole.
fn number(a: Arg<'_>, b: Arg<'_>, whole: fn(i64, i64) -> i64, real: fn(f64, f64) -> f64) -> Option<Dynamic> {
    match (a.long(), b.long()) {
        (Some(a), Some(b)) => Some(Dynamic::Long(whole(a, b))),
        _ => Some(Dynamic::Real(real(a.real()?, b.real()?))),
    }
}

fn same(a: Arg<'_>, b: Arg<'_>) -> Option<bool> {
    match (a.text(), b.text()) {
        (Some(a), Some(b)) => Some(a == b),
        #[expect(clippy::float_cmp, reason = "equal is what is asked")]
        _ => Some(a.real()? == b.real()?),
    }
}

/// The numbers of a series; what is no number counts as nothing.
fn numbers(arg: Arg<'_>) -> Option<Vec<f64>> {
    let items = arg.array()?;
    Some(items.iter().map(|item| Arg::of_dynamic(item).real().unwrap_or(0.0)).collect())
}

/// A finite filter: each place is the sum of those before it, weighted.
fn fir(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (Some(values), Some(mut weights)) = (numbers(args[0]), numbers(args[1])) else {
        return Ok(Value::Null);
    };
    let negative = weights.iter().any(|weight| *weight < 0.0);
    let normalized = args.get(2).and_then(|arg| arg.boolean()).unwrap_or(!negative);
    if normalized && negative {
        return Ok(Value::Null);
    }
    if normalized {
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
    let centered = args.get(3).and_then(|arg| arg.boolean()).unwrap_or(false);
    let ahead = if centered { weights.len().saturating_sub(1) / 2 } else { 0 };
    let mut out = Vec::with_capacity(values.len());
    for place in 0..values.len() {
        call.clock().work(8 + weights.len())?;
        let terms = weights.iter().enumerate().map(|(back, weight)| {
            let at = (place + ahead).checked_sub(back);
            at.and_then(|at| values.get(at)).map_or(0.0, |value| value * weight)
        });
        out.push(Dynamic::Real(terms.sum()));
    }
    Ok(series(out))
}

/// An infinite filter: what was answered before counts too.
fn iir(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (Some(values), Some(over), Some(under)) = (numbers(args[0]), numbers(args[1]), numbers(args[2]))
    else {
        return Ok(Value::Null);
    };
    let Some(first) = under.first().copied().filter(|first| *first != 0.0) else { return Ok(Value::Null) };
    let mut answers: Vec<f64> = Vec::with_capacity(values.len());
    for place in 0..values.len() {
        call.clock().work(8 + over.len() + under.len())?;
        let ahead: f64 =
            over.iter().take(place + 1).enumerate().map(|(back, weight)| weight * values[place - back]).sum();
        let back: f64 = under
            .iter()
            .take(place + 1)
            .enumerate()
            .skip(1)
            .map(|(back, weight)| weight * answers[place - back])
            .sum();
        answers.push((ahead - back) / first);
    }
    Ok(series(answers.into_iter().map(Dynamic::Real).collect()))
}
