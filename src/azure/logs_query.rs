//! The Logs Query API: one question, one table, and whether the answer is whole.

use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::Method;
use azure_core::http::headers::{CONTENT_TYPE, HeaderName};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answered, Flaw, is_object};
use super::call::{Call, Handle};
use super::caller::Caller;
use super::error::{Error, Kind, Words};
use super::pipeline::Channel;
use super::redact::Secrets;
use pure::domain::Service;

/// How long one try may take; the service is asked to give up a little earlier.
const EACH: Duration = Duration::from_secs(60);
const PREFER: &str = "wait=55";
/// A true answer is no larger than this, unpacked: the service ends each at about 100 MiB of data (contract azure-monitor,
/// section 4.6), and what stands around them takes a little more.
const LARGEST: usize = 128 * 1024 * 1024;

/// Questions to the logs.
#[derive(Clone, Debug)]
pub struct LogsQuery {
    channel: Channel,
    pub(super) run: Handle,
    workspaces: Vec<String>,
}

/// A result table. Columns are found by name: their order is nobody's promise (contract azure-monitor, section 4.3).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns in the order of the cells.
    pub columns: Vec<Column>,
    /// The rows, each with one JSON value for each column; a dynamic value comes as a text that holds JSON.
    pub rows: Vec<Vec<Value>>,
    /// Why the answer is not whole, if it is not; nothing may be decided on rows that are missing.
    pub partial: Option<String>,
}

/// A column of a result table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in KQL, such as `datetime`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Table {
    /// The names of the columns in the order of the cells.
    #[must_use]
    pub fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The position of a column.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    tables: Vec<RawTable>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct RawTable {
    #[serde(default)]
    name: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

impl LogsQuery {
    pub(super) fn new(channel: Channel, run: Handle, workspaces: Vec<String>) -> Self {
        Self { channel, run, workspaces }
    }

    /// Who asks, or why there is no token for it.
    pub(super) async fn identity(&self) -> Result<Option<Caller>, Error> {
        self.channel.identity(self.run.deadline).await
    }

    /// Asks the first workspace, and with it the others, about the time up to now; no `timespan`: all there is.
    ///
    /// # Errors
    /// [`Error`]. A partial answer is none: it is a [`Table`] that says so.
    pub async fn run(&self, query: &str, timespan: Option<Duration>) -> Result<Table, Error> {
        self.ask(query, timespan, &[]).await
    }

    /// The same for a query whose columns are known: a table without them answers something else, and its want of rows
    /// means nothing.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn ask(
        &self,
        query: &str,
        timespan: Option<Duration>,
        columns: &[&str],
    ) -> Result<Table, Error> {
        self.ask_about(query, timespan.map(iso8601), columns).await
    }

    /// The same about the time between two moments, of which the second may be ahead of now.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn ask_between(
        &self,
        query: &str,
        (from, until): (Timestamp, Timestamp),
        columns: &[&str],
    ) -> Result<Table, Error> {
        self.ask_about(query, Some(format!("{from}/{until}")), columns).await
    }

    async fn ask_about(
        &self,
        query: &str,
        timespan: Option<String>,
        columns: &[&str],
    ) -> Result<Table, Error> {
        let operation = "query the logs";
        let Some((first, others)) = self.workspaces.split_first() else {
            let words = "no workspace is configured";
            return Err(Error::new(Service::LogsQuery, Kind::NotSent, operation, words));
        };
        let mut body = json!({ "query": query });
        if let Some(timespan) = timespan {
            body["timespan"] = timespan.into();
        }
        if !others.is_empty() {
            body["workspaces"] = json!(others);
        }
        let call = Call {
            service: Service::LogsQuery,
            operation: operation.to_owned(),
            method: Method::Post,
            url: self.channel.url(&format!("/v1/workspaces/{first}/query"), &[]),
            headers: vec![
                (CONTENT_TYPE, "application/json".to_owned()),
                (HeaderName::from_static("prefer"), PREFER.to_owned()),
            ],
            body: Bytes::from(body.to_string()),
            each: EACH,
            largest: LARGEST,
            zone: None,
            allowance: None,
        };
        let decode = |reply: &Answered| {
            let table = table(reply.status, &reply.body, reply.secrets())?;
            let missing = columns.iter().find(|column| table.position(column).is_none());
            match missing.filter(|_| table.partial.is_none()) {
                Some(column) => Err(other(format!("the table has no column {column}"))),
                None => Ok(table),
            }
        };
        self.channel.call(&self.run, &call, &[], decode).await
    }
}

/// The table of an answer. No body at all is a fault: the service answers 200 with nothing to a request that it did
/// not understand, and 204 for a workspace without data (contract azure-monitor, section 4.2), where our own queries
/// cannot be answered either.
fn table(status: u16, body: &[u8], secrets: &Secrets) -> Result<Table, Flaw> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(other(format!("status {status} without a body")));
    }
    is_object(body)?;
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|fault| Flaw::from(format!("the answer cannot be read: {fault}")))?;
    let partial = answer.error.as_ref().map(|error| {
        let words = Words::of(error, secrets);
        format!("{} {}", words.code.unwrap_or_default(), words.message).trim().to_owned()
    });
    let mut tables = answer.tables;
    let primary = tables.iter().position(|table| table.name == "PrimaryResult").unwrap_or_default();
    if tables.is_empty() {
        // What is said to be a part may be whole the next time.
        return Err(partial.map_or_else(|| other("the answer has no table".to_owned()), Flaw::from));
    }
    let RawTable { columns, rows, .. } = tables.swap_remove(primary);
    if rows.iter().any(|row| row.len() != columns.len()) {
        return Err(other("a row has another length than the columns".to_owned()));
    }
    Ok(Table { columns, rows, partial })
}

/// An answer that is whole and is none to this question: asked again it stays what it is.
fn other(words: String) -> Flaw {
    Flaw::Final(Kind::NotAccepted, words)
}

/// A duration as the service reads it.
fn iso8601(duration: Duration) -> String {
    format!("PT{}S", duration.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_answer_says_why() {
        let body = br#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"a","type":"long"}],"rows":[[1]]}],
            "error":{"code":"PartialError","message":"incomplete","details":[{"code":"E","message":"DNSData_CL"}]}}"#;
        let table = table(200, body, &Secrets::default()).unwrap();
        assert_eq!(table.rows, [[json!(1)]]);
        assert_eq!(table.partial.as_deref(), Some("PartialError incomplete: DNSData_CL"));
        assert_eq!(table.position("a"), Some(0));
    }

    #[test]
    fn the_primary_result_is_found_among_others() {
        let body = br#"{"tables":[{"name":"X","columns":[],"rows":[]},
            {"name":"PrimaryResult","columns":[{"name":"b","type":"string"}],"rows":[]}],"render":{},"statistics":{}}"#;
        assert_eq!(table(200, body, &Secrets::default()).unwrap().columns[0].name, "b");
    }

    #[test]
    fn no_body_no_table_and_ragged_rows_are_faults() {
        for body in [
            "",
            " ",
            "[]",
            "{}",
            r#"{"tables":[]}"#,
            r#"{"tables":[{"name":"PrimaryResult","columns":[],"rows":[[1]]}]}"#,
        ] {
            assert!(table(200, body.as_bytes(), &Secrets::default()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_part_without_a_table_may_be_whole_the_next_time_and_a_whole_of_none_is_final() {
        let part = br#"{"tables":[],"error":{"code":"PartialError","message":"m"}}"#;
        let flaw = table(200, part, &Secrets::default()).unwrap_err();
        assert!(matches!(flaw, Flaw::Unreadable(words) if words == "PartialError m"));
        let columns = r#"{"name":"a","type":"long"},{"name":"b","type":"long"}"#;
        for rows in ["[[1]]", "[[1,2],[1,2,3]]"] {
            let body =
                format!(r#"{{"tables":[{{"name":"PrimaryResult","columns":[{columns}],"rows":{rows}}}]}}"#);
            let flaw = table(200, body.as_bytes(), &Secrets::default()).unwrap_err();
            assert!(matches!(flaw, Flaw::Final(Kind::NotAccepted, _)), "{rows}");
        }
        assert!(matches!(table(204, b"", &Secrets::default()), Err(Flaw::Final(Kind::NotAccepted, _))));
    }

    #[test]
    fn timespans_are_iso_8601() {
        assert_eq!(iso8601(Duration::from_secs(7200)), "PT7200S");
        assert_eq!(iso8601(Duration::from_millis(200)), "PT1S", "none at all would be everything");
    }
}
