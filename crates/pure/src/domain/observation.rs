//! What was seen: rows of the tables that we fill, and rows that the queries give back.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use super::host_name::HostName;
use super::record_id::RecordType;
use super::record_set::RecordSet;
use super::refused::Refused;
use super::zone::ZoneId;

/// A row of `mismatch.kql`: one machine, name and record type whose record set does not hold what the machines say.
///
/// Texts are as the query gave them: what cannot be parsed becomes a skip that can still quote it.
#[derive(Clone, Debug, PartialEq)]
pub struct MismatchRow {
    /// `_ResourceId`: the machine, stamped by the platform.
    pub resource_id: String,
    /// `ComputerIP`: the newest reported address, empty or nonsense included.
    pub computer_ip: String,
    /// `DNSIP_s`: the addresses of the record set in the log, sorted, joined by commas, empty for none.
    pub dns_ip: String,
    /// `DNSHostName_s`: the name.
    pub host_name: String,
    /// `RecordType_s`.
    pub record_type: RecordType,
    /// `HeartbeatTime`: newest heartbeat.
    pub heartbeat_time: Option<Timestamp>,
    /// `FirstBeat`: first of the unbroken run of newest heartbeats that agree.
    pub first_beat: Option<Timestamp>,
    /// `Beats`: their number.
    pub beats: u64,
    /// `Claimants`: number of machines whose latest tag names it.
    pub claimants: u64,
    /// `ClaimedBy_s`: their ids, lower case, sorted, joined by commas.
    pub claimed_by: String,
    /// `ZoneId_s`: the collector's longest match, empty for none.
    pub zone_id: String,
    /// `Skip_s`: the collector's verdict by the static rules; only a copy, the plan judges for itself.
    pub skip: String,
    /// `RecordSetId_s`.
    pub record_set_id: String,
    /// `Etag_s`.
    pub etag: String,
    /// `Owner_s`: the machine of our mark in the log, lower case, empty for none.
    pub owner: String,
    /// `TTL_d`, in seconds.
    pub ttl: Option<f64>,
    /// `IsAlias_b`.
    pub is_alias: bool,
    /// `PresentLastSeen`: when this machine last reported an address that the set holds now, none: not within the hour.
    pub present_last_seen: Option<Timestamp>,
    /// `Returned`: it reported this address, then another, then this one again within the hour.
    pub returned: bool,
    /// `Country`.
    pub country: String,
    /// `Actionable`: whether the alert counts the row.
    pub actionable: bool,
}

/// A row of `TagData_CL`: a machine and one name of its tag.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TagRow {
    /// When the request for its page was sent; of the marker, the start of the sweep.
    #[serde(rename = "TimeGenerated")]
    pub time_generated: Timestamp,
    /// The machine's id as given; empty in the marker.
    #[serde(rename = "id_s")]
    pub id: String,
    /// One name as stored; empty: this machine claims nothing any more.
    #[serde(rename = "DNSHostName_s")]
    pub host_name: String,
    /// The longest managed zone, empty: none.
    #[serde(rename = "ZoneId_s")]
    pub zone_id: String,
    /// The verdict of the static rules, empty: none.
    #[serde(rename = "Skip_s")]
    pub skip: String,
    /// `POLICY_RECORD_TYPES`, joined by commas.
    #[serde(rename = "Types_s")]
    pub types: String,
    /// The machine's name.
    #[serde(rename = "name_s")]
    pub name: String,
    /// The machine's resource type.
    #[serde(rename = "type_s")]
    pub resource_type: String,
    /// The machine's region.
    #[serde(rename = "location_s")]
    pub location: String,
    /// The run that collected it.
    #[serde(rename = "run_s")]
    pub run: String,
    /// `OWNER_ID` of the installation that wrote it: in a workspace of several, each counts only its own rows.
    #[serde(rename = "Installation_s")]
    pub installation: String,
}

impl TagRow {
    /// The marker of a complete sweep of all tags by the installation `owner`.
    #[must_use]
    pub fn marker(sweep_start: Timestamp, owner: &str, run: &str) -> Self {
        Self {
            time_generated: sweep_start,
            id: String::new(),
            host_name: String::new(),
            zone_id: String::new(),
            skip: String::new(),
            types: String::new(),
            name: String::new(),
            resource_type: String::new(),
            location: String::new(),
            run: run.to_owned(),
            installation: owner.to_owned(),
        }
    }
}

/// A row of `DNSData_CL`: one address of a record set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DnsRow {
    /// When the request for its page was sent, or the moment after a write's answer; of the marker, the start of the sweep.
    #[serde(rename = "TimeGenerated")]
    pub time_generated: Timestamp,
    /// The full name.
    #[serde(rename = "DNSHostName_s")]
    pub host_name: String,
    /// One address; empty for an alias or an empty set.
    #[serde(rename = "DNSIP_s")]
    pub dns_ip: String,
    /// `A`, `AAAA`, or `SOA` in the marker.
    #[serde(rename = "RecordType_s")]
    pub record_type: String,
    /// Time to live in seconds.
    #[serde(rename = "TTL_d")]
    pub ttl: f64,
    /// The zone.
    #[serde(rename = "ZoneId_s")]
    pub zone_id: String,
    /// The record set's id.
    #[serde(rename = "RecordSetId_s")]
    pub record_set_id: String,
    /// Its entity tag.
    #[serde(rename = "Etag_s")]
    pub etag: String,
    /// Whether it follows a resource.
    #[serde(rename = "IsAlias_b")]
    pub is_alias: bool,
    /// Which one.
    #[serde(rename = "TargetResourceId_s")]
    pub target_resource_id: String,
    /// The machine of our mark, empty without.
    #[serde(rename = "Owner_s")]
    pub owner: String,
    /// The run of our mark, empty without.
    #[serde(rename = "MarkRun_s")]
    pub mark_run: String,
    /// The time of our mark.
    #[serde(rename = "MarkTime_t")]
    pub mark_time: Option<Timestamp>,
    /// The run that sent this row.
    #[serde(rename = "run_s")]
    pub run: String,
    /// `OWNER_ID` of the installation that wrote it: in a workspace of several, each counts only its own rows.
    #[serde(rename = "Installation_s")]
    pub installation: String,
    /// A durable refusal of a write to this set, in the form of [`Refused`]; empty without.
    #[serde(rename = "Refused_s")]
    pub refused: String,
}

impl DnsRow {
    /// The rows of a record set: one per address, one without address for an alias or an empty set.
    ///
    /// `owner` is our installation; only its marks are told.
    #[must_use]
    pub fn rows(set: &RecordSet, owner: &str, time_generated: Timestamp, run: &str) -> Vec<Self> {
        let mark = set.mark_of(owner);
        let row = |address: Option<&IpAddr>| Self {
            time_generated,
            host_name: set.name.to_string(),
            dns_ip: address.map(ToString::to_string).unwrap_or_default(),
            record_type: set.record_type.to_string(),
            ttl: f64::from(set.ttl),
            zone_id: set.zone.to_string(),
            record_set_id: set.id.clone(),
            etag: set.etag.clone(),
            is_alias: set.alias.is_some(),
            target_resource_id: set.alias.clone().unwrap_or_default(),
            owner: mark.as_ref().map(|mark| mark.machine.clone()).unwrap_or_default(),
            mark_run: mark.as_ref().map(|mark| mark.run.clone()).unwrap_or_default(),
            mark_time: mark.as_ref().and_then(|mark| mark.time),
            run: run.to_owned(),
            installation: owner.to_owned(),
            refused: String::new(),
        };
        if set.addresses.is_empty() {
            vec![row(None)]
        } else {
            set.addresses.iter().map(|address| row(Some(address))).collect()
        }
    }

    /// The rows that say that a write to this place was refused for good: those of the set as it stands, or one with
    /// nothing in the columns of a set when there is none.
    #[must_use]
    pub fn refusal(
        place: (&ZoneId, &HostName, RecordType),
        set: Option<&RecordSet>,
        refused: &Refused,
        owner: &str,
        time_generated: Timestamp,
        run: &str,
    ) -> Vec<Self> {
        let (zone, name, record_type) = place;
        let mut rows = match set {
            Some(set) => Self::rows(set, owner, time_generated, run),
            None => vec![Self::blank(zone, name, record_type.as_str(), time_generated, owner, run)],
        };
        for row in &mut rows {
            row.refused = refused.to_string();
        }
        rows
    }

    /// The marker of a complete sweep of a zone by the installation `owner`.
    #[must_use]
    pub fn marker(zone: &ZoneId, sweep_start: Timestamp, owner: &str, run: &str) -> Self {
        Self::blank(zone, zone.zone_name(), "SOA", sweep_start, owner, run)
    }

    /// A row about a place, with nothing in the columns of a set.
    fn blank(
        zone: &ZoneId,
        name: &HostName,
        record_type: &str,
        time_generated: Timestamp,
        owner: &str,
        run: &str,
    ) -> Self {
        Self {
            time_generated,
            host_name: name.to_string(),
            dns_ip: String::new(),
            record_type: record_type.to_owned(),
            ttl: 0.0,
            zone_id: zone.to_string(),
            record_set_id: String::new(),
            etag: String::new(),
            is_alias: false,
            target_resource_id: String::new(),
            owner: String::new(),
            mark_run: String::new(),
            mark_time: None,
            run: run.to_owned(),
            installation: owner.to_owned(),
            refused: String::new(),
        }
    }
}

/// A row of `DNSChange_CL`: what was done, or why it was not.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ChangeRow {
    /// The moment after the write's answer.
    #[serde(rename = "TimeGenerated")]
    pub time_generated: Timestamp,
    /// The run; with name and type the key of an applied change.
    #[serde(rename = "run_s")]
    pub run: String,
    /// `alert`, `timer`, `manual` or `cli`.
    #[serde(rename = "Trigger_s")]
    pub trigger: String,
    /// The alert that started the run, empty otherwise.
    #[serde(rename = "AlertId_s")]
    pub alert_id: String,
    /// The name.
    #[serde(rename = "DNSHostName_s")]
    pub host_name: String,
    /// `A` or `AAAA`.
    #[serde(rename = "RecordType_s")]
    pub record_type: String,
    /// The zone, empty for none.
    #[serde(rename = "ZoneId_s")]
    pub zone_id: String,
    /// `create`, `update`, `adopt`, `skip` or `brake`.
    #[serde(rename = "Action_s")]
    pub action: String,
    /// The outcome of a change, `stands` or `opened` for a brake, empty for a skip.
    #[serde(rename = "Outcome_s")]
    pub outcome: String,
    /// The code of a skip, the name of a brake, why a change was not made (the service's code or the word of our own kind),
    /// or `recovered` for an audit row that a killed run owed.
    #[serde(rename = "Reason_s")]
    pub reason: String,
    /// The addresses before, sorted, joined by commas.
    #[serde(rename = "OldIPs_s")]
    pub old_ips: String,
    /// The addresses after, sorted, joined by commas; of the brake `converging` its address.
    #[serde(rename = "NewIPs_s")]
    pub new_ips: String,
    /// The machine.
    #[serde(rename = "ResourceId_s")]
    pub resource_id: String,
    /// Its newest heartbeat.
    #[serde(rename = "HeartbeatTime_t")]
    pub heartbeat_time: Option<Timestamp>,
    /// How many newest heartbeats agreed.
    #[serde(rename = "Beats_d")]
    pub beats: Option<f64>,
    /// `record-set` or `deployment`, empty for a skip.
    #[serde(rename = "Via_s")]
    pub via: String,
    /// Milliseconds from `FirstBeat` to agreement.
    #[serde(rename = "TimeToTruthMs_d")]
    pub time_to_truth_ms: Option<f64>,
}

#[cfg(test)]
mod tests {
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
            metadata: BTreeMap::from([
                ("heartbeat_dns_owner".to_owned(), "us".to_owned()),
                ("heartbeat_dns_machine".to_owned(), "M".to_owned()),
            ]),
            other: serde_json::Map::new(),
        }
    }

    #[test]
    fn a_refusal_stands_in_every_row_of_its_place() {
        let zone = ZoneId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
        )
        .unwrap();
        let set = set_of(zone.clone());
        let machine = ResourceId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/M",
        );
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
        }]);
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_record_set_without_addresses_is_one_row() {
        let zone = ZoneId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
        )
        .unwrap();
        let mut set = set_of(zone);
        let time = "2026-03-01T02:00:00Z".parse().unwrap();
        let rows = DnsRow::rows(&set, "us", time, "run");
        assert_eq!(
            rows.iter().map(|row| row.dns_ip.as_str()).collect::<Vec<_>>(),
            ["203.0.113.9", "203.0.113.10"]
        );
        assert_eq!(rows[0].owner, "m");
        set.addresses.clear();
        let rows = DnsRow::rows(&set, "somebody else", time, "run");
        assert_eq!((rows.len(), rows[0].dns_ip.as_str(), rows[0].owner.as_str()), (1, "", ""));
    }
}
