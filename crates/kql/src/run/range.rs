//! `range`: its rows, and as few of them as are taken when there are many.

use crate::data::Data;
use crate::decimal::Decimal;
use crate::error::Outcome;
use crate::plan::{Node, Output, Plan, PlanSource, Step, StepKind};
use crate::value::Value;

use super::env::Env;
use super::frame::Frame;
use super::source::ROW_BYTES;

/// Ranges up to this length are made as a whole.
const WHOLE: usize = 1 << 20;
/// Rows that are made at one go of a longer one.
const BLOCK: usize = 1 << 16;

/// The rows of a range, before they are made.
enum Rows {
    None,
    Reals { from: f64, step: f64, count: usize },
    Numbers { from: i64, step: i64, count: usize },
    Decimals { from: Decimal, step: Decimal, count: usize },
}

impl Rows {
    fn count(&self) -> usize {
        match self {
            Rows::None => 0,
            Rows::Reals { count, .. } | Rows::Numbers { count, .. } | Rows::Decimals { count, .. } => *count,
        }
    }

    fn block(&self, start: usize, end: usize) -> Data {
        match self {
            Rows::None => Data::Number(Vec::new()),
            #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
            Rows::Reals { from, step, .. } => {
                Data::Real((start..end).map(|index| from + index as f64 * step).collect())
            }
            Rows::Numbers { from, step, .. } => {
                let start = i64::try_from(start).unwrap_or(i64::MAX);
                let end = i64::try_from(end).unwrap_or(i64::MAX);
                Data::Number((start..end).map(|index| from.wrapping_add(index.wrapping_mul(*step))).collect())
            }
            Rows::Decimals { from, step, .. } => {
                let start = i64::try_from(start).unwrap_or(i64::MAX);
                let end = i64::try_from(end).unwrap_or(i64::MAX);
                let value = |index| match index {
                    0 => Some(*from),
                    _ => step.times(Decimal::of_long(index)).and_then(|far| from.plus(far)),
                };
                Data::Decimal((start..end).map(|index| value(index).unwrap_or(Decimal::NULL)).collect())
            }
        }
    }
}

impl Env<'_> {
    pub(super) fn range(&mut self, ends: &[Node; 3]) -> Outcome<Frame> {
        let rows = self.range_rows(ends)?;
        let count = rows.count();
        self.charge(count.saturating_mul(ROW_BYTES))?;
        Ok(Frame::of(count, vec![rows.block(0, count)]))
    }

    /// Where only the first rows of a long range are taken: those, and how many steps they have been through.
    pub(super) fn taken_range(&mut self, plan: &Plan) -> Outcome<Option<(Frame, usize)>> {
        let PlanSource::Range(ends) = &plan.source else { return Ok(None) };
        let before = plan.steps.iter().take_while(|step| is_row_wise(step)).count();
        let Some(Step { kind: StepKind::Take(most), .. }) = plan.steps.get(before) else { return Ok(None) };
        let rows = self.range_rows(ends)?;
        let most = self.count_of(most)?;
        let count = rows.count();
        if count <= WHOLE {
            return Ok(None);
        }
        let mut taken: Vec<Data> = Vec::new();
        let (mut start, mut held) = (0, 0);
        loop {
            let end = count.min(start + if before == 0 { most.min(BLOCK) } else { BLOCK });
            self.charge(0)?;
            let mut frame = Frame::of(end - start, vec![rows.block(start, end)]);
            for step in &plan.steps[..before] {
                self.span = step.span;
                frame = self.step(frame, step)?;
            }
            let kept = frame.rows.min(most - held);
            self.charge(kept.saturating_mul(ROW_BYTES))?;
            for place in 0..frame.columns.len() {
                let data = frame.data(place, &self.pool);
                match taken.get_mut(place) {
                    Some(column) => column.extend_from(&data, kept),
                    None => {
                        let mut column = data.gather(&[]);
                        column.extend_from(&data, kept);
                        taken.push(column);
                    }
                }
            }
            (start, held) = (end, held + kept);
            if held >= most || start >= count {
                return Ok(Some((Frame::of(held, taken), before + 1)));
            }
        }
    }

    fn range_rows(&mut self, [from, to, step]: &[Node; 3]) -> Outcome<Rows> {
        let none = Frame { rows: 1, columns: Vec::new() };
        let ends = [self.constant(from, &none)?, self.constant(to, &none)?, self.constant(step, &none)?];
        Ok(match ends {
            [Value::Real(from), Value::Real(to), Value::Real(step)] => {
                let count = ((to - from) / step).floor() + 1.0;
                if step == 0.0 || !count.is_finite() || count < 1.0 {
                    Rows::None
                } else {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "what is made is charged"
                    )]
                    let count = count.min(1e18) as usize;
                    Rows::Reals { from, step, count }
                }
            }
            [Value::Decimal(from), Value::Decimal(to), Value::Decimal(step)] => {
                let last = to.minus(from).and_then(|distance| distance.over(step)?.floor()?.to_long());
                let count = last.and_then(|last| usize::try_from(last.checked_add(1)?).ok()).unwrap_or(0);
                Rows::Decimals { from, step, count }
            }
            [from, to, step] => match (ticks(&from), ticks(&to), ticks(&step)) {
                (Some(from), Some(to), Some(step)) if step != 0 => {
                    let distance = i128::from(to) - i128::from(from);
                    let goes_there = distance == 0 || (distance > 0) == (step > 0);
                    let count = if distance == 0 { 1 } else { distance / i128::from(step) + 1 };
                    let count = if goes_there { usize::try_from(count).unwrap_or(usize::MAX) } else { 0 };
                    Rows::Numbers { from, step, count }
                }
                _ => Rows::None,
            },
        })
    }
}

fn is_row_wise(step: &Step) -> bool {
    match &step.kind {
        StepKind::Filter(condition) => condition.is_row_wise(),
        StepKind::Compute(outputs) => outputs.iter().all(|output| match output {
            Output::Keep(_) => true,
            Output::Node(node) => node.is_row_wise(),
        }),
        _ => false,
    }
}

fn ticks(value: &Value) -> Option<i64> {
    match value {
        Value::Long(number) | Value::DateTime(number) | Value::Timespan(number) => Some(*number),
        _ => None,
    }
}
