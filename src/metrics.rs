//! What a process that keeps its own time tells a scraper; `docs/metrics.md` says what each number means.
//!
//! Every label is out of a closed list, or the name of a managed zone; never a host name.

mod exposition;
mod families;
mod states;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use jiff::Timestamp;

pub use exposition::Form;
use families::Families;
pub use families::Outlet;

use crate::azure::logs_ingest::{DNS_CHANGE, DNS_DATA, TAG_DATA};
use crate::azure::{Clients, Write};
use crate::round::{Round, Stage};
use crate::run::{Ended, Told};
use pure::domain::{ZoneId, Zones};
use pure::plan::BrakeKind;
use pure::plan::report::{Outcome, Report, RunResult};

/// As far back as an evaluation looks for heartbeats, in seconds: where there is none, the newest is older.
const A_DAY: f64 = 86_400.0;

/// The metrics of one process.
#[derive(Debug)]
pub struct Metrics {
    families: Families,
    /// Managed zones: their name for the label, their id for the pace.
    zones: Vec<(String, ZoneId)>,
}

impl Metrics {
    /// Every series whose labels are known beforehand, at zero: an alert on a counter that does not exist stays silent.
    #[must_use]
    pub fn new(zones: &Zones) -> Self {
        let zones = zones.iter().map(|zone| (zone.id.label(), zone.id.clone())).collect();
        Self { families: Families::new(), zones }
    }

    /// Takes in what a round did.
    pub fn hear(&self, round: &Round) {
        let families = &self.families;
        for (stage, took) in &round.durations {
            families.stage_duration.get_or_create(&families::stage(*stage)).observe(took.as_secs_f64());
        }
        let swept = round.swept.is_some() || round.failed(Stage::Collect);
        let repaired = round.ended.is_some() || round.failed(Stage::Repair);
        for (stage, entered) in [(Stage::Collect, swept), (Stage::Evaluate, true), (Stage::Repair, repaired)]
        {
            if entered {
                let labels = families::stage_result(stage, !round.failed(stage));
                families.stages.get_or_create(&labels).inc();
            }
        }
        // A part of an answer counts nothing.
        if let Some(facts) = round.facts.as_ref().filter(|facts| !facts.partial) {
            let lag = facts.newest_heartbeat.map(|newest| facts.at.duration_since(newest).as_secs_f64());
            families.heartbeat_lag.set(lag.unwrap_or(A_DAY).clamp(0.0, A_DAY));
            families.set_names(&states::of(facts, round.ended.as_ref().map(|ended| &ended.report)));
        }
        for key in &round.settled {
            families.skips.get_or_create(&families::reason(key.reason())).inc();
        }
        match &round.ended {
            Some(ended) => self.ended(ended),
            None if repaired => {
                families.runs.get_or_create(&families::result(RunResult::RetryLater)).inc();
            }
            None => {}
        }
    }

    fn ended(&self, ended: &Ended) {
        let families = &self.families;
        let Ended { report, told, .. } = ended;
        families.runs.get_or_create(&families::result(report.result)).inc();
        self.changed(report);
        let Told { recovered, skips, .. } = told;
        families.recovered.inc_by(*recovered);
        for (reason, count) in skips {
            families.skips.get_or_create(&families::reason(reason)).inc_by(*count);
        }
        families.set_skipped(report);
        for brake in BrakeKind::ALL {
            let active = report.brakes.iter().any(|found| found.brake == brake);
            families.brakes.get_or_create(&families::brake(brake)).set(i64::from(active));
        }
    }

    /// Counts changes that were to be written; a plan counts nothing.
    fn changed(&self, report: &Report) {
        for change in report.changes.iter().filter(|change| change.outcome != Outcome::Planned) {
            self.families.changes.get_or_create(&families::outcome(change.outcome)).inc();
            if let Some(ms) = change.time_to_truth_ms {
                self.families.time_to_truth.observe(ms as f64 / 1000.0);
            }
        }
    }

    /// When a stage last did well, as the health of the process knows it.
    pub fn succeeded(&self, last: &BTreeMap<Stage, Timestamp>) {
        for (stage, time) in last {
            let seconds = time.as_microsecond() as f64 / 1e6;
            self.families.last_success.get_or_create(&families::stage(*stage)).set(seconds);
        }
    }

    /// How many notices or pings were delivered, or not, so far.
    pub fn noticed(&self, channel: Outlet, delivered: bool, count: u64) {
        let labels = families::notice(channel, delivered);
        self.families.notices.get_or_create(&labels).inner().store(count, Ordering::Relaxed);
    }

    /// The text for a scraper, with what the clients count by themselves as it is now.
    #[must_use]
    pub fn text(&self, clients: &Clients, form: Form) -> String {
        let families = &self.families;
        for ((service, code), count) in clients.tally().requests() {
            let labels = families::request(service, code);
            families.requests.get_or_create(&labels).inner().store(count, Ordering::Relaxed);
        }
        let rows = clients.tally().rows();
        for (stream, table) in
            [(TAG_DATA, "TagData_CL"), (DNS_DATA, "DNSData_CL"), (DNS_CHANGE, "DNSChange_CL")]
        {
            let count = rows.get(stream).copied().unwrap_or_default();
            families.rows.get_or_create(&families::table(table)).inner().store(count, Ordering::Relaxed);
        }
        for (name, id) in &self.zones {
            for (write, action) in [(Write::Create, "create"), (Write::Update, "update")] {
                let Some((left, limit)) = clients.write_budget(id, write) else { continue };
                let labels = families::zone(name, action);
                families.writes_left.get_or_create(&labels).set(left as i64);
                families.writes_limit.get_or_create(&labels).set(limit as i64);
            }
        }
        exposition::text(&families.registry, form)
    }
}

#[cfg(test)]
mod tests;
