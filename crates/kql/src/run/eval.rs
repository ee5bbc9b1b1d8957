//! Expressions over a frame: a whole column at a time, once for constants, once per distinct string where it pays.

use std::rc::Rc;

use crate::convert::convert_arg;
use crate::data::Data;
use crate::dynamic::Dynamic;
use crate::error::{Fault, Outcome};
use crate::functions::{Arg, Call};
use crate::plan::{Node, NodeKind};
use crate::pool::QueryPool;
use crate::types::Type;
use crate::value::{NULL_BOOL, Value, to_dynamic};

use super::env::Env;
use super::frame::Frame;
use super::made::Made;

/// The values of an expression: one for all rows, or one each.
#[derive(Clone)]
pub(super) enum Vector {
    Constant(Value),
    Data(Rc<Data>),
}

/// Rows between two looks at the clock.
pub(super) const TICK_ROWS: usize = 4_096;

/// From this many rows on it pays to look for repeated strings.
pub(super) const DISTINCT_ROWS: usize = 256;

impl Vector {
    pub(super) fn data(self, ty: Type, rows: usize, pool: &mut QueryPool) -> Rc<Data> {
        match self {
            Vector::Data(data) => data,
            Vector::Constant(value) => Rc::new(Data::repeat(ty, &value, rows, pool)),
        }
    }

    pub(super) fn arg<'a>(&'a self, ty: Type, row: usize, pool: &'a QueryPool) -> Arg<'a> {
        match self {
            Vector::Constant(value) => Arg::of(value),
            Vector::Data(data) => data.arg(ty, row, pool),
        }
    }

    pub(super) fn boolean(&self, row: usize) -> u8 {
        match self {
            Vector::Constant(Value::Bool(value)) => u8::from(*value),
            Vector::Data(data) => match &**data {
                Data::Bool(items) => items[row],
                _ => NULL_BOOL,
            },
            Vector::Constant(_) => NULL_BOOL,
        }
    }
}

impl Env<'_> {
    /// The values of an expression as a column.
    pub(super) fn column(&mut self, node: &Node, frame: &Frame) -> Outcome<Rc<Data>> {
        let vector = self.eval(node, frame)?;
        Ok(vector.data(node.ty, frame.rows, &mut self.pool))
    }

    /// The value of an expression that is the same for all rows.
    pub(super) fn constant(&mut self, node: &Node, frame: &Frame) -> Outcome<Value> {
        match self.eval(node, frame)? {
            Vector::Constant(value) => Ok(value),
            Vector::Data(data) if data.len() > 0 => Ok(data.value(node.ty, 0, &self.pool)),
            Vector::Data(_) => Ok(Value::Null),
        }
    }

    pub(super) fn eval(&mut self, node: &Node, frame: &Frame) -> Outcome<Vector> {
        self.tick()?;
        match &node.kind {
            NodeKind::Constant(value) => Ok(Vector::Constant(value.clone())),
            NodeKind::Column(index) if *index < frame.columns.len() => {
                Ok(Vector::Data(frame.data(*index, &self.pool)))
            }
            NodeKind::Column(_) => {
                Err(Fault::new(node.span, "this value depends on a row and cannot stand here"))
            }
            NodeKind::Now => Ok(Vector::Constant(Value::DateTime(self.now))),
            NodeKind::Shared(shared) => {
                if let Some(value) = self.scalars.get(&shared.id) {
                    return Ok(Vector::Constant(value.clone()));
                }
                let none = Frame { rows: 1, columns: Vec::new() };
                let value = self.constant(&shared.node, &none)?;
                self.scalars.insert(shared.id, value.clone());
                Ok(Vector::Constant(value))
            }
            NodeKind::FirstCell(shared) => {
                let span = self.span;
                let table = self.shared_table(shared)?;
                self.span = span;
                let value = match table.rows {
                    0 if node.ty == Type::String => Value::text(""),
                    0 => Value::Null,
                    _ => table.data(0, &self.pool).value(node.ty, 0, &self.pool),
                };
                Ok(Vector::Constant(value))
            }
            NodeKind::Call(function, nodes) => {
                if let Some(listed) = function.listed
                    && let Some(vector) = self.of_lists((listed, function.run), nodes, frame)?
                {
                    return Ok(vector);
                }
                let vectors = self.all(nodes, frame)?;
                if let Some(data) = self.remembered(function, node.ty, &vectors)? {
                    return Ok(Vector::Data(Rc::new(data)));
                }
                let types: Vec<Type> = nodes.iter().map(|node| node.ty).collect();
                let run = function.run;
                let is_volatile = function.is_volatile;
                self.map(&vectors, &types, node.ty, frame.rows, is_volatile, &|call, args| run(call, args))
            }
            NodeKind::Convert(inner) => {
                let vectors = [self.eval(inner, frame)?];
                let ty = node.ty;
                if let Some(data) = number_to_real(&vectors[0], inner.ty, ty) {
                    return Ok(Vector::Data(Rc::new(data)));
                }
                self.map(&vectors, &[inner.ty], ty, frame.rows, false, &move |_, args| {
                    convert_arg(args[0], ty)
                })
            }
            NodeKind::Member(inner, name) => {
                let vectors = [self.eval(inner, frame)?];
                self.map(&vectors, &[inner.ty], Type::Dynamic, frame.rows, false, &|_, args| {
                    member(args[0], name)
                })
            }
            NodeKind::Index(inner, index) => {
                let vectors = [self.eval(inner, frame)?, self.eval(index, frame)?];
                let types = [inner.ty, index.ty];
                self.map(&vectors, &types, Type::Dynamic, frame.rows, false, &|_, args| {
                    element(args[0], args[1])
                })
            }
            NodeKind::Arithmetic(op, left, right) => self.arithmetic(*op, left, right, node.ty, frame),
            NodeKind::Negate(inner) => self.negate(inner, node.ty, frame),
            NodeKind::Compare(op, left, right) => self.compare(*op, left, right, frame),
            NodeKind::Between { value, low, high, negated } => {
                self.between(value, low, high, *negated, frame)
            }
            NodeKind::Text(op, left, right) => self.text(*op, left, right, frame),
            NodeKind::HasMany { all, value, list, table } => {
                self.has_many(*all, value, list, table.as_deref(), frame)
            }
            NodeKind::In { value, list, table, ignore_case, negated } => {
                self.is_in(value, list, table.as_deref(), *ignore_case, *negated, frame)
            }
            NodeKind::And(terms) => self.chain(terms, 0, frame),
            NodeKind::Or(terms) => self.chain(terms, 1, frame),
            NodeKind::Not(inner) => {
                let inner = self.eval(inner, frame)?;
                Ok(Vector::Data(Rc::new(Data::Bool(
                    (0..frame.rows)
                        .map(|row| match inner.boolean(row) {
                            NULL_BOOL => NULL_BOOL,
                            value => 1 - value,
                        })
                        .collect(),
                ))))
            }
            NodeKind::Case(branches, rest) => self.case(branches, rest, node.ty, frame),
            NodeKind::Coalesce(nodes) => self.coalesce(nodes, node.ty, frame),
            NodeKind::Window(window, nodes) => self.window(*window, nodes, node.ty, frame),
        }
    }

    pub(super) fn all(&mut self, nodes: &[Node], frame: &Frame) -> Outcome<Vec<Vector>> {
        nodes.iter().map(|node| self.eval(node, frame)).collect()
    }

    /// Runs a function of one row over all rows: once when all arguments are constants, once per distinct string
    /// when that is all it depends on.
    pub(super) fn map(
        &mut self,
        vectors: &[Vector],
        types: &[Type],
        ty: Type,
        rows: usize,
        is_volatile: bool,
        run: &dyn Fn(&Call<'_>, &[Arg<'_>]) -> Value,
    ) -> Outcome<Vector> {
        let mut varying = vectors.iter().enumerate().filter_map(|(index, vector)| match vector {
            Vector::Data(data) => Some((index, Rc::clone(data))),
            Vector::Constant(_) => None,
        });
        let (first, second) = (varying.next(), varying.next());
        drop(varying);
        match (first, second) {
            (None, _) if !is_volatile => {
                let data = self.map_rows(vectors, types, ty, 1, run)?;
                Ok(Vector::Constant(data.value(ty, 0, &self.pool)))
            }
            (Some((index, data)), None) if rows >= DISTINCT_ROWS && !is_volatile => {
                if let Data::String(ids) = &*data {
                    let (distinct, places) = self.distinct_ids(ids);
                    if distinct.len() < rows / 2 {
                        let count = distinct.len();
                        let mut few = vectors.to_vec();
                        few[index] = Vector::Data(Rc::new(Data::String(distinct)));
                        let mapped = self.map_rows(&few, types, ty, count, run)?;
                        return Ok(Vector::Data(Rc::new(mapped.gather(&places))));
                    }
                }
                self.map_rows(vectors, types, ty, rows, run).map(|data| Vector::Data(Rc::new(data)))
            }
            _ => self.map_rows(vectors, types, ty, rows, run).map(|data| Vector::Data(Rc::new(data))),
        }
    }

    /// The distinct numbers, and for each row the place of its own among them.
    fn distinct_ids(&self, ids: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let mut place_of = vec![u32::MAX; self.pool.len()];
        let mut distinct = Vec::new();
        let mut places = Vec::with_capacity(ids.len());
        for id in ids {
            let place = &mut place_of[*id as usize];
            if *place == u32::MAX {
                *place = u32::try_from(distinct.len()).unwrap_or(0);
                distinct.push(*id);
            }
            places.push(*place);
        }
        (distinct, places)
    }

    pub(super) fn map_rows(
        &mut self,
        vectors: &[Vector],
        types: &[Type],
        ty: Type,
        rows: usize,
        run: &dyn Fn(&Call<'_>, &[Arg<'_>]) -> Value,
    ) -> Outcome<Data> {
        self.afford(rows.saturating_mul(size_of::<i64>()))?;
        let mut out = Made::with_capacity(ty, rows);
        // What the values take; what texts take is counted by the pool, once for equal ones.
        let (mut bytes, mut texts) = (0, 0);
        for row in 0..rows {
            let value = {
                let pool = &self.pool;
                let call = Call { ty, state: &self.state };
                let arg = |index: usize| vectors[index].arg(types[index], row, pool);
                match (0..vectors.len()).try_fold(0, |sum, index| Some(sum + arg(index).size()?)) {
                    Some(size) => self.work(size)?,
                    None => self.afford_lists(vectors.len(), &arg)?,
                }
                match vectors.len() {
                    1 => run(&call, &[arg(0)]),
                    2 => run(&call, &[arg(0), arg(1)]),
                    3 => run(&call, &[arg(0), arg(1), arg(2)]),
                    count => run(&call, &(0..count).map(arg).collect::<Vec<_>>()),
                }
            };
            self.finished()?;
            match &value {
                Value::Dynamic(value) => {
                    bytes += value.own_bytes();
                    self.bounded(value)?;
                }
                Value::String(text) => texts += text.len(),
                _ => {}
            }
            let known = same_text(vectors, row, &value, &self.pool);
            out.push(value, known, &mut self.pool);
            if row % TICK_ROWS == 0 || bytes + texts > 1 << 20 {
                out.settle(&mut self.pool);
                self.charge(bytes)?;
                (bytes, texts) = (0, 0);
            }
        }
        let out = out.end(&mut self.pool);
        self.charge(bytes)?;
        Ok(out)
    }

    /// `and` (stop = 0) or `or` (stop = 1): the stop value wins, then null, then the other.
    fn chain(&mut self, terms: &[Node], stop: u8, frame: &Frame) -> Outcome<Vector> {
        let mut result = vec![1 - stop; frame.rows];
        for term in terms {
            let term = self.eval(term, frame)?;
            let mut is_decided = true;
            for (row, cell) in result.iter_mut().enumerate() {
                let value = term.boolean(row);
                if value == stop {
                    *cell = stop;
                } else if value == NULL_BOOL && *cell != stop {
                    *cell = NULL_BOOL;
                }
                is_decided &= *cell == stop;
            }
            if is_decided {
                break;
            }
        }
        Ok(Vector::Data(Rc::new(Data::Bool(result))))
    }
}

/// The number of a text that a function gave back as it was, such as a name that is in lower case already.
fn same_text(vectors: &[Vector], row: usize, value: &Value, pool: &QueryPool) -> Option<u32> {
    let (Value::String(text), Some(Vector::Data(data))) = (value, vectors.first()) else { return None };
    let Data::String(ids) = &**data else { return None };
    Some(ids[row]).filter(|id| *pool.get(*id) == **text)
}

/// Whole numbers as reals, without a detour.
fn number_to_real(vector: &Vector, from: Type, to: Type) -> Option<Data> {
    match vector {
        Vector::Data(data) if to == Type::Real && from.is_integer() => data.to_reals(),
        _ => None,
    }
}

/// `value.name`.
fn member(value: Arg<'_>, name: &str) -> Value {
    match value {
        Arg::Dynamic(value) => value.member(name).map_or(Value::Null, |found| Value::dynamic(found.clone())),
        _ => Value::Null,
    }
}

/// `value[index]`: elements by number, members by name.
fn element(value: Arg<'_>, index: Arg<'_>) -> Value {
    let Arg::Dynamic(value) = value else { return Value::Null };
    let found = match index {
        Arg::Long(index) => value.element(index),
        Arg::Dynamic(Dynamic::Long(index)) => value.element(*index),
        other => other.text().and_then(|name| value.member(name)),
    };
    found.map_or(Value::Null, |found| Value::dynamic(found.clone()))
}

/// A cell inside a dynamic.
pub(super) fn dynamic_cell(data: &Data, ty: Type, row: usize, pool: &QueryPool) -> Dynamic {
    match data {
        Data::Dynamic(items) => items[row].clone(),
        other => to_dynamic(&other.value(ty, row, pool)),
    }
}
