//! The Log Analytics workspace: the tables behind the ingestion and the query surface.
//!
//! Memory is bounded by rows: a table keeps its newest ones (one and a half million of `Heartbeat`, two million of others) and drops the
//! oldest arrivals in blocks. Three machines that beat every two seconds fill that in eleven days, 20,000 machines
//! that beat once a minute in a good hour, which is all that the product's queries look at.

mod waiting;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use kql::{Column, Database, DateTime, Type};
use serde_json::{Map, Value};

use crate::heartbeats::Beating;

use waiting::Waiting;

/// Rows of `Heartbeat` that are kept.
const HEARTBEATS_KEPT: usize = 1_500_000;
/// Rows of every other table that are kept.
const ROWS_KEPT: usize = 2_000_000;

/// Queries that one user may send in thirty seconds (contract azure-monitor, section 4.6).
const QUERIES: (usize, Duration) = (200, Duration::from_secs(30));
/// Requests that one rule takes in a minute (contract azure-monitor, section 1.5).
const UPLOADS: (usize, Duration) = (12_000, Duration::from_secs(60));

/// What the workspace holds.
#[derive(Debug)]
pub struct Workspace {
    database: Database,
    /// The machines that go on beating by themselves.
    pub(crate) beating: Beating,
    queries: VecDeque<Instant>,
    uploads: VecDeque<Instant>,
    waiting: Waiting,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            database: Database::schema(),
            beating: Beating::default(),
            queries: VecDeque::new(),
            uploads: VecDeque::new(),
            waiting: Waiting::default(),
        }
    }
}

impl Workspace {
    /// An empty workspace, whose uploads are seen after `delay`.
    pub(crate) fn new(delay: Duration) -> Self {
        Self { waiting: Waiting::new(delay), ..Self::default() }
    }

    /// All tables as they are now; what is appended later stays unseen. Cheap: rows are shared.
    #[must_use]
    pub fn snapshot(&self) -> Database {
        self.database.clone()
    }

    /// How many rows a table has; none when there is no such table.
    #[must_use]
    pub fn row_count(&self, table: &str) -> usize {
        self.database.table(table).map_or(0, kql::Table::row_count)
    }

    /// Appends rows as they are, to a table that exists. A missing or unreadable value is empty or null.
    ///
    /// # Errors
    ///
    /// When there is no such table.
    pub fn append<'a>(
        &mut self,
        table: &str,
        rows: impl IntoIterator<Item = &'a Map<String, Value>>,
    ) -> Result<usize, kql::UnknownTable> {
        let count = self.database.append(table, rows)?;
        let kept = if table == "Heartbeat" { HEARTBEATS_KEPT } else { ROWS_KEPT };
        self.database.keep_newest(table, kept);
        Ok(count)
    }

    /// Takes an upload: its table exists from now on, its rows are seen when their time has come.
    pub(crate) fn accept(&mut self, table: &str, columns: &[Column], rows: Vec<Map<String, Value>>) {
        self.ensure_table(table, columns);
        self.waiting.push(table, rows);
        self.show_due();
    }

    /// Lets queries see the uploads that have waited long enough.
    pub(crate) fn show_due(&mut self) {
        for upload in self.waiting.take_due() {
            // The table was made to exist when the upload was accepted.
            let _ = self.append(&upload.table, &upload.rows);
        }
    }

    /// How long accepted rows stay unseen, as it was set: milliseconds by table.
    pub(crate) fn delays(&self) -> Value {
        self.waiting.delays()
    }

    /// Replaces these delays; only the given tables may have one.
    ///
    /// # Errors
    /// The member that is wrong; nothing is replaced then.
    pub(crate) fn set_delays(&mut self, document: &Value, tables: &[String]) -> Result<(), String> {
        self.waiting.replace(document, tables)
    }

    /// All tables have the usual delay again.
    pub(crate) fn forget_delays(&mut self) {
        self.waiting.forget();
    }

    /// Makes tables exist, each with at least its columns.
    pub(crate) fn ensure_tables(&mut self, tables: impl IntoIterator<Item = (String, Vec<Column>)>) {
        for (table, columns) in tables {
            self.ensure_table(&table, &columns);
        }
    }

    /// Makes a table exist with at least these columns. One that lacks some is laid out anew, without its rows.
    pub(crate) fn ensure_table(&mut self, table: &str, columns: &[Column]) {
        let known = self.database.table(table).map(|table| table.columns().to_vec()).unwrap_or_default();
        let missing: Vec<Column> = columns
            .iter()
            .filter(|column| known.iter().all(|other| other.name != column.name))
            .cloned()
            .collect();
        if known.is_empty() {
            let mut columns = columns.to_vec();
            for name in ["Type", "TenantId", "_ResourceId"] {
                if columns.iter().all(|column| column.name != name) {
                    columns.push(Column::new(name, Type::String));
                }
            }
            self.database.add_table(table, columns);
        } else if !missing.is_empty() {
            self.database.add_table(table, known.into_iter().chain(missing).collect());
        }
    }

    /// Forgets all rows and all machines that beat; the tables stay.
    pub fn clear(&mut self) {
        let tables: Vec<(String, Vec<Column>)> =
            self.database.tables().map(|(name, table)| (name.to_owned(), table.columns().to_vec())).collect();
        *self = Self::new(self.waiting.usual());
        for (name, columns) in tables {
            self.database.add_table(name, columns);
        }
    }

    /// Counts a query; none: refused, and the time until the next one is taken.
    pub(crate) fn admit_query(&mut self) -> Result<(), Duration> {
        admit(&mut self.queries, QUERIES)
    }

    /// Counts an upload; an error is the time until the next one is taken.
    pub(crate) fn admit_upload(&mut self) -> Result<(), Duration> {
        admit(&mut self.uploads, UPLOADS)
    }
}

/// A sliding window of so many events in so much time.
fn admit(seen: &mut VecDeque<Instant>, (limit, window): (usize, Duration)) -> Result<(), Duration> {
    let now = Instant::now();
    while seen.front().is_some_and(|first| now.duration_since(*first) >= window) {
        seen.pop_front();
    }
    match seen.front() {
        Some(first) if seen.len() >= limit => Err(window.saturating_sub(now.duration_since(*first))),
        _ => {
            seen.push_back(now);
            Ok(())
        }
    }
}

/// The engine's clock out of ours.
pub(crate) fn engine_time(time: Timestamp) -> DateTime {
    DateTime::from_unix_nanoseconds(time.as_nanosecond())
}

/// A point in time as the tables' JSON rows carry it: seven digits, UTC.
pub(crate) fn row_time(time: Timestamp) -> String {
    format!("{time:.7}")
}

/// Reads a row's time; none when it is missing or malformed.
pub(crate) fn read_time(value: Option<&Value>) -> Option<Timestamp> {
    let time = DateTime::parse(value?.as_str()?)?;
    Timestamp::from_nanosecond(time.unix_nanoseconds()).ok()
}

/// How far `time` lies before `now`; negative when it lies ahead.
pub(crate) fn age(time: Timestamp, now: Timestamp) -> SignedDuration {
    now.duration_since(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gains_columns_that_a_rule_declares() {
        let mut workspace = Workspace::default();
        workspace.ensure_table("Mine_CL", &[Column::new("TimeGenerated", Type::DateTime)]);
        workspace.ensure_table("Mine_CL", &[Column::new("a_s", Type::String)]);
        let snapshot = workspace.snapshot();
        let names: Vec<&str> = snapshot
            .table("Mine_CL")
            .map(|table| table.columns().iter().map(|column| column.name.as_str()).collect())
            .unwrap_or_default();
        assert_eq!(names, ["TimeGenerated", "Type", "TenantId", "_ResourceId", "a_s"]);
    }

    #[test]
    fn a_window_slides() {
        let mut seen = VecDeque::new();
        let limit = (2, Duration::from_secs(3600));
        assert!(admit(&mut seen, limit).is_ok() && admit(&mut seen, limit).is_ok());
        assert!(admit(&mut seen, limit).is_err_and(|wait| wait > Duration::from_secs(3000)));
    }
}
