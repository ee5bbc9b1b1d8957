//! The text of `heard.kql` for given machines, and its answer as values.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::cells::{Grid, Row};
use super::literal::quoted_list;
use pure::domain::ResourceId;

/// The columns of an answer to [`heard_query`].
pub const HEARD_COLUMNS: [&str; 6] = ["Machine", "ComputerIP", "From", "To", "Beats", "Country"];

const TEMPLATE: &str = include_str!("../../infra/kql/heard.kql");
const MACHINES: &str = "let Machines = dynamic([]);";

/// A stretch of time in which a machine said one thing without a pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// The machine, in lower case.
    pub machine: String,
    /// What it said, an address or not.
    pub reported: String,
    /// The first heartbeat.
    pub from: Timestamp,
    /// The last one.
    pub to: Timestamp,
    /// How many there were.
    pub beats: u64,
    /// Where the address is, as the platform sees it; empty when unknown.
    pub country: String,
}

/// `heard.kql` for these machines, which enter it as quoted literals. Asked over one day.
#[must_use]
pub fn heard_query(machines: &BTreeSet<ResourceId>) -> String {
    let line = format!("let Machines = dynamic([{}]);", quoted_list(machines));
    TEMPLATE.replacen(MACHINES, &line, 1)
}

/// The stretches of an answer, the newest first; a row whose times cannot be parsed tells nothing.
#[must_use]
pub fn heard(columns: &[String], rows: &[Vec<Value>]) -> Vec<Stretch> {
    Grid::new(columns, rows).rows().filter_map(take).collect()
}

fn take(row: Row<'_>) -> Option<Stretch> {
    Some(Stretch {
        machine: row.text("Machine").to_lowercase(),
        reported: row.text("ComputerIP"),
        from: row.time("From")?,
        to: row.time("To")?,
        beats: row.count("Beats"),
        country: row.text("Country"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_the_place_of_the_machines_once() {
        assert_eq!(TEMPLATE.matches(MACHINES).count(), 1);
        let id = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/NAS";
        let query = heard_query(&BTreeSet::from([ResourceId::parse(id).unwrap()]));
        assert!(query.contains(&format!("let Machines = dynamic(['{}']);", id.to_lowercase())), "{query}");
    }
}
