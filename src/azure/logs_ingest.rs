//! The Logs Ingestion API: rows in, batches of at most a megabyte out, gzip on the wire.

use std::io::Write;
use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::Method;
use azure_core::http::headers::{CONTENT_TYPE, HeaderName};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::answer::Flaw;
use super::call::{Call, LARGEST_ANSWER, Run};
use super::error::{Error, Kind};
use super::pipeline::Channel;
use pure::domain::Service;

/// The limit for one call, compressed and uncompressed alike (contract azure-monitor, section 1.5).
pub const LARGEST: usize = 1_048_576;
/// The stream of the tags.
pub const TAG_DATA: &str = "Custom-TagData";
/// The stream of the record sets.
pub const DNS_DATA: &str = "Custom-DNSData";
/// The stream of what was done.
pub const DNS_CHANGE: &str = "Custom-DNSChange";

const API_VERSION: (&str, &str) = ("api-version", "2023-01-01");
const EACH: Duration = Duration::from_secs(30);
/// The one answer that means that the rows were taken (contract azure-monitor, section 1.6).
const ACCEPTED: u16 = 204;

/// Rows for the logs.
#[derive(Clone, Debug)]
pub struct LogsIngest {
    channel: Channel,
    run: Run,
    rule: String,
}

impl LogsIngest {
    pub(super) fn new(channel: Channel, run: Run, rule: String) -> Self {
        Self { channel, run, rule }
    }

    /// Sends rows to a stream, in as many batches as they need. Without rows nothing is sent.
    ///
    /// The service may have taken some batches when this fails, and a batch whose answer was lost is sent again: rows
    /// arrive at least once.
    ///
    /// # Errors
    /// [`Error`], also for a single row that is larger than a call may be.
    pub async fn send<T: Serialize>(&self, stream: &str, rows: &[T]) -> Result<(), Error> {
        let mut batch = Batch::default();
        for row in rows {
            if let Some(full) = self.push(&mut batch, stream, row)? {
                self.send_batch(stream, full).await?;
            }
        }
        self.send_batch(stream, batch).await
    }

    /// Adds a row to a batch; gives back the batch that was full before, which is then to be sent.
    pub(crate) fn push<T: Serialize>(
        &self,
        batch: &mut Batch,
        stream: &str,
        row: &T,
    ) -> Result<Option<Batch>, Error> {
        batch.push(row).map_err(|words| {
            Error::new(Service::LogsIngest, Kind::BadRow, format!("send a row to {stream}"), words)
        })
    }

    /// Sends one batch; halves it when the service finds it too large after all.
    pub(crate) async fn send_batch(&self, stream: &str, batch: Batch) -> Result<(), Error> {
        let mut waiting = vec![batch];
        while let Some(batch) = waiting.pop() {
            if batch.is_empty() {
                continue;
            }
            match self.send_once(stream, &batch).await {
                Err(error) if error.status == Some(413) && batch.len() > 1 => {
                    let (first, second) = batch.halves();
                    waiting.push(second);
                    waiting.push(first);
                }
                result => result?,
            }
        }
        Ok(())
    }

    async fn send_once(&self, stream: &str, batch: &Batch) -> Result<(), Error> {
        let operation = format!("send {} rows to {stream}", batch.len());
        let body = gzip(&batch.body()).map_err(|fault| {
            let words = format!("the rows cannot be compressed: {fault}");
            Error::new(Service::LogsIngest, Kind::BadRow, &operation, words)
        })?;
        let path = format!("/dataCollectionRules/{}/streams/{stream}", self.rule);
        let call = Call {
            service: Service::LogsIngest,
            operation,
            method: Method::Post,
            url: self.channel.url(&path, &[API_VERSION]),
            headers: vec![
                (CONTENT_TYPE, "application/json".to_owned()),
                (HeaderName::from_static("content-encoding"), "gzip".to_owned()),
            ],
            body: Bytes::from(body),
            each: EACH,
            largest: LARGEST_ANSWER,
            zone: None,
        };
        self.channel
            .call(&self.run, &call, &[], |reply| match reply.status {
                ACCEPTED => Ok(()),
                status => Err(Flaw::Final(Kind::NotAccepted, not_accepted(status))),
            })
            .await?;
        self.run.tally.accepted(stream, batch.len());
        Ok(())
    }
}

fn not_accepted(status: u16) -> String {
    format!(
        "it answered {status}, and only {ACCEPTED} means that the rows were taken; look for a proxy or another server behind LOGS_INGESTION_ENDPOINT"
    )
}

/// Rows as JSON, ready to become the body of one call.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The rows with a comma after each.
    text: Vec<u8>,
    /// Where each row, its comma included, ends.
    ends: Vec<usize>,
}

impl Batch {
    /// Adds a row. When it has no room any more, the batch starts anew with it and the full one is given back.
    fn push<T: Serialize>(&mut self, row: &T) -> Result<Option<Self>, String> {
        let begin = self.text.len();
        if let Err(fault) = serde_json::to_writer(&mut self.text, row) {
            self.text.truncate(begin);
            return Err(format!("the row cannot be written as JSON: {fault}"));
        }
        let length = self.text.len() - begin;
        // An array needs two brackets; the last row has no comma.
        if length + 2 > LARGEST {
            self.text.truncate(begin);
            return Err(format!("the row has {length} bytes, more than a call may carry"));
        }
        self.text.push(b',');
        if self.text.len() < LARGEST {
            self.ends.push(self.text.len());
            return Ok(None);
        }
        let row = self.text.split_off(begin);
        let full = std::mem::take(self);
        self.ends.push(row.len());
        self.text = row;
        Ok(Some(full))
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The body of a call: an array of the rows.
    fn body(&self) -> Vec<u8> {
        let rows = self.text.strip_suffix(b",").unwrap_or(&self.text);
        let mut body = Vec::with_capacity(rows.len() + 2);
        body.push(b'[');
        body.extend_from_slice(rows);
        body.push(b']');
        body
    }

    /// The first and the second half of the rows.
    fn halves(mut self) -> (Self, Self) {
        let rows = self.ends.len() / 2;
        let cut = rows.checked_sub(1).map_or(0, |last| self.ends[last]);
        let text = self.text.split_off(cut);
        let ends = self.ends.split_off(rows).into_iter().map(|end| end - cut).collect();
        (self, Self { text, ends })
    }
}

/// Fast rather than small: rows of one kind shrink to a tenth either way.
fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 6), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::{Value, json};

    use super::*;

    fn rows(batch: &Batch) -> Vec<Value> {
        let body = batch.body();
        assert!(body.len() <= LARGEST, "{} bytes", body.len());
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn rows_fill_batches_up_to_the_limit_and_none_is_lost() {
        let mut batch = Batch::default();
        let mut full = Vec::new();
        for index in 0..5000 {
            full.extend(batch.push(&json!({"index": index, "text": "x".repeat(index % 997)})).unwrap());
        }
        let sizes: Vec<_> = full.iter().map(|batch| batch.body().len()).collect();
        assert!(sizes.iter().all(|size| *size > LARGEST - 1100), "{sizes:?}");
        full.push(batch);
        let all: Vec<_> = full.iter().flat_map(rows).map(|row| row["index"].as_u64().unwrap()).collect();
        assert_eq!(all, (0..5000).collect::<Vec<_>>());
    }

    #[test]
    fn a_batch_may_be_exactly_as_large_as_the_limit() {
        let mut batch = Batch::default();
        let row = |bytes: usize| "x".repeat(bytes - 2);
        assert!(batch.push(&row(LARGEST / 2)).unwrap().is_none());
        assert!(batch.push(&row(LARGEST - LARGEST / 2 - 3)).unwrap().is_none());
        assert_eq!(batch.body().len(), LARGEST);
        assert_eq!(batch.push(&row(2)).unwrap().map(|full| full.len()), Some(2));
        assert!(Batch::default().push(&row(LARGEST - 2)).unwrap().is_none());
        assert!(Batch::default().push(&row(LARGEST - 1)).is_err());
    }

    #[test]
    fn halves_hold_all_rows_in_order() {
        let mut batch = Batch::default();
        for index in 0..7 {
            batch.push(&json!({ "index": index })).unwrap();
        }
        let (first, second) = batch.halves();
        assert_eq!((first.len(), second.len()), (3, 4));
        let all: Vec<_> = rows(&first).into_iter().chain(rows(&second)).collect();
        assert_eq!(all[6]["index"], 6);
        assert_eq!(all.len(), 7);
    }

    #[test]
    fn gzip_can_be_read_again() {
        let body = gzip(b"[1,2,3]").unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(body.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "[1,2,3]");
    }
}
