//! `mv-expand`: one row per element of arrays and bags.

use std::rc::Rc;

use crate::convert::convert_arg;
use crate::data::Data;
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::functions::Arg;
use crate::plan::Expand;
use crate::types::Type;
use crate::value::{NULL_NUMBER, Value};

use super::env::Env;
use super::eval::TICK_ROWS;
use super::frame::{Frame, Lazy};
use super::group::number;
use super::source::ROW_BYTES;

impl Env<'_> {
    /// The rows, and the row of the input that each comes from.
    pub(super) fn expanded(&mut self, frame: &Frame, expand: &Expand) -> Outcome<(Frame, Vec<u32>)> {
        let mut sources: Vec<Rc<Data>> = Vec::new();
        for (node, ..) in &expand.columns {
            sources.push(self.column(node, frame)?);
        }
        let limit = match &expand.limit {
            None => usize::MAX,
            Some(node) => match self.constant(node, &Frame { rows: 1, columns: Vec::new() })? {
                Value::Long(limit) => usize::try_from(limit).unwrap_or(0),
                _ => usize::MAX,
            },
        };
        let mut expanded: Vec<Data> =
            expand.columns.iter().map(|(_, _, ty)| Data::with_capacity(*ty, frame.rows)).collect();
        let mut rows: Vec<u32> = Vec::new();
        let mut indexes: Vec<i64> = Vec::new();
        let mut charged = 0;
        for row in 0..frame.rows {
            if row % TICK_ROWS == 0 || rows.len() - charged > TICK_ROWS * 16 {
                self.charge((rows.len() - charged) * ROW_BYTES)?;
                charged = rows.len();
            }
            let cells: Vec<&Dynamic> = sources.iter().map(|data| cell(data, row)).collect();
            let count = cells.iter().map(|cell| length(cell)).max().unwrap_or(0).min(limit);
            for index in 0..count {
                if index % TICK_ROWS == TICK_ROWS - 1 {
                    self.charge((rows.len() - charged) * ROW_BYTES)?;
                    charged = rows.len();
                }
                rows.push(number(row));
                if expand.with_index {
                    let is_null = cells.iter().all(|cell| cell.is_null());
                    indexes.push(if is_null { NULL_NUMBER } else { i64::try_from(index).unwrap_or(0) });
                }
                for ((cell, (_, _, ty)), out) in cells.iter().zip(&expand.columns).zip(&mut expanded) {
                    let item = item(cell, index, expand.bags_as_arrays);
                    let value =
                        if *ty == Type::Dynamic { Value::dynamic(item) } else { convert_item(&item, *ty) };
                    out.push(&value, &mut self.pool);
                }
            }
        }
        self.charge((rows.len() - charged) * ROW_BYTES)?;
        let count = rows.len();
        let mut columns = frame.select(rows.clone()).columns;
        for ((_, target, _), data) in expand.columns.iter().zip(expanded) {
            let column = Lazy::of(Rc::new(data));
            match columns.get_mut(*target) {
                Some(place) => *place = column,
                None => columns.push(column),
            }
        }
        if expand.with_index {
            columns.push(Lazy::of(Rc::new(Data::Number(indexes))));
        }
        Ok((Frame { rows: count, columns }, rows))
    }
}

/// An element as the type; null when it is of another kind: nothing is read out of texts but instants and ids.
fn convert_item(item: &Dynamic, ty: Type) -> Value {
    let fits = match ty {
        Type::Int | Type::Long | Type::Real | Type::Decimal => {
            matches!(item, Dynamic::Long(_) | Dynamic::Real(_))
        }
        Type::Bool => matches!(item, Dynamic::Bool(_) | Dynamic::Long(_)),
        Type::DateTime => matches!(item, Dynamic::DateTime(_) | Dynamic::String(_)),
        Type::Timespan => matches!(item, Dynamic::Timespan(_)),
        Type::Guid | Type::String | Type::Dynamic => true,
    };
    if fits { convert_arg(Arg::Dynamic(item), ty) } else { Value::Null }
}

fn cell(data: &Data, row: usize) -> &Dynamic {
    match data {
        Data::Dynamic(items) => &items[row],
        _ => &Dynamic::Null,
    }
}

/// How many rows a value makes: a null or a scalar makes one, an empty array none.
fn length(value: &Dynamic) -> usize {
    match value {
        Dynamic::Array(items) => items.len(),
        Dynamic::Bag(members) => members.len(),
        _ => 1,
    }
}

fn item(value: &Dynamic, index: usize, as_array: bool) -> Dynamic {
    match value {
        Dynamic::Array(items) => items.get(index).cloned().unwrap_or_default(),
        Dynamic::Bag(members) => match members.get(index) {
            Some((name, value)) if as_array => {
                Dynamic::Array([Dynamic::String(name.clone()), value.clone()].into())
            }
            Some(member) => Dynamic::Bag([member.clone()].into()),
            None => Dynamic::Null,
        },
        scalar if index == 0 => scalar.clone(),
        _ => Dynamic::Null,
    }
}
