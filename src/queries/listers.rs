//! The text of `listers.kql` for given addresses, and its answer as a value.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::Value;

use super::cells::Grid;
use super::literal::quoted_list;
use pure::domain::{ResourceId, parse_address};

/// The columns of an answer to [`listers_query`].
pub const LISTERS_COLUMNS: [&str; 2] = ["Machine", "Address"];

const TEMPLATE: &str = include_str!("../../infra/kql/listers.kql");
const ADDRESSES: &str = "let Addresses = dynamic([]);";

/// `listers.kql` for these addresses, which enter it as quoted literals. Asked over an hour.
#[must_use]
pub fn listers_query(addresses: &BTreeSet<IpAddr>) -> String {
    let line = format!("let Addresses = dynamic([{}]);", quoted_list(addresses));
    TEMPLATE.replacen(ADDRESSES, &line, 1)
}

/// The machines that list each of the addresses that were asked for: none of one of which no row speaks.
#[must_use]
pub fn listers(
    asked: &BTreeSet<IpAddr>,
    columns: &[String],
    rows: &[Vec<Value>],
) -> BTreeMap<IpAddr, BTreeSet<ResourceId>> {
    let mut listers: BTreeMap<IpAddr, BTreeSet<ResourceId>> =
        asked.iter().map(|address| (*address, BTreeSet::new())).collect();
    for row in Grid::new(columns, rows).rows() {
        let (machine, address) =
            (ResourceId::parse(&row.text("Machine")), parse_address(&row.text("Address")));
        if let (Ok(machine), Some(address)) = (machine, address)
            && let Some(machines) = listers.get_mut(&address)
        {
            machines.insert(machine);
        }
    }
    listers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_the_place_of_the_addresses_once() {
        assert_eq!(TEMPLATE.matches(ADDRESSES).count(), 1);
    }
}
