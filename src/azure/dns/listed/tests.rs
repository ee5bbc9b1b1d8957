//! Rows read in place, against those of sets read whole.

use serde_json::{Value, json};

use super::*;
use crate::azure::dns::wire;
use pure::domain::ZoneId;

/// The rows that a sweep reads in place, and those of the sets read whole.
fn both(sets: &Value, record_type: RecordType) -> (Result<Vec<DnsRow>, String>, Result<Vec<DnsRow>, String>) {
    both_of("dnsZones", sets, record_type)
}

/// The same in a zone of this kind.
fn both_of(
    kind: &str,
    sets: &Value,
    record_type: RecordType,
) -> (Result<Vec<DnsRow>, String>, Result<Vec<DnsRow>, String>) {
    let id = format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/example.com");
    let zone = Zone { id: ZoneId::parse(&id).unwrap() };
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
        let sets = sets.iter().filter(|set| zones.longest_of(zone.id.kind(), &set.name) == Some(&zone));
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
fn a_set_of_a_private_zone_is_read_in_place_as_it_is_read_whole() {
    let mark = json!({"heartbeat_dns_owner": "us", "heartbeat_dns_machine": "/m"});
    let sets = json!([
        {"id": "/i", "name": "nas", "etag": "e", "properties": {"ttl": 60, "metadata": mark, "isAutoRegistered": false,
            "aRecords": [{"ipv4Address": "10.1.0.9"}, {"ipv4Address": "10.1.0.4"}]}},
        {"name": "vm01", "properties": {"ttl": 10, "isAutoRegistered": true, "aRecords": [{"ipv4Address": "10.1.0.5"}]}},
        {"name": "hidden", "properties": {"ttl": 10, "aRecords": [{"ipv4Address": "10.1.0.6"}]}},
    ]);
    let (light, whole) = both_of("privateDnsZones", &sets, RecordType::A);
    let rows = light.as_ref().unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.dns_ip.as_str(), row.ttl)).collect();
    assert_eq!(told, [("10.1.0.4", 60.0), ("10.1.0.9", 60.0), ("10.1.0.5", 10.0)]);
    assert_eq!(light, whole);
    let six =
        json!([{"name": "nas", "properties": {"ttl": 60, "aaaaRecords": [{"ipv6Address": "FD12:0::1"}]}}]);
    let (light, whole) = both_of("privateDnsZones", &six, RecordType::Aaaa);
    assert_eq!(light.as_ref().unwrap()[0].dns_ip, "fd12::1");
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
    let sets: Vec<_> = names.iter().map(|name| json!({"name": name, "properties": {"TTL": 60}})).collect();
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
    for set in
        [json!({}), json!({"properties": {}}), json!({"name": null, "properties": {}}), json!({"name": 5})]
    {
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
        json!({"isAutoRegistered": "true"}),
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
        let told: Vec<_> = light.iter().map(|row| (row.host_name.as_str(), row.dns_ip.as_str())).collect();
        assert_eq!(told, [("nas.example.com", ""), ("www.example.com", "203.0.113.9")], "{properties}");
        assert_eq!((light[0].refused.as_str(), light[0].etag.as_str()), ("code=unreadable", "e"));
        assert!(light[0].record_set_id.ends_with("/dnsZones/example.com/A/nas"), "{properties}");
        assert_eq!(light[1].refused, "");
    }
}
