//! Sorting: nulls are smallest, strings go by code point (rule 9).

use std::cmp::Ordering;

use crate::data::Data;
use crate::error::Outcome;
use crate::plan::SortKey;
use crate::pool::QueryPool;
use crate::value::{NULL_BOOL, NULL_GUID, NULL_NUMBER, is_null_real};

use super::env::Env;
use super::frame::Frame;
use super::group::number;

/// Rows sorted at one go; between two of these blocks the clock is looked at.
const BLOCK: usize = 1 << 16;

/// The rank of what is no number, below all numbers.
const NAN_RANK: u128 = 1;
/// Above the rank of every real.
const HIGHEST_RANK: u128 = u128::MAX;

/// A column as numbers that sort as its values do; 0 is null.
struct Ranks {
    ranks: Vec<u128>,
    ascending: bool,
    nulls_first: bool,
}

impl Env<'_> {
    /// The rows in their new order; equal rows keep theirs.
    pub(super) fn order(&mut self, frame: &Frame, keys: &[SortKey]) -> Outcome<Vec<u32>> {
        let ranks = self.key_ranks(frame, keys)?;
        let mut rows: Vec<u32> = (0..number(frame.rows)).collect();
        let compare = |a: &u32, b: &u32| compare(&ranks, *a as usize, *b as usize);
        for block in rows.chunks_mut(BLOCK) {
            block.sort_by(compare);
            self.tick()?;
        }
        let mut width = BLOCK;
        let mut merged = Vec::with_capacity(rows.len());
        while width < rows.len() {
            merged.clear();
            for pair in rows.chunks(width * 2) {
                let (left, right) = pair.split_at(width.min(pair.len()));
                merge(left, right, &compare, &mut merged);
                self.tick()?;
            }
            std::mem::swap(&mut rows, &mut merged);
            width *= 2;
        }
        Ok(rows)
    }

    /// The first rows of that order.
    pub(super) fn top(&mut self, frame: &Frame, keys: &[SortKey], count: usize) -> Outcome<Vec<u32>> {
        if count >= frame.rows / 4 || count == 0 {
            let mut rows = self.order(frame, keys)?;
            rows.truncate(count);
            return Ok(rows);
        }
        let ranks = self.key_ranks(frame, keys)?;
        let compare = |a: &u32, b: &u32| compare(&ranks, *a as usize, *b as usize).then(a.cmp(b));
        let mut rows: Vec<u32> = (0..number(frame.rows)).collect();
        rows.select_nth_unstable_by(count - 1, compare);
        rows.truncate(count);
        rows.sort_by(compare);
        Ok(rows)
    }

    fn key_ranks(&mut self, frame: &Frame, keys: &[SortKey]) -> Outcome<Vec<Ranks>> {
        let mut list = Vec::new();
        for key in keys {
            let data = self.column(&key.node, frame)?;
            let mut ranks = ranks(&data, &self.pool);
            if let Data::Real(items) = &*data {
                // What is no number stands beside the nulls, wherever they are.
                let rank = if key.nulls_first == key.ascending { NAN_RANK } else { HIGHEST_RANK };
                let is_nan = |item: &f64| item.is_nan() && !is_null_real(*item);
                let nans = items.iter().zip(&mut ranks).filter(|(item, _)| is_nan(item));
                nans.for_each(|(_, of_nan)| *of_nan = rank);
            }
            list.push(Ranks { ranks, ascending: key.ascending, nulls_first: key.nulls_first });
        }
        Ok(list)
    }
}

fn merge(left: &[u32], right: &[u32], compare: &impl Fn(&u32, &u32) -> Ordering, out: &mut Vec<u32>) {
    let (mut left, mut right) = (left, right);
    while let (Some(a), Some(b)) = (left.first(), right.first()) {
        if compare(a, b) == Ordering::Greater {
            out.push(*b);
            right = &right[1..];
        } else {
            out.push(*a);
            left = &left[1..];
        }
    }
    out.extend_from_slice(left);
    out.extend_from_slice(right);
}

fn compare(keys: &[Ranks], a: usize, b: usize) -> Ordering {
    for key in keys {
        let (left, right) = (key.ranks[a], key.ranks[b]);
        let order = match (left, right) {
            (0, 0) => Ordering::Equal,
            (0, _) if key.nulls_first => Ordering::Less,
            (0, _) => Ordering::Greater,
            (_, 0) if key.nulls_first => Ordering::Greater,
            (_, 0) => Ordering::Less,
            _ if key.ascending => left.cmp(&right),
            _ => right.cmp(&left),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Numbers that sort as the values do; 0 stands for null.
fn ranks(data: &Data, pool: &QueryPool) -> Vec<u128> {
    match data {
        Data::Bool(items) => {
            items.iter().map(|item| if *item == NULL_BOOL { 0 } else { u128::from(*item) + 1 }).collect()
        }
        Data::Number(items) => items.iter().map(|item| number_rank(*item)).collect(),
        Data::Real(items) => items.iter().map(|item| real_rank(*item)).collect(),
        Data::Decimal(items) => {
            let mut distinct = items.clone();
            distinct.sort_unstable();
            distinct.dedup();
            // The null, which is less than all, has its place only when there is one.
            let first = u128::from(!distinct.first().is_some_and(|item| item.is_null()));
            items.iter().map(|item| first + distinct.partition_point(|other| other < item) as u128).collect()
        }
        Data::Guid(items) => {
            items.iter().map(|item| if *item == NULL_GUID { 0 } else { item.saturating_add(1) }).collect()
        }
        Data::String(ids) => {
            let mut distinct: Vec<u32> = ids.clone();
            distinct.sort_unstable();
            distinct.dedup();
            distinct.sort_by(|a, b| pool.get(*a).cmp(pool.get(*b)));
            if ids.len() < pool.len() / 64 {
                let place = |id: &u32| distinct.partition_point(|known| pool.get(*known) < pool.get(*id));
                return ids.iter().map(|id| u128::from(number(place(id))) + 1).collect();
            }
            let mut rank_of = vec![0_u32; pool.len()];
            for (rank, id) in distinct.iter().enumerate() {
                rank_of[*id as usize] = number(rank) + 1;
            }
            ids.iter().map(|id| u128::from(rank_of[*id as usize])).collect()
        }
        Data::Dynamic(items) => vec![0; items.len()],
    }
}

#[expect(clippy::cast_sign_loss, reason = "the sign bit is turned so that the order stays")]
pub(super) fn number_rank(value: i64) -> u128 {
    if value == NULL_NUMBER { 0 } else { u128::from((value as u64) ^ (1 << 63)) + 1 }
}

pub(super) fn real_rank(value: f64) -> u128 {
    if is_null_real(value) {
        return 0;
    }
    if value.is_nan() {
        return NAN_RANK;
    }
    let bits = value.to_bits();
    let turned = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
    u128::from(turned) + 2
}
