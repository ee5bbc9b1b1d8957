//! The families: name, help, and every series that is known beforehand.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::states::{STATES, States};
use crate::azure::Code;
use crate::round::Stage;
use pure::domain::Service;
use pure::plan::report::{Outcome, Report, RunResult};
use pure::plan::{BrakeKind, Reason};

/// Where notices go, as a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// `NOTIFY_URL`.
    Notify,
    /// `PING_URL`.
    Ping,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Notify, Self::Ping];

    fn as_str(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::Ping => "ping",
        }
    }
}

/// Label names and values.
pub(super) type Labels = Vec<(&'static str, String)>;
type Seconds = Gauge<f64, AtomicU64>;

/// Upper bounds in seconds of the time from the first heartbeat to the truth; 300 is the aim.
const TRUTH: [f64; 12] =
    [5.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 14_400.0];
/// Upper bounds in seconds of what a stage takes; deadlines are minutes.
const STAGE: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 120.0, 240.0];

fn stage_histogram() -> Histogram {
    Histogram::new(STAGE)
}

/// All families of a process, and the registry that shows them.
#[derive(Debug)]
pub(super) struct Families {
    pub(super) registry: Registry,
    pub(super) last_success: Family<Labels, Seconds>,
    names: Family<Labels, Gauge>,
    skipped: Family<Labels, Gauge>,
    pub(super) brakes: Family<Labels, Gauge>,
    pub(super) heartbeat_lag: Seconds,
    pub(super) writes_left: Family<Labels, Gauge>,
    pub(super) writes_limit: Family<Labels, Gauge>,
    pub(super) changes: Family<Labels, Counter>,
    pub(super) recovered: Counter,
    pub(super) skips: Family<Labels, Counter>,
    pub(super) requests: Family<Labels, Counter>,
    pub(super) rows: Family<Labels, Counter>,
    pub(super) runs: Family<Labels, Counter>,
    pub(super) stages: Family<Labels, Counter>,
    pub(super) notices: Family<Labels, Counter>,
    pub(super) time_to_truth: Histogram,
    pub(super) stage_duration: Family<Labels, Histogram, fn() -> Histogram>,
}

impl Families {
    pub(super) fn new() -> Self {
        let mut families = Self {
            registry: Registry::with_prefix("heartbeat_dns"),
            last_success: Family::default(),
            names: Family::default(),
            skipped: Family::default(),
            brakes: Family::default(),
            heartbeat_lag: Gauge::default(),
            writes_left: Family::default(),
            writes_limit: Family::default(),
            changes: Family::default(),
            recovered: Counter::default(),
            skips: Family::default(),
            requests: Family::default(),
            rows: Family::default(),
            runs: Family::default(),
            stages: Family::default(),
            notices: Family::default(),
            time_to_truth: Histogram::new(TRUTH),
            stage_duration: Family::new_with_constructor(stage_histogram),
        };
        families.register();
        families.start_at_zero();
        families
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", version);
        registry.register(
            "last_success_timestamp_seconds",
            "When a stage last did well; collect: start of the oldest of the newest complete sweeps; 0: never",
            self.last_success.clone(),
        );
        registry.register(
            "names",
            "Claimed names by state, at the end of the newest round; silent counts machines",
            self.names.clone(),
        );
        registry.register("skipped", "Rows that the newest run left alone, by reason", self.skipped.clone());
        registry.register(
            "brake_active",
            "Whether a brake held something in the newest run",
            self.brakes.clone(),
        );
        registry.register(
            "heartbeat_lag_seconds",
            "Age of the newest heartbeat of all machines, at the newest evaluation",
            self.heartbeat_lag.clone(),
        );
        registry.register(
            "zone_writes_remaining",
            "Record sets that may still be written at once, by managed zone and action",
            self.writes_left.clone(),
        );
        registry.register(
            "zone_writes_limit",
            "Record sets that may be written in a minute, by managed zone and action",
            self.writes_limit.clone(),
        );
        registry.register(
            "changes",
            "Changes that were to be written, by what became of them",
            self.changes.clone(),
        );
        registry.register(
            "recovered",
            "Rows of DNSChange_CL that killed runs owed and this process wrote",
            self.recovered.clone(),
        );
        registry.register(
            "skips",
            "Rows of skips in DNSChange_CL: those whose reason is new for their name, or a day old",
            self.skips.clone(),
        );
        registry.register(
            "requests",
            "HTTP requests to Azure, each try counted, by service and by status or the word for its absence",
            self.requests.clone(),
        );
        registry.register("rows", "Rows that the logs have acknowledged, by table", self.rows.clone());
        registry.register("runs", "Runs by their result", self.runs.clone());
        registry.register(
            "stages",
            "Stages of rounds that were entered, by how they ended",
            self.stages.clone(),
        );
        registry.register("notices", "Notices and pings by what became of them", self.notices.clone());
        registry.register(
            "time_to_truth_seconds",
            "From the first heartbeat at an address to its proof in DNS, of confirmed changes",
            self.time_to_truth.clone(),
        );
        registry.register("stage_duration_seconds", "How long stages took", self.stage_duration.clone());
    }

    fn start_at_zero(&self) {
        for stage in Stage::ALL {
            drop(self.last_success.get_or_create(&self::stage(stage)));
            drop(self.stage_duration.get_or_create(&self::stage(stage)));
            for result in ["ok", "failed"] {
                drop(self.stages.get_or_create(&stage_result(stage, result)));
            }
        }
        for state in STATES {
            drop(self.names.get_or_create(&vec![("state", state.to_owned())]));
        }
        for reason in Reason::ALL {
            drop(self.skipped.get_or_create(&self::reason(reason.as_str())));
            drop(self.skips.get_or_create(&self::reason(reason.as_str())));
        }
        for brake in [BrakeKind::Converging, BrakeKind::Surge, BrakeKind::Blind] {
            drop(self.brakes.get_or_create(&self::brake(brake)));
        }
        for outcome in WRITTEN {
            drop(self.changes.get_or_create(&self::outcome(outcome)));
        }
        for result in RESULTS {
            drop(self.runs.get_or_create(&self::result(result)));
        }
        for channel in Channel::ALL {
            for delivered in [true, false] {
                drop(self.notices.get_or_create(&notice(channel, delivered)));
            }
        }
    }

    pub(super) fn set_names(&self, states: &States) {
        for (state, count) in states.counts() {
            self.names.get_or_create(&vec![("state", state.to_owned())]).set(gauge(count));
        }
    }

    pub(super) fn set_skipped(&self, report: &Report) {
        for reason in Reason::ALL {
            let count = report.summary.skips.get(&reason).copied().unwrap_or_default();
            self.skipped.get_or_create(&self::reason(reason.as_str())).set(gauge(count));
        }
    }
}

/// Outcomes of changes that were to be written.
const WRITTEN: [Outcome; 5] =
    [Outcome::Confirmed, Outcome::Unconfirmed, Outcome::Failed, Outcome::Conflict, Outcome::Deferred];

/// Results that a run can have when it has ended.
const RESULTS: [RunResult; 7] = [
    RunResult::InSync,
    RunResult::Planned,
    RunResult::Changed,
    RunResult::Held,
    RunResult::Partial,
    RunResult::Failed,
    RunResult::RetryLater,
];

fn gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn stage(stage: Stage) -> Labels {
    vec![("stage", stage.as_str().to_owned())]
}

pub(super) fn stage_result(stage: Stage, result: &str) -> Labels {
    vec![("stage", stage.as_str().to_owned()), ("result", result.to_owned())]
}

pub(super) fn reason(code: &str) -> Labels {
    vec![("reason", code.to_owned())]
}

pub(super) fn brake(brake: BrakeKind) -> Labels {
    vec![("brake", brake.as_str().to_owned())]
}

pub(super) fn outcome(outcome: Outcome) -> Labels {
    vec![("outcome", outcome.as_str().to_owned())]
}

pub(super) fn result(result: RunResult) -> Labels {
    vec![("result", result.as_str().to_owned())]
}

pub(super) fn request(service: Service, code: Code) -> Labels {
    vec![("service", service.as_str().to_owned()), ("code", code.to_string())]
}

pub(super) fn table(name: &str) -> Labels {
    vec![("table", name.to_owned())]
}

pub(super) fn zone(name: &str, action: &str) -> Labels {
    vec![("zone", name.to_owned()), ("action", action.to_owned())]
}

pub(super) fn notice(channel: Channel, delivered: bool) -> Labels {
    let result = if delivered { "delivered" } else { "failed" };
    vec![("channel", channel.as_str().to_owned()), ("result", result.to_owned())]
}
