//! The text of `evidence.kql` for given machines and addresses, and its answer as a value.

use serde_json::Value;

use super::cells::Grid;
use super::literal::quoted_list;
use pure::domain::parse_address;
use pure::plan::{Evidence, EvidenceRequest};

/// The columns of an answer to [`evidence_query`].
pub const EVIDENCE_COLUMNS: [&str; 4] = ["Kind", "ResourceId_s", "Address", "Time"];

const TEMPLATE: &str = include_str!("../../infra/kql/evidence.kql");
const MACHINES: &str = "let Machines = dynamic([]);";
const ADDRESSES: &str = "let Addresses = dynamic([]);";

/// `evidence.kql` for these machines and addresses, which enter it as quoted literals. Asked over
/// thirty days.
#[must_use]
pub fn evidence_query(request: &EvidenceRequest) -> String {
    let machines = format!("let Machines = dynamic([{}]);", quoted_list(&request.machines));
    let addresses = format!("let Addresses = dynamic([{}]);", quoted_list(&request.addresses));
    TEMPLATE.replacen(MACHINES, &machines, 1).replacen(ADDRESSES, &addresses, 1)
}

/// Everything that an answer to [`evidence_query`] of what was asked tells; machines are in lower case.
///
/// A row whose address or time cannot be parsed proves nothing.
#[must_use]
pub fn evidence(asked: EvidenceRequest, columns: &[String], rows: &[Vec<Value>]) -> Evidence {
    let mut evidence = Evidence { asked, ..Evidence::default() };
    for row in Grid::new(columns, rows).rows() {
        let machine = row.text("ResourceId_s").to_lowercase();
        let Some(time) = row.time("Time") else { continue };
        match row.text("Kind").as_str() {
            "heard" => {
                let last = evidence.last_heard.entry(machine).or_insert(time);
                *last = time.max(*last);
            }
            "reported" => {
                let Some(address) = parse_address(&row.text("Address")) else { continue };
                let last = evidence.reported.entry(machine).or_default().entry(address).or_insert(time);
                *last = time.max(*last);
            }
            _ => {}
        }
    }
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_each_place_for_a_list_once() {
        for place in [MACHINES, ADDRESSES] {
            assert_eq!(TEMPLATE.matches(place).count(), 1, "{place}");
        }
    }
}
