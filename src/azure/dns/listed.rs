//! Record sets of a list, read in place: what a sweep tells of them, and nothing that it does not.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::wire;
use crate::azure::answer::{Answered, Flaw};
use crate::azure::error::line;
use crate::azure::loose::{Each, List, Loose, Object, Pairs};
use crate::azure::redact::Secrets;
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
    #[serde(default, borrow)]
    properties: Object<Properties<'a>>,
}

#[derive(Deserialize)]
struct Properties<'a> {
    #[serde(default, borrow, rename = "TTL")]
    ttl: Loose<'a>,
    #[serde(default, borrow)]
    metadata: Object<Pairs<'a>>,
    #[serde(default, borrow, rename = "targetResource")]
    target: Object<Target<'a>>,
    #[serde(default, borrow, rename = "trafficManagementProfile")]
    profile: Object<Target<'a>>,
    #[serde(default, borrow, rename = "ARecords")]
    a: List<Object<Record<'a>>>,
    #[serde(default, borrow, rename = "AAAARecords")]
    aaaa: List<Object<Record<'a>>>,
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
        let read = set.read(record_type, &mut self.addresses);
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
        let Read { ttl, alias, mark } = read.unwrap_or_default();
        let told = ToldSet {
            zone_id: zone.id.as_str(),
            name: name.as_str(),
            record_type,
            id: place.as_deref().unwrap_or_else(|| set.id.text()),
            etag: set.etag.text(),
            ttl,
            alias,
            mark,
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
struct Read<'s> {
    ttl: u32,
    alias: Option<&'s str>,
    mark: Option<WrittenMark<'s>>,
}

impl Listed<'_> {
    /// Reads the set, its addresses sorted and each once; words, when it is none.
    fn read(&self, record_type: RecordType, addresses: &mut Vec<IpAddr>) -> Result<Read<'_>, String> {
        let properties = self.properties.known(wire::NO_PROPERTIES)?.ok_or(wire::NO_PROPERTIES)?;
        properties.addresses(record_type, addresses)?;
        let metadata = properties.metadata.known(wire::NO_METADATA)?;
        let pairs = metadata.into_iter().flat_map(|pairs| &pairs.0);
        Ok(Read {
            ttl: properties.ttl.number().and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or_default(),
            alias: properties.alias()?,
            mark: WrittenMark::read(pairs.map(|(key, value)| (key.text(), value.text()))),
        })
    }
}

impl Properties<'_> {
    fn addresses(&self, record_type: RecordType, addresses: &mut Vec<IpAddr>) -> Result<(), String> {
        let records = match record_type {
            RecordType::A => &self.a,
            RecordType::Aaaa => &self.aaaa,
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

    /// A page with a set that nobody can name counts for nothing: it may be of any name.
    #[test]
    fn a_set_without_a_name_is_an_error_either_way() {
        for set in [
            json!({}),
            json!({"properties": {}}),
            json!({"name": null, "properties": {}}),
            json!({"name": 5}),
        ] {
            let (light, whole) = both(&json!([set]), RecordType::A);
            assert!(light.is_err(), "{set}");
            assert_eq!(light, whole, "{set}");
        }
    }

    /// To be read whole it is no set; to be swept it is one that nobody can read, and those beside it are told.
    #[test]
    fn a_set_that_cannot_be_read_is_told_as_one_that_is_there() {
        for properties in [
            json!(null),
            json!([]),
            json!("x"),
            json!({"ARecords": [{"ipv4Address": "x"}]}),
            json!({"ARecords": [{"ipv4Address": 1}]}),
            json!({"ARecords": [{}]}),
            json!({"ARecords": [null]}),
            json!({"ARecords": ["203.0.113.9"]}),
            json!({"ARecords": {"ipv4Address": "203.0.113.9"}}),
            json!({"ARecords": "203.0.113.9"}),
            json!({"metadata": "x"}),
            json!({"metadata": []}),
            json!({"targetResource": "/x"}),
            json!({"targetResource": {"id": 5}}),
            json!({"targetResource": {"id": "/x"}, "trafficManagementProfile": [1]}),
        ] {
            let bad = json!({"name": "nas", "etag": "e", "properties": properties});
            let good = json!({"name": "www", "properties": {"ARecords": [{"ipv4Address": "203.0.113.9"}]}});
            let (light, whole) = both(&json!([bad, good]), RecordType::A);
            assert!(whole.is_err(), "{properties}");
            let light = light.unwrap();
            let told: Vec<_> =
                light.iter().map(|row| (row.host_name.as_str(), row.dns_ip.as_str())).collect();
            assert_eq!(told, [("nas.example.com", ""), ("www.example.com", "203.0.113.9")], "{properties}");
            assert_eq!((light[0].refused.as_str(), light[0].etag.as_str()), ("code=unreadable", "e"));
            assert!(light[0].record_set_id.ends_with("/dnsZones/example.com/A/nas"), "{properties}");
            assert_eq!(light[1].refused, "");
        }
    }
}
