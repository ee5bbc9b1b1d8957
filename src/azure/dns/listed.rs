//! Record sets of a list, read in place: what a sweep tells of them, and nothing that it does not.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::wire;
use crate::azure::answer::{Answered, Flaw};
use crate::azure::error::line;
use crate::azure::loose::{Each, List, Loose, Pairs, Shaped};
use crate::azure::redact::Secrets;
use pure::domain::{
    DnsRow, HostName, RecordType, Refused, ToldSet, Until, WrittenMark, Zone, ZoneKind, Zones, parse_address,
};

/// Which rows a sweep wants of the record sets of a zone.
#[derive(Clone, Copy)]
pub(crate) struct RowsOf<'a> {
    /// The managed zones: a set that one of them hides gives no row.
    pub(crate) zones: &'a Zones,
    /// The names at which the zone hands its answers over: a set at or below one of them is told to be delegated.
    pub(crate) cuts: &'a BTreeSet<HostName>,
    /// The installation whose marks are told.
    pub(crate) owner: &'a str,
    /// The run that sends the rows.
    pub(crate) run: &'a str,
}

/// What a page of a list comes to, besides its rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ListedPage {
    /// How many sets there are, those that nobody can name included.
    pub(super) sets: usize,
    /// The link to the next page.
    pub(super) next_link: Option<String>,
}

#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(default, borrow)]
    id: Loose<'a>,
    #[serde(default, borrow)]
    name: Loose<'a>,
    #[serde(default, borrow)]
    etag: Loose<'a>,
    #[serde(default, borrow)]
    properties: Shaped<Properties<'a>>,
}

#[derive(Deserialize)]
struct Properties<'a> {
    #[serde(default, borrow, rename = "TTL")]
    ttl: Loose<'a>,
    #[serde(default, borrow, rename = "ttl")]
    private_ttl: Loose<'a>,
    #[serde(default, borrow)]
    metadata: Shaped<Pairs<'a>>,
    #[serde(default, borrow, rename = "targetResource")]
    target: Shaped<Target<'a>>,
    #[serde(default, borrow, rename = "trafficManagementProfile")]
    profile: Shaped<Target<'a>>,
    #[serde(default, borrow, rename = "ARecords")]
    a: List<Shaped<Record<'a>>>,
    #[serde(default, borrow, rename = "AAAARecords")]
    aaaa: List<Shaped<Record<'a>>>,
    #[serde(default, borrow, rename = "aRecords")]
    private_a: List<Shaped<Record<'a>>>,
    #[serde(default, borrow, rename = "aaaaRecords")]
    private_aaaa: List<Shaped<Record<'a>>>,
    #[serde(default, rename = "isAutoRegistered")]
    registered: Value,
}

#[derive(Deserialize)]
struct Target<'a> {
    #[serde(default, borrow)]
    id: Loose<'a>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(default, borrow, alias = "ipv6Address", rename = "ipv4Address")]
    address: Loose<'a>,
}

/// Reads a page. Each set is let go as soon as its rows are handed out; a page is never held whole.
pub(super) struct Reading<'a, T> {
    zone: &'a Zone,
    record_type: RecordType,
    of: RowsOf<'a>,
    sent_at: Timestamp,
    take: T,
    /// The managed zones below this one.
    children: Vec<&'a HostName>,
    delegated: String,
    unreadable: String,
    addresses: Vec<IpAddr>,
    /// What the first set lacks that nobody can name.
    fault: Option<String>,
}

impl<'a, T: FnMut(DnsRow<&str>)> Reading<'a, T> {
    /// Rows go to `take`, those of all sets whose name is a host name that no managed child zone hides.
    pub(super) fn new(
        zone: &'a Zone,
        record_type: RecordType,
        of: RowsOf<'a>,
        sent_at: Timestamp,
        take: T,
    ) -> Self {
        let children = of.zones.below(zone).map(Zone::name).collect();
        let [delegated, unreadable] =
            [Refused::delegated(), Refused::unreadable()].map(|refused| refused.to_string());
        let (addresses, fault) = (Vec::new(), None);
        Self { zone, record_type, of, sent_at, take, children, delegated, unreadable, addresses, fault }
    }

    /// Reads a page, of which no row counts when one of its sets has no name.
    ///
    /// # Errors
    /// Whatever keeps the answer from being read.
    pub(super) fn page(mut self, answer: &Answered) -> Result<ListedPage, Flaw> {
        let page = answer.json_with(&mut self)?;
        self.ended()?;
        Ok(page)
    }

    /// Words, when a set was none.
    fn ended(self) -> Result<(), String> {
        self.fault.map_or(Ok(()), Err)
    }

    /// Hands out the rows of a set; words, when it has no name. One that cannot be read is told to be so: a name without a row
    /// would look free.
    fn set(&mut self, set: &Listed<'_>) -> Result<(), String> {
        let (zone, record_type) = (self.zone, self.record_type);
        let relative = set.name.as_text().ok_or("a record set without a name")?;
        let Some(name) = zone.absolute(relative) else { return Ok(()) };
        if self.children.iter().any(|child| name.is_at_or_below(child)) {
            return Ok(());
        }
        let is_hidden = name.first_below(zone.name(), self.of.cuts).is_some();
        self.addresses.clear();
        let read = set.read(zone.id.kind(), record_type, &mut self.addresses);
        if let Err(words) = &read {
            let words = line(words, &Secrets::default());
            tracing::warn!(
                "the record set {name} {record_type} cannot be read, so nothing is done with it: {words}"
            );
            self.addresses.clear();
        }
        let refused = match &read {
            _ if is_hidden => self.delegated.as_str(),
            Ok(_) => "",
            Err(_) => self.unreadable.as_str(),
        };
        // A set that is there has an id in the log, whatever else of it can be told.
        let place = read.is_err().then(|| format!("{}/{record_type}/{relative}", zone.id));
        let ReadInPlace { ttl, alias, mark, hold, auto_registered } = read.unwrap_or_default();
        let told = ToldSet {
            zone_id: zone.id.as_str(),
            name: name.as_str(),
            record_type,
            id: place.as_deref().unwrap_or_else(|| set.id.text()),
            etag: set.etag.text(),
            ttl,
            alias,
            mark,
            hold,
            auto_registered,
            refused,
        };
        let addresses = self.addresses.iter().copied();
        told.rows(addresses, self.of.owner, self.sent_at, self.of.run, &mut self.take);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(field_identifier)]
enum Member {
    #[serde(rename = "value")]
    Value,
    #[serde(rename = "nextLink")]
    NextLink,
    #[serde(other)]
    Other,
}

impl<'de, T: FnMut(DnsRow<&str>)> DeserializeSeed<'de> for &mut Reading<'_, T> {
    type Value = ListedPage;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ListedPage, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: FnMut(DnsRow<&str>)> Visitor<'de> for &mut Reading<'_, T> {
    type Value = ListedPage;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of record sets")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ListedPage, A::Error> {
        let (mut sets, mut next_link) = (None, None);
        while let Some(member) = members.next_key()? {
            match member {
                Member::Value if sets.is_some() => return Err(A::Error::duplicate_field("value")),
                Member::Value => {
                    let each = |set: Listed<'de>| {
                        if self.fault.is_none() {
                            self.fault = self.set(&set).err();
                        }
                    };
                    sets = Some(members.next_value_seed(Each::new(each))?);
                }
                Member::NextLink => {
                    let link: Loose<'de> = members.next_value()?;
                    next_link = link.way_on().map_err(A::Error::custom)?.map(str::to_owned);
                }
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let sets = sets.ok_or_else(|| A::Error::missing_field("value"))?;
        Ok(ListedPage { sets, next_link })
    }
}

/// What is told of a set besides its place and its addresses.
#[derive(Default)]
struct ReadInPlace<'s> {
    ttl: u32,
    alias: Option<&'s str>,
    mark: Option<WrittenMark<'s>>,
    hold: Option<Until>,
    auto_registered: bool,
}

impl Listed<'_> {
    /// Reads the set, its addresses sorted and each once; words, when it is none.
    fn read(
        &self,
        kind: ZoneKind,
        record_type: RecordType,
        addresses: &mut Vec<IpAddr>,
    ) -> Result<ReadInPlace<'_>, String> {
        let properties = self.properties.known(wire::NO_PROPERTIES)?.ok_or(wire::NO_PROPERTIES)?;
        properties.addresses(kind, record_type, addresses)?;
        let auto_registered = wire::is_registered(&properties.registered)?;
        let metadata = properties.metadata.known(wire::NO_METADATA)?;
        let pairs =
            || metadata.into_iter().flat_map(|pairs| &pairs.0).map(|(key, value)| (key.text(), value.text()));
        let ttl = match kind {
            ZoneKind::Public => &properties.ttl,
            ZoneKind::Private => &properties.private_ttl,
        };
        Ok(ReadInPlace {
            ttl: ttl.number().and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or_default(),
            alias: properties.alias()?,
            mark: WrittenMark::read(pairs()),
            hold: Until::find(pairs()),
            auto_registered,
        })
    }
}

impl Properties<'_> {
    fn addresses(
        &self,
        kind: ZoneKind,
        record_type: RecordType,
        addresses: &mut Vec<IpAddr>,
    ) -> Result<(), String> {
        let records = match (kind, record_type) {
            (ZoneKind::Public, RecordType::A) => &self.a,
            (ZoneKind::Public, RecordType::Aaaa) => &self.aaaa,
            (ZoneKind::Private, RecordType::A) => &self.private_a,
            (ZoneKind::Private, RecordType::Aaaa) => &self.private_aaaa,
        };
        for record in records.0.as_ref().ok_or(wire::NO_RECORDS)? {
            let record = record.known(wire::NO_ADDRESS)?.ok_or(wire::NO_ADDRESS)?;
            let text = record.address.as_text().ok_or(wire::NO_ADDRESS)?;
            addresses.push(parse_address(text).ok_or_else(|| format!("`{text}` is no address"))?);
        }
        addresses.sort_unstable();
        addresses.dedup();
        Ok(())
    }

    /// `targetResource: {}` stands on every ordinary set: only an id makes an alias (contract azure-resource-manager,
    /// section 2.5).
    fn alias(&self) -> Result<Option<&str>, &'static str> {
        let mut alias = None;
        for target in [&self.target, &self.profile] {
            let Some(target) = target.known(wire::NO_TARGET)? else { continue };
            let id = match &target.id {
                Loose::Text(id) => Some(&**id).filter(|id| !id.is_empty()),
                Loose::Nothing => None,
                Loose::Number(_) | Loose::Other => return Err(wire::NO_TARGET),
            };
            alias = alias.or(id);
        }
        Ok(alias)
    }
}

#[cfg(test)]
mod tests;
