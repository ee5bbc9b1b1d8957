//! Rows of our own tables, as the program's row types serialise them.
//!
//! What a test changes in a row has to be a column of `infra/tables`, which are held against the same types.

use jiff::Timestamp;
use pure::domain::{ChangeRow, DnsRow, TagRow, ZoneId};
use serde_json::Value;

/// The row as it is sent, but for whose it is: that is said by `World::signed`.
fn json(row: impl serde::Serialize) -> Value {
    let mut row = serde_json::to_value(row).unwrap();
    row.as_object_mut().unwrap().remove("Installation_s");
    row
}

/// A complete sweep of the tags that began then.
pub(crate) fn tag_marker(at: Timestamp) -> Value {
    json(TagRow::marker(at, "", "r"))
}

/// The machine's tag names the name; only A records are wanted.
pub(crate) fn tag(at: Timestamp, machine: &str, name: &str, zone: &str) -> Value {
    json(TagRow {
        id: machine.to_owned(),
        host_name: name.to_owned(),
        zone_id: zone.to_owned(),
        types: "A".to_owned(),
        name: machine.rsplit('/').next().unwrap().to_owned(),
        ..TagRow::marker(at, "", "r")
    })
}

/// A complete sweep of the zone that began then.
pub(crate) fn zone_marker(at: Timestamp, zone: &str) -> Value {
    json(DnsRow::marker(&ZoneId::parse(zone).unwrap(), at, "", "r"))
}

/// One address of an unmarked record set.
pub(crate) fn record(at: Timestamp, name: &str, address: &str, zone: &str) -> Value {
    let record_type = if address.contains(':') { "AAAA" } else { "A" };
    json(DnsRow {
        host_name: name.to_owned(),
        dns_ip: address.to_owned(),
        record_type: record_type.to_owned(),
        ttl: 60.0,
        record_set_id: format!("{zone}/{record_type}/{name}"),
        etag: "e1".to_owned(),
        ..DnsRow::marker(&ZoneId::parse(zone).unwrap(), at, "", "r")
    })
}

/// An update of an A record set that was confirmed.
pub(crate) fn change(at: Timestamp, run: &str, name: &str, zone: &str) -> Value {
    json(ChangeRow {
        time_generated: at,
        run: run.to_owned(),
        trigger: "alert".to_owned(),
        alert_id: String::new(),
        host_name: name.to_owned(),
        record_type: "A".to_owned(),
        zone_id: zone.to_owned(),
        action: "update".to_owned(),
        outcome: "confirmed".to_owned(),
        reason: String::new(),
        old_ips: String::new(),
        new_ips: String::new(),
        resource_id: String::new(),
        heartbeat_time: None,
        beats: None,
        via: "record-set".to_owned(),
        time_to_truth_ms: None,
        cause: String::new(),
        by: String::new(),
        proof: String::new(),
        policy: String::new(),
        installation: String::new(),
    })
}

/// The same row with other members.
pub(crate) fn with(mut row: Value, other: Value) -> Value {
    let Value::Object(other) = other else { panic!("{other} is no object") };
    row.as_object_mut().unwrap().extend(other);
    row
}
