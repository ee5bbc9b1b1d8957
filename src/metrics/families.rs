//! The families: name, help, and every series that is known beforehand.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry};

use super::states::{STATES, States};
use crate::azure::Code;
use crate::round::Stage;
use pure::domain::Service;
use pure::plan::report::{Outcome, Report, RunResult};
use pure::plan::{BrakeKind, Reason};

/// Where notices go, as a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlet {
    /// `NOTIFY_URL`.
    Notify,
    /// `PING_URL`.
    Ping,
}

impl Outlet {
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
    /// Declares each family: its name, its help, and the series that are known beforehand.
    pub(super) fn new() -> Self {
        let mut declared = Declared(Registry::with_prefix("heartbeat_dns"));
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        declared.0.register("build", "The version that runs", version);
        Self {
            last_success: declared.family(
                "last_success_timestamp_seconds",
                "When a stage last did well; collect: start of the oldest of the newest complete sweeps; 0: never",
                Family::default(),
                Stage::ALL.map(stage),
            ),
            names: declared.family(
                "names",
                "Claimed names by state, at the end of the newest round; silent counts machines",
                Family::default(),
                STATES.map(state),
            ),
            skipped: declared.family(
                "skipped",
                "Rows that the newest run left alone, by reason",
                Family::default(),
                reasons(),
            ),
            brakes: declared.family(
                "brake_active",
                "Whether a brake held something in the newest run",
                Family::default(),
                BrakeKind::ALL.map(brake),
            ),
            heartbeat_lag: declared.one(
                "heartbeat_lag_seconds",
                "Age of the newest heartbeat of all machines, at the newest evaluation; 86400 when none came for a day",
                Gauge::default(),
            ),
            writes_left: declared.family(
                "zone_writes_remaining",
                "Record sets that may still be written at once, by managed zone and action",
                Family::default(),
                [],
            ),
            writes_limit: declared.family(
                "zone_writes_limit",
                "Record sets that may be written in a minute, by managed zone and action",
                Family::default(),
                [],
            ),
            changes: declared.family(
                "changes",
                "Changes that were to be written, by what became of them",
                Family::default(),
                WRITTEN.map(outcome),
            ),
            recovered: declared.one(
                "recovered",
                "Rows of DNSChange_CL that killed runs owed and this process wrote",
                Counter::default(),
            ),
            skips: declared.family(
                "skips",
                "Rows of skips in DNSChange_CL: those whose reason is new for their name, or a day old",
                Family::default(),
                reasons(),
            ),
            requests: declared.family(
                "requests",
                "HTTP requests to Azure, each try counted, by service and by status or the word for its absence",
                Family::default(),
                [],
            ),
            rows: declared.family(
                "rows",
                "Rows that the logs have acknowledged, by table",
                Family::default(),
                [],
            ),
            runs: declared.family("runs", "Runs by their result", Family::default(), RESULTS.map(result)),
            stages: declared.family(
                "stages",
                "Stages of rounds that were entered, by how they ended",
                Family::default(),
                Stage::ALL.into_iter().flat_map(|stage| [true, false].map(|well| stage_result(stage, well))),
            ),
            notices: declared.family(
                "notices",
                "Notices and pings by what became of them",
                Family::default(),
                Outlet::ALL.into_iter().flat_map(|channel| [true, false].map(|done| notice(channel, done))),
            ),
            time_to_truth: declared.one(
                "time_to_truth_seconds",
                "From the first heartbeat at an address to its proof in DNS, of confirmed changes",
                Histogram::new(TRUTH),
            ),
            stage_duration: declared.family(
                "stage_duration_seconds",
                "How long stages took",
                Family::new_with_constructor(stage_histogram as fn() -> Histogram),
                Stage::ALL.map(stage),
            ),
            registry: declared.0,
        }
    }

    pub(super) fn set_names(&self, states: &States) {
        for (state, count) in states.counts() {
            self.names.get_or_create(&self::state(state)).set(gauge(count));
        }
    }

    pub(super) fn set_skipped(&self, report: &Report) {
        for reason in Reason::ALL {
            let count = report.summary.skips.get(&reason).copied().unwrap_or_default();
            self.skipped.get_or_create(&self::reason(reason.as_str())).set(gauge(count));
        }
    }
}

/// The registry while the families are declared.
struct Declared(Registry);

impl Declared {
    /// A metric of one series.
    fn one<M: Metric + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.0.register(name, help, metric.clone());
        metric
    }

    /// A family, whose series of `known` labels begin at zero.
    fn family<M, C>(
        &mut self,
        name: &str,
        help: &str,
        family: Family<Labels, M, C>,
        known: impl IntoIterator<Item = Labels>,
    ) -> Family<Labels, M, C>
    where
        C: MetricConstructor<M> + Clone,
        Family<Labels, M, C>: Metric + Clone,
    {
        for labels in known {
            drop(family.get_or_create(&labels));
        }
        self.one(name, help, family)
    }
}

fn reasons() -> impl Iterator<Item = Labels> {
    Reason::ALL.into_iter().map(|code| reason(code.as_str()))
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

pub(super) fn stage_result(stage: Stage, well: bool) -> Labels {
    let result = if well { "ok" } else { "failed" };
    vec![("stage", stage.as_str().to_owned()), ("result", result.to_owned())]
}

fn state(state: &str) -> Labels {
    vec![("state", state.to_owned())]
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

pub(super) fn notice(channel: Outlet, delivered: bool) -> Labels {
    let result = if delivered { "delivered" } else { "failed" };
    vec![("channel", channel.as_str().to_owned()), ("result", result.to_owned())]
}
