//! Functions of dynamic arrays.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Returns::Is;
use super::text::{Text, long};
use super::{Arg, Call, Function, Listed, Naming, done, function, same};
use crate::clock::Stopped;
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

const ARRAY: super::Returns = Is(Type::Dynamic);

/// About what an element takes while an array grows.
pub(super) const ELEMENT_BYTES: usize = 48;

/// `range` and `repeat` make at most this many elements.
const MAX_ELEMENTS: i64 = 1_048_576;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        listed: Some(Listed::Length),
        ..function("array_length", "dyn", Is(Type::Long), Naming::None, length)
    },
    Function {
        listed: Some(Listed::Length),
        ..function("arraylength", "dyn", Is(Type::Long), Naming::None, length)
    },
    function("array_concat", "dyn+", ARRAY, Naming::None, |call, args| done(concat(call, args))),
    Function {
        listed: Some(Listed::Cut),
        ..function("array_slice", "dyn int int", ARRAY, Naming::None, slice)
    },
    function("array_split", "dyn any", ARRAY, Naming::None, split),
    function("array_reverse", "dyn", ARRAY, Naming::None, |_, args| {
        args[0].array().map_or(Value::Null, |items| array(items.iter().rev().cloned()))
    }),
    function("array_rotate_left", "dyn int", ARRAY, Naming::None, |_, args| rotate(args, 1)),
    function("array_rotate_right", "dyn int", ARRAY, Naming::None, |_, args| rotate(args, -1)),
    function("array_shift_left", "dyn int any?", ARRAY, Naming::None, |_, args| shift(args, 1)),
    function("array_shift_right", "dyn int any?", ARRAY, Naming::None, |_, args| shift(args, -1)),
    function("array_index_of", "dyn any int? int? int?", Is(Type::Long), Naming::None, |call, args| {
        done(index_of(call, args))
    }),
    function("array_iff", "dyn any any", ARRAY, Naming::None, choose),
    function("array_iif", "dyn any any", ARRAY, Naming::None, choose),
    function("array_sum", "dyn", Is(Type::Real), Naming::None, |_, args| {
        // One element that is no number makes the sum null; so does an array of none.
        let sum = |items: &[Dynamic]| {
            items.iter().try_fold(0.0, |sum, item| Some(sum + Arg::of_dynamic(item).real()?))
        };
        Value::or_null(args[0].array().filter(|items| !items.is_empty()).and_then(sum), Value::Real)
    }),
    Function {
        listed: Some(Listed::Sorted { ascending: true }),
        ..function("array_sort_asc", "dyn any*", ARRAY, Naming::Suffix("sorted"), |call, args| {
            done(sort(call, args, true))
        })
    },
    Function {
        listed: Some(Listed::Sorted { ascending: false }),
        ..function("array_sort_desc", "dyn any*", ARRAY, Naming::Suffix("sorted"), |call, args| {
            done(sort(call, args, false))
        })
    },
    Function {
        listed: Some(Listed::Joined),
        ..function("strcat_array", "dyn any", Is(Type::String), Naming::None, joined)
    },
    Function {
        listed: Some(Listed::Joined),
        ..function("array_strcat", "dyn any", Is(Type::String), Naming::None, joined)
    },
    function("pack_array", "any+", ARRAY, Naming::None, |_, args| {
        array(args.iter().map(|arg| arg.dynamic()))
    }),
    function("range", "sum sum sum?", ARRAY, Naming::None, range),
    function("repeat", "any int", ARRAY, Naming::Prefix("repeat"), |_, args| {
        let Some(count) = args[1].long().and_then(|count| usize::try_from(count.min(MAX_ELEMENTS)).ok())
        else {
            return Value::Null;
        };
        array(std::iter::repeat_n(args[0].dynamic(), count))
    }),
    function("zip", "dyn+", ARRAY, Naming::None, |call, args| done(zip(call, args))),
];

fn length(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    args[0].array().map_or(Value::Null, |items| long(items.len()))
}

pub(super) fn array(items: impl Iterator<Item = Dynamic>) -> Value {
    Value::Dynamic(Dynamic::Array(items.collect()))
}

fn concat(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let lists: Vec<&[Dynamic]> = args.iter().filter_map(|arg| arg.array()).collect();
    if lists.is_empty() {
        return Ok(Value::Null);
    }
    let mut all = Vec::new();
    for list in lists {
        call.clock().room(list.len() * ELEMENT_BYTES)?;
        all.extend_from_slice(list);
    }
    Ok(Value::Dynamic(Dynamic::Array(all.into())))
}

/// From the start to the end, both in; negative places count from the end.
fn slice(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let (Some(items), Some(start), Some(end)) = (args[0].array(), args[1].long(), args[2].long()) else {
        return Value::Null;
    };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let place = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
    let start = usize::try_from(place(start).max(0)).unwrap_or(usize::MAX);
    let end = usize::try_from(place(end).saturating_add(1).clamp(0, length)).unwrap_or(0);
    array(items.get(start..end.max(start)).unwrap_or_default().iter().cloned())
}

fn split(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let Some(items) = args[0].array() else { return Value::Null };
    let places: Vec<i64> = match args[1] {
        Arg::Dynamic(Dynamic::Array(list)) => {
            list.iter().filter_map(|item| Arg::of_dynamic(item).long()).collect()
        }
        other => other.long().into_iter().collect(),
    };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let mut parts = Vec::new();
    let mut from = 0;
    for place in places {
        let place = if place < 0 { place.saturating_add(length).max(0) } else { place.min(length) };
        let place = usize::try_from(place).unwrap_or(0).max(from);
        parts.push(Dynamic::Array(items[from..place].into()));
        from = place;
    }
    parts.push(Dynamic::Array(items[from..].into()));
    array(parts.into_iter())
}

fn rotate(args: &[Arg<'_>], direction: i64) -> Value {
    let (Some(items), Some(count)) = (args[0].array(), args[1].long()) else { return Value::Null };
    if items.is_empty() {
        return args[0].value();
    }
    let length = i64::try_from(items.len()).unwrap_or(1);
    let left = usize::try_from((count % length * direction).rem_euclid(length)).unwrap_or(0);
    let mut list = items.to_vec();
    list.rotate_left(left);
    array(list.into_iter())
}

fn shift(args: &[Arg<'_>], direction: i64) -> Value {
    let (Some(items), Some(count)) = (args[0].array(), args[1].long()) else { return Value::Null };
    let fill = args.get(2).map_or(Dynamic::Null, |arg| arg.dynamic());
    let count = count.saturating_mul(direction);
    let item = |index: i64| {
        let from = index.checked_add(count).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| items.get(from)).cloned().unwrap_or_else(|| fill.clone())
    };
    array((0..i64::try_from(items.len()).unwrap_or(0)).map(item))
}

fn index_of(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let Some(items) = args[0].array() else { return Ok(Value::Null) };
    let wanted = same::Key::of(&args[1].dynamic(), call.clock())?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let number = |index: usize, default: i64| args.get(index).and_then(|arg| arg.long()).unwrap_or(default);
    if number(3, -1) < -1 || number(4, 1) < 0 {
        return Ok(Value::Null);
    }
    let start = match number(2, 0) {
        negative if negative < 0 => negative.saturating_add(length).max(0),
        start => start,
    };
    let count = match number(3, -1) {
        negative if negative < 0 => length,
        count => count,
    };
    let mut left = number(4, 1).max(1);
    let skip = usize::try_from(start).unwrap_or(0);
    let take = usize::try_from(count).unwrap_or(0);
    for (index, item) in items.iter().enumerate().skip(skip).take(take) {
        if same::Key::of(item, call.clock())? == wanted {
            left -= 1;
            if left == 0 {
                return Ok(long(index));
            }
        }
    }
    Ok(Value::Long(-1))
}

fn choose(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let Some(conditions) = args[0].array() else { return Value::Null };
    let pick = |arg: Arg<'_>, index: usize| match arg {
        Arg::Dynamic(Dynamic::Array(items)) => items.get(index).cloned().unwrap_or_default(),
        other => other.dynamic(),
    };
    array(conditions.iter().enumerate().map(|(index, condition)| match condition {
        Dynamic::Bool(true) => pick(args[1], index),
        Dynamic::Bool(false) => pick(args[2], index),
        Dynamic::Long(number) => pick(if *number != 0 { args[1] } else { args[2] }, index),
        _ => Dynamic::Null,
    }))
}

/// Nulls come last unless the query says otherwise; numbers come before text. Further arrays follow the order of the
/// first, and the answer is then an array of all of them.
fn sort(call: &Call<'_>, args: &[Arg<'_>], ascending: bool) -> Result<Value, Stopped> {
    let Some(items) = args[0].array() else { return Ok(Value::Null) };
    // What holds others is ordered by its text.
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        texts.push(match item {
            Dynamic::Array(_) | Dynamic::Bag(_) => item.to_json_text(),
            _ => String::new(),
        });
        call.clock().work(16 + texts.last().map_or(0, String::len))?;
    }
    let nulls_last = args.last().and_then(|arg| arg.boolean()).unwrap_or(true);
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by(|a, b| {
        let ((a, a_text), (b, b_text)) = ((&items[*a], &texts[*a]), (&items[*b], &texts[*b]));
        match (a.is_null(), b.is_null()) {
            (false, false) => compare((a, a_text), (b, b_text), ascending),
            (a, b) if nulls_last => a.cmp(&b),
            (a, b) => b.cmp(&a),
        }
    });
    let ordered = |items: &[Dynamic]| {
        let list = places.iter().map(|place| items.get(*place).cloned().unwrap_or_default());
        Dynamic::Array(list.collect())
    };
    let others: Vec<&[Dynamic]> = args[1..].iter().filter_map(|arg| arg.array()).collect();
    if others.is_empty() {
        return Ok(Value::Dynamic(ordered(items)));
    }
    let one = |other: &&[Dynamic]| if other.len() == items.len() { ordered(other) } else { Dynamic::Null };
    Ok(array(std::iter::once(ordered(items)).chain(others.iter().map(one))))
}

/// A total order over dynamic values: numbers, instants, spans, texts and all others stand in this order in both
/// directions.
fn compare((a, a_text): (&Dynamic, &str), (b, b_text): (&Dynamic, &str), ascending: bool) -> Ordering {
    fn class(value: &Dynamic) -> u8 {
        match value {
            Dynamic::Long(_) | Dynamic::Real(_) => 0,
            Dynamic::DateTime(_) => 1,
            Dynamic::Timespan(_) => 2,
            Dynamic::String(_) => 3,
            Dynamic::Bool(_) => 4,
            Dynamic::Array(_) | Dynamic::Bag(_) => 5,
            Dynamic::Null => 6,
        }
    }
    let order = match (a, b) {
        _ if class(a) != class(b) => return class(a).cmp(&class(b)),
        (Dynamic::String(a), Dynamic::String(b)) => a.cmp(b),
        (Dynamic::Long(a), Dynamic::Long(b))
        | (Dynamic::DateTime(a), Dynamic::DateTime(b))
        | (Dynamic::Timespan(a), Dynamic::Timespan(b)) => a.cmp(b),
        (Dynamic::Bool(a), Dynamic::Bool(b)) => a.cmp(b),
        _ => match (Arg::of_dynamic(a).real(), Arg::of_dynamic(b).real()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a_text.cmp(b_text),
        },
    };
    if ascending { order } else { order.reverse() }
}

fn joined(call: &Call<'_>, args: &[Arg<'_>]) -> Value {
    done(join(call, args))
}

fn join(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    // What is no array is its own text.
    let Some(items) = args[0].array() else { return Ok(Value::text(&args[0].shown())) };
    if let [Dynamic::String(text)] = items {
        return Ok(Value::String(text.clone()));
    }
    let delimiter = args[1].shown();
    let mut out = Text::default();
    for (index, item) in items.iter().enumerate() {
        if out.is_full() {
            break;
        }
        if index > 0 {
            out.push(&delimiter);
        }
        let text = item.to_text();
        call.clock().work(16 + text.len())?;
        out.push(&text);
    }
    Ok(out.value())
}

fn range(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let step = args.get(2).copied();
    let make: fn(i64) -> Dynamic = match args[0] {
        Arg::DateTime(_) => Dynamic::DateTime,
        Arg::Timespan(_) => Dynamic::Timespan,
        _ => Dynamic::Long,
    };
    let ticks = |arg: Arg<'_>| arg.long().or(arg.instant()).or(arg.span());
    let default = match args[0] {
        Arg::DateTime(_) | Arg::Timespan(_) => crate::time::HOUR,
        _ => 1,
    };
    let step_ticks = match step {
        None => Some(default),
        Some(arg) => ticks(arg),
    };
    if let (Some(from), Some(to), Some(step)) = (ticks(args[0]), ticks(args[1]), step_ticks) {
        if step == 0 {
            return Value::Null;
        }
        let distance = i128::from(to) - i128::from(from);
        let count =
            if distance != 0 && (distance > 0) != (step > 0) { 0 } else { distance / i128::from(step) + 1 };
        let count = i64::try_from(count).unwrap_or(MAX_ELEMENTS).clamp(0, MAX_ELEMENTS);
        return array((0..count).map(|index| make(from.wrapping_add(index.wrapping_mul(step)))));
    }
    let step = step.map_or(Some(1.0), Arg::real);
    match (args[0].real(), args[1].real(), step) {
        (Some(from), Some(to), Some(step)) if step != 0.0 => {
            let count = crate::convert::truncated(((to - from) / step).floor() + 1.0).unwrap_or(0);
            #[expect(clippy::cast_precision_loss, reason = "a count of elements")]
            let item = |index: i64| Dynamic::Real(from + index as f64 * step);
            array((0..count.clamp(0, MAX_ELEMENTS)).map(item))
        }
        _ => Value::Null,
    }
}

fn zip(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    // What is no array is one element.
    let singles: Vec<[Dynamic; 1]> =
        args.iter().map(|arg| [arg.array().map_or_else(|| arg.dynamic(), |_| Dynamic::Null)]).collect();
    let lists: Vec<&[Dynamic]> =
        args.iter().zip(&singles).map(|(arg, single)| arg.array().unwrap_or(single)).collect();
    let count = lists.iter().map(|list| list.len()).max().unwrap_or(0);
    let mut rows = Vec::new();
    for index in 0..count {
        call.clock().room((lists.len() + 2) * ELEMENT_BYTES)?;
        let row: Arc<[Dynamic]> =
            lists.iter().map(|list| list.get(index).cloned().unwrap_or_default()).collect();
        rows.push(Dynamic::Array(row));
    }
    Ok(Value::Dynamic(Dynamic::Array(rows.into())))
}
