//! How many requests a run has made, by service.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// What a request is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    LogsQuery,
    ResourceGraph,
    DnsRead,
    DnsWrite,
    LogsIngest,
}

/// The counters of one run. Requests that are tried again are counted again; token requests are not counted.
#[derive(Debug, Default)]
pub struct Calls([AtomicU64; 5]);

impl Calls {
    pub(crate) fn count(&self, counted: Counted) {
        self.0[counted as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts at this moment.
    #[must_use]
    pub fn counts(&self) -> CallCounts {
        let of = |counted: Counted| self.0[counted as usize].load(Ordering::Relaxed);
        CallCounts {
            logs_query: of(Counted::LogsQuery),
            resource_graph: of(Counted::ResourceGraph),
            dns_read: of(Counted::DnsRead),
            dns_write: of(Counted::DnsWrite),
            logs_ingest: of(Counted::LogsIngest),
        }
    }
}

/// The member `calls` of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounts {
    /// Queries of the logs.
    pub logs_query: u64,
    /// Queries of the resource graph, and single machines that were read.
    pub resource_graph: u64,
    /// Record sets and pages of record sets that were read.
    pub dns_read: u64,
    /// Record sets that were written.
    pub dns_write: u64,
    /// Batches of rows that were sent.
    pub logs_ingest: u64,
}
