//! Rows of our tables that no run of ours answers for: looked for after each sweep, and said to be what they may be.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::azure::rule_by;
use crate::queries::{self, OwnerId, RunId, Strange, Strangers};
use crate::run::Installation;
use pure::plan::report::{Warning, WarningKind};

/// How long the question may take; the next sweep asks again.
const LIMIT: Duration = Duration::from_secs(30);

/// What a sweep finds of others.
pub(super) async fn found(installation: &Installation, run: &str) -> Vec<Warning> {
    let settings = &installation.settings;
    let Ok(azure) = installation.clients.until(Instant::now() + LIMIT) else { return Vec::new() };
    let timespan = settings.run.query_timespan;
    let owner = OwnerId::new(&settings.run.owner_id);
    let query = queries::strangers_query(&owner, RunId::parse(run).as_ref(), timespan);
    let asked = azure.logs_query.ask(&query, Some(timespan), &queries::STRANGERS_COLUMNS);
    match timeout(LIMIT, asked).await {
        Ok(Ok(table)) => {
            let strangers = queries::strangers(&table.column_names(), &table.rows);
            strangers.iter().map(|strangers| warning(strangers, &settings.connect.dcr_rule_id)).collect()
        }
        Ok(Err(error)) => {
            tracing::debug!("whose rows the tables hold is asked with the next sweep: {}", error.chain());
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// Fits after "somebody else sends rows, or ".
fn otherwise(kind: Strange) -> &'static str {
    match kind {
        Strange::Tags | Strange::Records => "a process of ours was killed before it had told what it did",
        Strange::TagMarkers | Strange::ZoneMarkers => {
            "somebody swept who sees less than this identity, or with another HOSTNAME_TAG, SUBSCRIPTIONS or TARGETS"
        }
        Strange::Changes => "the rows that a run sent of what it wrote were lost",
    }
}

fn warning(strangers: &Strangers, rule: &str) -> Warning {
    let Strangers { kind, count, since, run } = strangers;
    let (table, what) = match kind {
        Strange::Tags => {
            ("TagData_CL", "rows of a run that closed no sweep and wrote down nothing that it did")
        }
        Strange::Records => {
            ("DNSData_CL", "rows of a run that closed no sweep and wrote down nothing that it did")
        }
        Strange::TagMarkers => (
            "TagData_CL",
            "markers of a sweep that found less than half of the machines found before and after it",
        ),
        Strange::ZoneMarkers => (
            "DNSData_CL",
            "markers of a sweep that found less than half of the record sets found before and after it",
        ),
        Strange::Changes => ("DNSChange_CL", "writes of a run that told of no record set which it wrote"),
    };
    let run = run.as_ref().map(|run| format!(", such as run {}", run.as_str())).unwrap_or_default();
    let because = format!(
        "{count} in {table} since {since:.0}: {what}{run}. Either somebody else sends rows, or {}. They move no name, and may hide \
         until this sweep what differed; see who may send to the data collection rule {rule}: az role assignment list \
         --include-inherited --scope {}",
        otherwise(*kind),
        rule_by(rule)
    );
    Warning {
        warning: WarningKind::Stranger,
        subject: format!("{} in {}", kind.as_str(), table.to_lowercase()),
        zone: String::new(),
        resource: String::new(),
        names: BTreeSet::new(),
        networks: BTreeSet::new(),
        because,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands for the rule in a command is asked for in the same line: nobody knows its id by heart.
    #[test]
    fn the_command_of_a_warning_has_no_blank_to_fill_in() {
        let strangers =
            Strangers { kind: Strange::Changes, count: 2, since: jiff::Timestamp::UNIX_EPOCH, run: None };
        let told = warning(&strangers, "dcr-1").because;
        let (_, command) = told.split_once("--scope ").unwrap();
        assert!(command.starts_with("\"$(az rest ") && command.ends_with("--output tsv)\""), "{told}");
        assert!(command.contains("[?properties.immutableId=='dcr-1'].id"), "{told}");
    }
}
