//! The row that `doctor` sends to the log and looks for, and the tables with the columns that they must have.

use super::literal::{OwnerId, quoted};

/// What stands in `Trigger_s` of such a row. It has neither a name nor an action, so no query of ours counts it.
pub const PROBE: &str = "probe";

/// Our tables, each with its columns as `infra` declares them, in JSON.
pub const TABLES: [(&str, &str); 3] = [
    ("TagData_CL", include_str!("../../infra/tables/TagData_CL.json")),
    ("DNSData_CL", include_str!("../../infra/tables/DNSData_CL.json")),
    ("DNSChange_CL", include_str!("../../infra/tables/DNSChange_CL.json")),
];

/// The probe row of a run.
#[must_use]
pub fn probe_query(run: &str) -> String {
    format!(
        "DNSChange_CL | where Trigger_s == '{PROBE}' and run_s == {} | project TimeGenerated",
        quoted(&OwnerId::new(run))
    )
}
