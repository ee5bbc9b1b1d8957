//! The first room: what does not match, and what the last day teaches, as the logs have it.

use jiff::SignedDuration;
use std::collections::BTreeSet;
use tokio::time::Instant;

use super::installation::Installation;
use super::request::Request;
use super::trouble::Trouble;
use crate::azure::{Azure, Error, Table};
use crate::clock;
use crate::queries;
use pure::domain::{HostName, LoggedClaim, MismatchRow, ResourceId, Zones};
use pure::plan::{Case, History};

/// What the logs say.
#[derive(Debug)]
pub struct Observed {
    /// The clients of this run, with its deadline and its counters.
    pub azure: Azure,
    pub(super) case: Case,
    pub(super) unasked: Unasked,
    pub(super) started: Instant,
}

/// What could not be asked about some of the names that were given.
#[derive(Debug, Default)]
pub(super) struct Unasked {
    pub(super) names: BTreeSet<HostName>,
    pub(super) troubles: Vec<Trouble>,
}

impl Unasked {
    /// Why nothing can be said at all, where nothing else is to be done.
    pub(super) fn silence(&self, is_all: bool) -> Option<Trouble> {
        self.troubles.first().filter(|_| is_all).cloned()
    }

    fn add(&mut self, names: &[HostName], error: &Error) {
        let others =
            if names.len() > 1 { format!(" and {} more names", names.len() - 1) } else { String::new() };
        let first = names.first().map(HostName::as_str).unwrap_or_default();
        self.troubles.push(Trouble::of(error).after(&format!("nothing is known of {first}{others}")));
        self.names.extend(names.iter().cloned());
    }
}

impl Observed {
    /// What the last day teaches.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.case.history
    }
}

/// How far back the history looks.
const HISTORY: SignedDuration = SignedDuration::from_hours(2 * 24);
/// How far ahead: the service takes no row that is a day ahead of when it comes, and clocks differ.
const AHEAD: SignedDuration = SignedDuration::from_hours(25);
/// Part of the time that is left which a further portion of names may take.
const PORTION: u32 = 4;
/// Names that one question may hold.
const NAMES: usize = 500;

/// Asks what does not match and what the last day teaches: two calls, at the same time. More than 500 names cost a further
/// call for each 500; where one of these is not answered, nothing is known of its names, and the rest is done.
///
/// # Errors
/// When one of the two is not answered. A partial answer is none: it is a reason for the brake `blind`.
pub async fn observe(
    installation: &Installation,
    request: &Request,
    deadline: Instant,
) -> Result<Observed, Trouble> {
    let started = Instant::now();
    let azure = installation.clients.until(deadline)?;
    let settings = &installation.settings;
    let owner = &queries::OwnerId::new(&settings.run.owner_id);
    let timespan = Some(settings.run.query_timespan);
    let names: Vec<HostName> = request.named().iter().cloned().collect();
    let mut portions = names.chunks(NAMES);
    let mismatch = async |azure: &Azure, names: &[HostName]| {
        let query = queries::mismatch_query(owner, names);
        azure.logs_query.ask(&query, timespan, &queries::MISMATCH_COLUMNS).await
    };
    // What does not match will have to be read live.
    azure.dns.prepare();
    let history =
        queries::history_query(owner, settings.policy.max_heartbeat_age, settings.run.query_timespan);
    // A row that is ahead of now is told before its time comes.
    let now = clock::now();
    let span = (now - HISTORY, now + AHEAD);
    // Both are heard out: one that is dropped on its way would be a call of which nobody knows what became.
    let (first, history) = tokio::join!(
        mismatch(&azure, portions.next().unwrap_or_default()),
        azure.logs_query.ask_between(&history, span, &queries::HISTORY_COLUMNS)
    );
    let (first, history) = (first?, history?);
    let mut partial = is_partial(&first) | is_partial(&history);
    let mut rows = queries::mismatch_rows(&first.column_names(), &first.rows);
    let mut unasked = Unasked::default();
    for portion in portions {
        match mismatch(&azure.for_a_part(PORTION), portion).await {
            Ok(more) => {
                partial |= is_partial(&more);
                add(&mut rows, queries::mismatch_rows(&more.column_names(), &more.rows));
            }
            Err(error) => unasked.add(portion, &error),
        }
    }
    rows.retain(|row| is_of_its_zone(row, &settings.policy.zones));
    let mut history = queries::history(&history.column_names(), &history.rows);
    let is_of_most = history.said.is_of_most();
    // Whoever takes machines out of SUBSCRIPTIONS or TARGETS ends their claims, whatever their tags say.
    history.said.nobodies.retain(|id| settings.collect.takes(id));
    if is_of_most {
        let is_taken = |id: &str| ResourceId::parse(id).map_or(true, |id| settings.collect.takes(&id));
        rows.retain(|row| is_taken(&row.resource_id));
    }
    let case = Case { rows, history, partial, ..Case::default() };
    Ok(Observed { azure, case, unasked, started })
}

/// Whether a row of what was claimed before is about a record set that is ours to keep. What a sweep wrote under other settings,
/// for a zone that they did not mean, is no claim that anybody could take away.
fn is_of_its_zone(row: &MismatchRow, zones: &Zones) -> bool {
    let Ok(name) = HostName::parse(&row.host_name) else { return true };
    let own = zones.longest_of(row.kind(), &name).map(|zone| zone.id.lower());
    row.claimed != LoggedClaim::Before || own.unwrap_or_default() == row.zone_id.to_lowercase()
}

fn is_partial(table: &Table) -> bool {
    if let Some(why) = &table.partial {
        tracing::warn!("a query gave only part of its rows: {why}");
    }
    table.partial.is_some()
}

/// Adds the rows that are not there yet: each portion gives what does not match besides its own names.
fn add(rows: &mut Vec<MismatchRow>, more: Vec<MismatchRow>) {
    let key = |row: &MismatchRow| {
        (row.resource_id.clone(), row.host_name.clone(), row.zone_id.clone(), row.record_type)
    };
    // What one portion asked for by its name may stand beside something in the answers to the others.
    let asked: BTreeSet<_> = more.iter().filter(|row| row.claimed == LoggedClaim::Now).map(key).collect();
    rows.retain(|row| row.claimed != LoggedClaim::Beside || !asked.contains(&key(row)));
    let known: BTreeSet<_> = rows.iter().map(key).collect();
    rows.extend(more.into_iter().filter(|row| !known.contains(&key(row))));
}
