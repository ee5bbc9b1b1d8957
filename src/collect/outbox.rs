//! Rows on their way to the logs: a batch that fills, and a few that are being sent.

use serde::Serialize;
use tokio::task::{JoinError, JoinSet};

use crate::azure::logs_ingest::{Batch, LogsIngest, Rows};
use crate::azure::{Error, Kind};
use pure::domain::Service;

/// Batches on their way at once; with the one that fills they bound the memory of a part.
const IN_FLIGHT: usize = 3;

/// Collects the rows of one part of a sweep.
pub(super) struct Outbox {
    ingest: LogsIngest,
    stream: &'static str,
    batch: Batch,
    sending: JoinSet<Result<Batch, Error>>,
    rows: u64,
}

impl Outbox {
    pub(super) fn new(ingest: &LogsIngest, stream: &'static str) -> Self {
        Self { ingest: ingest.clone(), stream, batch: Batch::default(), sending: JoinSet::new(), rows: 0 }
    }

    /// Takes a row; sends what is full, and waits when too much is on its way.
    pub(super) async fn push<T: Serialize>(&mut self, row: &T) -> Result<(), Error> {
        self.rows += 1;
        match self.ingest.push(&mut self.batch, self.stream, row)? {
            Some(full) => self.send(full).await,
            None => Ok(()),
        }
    }

    /// Takes rows that are JSON already, like [`Outbox::push`].
    pub(super) async fn append(&mut self, rows: &Rows) -> Result<(), Error> {
        self.rows += rows.len() as u64;
        for row in rows.texts() {
            if let Some(full) = self.ingest.push_text(&mut self.batch, self.stream, row)? {
                self.send(full).await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self, full: Batch) -> Result<(), Error> {
        while let Some(landed) = self.sending.try_join_next() {
            self.landed(landed)?;
        }
        if self.sending.len() >= IN_FLIGHT
            && let Some(landed) = self.sending.join_next().await
        {
            self.landed(landed)?;
        }
        let (ingest, stream) = (self.ingest.clone(), self.stream);
        self.sending.spawn(async move { ingest.send_batch(stream, full).await });
        Ok(())
    }

    /// Sends the rest together with the marker, after everything else was taken; tells how many rows there were.
    ///
    /// The marker never leaves before the rows that it vouches for: in its own batch they stand or fall together.
    pub(super) async fn finish<T: Serialize>(mut self, marker: &T) -> Result<u64, Error> {
        while let Some(landed) = self.sending.join_next().await {
            self.landed(landed)?;
        }
        if let Some(full) = self.ingest.push(&mut self.batch, self.stream, marker)? {
            self.ingest.send_batch(self.stream, full).await?;
        }
        self.ingest.send_batch(self.stream, self.batch).await?;
        Ok(self.rows)
    }

    /// Hears what became of a batch, whose room serves the next one.
    fn landed(&mut self, landed: Result<Result<Batch, Error>, JoinError>) -> Result<(), Error> {
        match landed {
            Ok(sent) => {
                self.batch.reuse(sent?);
                Ok(())
            }
            Err(fault) => {
                let operation = format!("send rows to {}", self.stream);
                Err(Error::new(Service::LogsIngest, Kind::NotSent, operation, fault.to_string()))
            }
        }
    }
}
