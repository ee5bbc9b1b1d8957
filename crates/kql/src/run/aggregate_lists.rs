//! Aggregates that gather values: lists, sets, bags, percentiles.

use std::collections::HashSet;
use std::sync::Arc;

use crate::data::Data;
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::plan::AggregateKind;
use crate::types::Type;

use super::aggregate::numeric_rank;
use super::env::Env;
use super::eval::dynamic_cell;

impl Env<'_> {
    pub(super) fn collect(
        &mut self,
        kind: &AggregateKind,
        data: &Data,
        ty: Type,
        ids: &[u32],
        count: usize,
    ) -> Outcome<Vec<Data>> {
        match kind {
            AggregateKind::Set { limit } => {
                if let Data::Dynamic(items) = data {
                    return self.sets_of_elements(items, ids, count, *limit);
                }
                let rows = self.distinct_pairs(data, ids)?;
                self.lists(data, ty, ids, count, rows.into_iter().map(|row| row as usize), *limit, false)
            }
            AggregateKind::List { limit, with_nulls } => {
                self.lists(data, ty, ids, count, 0..ids.len(), *limit, *with_nulls)
            }
            AggregateKind::Bag { limit } => Ok(bags(data, ids, count, *limit)),
            AggregateKind::Percentiles(ranks) => {
                let sorted = sorted_rows(data, ids, count);
                self.tick()?;
                let pick = |rank: &f64| data.gather(&nearest(&sorted, *rank));
                Ok(ranks.iter().map(pick).collect())
            }
            AggregateKind::PercentileArray(ranks) => {
                let sorted = sorted_rows(data, ids, count);
                let picked: Vec<Data> =
                    ranks.iter().map(|rank| data.gather(&nearest(&sorted, *rank))).collect();
                let array = |group: usize| {
                    let items = picked.iter().map(|data| dynamic_cell(data, ty, group, &self.pool));
                    Dynamic::Array(items.collect())
                };
                Ok(vec![Data::Dynamic((0..count).map(array).collect())])
            }
            _ => Ok(vec![Data::Dynamic(vec![Dynamic::Null; count])]),
        }
    }

    /// The distinct elements of arrays, and other values as they are.
    fn sets_of_elements(
        &mut self,
        items: &[Dynamic],
        ids: &[u32],
        count: usize,
        limit: usize,
    ) -> Outcome<Vec<Data>> {
        let mut seen: HashSet<(u32, String)> = HashSet::new();
        let mut sets: Vec<Vec<Dynamic>> = vec![Vec::new(); count];
        for (item, id) in items.iter().zip(ids) {
            let set = &mut sets[*id as usize];
            let elements = match item {
                Dynamic::Array(elements) => elements,
                other => std::slice::from_ref(other),
            };
            let mut bytes = 0;
            for element in elements.iter().filter(|element| !element.is_null()) {
                let key = element.to_json_text();
                bytes += key.len() + 64;
                if set.len() < limit && seen.insert((*id, key)) {
                    set.push(element.clone());
                }
            }
            self.charge(bytes / 8)?;
        }
        Ok(vec![Data::Dynamic(sets.into_iter().map(|set| Dynamic::Array(set.into())).collect())])
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one aggregate, used in one place")]
    fn lists(
        &mut self,
        data: &Data,
        ty: Type,
        ids: &[u32],
        count: usize,
        rows: impl Iterator<Item = usize>,
        limit: usize,
        with_nulls: bool,
    ) -> Outcome<Vec<Data>> {
        let mut lists: Vec<Vec<Dynamic>> = vec![Vec::new(); count];
        let mut added = 0;
        for row in rows {
            let list = &mut lists[ids[row] as usize];
            if list.len() >= limit || (!with_nulls && data.is_null(row)) {
                continue;
            }
            list.push(dynamic_cell(data, ty, row, &self.pool));
            added += 1;
            if added % 16_384 == 0 {
                self.charge(16_384 * 32)?;
            }
        }
        Ok(vec![Data::Dynamic(lists.into_iter().map(|list| Dynamic::Array(list.into())).collect())])
    }
}

/// The members of all bags of a group; the first value of a name wins.
fn bags(data: &Data, ids: &[u32], count: usize, limit: usize) -> Vec<Data> {
    let mut bags: Vec<Vec<(Arc<str>, Dynamic)>> = vec![Vec::new(); count];
    let mut names: Vec<HashSet<Arc<str>>> = vec![HashSet::new(); count];
    if let Data::Dynamic(items) = data {
        for (item, id) in items.iter().zip(ids) {
            let Dynamic::Bag(members) = item else { continue };
            let (bag, names) = (&mut bags[*id as usize], &mut names[*id as usize]);
            for (name, value) in &**members {
                if bag.len() < limit && names.insert(name.clone()) {
                    bag.push((name.clone(), value.clone()));
                }
            }
        }
    }
    vec![Data::Dynamic(bags.into_iter().map(|bag| Dynamic::Bag(bag.into())).collect())]
}

/// The rows of each group by rising value, without nulls.
fn sorted_rows(data: &Data, ids: &[u32], count: usize) -> Vec<Vec<u32>> {
    let mut groups: Vec<Vec<(u128, u32)>> = vec![Vec::new(); count];
    for (row, id) in (0_u32..).zip(ids) {
        if let Some(rank) = numeric_rank(data, row as usize) {
            groups[*id as usize].push((rank, row));
        }
    }
    let sort = |mut group: Vec<(u128, u32)>| {
        group.sort_unstable();
        group.into_iter().map(|(_, row)| row).collect()
    };
    groups.into_iter().map(sort).collect()
}

/// The row at that percentile of each group, by the nearest rank.
fn nearest(groups: &[Vec<u32>], percentile: f64) -> Vec<u32> {
    let pick = |rows: &Vec<u32>| {
        #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
        let rank = (percentile / 100.0 * rows.len() as f64).ceil().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at least 1, at most the count"
        )]
        let index = rank as usize - 1;
        rows.get(index).or(rows.last()).copied().unwrap_or(crate::data::NO_ROW)
    };
    groups.iter().map(pick).collect()
}
