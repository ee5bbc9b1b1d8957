//! Plans over groups of rows. The usual steps run over all groups at one go, whole columns at a time, with the number
//! of the group beside each row, so that a million groups cost no more than their rows; what cannot do that goes
//! through the groups one after another, with the same plan.

use std::rc::Rc;

use crate::data::Data;
use crate::error::Outcome;
use crate::plan::{
    Aggregation, Apply, ApplyOutput, Node, Output, Partition, Plan, PlanSource, SortKey, Step, StepKind,
};

use super::env::Env;
use super::frame::{Frame, Lazy};
use super::group::{Groups, number};

/// Rows in groups: the rows of a group stand together, and the groups in the order of their numbers.
pub(super) struct Segments {
    pub(super) frame: Frame,
    /// The group of each row.
    pub(super) ids: Vec<u32>,
    /// How many groups there are, those without rows included.
    pub(super) count: usize,
}

/// What a step made of the groups; or the groups as they were, when it needs them one by one.
enum Stepped {
    Done(Segments),
    OneByOne(Segments),
}

impl Env<'_> {
    /// `mv-apply`: the result, and the row of the input that each of its rows comes from.
    pub(super) fn apply(&mut self, frame: &Frame, apply: &Apply) -> Outcome<(Frame, Vec<u32>)> {
        let (elements, rows) = self.expanded(frame, &apply.expand)?;
        let (mut ids, mut origins) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            if origins.last() != Some(&row) {
                origins.push(row);
            }
            ids.push(number(origins.len() - 1));
        }
        let segments = Segments { frame: elements, ids, count: origins.len() };
        let made = self.segmented(segments, &apply.inner)?;
        let rows: Vec<u32> = made.ids.iter().map(|id| origins[*id as usize]).collect();
        let outer = frame.select(rows.clone());
        let columns = apply.outputs.iter().map(|output| match output {
            ApplyOutput::Outer(place) => outer.columns[*place].clone(),
            ApplyOutput::Inner(place) => made.frame.columns[*place].clone(),
        });
        Ok((Frame { rows: rows.len(), columns: columns.collect() }, rows))
    }

    pub(super) fn partition(&mut self, frame: &Frame, partition: &Partition) -> Outcome<Frame> {
        let key = frame.data(partition.key, &self.pool);
        let groups = self.groups(&[&key], frame.rows)?;
        let count = if frame.rows == 0 { 0 } else { groups.count() };
        if let Some(limit) = partition.limit.filter(|limit| count > *limit) {
            return Err(Partition::too_many(limit, self.span));
        }
        let order = in_groups((0..number(frame.rows)).collect(), &groups.of_row, count);
        let ids = order.iter().map(|row| groups.of_row[*row as usize]).collect();
        let segments = Segments { frame: frame.select(order), ids, count };
        Ok(self.segmented(segments, &partition.inner)?.frame)
    }

    /// What a plan makes of each group.
    fn segmented(&mut self, mut segments: Segments, plan: &Plan) -> Outcome<Segments> {
        if !matches!(plan.source, PlanSource::Piped) {
            return self.one_by_one(&segments, plan, None);
        }
        for (index, step) in plan.steps.iter().enumerate() {
            self.span = step.span;
            self.charge(segments.ids.len() * 8)?;
            segments = match self.segmented_step(segments, step)? {
                Stepped::Done(next) => next,
                Stepped::OneByOne(same) => return self.one_by_one(&same, plan, Some(&plan.steps[index..])),
            };
        }
        Ok(segments)
    }

    /// The steps, or the whole plan, over one group after another.
    fn one_by_one(&mut self, segments: &Segments, plan: &Plan, steps: Option<&[Step]>) -> Outcome<Segments> {
        let mut columns: Vec<Data> =
            plan.columns.iter().map(|column| Data::with_capacity(column.ty, 0)).collect();
        let mut ids = Vec::new();
        let mut start = 0;
        for group in 0..segments.count {
            self.tick()?;
            let length = segments.ids[start..].iter().take_while(|id| **id as usize == group).count();
            let end = start + length;
            let mut frame = segments.frame.select((number(start)..number(end)).collect());
            start = end;
            match steps {
                Some(steps) => {
                    for step in steps {
                        self.span = step.span;
                        frame = self.step(frame, step)?;
                    }
                }
                None => {
                    self.piped.push(frame);
                    let made = self.plan(plan);
                    self.piped.pop();
                    frame = made?;
                }
            }
            self.charge(frame.rows * columns.len().max(1) * 8)?;
            for (place, data) in columns.iter_mut().enumerate() {
                data.extend_from(&frame.data(place, &self.pool), frame.rows);
            }
            ids.resize(ids.len() + frame.rows, number(group));
        }
        Ok(Segments { frame: Frame::of(ids.len(), columns), ids, count: segments.count })
    }

    fn segmented_step(&mut self, segments: Segments, step: &Step) -> Outcome<Stepped> {
        let Segments { frame, ids, count } = segments;
        let made = match &step.kind {
            StepKind::Filter(condition) if condition.is_row_wise() => {
                let mut tagged = frame;
                let tags = ids.iter().map(|id| i64::from(*id)).collect();
                tagged.columns.push(Lazy::of(Rc::new(Data::Number(tags))));
                let mut frame = self.filter(tagged, condition)?;
                let tags = frame.columns.pop().map(|tags| tags.data(&self.pool));
                let ids = match tags.as_deref() {
                    Some(Data::Number(tags)) => {
                        tags.iter().map(|tag| u32::try_from(*tag).unwrap_or(0)).collect()
                    }
                    _ => Vec::new(),
                };
                Segments { frame, ids, count }
            }
            StepKind::Compute(outputs) if outputs.iter().all(is_row_wise) => {
                Segments { frame: self.compute(&frame, outputs)?, ids, count }
            }
            StepKind::Summarize { keys, aggregates } if summarizes_rows(keys, aggregates) => {
                self.summarize_segments(&frame, &ids, count, keys, aggregates)?
            }
            StepKind::Sort(keys) if keys.iter().all(|key| key.node.is_row_wise()) => {
                let order = in_groups(self.order(&frame, keys)?, &ids, count);
                Segments { frame: frame.select(order), ids, count }
            }
            StepKind::Top(most, key) if key.node.is_row_wise() => {
                let most = self.count_of(most)?;
                let order = self.order(&frame, std::slice::from_ref::<SortKey>(key))?;
                first_of_each(&frame, &ids, count, in_groups(order, &ids, count), most)
            }
            StepKind::Take(most) => {
                let most = self.count_of(most)?;
                first_of_each(&frame, &ids, count, (0..number(frame.rows)).collect(), most)
            }
            StepKind::Count => {
                let mut counts = vec![0_i64; count];
                ids.iter().for_each(|id| counts[*id as usize] += 1);
                let ids = (0..number(count)).collect();
                Segments { frame: Frame::of(count, vec![Data::Number(counts)]), ids, count }
            }
            StepKind::Expand(expand) if expand.columns.iter().all(|(node, ..)| node.is_row_wise()) => {
                let (frame, rows) = self.expanded(&frame, expand)?;
                Segments { frame, ids: rows.iter().map(|row| ids[*row as usize]).collect(), count }
            }
            StepKind::Apply(apply) if apply.expand.columns.iter().all(|(node, ..)| node.is_row_wise()) => {
                let (frame, rows) = self.apply(&frame, apply)?;
                Segments { frame, ids: rows.iter().map(|row| ids[*row as usize]).collect(), count }
            }
            StepKind::Parse(parse) if !parse.drop_others && parse.source.is_row_wise() => {
                Segments { frame: self.parse(frame, parse)?, ids, count }
            }
            StepKind::KeyValues(step) if step.source.is_row_wise() => {
                Segments { frame: self.key_values(frame, step)?, ids, count }
            }
            _ => return Ok(Stepped::OneByOne(Segments { frame, ids, count })),
        };
        Ok(Stepped::Done(made))
    }

    fn summarize_segments(
        &mut self,
        frame: &Frame,
        ids: &[u32],
        count: usize,
        keys: &[Node],
        aggregates: &[Aggregation],
    ) -> Outcome<Segments> {
        if keys.is_empty() {
            let groups = Groups { of_row: ids.to_vec(), first_rows: vec![0; count] };
            let frame = self.summarize_groups(frame, &[], &groups, aggregates)?;
            return Ok(Segments { frame, ids: (0..number(count)).collect(), count });
        }
        let mut key_data = Vec::new();
        for key in keys {
            key_data.push(self.column(key, frame)?);
        }
        let tags = Data::Number(ids.iter().map(|id| i64::from(*id)).collect());
        let with_tags: Vec<&Data> =
            std::iter::once(&tags).chain(key_data.iter().map(|data| &**data)).collect();
        let groups = self.groups(&with_tags, frame.rows)?;
        let made = groups.first_rows.iter().map(|row| ids[*row as usize]).collect();
        let frame = self.summarize_groups(frame, &key_data, &groups, aggregates)?;
        Ok(Segments { frame, ids: made, count })
    }
}

fn is_row_wise(output: &Output) -> bool {
    match output {
        Output::Keep(_) => true,
        Output::Node(node) => node.is_row_wise(),
    }
}

fn summarizes_rows(keys: &[Node], aggregates: &[Aggregation]) -> bool {
    let of_aggregates =
        aggregates.iter().flat_map(|aggregate| aggregate.arguments.iter().chain(&aggregate.predicate));
    (!keys.is_empty() || !aggregates.is_empty()) && keys.iter().chain(of_aggregates).all(Node::is_row_wise)
}

/// The rows, group after group; those of one group keep their order.
fn in_groups(rows: Vec<u32>, ids: &[u32], count: usize) -> Vec<u32> {
    let mut starts = vec![0_usize; count + 1];
    for id in ids {
        starts[*id as usize + 1] += 1;
    }
    for group in 0..count {
        starts[group + 1] += starts[group];
    }
    let mut placed = vec![0; rows.len()];
    for row in rows {
        let start = &mut starts[ids[row as usize] as usize];
        placed[*start] = row;
        *start += 1;
    }
    placed
}

/// The first rows of each group.
fn first_of_each(frame: &Frame, ids: &[u32], count: usize, order: Vec<u32>, most: usize) -> Segments {
    let mut taken = vec![0_usize; count];
    let kept: Vec<u32> = order
        .into_iter()
        .filter(|row| {
            let taken = &mut taken[ids[*row as usize] as usize];
            *taken += 1;
            *taken <= most
        })
        .collect();
    let made = kept.iter().map(|row| ids[*row as usize]).collect();
    Segments { frame: frame.select(kept), ids: made, count }
}
