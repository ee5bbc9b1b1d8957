//! Azure DNS: record sets of public zones, read one by one or by type, replaced under a condition.

mod wire;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::headers::{CONTENT_TYPE, HeaderName, IF_MATCH};
use azure_core::http::{Method, Url};
use futures::stream::{self, Stream, StreamExt};
use jiff::Timestamp;

use super::bearer::same_origin;
use super::calls::Counted;
use super::error::{Api, Certainty, Error, NO_QUOTA};
use super::moment;
use super::pipeline::{Call, Channel, Reply, Run};
use super::quota::{Quota, Write};
use pure::domain::{HostName, RecordSet, RecordType, Zone, ZoneId};

/// The newest stable version (contract azure-resource-manager, section 1.1).
const API_VERSION: (&str, &str) = ("api-version", "2018-05-01");
/// Record sets on a page; the service may give fewer (contract azure-resource-manager, section 2.1).
pub const PAGE: usize = 500;
/// How long one try of a read may take, and one of a write.
const READ: Duration = Duration::from_secs(15);
const WRITE: Duration = Duration::from_secs(20);
/// More pages than any zone can have: a link that leads in circles ends here.
const MOST_PAGES: usize = 100_000;

/// Record sets of Azure DNS.
#[derive(Clone, Debug)]
pub struct Dns {
    channel: Channel,
    run: Run,
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
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// When the request for this page was sent.
    pub sent_at: Timestamp,
    /// The record sets. Names that are no host names, such as those with an underscore, are left out: no tag can name
    /// them.
    pub sets: Vec<RecordSet>,
}

impl Dns {
    pub(super) fn new(channel: Channel, run: Run, quota: Arc<Quota>) -> Self {
        Self { channel, run, quota }
    }

    /// One record set as it stands now, with its entity tag; none when there is none.
    ///
    /// # Errors
    /// [`Error`]; a zone that does not exist is one.
    pub async fn get(
        &self,
        zone: &ZoneId,
        name: &HostName,
        record_type: RecordType,
    ) -> Result<Option<RecordSet>, Error> {
        let call = self
            .read(self.record_url(zone, name, record_type.as_str()), format!("read {name} {record_type}"));
        self.optional(&call, |body| wire::record_set(body, zone, record_type, Some(name))).await
    }

    /// Whether the name is a CNAME, which can share its name with nothing (contract azure-resource-manager, section
    /// 2.8).
    ///
    /// # Errors
    /// [`Error`].
    pub async fn cname_exists(&self, zone: &ZoneId, name: &HostName) -> Result<bool, Error> {
        let call = self.read(self.record_url(zone, name, "CNAME"), format!("read {name} CNAME"));
        self.optional(&call, |_| Ok(())).await.map(|found| found.is_some())
    }

    /// All record sets of a type in a zone, page by page. The stream ends with its first error.
    pub fn list(
        &self,
        zone: &ZoneId,
        record_type: RecordType,
    ) -> impl Stream<Item = Result<Page, Error>> + Send {
        let of = zone.clone();
        self.pages(zone, record_type.as_str()).map(move |page| {
            let (sent_at, values) = page?;
            let sets = values.iter().filter_map(|value| wire::listed(value, &of, record_type));
            match sets.collect() {
                Ok(sets) => Ok(Page { sent_at, sets }),
                Err(words) => {
                    let operation = format!("list {record_type} of {}", of.zone_name());
                    Err(Error { code: "BadRecordSet".to_owned(), ..Error::new(Api::Dns, operation, words) })
                }
            }
        })
    }

    /// The names of all CNAMEs in a zone.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn cnames(&self, zone: &ZoneId) -> Result<BTreeSet<HostName>, Error> {
        let of = Zone { id: zone.clone() };
        let names = |values: Vec<serde_json::Value>| {
            values.iter().filter_map(|value| of.absolute(value["name"].as_str()?)).collect::<Vec<_>>()
        };
        let mut all = BTreeSet::new();
        let mut pages = std::pin::pin!(self.pages(zone, "CNAME"));
        while let Some(page) = pages.next().await {
            all.extend(names(page?.1));
        }
        Ok(all)
    }

    /// Creates or replaces a record set in one request, when its turn in the zone's quota has come.
    ///
    /// The set that the service answers with is returned, with its new entity tag. While tries go unanswered the same
    /// request is sent again: its condition keeps it from landing twice.
    ///
    /// # Errors
    /// [`Error`]. Code [`NO_QUOTA`]: put off, nothing was sent. Certainty [`Certainty::Unknown`]: it may have landed,
    /// even with status 412, which may then be the echo of our own first try; read the record set and compare.
    pub async fn put(&self, set: &RecordSet, condition: &Condition) -> Result<RecordSet, Error> {
        let operation = format!("write {} {}", set.name, set.record_type);
        if set.alias.is_some() || set.addresses.is_empty() {
            let words = "neither an alias nor an empty set is ever written";
            return Err(Error { code: "NotWritable".to_owned(), ..Error::new(Api::Dns, operation, words) });
        }
        let write = match condition {
            Condition::Match(_) => Write::Update,
            Condition::Absent => Write::Create,
        };
        if let Err(next) = self.quota.turn(set.zone.lower(), write, self.run.deadline).await {
            let words = "the zone's write quota leaves no room before the deadline of this run";
            let mut error = Error::new(Api::Dns, operation, words);
            error.code = NO_QUOTA.to_owned();
            error.retry_after = Some(next.saturating_duration_since(tokio::time::Instant::now()));
            return Err(error);
        }
        let header = match condition {
            Condition::Match(etag) => (IF_MATCH, etag.clone()),
            Condition::Absent => (HeaderName::from_static_standard("if-none-match"), "*".to_owned()),
        };
        let call = Call {
            service: Api::Dns,
            counted: Counted::DnsWrite,
            operation,
            method: Method::Put,
            url: self.record_url(&set.zone, &set.name, set.record_type.as_str()),
            headers: vec![header, (CONTENT_TYPE, "application/json".to_owned())],
            body: Bytes::from(wire::body(set).to_string()),
            each: WRITE,
        };
        self.channel
            .call(&self.run, &call, &[], |reply| {
                wire::record_set(&reply.json()?, &set.zone, set.record_type, Some(&set.name))
            })
            .await
    }

    /// `None` for the answer that says "no such record set"; the other 404, of a zone, stays an error (contract
    /// azure-resource-manager, section 2.6).
    async fn optional<T>(
        &self,
        call: &Call,
        decode: impl Fn(&serde_json::Value) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        let result = self.channel.call(&self.run, call, &[], |reply| decode(&reply.json()?)).await;
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.status == Some(404) && error.code == "NotFound" => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn pages(
        &self,
        zone: &ZoneId,
        record_type: &'static str,
    ) -> impl Stream<Item = Result<(Timestamp, Vec<serde_json::Value>), Error>> + Send + use<> {
        let top = PAGE.to_string();
        let url =
            self.channel.url(&format!("{}/{record_type}", zone.as_str()), &[API_VERSION, ("$top", &top)]);
        let operation = format!("list {record_type} of {}", zone.zone_name());
        let dns = self.clone();
        stream::try_unfold((Some(url), 0), move |(url, count)| {
            let dns = dns.clone();
            let operation = operation.clone();
            async move {
                let Some(url) = url else { return Ok(None) };
                let call = dns.read(url, operation);
                let sent_at = moment();
                let page: wire::ListPage = dns.channel.call(&dns.run, &call, &[], Reply::json).await?;
                let next = page
                    .next_link
                    .filter(|link| !link.is_empty())
                    .map(|link| dns.pinned(&call, &link, count));
                Ok(Some(((sent_at, page.value), (next.transpose()?, count + 1))))
            }
        })
    }

    /// The link to the next page, if it stays where our token belongs (contract azure-resource-manager, section 1.5).
    fn pinned(&self, call: &Call, link: &str, count: usize) -> Result<Url, Error> {
        let fault = |words: String| Error {
            code: "BadLink".to_owned(),
            certainty: Certainty::Answered,
            ..Error::new(Api::Dns, &call.operation, words)
        };
        if count >= MOST_PAGES {
            return Err(fault("the pages do not end".to_owned()));
        }
        match Url::parse(link) {
            Ok(url) if url == call.url => {
                Err(fault("the link to the next page leads to the same page".to_owned()))
            }
            Ok(url) if same_origin(&url, self.channel.home()) => Ok(url),
            Ok(url) => Err(fault(format!(
                "the link to the next page leads to {}, not to the configured endpoint",
                url.origin().ascii_serialization()
            ))),
            Err(_) => Err(fault("the link to the next page is no address".to_owned())),
        }
    }

    fn record_url(&self, zone: &ZoneId, name: &HostName, record_type: &str) -> Url {
        let of = Zone { id: zone.clone() };
        let relative = of.relative(name).unwrap_or_else(|| name.as_str());
        self.channel.url(&format!("{}/{record_type}/{relative}", zone.as_str()), &[API_VERSION])
    }

    fn read(&self, url: Url, operation: String) -> Call {
        Call {
            service: Api::Dns,
            counted: Counted::DnsRead,
            operation,
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            each: READ,
        }
    }
}
