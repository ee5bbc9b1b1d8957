//! The text of `evidence.kql` for given machines and addresses, and its answer as a value.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::cells::Grid;
use super::literal::quoted_list;
use pure::domain::{ResourceId, parse_address};
use pure::plan::{Evidence, EvidenceRequest};

/// The columns of an answer to [`evidence_query`].
pub const EVIDENCE_COLUMNS: [&str; 4] = ["Kind", "ResourceId_s", "Address", "Time"];

const TEMPLATE: &str = include_str!("../../infra/kql/evidence.kql");
const MACHINES: &str = "let Machines = dynamic([]);";
const ADDRESSES: &str = "let Addresses = dynamic([]);";

/// `evidence.kql` for these machines and addresses, which enter it as quoted literals. Asked over
/// thirty days.
#[must_use]
pub fn evidence_query(question: &EvidenceRequest) -> String {
    let machines = format!("let Machines = dynamic([{}]);", quoted_list(&question.machines));
    let addresses = format!("let Addresses = dynamic([{}]);", quoted_list(&question.addresses));
    TEMPLATE.replacen(MACHINES, &machines, 1).replacen(ADDRESSES, &addresses, 1)
}

/// Machine (lower case) to address to when it was last told.
type Seen = BTreeMap<String, BTreeMap<IpAddr, Timestamp>>;

/// Everything that an answer to [`evidence_query`] tells; machines are in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceAnswer {
    reported: Seen,
    last_heard: BTreeMap<String, Timestamp>,
}

impl EvidenceAnswer {
    /// Reads an answer. A row whose address or time cannot be parsed proves nothing.
    #[must_use]
    pub fn read(columns: &[String], rows: &[Vec<Value>]) -> Self {
        let mut recalled = Self::default();
        for row in Grid::new(columns, rows).rows() {
            let machine = row.text("ResourceId_s").to_lowercase();
            let Some(time) = row.time("Time") else { continue };
            let seen = match row.text("Kind").as_str() {
                "heard" => {
                    let last = recalled.last_heard.entry(machine).or_insert(time);
                    *last = time.max(*last);
                    continue;
                }
                "reported" => &mut recalled.reported,
                _ => continue,
            };
            let Some(address) = parse_address(&row.text("Address")) else { continue };
            let last = seen.entry(machine).or_default().entry(address).or_insert(time);
            *last = time.max(*last);
        }
        recalled
    }

    /// What of it is about a record set, for the whole of what was asked of it.
    #[must_use]
    pub fn about(&self, asked: EvidenceRequest) -> Evidence {
        let mut evidence = Evidence { asked, ..Evidence::default() };
        for machine in evidence.asked.machines.iter().map(ResourceId::lower) {
            if let Some(seen) = self.reported.get(machine) {
                evidence.reported.insert(machine.to_owned(), seen.clone());
            }
            if let Some(time) = self.last_heard.get(machine) {
                evidence.last_heard.insert(machine.to_owned(), *time);
            }
        }
        evidence
    }
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
