//! `top-nested`: level after level, the groups of rows that weigh most, and one group for the others.

use std::rc::Rc;

use crate::data::Data;
use crate::error::Outcome;
use crate::plan::{Level, Node, SortKey};
use crate::types::Type;
use crate::value::Value;

use super::env::Env;
use super::frame::{Frame, Lazy};
use super::group::{Groups, number};
use super::source::ROW_BYTES;

/// The rows that are still in, and the paths through the levels that they took.
struct Paths {
    rows: Vec<u32>,
    /// The path of each row.
    of_row: Vec<u32>,
    /// Key and value of each level, for each path.
    columns: Vec<Data>,
    count: usize,
    /// Paths before this one go on by their keys; the rest hold what others were left.
    by_key: usize,
}

impl Env<'_> {
    pub(super) fn top_nested(&mut self, frame: &Frame, levels: &[Level]) -> Outcome<Frame> {
        let mut paths = Paths {
            rows: (0..number(frame.rows)).collect(),
            of_row: vec![0; frame.rows],
            columns: Vec::new(),
            count: 1,
            by_key: 1,
        };
        for (index, level) in levels.iter().enumerate() {
            let keeps_others = levels[index..].iter().any(|level| level.others.is_some());
            paths = self.next_level(frame, &paths, level, keeps_others)?;
        }
        Ok(Frame::of(paths.count, paths.columns))
    }

    fn next_level(
        &mut self,
        frame: &Frame,
        paths: &Paths,
        level: &Level,
        keeps_others: bool,
    ) -> Outcome<Paths> {
        self.charge(paths.rows.len() * ROW_BYTES)?;
        let is_by_key = |place: &usize| (paths.of_row[*place] as usize) < paths.by_key;
        let keyed: Vec<usize> = (0..paths.rows.len()).filter(is_by_key).collect();
        let keyed_frame = frame.select(keyed.iter().map(|place| paths.rows[*place]).collect());
        let key = self.column(&level.key, &keyed_frame)?;
        let parents = Data::Number(keyed.iter().map(|place| i64::from(paths.of_row[*place])).collect());
        let groups = self.groups(&[&parents, &key], keyed.len())?;
        let groups =
            if keyed.is_empty() { Groups { of_row: Vec::new(), first_rows: Vec::new() } } else { groups };
        let values = self.level_values(level, &keyed_frame, &groups)?;
        let parent_of: Vec<u32> =
            groups.first_rows.iter().map(|row| paths.of_row[keyed[*row as usize]]).collect();
        let chosen = self.chosen(level, &values, &parent_of)?;

        // The new paths: the chosen groups, then one for what each path left, then the older ones of that kind.
        const NONE: u32 = u32::MAX;
        let mut path_of_group = vec![NONE; groups.count()];
        for (path, group) in chosen.iter().enumerate() {
            path_of_group[*group as usize] = number(path);
        }
        let mut parents_of_new: Vec<u32> = chosen.iter().map(|group| parent_of[*group as usize]).collect();
        let by_key = parents_of_new.len();
        let mut rest_of_parent = vec![NONE; paths.count];
        let mut new_of_row = vec![NONE; paths.rows.len()];
        let mut rest: Vec<usize> = Vec::new();
        for (place, group) in keyed.iter().zip(&groups.of_row) {
            match path_of_group[*group as usize] {
                NONE if keeps_others => {
                    rest_of_parent[paths.of_row[*place] as usize] = 0;
                    rest.push(*place);
                }
                path => new_of_row[*place] = path,
            }
        }
        // What others were left at a level above goes on as one.
        rest.extend((0..paths.rows.len()).filter(|place| !is_by_key(place)));
        rest_of_parent[paths.by_key..].fill(0);
        for (parent, rest_path) in rest_of_parent.iter_mut().enumerate().filter(|(_, path)| **path != NONE) {
            *rest_path = number(parents_of_new.len());
            parents_of_new.push(number(parent));
        }
        for place in &rest {
            new_of_row[*place] = rest_of_parent[paths.of_row[*place] as usize];
        }
        let rests = parents_of_new.len() - by_key;
        let mut keys =
            key.gather(&chosen.iter().map(|group| groups.first_rows[*group as usize]).collect::<Vec<_>>());
        let mut weights = values.gather(&chosen);
        if rests > 0 {
            let rest_frame = frame.select(rest.iter().map(|place| paths.rows[*place]).collect());
            let of_row = rest.iter().map(|place| new_of_row[*place] - number(by_key)).collect();
            let rest_groups = Groups { of_row, first_rows: vec![0; rests] };
            self.others(level, &rest_frame, &rest_groups, &mut keys, &mut weights)?;
        }
        let mut columns: Vec<Data> = paths.columns.iter().map(|data| data.gather(&parents_of_new)).collect();
        columns.push(keys);
        columns.push(weights);
        let kept = (0..paths.rows.len()).filter(|place| new_of_row[*place] != NONE);
        let (rows, of_row) = kept.map(|place| (paths.rows[place], new_of_row[place])).unzip();
        Ok(Paths { rows, of_row, columns, count: parents_of_new.len(), by_key })
    }

    /// The value of each group.
    fn level_values(&mut self, level: &Level, frame: &Frame, groups: &Groups) -> Outcome<Rc<Data>> {
        let mut columns = Vec::new();
        for aggregation in &level.aggregates {
            columns.extend(self.aggregate(aggregation, frame, groups)?);
        }
        self.column(&level.value, &Frame::of(groups.count(), columns))
    }

    /// The groups that are taken, those of one parent in their order.
    fn chosen(&mut self, level: &Level, values: &Rc<Data>, parent_of: &[u32]) -> Outcome<Vec<u32>> {
        let most = match &level.count {
            Some(count) => self.count_of(count)?,
            None => usize::MAX,
        };
        let parents = Data::Number(parent_of.iter().map(|parent| i64::from(*parent)).collect());
        let frame = Frame {
            rows: parent_of.len(),
            columns: vec![Lazy::of(Rc::new(parents)), Lazy::of(Rc::clone(values))],
        };
        let key = |place, ty, ascending| SortKey {
            node: Node::column(place, ty, level.value.span),
            ascending,
            nulls_first: false,
        };
        let keys = [key(0, Type::Long, true), key(1, level.value.ty, level.ascending)];
        let order = self.order(&frame, &keys)?;
        let (mut taken, mut last) = (0, None);
        let mut chosen = Vec::new();
        for group in order {
            let parent = parent_of[group as usize];
            if last != Some(parent) {
                (taken, last) = (0, Some(parent));
            }
            taken += 1;
            if taken <= most {
                chosen.push(group);
            }
        }
        Ok(chosen)
    }

    /// Appends key and value of the paths of others: nothing at a level that does not name them.
    fn others(
        &mut self,
        level: &Level,
        frame: &Frame,
        groups: &Groups,
        keys: &mut Data,
        weights: &mut Data,
    ) -> Outcome<()> {
        let count = groups.count();
        let Some(others) = &level.others else {
            (0..count).for_each(|_| keys.push_nothing());
            (0..count).for_each(|_| weights.push_nothing());
            return Ok(());
        };
        let name: Value = self.constant(others, &Frame { rows: 1, columns: Vec::new() })?;
        let names = Data::repeat(level.key.ty, &name, count, &mut self.pool);
        keys.extend_from(&names, count);
        let values = self.level_values(level, frame, groups)?;
        weights.extend_from(&values, count);
        Ok(())
    }
}
