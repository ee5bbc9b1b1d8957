//! Rows of `mismatch.kql` as values.

use serde_json::Value;

use super::cells::{Grid, Row};
use super::literal::{OwnerId, for_installation, quoted_list};
use pure::domain::{HostName, LoggedClaim, MismatchRow, RecordType, parse_address};

/// The columns of an answer to [`mismatch_query`].
pub const MISMATCH_COLUMNS: [&str; 20] = [
    "_ResourceId",
    "ComputerIP",
    "DNSIP_s",
    "DNSHostName_s",
    "RecordType_s",
    "HeartbeatTime",
    "FirstBeat",
    "Beats",
    "ClaimedBy_s",
    "ZoneId_s",
    "Skip_s",
    "RecordSetId_s",
    "Etag_s",
    "Owner_s",
    "IsAlias_b",
    "PresentLastSeen",
    "Returned",
    "Claim_s",
    "PrivateIPs_s",
    "Actionable",
];

const NAMED: &str = "let Named = dynamic([]);";

/// `mismatch.kql` for one installation, with rows for these names whatever the log holds. Asked over `QUERY_TIMESPAN`.
#[must_use]
pub fn mismatch_query(owner: &OwnerId, named: &[HostName]) -> String {
    let named = format!("let Named = dynamic([{}]);", quoted_list(named));
    for_installation(super::MISMATCH, owner).replacen(NAMED, &named, 1)
}

/// What the alert rule of one installation counts.
#[must_use]
pub fn alert_query(owner: &OwnerId) -> String {
    format!("{}\n{}", for_installation(super::MISMATCH, owner).trim_end(), super::ACTIONABLE)
}

/// Every row of an answer to [`super::MISMATCH`], in a fixed order whatever the order of the answer was.
///
/// A row of the classic query with its four columns is read as well; the rest of it is empty. A type that is missing
/// or senseless is that of the reported address, `A` when there is none.
#[must_use]
pub fn mismatch_rows(columns: &[String], rows: &[Vec<Value>]) -> Vec<MismatchRow> {
    let mut rows: Vec<MismatchRow> = Grid::new(columns, rows).rows().map(mismatch_row).collect();
    rows.sort_by(|one, other| key(one).cmp(&key(other)));
    rows
}

fn key(row: &MismatchRow) -> (&str, RecordType, &str, &str, &str) {
    (&row.host_name, row.record_type, &row.resource_id, &row.computer_ip, &row.dns_ip)
}

fn mismatch_row(row: Row<'_>) -> MismatchRow {
    let computer_ip = row.text("ComputerIP");
    let of_address = || parse_address(&computer_ip).map_or(RecordType::A, RecordType::of);
    MismatchRow {
        record_type: RecordType::parse(&row.text("RecordType_s")).unwrap_or_else(of_address),
        resource_id: row.text("_ResourceId"),
        dns_ip: row.text("DNSIP_s"),
        host_name: row.text("DNSHostName_s"),
        heartbeat_time: row.time("HeartbeatTime"),
        first_beat: row.time("FirstBeat"),
        beats: row.count("Beats"),
        claimed_by: row.text("ClaimedBy_s"),
        zone_id: row.text("ZoneId_s"),
        skip: row.text("Skip_s"),
        record_set_id: row.text("RecordSetId_s"),
        etag: row.text("Etag_s"),
        owner: row.text("Owner_s"),
        is_alias: row.truth("IsAlias_b"),
        present_last_seen: row.time("PresentLastSeen"),
        returned: row.truth("Returned"),
        country: row.text("Country"),
        claimed: match row.text("Claim_s").as_str() {
            "before" => LoggedClaim::Before,
            "beside" => LoggedClaim::Beside,
            _ => LoggedClaim::Now,
        },
        actionable: row.truth("Actionable"),
        private_ips: row.text("PrivateIPs_s"),
        computer_ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alert_counts_the_rows_of_one_installation() {
        let query = alert_query(&OwnerId::new("dcr-1"));
        assert!(query.contains("\nlet Installation = 'dcr-1';\n"), "{query}");
        assert!(!query.contains("let Installation = \"\";"), "{query}");
        assert!(query.ends_with("\n| where Actionable"), "{query}");
    }
}
