//! The text of `claims.kql`, and its answer as a value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cells::Grid;
use super::literal::{OwnerId, for_installation};

/// The columns of an answer to [`claims_query`].
pub const CLAIMS_COLUMNS: [&str; 2] = ["ResourceId_s", "DNSHostName_s"];

const TEMPLATE: &str = include_str!("../../infra/kql/claims.kql");

/// `claims.kql` for one installation: what tags claim as the newest complete sweep has it. Asked over `QUERY_TIMESPAN`.
#[must_use]
pub fn claims_query(owner: &OwnerId) -> String {
    for_installation(TEMPLATE, owner)
}

/// Machine (lower case) and name of every claim.
#[must_use]
pub fn claims(columns: &[String], rows: &[Vec<Value>]) -> BTreeSet<(String, String)> {
    let table = Grid::new(columns, rows);
    table.rows().map(|row| (row.text("ResourceId_s"), row.text("DNSHostName_s"))).collect()
}
