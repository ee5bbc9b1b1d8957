//! `== != < <= > >= between in` over columns; equality is total, the others keep null (rule 5).

use std::cmp::Ordering;
use std::collections::HashSet;
use std::rc::Rc;

use crate::ast::BinaryOp;
use crate::data::Data;
use crate::decimal::Decimal;
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::functions::Arg;
use crate::plan::{Node, SharedTable};
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

    pub(super) fn is_in(
        &mut self,
        value: &Node,
        list: &[Node],
        table: Option<&SharedTable>,
        ignore_case: bool,
        negated: bool,
        frame: &Frame,
    ) -> Outcome<Vector> {
        let vector = self.eval(value, frame)?;
        let mut wanted = Wanted { ignore_case, ..Wanted::default() };
        let mut varying = Vec::new();
        if let Some(table) = table {
            let rows = self.shared_table(table)?;
            let data = rows.data(0, &self.pool);
            let ty = table.plan.columns[0].ty;
            for row in 0..rows.rows {
                if row % TICK_ROWS == 0 {
                    self.tick()?;
                }
                wanted.add(data.arg(ty, row, &self.pool));
            }
        }
        for node in list {
            match self.eval(node, frame)? {
                Vector::Constant(constant) => wanted.add(Arg::of(&constant)),
                data => varying.push((data, node.ty)),
            }
        }
        if varying.is_empty() {
            return self.map(&[vector], &[value.ty], Type::Bool, frame.rows, false, &|_, args| {
                Value::Bool(wanted.has(args[0]) != negated)
            });
        }
        let mut out = Vec::with_capacity(frame.rows);
        for row in 0..frame.rows {
            if row % TICK_ROWS == 0 {
                self.tick()?;
            }
            let left = vector.arg(value.ty, row, &self.pool);
            self.work(left.size().unwrap_or(0))?;
            let mut found = wanted.has(left);
            for (data, ty) in &varying {
                found = found || {
                    let mut one = Wanted { ignore_case, ..Wanted::default() };
                    one.add(data.arg(*ty, row, &self.pool));
                    one.has(left)
                };
            }
            out.push(u8::from(found != negated));
        }
        Ok(Vector::Data(Rc::new(Data::Bool(out))))
    }
}

/// The values of an `in` list, ready to be looked up.
#[derive(Default)]
struct Wanted {
    ignore_case: bool,
    texts: HashSet<String>,
    longs: HashSet<i64>,
    /// Reals and, as reals, whole numbers, by their bits.
    reals: HashSet<u64>,
    reals_of_longs: HashSet<u64>,
    decimals: HashSet<u128>,
    others: HashSet<(u8, i64)>,
    guids: HashSet<u128>,
}

/// The bits of a real, the same for both zeros.
fn bits(value: f64) -> u64 {
    if value == 0.0 { 0 } else { value.to_bits() }
}

impl Wanted {
    #[expect(clippy::cast_precision_loss, reason = "mixed numbers are compared as reals")]
    fn add(&mut self, arg: Arg<'_>) {
        match arg {
            Arg::Dynamic(Dynamic::Array(items)) => {
                for item in &**items {
                    self.add(Arg::of_dynamic(item));
                }
            }
            Arg::Dynamic(
                scalar @ (Dynamic::String(_) | Dynamic::Long(_) | Dynamic::Real(_) | Dynamic::Bool(_)),
            ) => {
                self.add(Arg::of_dynamic(scalar));
            }
            Arg::Text(text) if self.ignore_case => {
                self.texts.insert(text.to_lowercase());
            }
            Arg::Text(text) => {
                self.texts.insert(text.to_owned());
            }
            Arg::Long(value) => {
                self.longs.insert(value);
                self.reals_of_longs.insert(bits(value as f64));
            }
            // What is no number equals nothing.
            Arg::Real(value) if value.is_nan() => {}
            Arg::Real(value) => {
                self.reals.insert(bits(value));
            }
            Arg::Decimal(value) => {
                self.decimals.insert(value.key());
            }
            Arg::Bool(value) => {
                self.others.insert((0, i64::from(value)));
            }
            Arg::DateTime(ticks) => {
                self.others.insert((1, ticks));
            }
            Arg::Timespan(ticks) => {
                self.others.insert((2, ticks));
            }
            Arg::Guid(bits) => {
                self.guids.insert(bits);
                self.texts.insert(crate::value::guid_text(bits));
            }
            Arg::Null | Arg::Dynamic(_) => {}
        }
    }

    fn has_decimal(&self, value: Option<Decimal>) -> bool {
        value.is_some_and(|value| self.decimals.contains(&value.key()))
    }

    #[expect(clippy::cast_precision_loss, reason = "mixed numbers are compared as reals")]
    fn has(&self, arg: Arg<'_>) -> bool {
        match arg {
            Arg::Text(text) if self.ignore_case => self.texts.contains(&text.to_lowercase()),
            Arg::Text(text) => self.texts.contains(text),
            Arg::Long(value) => {
                self.longs.contains(&value)
                    || self.reals.contains(&bits(value as f64))
                    || self.has_decimal(Some(Decimal::of_long(value)))
            }
            Arg::Decimal(value) => {
                self.has_decimal(Some(value))
                    || self.longs.iter().any(|long| Decimal::of_long(*long) == value)
                    || self.reals.iter().any(|real| Decimal::of_real(f64::from_bits(*real)) == Some(value))
            }
            Arg::Real(value) => {
                self.reals.contains(&bits(value))
                    || self.reals_of_longs.contains(&bits(value))
                    || self.has_decimal(Decimal::of_real(value))
            }
            Arg::Bool(value) => {
                self.others.contains(&(0, i64::from(value))) || self.longs.contains(&i64::from(value))
            }
            Arg::DateTime(ticks) => self.others.contains(&(1, ticks)),
            Arg::Timespan(ticks) => self.others.contains(&(2, ticks)),
            Arg::Guid(bits) => self.guids.contains(&bits),
            Arg::Dynamic(Dynamic::Array(_) | Dynamic::Bag(_)) | Arg::Null => false,
            Arg::Dynamic(scalar) => self.has(Arg::of_dynamic(scalar)),
        }
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
