//! `make-series`: one array per group and aggregate over the same bins (rule 12).

use std::rc::Rc;

use crate::convert::truncated;
use crate::data::Data;
use crate::dynamic::Dynamic;
use crate::error::{Fault, Outcome};
use crate::plan::{Node, Series};
use crate::types::Type;
use crate::value::{NULL_NUMBER, Value, is_null_real};

use super::env::Env;
use super::eval::dynamic_cell;
use super::frame::{Frame, Lazy};
use super::group::{Groups, number};

/// A series has at most this many points.
const MAX_POINTS: usize = 1_048_576;

/// The bins of the axis.
enum Axis {
    Whole { from: i64, step: i64, count: usize },
    Real { from: f64, step: f64, count: usize },
}

impl Env<'_> {
    pub(super) fn series(&mut self, frame: &Frame, series: &Series) -> Outcome<Frame> {
        let axis_data = self.column(&series.axis, frame)?;
        let Some(axis) = self.axis(series, &axis_data)? else {
            return Ok(Frame::of(0, empty_columns(series)));
        };
        let count = axis.count();
        if count > MAX_POINTS {
            let message = format!("the series would have {count} points, more than {MAX_POINTS}");
            return Err(Fault::new(self.span, message));
        }
        let mut bins = Vec::new();
        let mut rows = Vec::new();
        for row in 0..frame.rows {
            if let Some(bin) = axis.bin(&axis_data, row) {
                rows.push(number(row));
                bins.push(i64::try_from(bin).unwrap_or(0));
            }
        }
        let inside = frame.select(rows);
        let mut key_data: Vec<Rc<Data>> = Vec::new();
        for key in &series.keys {
            key_data.push(self.column(key, &inside)?);
        }
        let keys: Vec<&Data> = key_data.iter().map(|data| &**data).collect();
        let groups = match (keys.is_empty(), inside.rows) {
            (true, 0) if !series.nonempty => return Ok(Frame::of(0, empty_columns(series))),
            (true, rows) => Groups::one(rows),
            (false, rows) => self.groups(&keys, rows)?,
        };
        self.charge(groups.count().saturating_mul(count).saturating_mul(24 * (series.count() + 1)))?;
        let group_column = Data::Number(groups.of_row.iter().map(|group| i64::from(*group)).collect());
        let bin_column = Data::Number(bins);
        let cells = self.groups(&[&group_column, &bin_column], inside.rows)?;
        let mut columns: Vec<Lazy> =
            key_data.iter().map(|data| Lazy::of(Rc::new(data.gather(&groups.first_rows)))).collect();
        for value in &series.values {
            let mut outputs = Vec::new();
            for aggregation in &value.aggregates {
                outputs.extend(self.aggregate(aggregation, &inside, &cells)?);
            }
            let outputs = Frame::of(cells.count(), outputs);
            for (node, default) in &value.values {
                let default = crate::value::to_dynamic(&self.end(Some(default))?);
                let values = self.column(node, &outputs)?;
                let mut arrays = vec![vec![default.clone(); count]; groups.count()];
                if let Data::Number(bins) = &bin_column {
                    for (cell, row) in cells.first_rows.iter().enumerate() {
                        let row = *row as usize;
                        if row >= groups.of_row.len() {
                            continue;
                        }
                        let bin = usize::try_from(bins[row]).unwrap_or(0);
                        let value = dynamic_cell(&values, node.ty, cell, &self.pool);
                        if !value.is_null() {
                            arrays[groups.of_row[row] as usize][bin] = value;
                        }
                    }
                }
                let arrays = arrays.into_iter().map(|array| Dynamic::Array(array.into())).collect();
                columns.push(Lazy::of(Rc::new(Data::Dynamic(arrays))));
            }
        }
        let points = axis.points(series.axis.ty);
        columns.push(Lazy::of(Rc::new(Data::Dynamic(vec![points; groups.count()]))));
        Ok(Frame { rows: groups.count(), columns })
    }

    /// The bins, from the query or from the data.
    fn axis(&mut self, series: &Series, data: &Data) -> Outcome<Option<Axis>> {
        let from = self.end(series.from.as_ref())?;
        let to = self.end(series.to.as_ref())?;
        let step = self.end(Some(&series.step))?;
        let span = series.step.span;
        if let Data::Real(items) = data {
            let real = |value: &Value| crate::convert::to_real(crate::functions::Arg::of(value));
            let Some(step) = real(&step).filter(|step| *step > 0.0) else {
                return Err(Fault::new(span, "the step of a series must be more than 0"));
            };
            let known = || items.iter().copied().filter(|item| !is_null_real(*item) && item.is_finite());
            let lowest = known().fold(f64::INFINITY, f64::min);
            let highest = known().fold(f64::NEG_INFINITY, f64::max);
            let start = real(&from).unwrap_or((lowest / step).floor() * step);
            let bins = match real(&to) {
                Some(to) if series.inclusive => ((to - start) / step).floor() + 1.0,
                Some(to) => ((to - start) / step).ceil(),
                None => ((highest - start) / step).floor() + 1.0,
            };
            let count = truncated(bins).and_then(|bins| usize::try_from(bins).ok());
            return Ok(count.map(|count| Axis::Real { from: start, step, count }));
        }
        let Data::Number(items) = data else { return Ok(None) };
        let whole = |value: &Value| crate::convert::to_long(crate::functions::Arg::of(value));
        let Some(step) = whole(&step).filter(|step| *step > 0) else {
            return Err(Fault::new(span, "the step of a series must be more than 0"));
        };
        let known = || items.iter().copied().filter(|item| *item != NULL_NUMBER);
        let start = match (whole(&from), known().min()) {
            (Some(from), _) => from,
            (None, Some(lowest)) => lowest - lowest.rem_euclid(step),
            (None, None) => return Ok(None),
        };
        let bins = match (whole(&to), known().max()) {
            (Some(to), _) => {
                let distance = i128::from(to) - i128::from(start);
                let step = i128::from(step);
                if series.inclusive {
                    distance.div_euclid(step) + 1
                } else {
                    (distance + step - 1).div_euclid(step)
                }
            }
            (None, Some(highest)) => {
                (i128::from(highest) - i128::from(start)).div_euclid(i128::from(step)) + 1
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Axis::Whole { from: start, step, count: usize::try_from(bins).unwrap_or(0) }))
    }

    fn end(&mut self, node: Option<&Node>) -> Outcome<Value> {
        match node {
            None => Ok(Value::Null),
            Some(node) => self.constant(node, &Frame { rows: 1, columns: Vec::new() }),
        }
    }
}

impl Axis {
    fn count(&self) -> usize {
        match self {
            Axis::Whole { count, .. } | Axis::Real { count, .. } => *count,
        }
    }

    /// The bin of a row; none when it lies outside.
    fn bin(&self, data: &Data, row: usize) -> Option<usize> {
        let bin = match (self, data) {
            (Axis::Whole { from, step, .. }, Data::Number(items)) if items[row] != NULL_NUMBER => {
                usize::try_from((i128::from(items[row]) - i128::from(*from)).div_euclid(i128::from(*step)))
                    .ok()?
            }
            (Axis::Real { from, step, .. }, Data::Real(items)) if !is_null_real(items[row]) => {
                usize::try_from(truncated(((items[row] - from) / step).floor())?).ok()?
            }
            _ => return None,
        };
        Some(bin).filter(|bin| *bin < self.count())
    }

    /// The beginnings of the bins.
    fn points(&self, ty: Type) -> Dynamic {
        match self {
            Axis::Whole { from, step, count } => {
                let point = |index: usize| {
                    let offset = i64::try_from(index).unwrap_or(0).wrapping_mul(*step);
                    let value = from.wrapping_add(offset);
                    match ty {
                        Type::DateTime => Dynamic::DateTime(value),
                        Type::Timespan => Dynamic::Timespan(value),
                        _ => Dynamic::Long(value),
                    }
                };
                Dynamic::Array((0..*count).map(point).collect())
            }
            #[expect(clippy::cast_precision_loss, reason = "a count of bins")]
            Axis::Real { from, step, count } => {
                Dynamic::Array((0..*count).map(|index| Dynamic::Real(from + index as f64 * step)).collect())
            }
        }
    }
}

fn empty_columns(series: &Series) -> Vec<Data> {
    let keys = series.keys.iter().map(|key| Data::with_capacity(key.ty, 0));
    keys.chain((0..=series.count()).map(|_| Data::with_capacity(Type::Dynamic, 0))).collect()
}
