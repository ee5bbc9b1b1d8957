//! The rows that a plan starts from.

use crate::data::Data;
use crate::error::{Fault, Outcome};
use crate::plan::{Node, Plan, PlanSource, UnionMember};
use crate::types::Type;
use crate::value::Value;

use super::env::Env;
use super::frame::Frame;

/// About how many bytes a row of a few columns takes.
pub(super) const ROW_BYTES: usize = 64;

impl Env<'_> {
    pub(super) fn source(&mut self, plan: &Plan) -> Outcome<Frame> {
        match &plan.source {
            PlanSource::Table(name) => self.stored(name),
            PlanSource::Shared(shared) => self.shared_table(shared),
            PlanSource::Row(nodes) => {
                let none = Frame { rows: 1, columns: Vec::new() };
                let mut columns = Vec::new();
                for node in nodes {
                    let value = self.eval(node, &none)?;
                    columns.push(value.data(node.ty, 1, &mut self.pool));
                }
                Ok(Frame { rows: 1, columns: columns.into_iter().map(super::frame::Lazy::of).collect() })
            }
            PlanSource::Literal(cells) => Ok(self.literal(cells, &plan.source_types)),
            PlanSource::Range(ends) => self.range(&ends[0], &ends[1], &ends[2]),
            PlanSource::Union(members) => self.union(members, plan),
        }
    }

    fn stored(&mut self, name: &str) -> Outcome<Frame> {
        let Some((_, table)) = self.database.find(name, false) else {
            return Err(Fault::new(self.span, format!("there is no table '{name}'")));
        };
        let frame = Frame::stored(table);
        let Some((start, end)) = self.options.timespan else { return Ok(frame) };
        let is_time =
            |column: &crate::types::Column| column.name == "TimeGenerated" && column.ty == Type::DateTime;
        let Some(index) = table.columns().iter().position(is_time) else { return Ok(frame) };
        let (rows, _) = table.rows_in(index, &(start.ticks()..=end.ticks().saturating_sub(1)));
        Ok(frame.select(rows))
    }

    pub(super) fn literal(&mut self, cells: &[Value], types: &[Type]) -> Frame {
        let width = types.len().max(1);
        let count = cells.len() / width;
        let mut columns: Vec<Data> = types.iter().map(|ty| Data::with_capacity(*ty, count)).collect();
        for row in cells.chunks_exact(width) {
            for (value, data) in row.iter().zip(&mut columns) {
                data.push(value, &mut self.pool);
            }
        }
        Frame::of(count, columns)
    }

    fn range(&mut self, from: &Node, to: &Node, step: &Node) -> Outcome<Frame> {
        let none = Frame { rows: 1, columns: Vec::new() };
        let ends = [self.constant(from, &none)?, self.constant(to, &none)?, self.constant(step, &none)?];
        let data = match ends {
            [Value::Real(from), Value::Real(to), Value::Real(step)] => {
                let count = ((to - from) / step).floor() + 1.0;
                if step == 0.0 || !count.is_finite() || count < 1.0 {
                    Data::Real(Vec::new())
                } else {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "charged below"
                    )]
                    let count = count.min(1e15) as usize;
                    self.charge(count.saturating_mul(ROW_BYTES))?;
                    #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
                    Data::Real((0..count).map(|index| from + index as f64 * step).collect())
                }
            }
            [from, to, step] => match (ticks(&from), ticks(&to), ticks(&step)) {
                (Some(from), Some(to), Some(step)) if step != 0 => {
                    let distance = i128::from(to) - i128::from(from);
                    let count = distance / i128::from(step) + 1;
                    let count = if distance == 0 { 1 } else { count };
                    let goes_there = distance == 0 || (distance > 0) == (step > 0);
                    let count = if goes_there { usize::try_from(count).unwrap_or(0) } else { 0 };
                    self.charge(count.saturating_mul(ROW_BYTES))?;
                    let mut next = from;
                    let mut list = Vec::with_capacity(count);
                    for _ in 0..count {
                        list.push(next);
                        next = next.wrapping_add(step);
                    }
                    Data::Number(list)
                }
                _ => Data::with_capacity(from.column_type(), 0),
            },
        };
        Ok(Frame::of(data.len(), vec![data]))
    }

    fn union(&mut self, members: &[UnionMember], plan: &Plan) -> Outcome<Frame> {
        let mut frames = Vec::new();
        let mut total: usize = 0;
        for member in members {
            let frame = self.plan(&member.plan)?;
            total = total.saturating_add(frame.rows);
            frames.push(frame);
        }
        self.charge(total.saturating_mul(plan.source_types.len().max(1)).saturating_mul(8))?;
        let has_source = members.iter().any(|member| member.source_name.is_some());
        let mut columns = Vec::new();
        for (index, ty) in plan.source_types.iter().enumerate() {
            let mut data = Data::with_capacity(*ty, total);
            for (member, frame) in members.iter().zip(&frames) {
                let place = match (has_source, index) {
                    (true, 0) => {
                        let name = Value::text(member.source_name.as_deref().unwrap_or_default());
                        let names = Data::repeat(Type::String, &name, frame.rows, &mut self.pool);
                        data.extend_from(&names, frame.rows);
                        continue;
                    }
                    (true, index) => member.columns[index - 1],
                    (false, index) => member.columns[index],
                };
                match place {
                    Some(column) => data.extend_from(&frame.data(column), frame.rows),
                    None => (0..frame.rows).for_each(|_| data.push_nothing()),
                }
                self.tick()?;
            }
            columns.push(data);
        }
        Ok(Frame::of(total, columns))
    }
}

fn ticks(value: &Value) -> Option<i64> {
    match value {
        Value::Long(number) | Value::DateTime(number) | Value::Timespan(number) => Some(*number),
        _ => None,
    }
}

impl Value {
    /// The type of a column that would hold this value.
    fn column_type(&self) -> Type {
        match self {
            Value::Real(_) => Type::Real,
            _ => Type::Long,
        }
    }
}
