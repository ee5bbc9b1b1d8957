//! How one change is written: the hand that does it, apart from order, pace and second looks.

use tokio::time::timeout_at;

use super::fulfil;
use crate::azure::{Azure, Certainty, Condition, Deleted, Error};
use crate::config::ApplyVia;
use pure::domain::{RecordSet, ZoneKind};
use pure::plan::report::Via;
use pure::plan::{Action, Change, Read};
use pure::progress::{Heard, Mishap};

/// What writes.
#[derive(Debug, Clone)]
pub(super) enum Hand {
    /// One guarded request for each record set.
    RecordSets {
        /// For reads: they end before the run does, so that its rows have time left.
        reads: Azure,
        /// For writes: they end earlier, so that a read can tell what became of the last one.
        writes: Azure,
    },
    /// Template deployments for many at once. Deletions go one by one, since none of them takes a set away, and so does what
    /// is written into private zones, since none of them carries a condition.
    Deployments {
        /// For reads, as above.
        reads: Azure,
        /// For writes, and for what waits for them, as above.
        writes: Azure,
    },
}

impl Hand {
    /// The one of the setting.
    pub(super) fn of(via: ApplyVia, reads: Azure, writes: Azure) -> Self {
        match via {
            ApplyVia::RecordSet => Self::RecordSets { reads, writes },
            ApplyVia::Deployment => Self::Deployments { reads, writes },
        }
    }

    /// Its handles for reads and for writes, where it deploys into zones of this kind: into private ones never
    /// ([`Via::of`]).
    pub(super) fn deploys(&self, kind: ZoneKind) -> Option<(&Azure, &Azure)> {
        match self {
            Self::Deployments { reads, writes } if kind == ZoneKind::Public => Some((reads, writes)),
            Self::RecordSets { .. } | Self::Deployments { .. } => None,
        }
    }

    /// The word for it in reports and rows.
    pub(super) fn via(&self) -> Via {
        match self {
            Self::RecordSets { .. } => Via::RecordSet,
            Self::Deployments { .. } => Via::Deployment,
        }
    }

    /// Sends a change, whose set is marked already; one whose name ends takes it away.
    pub(super) async fn write(&self, change: &Change, set: &RecordSet) -> Heard {
        let (Self::RecordSets { reads, writes } | Self::Deployments { reads, writes }) = self;
        if change.action() == Action::Delete {
            return match writes.dns.delete(change.before.as_ref().unwrap_or(set)).await {
                Ok(Deleted::Gone | Deleted::WasAbsent) => Heard::Gone,
                Err(error) => {
                    let _ = timeout_at(reads.deadline, pause(&error)).await;
                    heard(&error)
                }
            };
        }
        let condition = match &change.before {
            Some(before) => Condition::Match(before.etag.clone()),
            None => Condition::Absent,
        };
        match writes.dns.put(set, &condition).await {
            Ok(written) if written.addresses == set.addresses => Heard::Written(Box::new(written)),
            // Whoever answered so did not do what was asked, or did not say what it did.
            Ok(_) => Heard::Lost(Mishap {
                code: "other-addresses".to_owned(),
                words: "the answer to the write shows other addresses than were sent".to_owned(),
            }),
            Err(error) => {
                // A pause that outlasts the reads would end in none.
                let _ = timeout_at(reads.deadline, pause(&error)).await;
                heard(&error)
            }
        }
    }

    /// Reads the record set of a change, whose pause is over.
    pub(super) async fn read(&self, change: &Change) -> (Heard, Option<fulfil::LiveSet>) {
        let (Self::RecordSets { reads, .. } | Self::Deployments { reads, .. }) = self;
        match fulfil::read(reads, &change.id).await {
            Ok(seen) => {
                // What took the place of the set may be a CNAME, beside which none is created; what is to go needs no place.
                let is_cname = match &seen.set {
                    Some(_) => Ok(false),
                    None if change.action() == Action::Delete => Ok(false),
                    None => reads.dns.cname_exists(&change.id.zone, &change.id.name).await,
                };
                let heard = match is_cname {
                    Ok(is_cname) => Heard::Read(Box::new(Read { set: seen.set.clone(), is_cname })),
                    Err(error) => Heard::Unreadable(mishap(&error)),
                };
                (heard, Some(seen))
            }
            Err(error) => (Heard::Unreadable(mishap(&error)), None),
        }
    }
}

/// What an error of a write means.
pub(super) fn heard(error: &Error) -> Heard {
    let mishap = mishap(error);
    match error.certainty {
        Certainty::Unknown => Heard::Lost(mishap),
        // Throttling is the zone's pace in other words: the next run goes on.
        _ if error.is_deferred() || error.is_throttled() => Heard::Waits(mishap),
        _ if error.is_permanent_refusal() => Heard::Refused(mishap),
        // Any other 409 is an operation under way, or the echo of our own write.
        _ if error.is_precondition() || error.status == Some(409) => Heard::Moved(mishap),
        _ => Heard::Failed(mishap),
    }
}

/// An error as rows and people are told of it.
pub(super) fn mishap(error: &Error) -> Mishap {
    // The outcome is logged where the run ends, in words for everybody; hosts and pages are for whoever looks closer.
    tracing::debug!("{}", error.chain());
    Mishap { code: error.reason().to_owned(), words: error.for_people() }
}

/// The shortest pause before a set that something else is at is read again.
const SHORTEST: std::time::Duration = std::time::Duration::from_millis(200);
/// The longest pause that is waited for.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(30);

/// Waits while another operation is under way.
async fn pause(error: &Error) {
    if error.certainty == Certainty::Answered && error.is_pending() {
        let asked = error.retry_after.unwrap_or(SHORTEST);
        tokio::time::sleep(asked.clamp(SHORTEST, LONGEST)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::azure::Kind;
    use pure::domain::Service;

    fn refused(status: u16, retry_after: Option<u64>) -> Error {
        let mut error = Error::new(Service::DnsWrite, Kind::Refused, "write x A", "no");
        error.status = Some(status);
        error.retry_after = retry_after.map(Duration::from_secs);
        error.with_certainty(Certainty::Answered)
    }

    /// Section 7: on a 409 that says *pending*, wait (`Retry-After`, else back off).
    #[tokio::test(start_paused = true)]
    async fn what_is_pending_is_waited_for_as_long_as_the_service_asks_within_bounds() {
        for (status, asked, waited) in [
            (409, None, SHORTEST),
            (409, Some(0), SHORTEST),
            (409, Some(7), Duration::from_secs(7)),
            (409, Some(3600), LONGEST),
            (412, Some(7), Duration::ZERO),
            (403, Some(7), Duration::ZERO),
        ] {
            let start = tokio::time::Instant::now();
            pause(&refused(status, asked)).await;
            assert_eq!(start.elapsed(), waited, "{status} {asked:?}");
        }
        let lost = refused(409, Some(7)).with_certainty(Certainty::Unknown);
        let start = tokio::time::Instant::now();
        pause(&lost).await;
        assert_eq!(start.elapsed(), Duration::ZERO, "nobody has said so");
    }
}
