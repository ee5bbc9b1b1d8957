//! The rows of the tables that a sweep fills, and a run corrects: tags and record sets.

use std::fmt::Write;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use super::hold::Until;
use super::host_name::HostName;
use super::mark::WrittenMark;
use super::record_id::RecordType;
use super::record_set::RecordSet;
use super::refused::Refused;
use super::zone::ZoneId;

/// A row of `TagData_CL`: a machine and one name of its tag; a sweep of many sends rows of borrowed texts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TagRow<T = String> {
    /// When the request for its page was sent; of the marker, the start of the sweep.
    #[serde(rename = "TimeGenerated")]
    pub time_generated: Timestamp,
    /// The machine's id as given; empty in the marker.
    #[serde(rename = "id_s")]
    pub id: T,
    /// One name as stored; empty: this machine claims nothing any more.
    #[serde(rename = "DNSHostName_s")]
    pub host_name: T,
    /// The longest managed zone of a kind, of which each has a row of its own; empty: there is none of either.
    #[serde(rename = "ZoneId_s")]
    pub zone_id: T,
    /// The verdict of the static rules, empty: none.
    #[serde(rename = "Skip_s")]
    pub skip: T,
    /// `POLICY_RECORD_TYPES`, joined by commas.
    #[serde(rename = "Types_s")]
    pub types: T,
    /// The prefixes that hold in a private zone, joined by commas; empty for a public one.
    #[serde(rename = "Prefixes_s")]
    pub prefixes: T,
    /// Whether all addresses of a machine inside them may stand in the private zone.
    #[serde(rename = "IsMulti_b")]
    pub is_multi: bool,
    /// The machine's name.
    #[serde(rename = "name_s")]
    pub name: T,
    /// The machine's resource type.
    #[serde(rename = "type_s")]
    pub resource_type: T,
    /// The machine's region.
    #[serde(rename = "location_s")]
    pub location: T,
    /// The run that collected it.
    #[serde(rename = "run_s")]
    pub run: T,
    /// `OWNER_ID` of the installation that wrote it: in a workspace of several, each counts only its own rows.
    #[serde(rename = "Installation_s")]
    pub installation: T,
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
            prefixes: String::new(),
            is_multi: false,
            name: String::new(),
            resource_type: String::new(),
            location: String::new(),
            run: run.to_owned(),
            installation: owner.to_owned(),
        }
    }
}

/// A row of `DNSData_CL`: one address of a record set; a sweep of many sends rows of borrowed texts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DnsRow<T = String> {
    /// When the request for its page was sent, or the moment after a write's answer; of the marker, the start of the sweep.
    #[serde(rename = "TimeGenerated")]
    pub time_generated: Timestamp,
    /// The full name.
    #[serde(rename = "DNSHostName_s")]
    pub host_name: T,
    /// One address; empty for an alias or an empty set.
    #[serde(rename = "DNSIP_s")]
    pub dns_ip: T,
    /// `A`, `AAAA`, or `SOA` in the marker.
    #[serde(rename = "RecordType_s")]
    pub record_type: T,
    /// Time to live in seconds.
    #[serde(rename = "TTL_d")]
    pub ttl: f64,
    /// The zone.
    #[serde(rename = "ZoneId_s")]
    pub zone_id: T,
    /// The record set's id.
    #[serde(rename = "RecordSetId_s")]
    pub record_set_id: T,
    /// Its entity tag.
    #[serde(rename = "Etag_s")]
    pub etag: T,
    /// Whether it follows a resource.
    #[serde(rename = "IsAlias_b")]
    pub is_alias: bool,
    /// Which one.
    #[serde(rename = "TargetResourceId_s")]
    pub target_resource_id: T,
    /// The machine of our mark, empty without.
    #[serde(rename = "Owner_s")]
    pub owner: T,
    /// The run of our mark, empty without.
    #[serde(rename = "MarkRun_s")]
    pub mark_run: T,
    /// The time of our mark.
    #[serde(rename = "MarkTime_t")]
    pub mark_time: Option<Timestamp>,
    /// The run that sent this row.
    #[serde(rename = "run_s")]
    pub run: T,
    /// `OWNER_ID` of the installation that wrote it: in a workspace of several, each counts only its own rows.
    #[serde(rename = "Installation_s")]
    pub installation: T,
    /// A durable refusal of a write to this set, in the form of [`Refused`]; empty without.
    #[serde(rename = "Refused_s")]
    pub refused: T,
    /// Until when no run writes the set, a far time for no end; none where nobody holds it.
    #[serde(rename = "HoldUntil_t")]
    pub hold_until: Option<Timestamp>,
    /// Whether Azure registered it from a virtual machine in a linked network.
    #[serde(rename = "IsAuto_b")]
    pub is_auto: bool,
}

impl DnsRow {
    /// The rows of a record set: one per address, one without address for an alias or an empty set.
    ///
    /// `owner` is our installation; only its marks are told.
    #[must_use]
    pub fn rows(set: &RecordSet, owner: &str, time_generated: Timestamp, run: &str) -> Vec<Self> {
        let pairs = || set.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let told = ToldSet {
            zone_id: set.zone.as_str(),
            name: set.name.as_str(),
            record_type: set.record_type,
            id: &set.id,
            etag: &set.etag,
            ttl: set.ttl,
            alias: set.alias.as_deref(),
            mark: WrittenMark::read(pairs()),
            hold: Until::find(pairs()),
            auto_registered: set.auto_registered,
            refused: "",
        };
        let mut rows = Vec::new();
        told.rows(set.addresses.iter().copied(), owner, time_generated, run, |row| rows.push(row.owned()));
        rows
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
            hold_until: None,
            is_auto: false,
        }
    }
}

/// What the rows of a record set tell of it, wherever the texts stand.
#[derive(Clone, Debug)]
pub struct ToldSet<'a> {
    /// The zone's id.
    pub zone_id: &'a str,
    /// The full name.
    pub name: &'a str,
    /// The type.
    pub record_type: RecordType,
    /// The set's id.
    pub id: &'a str,
    /// Its entity tag.
    pub etag: &'a str,
    /// Time to live in seconds.
    pub ttl: u32,
    /// The resource that an alias follows.
    pub alias: Option<&'a str>,
    /// The mark, whoever it is of.
    pub mark: Option<WrittenMark<'a>>,
    /// Until when a person holds it, whoever's it is.
    pub hold: Option<Until>,
    /// Whether Azure registered it.
    pub auto_registered: bool,
    /// A durable refusal that is known of it, in the form of [`Refused`]; empty without.
    pub refused: &'a str,
}

/// Octets of the longest address that is written without a scope.
const LONGEST_ADDRESS: usize = 39;

impl ToldSet<'_> {
    /// Hands out one row for each address, or one without address; only marks of the installation `owner` are told.
    pub fn rows(
        &self,
        addresses: impl IntoIterator<Item = IpAddr>,
        owner: &str,
        time_generated: Timestamp,
        run: &str,
        mut take: impl FnMut(DnsRow<&str>),
    ) {
        let mark = self.mark.filter(|mark| mark.owner == owner);
        let machine = mark.map(|mark| mark.machine.to_lowercase()).unwrap_or_default();
        let mut address = String::with_capacity(LONGEST_ADDRESS);
        let mut hand_out = |address: &str| {
            take(DnsRow {
                time_generated,
                host_name: self.name,
                dns_ip: address,
                record_type: self.record_type.as_str(),
                ttl: f64::from(self.ttl),
                zone_id: self.zone_id,
                record_set_id: self.id,
                etag: self.etag,
                is_alias: self.alias.is_some(),
                target_resource_id: self.alias.unwrap_or_default(),
                owner: &machine,
                mark_run: mark.map(|mark| mark.run).unwrap_or_default(),
                mark_time: mark.and_then(|mark| mark.time()),
                run,
                installation: owner,
                refused: self.refused,
                hold_until: self.hold.map(Until::time),
                is_auto: self.auto_registered,
            });
        };
        let mut addresses = addresses.into_iter().peekable();
        if addresses.peek().is_none() {
            hand_out("");
        }
        for one in addresses {
            address.clear();
            // Writing into a text cannot fail.
            let _ = write!(address, "{one}");
            hand_out(&address);
        }
    }
}

impl DnsRow<&str> {
    /// The row with texts of its own.
    #[must_use]
    pub fn owned(self) -> DnsRow {
        DnsRow {
            time_generated: self.time_generated,
            host_name: self.host_name.to_owned(),
            dns_ip: self.dns_ip.to_owned(),
            record_type: self.record_type.to_owned(),
            ttl: self.ttl,
            zone_id: self.zone_id.to_owned(),
            record_set_id: self.record_set_id.to_owned(),
            etag: self.etag.to_owned(),
            is_alias: self.is_alias,
            target_resource_id: self.target_resource_id.to_owned(),
            owner: self.owner.to_owned(),
            mark_run: self.mark_run.to_owned(),
            mark_time: self.mark_time,
            run: self.run.to_owned(),
            installation: self.installation.to_owned(),
            refused: self.refused.to_owned(),
            hold_until: self.hold_until,
            is_auto: self.is_auto,
        }
    }
}

#[cfg(test)]
mod tests;
