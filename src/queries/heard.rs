//! The text of `heard.kql` for given machines, and its answer as values.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::cells::{Grid, Row};
use super::literal::quoted_list;
use pure::domain::{Listed, ResourceId, ZoneKind, join_addresses};

/// The columns of an answer to [`heard_query`].
pub const HEARD_COLUMNS: [&str; 7] = ["Machine", "Side", "Said", "From", "To", "Beats", "Country"];

const TEMPLATE: &str = include_str!("../../infra/kql/heard.kql");
const MACHINES: &str = "let Machines = dynamic([]);";
/// Whoever is silent for longer begins a new stretch, as in the query.
const SILENCE: SignedDuration = SignedDuration::from_mins(15);

/// A stretch of time in which a machine said one thing without a pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// The machine, in lower case.
    pub machine: String,
    /// For which kind of zones it said it.
    #[serde(serialize_with = "side")]
    pub side: ZoneKind,
    /// What it said, an address or not; for private zones what it listed, joined by commas.
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

/// What a machine listed for private zones, by those of the addresses that may stand there, in the order that it comes in: what
/// else it lists, and when that changed, says nothing of the name.
#[must_use]
pub fn that_may_stand(stretches: &[Stretch], may_stand: impl Fn(IpAddr) -> bool) -> Vec<Stretch> {
    let mut kept: Vec<Stretch> = Vec::new();
    for stretch in stretches.iter().filter(|stretch| stretch.side == ZoneKind::Private) {
        let listed = stretch.reported.split(',').flat_map(|text| Listed::read(text).addresses);
        let reported = join_addresses(&listed.filter(|address| may_stand(*address)).collect());
        let goes_on = |later: &&mut Stretch| {
            (&later.machine, &later.reported) == (&stretch.machine, &reported)
                && later.from.duration_since(stretch.to) <= SILENCE
        };
        // Stretches of several machines come between each other.
        let same = kept.iter_mut().rev().find(|later| later.machine == stretch.machine);
        match same.filter(goes_on) {
            Some(later) => {
                later.from = stretch.from;
                later.beats += stretch.beats;
            }
            None => kept.push(Stretch { reported, ..stretch.clone() }),
        }
    }
    kept
}

fn side<S: Serializer>(side: &ZoneKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(side.as_str())
}

fn take(row: Row<'_>) -> Option<Stretch> {
    Some(Stretch {
        machine: row.text("Machine").to_lowercase(),
        side: ZoneKind::ALL.into_iter().find(|kind| row.text("Side") == kind.as_str())?,
        reported: row.text("Said"),
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
