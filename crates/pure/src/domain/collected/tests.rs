//! The rows of record sets, as they are sent.

use std::collections::BTreeMap;

use super::*;
use crate::domain::ResourceId;

fn set_of(zone: ZoneId) -> RecordSet {
    RecordSet {
        id: "id".to_owned(),
        zone,
        name: HostName::parse("nas.example.com").unwrap(),
        record_type: RecordType::A,
        etag: "1".to_owned(),
        ttl: 60,
        addresses: ["203.0.113.9", "203.0.113.10"].map(|text| text.parse().unwrap()).into(),
        alias: None,
        auto_registered: false,
        metadata: BTreeMap::from([
            ("heartbeat_dns_owner".to_owned(), "us".to_owned()),
            ("heartbeat_dns_machine".to_owned(), "M".to_owned()),
        ]),
        other: serde_json::Map::new(),
    }
}

#[test]
fn a_refusal_stands_in_every_row_of_its_place() {
    let zone =
        ZoneId::parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com")
            .unwrap();
    let set = set_of(zone.clone());
    let machine =
        ResourceId::parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/M");
    let refused = Refused::new("ScopeLocked", [(machine.unwrap(), "203.0.113.7".parse().unwrap())]);
    let time = "2026-03-01T02:00:00Z".parse().unwrap();
    let place = (&zone, &set.name, RecordType::A);
    let rows = DnsRow::refusal(place, Some(&set), &refused, "us", time, "run");
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.refused == refused.to_string() && row.etag == "1"));
    let rows = DnsRow::refusal(place, None, &refused, "us", time, "run");
    let shown = serde_json::to_value(&rows).unwrap();
    let expected = serde_json::json!([{
        "TimeGenerated": "2026-03-01T02:00:00Z", "DNSHostName_s": "nas.example.com", "DNSIP_s": "",
        "RecordType_s": "A", "TTL_d": 0.0, "ZoneId_s": zone.as_str(), "RecordSetId_s": "", "Etag_s": "",
        "IsAlias_b": false, "TargetResourceId_s": "", "Owner_s": "", "MarkRun_s": "", "MarkTime_t": null,
        "run_s": "run", "Installation_s": "us",
        "Refused_s": "code=ScopeLocked,/subscriptions/s/resourcegroups/g/providers/microsoft.hybridcompute/machines/m=203.0.113.7",
        "HoldUntil_t": null, "IsAuto_b": false,
    }]);
    assert_eq!(shown, expected);
}

#[test]
fn a_record_set_without_addresses_is_one_row() {
    let zone =
        ZoneId::parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com")
            .unwrap();
    let mut set = set_of(zone);
    let time = "2026-03-01T02:00:00Z".parse().unwrap();
    let rows = DnsRow::rows(&set, "us", time, "run");
    assert_eq!(
        rows.iter().map(|row| row.dns_ip.as_str()).collect::<Vec<_>>(),
        ["203.0.113.9", "203.0.113.10"]
    );
    assert_eq!((rows[0].owner.as_str(), rows[0].hold_until), ("m", None));
    set.metadata.insert("heartbeat_dns_hold".to_owned(), "forever".to_owned());
    let held = DnsRow::rows(&set, "somebody else", time, "run");
    assert!(held.iter().all(|row| row.hold_until == Some(Until::FAR)), "{held:?}");
    assert!(held.iter().all(|row| !row.is_auto), "{held:?}");
    set.auto_registered = true;
    assert!(DnsRow::rows(&set, "us", time, "run").iter().all(|row| row.is_auto));
    set.addresses.clear();
    let rows = DnsRow::rows(&set, "somebody else", time, "run");
    assert_eq!((rows.len(), rows[0].dns_ip.as_str(), rows[0].owner.as_str()), (1, "", ""));
}
