//! The rows that a plan starts from.

use crate::data::Data;
use crate::error::{Fault, Outcome};
use crate::plan::{Plan, PlanSource, UnionMember};
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
            PlanSource::Range(ends) => self.range(ends),
            PlanSource::Union(members) => self.union(members, plan),
            PlanSource::Piped => match self.piped.last() {
                Some(frame) => Ok(frame.clone()),
                None => Err(Fault::new(self.span, "there are no rows to start from")),
            },
        }
    }

    fn stored(&mut self, name: &str) -> Outcome<Frame> {
        let Some((_, table)) = self.database.find(name, false) else {
            return Err(Fault::new(self.span, format!("there is no table '{name}'")));
        };
        let timespan = self.options.timespan;
        let timespan = timespan.map(|(start, end)| ("TimeGenerated", start.ticks()..end.ticks()));
        let mut frame = Frame::stored(table);
        for (name, range) in timespan.into_iter().chain(self.scope.bounds()) {
            let is_time = |column: &crate::types::Column| column.name == name && column.ty == Type::DateTime;
            let Some(index) = table.columns().iter().position(is_time) else { continue };
            if frame.stored_column(index).is_some() {
                // Blocks that lie outside are passed over.
                frame = frame.select(table.rows_in(index, &(range.start..=range.end.saturating_sub(1))).0);
                continue;
            }
            let data = frame.data(index, &self.pool);
            let Data::Number(ticks) = &*data else { continue };
            let rows = (0_u32..).zip(ticks).filter(|(_, ticks)| range.contains(ticks)).map(|(row, _)| row);
            frame = frame.select(rows.collect());
        }
        Ok(frame)
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
                    Some(column) => data.extend_from(&frame.data(column, &self.pool), frame.rows),
                    None => (0..frame.rows).for_each(|_| data.push_nothing()),
                }
                self.tick()?;
            }
            columns.push(data);
        }
        Ok(Frame::of(total, columns))
    }
}
