//! A table that is filled cell by cell, by whoever reads rows out of a stream.

use std::sync::Arc;

use crate::ingest::{Cell, DynamicCache, Ingestion};
use crate::pool::{self, Pool};
use crate::table::Table;
use crate::types::{Column, Type};

/// A table under way, made by `Database::loader`.
///
/// ```
/// use kql::{Cell, Column, Database, Type};
///
/// let mut database = Database::new();
/// let mut loader = database.loader(vec![Column::new("a", Type::Long)]);
/// loader.set(0, &Cell::Text("7"));
/// loader.end_row();
/// database.put("T", loader);
/// assert_eq!(database.table("T").map(|table| table.row_count()), Some(1));
/// ```
#[derive(Debug)]
pub struct Loader {
    table: Table,
    pool: Arc<Pool>,
    dynamics: DynamicCache,
}

impl Loader {
    pub(crate) fn new(table: Table, pool: Arc<Pool>) -> Loader {
        Loader { table, pool, dynamics: DynamicCache::default() }
    }

    pub(crate) fn into_table(mut self) -> Table {
        self.table.drop_row();
        self.table
    }

    /// The columns, in their order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        self.table.columns()
    }

    /// Sets a cell of the row under way, by the number of its column; the last value counts. What cannot be read as
    /// the column's type is null.
    ///
    /// # Panics
    /// When there is no such column.
    pub fn set(&mut self, column: usize, cell: &Cell<'_>) {
        let mut ingestion = Ingestion { pool: &self.pool, dynamics: &mut self.dynamics };
        self.table.set(column, cell, &mut ingestion);
    }

    /// Makes it quicker to set those texts soon, a hundred or so: where they will be looked up is read for all of them at the
    /// same time. It changes nothing that is read later.
    pub fn announce(&self, texts: &[&str]) {
        pool::announce(&self.pool, texts);
    }

    /// The row under way is complete. What was not set is empty in a string column and null elsewhere.
    pub fn end_row(&mut self) {
        self.table.end_row();
    }

    /// Forgets the row under way.
    pub fn drop_row(&mut self) {
        self.table.drop_row();
    }

    /// Forgets all rows; the columns stay.
    pub fn forget_rows(&mut self) {
        self.table = Table::new(self.table.columns().to_vec());
    }

    /// Adds a column at the end, in which the rows until now have nothing.
    pub fn add_column(&mut self, column: Column) {
        self.table.add_column(column);
    }

    /// Gives a column another type: whole numbers become reals, anything else is forgotten.
    ///
    /// # Panics
    /// When there is no such column.
    pub fn set_type(&mut self, column: usize, ty: Type) {
        self.table.set_type(column, ty);
    }
}
