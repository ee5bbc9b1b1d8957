//! The pages of a list: while somebody reads one, the next is under way.

use std::collections::BTreeSet;

use azure_core::http::Url;
use futures::stream::{self, Stream};
use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::wire::ListPage;
use super::{API_VERSION, Dns, PAGE};
use crate::azure::call::Call;
use crate::azure::error::{Certainty, Error, Kind};
use crate::azure::moment::moment;
use crate::azure::network::same_origin;
use crate::azure::redact::Secrets;
use pure::domain::{Service, ZoneId};

/// More pages than a zone can have, however short they are.
const MOST_PAGES: usize = 20_000;

/// When a page was asked for, by which call, and what it says.
type FoundPage = (Timestamp, Call, ListPage);

/// The next page of a list.
enum OnItsWay {
    NotAsked(Url),
    Asked(AbortOnDropHandle<Result<FoundPage, Error>>),
    /// There is none.
    Last,
}

impl Dns {
    /// All pages of a list, each with the moment at which it was asked for. The stream ends with its first error.
    pub(super) fn pages(
        &self,
        zone: &ZoneId,
        record_type: &'static str,
    ) -> impl Stream<Item = Result<(Timestamp, Vec<Box<RawValue>>), Error>> + Send + use<> {
        let url = self.first_page(zone, record_type);
        let operation = format!("list {record_type} of {}", zone.zone_name());
        let (dns, zone) = (self.clone(), zone.clone());
        stream::try_unfold((OnItsWay::NotAsked(url), BTreeSet::new()), move |(page, mut seen)| {
            let (dns, zone) = (dns.clone(), zone.clone());
            let operation = operation.clone();
            async move {
                let asked = match page {
                    OnItsWay::Last => return Ok(None),
                    OnItsWay::NotAsked(url) => dns.ask_for_page(&zone, url, operation.clone(), &mut seen),
                    OnItsWay::Asked(asked) => asked,
                };
                let (sent_at, call, page) = asked.await.map_err(|fault| {
                    Error::new(Service::DnsRead, Kind::Unreadable, &operation, fault.to_string())
                })??;
                let next = page.next_link.filter(|link| !link.is_empty());
                let next = next.map(|link| dns.pinned(&call, &link, &seen)).transpose()?;
                // The next page is under way while somebody reads this one.
                let next = next.map_or(OnItsWay::Last, |url| {
                    OnItsWay::Asked(dns.ask_for_page(&zone, url, operation, &mut seen))
                });
                Ok(Some(((sent_at, page.value), (next, seen))))
            }
        })
    }

    /// Asks for a page of a list.
    fn ask_for_page(
        &self,
        zone: &ZoneId,
        url: Url,
        operation: String,
        seen: &mut BTreeSet<Url>,
    ) -> AbortOnDropHandle<Result<FoundPage, Error>> {
        seen.insert(url.clone());
        let call = self.read(zone, url, operation);
        let dns = self.clone();
        let asked = async move {
            let sent_at = moment();
            let page: ListPage = dns.channel.call(&dns.run, &call, &[], |reply| reply.json()).await?;
            Ok((sent_at, call, page))
        };
        AbortOnDropHandle::new(tokio::spawn(asked.in_current_span()))
    }

    /// Where the list of the record sets of a type begins.
    pub(super) fn first_page(&self, zone: &ZoneId, record_type: &str) -> Url {
        let top = PAGE.to_string();
        self.channel.url(&format!("{}/{record_type}", zone.as_str()), &[API_VERSION, ("$top", &top)])
    }

    /// The link to the next page, if it stays where our token belongs (contract azure-resource-manager, section 1.5).
    pub(super) fn pinned(&self, call: &Call, link: &str, seen: &BTreeSet<Url>) -> Result<Url, Error> {
        let fault = |words: &str| {
            Error::new(Service::DnsRead, Kind::BadLink, &call.operation, words)
                .with_certainty(Certainty::Answered)
        };
        if seen.len() >= MOST_PAGES {
            return Err(fault("the pages do not end"));
        }
        match Url::parse(link) {
            Ok(url) if seen.contains(&url) => Err(fault("the pages lead in a ring")),
            Ok(url) if same_origin(&url, self.channel.home()) => Ok(url),
            Ok(url) => {
                let origin = url.origin().ascii_serialization();
                let fault = fault("the link to the next page does not lead to the configured endpoint");
                Err(fault.with_detail(&format!("it leads to {origin}"), &Secrets::default()))
            }
            Err(_) => Err(fault("the link to the next page is no address")),
        }
    }
}
