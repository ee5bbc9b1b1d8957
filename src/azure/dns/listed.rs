//! Record sets of a list, read in place: what a sweep tells of them, and nothing that it does not.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;

use crate::azure::loose::{Loose, Pairs};
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

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct ListedPage<'a> {
    #[serde(borrow)]
    value: Vec<Listed<'a>>,
    #[serde(default, borrow, rename = "nextLink")]
    next_link: Loose<'a>,
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

impl ListedPage<'_> {
    /// How many sets there are, those that nobody can name included.
    pub(super) fn len(&self) -> usize {
        self.value.len()
    }

    /// The link to the next page; words, when it is none.
    pub(super) fn next_link(&self) -> Result<Option<String>, &'static str> {
        Ok(self.next_link.way_on()?.map(str::to_owned))
    }

    /// Hands out the rows of all sets whose name is a host name that no managed child zone hides.
    ///
    /// Words, when a set is none.
    pub(super) fn rows(
        &self,
        zone: &Zone,
        record_type: RecordType,
        of: RowsOf<'_>,
        sent_at: Timestamp,
        mut take: impl FnMut(DnsRow<&str>),
    ) -> Result<(), String> {
        let mut addresses: Vec<IpAddr> = Vec::new();
        let delegated = Refused::delegated().to_string();
        let cuts: HashSet<&str> = of.cuts.iter().map(HostName::as_str).collect();
        for set in &self.value {
            let relative = set.name.as_text().ok_or("a record set without a name")?;
            let Some(name) = zone.absolute(relative) else { continue };
            let fault = |words: &str| format!("{name} {record_type}: {words}");
            let properties = set.properties.as_ref().ok_or_else(|| fault("the answer has no properties"))?;
            addresses.clear();
            properties.addresses(record_type, &mut addresses).map_err(|words| fault(&words))?;
            if of.zones.hides(zone, &name) {
                continue;
            }
            let is_hidden = !cuts.is_empty() && or_above(name.as_str()).any(|name| cuts.contains(name));
            let refused = if is_hidden { delegated.as_str() } else { "" };
            let told = ToldSet { refused, ..set.told(properties, zone, &name, record_type) };
            told.rows(addresses.iter().copied(), of.owner, sent_at, of.run, &mut take);
        }
        Ok(())
    }
}

/// The name and all above it.
fn or_above(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, above)| above))
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
        let alias = targets.into_iter().flatten().find_map(|target| target.id.as_text());
        let pairs = properties.metadata.0.iter().map(|(key, value)| (key.text(), value.text()));
        ToldSet {
            zone_id: zone.id.as_str(),
            name: name.as_str(),
            record_type,
            id: self.id.text(),
            etag: self.etag.text(),
            ttl: properties.ttl.number().and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or_default(),
            alias: alias.filter(|id| !id.is_empty()),
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
        let page: ListedPage<'_> = serde_json::from_str(&text).unwrap();
        let mut rows = Vec::new();
        let child = ZoneId::parse(&id.replace("example.com", "hidden.example.com")).unwrap();
        let zones = Zones::new([zone.id.clone(), child]).unwrap();
        let of = RowsOf { zones: &zones, cuts: &BTreeSet::new(), owner: "us", run: "run" };
        let light = page.rows(&zone, record_type, of, sent_at, |row| rows.push(row.owned()));
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
            let sets = sets.iter().filter(|set| !zones.hides(&zone, &set.name));
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
            {"name": "odd", "etag": 7, "properties": {"TTL": "60", "future": {"a": [1]}, "targetResource": {"id": ""}}},
            {"name": "_srv", "properties": {}},
            {"name": "hidden", "properties": {"ARecords": [{"ipv4Address": "203.0.113.1"}]}},
            {"name": "@", "properties": {"TTL": 4_294_967_296_u64,
                "metadata": {"heartbeat_dns_owner": "other", "heartbeat_dns_machine": "/m"}}},
        ]);
        let (light, whole) = both(&sets, RecordType::A);
        assert_eq!(light.as_ref().map(Vec::len), Ok(6), "{light:?}");
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
        let page: ListedPage<'_> = serde_json::from_str(&text).unwrap();
        let mut hidden = Vec::new();
        let delegated = Refused::delegated().to_string();
        let take = |row: DnsRow<&str>| {
            if row.refused == delegated {
                hidden.push(row.host_name.to_owned());
            }
        };
        page.rows(&zone, RecordType::A, of, Timestamp::UNIX_EPOCH, take).unwrap();
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
