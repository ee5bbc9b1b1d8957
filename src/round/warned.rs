//! What a round warns of: in its report, and in rows by which the log remembers it for processes to come.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use crate::azure::logs_ingest::DNS_CHANGE;
use crate::clock;
use crate::rights::Looked;
use crate::run::Installation;
use pure::domain::ChangeRow;
use pure::plan::report::{Trigger, Warning, WarningKind};
use pure::plan::{AuditedReason, History};

/// How long the rows may take; a process to come tells what they would have kept it from telling.
const LIMIT: Duration = Duration::from_secs(10);

/// The warnings that the log remembers.
pub(super) fn remembered(history: &History) -> BTreeMap<AuditedReason, Timestamp> {
    let is_warning = |key: &AuditedReason| WarningKind::ALL.iter().any(|kind| kind.as_str() == key.reason);
    let all = history.audited.iter().filter(|(key, _)| is_warning(key));
    all.map(|(key, time)| (key.clone(), *time)).collect()
}

/// What a round has found that somebody should look at.
pub(super) struct Found {
    /// By a look at our own rights.
    pub(super) looked: Option<(Looked, String)>,
    /// By a look at what private zones hide.
    pub(super) hidden: Vec<Warning>,
    /// By a sweep, of other writers.
    pub(super) strange: Vec<Warning>,
}

/// What of it is news, when the log has been told to remember it.
pub(super) async fn news(
    installation: &Installation,
    found: Found,
    warned: Option<&BTreeMap<AuditedReason, Timestamp>>,
    run: &str,
) -> Vec<Warning> {
    let now = clock::now();
    let Found { looked, hidden, strange } = found;
    let looked = looked.as_ref();
    let mut news = looked.map(|looked| installation.self_check.news(looked, warned, now)).unwrap_or_default();
    news.extend(installation.daily_look.news(hidden, warned, now));
    news.extend(installation.warnings_told.news(strange, now));
    if !news.is_empty() {
        let owner = &installation.settings.run.owner_id;
        let rows: Vec<ChangeRow> = news.iter().map(|warning| row(warning, run, owner, now)).collect();
        remember(installation, &rows).await;
    }
    news
}

async fn remember(installation: &Installation, rows: &[ChangeRow]) {
    let Ok(azure) = installation.clients.until(Instant::now() + LIMIT) else { return };
    match timeout(LIMIT, azure.logs_ingest.send(DNS_CHANGE, rows)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::debug!("the log does not remember what was warned of: {}", error.chain());
        }
        Err(_) => tracing::debug!("the log does not remember what was warned of: it gave no answer"),
    }
}

fn row(warning: &Warning, run: &str, owner: &str, now: Timestamp) -> ChangeRow {
    let AuditedReason { zone, name, record_type, reason } = warning.audited();
    ChangeRow {
        time_generated: now,
        run: run.to_owned(),
        trigger: Trigger::Timer.as_str().to_owned(),
        host_name: name,
        record_type,
        zone_id: zone,
        action: "warning".to_owned(),
        outcome: "stands".to_owned(),
        reason,
        resource_id: warning.resource.clone(),
        installation: owner.to_owned(),
        ..ChangeRow::default()
    }
}
