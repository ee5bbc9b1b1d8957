//! `evaluate pivot`: groups of rows as rows, and the values of one column as columns.

use std::collections::HashMap;
use std::rc::Rc;

use crate::data::Data;
use crate::error::Outcome;
use crate::plan::Pivot;

use super::env::Env;
use super::frame::{Frame, Lazy};
use super::group::{Groups, number};

/// The place of rows whose value is no column.
const NO_COLUMN: u32 = u32::MAX;

impl Env<'_> {
    pub(super) fn pivot(&mut self, frame: &Frame, pivot: &Pivot) -> Outcome<Frame> {
        let mut keys = Vec::new();
        for key in &pivot.keys {
            keys.push(self.column(key, frame)?);
        }
        let key_data: Vec<&Data> = keys.iter().map(|data| &**data).collect();
        let groups = self.groups(&key_data, frame.rows)?;
        let rows = if frame.rows == 0 { 0 } else { groups.count() };
        let width = pivot.names.len();
        // Each cell is a group, so that one without rows holds what the aggregate says of nothing.
        let cells = rows.saturating_mul(width);
        self.charge(cells.saturating_mul(32))?;
        let places: HashMap<&str, u32> = pivot.names.iter().map(String::as_str).zip(0..).collect();
        let values = self.column(&pivot.pivot, frame)?;
        let Data::String(ids) = &*values else { return Ok(Frame::of(0, Vec::new())) };
        let mut known: HashMap<u32, u32> = HashMap::new();
        let (mut kept, mut of_row) = (Vec::new(), Vec::new());
        for (row, id) in ids.iter().enumerate() {
            let place = *known
                .entry(*id)
                .or_insert_with(|| places.get(self.pool.get(*id)).copied().unwrap_or(NO_COLUMN));
            if place != NO_COLUMN {
                kept.push(number(row));
                of_row.push(number(groups.of_row[row] as usize * width + place as usize));
            }
        }
        let cell_groups = Groups { of_row, first_rows: vec![0; cells] };
        let made = self.aggregate(&pivot.aggregation, &frame.select(kept), &cell_groups)?;
        let mut columns: Vec<Lazy> = Vec::new();
        let first_rows = &groups.first_rows[..rows];
        columns.extend(keys.iter().map(|data| Lazy::of(Rc::new(data.gather(first_rows)))));
        for place in 0..width {
            self.tick()?;
            let places: Vec<u32> = (0..rows).map(|row| number(row * width + place)).collect();
            if let Some(data) = made.first() {
                columns.push(Lazy::of(Rc::new(data.gather(&places))));
            }
        }
        Ok(Frame { rows, columns })
    }
}
