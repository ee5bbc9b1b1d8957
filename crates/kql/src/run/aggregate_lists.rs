//! Aggregates that gather values: lists, sets, bags, percentiles.

use std::collections::HashSet;
use std::sync::Arc;

use crate::aggregates::AggregateKind;
use crate::data::{Data, NO_ROW};
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::types::Type;

use super::aggregate::numeric_rank;
use super::env::Env;
use super::eval::dynamic_cell;

/// After so many elements their memory is noted.
const CHARGED: usize = 16_384;

impl Env<'_> {
    pub(super) fn collect(
        &mut self,
        kind: &AggregateKind,
        (data, ty): (&Data, Type),
        weights: Option<&Data>,
        ids: &[u32],
        count: usize,
    ) -> Outcome<Vec<Data>> {
        match kind {
            AggregateKind::Set { limit } => match data {
                Data::Dynamic(items) => self.sets_of_elements(items, ids, count, *limit),
                Data::String(_) => {
                    Ok(vec![self.lists_of_texts(data, ids, count, *limit, true)?.to_data(&self.pool)])
                }
                _ => {
                    let rows = self.distinct_pairs(data, ids)?.into_iter().map(|row| row as usize);
                    self.lists(data, ty, ids, count, rows, *limit, false)
                }
            },
            AggregateKind::List { limit, with_nulls } => match data {
                Data::Dynamic(items) => self.lists_of_elements(items, ids, count, *limit),
                Data::String(_) => {
                    Ok(vec![self.lists_of_texts(data, ids, count, *limit, false)?.to_data(&self.pool)])
                }
                _ => self.lists(data, ty, ids, count, 0..ids.len(), *limit, *with_nulls),
            },
            AggregateKind::Bag { limit } => Ok(bags(data, ids, count, *limit)),
            AggregateKind::Percentiles(percentiles) => {
                let sorted = sorted_rows(data, weights, ids, count);
                self.tick()?;
                Ok(percentiles.iter().map(|one| data.gather(&nearest(&sorted, *one))).collect())
            }
            AggregateKind::PercentileArray(percentiles) => {
                let sorted = sorted_rows(data, weights, ids, count);
                self.tick()?;
                let pick = |one: &f64| data.gather(&nearest(&sorted, *one));
                let picked: Vec<Data> = percentiles.iter().map(pick).collect();
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

    /// The elements of arrays, and other values as they are; a null among dynamics is a value like others.
    fn lists_of_elements(
        &mut self,
        items: &[Dynamic],
        ids: &[u32],
        count: usize,
        limit: usize,
    ) -> Outcome<Vec<Data>> {
        let mut lists: Vec<Vec<Dynamic>> = vec![Vec::new(); count];
        let mut added = 0;
        for (item, id) in items.iter().zip(ids) {
            let list = &mut lists[*id as usize];
            let elements = match item {
                Dynamic::Array(elements) => elements,
                other => std::slice::from_ref(other),
            };
            let room = limit.saturating_sub(list.len()).min(elements.len());
            list.extend_from_slice(&elements[..room]);
            added += room + 1;
            if added >= CHARGED {
                self.charge(added * size_of::<Dynamic>())?;
                added = 0;
            }
        }
        Ok(vec![Data::Dynamic(lists.into_iter().map(|list| Dynamic::Array(list.into())).collect())])
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
            if added % CHARGED == 0 {
                self.charge(CHARGED * size_of::<Dynamic>())?;
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

/// The rows of each group by rising value, without nulls, each with the weight of all rows up to it.
fn sorted_rows(data: &Data, weights: Option<&Data>, ids: &[u32], count: usize) -> Vec<Vec<(u32, u128)>> {
    let mut groups: Vec<Vec<(u128, u32)>> = vec![Vec::new(); count];
    for (row, id) in (0_u32..).zip(ids) {
        if let Some(rank) = numeric_rank(data, row as usize) {
            groups[*id as usize].push((rank, row));
        }
    }
    let weight = |row: u32| match weights {
        None => 1,
        // A row without weight counts as if it were not there; so does one of a weight below 0.
        Some(Data::Number(weights)) => u128::try_from(weights[row as usize]).unwrap_or(0),
        Some(_) => 0,
    };
    let sort = |mut group: Vec<(u128, u32)>| {
        group.sort_unstable();
        let mut total = 0;
        let rows = group.into_iter().filter(|(_, row)| weight(*row) > 0);
        rows.map(|(_, row)| {
            total += weight(row);
            (row, total)
        })
        .collect()
    };
    groups.into_iter().map(sort).collect()
}

/// The row at that percentile of each group, by the nearest rank.
fn nearest(groups: &[Vec<(u32, u128)>], percentile: f64) -> Vec<u32> {
    let pick = |rows: &Vec<(u32, u128)>| {
        let Some((last, total)) = rows.last() else { return NO_ROW };
        #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
        let rank = (percentile / 100.0 * *total as f64).ceil().max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1")]
        let rank = rank as u128;
        rows.get(rows.partition_point(|(_, up_to)| *up_to < rank)).map_or(*last, |(row, _)| *row)
    };
    groups.iter().map(pick).collect()
}
