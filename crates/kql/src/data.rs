//! The vectors of a column.

use crate::decimal::Decimal;
use crate::dynamic::Dynamic;
use crate::functions::Arg;
use crate::pool::{EMPTY, QueryPool};
use crate::types::Type;
use crate::value::{NULL_BOOL, NULL_GUID, NULL_NUMBER, Value, is_null_real, null_real, to_dynamic};

/// The values of one column. Nulls are marked inside the vectors (see `value`); strings are numbers of a pool.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// `bool`: 0, 1 or null.
    Bool(Vec<u8>),
    /// `int`, `long`, `datetime`, `timespan`.
    Number(Vec<i64>),
    /// `real`.
    Real(Vec<f64>),
    /// `decimal`.
    Decimal(Vec<Decimal>),
    /// `string`.
    String(Vec<u32>),
    /// `guid`.
    Guid(Vec<u128>),
    /// `dynamic`.
    Dynamic(Vec<Dynamic>),
}

/// Runs the same expression over whichever vector there is.
macro_rules! each {
    ($data:expr, $items:ident => $body:expr) => {
        match $data {
            Data::Bool($items) => $body,
            Data::Number($items) => $body,
            Data::Real($items) => $body,
            Data::Decimal($items) => $body,
            Data::String($items) => $body,
            Data::Guid($items) => $body,
            Data::Dynamic($items) => $body,
        }
    };
}

/// The same, keeping the variant.
macro_rules! map {
    ($data:expr, $items:ident => $body:expr) => {
        match $data {
            Data::Bool($items) => Data::Bool($body),
            Data::Number($items) => Data::Number($body),
            Data::Real($items) => Data::Real($body),
            Data::Decimal($items) => Data::Decimal($body),
            Data::String($items) => Data::String($body),
            Data::Guid($items) => Data::Guid($body),
            Data::Dynamic($items) => Data::Dynamic($body),
        }
    };
}

/// The row number that stands for "no row": it reads as empty or null.
pub(crate) const NO_ROW: u32 = u32::MAX;

impl Data {
    pub(crate) fn with_capacity(ty: Type, capacity: usize) -> Data {
        match ty {
            Type::Bool => Data::Bool(Vec::with_capacity(capacity)),
            Type::Int | Type::Long | Type::DateTime | Type::Timespan => {
                Data::Number(Vec::with_capacity(capacity))
            }
            Type::Real => Data::Real(Vec::with_capacity(capacity)),
            Type::Decimal => Data::Decimal(Vec::with_capacity(capacity)),
            Type::String => Data::String(Vec::with_capacity(capacity)),
            Type::Guid => Data::Guid(Vec::with_capacity(capacity)),
            Type::Dynamic => Data::Dynamic(Vec::with_capacity(capacity)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        each!(self, items => items.len())
    }

    /// Keeps the first `count` values.
    pub(crate) fn truncate(&mut self, count: usize) {
        each!(self, items => items.truncate(count));
    }

    /// Appends the type's "nothing": empty for strings, null for the rest.
    pub(crate) fn push_nothing(&mut self) {
        match self {
            Data::Bool(items) => items.push(NULL_BOOL),
            Data::Number(items) => items.push(NULL_NUMBER),
            Data::Real(items) => items.push(null_real()),
            Data::Decimal(items) => items.push(Decimal::NULL),
            Data::String(items) => items.push(EMPTY),
            Data::Guid(items) => items.push(NULL_GUID),
            Data::Dynamic(items) => items.push(Dynamic::Null),
        }
    }

    /// Appends a value of the column's type; a value of another type counts as nothing.
    pub(crate) fn push(&mut self, value: &Value, pool: &mut QueryPool) {
        match (self, value) {
            (Data::Bool(items), Value::Bool(value)) => items.push(u8::from(*value)),
            (Data::Number(items), Value::Long(value) | Value::DateTime(value) | Value::Timespan(value)) => {
                items.push(*value);
            }
            (Data::Real(items), Value::Real(value)) => items.push(*value),
            #[expect(clippy::cast_precision_loss, reason = "a real column holds what fits a double")]
            (Data::Real(items), Value::Long(value)) => items.push(*value as f64),
            (Data::Decimal(items), Value::Decimal(value)) => items.push(*value),
            (Data::String(items), Value::String(text)) => items.push(pool.intern_shared(text)),
            (Data::Guid(items), Value::Guid(bits)) => items.push(*bits),
            (Data::Dynamic(items), value) => items.push(to_dynamic(value)),
            (data, _) => data.push_nothing(),
        }
    }

    /// `count` times the same value.
    pub(crate) fn repeat(ty: Type, value: &Value, count: usize, pool: &mut QueryPool) -> Data {
        let mut one = Data::with_capacity(ty, 1);
        one.push(value, pool);
        map!(one, items => items.into_iter().cycle().take(count).collect())
    }

    pub(crate) fn value(&self, ty: Type, row: usize, pool: &QueryPool) -> Value {
        match self {
            Data::Bool(items) => match items[row] {
                NULL_BOOL => Value::Null,
                value => Value::Bool(value == 1),
            },
            Data::Number(items) => match (items[row], ty) {
                (NULL_NUMBER, _) => Value::Null,
                (ticks, Type::DateTime) => Value::DateTime(ticks),
                (ticks, Type::Timespan) => Value::Timespan(ticks),
                (value, _) => Value::Long(value),
            },
            Data::Real(items) if is_null_real(items[row]) => Value::Null,
            Data::Real(items) => Value::Real(items[row]),
            Data::Decimal(items) if items[row].is_null() => Value::Null,
            Data::Decimal(items) => Value::Decimal(items[row]),
            Data::String(items) => pool
                .shared_text(items[row])
                .map_or_else(|| Value::text(""), |text| Value::String(text.clone())),
            Data::Guid(items) if items[row] == NULL_GUID => Value::Null,
            Data::Guid(items) => Value::Guid(items[row]),
            Data::Dynamic(items) => Value::dynamic(items[row].clone()),
        }
    }

    pub(crate) fn is_null(&self, row: usize) -> bool {
        match self {
            Data::Bool(items) => items[row] == NULL_BOOL,
            Data::Number(items) => items[row] == NULL_NUMBER,
            Data::Real(items) => is_null_real(items[row]),
            Data::Decimal(items) => items[row].is_null(),
            Data::String(_) => false,
            Data::Guid(items) => items[row] == NULL_GUID,
            Data::Dynamic(items) => items[row].is_null(),
        }
    }

    /// Whole numbers as reals; none for other values.
    #[expect(clippy::cast_precision_loss, reason = "reals of the language are doubles")]
    pub(crate) fn to_reals(&self) -> Option<Data> {
        let Data::Number(items) = self else { return None };
        let real = |value: &i64| if *value == NULL_NUMBER { null_real() } else { *value as f64 };
        Some(Data::Real(items.iter().map(real).collect()))
    }

    /// The least and the greatest number; where there is none, a range that holds nothing.
    pub(crate) fn range(&self) -> Option<(i64, i64)> {
        let Data::Number(items) = self else { return None };
        let some = items.iter().filter(|item| **item != NULL_NUMBER);
        Some(
            some.fold((i64::MAX, i64::MIN), |(least, greatest), item| {
                (least.min(*item), greatest.max(*item))
            }),
        )
    }

    /// The values at those rows; [`NO_ROW`] gives nothing.
    pub(crate) fn gather(&self, rows: &[u32]) -> Data {
        fn pick<T: Clone>(items: &[T], rows: &[u32], nothing: &T) -> Vec<T> {
            rows.iter().map(|row| items.get(*row as usize).unwrap_or(nothing).clone()).collect()
        }
        match self {
            Data::Bool(items) => Data::Bool(pick(items, rows, &NULL_BOOL)),
            Data::Number(items) => Data::Number(pick(items, rows, &NULL_NUMBER)),
            Data::Real(items) => Data::Real(pick(items, rows, &null_real())),
            Data::Decimal(items) => Data::Decimal(pick(items, rows, &Decimal::NULL)),
            Data::String(items) => Data::String(pick(items, rows, &EMPTY)),
            Data::Guid(items) => Data::Guid(pick(items, rows, &NULL_GUID)),
            Data::Dynamic(items) => Data::Dynamic(pick(items, rows, &Dynamic::Null)),
        }
    }

    /// Appends one value of another column of the same kind; of another kind, nothing.
    pub(crate) fn push_from(&mut self, other: &Data, row: usize) {
        match (self, other) {
            (Data::Bool(items), Data::Bool(more)) => items.push(more[row]),
            (Data::Number(items), Data::Number(more)) => items.push(more[row]),
            (Data::Real(items), Data::Real(more)) => items.push(more[row]),
            (Data::Decimal(items), Data::Decimal(more)) => items.push(more[row]),
            (Data::String(items), Data::String(more)) => items.push(more[row]),
            (Data::Guid(items), Data::Guid(more)) => items.push(more[row]),
            (Data::Dynamic(items), Data::Dynamic(more)) => items.push(more[row].clone()),
            (data, _) => data.push_nothing(),
        }
    }

    /// One value as a function's argument.
    pub(crate) fn arg<'a>(&'a self, ty: Type, row: usize, pool: &'a QueryPool) -> Arg<'a> {
        match self {
            Data::String(items) => Arg::Text(pool.get(items[row])),
            Data::Number(items) => match (items[row], ty) {
                (NULL_NUMBER, _) => Arg::Null,
                (ticks, Type::DateTime) => Arg::DateTime(ticks),
                (ticks, Type::Timespan) => Arg::Timespan(ticks),
                (value, _) => Arg::Long(value),
            },
            Data::Bool(items) => match items[row] {
                NULL_BOOL => Arg::Null,
                value => Arg::Bool(value == 1),
            },
            Data::Real(items) if is_null_real(items[row]) => Arg::Null,
            Data::Real(items) => Arg::Real(items[row]),
            Data::Decimal(items) if items[row].is_null() => Arg::Null,
            Data::Decimal(items) => Arg::Decimal(items[row]),
            Data::Guid(items) if items[row] == NULL_GUID => Arg::Null,
            Data::Guid(items) => Arg::Guid(items[row]),
            Data::Dynamic(items) if items[row].is_null() => Arg::Null,
            Data::Dynamic(items) => Arg::Dynamic(&items[row]),
        }
    }

    /// Appends the first `count` values of another column of the same kind; of another kind, nothings.
    pub(crate) fn extend_from(&mut self, other: &Data, count: usize) {
        match (self, other) {
            (Data::Bool(items), Data::Bool(more)) => items.extend_from_slice(&more[..count]),
            (Data::Number(items), Data::Number(more)) => items.extend_from_slice(&more[..count]),
            (Data::Real(items), Data::Real(more)) => items.extend_from_slice(&more[..count]),
            (Data::Decimal(items), Data::Decimal(more)) => items.extend_from_slice(&more[..count]),
            (Data::String(items), Data::String(more)) => items.extend_from_slice(&more[..count]),
            (Data::Guid(items), Data::Guid(more)) => items.extend_from_slice(&more[..count]),
            (Data::Dynamic(items), Data::Dynamic(more)) => items.extend_from_slice(&more[..count]),
            (data, _) => (0..count).for_each(|_| data.push_nothing()),
        }
    }
}
