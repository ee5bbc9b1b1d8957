//! The tables that queries read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::builtin;
use crate::ingest::{DynamicCache, Ingestion};
use crate::loader::Loader;
use crate::pool::Pool;
use crate::table::Table;
use crate::types::Column;

/// Named tables. A clone is a cheap snapshot: it shares all rows, and later appends on either side stay unseen by
/// the other, so a server clones it for each query and goes on appending.
#[derive(Clone, Debug)]
pub struct Database {
    tables: BTreeMap<String, Table>,
    pool: Arc<Pool>,
    dynamics: DynamicCache,
}

/// The row names a table that the database does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTable(pub String);

impl std::fmt::Display for UnknownTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no table '{}'", self.0)
    }
}

impl std::error::Error for UnknownTable {}

impl Default for Database {
    fn default() -> Self {
        Database::new()
    }
}

impl Database {
    /// A database without tables.
    #[must_use]
    pub fn new() -> Database {
        Database { tables: BTreeMap::new(), pool: Arc::new(Pool::new()), dynamics: DynamicCache::default() }
    }

    /// The built-in tables, all empty: `Heartbeat`, the flow log tables and the key report. Whoever has other tables
    /// adds them.
    #[must_use]
    pub fn schema() -> Database {
        let mut database = Database::new();
        for (name, columns) in builtin::tables() {
            database.add_table(name, columns);
        }
        database
    }

    /// Adds an empty table; one of the same name is replaced.
    pub fn add_table(&mut self, name: impl Into<String>, columns: Vec<Column>) {
        self.tables.insert(name.into(), Table::new(columns));
    }

    /// Appends rows to a table and says how many. A missing member or JSON null is empty in a string column and
    /// null elsewhere, what cannot be read as the column's type is null, unknown members are dropped.
    ///
    /// # Errors
    /// When there is no such table; nothing was appended then.
    pub fn append<'a>(
        &mut self,
        table: &str,
        rows: impl IntoIterator<Item = &'a Map<String, Json>>,
    ) -> Result<usize, UnknownTable> {
        let stored = self.tables.get_mut(table).ok_or_else(|| UnknownTable(table.to_owned()))?;
        let mut ingestion = Ingestion { pool: &self.pool, dynamics: &mut self.dynamics };
        let mut count = 0;
        for row in rows {
            stored.append(row, &mut ingestion);
            count += 1;
        }
        Ok(count)
    }

    /// A new table whose rows come cell by cell; it is in the database once it is [`put`](Database::put) there.
    #[must_use]
    pub fn loader(&self, columns: Vec<Column>) -> Loader {
        Loader::new(Table::new(columns), Arc::clone(&self.pool))
    }

    /// Adds the table that a loader of this database has filled; one of the same name is replaced.
    pub fn put(&mut self, name: impl Into<String>, loader: Loader) {
        self.tables.insert(name.into(), loader.into_table());
    }

    /// Removes all rows of a table, keeping its columns; does nothing when there is no such table.
    pub fn clear(&mut self, table: &str) {
        if let Some(stored) = self.tables.get_mut(table) {
            *stored = Table::new(stored.columns().to_vec());
        }
    }

    /// Drops the oldest arrivals of a table, in blocks, so that at least `rows` and at most 8,191 more stay; does
    /// nothing when there is no such table.
    pub fn keep_newest(&mut self, table: &str, rows: usize) {
        if let Some(stored) = self.tables.get_mut(table) {
            stored.keep_newest(rows);
        }
    }

    /// The table of that exact name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// All tables by name.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &Table)> {
        self.tables.iter().map(|(name, table)| (name.as_str(), table))
    }

    pub(crate) fn find(&self, name: &str, ignore_case: bool) -> Option<(&str, &Table)> {
        if let Some((name, table)) = self.tables.get_key_value(name) {
            return Some((name, table));
        }
        if !ignore_case {
            return None;
        }
        self.tables().find(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }
}
