//! Aggregates over groups; nulls are skipped (rule 6).

use std::cmp::Ordering;
use std::rc::Rc;

use crate::aggregates::AggregateKind;
use crate::data::{Data, NO_ROW};
use crate::decimal::Decimal;
use crate::error::Outcome;
use crate::plan::Aggregation;
use crate::value::{NULL_NUMBER, is_null_real};

use super::env::Env;
use super::frame::Frame;
use super::group::{Groups, number};
use super::order::{number_rank, real_rank};
use super::spread::{covariance, variance};

impl Env<'_> {
    /// The rows that an aggregate with a condition counts, and their groups; none when it counts all.
    pub(super) fn kept(
        &mut self,
        aggregation: &Aggregation,
        frame: &Frame,
        groups: &Groups,
    ) -> Outcome<Option<(Frame, Groups)>> {
        let Some(predicate) = &aggregation.predicate else { return Ok(None) };
        let rows = self.rows_where(predicate, frame)?;
        let of_row = rows.iter().map(|row| groups.of_row[*row as usize]).collect();
        let groups = Groups { of_row, first_rows: groups.first_rows.clone() };
        Ok(Some((frame.select(rows), groups)))
    }

    /// The columns that an aggregate yields, one value per group.
    pub(super) fn aggregate(
        &mut self,
        aggregation: &Aggregation,
        frame: &Frame,
        groups: &Groups,
    ) -> Outcome<Vec<Data>> {
        let kept = self.kept(aggregation, frame, groups)?;
        let (frame, groups) = kept.as_ref().map_or((frame, groups), |(frame, groups)| (frame, groups));
        self.tick()?;
        let ids = &groups.of_row;
        let count = groups.count();
        if aggregation.kind == AggregateKind::Count {
            let mut counts = vec![0_i64; count];
            for id in ids {
                counts[*id as usize] += 1;
            }
            return Ok(vec![Data::Number(counts)]);
        }
        let mut columns: Vec<Rc<Data>> = Vec::new();
        let by_row = matches!(
            aggregation.kind,
            AggregateKind::ArgMax | AggregateKind::ArgMin | AggregateKind::TakeAny
        );
        let needed = if by_row { 1 } else { aggregation.arguments.len() };
        for node in &aggregation.arguments[..needed] {
            columns.push(self.column(node, frame)?);
        }
        let ty = aggregation.arguments[0].ty;
        let first = &*columns[0];
        let data = match &aggregation.kind {
            AggregateKind::Sum => sum(first, ids, count),
            AggregateKind::Average => average(first, ids, count, !ty.is_number()),
            AggregateKind::Min => first.gather(&self.extremes(first, ids, count, false)),
            AggregateKind::Max => first.gather(&self.extremes(first, ids, count, true)),
            AggregateKind::ArgMax | AggregateKind::ArgMin | AggregateKind::TakeAny => {
                let is_any = aggregation.kind == AggregateKind::TakeAny;
                let mut rows = if is_any {
                    vec![NO_ROW; count]
                } else {
                    self.extremes(first, ids, count, aggregation.kind == AggregateKind::ArgMax)
                };
                // Where every value is null any row will do: the first.
                for (row, id) in ids.iter().enumerate() {
                    let chosen = &mut rows[*id as usize];
                    if *chosen == NO_ROW {
                        *chosen = number(row);
                    }
                }
                return self.whole_rows(aggregation, frame, &rows);
            }
            AggregateKind::DistinctCount => {
                let pairs = self.distinct_pairs(first, ids)?;
                let mut counts = vec![0_i64; count];
                for row in pairs {
                    if !first.is_null(row as usize) {
                        counts[ids[row as usize] as usize] += 1;
                    }
                }
                Data::Number(counts)
            }
            AggregateKind::Variance { sample, root } => variance(first, ids, count, *sample, *root),
            AggregateKind::Covariance { sample } => covariance(first, &columns[1], ids, count, *sample),
            AggregateKind::BinaryAnd => fold_bits(first, ids, count, -1, |a, b| a & b),
            AggregateKind::BinaryOr => fold_bits(first, ids, count, 0, |a, b| a | b),
            AggregateKind::BinaryXor => fold_bits(first, ids, count, 0, |a, b| a ^ b),
            kind => {
                let weights = columns.get(1).map(|data| &**data);
                let made = self.collect(kind, (first, ty), weights, ids, count)?;
                for data in &made {
                    if let Data::Dynamic(values) = data {
                        values.iter().try_for_each(|value| self.bounded(value))?;
                    }
                }
                return Ok(made);
            }
        };
        Ok(vec![data])
    }

    /// The values of all arguments at one row per group; only those rows are read.
    fn whole_rows(&mut self, aggregation: &Aggregation, frame: &Frame, rows: &[u32]) -> Outcome<Vec<Data>> {
        let row_wise = aggregation.arguments.iter().all(crate::plan::Node::is_row_wise);
        let mut columns = Vec::new();
        if row_wise {
            let chosen = frame.select(rows.to_vec());
            let missing: Vec<bool> = rows.iter().map(|row| *row == NO_ROW).collect();
            for node in &aggregation.arguments {
                let data = self.column(node, &chosen)?;
                columns.push(if missing.contains(&true) {
                    let places: Vec<u32> =
                        (0..).zip(&missing).map(|(row, gone)| if *gone { NO_ROW } else { row }).collect();
                    data.gather(&places)
                } else {
                    (*data).clone()
                });
            }
        } else {
            for node in &aggregation.arguments {
                columns.push(self.column(node, frame)?.gather(rows));
            }
        }
        Ok(columns)
    }

    fn rows_where(&mut self, predicate: &crate::plan::Node, frame: &Frame) -> Outcome<Vec<u32>> {
        Ok(match &*self.column(predicate, frame)? {
            Data::Bool(items) => {
                Self::rows_at(items.iter().enumerate().filter(|(_, item)| **item == 1).map(|(row, _)| row))
            }
            _ => Vec::new(),
        })
    }

    /// For each group the row of its greatest or smallest value; `NO_ROW` when all are null.
    fn extremes(&self, data: &Data, ids: &[u32], count: usize, greatest: bool) -> Vec<u32> {
        let mut rows = vec![NO_ROW; count];
        let beats = |better: Ordering| better == if greatest { Ordering::Greater } else { Ordering::Less };
        let mut keep = |row: usize, compare: &dyn Fn(usize) -> Ordering| {
            let best = &mut rows[ids[row] as usize];
            if *best == NO_ROW || beats(compare(*best as usize)) {
                *best = number(row);
            }
        };
        match data {
            Data::Number(items) => {
                let mut bests = vec![NULL_NUMBER; count];
                for (row, (item, id)) in items.iter().zip(ids).enumerate() {
                    let best = &mut bests[*id as usize];
                    let better = *item != NULL_NUMBER
                        && (*best == NULL_NUMBER || if greatest { item > best } else { item < best });
                    if better {
                        *best = *item;
                        rows[*id as usize] = number(row);
                    }
                }
            }
            Data::Real(items) => {
                let wins = if greatest { Ordering::Greater } else { Ordering::Less };
                for (row, item) in items.iter().enumerate().filter(|(_, item)| !is_null_real(**item)) {
                    keep(row, &|best| match (item.is_nan(), items[best].is_nan()) {
                        // What is no number makes the extreme no number either, whichever is wanted.
                        (_, true) => Ordering::Equal,
                        (true, false) => wins,
                        (false, false) => real_rank(*item).cmp(&real_rank(items[best])),
                    });
                }
            }
            Data::Bool(items) => {
                for (row, item) in items.iter().enumerate().filter(|(row, _)| !data.is_null(*row)) {
                    keep(row, &|best| item.cmp(&items[best]));
                }
            }
            Data::Decimal(items) => {
                for (row, item) in items.iter().enumerate().filter(|(_, item)| !item.is_null()) {
                    keep(row, &|best| item.cmp(&items[best]));
                }
            }
            Data::String(items) => {
                for (row, id) in items.iter().enumerate() {
                    keep(row, &|best| {
                        if items[best] == *id {
                            return Ordering::Equal;
                        }
                        self.pool.get(*id).cmp(self.pool.get(items[best]))
                    });
                }
            }
            Data::Guid(_) | Data::Dynamic(_) => {}
        }
        rows
    }
}

fn sum(data: &Data, ids: &[u32], count: usize) -> Data {
    match data {
        Data::Real(items) => {
            let mut sums = vec![0.0; count];
            for (item, id) in items.iter().zip(ids) {
                if !is_null_real(*item) {
                    sums[*id as usize] += item;
                }
            }
            Data::Real(sums)
        }
        Data::Number(items) => {
            let mut sums = vec![0_i64; count];
            for (item, id) in items.iter().zip(ids) {
                if *item != NULL_NUMBER {
                    let sum = &mut sums[*id as usize];
                    *sum = sum.wrapping_add(*item);
                }
            }
            Data::Number(sums)
        }
        Data::Decimal(items) => Data::Decimal(decimal_sums(items, ids, count).0),
        _ => Data::Number(vec![0; count]),
    }
}

/// The sums of decimals, and of how many; null where a sum is too large.
fn decimal_sums(items: &[Decimal], ids: &[u32], count: usize) -> (Vec<Decimal>, Vec<i64>) {
    let (mut sums, mut counts) = (vec![Decimal::ZERO; count], vec![0_i64; count]);
    for (item, id) in items.iter().zip(ids).filter(|(item, _)| !item.is_null()) {
        let sum = &mut sums[*id as usize];
        if !sum.is_null() {
            *sum = sum.plus(*item).unwrap_or(Decimal::NULL);
        }
        counts[*id as usize] += 1;
    }
    (sums, counts)
}

/// The mean; that of no number is NaN, and that of no instant or span null.
#[expect(clippy::cast_precision_loss, reason = "an average of numbers is a real")]
fn average(data: &Data, ids: &[u32], count: usize, of_ticks: bool) -> Data {
    let mut counts = vec![0_i64; count];
    let sums: Vec<f64> = match data {
        Data::Real(items) => {
            let mut sums = vec![0.0; count];
            for (item, id) in items.iter().zip(ids) {
                if !is_null_real(*item) {
                    sums[*id as usize] += item;
                    counts[*id as usize] += 1;
                }
            }
            sums
        }
        Data::Number(items) if of_ticks => {
            let mut sums = vec![0_i128; count];
            for (item, id) in items.iter().zip(ids) {
                if *item != NULL_NUMBER {
                    sums[*id as usize] += i128::from(*item);
                    counts[*id as usize] += 1;
                }
            }
            let mean = |(sum, count): (i128, i64)| match sum.checked_div(i128::from(count)) {
                Some(mean) => i64::try_from(mean).unwrap_or(NULL_NUMBER),
                None => NULL_NUMBER,
            };
            return Data::Number(sums.into_iter().zip(counts).map(mean).collect());
        }
        Data::Decimal(items) => {
            let (sums, counts) = decimal_sums(items, ids, count);
            let mean = |(sum, count): (Decimal, i64)| match sum.is_null() {
                false => sum.over(Decimal::of_long(count)).unwrap_or(Decimal::NULL),
                true => sum,
            };
            return Data::Decimal(sums.into_iter().zip(counts).map(mean).collect());
        }
        Data::Number(items) => {
            for (item, id) in items.iter().zip(ids) {
                counts[*id as usize] += i64::from(*item != NULL_NUMBER);
            }
            // Whole numbers are added as `sum` adds them, over the edge of 64 bits too.
            match sum(data, ids, count) {
                Data::Number(sums) => sums.into_iter().map(|sum| sum as f64).collect(),
                _ => Vec::new(),
            }
        }
        _ => vec![0.0; count],
    };
    let mean = |(sum, count): (f64, i64)| if count == 0 { f64::NAN } else { sum / count as f64 };
    Data::Real(sums.into_iter().zip(counts).map(mean).collect())
}

fn fold_bits(data: &Data, ids: &[u32], count: usize, start: i64, fold: fn(i64, i64) -> i64) -> Data {
    let mut results = vec![NULL_NUMBER; count];
    if let Data::Number(items) = data {
        for (item, id) in items.iter().zip(ids).filter(|(item, _)| **item != NULL_NUMBER) {
            let result = &mut results[*id as usize];
            *result = fold(if *result == NULL_NUMBER { start } else { *result }, *item);
        }
    }
    Data::Number(results)
}

/// The sort ranks of a column of numbers, instants or spans.
pub(super) fn numeric_rank(data: &Data, row: usize) -> Option<u128> {
    match data {
        Data::Number(items) => Some(number_rank(items[row])),
        Data::Real(items) => Some(real_rank(items[row])),
        _ => None,
    }
    .filter(|rank| *rank != 0)
}
