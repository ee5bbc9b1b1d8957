//! A call as a service's file describes it, and what bounds it.

use std::sync::Arc;
use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::headers::HeaderName;
use azure_core::http::{Method, Url};
use tokio::time::Instant;

use super::allowance::Allowance;
use super::calls::Calls;
use super::quota::{Quota, Write};
use super::tally::Tally;
use pure::domain::{Service, ZoneId};

/// A true answer is no larger than this, unpacked.
pub(crate) const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// What bounds a call, and where it is counted: the handle of one run.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    pub(crate) deadline: Instant,
    pub(crate) calls: Arc<Calls>,
    pub(crate) tally: Arc<Tally>,
}

/// What bounds one try; travels in the pipeline's context.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) deadline: Instant,
    pub(super) each: Duration,
    pub(super) calls: Arc<Calls>,
    pub(super) tally: Arc<Tally>,
    pub(super) service: Service,
    pub(super) largest: usize,
}

/// One request, as a service's file describes it.
pub(crate) struct Call {
    pub(crate) service: Service,
    /// Fits after "failed to".
    pub(crate) operation: String,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Bytes,
    /// How long one try may take.
    pub(crate) each: Duration,
    /// How many octets the answer may have, unpacked.
    pub(crate) largest: usize,
    /// The zone that it is about: after a 429 all calls of its kind wait.
    pub(crate) zone: Option<Waits>,
    /// The allowance of queries that each try of it uses.
    pub(super) allowance: Option<Arc<Allowance>>,
}

/// A zone that may have to be left alone, and where that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    pub(crate) quota: Arc<Quota>,
    pub(crate) zone: ZoneId,
    /// Of which kind of writes each try takes a turn; none for a read.
    pub(crate) write: Option<Write>,
}
