//! The steps of a plan, one after another.

use std::rc::Rc;

use crate::ast::BinaryOp;
use crate::data::Data;
use crate::error::{Fault, Outcome};
use crate::plan::{Aggregation, Node, NodeKind, Output, Step, StepKind};
use crate::value::Value;

use super::env::Env;
use super::frame::{Frame, Lazy};
use super::group::{Groups, number};

/// Frames hold fewer rows than this, so that a row's number fits 32 bits.
const MAX_ROWS: usize = 1 << 31;

impl Env<'_> {
    pub(super) fn step(&mut self, frame: Frame, step: &Step) -> Outcome<Frame> {
        if frame.rows >= MAX_ROWS {
            return Err(Fault::new(step.span, "the query makes too many rows"));
        }
        self.afford(passing_bytes(&step.kind).saturating_mul(frame.rows))?;
        match &step.kind {
            StepKind::Filter(condition) => self.filter(frame, condition),
            StepKind::Compute(outputs) => self.compute(&frame, outputs),
            StepKind::Summarize { keys, aggregates } => self.summarize(&frame, keys, aggregates),
            StepKind::Sort(keys) => {
                let order = self.order(&frame, keys)?;
                Ok(frame.select(order))
            }
            StepKind::Top(count, key) => {
                let count = self.count_of(count)?;
                let order = self.top(&frame, std::slice::from_ref(&**key), count)?;
                Ok(frame.select(order))
            }
            StepKind::Take(count) => {
                let count = self.count_of(count)?;
                Ok(frame.head(count))
            }
            StepKind::Count => {
                let count = i64::try_from(frame.rows).unwrap_or(i64::MAX);
                Ok(Frame::of(1, vec![Data::Number(vec![count])]))
            }
            StepKind::Join(join) => self.join(&frame, join),
            StepKind::Expand(expand) => Ok(self.expanded(&frame, expand)?.0),
            StepKind::Parse(parse) => self.parse(frame, parse),
            StepKind::Series(series) => self.series(&frame, series),
            StepKind::Apply(apply) => Ok(self.apply(&frame, apply)?.0),
            StepKind::Partition(partition) => self.partition(&frame, partition),
            StepKind::TopNested(levels) => self.top_nested(&frame, levels),
            StepKind::KeyValues(step) => self.key_values(frame, step),
            StepKind::Scan(scan) => self.scan(&frame, scan),
            StepKind::Pivot(pivot) => self.pivot(&frame, pivot),
            StepKind::Consume => Ok(Frame::of(0, Vec::new())),
            StepKind::Replace(cells) => {
                use crate::types::Type::{Long, String};
                Ok(self.literal(cells, &[String, Long, String, String]))
            }
        }
    }

    /// Keeps the rows of which the condition is true. The terms of an `and` are tried one after another, each on
    /// what the ones before have left.
    pub(super) fn filter(&mut self, frame: Frame, condition: &Node) -> Outcome<Frame> {
        if let NodeKind::And(terms) = &condition.kind {
            let has_window = terms.iter().any(|term| !term.is_row_wise());
            if !has_window {
                return terms.iter().try_fold(frame, |frame, term| self.filter(frame, term));
            }
        }
        if let Some(rows) = self.stored_rows(&frame, condition)? {
            return Ok(if rows.len() == frame.rows { frame } else { frame.select(rows) });
        }
        let kept: Vec<u32> = match self.eval(condition, &frame)? {
            super::eval::Vector::Constant(Value::Bool(true)) => return Ok(frame),
            super::eval::Vector::Constant(_) => Vec::new(),
            super::eval::Vector::Data(data) => match &*data {
                Data::Bool(items) => {
                    (0..).zip(items).filter(|(_, item)| **item == 1).map(|(row, _)| row).collect()
                }
                _ => Vec::new(),
            },
        };
        if kept.len() == frame.rows {
            return Ok(frame);
        }
        Ok(frame.select(kept))
    }

    /// The rows of a stored table whose number, instant or span compares so with a constant, found without reading
    /// chunks that can hold none; none when the condition is another one.
    fn stored_rows(&mut self, frame: &Frame, condition: &Node) -> Outcome<Option<Vec<u32>>> {
        let NodeKind::Compare(op, left, right) = &condition.kind else { return Ok(None) };
        let NodeKind::Column(column) = left.kind else { return Ok(None) };
        if left.ty != right.ty || !right.is_constant() || frame.stored_column(column).is_none() {
            return Ok(None);
        }
        let bound = self.constant(right, &Frame { rows: 1, columns: Vec::new() })?;
        let (Value::Long(bound) | Value::DateTime(bound) | Value::Timespan(bound)) = bound else {
            return Ok(None);
        };
        let range = match op {
            BinaryOp::Equal => bound..=bound,
            BinaryOp::GreaterEqual => bound..=i64::MAX,
            BinaryOp::LessEqual => i64::MIN..=bound,
            BinaryOp::Greater if bound < i64::MAX => bound + 1..=i64::MAX,
            BinaryOp::Less if bound > i64::MIN => i64::MIN..=bound - 1,
            _ => return Ok(None),
        };
        Ok(frame.stored_column(column).map(|(table, column)| table.rows_in(column, &range).0))
    }

    pub(super) fn compute(&mut self, frame: &Frame, outputs: &[Output]) -> Outcome<Frame> {
        let new = outputs.iter().filter(|output| matches!(output, Output::Node(_))).count();
        self.charge(new.saturating_mul(frame.rows).saturating_mul(size_of::<i64>()))?;
        let mut columns = Vec::with_capacity(outputs.len());
        for output in outputs {
            columns.push(match output {
                Output::Keep(index) => frame.columns[*index].clone(),
                Output::Node(Node { kind: NodeKind::Column(index), .. }) if *index < frame.columns.len() => {
                    frame.columns[*index].clone()
                }
                Output::Node(node) => match self.text_lists(node, frame)? {
                    Some(lists) => Lazy::of_lists(lists),
                    None => Lazy::of(self.column(node, frame)?),
                },
            });
        }
        Ok(Frame { rows: frame.rows, columns })
    }

    pub(super) fn count_of(&mut self, node: &Node) -> Outcome<usize> {
        let none = Frame { rows: 1, columns: Vec::new() };
        match self.constant(node, &none)? {
            Value::Long(count) => Ok(usize::try_from(count).unwrap_or(0)),
            _ => Ok(0),
        }
    }

    fn summarize(&mut self, frame: &Frame, keys: &[Node], aggregates: &[Aggregation]) -> Outcome<Frame> {
        let mut key_data: Vec<Rc<Data>> = Vec::new();
        for key in keys {
            key_data.push(self.column(key, frame)?);
        }
        let groups = if keys.is_empty() {
            if aggregates.is_empty() {
                return Ok(Frame { rows: frame.rows.min(1), columns: Vec::new() });
            }
            Groups::one(frame.rows)
        } else {
            let keys: Vec<&Data> = key_data.iter().map(|data| &**data).collect();
            self.groups(&keys, frame.rows)?
        };
        self.summarize_groups(frame, &key_data, &groups, aggregates)
    }

    /// The keys and the aggregates of each group.
    pub(super) fn summarize_groups(
        &mut self,
        frame: &Frame,
        key_data: &[Rc<Data>],
        groups: &Groups,
        aggregates: &[Aggregation],
    ) -> Outcome<Frame> {
        let mut columns: Vec<Lazy> =
            key_data.iter().map(|data| Lazy::of(Rc::new(data.gather(&groups.first_rows)))).collect();
        for aggregation in aggregates {
            if let Some(lists) = self.aggregated_lists(aggregation, frame, groups)? {
                columns.push(Lazy::of_lists(lists));
                continue;
            }
            for data in self.aggregate(aggregation, frame, groups)? {
                columns.push(Lazy::of(Rc::new(data)));
            }
        }
        Ok(Frame { rows: groups.count(), columns })
    }

    /// Rows at those places.
    pub(super) fn rows_at(places: impl Iterator<Item = usize>) -> Vec<u32> {
        places.map(number).collect()
    }
}

/// About how many bytes a step takes for each row while it works: the numbers of rows, of groups and of ranks.
fn passing_bytes(kind: &StepKind) -> usize {
    match kind {
        StepKind::Filter(_) => 8,
        StepKind::Summarize { keys, aggregates } => 56 * keys.len() + 16 * aggregates.len(),
        StepKind::Sort(keys) => 8 + 24 * keys.len(),
        StepKind::Top(..) => 32,
        StepKind::Join(_) => 64,
        _ => 0,
    }
}
