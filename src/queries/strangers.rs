//! The text of `strangers.kql`, and its answer as values.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::cells::{Grid, Row};
use super::literal::{OwnerId, RunId, for_installation, quoted};

/// The columns of an answer to [`strangers_query`].
pub const STRANGERS_COLUMNS: [&str; 4] = ["Kind", "Number", "Time", "run_s"];

const TEMPLATE: &str = include_str!("../../infra/kql/strangers.kql");
const OWN: &str = "let Own = \"\";";
const SINCE: &str = "let Since = now() - 105m;";
/// How long before its row a write's other rows may have been sent.
const EARLIER: Duration = Duration::from_secs(15 * 60);

/// Rows of one kind that no run of ours answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strangers {
    /// Which.
    pub kind: Strange,
    /// How many: rows, markers or writes.
    pub count: u64,
    /// The time of the first one.
    pub since: Timestamp,
    /// The run that one of them names, where it names one in the form of ours.
    pub run: Option<RunId>,
}

/// The kinds of such rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strange {
    /// Rows of the tags.
    Tags,
    /// Rows of record sets.
    Records,
    /// Markers of the tags after which less than half is left of what others before and after them found.
    TagMarkers,
    /// The same of a zone.
    ZoneMarkers,
    /// Writes of which no record set tells.
    Changes,
}

impl Strange {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Tags, Self::Records, Self::TagMarkers, Self::ZoneMarkers, Self::Changes];

    /// The word in the answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Records => "records",
            Self::TagMarkers => "tag-markers",
            Self::ZoneMarkers => "zone-markers",
            Self::Changes => "changes",
        }
    }
}

/// `strangers.kql` for one installation and the run that asks, about the time that is looked back at.
#[must_use]
pub fn strangers_query(owner: &OwnerId, own: Option<&RunId>, timespan: Duration) -> String {
    let own = own.map_or_else(|| OWN.to_owned(), |own| format!("let Own = {};", quoted(own)));
    let since = format!("let Since = now() - {}s;", timespan.saturating_sub(EARLIER).as_secs());
    for_installation(TEMPLATE, owner).replacen(OWN, &own, 1).replacen(SINCE, &since, 1)
}

/// What an answer tells; a row that cannot be parsed tells nothing.
#[must_use]
pub fn strangers(columns: &[String], rows: &[Vec<Value>]) -> Vec<Strangers> {
    Grid::new(columns, rows).rows().filter_map(take).collect()
}

fn take(row: Row<'_>) -> Option<Strangers> {
    let word = row.text("Kind");
    let kind = Strange::ALL.into_iter().find(|kind| kind.as_str() == word)?;
    let (count, since) = (row.count("Number"), row.time("Time")?);
    Some(Strangers { kind, count, since, run: RunId::parse(&row.text("run_s")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_filled() {
        let own = RunId::parse("0a0a0a0a-0000-4000-8000-000000000001").unwrap();
        let query = strangers_query(&OwnerId::new("us"), Some(&own), Duration::from_secs(7200));
        for line in [
            "let Installation = 'us';",
            "let Own = '0a0a0a0a-0000-4000-8000-000000000001';",
            "let Since = now() - 6300s;",
        ] {
            assert_eq!(query.matches(line).count(), 1, "{query}");
        }
    }
}
