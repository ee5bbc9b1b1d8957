//! Functions that look at neighbouring rows: `row_number`, `row_cumsum`, `prev`, `next`, ranks, sessions.

use std::rc::Rc;

use crate::ast::BinaryOp;
use crate::data::Data;
use crate::decimal::Decimal;
use crate::error::Outcome;
use crate::plan::{Node, Window};
use crate::types::Type;
use crate::value::{NULL_NUMBER, Value, is_null_real};

use super::compare::decide;
use super::env::Env;
use super::eval::Vector;
use super::frame::Frame;

impl Env<'_> {
    pub(super) fn window(
        &mut self,
        window: Window,
        nodes: &[Node],
        ty: Type,
        frame: &Frame,
    ) -> Outcome<Vector> {
        let data = match window {
            Window::RowNumber => {
                let start = match nodes.first() {
                    None => 1,
                    Some(node) => match self.constant(node, frame)? {
                        Value::Long(start) => start,
                        _ => 1,
                    },
                };
                let restart = self.restarts(nodes.get(1), frame)?;
                let mut next = start;
                let number = |row: usize| {
                    if restart[row] {
                        next = start;
                    }
                    next = next.wrapping_add(1);
                    next.wrapping_sub(1)
                };
                Data::Number((0..frame.rows).map(number).collect())
            }
            Window::CumulativeSum => {
                let restart = self.restarts(nodes.get(1), frame)?;
                let terms = self.column(&nodes[0], frame)?;
                running_sum(&terms, &restart)
            }
            Window::Previous | Window::Next => self.neighbour(window, nodes, ty, frame)?,
            Window::RankDense | Window::RankMin => {
                let restart = self.restarts(nodes.get(1), frame)?;
                let terms = self.column(&nodes[0], frame)?;
                let term_type = nodes[0].ty;
                let (mut rank, mut seen) = (0_i64, 0_i64);
                let mut list = Vec::with_capacity(frame.rows);
                for (row, restarts) in restart.into_iter().enumerate() {
                    if restarts {
                        (rank, seen) = (0, 0);
                    }
                    seen += 1;
                    let same = seen > 1 && {
                        let before = terms.arg(term_type, row - 1, &self.pool);
                        let here = terms.arg(term_type, row, &self.pool);
                        (before.is_null() && here.is_null())
                            || decide(BinaryOp::Equal, before, here) == Some(true)
                    };
                    if !same {
                        rank = if window == Window::RankDense { rank + 1 } else { seen };
                    }
                    list.push(rank);
                }
                Data::Number(list)
            }
            Window::Session => self.session(nodes, frame)?,
        };
        Ok(Vector::Data(Rc::new(data)))
    }

    /// For each row whether the function begins anew there.
    fn restarts(&mut self, node: Option<&Node>, frame: &Frame) -> Outcome<Vec<bool>> {
        let Some(node) = node else { return Ok(vec![false; frame.rows]) };
        Ok(match &*self.column(node, frame)? {
            Data::Bool(items) => items.iter().map(|item| *item == 1).collect(),
            _ => vec![false; frame.rows],
        })
    }

    fn neighbour(&mut self, window: Window, nodes: &[Node], ty: Type, frame: &Frame) -> Outcome<Data> {
        let offset = match nodes.get(1) {
            None => 1,
            Some(node) => match self.constant(node, frame)? {
                Value::Long(offset) => offset,
                _ => 1,
            },
        };
        let values = self.column(&nodes[0], frame)?;
        let default = match nodes.get(2) {
            Some(node) => Some(self.column(node, frame)?),
            None => None,
        };
        let mut data = Data::with_capacity(ty, frame.rows);
        let offset = if window == Window::Previous { offset.checked_neg() } else { Some(offset) };
        for row in 0..frame.rows {
            let place = i64::try_from(row).ok().zip(offset).and_then(|(row, offset)| row.checked_add(offset));
            match place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < frame.rows) {
                Some(place) => data.push_from(&values, place),
                None => match &default {
                    Some(default) => data.push_from(default, row),
                    None => data.push_nothing(),
                },
            }
        }
        Ok(data)
    }

    fn session(&mut self, nodes: &[Node], frame: &Frame) -> Outcome<Data> {
        let restart = self.restarts(nodes.get(3), frame)?;
        let times = self.column(&nodes[0], frame)?;
        let limits = (self.constant(&nodes[1], frame)?, self.constant(&nodes[2], frame)?);
        let (Data::Number(times), (Value::Timespan(from_first), Value::Timespan(between))) =
            (&*times, limits)
        else {
            return Ok(Data::Number(vec![NULL_NUMBER; frame.rows]));
        };
        let (mut first, mut last) = (NULL_NUMBER, NULL_NUMBER);
        let mut list = Vec::with_capacity(frame.rows);
        for (row, time) in times.iter().enumerate() {
            let goes_on = first != NULL_NUMBER
                && *time != NULL_NUMBER
                && !restart[row]
                && time.saturating_sub(first) <= from_first
                && time.saturating_sub(last) <= between;
            if !goes_on {
                first = *time;
            }
            last = *time;
            list.push(first);
        }
        Ok(Data::Number(list))
    }
}

fn running_sum(terms: &Data, restart: &[bool]) -> Data {
    match terms {
        Data::Real(items) => {
            let mut sum = 0.0;
            let step = |(item, restart): (&f64, &bool)| {
                if *restart {
                    sum = 0.0;
                }
                if !is_null_real(*item) {
                    sum += item;
                }
                sum
            };
            Data::Real(items.iter().zip(restart).map(step).collect())
        }
        Data::Number(items) => {
            let mut sum = 0_i64;
            let step = |(item, restart): (&i64, &bool)| {
                if *restart {
                    sum = 0;
                }
                if *item != NULL_NUMBER {
                    sum = sum.wrapping_add(*item);
                }
                sum
            };
            Data::Number(items.iter().zip(restart).map(step).collect())
        }
        Data::Decimal(items) => {
            let mut sum = Decimal::ZERO;
            let step = |(item, restart): (&Decimal, &bool)| {
                if *restart {
                    sum = Decimal::ZERO;
                }
                if !item.is_null() && !sum.is_null() {
                    sum = sum.plus(*item).unwrap_or(Decimal::NULL);
                }
                sum
            };
            Data::Decimal(items.iter().zip(restart).map(step).collect())
        }
        other => other.clone(),
    }
}
