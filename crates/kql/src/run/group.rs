//! Rows with equal keys get equal numbers: the ground of `summarize`, `distinct`, `join` and `make-series`.

use std::hash::BuildHasherDefault;

use crate::data::Data;
use crate::error::Outcome;
use crate::pool::QuickMap;
use crate::value::is_null_real;

use super::env::Env;
use super::eval::TICK_ROWS;

/// The group of each row, and the first row of each group, in the order of their first rows.
pub(super) struct Groups {
    pub(super) of_row: Vec<u32>,
    pub(super) first_rows: Vec<u32>,
}

impl Groups {
    /// All rows in one group, even when there is none.
    pub(super) fn one(rows: usize) -> Groups {
        Groups { of_row: vec![0; rows], first_rows: vec![0] }
    }

    pub(super) fn count(&self) -> usize {
        self.first_rows.len()
    }
}

impl Env<'_> {
    /// Groups rows by their keys; null and empty are keys like any other (rule 6).
    pub(super) fn groups(&mut self, keys: &[&Data], rows: usize) -> Outcome<Groups> {
        let mut groups: Option<Groups> = None;
        for key in keys {
            // Rows that differ already need no further key.
            if groups.as_ref().is_some_and(|groups| groups.count() == rows) {
                break;
            }
            let codes = self.codes(key);
            self.tick()?;
            groups = Some(match groups {
                None => self.group_codes(&codes)?,
                Some(groups) => self.refine(groups, &codes)?,
            });
        }
        Ok(groups.unwrap_or_else(|| Groups::one(rows)))
    }

    fn group_codes(&self, codes: &Codes) -> Outcome<Groups> {
        let mut first_rows = Vec::new();
        let mut of_row = Vec::with_capacity(codes.len());
        match codes {
            Codes::Small(codes, bound) => {
                let mut known = vec![u32::MAX; *bound];
                for (row, code) in codes.iter().enumerate() {
                    let group = &mut known[*code as usize];
                    if *group == u32::MAX {
                        *group = number(first_rows.len());
                        first_rows.push(number(row));
                    }
                    of_row.push(*group);
                }
            }
            Codes::Large(codes) => {
                let mut known: QuickMap<u64, u32> =
                    QuickMap::with_capacity_and_hasher(codes.len(), BuildHasherDefault::default());
                for (row, code) in codes.iter().enumerate() {
                    if row % TICK_ROWS == 0 {
                        self.tick()?;
                    }
                    let group = *known.entry(*code).or_insert_with(|| {
                        first_rows.push(number(row));
                        number(first_rows.len() - 1)
                    });
                    of_row.push(group);
                }
            }
        }
        Ok(Groups { of_row, first_rows })
    }

    /// Splits groups by one more key.
    fn refine(&self, groups: Groups, codes: &Codes) -> Outcome<Groups> {
        let inner = self.group_codes(codes)?;
        if inner.count() <= 1 {
            return Ok(groups);
        }
        self.refine_by(&groups.of_row, groups.count(), inner)
    }

    fn refine_by(&self, outer: &[u32], outer_count: usize, inner: Groups) -> Outcome<Groups> {
        if outer_count <= 1 {
            return Ok(inner);
        }
        let width = inner.count() as u64;
        let bound = outer_count as u64 * width;
        let paired = outer.iter().zip(&inner.of_row);
        let paired = paired.map(|(outer, inner)| u64::from(*outer) * width + u64::from(*inner));
        // Few pairs fit a table; many that are mostly not there would need a large one.
        let codes = match usize::try_from(bound) {
            Ok(bound) if bound <= (outer.len() * 4).max(1 << 12) => {
                Codes::Small(paired.map(|code| u32::try_from(code).unwrap_or(u32::MAX)).collect(), bound)
            }
            _ => Codes::Large(paired.collect()),
        };
        self.group_codes(&codes)
    }

    /// The first row of each distinct pair of group and value.
    pub(super) fn distinct_pairs(&mut self, data: &Data, groups: &[u32]) -> Outcome<Vec<u32>> {
        let codes = self.codes(data);
        let inner = self.group_codes(&codes)?;
        let count = groups.iter().max().map_or(0, |last| *last as usize + 1);
        Ok(self.refine_by(groups, count, inner)?.first_rows)
    }

    /// A number for each value, equal for equal values.
    fn codes(&mut self, data: &Data) -> Codes {
        #[expect(clippy::cast_sign_loss, reason = "only equality of the bits matters")]
        match data {
            // A few rows are not worth an array as long as the pool.
            Data::String(ids) if ids.len() < self.pool.len() / 64 => {
                Codes::Large(ids.iter().map(|id| u64::from(*id)).collect())
            }
            Data::String(ids) => Codes::Small(ids.clone(), self.pool.len()),
            Data::Bool(items) => Codes::Small(items.iter().map(|item| u32::from(*item)).collect(), 3),
            Data::Number(items) => Codes::Large(items.iter().map(|item| *item as u64).collect()),
            Data::Real(items) => Codes::Large(items.iter().map(|item| real_code(*item)).collect()),
            Data::Guid(items) => wide_codes(items.iter().copied()),
            Data::Decimal(items) => wide_codes(items.iter().map(|item| item.key())),
            Data::Dynamic(items) => {
                let ids = items.iter().map(|item| {
                    let text = if item.is_null() { String::new() } else { item.to_json_text() };
                    self.pool.intern(&text)
                });
                let ids = ids.collect();
                Codes::Small(ids, self.pool.len())
            }
        }
    }
}

/// Values of 128 bits, numbered in the order in which they come.
fn wide_codes(items: impl Iterator<Item = u128>) -> Codes {
    let mut known: QuickMap<u128, u64> = QuickMap::default();
    let code = |item: u128| {
        let next = known.len() as u64;
        *known.entry(item).or_insert(next)
    };
    Codes::Large(items.map(code).collect())
}

fn real_code(value: f64) -> u64 {
    if is_null_real(value) {
        value.to_bits()
    } else if value.is_nan() {
        f64::NAN.to_bits()
    } else if value == 0.0 {
        0
    } else {
        value.to_bits()
    }
}

/// Codes with a known bound can index an array; others need a map.
enum Codes {
    Small(Vec<u32>, usize),
    Large(Vec<u64>),
}

impl Codes {
    fn len(&self) -> usize {
        match self {
            Codes::Small(codes, _) => codes.len(),
            Codes::Large(codes) => codes.len(),
        }
    }
}

/// A row or a group as a number; frames never hold more rows than fit.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX - 1)
}
