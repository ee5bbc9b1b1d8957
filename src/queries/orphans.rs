//! The text of `unclaimed.kql` for given names, and its answer as a value.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::cells::{Grid, Row};
use super::literal::{OwnerId, for_installation, quoted_list};
use pure::domain::{HostName, RecordId, RecordType, ZoneId};
use pure::plan::{ClaimPast, LastWrite};

/// The columns of an answer to [`orphans_query`].
pub const ORPHANS_COLUMNS: [&str; 8] =
    ["Kind", "ZoneId_s", "DNSHostName_s", "RecordType_s", "Time", "Number", "run_s", "NewIPs_s"];

const TEMPLATE: &str = include_str!("../../infra/kql/unclaimed.kql");
const NAMES: &str = "let Names = dynamic([]);";
const SINCE: &str = "let Since = now() - 8d;";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// `unclaimed.kql` for one installation, these names and this grace: tags are looked at a day further back.
#[must_use]
pub fn orphans_query(owner: &OwnerId, names: &BTreeSet<HostName>, grace: SignedDuration) -> String {
    let names = format!("let Names = dynamic([{}]);", quoted_list(names));
    let since = format!("let Since = now() - {}s;", grace.saturating_add(DAY).as_secs());
    for_installation(TEMPLATE, owner).replacen(NAMES, &names, 1).replacen(SINCE, &since, 1)
}

/// Everything that an answer tells. A row that cannot be parsed lets nothing go.
#[must_use]
pub fn orphans(columns: &[String], rows: &[Vec<Value>]) -> ClaimPast {
    let mut past = ClaimPast::default();
    for row in Grid::new(columns, rows).rows() {
        // See above: what is not known of a sweep or of a write keeps a name.
        let _: Option<()> = take(&mut past, row);
    }
    past
}

fn take(past: &mut ClaimPast, row: Row<'_>) -> Option<()> {
    let name = || HostName::parse(&row.text("DNSHostName_s")).ok();
    match row.text("Kind").as_str() {
        "sweep" => {
            past.swept_days.insert(row.count("Number"));
        }
        "claimed" => {
            // Nobody knows how long ago a claim was whose time cannot be read.
            past.claimed.insert(name()?, row.time("Time").unwrap_or(Timestamp::MAX));
        }
        "written" => {
            let zone = ZoneId::parse(&row.text("ZoneId_s")).ok()?;
            let record_type = RecordType::parse(&row.text("RecordType_s"))?;
            let id = RecordId { zone, name: name()?, record_type };
            let write = LastWrite { run: row.text("run_s"), addresses: row.addresses("NewIPs_s") };
            past.written.insert(id, write);
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_each_place_once() {
        for place in [NAMES, SINCE] {
            assert_eq!(TEMPLATE.matches(place).count(), 1, "{place}");
        }
    }
}
