//! Whether a person may send rows, asked before anything is written: of what nobody could tell the log, nothing is done.

use std::time::Duration;

use tokio::time::Instant;

use super::ingestion;
use super::line::{INGESTION, Line};
use super::token;
use super::visit::Visit;
use crate::azure::logs_ingest::DNS_CHANGE;
use crate::azure::{Azure, Error, Kind};
use crate::config::Settings;

/// So long a person waits for the answer; who holds a name in an incident is not kept by a log that is slow.
const LIMIT: Duration = Duration::from_secs(5);
/// And no more than this share of the time that the run has left.
const SHARE: u32 = 4;

/// Whether rows may be sent.
#[derive(Debug)]
pub enum Telling {
    /// Nothing speaks against it.
    MayBeSent,
    /// The rule refuses, or there is none: what is wrong, and the commands that mend it.
    Refused(Line),
    /// Nobody gave an answer that says so: why not, in words for people.
    Unknown(String),
}

/// Asks by a request that stores nothing: one call, and where it is refused one more, for the id of the rule.
pub async fn rows(settings: &Settings, azure: &Azure) -> Telling {
    let part = azure.for_a_part(SHARE);
    let visit = Visit::new(settings, part.by(part.deadline.min(Instant::now() + LIMIT)));
    match visit.azure.logs_ingest.may_send(DNS_CHANGE).await {
        Err(error) if error.kind() == Kind::NoIdentity => {
            Telling::Refused(Line::fail(INGESTION, "").saying(error.for_people()))
        }
        Err(error) if error.refuses_token() => Telling::Refused(
            token::not_taken(&visit).unwrap_or_else(|| Line::fail(INGESTION, "").saying(error.for_people())),
        ),
        Err(error) if is_refusal(&error) => Telling::Refused(ingestion::refused(&visit, &error).await),
        // The right is asked about first: what is said of an empty list comes from whoever would take rows.
        Err(error) if error.status == Some(400) => Telling::MayBeSent,
        Err(error) => Telling::Unknown(error.for_people()),
        Ok(()) => Telling::MayBeSent,
    }
}

/// Whether no patience ends it: the identity has no right, or no rule stands there. A page of somebody on the way is none.
fn is_refusal(error: &Error) -> bool {
    error.is_forbidden() || error.status == Some(404)
}
