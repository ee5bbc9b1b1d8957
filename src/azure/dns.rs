//! Azure DNS: record sets of zones of both kinds, read one by one or by type, replaced under a condition.

mod delete;
pub mod harmless;
mod kinds;
mod links;
mod listed;
mod marked;
mod pages;
mod views;
mod wire;
mod writable;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::headers::{CONTENT_TYPE, HeaderName, IF_MATCH};
use azure_core::http::{Method, Url};
use futures::stream::{self, Stream, StreamExt};
use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::answer::{Answered, Flaw};
use super::call::{Call, Handle, LARGEST_ANSWER, Waits};
use super::error::{Certainty, Error, Kind, line, public};
use super::logs_ingest::Rows;
use super::moment::moment;
use super::pipeline::Channel;
use super::quota::{Quota, Write};
use super::redact::Secrets;
pub use delete::Deleted;
pub(super) use kinds::{resource_type, version};
pub use links::NetworkLink;
pub(crate) use listed::RowsOf;
use listed::{ListedPage, Reading};
use pages::{FoundPage, OnItsWay, pinned};
use pure::domain::{HostName, RecordSet, RecordType, Service, Zone, ZoneId, ZoneKind};
pub(super) use writable::properties;
pub use writable::writable;

/// Record sets on a page; the service may give fewer (contract azure-resource-manager, section 2.1).
pub const PAGE: usize = 500;
/// How long one try of a read may take, and one of a write.
const READ: Duration = Duration::from_secs(15);
const WRITE: Duration = Duration::from_secs(20);

/// Record sets of Azure DNS.
#[derive(Clone, Debug)]
pub struct Dns {
    channel: Channel,
    pub(super) run: Handle,
    quota: Arc<Quota>,
}

/// The condition of a write; there is none without (contract azure-resource-manager, section 2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The record set still has this entity tag.
    Match(String),
    /// There is no record set.
    Absent,
}

/// A page of record sets of one type.
#[derive(Debug)]
pub struct SetsPage {
    /// When the request for this page was sent.
    pub sent_at: Timestamp,
    /// The names that were wanted, each with its record set, or why that one cannot be read.
    pub sets: Vec<(HostName, Result<RecordSet, Error>)>,
}

/// A walk through the record sets of a type in a zone, page by page.
pub(crate) struct RowsWalk<'a> {
    dns: Dns,
    zone: &'a Zone,
    record_type: RecordType,
    of: RowsOf<'a>,
    next: Option<Url>,
    seen: BTreeSet<Url>,
}

/// The rows of a page of record sets.
pub(crate) struct RowsPage {
    /// Record sets on the page.
    pub(crate) sets: usize,
    /// Their rows.
    pub(crate) rows: Rows,
}

impl Dns {
    pub(super) fn new(channel: Channel, run: Handle, quota: Arc<Quota>) -> Self {
        Self { channel, run, quota }
    }

    /// Asks for the token that calls will need, while something else is waited for.
    pub(crate) fn prepare(&self) {
        self.channel.prepare();
    }

    /// One record set as it stands now, with its entity tag, which is empty when the answer had none: such a set must
    /// not be written. None when there is no set.
    ///
    /// # Errors
    /// [`Error`]; a zone that does not exist is one.
    pub async fn get(
        &self,
        zone: &ZoneId,
        name: &HostName,
        record_type: RecordType,
    ) -> Result<Option<RecordSet>, Error> {
        let url = self.record_url(zone, name, record_type.as_str());
        let call = self.read(zone, url, format!("read {name} {record_type}"));
        self.optional(&call, |body| wire::record_set(body, zone, record_type, name)).await
    }

    /// Whether the name is a CNAME, which can share its name with nothing (contract azure-resource-manager, section
    /// 2.8).
    ///
    /// # Errors
    /// [`Error`].
    pub async fn cname_exists(&self, zone: &ZoneId, name: &HostName) -> Result<bool, Error> {
        let call = self.read(zone, self.record_url(zone, name, "CNAME"), format!("read {name} CNAME"));
        let found = self.optional(&call, |body| wire::check(body, zone, "CNAME", name)).await?;
        Ok(found.is_some())
    }

    /// The record sets of these names and a type, out of all in a zone, page by page, with their entity tags like those of
    /// [`Dns::get`]. The stream ends with its first error.
    pub fn list(
        &self,
        zone: &ZoneId,
        record_type: RecordType,
        names: BTreeSet<HostName>,
    ) -> impl Stream<Item = Result<SetsPage, Error>> + Send {
        let of = Zone { id: zone.clone() };
        self.pages(zone, record_type.as_str()).map(move |page| {
            let (sent_at, entries) = page?;
            let no_list = |words: &str| no_list(&of.id, record_type.as_str(), words);
            let mut sets = Vec::new();
            for entry in &entries {
                let name = wire::entry_name(entry).map_err(no_list)?;
                let Some(name) = of.absolute(&name).filter(|name| names.contains(name)) else { continue };
                let set = wire::listed(entry, &of.id, record_type, &name).map_err(|words| no_list(&words));
                sets.push((name, set));
            }
            Ok(SetsPage { sent_at, sets })
        })
    }

    /// Begins a walk through the rows of all record sets of a type in a zone.
    pub(crate) fn rows<'a>(&self, zone: &'a Zone, record_type: RecordType, of: RowsOf<'a>) -> RowsWalk<'a> {
        let next = Some(self.first_page(&zone.id, record_type.as_str()));
        RowsWalk { dns: self.clone(), zone, record_type, of, next, seen: BTreeSet::new() }
    }

    /// The names of all CNAMEs in a zone.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn cnames(&self, zone: &ZoneId) -> Result<BTreeSet<HostName>, Error> {
        self.names(zone, "CNAME").await
    }

    /// The names below which other name servers answer: those of all NS record sets of a zone but the apex's own. A private
    /// zone hands nothing over and has no such sets (contract private-zones, section 1), so it is not asked.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] when this identity has not the right `NS/read`, which installations of before
    /// have not.
    pub async fn ns_sets(&self, zone: &ZoneId) -> Result<BTreeSet<HostName>, Error> {
        if zone.kind() == ZoneKind::Private {
            return Ok(BTreeSet::new());
        }
        let mut cuts = self.names(zone, "NS").await?;
        cuts.remove(zone.zone_name());
        Ok(cuts)
    }

    /// The hosts of the zone's own NS record set at its apex: the name servers that Azure gave it, and whatever somebody added.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn name_servers(&self, zone: &ZoneId) -> Result<BTreeSet<HostName>, Error> {
        let url = self.channel.url(&format!("{}/NS/@", zone.as_str()), &[api_version(zone)]);
        let call = self.read(zone, url, format!("read the name servers of {}", zone.zone_name()));
        self.channel.call(&self.run, &call, &[], |reply| Ok(wire::name_servers(&reply.json()?)?)).await
    }

    /// What is not known, and what to do, where [`Dns::ns_sets`] is forbidden.
    #[must_use]
    pub fn without_ns(zone: &ZoneId, error: &Error) -> String {
        format!(
            "names below an NS record set of {} cannot be told from others: this identity lacks \
             Microsoft.Network/dnsZones/NS/read; run the line of the role records in infra/README.md once more ({})",
            zone.zone_name(),
            error.reason()
        )
    }

    /// The names of all record sets of a type; those that are no host names are left out.
    async fn names(&self, zone: &ZoneId, record_type: &'static str) -> Result<BTreeSet<HostName>, Error> {
        let of = Zone { id: zone.clone() };
        let mut all = BTreeSet::new();
        let mut pages = std::pin::pin!(self.pages(zone, record_type));
        while let Some(page) = pages.next().await {
            let (_, entries) = page?;
            for entry in &entries {
                let name = wire::entry_name(entry).map_err(|words| no_list(zone, record_type, words))?;
                all.extend(of.absolute(&name));
            }
        }
        Ok(all)
    }

    /// Creates or replaces a record set in one request, when its turn in the zone's quota has come.
    ///
    /// The set that the service answers with is returned, with its new entity tag. While tries go unanswered the same
    /// request is sent again, in another turn: its condition keeps it from landing twice.
    ///
    /// # Errors
    /// [`Error`]. Kinds [`Kind::NoQuota`] and [`Kind::ZoneWaits`]: put off, nothing was sent. Certainty [`Certainty::Unknown`]: it may have landed,
    /// even with status 412, which may then be the echo of our own first try; read the record set and compare.
    pub async fn put(&self, set: &RecordSet, condition: &Condition) -> Result<RecordSet, Error> {
        let operation = format!("write {} {}", set.name, set.record_type);
        writable(set)?;
        // `*` would hold whatever the set has become.
        if matches!(condition, Condition::Match(etag) if etag.is_empty() || etag == "*") {
            let words =
                "the record set was read without an entity tag, so nothing would keep somebody else's change";
            return Err(Error::new(Service::DnsWrite, Kind::NoEtag, operation, words));
        }
        let write = match condition {
            Condition::Match(_) => Write::Update,
            Condition::Absent => Write::Create,
        };
        let header = match condition {
            Condition::Match(etag) => (IF_MATCH, etag.clone()),
            Condition::Absent => (HeaderName::from_static_standard("if-none-match"), "*".to_owned()),
        };
        let call = Call {
            service: Service::DnsWrite,
            operation,
            method: Method::Put,
            url: self.record_url(&set.zone, &set.name, set.record_type.as_str()),
            headers: vec![header, (CONTENT_TYPE, "application/json".to_owned())],
            body: Bytes::from(wire::body(set).to_string()),
            each: WRITE,
            largest: LARGEST_ANSWER,
            zone: Some(self.waits(&set.zone, Some(write))),
            allowance: None,
        };
        self.channel
            .call(&self.run, &call, &[], |reply| {
                Ok(wire::record_set(&reply.json()?, &set.zone, set.record_type, &set.name)?)
            })
            .await
    }

    /// `None` for the answer that says "no such record set"; any other 404 stays an error.
    async fn optional<T>(
        &self,
        call: &Call,
        decode: impl Fn(&serde_json::Value) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        let decode = |reply: &Answered| match reply.status {
            404 if wire::says_no_record_set(&reply.body) => Ok(None),
            404 => Err(Flaw::Refused),
            _ => Ok(Some(decode(&reply.json()?)?)),
        };
        self.channel.call(&self.run, call, &[404], decode).await
    }

    /// All pages of a list, each with the moment at which it was asked for. The stream ends with its first error.
    fn pages(
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
                let next = next.map(|link| pinned(&call, &link, &seen, dns.channel.home())).transpose()?;
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
            let page: wire::ListPage = dns.channel.call(&dns.run, &call, &[], |reply| reply.json()).await?;
            Ok((sent_at, call, page))
        };
        AbortOnDropHandle::new(tokio::spawn(asked.in_current_span()))
    }

    /// Where the list of the record sets of a type begins.
    fn first_page(&self, zone: &ZoneId, record_type: &str) -> Url {
        let top = PAGE.to_string();
        self.channel.url(&format!("{}/{record_type}", zone.as_str()), &[api_version(zone), ("$top", &top)])
    }

    fn record_url(&self, zone: &ZoneId, name: &HostName, record_type: &str) -> Url {
        let of = Zone { id: zone.clone() };
        let relative = of.relative(name).unwrap_or_else(|| name.as_str());
        self.channel.url(&format!("{}/{record_type}/{relative}", zone.as_str()), &[api_version(zone)])
    }

    fn waits(&self, zone: &ZoneId, write: Option<Write>) -> Waits {
        Waits { quota: Arc::clone(&self.quota), zone: zone.clone(), write }
    }

    fn read(&self, zone: &ZoneId, url: Url, operation: String) -> Call {
        Call {
            service: Service::DnsRead,
            operation,
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            each: READ,
            largest: LARGEST_ANSWER,
            zone: Some(self.waits(zone, None)),
            allowance: None,
        }
    }
}

impl RowsWalk<'_> {
    /// The rows of the next page; none after the last.
    ///
    /// # Errors
    /// [`Error`]; the walk is over then.
    pub(crate) async fn next(&mut self) -> Result<Option<RowsPage>, Error> {
        let Some(url) = self.next.take() else { return Ok(None) };
        self.seen.insert(url.clone());
        let operation = format!("list {} of {}", self.record_type, self.zone.name());
        let call = self.dns.read(&self.zone.id, url, operation);
        let (zone, record_type, of, sent_at) = (self.zone, self.record_type, self.of, moment());
        let decode = |reply: &Answered| {
            let mut rows = Rows::for_about(PAGE);
            let reading = Reading::new(zone, record_type, of, sent_at, |row| rows.push(&row));
            let ListedPage { sets, next_link } = reading.page(reply)?;
            Ok((RowsPage { sets, rows }, next_link))
        };
        let (page, link) = self.dns.channel.call(&self.dns.run, &call, &[], decode).await?;
        self.next = link.map(|link| pinned(&call, &link, &self.seen, self.dns.channel.home())).transpose()?;
        Ok(Some(page))
    }
}

fn api_version(zone: &ZoneId) -> (&'static str, &'static str) {
    ("api-version", version(zone.kind()))
}

/// An error for a list that holds what is no record set.
fn no_list(zone: &ZoneId, record_type: &str, words: &str) -> Error {
    let words = public(&line(words, &Secrets::default()));
    let operation = format!("list {record_type} of {}", zone.zone_name());
    Error::new(Service::DnsRead, Kind::Unreadable, operation, words).with_certainty(Certainty::Unknown)
}
