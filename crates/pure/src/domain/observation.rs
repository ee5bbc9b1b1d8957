//! What was seen: rows of the tables that we fill, and rows that the queries give back.

use jiff::Timestamp;
use serde::Serialize;

use super::record_id::{RecordId, RecordType};
use super::zone::ZoneKind;

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
    /// `ClaimedBy_s`: the ids of the machines whose tags name it, heard or not, lower case, sorted, joined by commas: all of
    /// them, of more than 50 the first 50.
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

impl MismatchRow {
    /// What a machine that nobody heard would say for a record set: nothing.
    #[must_use]
    pub fn unheard_for(machine: &str, id: &RecordId) -> Self {
        Self { zone_id: id.zone.to_string(), ..Self::unheard(machine, id.name.as_str(), id.record_type) }
    }

    /// The kind of the zone that its name is claimed for. What the log has no zone for is claimed for a public one.
    #[must_use]
    pub fn kind(&self) -> ZoneKind {
        ZoneKind::of_id(&self.zone_id)
    }

    /// What a machine that nobody heard would say of a name: nothing.
    #[must_use]
    pub fn unheard(machine: &str, host_name: &str, record_type: RecordType) -> Self {
        Self {
            resource_id: machine.to_owned(),
            computer_ip: String::new(),
            dns_ip: String::new(),
            host_name: host_name.to_owned(),
            record_type,
            heartbeat_time: None,
            first_beat: None,
            beats: 0,
            claimed_by: String::new(),
            zone_id: String::new(),
            skip: String::new(),
            record_set_id: String::new(),
            etag: String::new(),
            owner: String::new(),
            is_alias: false,
            present_last_seen: None,
            returned: false,
            country: String::new(),
            actionable: false,
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
    /// The addresses before, sorted, joined by commas; empty for a set that was created, and for a recovered row when
    /// neither the set's mark nor the log of the day knows them.
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
    /// `record-set`, empty for a skip.
    #[serde(rename = "Via_s")]
    pub via: String,
    /// Milliseconds from `FirstBeat` to agreement.
    #[serde(rename = "TimeToTruthMs_d")]
    pub time_to_truth_ms: Option<f64>,
    /// Why a change was made: `moved`, `created`, `adopted` …; empty for a skip, a brake, and a row that a killed run owed.
    #[serde(rename = "Cause_s")]
    pub cause: String,
    /// Object id and name of the person who ran a command, as their token has them; empty for the function and for `watch`.
    #[serde(rename = "By_s")]
    pub by: String,
    /// What proved a change: `dns`, `arm` or `none`; empty for a skip and a brake.
    #[serde(rename = "Proof_s")]
    pub proof: String,
    /// The digest of the policy file by which the run went; empty for `POLICY_NAMES`.
    #[serde(rename = "Policy_s")]
    pub policy: String,
    /// Whose run it is (`OWNER_ID`): a brake that is about no zone is that of one installation.
    #[serde(rename = "Installation_s")]
    pub installation: String,
}
