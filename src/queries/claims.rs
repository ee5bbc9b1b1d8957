//! The text of `claims.kql`, and its answer as a value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cells::{Grid, Row};
use super::literal::{OwnerId, for_installation};

/// The columns of an answer to [`claims_query`].
pub const CLAIMS_COLUMNS: [&str; 3] = ["ResourceId_s", "DNSHostName_s", "ZoneId_s"];

const TEMPLATE: &str = include_str!("../../infra/kql/claims.kql");

/// `claims.kql` for one installation: what tags claim as the newest complete sweep has it. Asked over `QUERY_TIMESPAN`.
#[must_use]
pub fn claims_query(owner: &OwnerId) -> String {
    for_installation(TEMPLATE, owner)
}

/// A claim as a sweep found it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SweptClaim {
    /// The machine's id in lower case.
    pub machine: String,
    /// The name.
    pub name: String,
    /// The id of the zone in lower case, empty where none held the name: of a name in two zones the sweep tells each.
    pub zone: String,
}

/// Every claim.
#[must_use]
pub fn claims(columns: &[String], rows: &[Vec<Value>]) -> BTreeSet<SweptClaim> {
    let table = Grid::new(columns, rows);
    let claim = |row: Row<'_>| SweptClaim {
        machine: row.text("ResourceId_s"),
        name: row.text("DNSHostName_s"),
        zone: row.text("ZoneId_s").to_lowercase(),
    };
    table.rows().map(claim).collect()
}
