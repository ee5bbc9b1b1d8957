//! Rows that were accepted and that no query sees yet.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

/// The rows of one upload.
#[derive(Debug)]
pub(super) struct Upload {
    accepted: Instant,
    pub(super) table: String,
    pub(super) rows: Vec<Map<String, Value>>,
}

/// What waits, oldest first, and for how long.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// For tables without a delay of their own.
    usual: Duration,
    by_table: BTreeMap<String, Duration>,
    uploads: Vec<Upload>,
}

impl Waiting {
    /// Nothing waits; tables without a delay of their own have this one.
    pub(super) fn new(usual: Duration) -> Self {
        Self { usual, ..Self::default() }
    }

    /// The delay of tables without one of their own.
    pub(super) fn usual(&self) -> Duration {
        self.usual
    }

    /// No table has a delay of its own any more.
    pub(super) fn forget(&mut self) {
        self.by_table.clear();
    }

    /// Takes rows that were accepted now.
    pub(super) fn push(&mut self, table: &str, rows: Vec<Map<String, Value>>) {
        self.uploads.push(Upload { accepted: Instant::now(), table: table.to_owned(), rows });
    }

    /// Hands over what has waited long enough. Delays count as they are now, not as they were at the upload.
    pub(super) fn take_due(&mut self) -> Vec<Upload> {
        if self.uploads.is_empty() {
            return Vec::new();
        }
        let now = Instant::now();
        let all = std::mem::take(&mut self.uploads);
        let (due, waiting) = all.into_iter().partition(|upload| {
            let delay = self.by_table.get(&upload.table).copied().unwrap_or(self.usual);
            now.duration_since(upload.accepted) >= delay
        });
        self.uploads = waiting;
        due
    }

    /// The delays that were set, in milliseconds by table.
    pub(super) fn delays(&self) -> Value {
        let entries = self.by_table.iter();
        entries
            .map(|(table, delay)| {
                (table.clone(), json!(delay.as_secs() * 1000 + u64::from(delay.subsec_millis())))
            })
            .collect()
    }

    /// Replaces the delays by those of a document: milliseconds by table.
    ///
    /// # Errors
    /// The member that is wrong; nothing is replaced then.
    pub(super) fn replace(&mut self, document: &Value, tables: &[String]) -> Result<(), String> {
        let members = document.as_object().ok_or("an object is wanted: milliseconds by table")?;
        let read = |(table, value): (&String, &Value)| {
            if !tables.contains(table) {
                return Err(format!(
                    "{table}: no stream of the rule reaches such a table; {} are reached",
                    tables.join(", ")
                ));
            }
            let delay = value.as_u64().map(Duration::from_millis);
            delay
                .map(|delay| (table.clone(), delay))
                .ok_or_else(|| format!("{table}: milliseconds are wanted, not {value}"))
        };
        self.by_table = members.iter().map(read).collect::<Result<_, _>>()?;
        Ok(())
    }
}
