//! `+ - * / %` over columns (rule 13).

use std::rc::Rc;

use crate::ast::BinaryOp;
use crate::convert::truncated;
use crate::data::Data;
use crate::decimal::Decimal;
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::functions::Arg;
use crate::plan::Node;
use crate::time::MAX_TICKS;
use crate::types::Type;
use crate::value::{NULL_NUMBER, Value, is_null_real, null_real, to_dynamic};

use super::env::Env;
use super::eval::Vector;
use super::frame::Frame;

impl Env<'_> {
    pub(super) fn arithmetic(
        &mut self,
        op: BinaryOp,
        left: &Node,
        right: &Node,
        ty: Type,
        frame: &Frame,
    ) -> Outcome<Vector> {
        let vectors = [self.eval(left, frame)?, self.eval(right, frame)?];
        let fast = match (&vectors[0], &vectors[1]) {
            (Vector::Constant(_), Vector::Constant(_)) => None,
            (a, b) => whole(op, a, b, frame.rows, ty).or_else(|| real(op, a, b, frame.rows, ty)),
        };
        if let Some(data) = fast {
            return Ok(Vector::Data(Rc::new(data)));
        }
        let types = [left.ty, right.ty];
        self.map(&vectors, &types, ty, frame.rows, false, &|_, args| compute(op, args[0], args[1], ty))
    }

    pub(super) fn negate(&mut self, inner: &Node, ty: Type, frame: &Frame) -> Outcome<Vector> {
        let vectors = [self.eval(inner, frame)?];
        self.map(&vectors, &[inner.ty], ty, frame.rows, false, &move |_, args| {
            compute(BinaryOp::Subtract, zero_like(args[0]), args[0], ty)
        })
    }
}

fn zero_like(arg: Arg<'_>) -> Arg<'static> {
    match arg {
        Arg::Timespan(_) | Arg::Dynamic(Dynamic::Timespan(_)) => Arg::Timespan(0),
        Arg::Real(_) | Arg::Dynamic(Dynamic::Real(_)) => Arg::Real(0.0),
        Arg::Decimal(_) => Arg::Decimal(Decimal::ZERO),
        _ => Arg::Long(0),
    }
}

/// Two columns of whole numbers, instants or spans whose ticks combine as numbers do.
fn whole(op: BinaryOp, a: &Vector, b: &Vector, rows: usize, ty: Type) -> Option<Data> {
    if matches!(ty, Type::Real | Type::Decimal)
        || !matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply)
    {
        return None;
    }
    let read = |vector: &Vector| -> Option<Box<dyn Fn(usize) -> i64>> {
        match vector {
            Vector::Constant(Value::Long(value) | Value::DateTime(value) | Value::Timespan(value)) => {
                let value = *value;
                Some(Box::new(move |_| value))
            }
            Vector::Data(data) => {
                let data = Rc::clone(data);
                matches!(&*data, Data::Number(_)).then(|| -> Box<dyn Fn(usize) -> i64> {
                    Box::new(move |row| match &*data {
                        Data::Number(items) => items[row],
                        _ => NULL_NUMBER,
                    })
                })
            }
            Vector::Constant(_) => None,
        }
    };
    let (a, b) = (read(a)?, read(b)?);
    let combine = |row| match (a(row), b(row)) {
        (NULL_NUMBER, _) | (_, NULL_NUMBER) => NULL_NUMBER,
        (a, b) => {
            let value = match op {
                BinaryOp::Add => a.wrapping_add(b),
                BinaryOp::Subtract => a.wrapping_sub(b),
                _ => a.wrapping_mul(b),
            };
            if ty == Type::DateTime && !(0..=MAX_TICKS).contains(&value) { NULL_NUMBER } else { value }
        }
    };
    Some(Data::Number((0..rows).map(combine).collect()))
}

fn real(op: BinaryOp, a: &Vector, b: &Vector, rows: usize, ty: Type) -> Option<Data> {
    let read = |vector: &Vector, row: usize| -> Option<f64> {
        match vector {
            Vector::Constant(Value::Real(value)) => Some(*value),
            Vector::Data(data) => match &**data {
                Data::Real(items) => Some(items[row]),
                _ => None,
            },
            Vector::Constant(_) => None,
        }
    };
    let is_real = |vector: &Vector| match vector {
        Vector::Constant(value) => matches!(value, Value::Real(_)),
        Vector::Data(data) => matches!(&**data, Data::Real(_)),
    };
    if ty != Type::Real || !is_real(a) || !is_real(b) {
        return None;
    }
    let combine = |row| match (read(a, row), read(b, row)) {
        (Some(a), Some(b)) if !is_null_real(a) && !is_null_real(b) => reals(op, a, b),
        _ => null_real(),
    };
    Some(Data::Real((0..rows).map(combine).collect()))
}

fn reals(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        _ => a.rem_euclid(b),
    }
}

fn decimals(op: BinaryOp, a: Decimal, b: Decimal) -> Option<Decimal> {
    match op {
        BinaryOp::Add => a.plus(b),
        BinaryOp::Subtract => a.minus(b),
        BinaryOp::Multiply => a.times(b),
        BinaryOp::Divide => a.over(b),
        _ => a.modulo(b),
    }
}

fn longs(op: BinaryOp, a: i64, b: i64) -> Option<i64> {
    match op {
        BinaryOp::Add => Some(a.wrapping_add(b)),
        BinaryOp::Subtract => Some(a.wrapping_sub(b)),
        BinaryOp::Multiply => Some(a.wrapping_mul(b)),
        BinaryOp::Divide => a.checked_div(b),
        _ => a.checked_rem_euclid(b),
    }
}

/// One operation on two values of any types; null when it has no answer.
#[expect(clippy::cast_precision_loss, reason = "spans are scaled by reals")]
fn compute(op: BinaryOp, a: Arg<'_>, b: Arg<'_>, ty: Type) -> Value {
    let unwrap = |arg| match arg {
        Arg::Dynamic(value) => Arg::of_dynamic(value),
        other => other,
    };
    let (a, b) = (unwrap(a), unwrap(b));
    let value = match (a, b) {
        (Arg::Long(a), Arg::Long(b)) => Value::or_null(longs(op, a, b), Value::Long),
        // The binder has made decimals of what stands beside one.
        (Arg::Decimal(a), Arg::Decimal(b)) => Value::or_null(decimals(op, a, b), Value::Decimal),
        (Arg::Timespan(a), Arg::Decimal(b)) | (Arg::Decimal(b), Arg::Timespan(a)) => {
            let ticks = decimals(op, Decimal::of_long(a), b).and_then(Decimal::to_long);
            Value::or_null(ticks, Value::Timespan)
        }
        (Arg::Real(_) | Arg::Long(_), Arg::Real(_) | Arg::Long(_)) => match (a.real(), b.real()) {
            (Some(a), Some(b)) => Value::Real(reals(op, a, b)),
            _ => Value::Null,
        },
        (Arg::Timespan(a), Arg::Timespan(b)) if op == BinaryOp::Divide => Value::Real(a as f64 / b as f64),
        (Arg::Timespan(a), Arg::Timespan(b)) => Value::or_null(longs(op, a, b), Value::Timespan),
        (Arg::DateTime(a), Arg::DateTime(b)) => Value::Timespan(a.wrapping_sub(b)),
        (Arg::DateTime(a), Arg::Timespan(b)) if op == BinaryOp::Modulo => {
            Value::or_null(longs(op, a, b), Value::Timespan)
        }
        (Arg::DateTime(a), Arg::Timespan(b)) if op == BinaryOp::Divide => Value::Real(a as f64 / b as f64),
        (Arg::DateTime(a), Arg::Timespan(b)) => instant(longs(op, a, b)),
        (Arg::Timespan(a), Arg::DateTime(b)) => instant(longs(op, a, b)),
        (Arg::Timespan(a), Arg::Long(b)) | (Arg::Long(b), Arg::Timespan(a)) => {
            Value::or_null(longs(op, a, b), Value::Timespan)
        }
        (Arg::Timespan(a), Arg::Real(b)) | (Arg::Real(b), Arg::Timespan(a)) => {
            Value::or_null(truncated(reals(op, a as f64, b)), Value::Timespan)
        }
        _ => Value::Null,
    };
    if ty == Type::Dynamic { Value::dynamic(to_dynamic(&value)) } else { value }
}

fn instant(ticks: Option<i64>) -> Value {
    Value::or_null(ticks.filter(|ticks| (0..=MAX_TICKS).contains(ticks)), Value::DateTime)
}
