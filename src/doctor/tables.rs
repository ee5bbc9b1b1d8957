//! Whether our tables are there, with every column that the program sends and reads.

use std::time::Duration;

use futures::future::join_all;
use serde::Deserialize;

use super::az;
use super::found::Found;
use super::line::Line;
use super::visit::{Visit, is_tokenless, tokenless, unasked};
use crate::azure::{Error, Refusal, Table};
use crate::queries::TABLES;

const TOPIC: &str = "tables";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A column as `infra/tables` declares it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// The columns that a table must have.
pub(super) fn columns(declared: &str) -> Vec<Column> {
    serde_json::from_str(declared).unwrap_or_default()
}

pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let asked = TABLES.map(|(name, declared)| async move {
        let asked = visit.azure.logs_query.run(&format!("{name} | take 0"), Some(DAY)).await;
        (name, columns(declared), asked)
    });
    let mut wrong = Vec::new();
    for (name, wanted, asked) in join_all(asked).await {
        wrong.extend(judged(visit, name, &wanted, asked).await);
    }
    // What keeps all of them from being asked is said once.
    wrong.dedup();
    if wrong.is_empty() {
        let names = TABLES.map(|(name, _)| name).join(", ");
        wrong.push(Line::ok(TOPIC, "").saying(format!("{names} as needed")));
    }
    wrong
}

/// What is wrong with one table, if anything is.
async fn judged(
    visit: &Visit<'_>,
    name: &str,
    wanted: &[Column],
    asked: Result<Table, Error>,
) -> Option<Line> {
    let workspaces = &visit.settings.connect.workspaces;
    let first = workspaces.first().cloned().unwrap_or_default();
    match asked {
        Ok(table) => {
            let missing: Vec<&Column> =
                wanted.iter().filter(|column| table.position(&column.name).is_none()).collect();
            if missing.is_empty() {
                return None;
            }
            let id = Found::workspace_id(visit.found().await);
            let all: Vec<_> =
                wanted.iter().map(|column| (column.name.clone(), column.kind.clone())).collect();
            let names: Vec<&str> = missing.iter().map(|column| column.name.as_str()).collect();
            let what = if names.len() == 1 { "the column" } else { "the columns" };
            Some(
                Line::fail(TOPIC, name)
                    .saying(format!("lacks {what} {}", names.join(", ")))
                    .mended_by(az::columns(id.as_deref(), &first, name, &all)),
            )
        }
        // To this question the service has nothing else to say against.
        Err(error) if error.refusal() == Some(Refusal::BadRequest) => {
            let id = Found::workspace_id(visit.found().await);
            Some(Line::fail(TOPIC, name).saying("is not there").mended_by(az::deploy(id.as_deref())))
        }
        Err(error) if is_tokenless(&error) => Some(tokenless(TOPIC, "", &error)),
        // The line of the workspace tells why.
        Err(error) if error.is_forbidden() || error.status == Some(404) => {
            Some(Line::skip(TOPIC, "").saying("not asked: the workspace may not be asked"))
        }
        Err(error) => Some(unasked(TOPIC, name, &error)),
    }
}
