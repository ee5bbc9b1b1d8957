//! The Logs Ingestion API: rows in, batches of at most a megabyte out, gzip on the wire.

mod batch;

use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::Method;
use azure_core::http::headers::{CONTENT_TYPE, HeaderName};
use serde::Serialize;

use super::answer::Flaw;
use super::call::{Call, Handle, LARGEST_ANSWER};
use super::caller::Caller;
use super::error::{Error, Kind};
use super::pipeline::Channel;
use pure::domain::Service;

pub use batch::LARGEST;
pub(crate) use batch::{Batch, Rows};

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
    pub(super) run: Handle,
    rule: String,
}

impl LogsIngest {
    pub(super) fn new(channel: Channel, run: Handle, rule: String) -> Self {
        Self { channel, run, rule }
    }

    /// Asks for the token that calls will need, while something else is waited for.
    pub(crate) fn prepare(&self) {
        self.channel.prepare();
    }

    /// Who sends rows, or why there is no token for it.
    pub(super) async fn identity(&self) -> Result<Option<Caller>, Error> {
        self.channel.identity(self.run.deadline).await
    }

    /// Who sends rows, as the token has it.
    pub(super) async fn caller(&self) -> Option<Caller> {
        self.channel.caller().await
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
                batch.reuse(self.send_batch(stream, full).await?);
            }
        }
        self.send_batch(stream, batch).await.map(drop)
    }

    /// Adds a row to a batch; gives back the batch that was full before, which is then to be sent.
    pub(crate) fn push<T: Serialize>(
        &self,
        batch: &mut Batch,
        stream: &str,
        row: &T,
    ) -> Result<Option<Batch>, Error> {
        batch.push(row).map_err(|words| bad_row(stream, words))
    }

    /// Adds a row that is JSON already, like [`LogsIngest::push`].
    pub(crate) fn push_text(
        &self,
        batch: &mut Batch,
        stream: &str,
        row: Result<&[u8], String>,
    ) -> Result<Option<Batch>, Error> {
        row.and_then(|row| batch.push_text(row)).map_err(|words| bad_row(stream, words))
    }

    /// Sends one batch; halves it when the service finds it too large after all. What was sent last is given back, for its
    /// room.
    pub(crate) async fn send_batch(&self, stream: &str, batch: Batch) -> Result<Batch, Error> {
        let mut sent = Batch::default();
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
                result => {
                    result?;
                    sent = batch;
                }
            }
        }
        Ok(sent)
    }

    /// Asks whether rows may be sent to a stream, by sending none: an empty list is a request like any other, so whoever may not
    /// send rows is refused, and nothing is stored (contract azure-monitor, section 1.6: only an empty body is a mistake).
    ///
    /// # Errors
    /// [`Error`], like those of [`LogsIngest::send`]; a 400 speaks of the list, and comes after the question of the right.
    pub async fn may_send(&self, stream: &str) -> Result<(), Error> {
        self.post(stream, format!("ask whether {stream} takes rows"), &Batch::default()).await
    }

    async fn send_once(&self, stream: &str, batch: &Batch) -> Result<(), Error> {
        self.post(stream, format!("send {} rows to {stream}", batch.len()), batch).await?;
        self.run.tally.accepted(stream, batch.len());
        Ok(())
    }

    async fn post(&self, stream: &str, operation: String, batch: &Batch) -> Result<(), Error> {
        let body = batch.packed().map_err(|fault| {
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
            allowance: None,
        };
        self.channel
            .call(&self.run, &call, &[], |reply| match reply.status {
                ACCEPTED => Ok(()),
                status => Err(Flaw::Final(Kind::NotAccepted, not_accepted(status))),
            })
            .await
    }
}

fn not_accepted(status: u16) -> String {
    format!(
        "it answered {status}, and only {ACCEPTED} means that the rows were taken; look for a proxy or another server behind LOGS_INGESTION_ENDPOINT"
    )
}

fn bad_row(stream: &str, words: String) -> Error {
    Error::new(Service::LogsIngest, Kind::BadRow, format!("send a row to {stream}"), words)
}
