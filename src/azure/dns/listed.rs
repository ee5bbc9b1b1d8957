//! Record sets of a list, read in place: what a sweep tells of them, and nothing that it does not.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::azure::answer::{Answered, Flaw};
use crate::azure::loose::{Each, Loose, Pairs};
use pure::domain::{DnsRow, HostName, RecordType, Refused, ToldSet, WrittenMark, Zone, Zones, parse_address};

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
    #[serde(borrow)]
    properties: Option<Properties<'a>>,
}

#[derive(Deserialize)]
struct Properties<'a> {
    #[serde(default, borrow, rename = "TTL")]
    ttl: Loose<'a>,
    #[serde(default, borrow)]
    metadata: Pairs<'a>,
    #[serde(default, borrow, rename = "targetResource")]
    target: Option<Target<'a>>,
    #[serde(default, borrow, rename = "trafficManagementProfile")]
    profile: Option<Target<'a>>,
    #[serde(default, borrow, rename = "ARecords")]
    a: Option<Vec<Record<'a>>>,
    #[serde(default, borrow, rename = "AAAARecords")]
    aaaa: Option<Vec<Record<'a>>>,
}

#[derive(Deserialize)]
struct Target<'a> {
    #[serde(default, borrow)]
    id: Loose<'a>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow, alias = "ipv6Address", rename = "ipv4Address")]
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
    addresses: Vec<IpAddr>,
    /// What the first set that is none lacks.
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
        let delegated = Refused::delegated().to_string();
        Self { zone, record_type, of, sent_at, take, children, delegated, addresses: Vec::new(), fault: None }
    }

    /// Reads a page, of which no row counts when one of its sets is none.
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

    /// Hands out the rows of a set; words, when it is none.
    fn set(&mut self, set: &Listed<'_>) -> Result<(), String> {
        let (zone, record_type) = (self.zone, self.record_type);
        let relative = set.name.as_text().ok_or("a record set without a name")?;
        let Some(name) = zone.absolute(relative) else { return Ok(()) };
        let fault = |words: &str| format!("{name} {record_type}: {words}");
        let properties = set.properties.as_ref().ok_or_else(|| fault("the answer has no properties"))?;
        self.addresses.clear();
        properties.addresses(record_type, &mut self.addresses).map_err(|words| fault(&words))?;
        if self.children.iter().any(|child| name.is_at_or_below(child)) {
            return Ok(());
        }
        let is_hidden = name.first_below(zone.name(), self.of.cuts).is_some();
        let refused = if is_hidden { self.delegated.as_str() } else { "" };
        let told = ToldSet { refused, ..set.told(properties, zone, &name, record_type) };
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

impl Listed<'_> {
    fn told<'s>(
        &'s self,
        properties: &'s Properties<'_>,
        zone: &'s Zone,
        name: &'s HostName,
        record_type: RecordType,
    ) -> ToldSet<'s> {
        // `targetResource: {}` stands on every ordinary set: only an id makes an alias (contract
        // azure-resource-manager, section 2.5).
        let targets = [&properties.target, &properties.profile];
        let mut ids = targets.into_iter().flatten().filter_map(|target| target.id.as_text());
        let pairs = properties.metadata.0.iter().map(|(key, value)| (key.text(), value.text()));
        ToldSet {
            zone_id: zone.id.as_str(),
            name: name.as_str(),
            record_type,
            id: self.id.text(),
            etag: self.etag.text(),
            ttl: properties.ttl.number().and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or_default(),
            alias: ids.find(|id| !id.is_empty()),
            mark: WrittenMark::read(pairs),
            refused: "",
        }
    }
}

impl Properties<'_> {
    /// The addresses, sorted and each once.
    fn addresses(&self, record_type: RecordType, addresses: &mut Vec<IpAddr>) -> Result<(), String> {
        let records = match record_type {
            RecordType::A => &self.a,
            RecordType::Aaaa => &self.aaaa,
        };
        for record in records.as_deref().unwrap_or_default() {
            let text = record.address.as_text().ok_or("a record without an address")?;
            addresses.push(parse_address(text).ok_or_else(|| format!("`{text}` is no address"))?);
        }
        addresses.sort_unstable();
        addresses.dedup();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::azure::dns::wire;
    use pure::domain::ZoneId;

    /// The rows that a sweep reads in place, and those of the sets read whole.
    fn both(
        sets: &Value,
        record_type: RecordType,
    ) -> (Result<Vec<DnsRow>, String>, Result<Vec<DnsRow>, String>) {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
        let zone = Zone { id: ZoneId::parse(id).unwrap() };
        let sent_at = Timestamp::UNIX_EPOCH;
        let text = json!({ "value": sets }).to_string().replace('/', "\\/");
        let mut rows = Vec::new();
        let child = ZoneId::parse(&id.replace("example.com", "hidden.example.com")).unwrap();
        let zones = Zones::new([zone.id.clone(), child]).unwrap();
        let of = RowsOf { zones: &zones, cuts: &BTreeSet::new(), owner: "us", run: "run" };
        let mut reading = Reading::new(&zone, record_type, of, sent_at, |row| rows.push(row.owned()));
        let page = reading.deserialize(&mut serde_json::Deserializer::from_str(&text)).unwrap();
        assert_eq!(page, ListedPage { sets: sets.as_array().unwrap().len(), next_link: None });
        let light = reading.ended();
        let whole = || {
            let listed = sets.as_array().unwrap().iter().filter_map(|set| {
                let entry = serde_json::value::to_raw_value(set).unwrap();
                let name = match wire::entry_name(&entry) {
                    Ok(name) => zone.absolute(&name)?,
                    Err(words) => return Some(Err(words.to_owned())),
                };
                Some(wire::listed(&entry, &zone.id, record_type, &name))
            });
            let sets = listed.collect::<Result<Vec<_>, _>>()?;
            let sets = sets.iter().filter(|set| zones.longest_match(&set.name) == Some(&zone));
            Ok(sets.flat_map(|set| DnsRow::rows(set, "us", sent_at, "run")).collect())
        };
        (light.map(|()| rows), whole())
    }

    #[test]
    fn what_is_read_in_place_is_what_is_read_whole() {
        let mark = json!({"heartbeat_dns_v": "1", "Heartbeat_DNS_Owner": "us", "heartbeat_dns_machine": "/S/M",
            "heartbeat_dns_run": "r", "heartbeat_dns_time": "2026-03-01T02:03:04Z", "team": "edge"});
        let sets = json!([
            {"id": "/i", "name": "nas", "etag": "e", "properties": {"TTL": 60, "metadata": mark, "targetResource": {},
                "ARecords": [{"ipv4Address": "203.0.113.9"}, {"ipv4Address": "203.0.113.10"}, {"ipv4Address": "203.0.113.9"}]}},
            {"name": "www", "properties": {"TTL": null, "targetResource": {"id": "/x"}, "ARecords": null}},
            {"name": "cdn", "properties": {"trafficManagementProfile": {"id": "/y"}, "metadata": null}},
            {"name": "led", "properties": {"targetResource": {"id": ""}, "trafficManagementProfile": {"id": "/z"}}},
            {"name": "odd", "etag": 7, "properties": {"TTL": "60", "future": {"a": [1]}, "targetResource": {"id": ""}}},
            {"name": "_srv", "properties": {}},
            {"name": "hidden", "properties": {"ARecords": [{"ipv4Address": "203.0.113.1"}]}},
            {"name": "@", "properties": {"TTL": 4_294_967_296_u64,
                "metadata": {"heartbeat_dns_owner": "other", "heartbeat_dns_machine": "/m"}}},
        ]);
        let (light, whole) = both(&sets, RecordType::A);
        assert_eq!(light.as_ref().map(Vec::len), Ok(7), "{light:?}");
        assert_eq!(light.as_ref().unwrap().iter().filter(|row| row.is_alias).count(), 3, "{light:?}");
        assert_eq!(light, whole);
        let six = json!([{"name": "nas", "properties": {"AAAARecords": [{"ipv6Address": "2001:DB8:0::1"}]}}]);
        let (light, whole) = both(&six, RecordType::Aaaa);
        assert_eq!(light.as_ref().unwrap()[0].dns_ip, "2001:db8::1");
        assert_eq!(light, whole);
    }

    #[test]
    fn a_set_at_or_below_a_cut_is_delegated_and_no_other() {
        let zone = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
        let zone = Zone { id: ZoneId::parse(zone).unwrap() };
        let zones = Zones::new([zone.id.clone()]).unwrap();
        let cuts = ["lab.example.com", "x.y.example.com"].map(|name| HostName::parse(name).unwrap()).into();
        let of = RowsOf { zones: &zones, cuts: &cuts, owner: "us", run: "run" };
        let names = ["lab", "a.lab", "b.a.lab", "collab", "y", "x.y", "ax.y", "@", "*.lab"];
        let sets: Vec<_> =
            names.iter().map(|name| json!({"name": name, "properties": {"TTL": 60}})).collect();
        let text = json!({ "value": sets }).to_string();
        let mut hidden = Vec::new();
        let delegated = Refused::delegated().to_string();
        let take = |row: DnsRow<&str>| {
            if row.refused == delegated {
                hidden.push(row.host_name.to_owned());
            }
        };
        let mut reading = Reading::new(&zone, RecordType::A, of, Timestamp::UNIX_EPOCH, take);
        reading.deserialize(&mut serde_json::Deserializer::from_str(&text)).unwrap();
        reading.ended().unwrap();
        let below = ["lab", "a.lab", "b.a.lab", "x.y", "*.lab"].map(|name| format!("{name}.example.com"));
        assert_eq!(hidden, below);
    }

    #[test]
    fn a_set_that_is_none_is_an_error_either_way() {
        for set in [
            json!({}),
            json!({"properties": {}}),
            json!({"name": null, "properties": {}}),
            json!({"name": "nas"}),
            json!({"name": "nas", "properties": {"ARecords": [{"ipv4Address": "x"}]}}),
            json!({"name": "nas", "properties": {"ARecords": [{"ipv4Address": 1}]}}),
        ] {
            let (light, whole) = both(&json!([set]), RecordType::A);
            assert!(light.is_err(), "{set}");
            assert_eq!(light, whole, "{set}");
        }
    }
}
