//! A stored table: shared chunks of column vectors, so that a snapshot costs nothing and appending goes on.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::data::Data;
use crate::ingest::{Cell, Ingestion};
use crate::types::{Column, Type};
use crate::value::NULL_NUMBER;

/// Rows of every chunk but the last one.
pub(crate) const CHUNK: usize = 8_192;

#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) data: Vec<Data>,
    pub(crate) rows: usize,
    /// The least and the greatest value of each column of numbers, once the chunk is full; empty: not known.
    ranges: Vec<Option<(i64, i64)>>,
}

impl Chunk {
    fn new(columns: &[Column]) -> Chunk {
        Chunk {
            data: columns.iter().map(|column| Data::with_capacity(column.ty, 0)).collect(),
            rows: 0,
            ranges: Vec::new(),
        }
    }
}

impl Chunk {
    /// Whether a value of the column may lie in that range.
    fn may_hold(&self, column: usize, range: &RangeInclusive<i64>) -> bool {
        match self.ranges.get(column) {
            Some(Some((least, greatest))) => least <= range.end() && greatest >= range.start(),
            Some(None) | None => true,
        }
    }
}

/// A table: its columns, and its rows in the order of their arrival.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Arc<[Column]>,
    full: Arc<Vec<Arc<Chunk>>>,
    tail: Arc<Chunk>,
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Table {
        let tail = Arc::new(Chunk::new(&columns));
        Table { columns: columns.into(), full: Arc::default(), tail }
    }

    /// The columns, in their order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many rows there are.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.full.len() * CHUNK + self.tail.rows
    }

    pub(crate) fn append(&mut self, row: &Map<String, Json>, ingestion: &mut Ingestion<'_>) {
        let tail = Arc::make_mut(&mut self.tail);
        for (column, data) in self.columns.iter().zip(&mut tail.data) {
            ingestion.push(column.ty, &row.get(&column.name).map_or(Cell::Null, Cell::from), data);
        }
        self.end_row();
    }

    /// Sets a cell of the row under way; the last one counts.
    pub(crate) fn set(&mut self, column: usize, cell: &Cell<'_>, ingestion: &mut Ingestion<'_>) {
        let tail = Arc::make_mut(&mut self.tail);
        let data = &mut tail.data[column];
        data.truncate(tail.rows);
        ingestion.push(self.columns[column].ty, cell, data);
    }

    /// The row under way is complete: where nothing was set there is nothing.
    pub(crate) fn end_row(&mut self) {
        let tail = Arc::make_mut(&mut self.tail);
        tail.rows += 1;
        for data in &mut tail.data {
            if data.len() < tail.rows {
                data.push_nothing();
            }
        }
        if tail.rows == CHUNK {
            tail.ranges = tail.data.iter().map(Data::range).collect();
            let full = std::mem::replace(&mut self.tail, Arc::new(Chunk::new(&self.columns)));
            Arc::make_mut(&mut self.full).push(full);
        }
    }

    /// Forgets what was set of the row under way.
    pub(crate) fn drop_row(&mut self) {
        let tail = Arc::make_mut(&mut self.tail);
        for data in &mut tail.data {
            data.truncate(tail.rows);
        }
    }

    /// Adds a column, in which the rows until now have nothing.
    pub(crate) fn add_column(&mut self, column: Column) {
        for chunk in self.chunks_mut() {
            let mut data = Data::with_capacity(column.ty, chunk.rows);
            (0..chunk.rows).for_each(|_| data.push_nothing());
            chunk.data.push(data);
            chunk.ranges.clear();
        }
        self.columns = self.columns.iter().cloned().chain([column]).collect();
    }

    /// Gives a column another type: whole numbers become reals, anything else is forgotten.
    pub(crate) fn set_type(&mut self, column: usize, ty: Type) {
        let keeps = self.columns[column].ty.is_integer() && ty == Type::Real;
        for chunk in self.chunks_mut() {
            chunk.ranges.clear();
            let old = &chunk.data[column];
            chunk.data[column] = old.to_reals().filter(|_| keeps).unwrap_or_else(|| {
                let mut nothing = Data::with_capacity(ty, old.len());
                (0..old.len()).for_each(|_| nothing.push_nothing());
                nothing
            });
        }
        let typed = |(index, known): (usize, &Column)| Column {
            ty: if index == column { ty } else { known.ty },
            name: known.name.clone(),
        };
        self.columns = self.columns.iter().enumerate().map(typed).collect();
    }

    fn chunks_mut(&mut self) -> impl Iterator<Item = &mut Chunk> {
        let full = Arc::make_mut(&mut self.full).iter_mut();
        full.chain([&mut self.tail]).map(Arc::make_mut)
    }

    /// Drops full chunks from the front while more than `rows` rows stay without them.
    pub(crate) fn keep_newest(&mut self, rows: usize) {
        let surplus = self.row_count().saturating_sub(rows) / CHUNK;
        let surplus = surplus.min(self.full.len());
        if surplus > 0 {
            Arc::make_mut(&mut self.full).drain(..surplus);
        }
    }

    pub(crate) fn chunk(&self, index: usize) -> &Chunk {
        self.full.get(index).unwrap_or(&self.tail)
    }

    /// The rows whose value in a column of numbers lies in that range, and how many chunks were read to find them:
    /// those that can hold none are passed over.
    pub(crate) fn rows_in(&self, column: usize, range: &RangeInclusive<i64>) -> (Vec<u32>, usize) {
        let mut rows = Vec::new();
        let mut read = 0;
        let mut first = 0_u32;
        for chunk in self.full.iter().chain([&self.tail]) {
            if chunk.may_hold(column, range)
                && let Data::Number(items) = &chunk.data[column]
            {
                read += 1;
                let is_in = |item: &i64| *item != NULL_NUMBER && range.contains(item);
                rows.extend((first..).zip(items).filter(|(_, item)| is_in(item)).map(|(row, _)| row));
            }
            first += u32::try_from(chunk.rows).unwrap_or(0);
        }
        (rows, read)
    }

    /// One column as a single vector.
    pub(crate) fn flat(&self, column: usize) -> Data {
        let mut all = Data::with_capacity(self.columns[column].ty, self.row_count());
        for chunk in self.full.iter().chain(std::iter::once(&self.tail)) {
            all.extend_from(&chunk.data[column], chunk.rows);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::DynamicCache;
    use crate::pool::Pool;

    #[test]
    fn chunks_outside_a_range_are_not_read() {
        let mut table = Table::new(vec![Column::new("n", Type::Long)]);
        let pool = Pool::new();
        let mut ingestion = Ingestion { pool: &pool, dynamics: &mut DynamicCache::default() };
        for number in 0..i64::try_from(CHUNK).unwrap() * 4 + 5 {
            table.set(0, &Cell::Number(number.into()), &mut ingestion);
            table.end_row();
        }
        let chunk = i64::try_from(CHUNK).unwrap();
        let of = |range| table.rows_in(0, &range);
        // The chunk that is not full is always read.
        assert_eq!(of(chunk * 4 + 2..=i64::MAX), (vec![32_770, 32_771, 32_772], 1));
        assert_eq!(of(chunk - 1..=chunk), (vec![8_191, 8_192], 3));
        assert_eq!(of(i64::MIN..=-1), (vec![], 1));
        table.set_type(0, Type::Long);
        assert_eq!(table.rows_in(0, &(0..=1)), (vec![], 5), "what is not known is read");
    }
}
