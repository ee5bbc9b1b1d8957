//! `== != < <= > >= between` over columns; equality is total, the others keep null (rule 5).

use std::cmp::Ordering;
use std::rc::Rc;

use crate::ast::BinaryOp;
use crate::data::Data;
use crate::error::Outcome;
use crate::functions::Arg;
use crate::plan::Node;
use crate::types::Type;
use crate::value::{NULL_BOOL, NULL_NUMBER, Value};

use super::env::Env;
use super::eval::{TICK_ROWS, Vector};
use super::frame::Frame;

impl Env<'_> {
    pub(super) fn compare(
        &mut self,
        op: BinaryOp,
        left: &Node,
        right: &Node,
        frame: &Frame,
    ) -> Outcome<Vector> {
        let (a, b) = (self.eval(left, frame)?, self.eval(right, frame)?);
        let rows = frame.rows;
        if let (Vector::Constant(a), Vector::Constant(b)) = (&a, &b) {
            let value = decide(op, Arg::of(a), Arg::of(b));
            return Ok(Vector::Constant(value.map_or(Value::Null, Value::Bool)));
        }
        if left.ty == Type::String
            && right.ty == Type::String
            && let Some(data) = self.equal_ids(op, &a, &b, rows)
        {
            return Ok(Vector::Data(Rc::new(data)));
        }
        if let Some(data) = numbers(op, &a, &b, rows) {
            return Ok(Vector::Data(Rc::new(data)));
        }
        let mut out = Vec::with_capacity(rows);
        for row in 0..rows {
            if row % TICK_ROWS == 0 {
                self.tick()?;
            }
            let pair = (a.arg(left.ty, row, &self.pool), b.arg(right.ty, row, &self.pool));
            match (pair.0.size(), pair.1.size()) {
                (Some(a), Some(b)) => self.work(a + b)?,
                // Two dynamics are written out to be compared.
                (None, None) => self.tick()?,
                _ => {}
            }
            out.push(flag(decide(op, pair.0, pair.1)));
        }
        Ok(Vector::Data(Rc::new(Data::Bool(out))))
    }

    /// Equality of strings is equality of their numbers.
    fn equal_ids(&self, op: BinaryOp, a: &Vector, b: &Vector, rows: usize) -> Option<Data> {
        let want = op == BinaryOp::Equal;
        let bit = |equal: bool| u8::from(equal == want);
        match (a, b) {
            (Vector::Data(a), Vector::Data(b)) => match (&**a, &**b) {
                (Data::String(a), Data::String(b)) => {
                    Some(Data::Bool(a.iter().zip(b).map(|(a, b)| bit(a == b)).collect()))
                }
                _ => None,
            },
            (Vector::Data(data), Vector::Constant(Value::String(text)))
            | (Vector::Constant(Value::String(text)), Vector::Data(data)) => match &**data {
                Data::String(ids) => Some(Data::Bool(match self.pool.find(text) {
                    Some(wanted) => ids.iter().map(|id| bit(*id == wanted)).collect(),
                    None => vec![bit(false); rows],
                })),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn between(
        &mut self,
        value: &Node,
        low: &Node,
        high: &Node,
        negated: bool,
        frame: &Frame,
    ) -> Outcome<Vector> {
        let vectors = [self.eval(value, frame)?, self.eval(low, frame)?, self.eval(high, frame)?];
        let types = [value.ty, low.ty, high.ty];
        self.map(&vectors, &types, Type::Bool, frame.rows, false, &move |_, args| {
            let above = decide(BinaryOp::GreaterEqual, args[0], args[1]);
            let below = decide(BinaryOp::LessEqual, args[0], args[2]);
            match (above, below) {
                (Some(false), _) | (_, Some(false)) => Value::Bool(negated),
                (Some(true), Some(true)) => Value::Bool(!negated),
                _ => Value::Null,
            }
        })
    }
}

fn flag(value: Option<bool>) -> u8 {
    value.map_or(NULL_BOOL, u8::from)
}

/// One comparison; `None` is null.
pub(super) fn decide(op: BinaryOp, a: Arg<'_>, b: Arg<'_>) -> Option<bool> {
    let unwrap = |arg| match arg {
        Arg::Dynamic(value) => Arg::of_dynamic(value),
        other => other,
    };
    let (a, b) = (unwrap(a), unwrap(b));
    match op {
        BinaryOp::Equal | BinaryOp::NotEqual => {
            let equal = match (a.is_null(), b.is_null()) {
                (true, true) => return None,
                // A string is never null: beside a dynamic null it is compared as nothing.
                (true, false) | (false, true) => matches!(a, Arg::Text("")) || matches!(b, Arg::Text("")),
                (false, false) => equal(a, b),
            };
            Some(equal == (op == BinaryOp::Equal))
        }
        _ => {
            let Some(order) = order(a, b) else {
                // What is no number is neither less nor greater than another, and not as large as itself.
                return (a.real().is_some() && b.real().is_some()).then_some(false);
            };
            Some(match op {
                BinaryOp::Less => order == Ordering::Less,
                BinaryOp::LessEqual => order != Ordering::Greater,
                BinaryOp::Greater => order == Ordering::Greater,
                _ => order != Ordering::Less,
            })
        }
    }
}

fn equal(a: Arg<'_>, b: Arg<'_>) -> bool {
    match (a, b) {
        (Arg::Text(a), Arg::Text(b)) => a == b,
        (Arg::Bool(a), Arg::Bool(b)) => a == b,
        (Arg::Guid(a), Arg::Guid(b)) => a == b,
        (Arg::Dynamic(a), Arg::Dynamic(b)) => a.to_json_text() == b.to_json_text(),
        // Beside text, what a dynamic holds counts as its text.
        (Arg::Text(text), other) | (other, Arg::Text(text)) => *other.shown() == *text,
        (Arg::Bool(a), other) | (other, Arg::Bool(a)) => other.long() == Some(i64::from(a)),
        _ => order(a, b) == Some(Ordering::Equal),
    }
}

fn order(a: Arg<'_>, b: Arg<'_>) -> Option<Ordering> {
    match (a, b) {
        (Arg::Long(a), Arg::Long(b))
        | (Arg::DateTime(a), Arg::DateTime(b))
        | (Arg::Timespan(a), Arg::Timespan(b)) => Some(a.cmp(&b)),
        (Arg::Text(a), Arg::Text(b)) => Some(a.cmp(b)),
        (Arg::Decimal(_), _) | (_, Arg::Decimal(_)) => Some(a.decimal()?.cmp(&b.decimal()?)),
        _ => a.real()?.partial_cmp(&b.real()?),
    }
}

/// Columns of whole numbers, instants or spans of one type against each other or a constant.
fn numbers(op: BinaryOp, a: &Vector, b: &Vector, rows: usize) -> Option<Data> {
    fn constant(vector: &Vector) -> Option<i64> {
        match vector {
            Vector::Constant(Value::Long(value) | Value::DateTime(value) | Value::Timespan(value)) => {
                Some(*value)
            }
            _ => None,
        }
    }
    fn items(vector: &Vector) -> Option<&[i64]> {
        match vector {
            Vector::Data(data) => match &**data {
                Data::Number(items) => Some(items),
                _ => None,
            },
            Vector::Constant(_) => None,
        }
    }
    let one = move |a: i64, b: i64| -> u8 {
        let nulls = u8::from(a == NULL_NUMBER) + u8::from(b == NULL_NUMBER);
        if nulls > 0 {
            return match op {
                BinaryOp::Equal if nulls == 1 => 0,
                BinaryOp::NotEqual if nulls == 1 => 1,
                _ => NULL_BOOL,
            };
        }
        u8::from(match op {
            BinaryOp::Equal => a == b,
            BinaryOp::NotEqual => a != b,
            BinaryOp::Less => a < b,
            BinaryOp::LessEqual => a <= b,
            BinaryOp::Greater => a > b,
            _ => a >= b,
        })
    };
    let list: Vec<u8> = match (items(a), items(b), constant(a), constant(b)) {
        (Some(a), Some(b), ..) => a.iter().zip(b).map(|(a, b)| one(*a, *b)).collect(),
        (Some(a), _, _, Some(b)) => a.iter().map(|a| one(*a, b)).collect(),
        (_, Some(b), Some(a), _) => b.iter().map(|b| one(a, *b)).collect(),
        _ => return None,
    };
    debug_assert_eq!(list.len(), rows);
    Some(Data::Bool(list))
}
