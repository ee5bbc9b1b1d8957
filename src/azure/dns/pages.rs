//! The pages of a list: the one that is on its way, and the link to the next.

use std::collections::BTreeSet;

use azure_core::http::Url;
use jiff::Timestamp;
use tokio_util::task::AbortOnDropHandle;

use super::wire::ListPage;
use crate::azure::call::Call;
use crate::azure::error::{Certainty, Error, Kind};
use crate::azure::network::same_origin;
use crate::azure::redact::Secrets;
use pure::domain::Service;

/// More pages than a zone can have, however short they are.
const MOST_PAGES: usize = 20_000;

/// When a page was asked for, by which call, and what it says.
pub(super) type FoundPage = (Timestamp, Call, ListPage);

/// The next page of a list.
pub(super) enum OnItsWay {
    /// Nobody has asked for it yet.
    NotAsked(Url),
    /// It is under way; dropping this ends that.
    Asked(AbortOnDropHandle<Result<FoundPage, Error>>),
    /// There is none.
    Last,
}

/// The link to the next page, if it stays where our token belongs (contract azure-resource-manager, section 1.5).
pub(super) fn pinned(call: &Call, link: &str, seen: &BTreeSet<Url>, home: &Url) -> Result<Url, Error> {
    let fault = |words: &str| {
        Error::new(Service::DnsRead, Kind::BadLink, &call.operation, words)
            .with_certainty(Certainty::Answered)
    };
    if seen.len() >= MOST_PAGES {
        return Err(fault("the pages do not end"));
    }
    match Url::parse(link) {
        Ok(url) if seen.contains(&url) => Err(fault("the pages lead in a ring")),
        Ok(url) if same_origin(&url, home) => Ok(url),
        Ok(url) => {
            let origin = url.origin().ascii_serialization();
            let fault = fault("the link to the next page does not lead to the configured endpoint");
            Err(fault.with_detail(&format!("it leads to {origin}"), &Secrets::default()))
        }
        Err(_) => Err(fault("the link to the next page is no address")),
    }
}
