//! Joins: rows of both sides with equal keys (rules 1 to 3).

use crate::data::{Data, NO_ROW};
use crate::error::Outcome;
use crate::plan::{Join, JoinKind};

use super::env::Env;
use super::eval::TICK_ROWS;
use super::frame::Frame;
use super::group::number;
use super::source::ROW_BYTES;

impl Env<'_> {
    pub(super) fn join(&mut self, left: &Frame, join: &Join) -> Outcome<Frame> {
        let span = self.span;
        let right = self.plan(&join.right)?;
        self.span = span;
        let mut keys = Vec::new();
        for (left_key, right_key) in &join.keys {
            let mut both = (*left.data(*left_key, &self.pool)).clone();
            both.extend_from(&right.data(*right_key, &self.pool), right.rows);
            keys.push(both);
        }
        let keys: Vec<&Data> = keys.iter().collect();
        let groups = self.groups(&keys, left.rows + right.rows)?;
        let (left_groups, right_groups) = groups.of_row.split_at(left.rows);
        match join.kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => {
                let rows =
                    matching(left_groups, right_groups, groups.count(), join.kind == JoinKind::LeftSemi);
                Ok(left.select(rows))
            }
            JoinKind::RightSemi | JoinKind::RightAnti => {
                let rows =
                    matching(right_groups, left_groups, groups.count(), join.kind == JoinKind::RightSemi);
                Ok(right.select(rows))
            }
            kind => {
                let (left_rows, right_rows) = self.pairs(kind, left_groups, right_groups, groups.count())?;
                let rows = left_rows.len();
                let mut columns = left.select(left_rows).columns;
                columns.extend(right.select(right_rows).columns);
                Ok(Frame { rows, columns })
            }
        }
    }

    /// The rows of both sides that stand side by side; `NO_ROW` where a side has none.
    fn pairs(
        &mut self,
        kind: JoinKind,
        left: &[u32],
        right: &[u32],
        groups: usize,
    ) -> Outcome<(Vec<u32>, Vec<u32>)> {
        let partners = Partners::of(right, groups);
        let keeps_left = matches!(kind, JoinKind::LeftOuter | JoinKind::FullOuter);
        let keeps_right = matches!(kind, JoinKind::RightOuter | JoinKind::FullOuter);
        let mut seen = vec![false; groups];
        let (mut left_rows, mut right_rows) = (Vec::new(), Vec::new());
        let mut charged = 0;
        for (row, group) in left.iter().enumerate() {
            if row % TICK_ROWS == 0 || left_rows.len() - charged > TICK_ROWS * 16 {
                self.charge((left_rows.len() - charged) * ROW_BYTES)?;
                charged = left_rows.len();
            }
            if std::mem::replace(&mut seen[*group as usize], true) && kind == JoinKind::InnerUnique {
                continue;
            }
            let matches = partners.rows(*group);
            if matches.is_empty() && keeps_left {
                left_rows.push(number(row));
                right_rows.push(NO_ROW);
            }
            for (index, partner) in matches.iter().enumerate() {
                if index % (TICK_ROWS * 64) == TICK_ROWS * 64 - 1 {
                    self.charge((left_rows.len() - charged) * ROW_BYTES)?;
                    charged = left_rows.len();
                }
                left_rows.push(number(row));
                right_rows.push(*partner);
            }
        }
        if keeps_right {
            for (row, group) in right.iter().enumerate() {
                if !seen[*group as usize] {
                    left_rows.push(NO_ROW);
                    right_rows.push(number(row));
                }
            }
        }
        self.charge((left_rows.len() - charged) * ROW_BYTES)?;
        Ok((left_rows, right_rows))
    }
}

/// The rows whose group the other side has (or has not).
fn matching(rows: &[u32], others: &[u32], groups: usize, wanted: bool) -> Vec<u32> {
    let mut present = vec![false; groups];
    for group in others {
        present[*group as usize] = true;
    }
    Env::rows_at(
        rows.iter().enumerate().filter(|(_, group)| present[**group as usize] == wanted).map(|(row, _)| row),
    )
}

/// The rows of each group, in their order.
struct Partners {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Partners {
    fn of(groups_of_rows: &[u32], groups: usize) -> Partners {
        let mut starts = vec![0_u32; groups + 1];
        for group in groups_of_rows {
            starts[*group as usize + 1] += 1;
        }
        for group in 0..groups {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; groups_of_rows.len()];
        for (row, group) in groups_of_rows.iter().enumerate() {
            let place = &mut next[*group as usize];
            rows[*place as usize] = number(row);
            *place += 1;
        }
        Partners { starts, rows }
    }

    fn rows(&self, group: u32) -> &[u32] {
        let group = group as usize;
        &self.rows[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}
