//! What became of every request of this process, by service and code, and of the rows that were sent.
//!
//! A run counts its own requests for its report ([`Calls`](super::Calls)); this tally goes on for as long as the
//! process lives, and counts requests for tokens too.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::CONTENT_LENGTH;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, AsyncResponseBody, Context, Request};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;

use super::stop::Stop;
use pure::domain::Service;

/// What became of a request: the status line of its answer, or why there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The status of the answer, whether or not its body arrived whole.
    Status(u16),
    /// No connection: nothing was sent.
    Connect,
    /// The connection broke before an answer.
    Lost,
    /// No answer in time.
    Timeout,
    /// We hung up first: the run that asked had ended.
    Cancelled,
    /// It could not be sent at all.
    Unsent,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Connect => f.write_str("connect"),
            Self::Lost => f.write_str("lost"),
            Self::Timeout => f.write_str("timeout"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Unsent => f.write_str("unsent"),
        }
    }
}

/// The counts of one process; they only grow.
#[derive(Debug, Default)]
pub struct Tally {
    requests: Mutex<BTreeMap<(Service, Code), u64>>,
    rows: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    /// Requests so far. One that is on its way is not counted yet.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<(Service, Code), u64> {
        lock(&self.requests).clone()
    }

    /// How many of these went to one service, each try of a question for itself.
    #[must_use]
    pub fn requests_of(&self, service: Service) -> u64 {
        lock(&self.requests).iter().filter(|((of, _), _)| *of == service).map(|(_, count)| count).sum()
    }

    /// Rows that the service has acknowledged so far, by stream.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<String, u64> {
        lock(&self.rows).clone()
    }

    pub(super) fn accepted(&self, stream: &str, rows: usize) {
        let mut all = lock(&self.rows);
        match all.get_mut(stream) {
            Some(count) => *count += rows as u64,
            None => {
                all.insert(stream.to_owned(), rows as u64);
            }
        }
    }

    /// Begins a request that is counted when it ends, however it ends.
    pub(super) fn begin(&self, service: Service) -> Attempt<'_> {
        Attempt { tally: self, service, code: Code::Cancelled }
    }
}

/// A request on its way; it is counted when this is dropped.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    tally: &'a Tally,
    service: Service,
    code: Code,
}

impl Attempt<'_> {
    /// Says how it ended.
    pub(super) fn ended(&mut self, code: Code) {
        self.code = code;
    }

    /// Says that nobody waits any longer; an answer that has begun stays one.
    pub(super) fn timed_out(&mut self) {
        if self.code == Code::Cancelled {
            self.code = Code::Timeout;
        }
    }

    /// Sends the request through the rest of the pipeline, and reads the answer whole, unpacked at most `largest`
    /// octets of it. The status counts as soon as it is there: a body that breaks off is an answer all the same.
    pub(super) async fn send(
        &mut self,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
        largest: usize,
    ) -> PolicyResult {
        // A new context: in the caller's one stands that the transport is to read the body before it shows the status.
        match next[0].send(&Context::new(), request, &next[1..]).await {
            Ok(response) => {
                self.ended(Code::Status(response.status().into()));
                let (status, headers, body) = response.deconstruct();
                let expected = headers.get_optional_str(&CONTENT_LENGTH).and_then(|text| text.parse().ok());
                Ok(AsyncRawResponse::from_bytes(status, headers, bounded(body, expected, largest).await?))
            }
            Err(error) => {
                self.ended(match super::cause::kind_of(&error) {
                    ErrorKind::Io => Code::Lost,
                    ErrorKind::Connection => Code::Connect,
                    _ => Code::Unsent,
                });
                Err(error)
            }
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        *lock(&self.tally.requests).entry((self.service, self.code)).or_default() += 1;
    }
}

/// The whole body. The transport unpacks while this reads, so a small answer that unpacks to a large one is cut as well.
pub(super) async fn bounded(
    mut body: AsyncResponseBody,
    expected: Option<usize>,
    largest: usize,
) -> azure_core::Result<Bytes> {
    let Some(first) = body.try_next().await? else { return Ok(Bytes::new()) };
    let too_large =
        |size: usize| if size > largest { Err(Stop::TooLarge(largest).into_error()) } else { Ok(()) };
    too_large(first.len())?;
    let Some(second) = body.try_next().await? else { return Ok(without_mark(first)) };
    // What the server says is no more than a hint for the room to begin with.
    let mut whole = BytesMut::with_capacity(expected.unwrap_or_default().min(largest).max(first.len()));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        too_large(whole.len() + piece.len())?;
        whole.extend_from_slice(&piece);
        next = body.try_next().await?;
    }
    Ok(without_mark(whole.freeze()))
}

/// The body without the mark of UTF-8 that some gateways put before it; a reader of JSON may pass it over (RFC 8259, section 8.1).
fn without_mark(body: Bytes) -> Bytes {
    if body.starts_with(b"\xEF\xBB\xBF") { body.slice(3..) } else { body }
}

/// An answer with a token is no larger than this.
const LARGEST_TOKEN: usize = 1024 * 1024;

/// Counts the requests of a credential.
#[derive(Debug)]
pub(super) struct CountTokens(pub(super) Arc<Tally>);

#[async_trait]
impl Policy for CountTokens {
    async fn send(&self, _: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        self.0.begin(Service::Token).send(request, next, LARGEST_TOKEN).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_on_its_way_was_cancelled() {
        let tally = Tally::default();
        tally.begin(Service::DnsRead).ended(Code::Status(200));
        drop(tally.begin(Service::DnsRead));
        let counts = tally.requests();
        assert_eq!(counts[&(Service::DnsRead, Code::Status(200))], 1);
        assert_eq!(counts[&(Service::DnsRead, Code::Cancelled)], 1);
    }

    #[test]
    fn rows_are_summed_by_stream() {
        let tally = Tally::default();
        tally.accepted("a", 2);
        tally.accepted("b", 1);
        tally.accepted("a", 3);
        assert_eq!(tally.rows().into_iter().collect::<Vec<_>>(), [("a".into(), 5), ("b".into(), 1)]);
    }
}
