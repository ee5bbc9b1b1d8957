//! Whether rows may be sent, and whether they arrive: one row, told apart by its trigger, which no query of ours counts.

use std::time::Duration;

use azure_core::Uuid;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::az;
use super::found::Found;
use super::line::{INGESTION as TOPIC, Line};
use super::patience::{ARRIVAL, EACH};
use super::visit::{Visit, is_tokenless, unasked};
use super::workspace::lasting;
use crate::azure::logs_ingest::DNS_CHANGE;
use crate::azure::{Error, Refusal, moment};
use crate::queries::{PROBE, probe_query};
use jiff::Timestamp;

/// The pause before the second look; it grows to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// So far back the row is looked for.
const HOUR: Duration = Duration::from_secs(3600);

/// The row.
#[derive(Serialize)]
struct Probe<'a> {
    #[serde(rename = "TimeGenerated")]
    time: Timestamp,
    run_s: &'a str,
    #[serde(rename = "Trigger_s")]
    trigger: &'static str,
    #[serde(rename = "Installation_s")]
    installation: &'a str,
}

pub(super) async fn lines(visit: &Visit<'_>, probe: bool) -> Vec<Line> {
    if !probe {
        return vec![Line::skip(TOPIC, "").saying("not asked: no row was to be sent (--no-probe)")];
    }
    let run = Uuid::new_v4().to_string();
    let installation = &visit.settings.run.owner_id;
    let row = Probe { time: moment(), run_s: &run, trigger: PROBE, installation };
    let sent = Instant::now();
    vec![match visit.azure.logs_ingest.send(DNS_CHANGE, &[row]).await {
        Ok(()) => arrived(visit, &run, sent).await,
        Err(error) => refused(visit, &error).await,
    }]
}

/// Looks until the row is there.
async fn arrived(visit: &Visit<'_>, run: &str, sent: Instant) -> Line {
    let until = sent + ARRIVAL;
    let query = visit.azure.by(until + EACH).logs_query;
    let text = probe_query(run);
    let mut pause = FIRST_PAUSE;
    loop {
        match query.run(&text, Some(HOUR)).await {
            Ok(table) if !table.rows.is_empty() => {
                let took = i64::try_from(sent.elapsed().as_secs()).unwrap_or(i64::MAX);
                return Line::ok(TOPIC, "")
                    .saying(format!("a probe row was taken, and was there within {}", lasting(took + 1)));
            }
            Ok(_) => {}
            Err(error) if error.is_forbidden() || error.status == Some(404) || is_tokenless(&error) => {
                return Line::ok(TOPIC, "")
                    .saying("a probe row was taken; whether it arrives could not be asked");
            }
            // Those that pass may have passed at the next look.
            Err(_) => {}
        }
        if Instant::now() + pause >= until {
            return Line::warn(TOPIC, "").saying(format!(
                "a probe row was taken, and was not there after {}; the service is late, or the rule leads to another workspace",
                lasting(i64::try_from(ARRIVAL.as_secs()).unwrap_or(i64::MAX))
            ));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What is wrong where no row may be sent, and what mends it.
pub(super) async fn refused(visit: &Visit<'_>, error: &Error) -> Line {
    let connect = &visit.settings.connect;
    if error.is_forbidden() {
        let scope = az::rule(Found::rule_id(visit.found().await).as_deref(), &connect.dcr_rule_id);
        return Line::fail(TOPIC, "")
            .saying("403: the identity lacks \"Monitoring Metrics Publisher\"; a new assignment takes up to 30 minutes")
            .mended_by(az::assign("Monitoring Metrics Publisher", &visit.assignee().await, &scope));
    }
    if error.status == Some(404) {
        let words = format!(
            "404: no data collection rule {} answers there; put the right ones into LOGS_DCR_RULE_ID and LOGS_INGESTION_ENDPOINT",
            connect.dcr_rule_id
        );
        return Line::fail(TOPIC, "").saying(words).mended_by(az::rules());
    }
    if error.refusal() == Some(Refusal::BadRequest) {
        let id = Found::rule_id(visit.found().await);
        return Line::fail(TOPIC, "").saying(error.for_people()).mended_by(az::deploy(id.as_deref()));
    }
    unasked(TOPIC, "", error)
}
