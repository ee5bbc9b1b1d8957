//! A stored table: shared chunks of column vectors, so that a snapshot costs nothing and appending goes on.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::data::Data;
use crate::ingest::Ingestion;
use crate::types::Column;

/// Rows of every chunk but the last one.
pub(crate) const CHUNK: usize = 8_192;

#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) data: Vec<Data>,
    pub(crate) rows: usize,
}

impl Chunk {
    fn new(columns: &[Column]) -> Chunk {
        Chunk { data: columns.iter().map(|column| Data::with_capacity(column.ty, 0)).collect(), rows: 0 }
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
            ingestion.push(column.ty, row.get(&column.name), data);
        }
        tail.rows += 1;
        if tail.rows == CHUNK {
            let full = std::mem::replace(&mut self.tail, Arc::new(Chunk::new(&self.columns)));
            Arc::make_mut(&mut self.full).push(full);
        }
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

    /// One column as a single vector.
    pub(crate) fn flat(&self, column: usize) -> Data {
        let mut all = Data::with_capacity(self.columns[column].ty, self.row_count());
        for chunk in self.full.iter().chain(std::iter::once(&self.tail)) {
            all.extend_from(&chunk.data[column], chunk.rows);
        }
        all
    }
}
