//! What a round leaves in the numbers: gauges show the newest one alone, counters all of them.

use std::time::Duration;

use super::*;
use crate::collect::SweepReport;
use crate::round::FailedStage;
use crate::run::{Facts, NameCounts, Trouble};
use jiff::SignedDuration;
use pure::domain::{HostName, RecordId, RecordType, ResourceId, ZoneId};
use pure::plan::report::{Intent, ReportedChange, Trigger, Via};
use pure::plan::{About, After, Brake, Cause, Change, Opens, Plan, Reason, Skip};

const ZONE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
const MACHINE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn change(name: &str, outcome: Outcome) -> ReportedChange {
    let (zone, name) = (ZoneId::parse(ZONE).unwrap(), HostName::parse(name).unwrap());
    let id = RecordId { zone, name, record_type: RecordType::A };
    let addresses = ["203.0.113.7".parse().unwrap()].into();
    let after = After { addresses, ttl: 60, machine: ResourceId::parse(MACHINE).unwrap() };
    let change = Change { id, before: None, after, cause: Cause::Adopted { beats: None } };
    ReportedChange { outcome, ..ReportedChange::planned(change, Via::RecordSet) }
}

fn skip(name: &str, reason: Reason) -> Skip {
    Skip {
        name: name.to_owned(),
        record_type: RecordType::A,
        zone: None,
        machine: MACHINE.to_owned(),
        others: Vec::new(),
        reason,
        because: "so it is".to_owned().into(),
        is_durable: false,
        about: None,
        is_held_change: false,
        shared_cause: None,
        seen: None,
    }
}

fn report(changes: Vec<ReportedChange>, skips: Vec<Skip>, brakes: &[BrakeKind]) -> Report {
    let brake = |brake: &BrakeKind| Brake {
        brake: *brake,
        zone: None,
        limit: 3,
        seen: Some(4),
        names: std::collections::BTreeSet::new(),
        opens: Opens::Approve,
        digest: None,
        besides: Vec::new(),
        because: "too many".to_owned().into(),
        about: About::Volume,
    };
    let plan = Plan { skips, brakes: brakes.iter().map(brake).collect(), ..Plan::default() };
    let mut report = Report::of(plan, "run", Trigger::Timer, Intent::Apply, Via::RecordSet);
    report.changes = changes;
    report.conclude();
    report
}

fn facts(names: NameCounts) -> Facts {
    let newest_heartbeat = Some(at(-7));
    Facts { at: at(0), newest_heartbeat, oldest_marker: None, names, partial: false, is_blind: false }
}

fn round(facts: Option<Facts>, report: Option<Report>) -> Round {
    let ended = report.map(|report| Ended {
        report,
        silence: None,
        log_troubles: Vec::new(),
        read_troubles: Vec::new(),
        told: Told::default(),
    });
    Round {
        run: String::new(),
        facts,
        swept: None,
        ended,
        joined: None,
        settled: Vec::new(),
        warnings: Vec::new(),
        warned: None,
        faults: Vec::new(),
        durations: Vec::new(),
    }
}

/// The value of a series, such as `names{state="held"}`; none when there is no such series.
fn value(metrics: &Metrics, series: &str) -> Option<f64> {
    let text = exposition::text(&metrics.families.registry, Form::Classic);
    let found = text
        .lines()
        .find_map(|line| line.strip_prefix("heartbeat_dns_")?.strip_prefix(series)?.strip_prefix(' '));
    found.map(|value| value.parse().unwrap())
}

fn states(metrics: &Metrics) -> [Option<f64>; 5] {
    states::STATES.map(|state| value(metrics, &format!("names{{state=\"{state}\"}}")))
}

#[test]
fn each_name_is_in_the_worst_of_its_states() {
    let metrics = Metrics::new(&Zones::default());
    let counts = NameCounts { in_sync: 10, differing: 20, unfit: 30, silent: 40 };
    metrics.hear(&round(Some(facts(counts)), None));
    assert_eq!(states(&metrics), [10.0, 30.0, 0.0, 20.0, 40.0].map(Some), "no run was made");
    let changes = vec![
        change("a.example.com", Outcome::Confirmed),
        change("b.example.com", Outcome::Unconfirmed),
        change("c.example.com", Outcome::Planned),
        change("d.example.com", Outcome::Confirmed),
        change("e.example.com", Outcome::Failed),
    ];
    let skips = vec![
        skip("f.example.com", Reason::AlreadyRight),
        skip("g.example.com", Reason::NotOwned),
        skip("h.example.com", Reason::Braked),
        skip("i.example.com", Reason::Blind),
        // Of the other type, or the other witness.
        skip("d.example.com", Reason::Flapping),
        skip("g.example.com", Reason::Blind),
        skip("g.example.com", Reason::AlreadyRight),
        skip("e.example.com", Reason::Braked),
    ];
    metrics.hear(&round(Some(facts(counts)), Some(report(changes, skips, &[]))));
    // In sync a and f, skipped d, held g, h and i, drifted b, c and e.
    assert_eq!(states(&metrics), [12.0, 31.0, 3.0, 3.0, 40.0].map(Some));
}

#[test]
fn a_part_of_an_answer_leaves_the_numbers_of_the_last_whole_one() {
    let metrics = Metrics::new(&Zones::default());
    let whole = NameCounts { in_sync: 10, differing: 2, unfit: 0, silent: 1 };
    metrics.hear(&round(Some(facts(whole)), None));
    let none = NameCounts::default();
    metrics.hear(&round(Some(Facts { partial: true, newest_heartbeat: None, ..facts(none) }), None));
    metrics.hear(&round(None, None));
    assert_eq!(states(&metrics), [10.0, 0.0, 0.0, 2.0, 1.0].map(Some));
    assert_eq!(value(&metrics, "heartbeat_lag_seconds"), Some(7.0));
    for (newest, lag) in [(None, 86_400.0), (Some(at(-100_000)), 86_400.0), (Some(at(5)), 0.0)] {
        metrics.hear(&round(Some(Facts { newest_heartbeat: newest, ..facts(none) }), None));
        assert_eq!(value(&metrics, "heartbeat_lag_seconds"), Some(lag), "{newest:?}");
    }
}

#[test]
fn what_the_newest_run_does_not_hold_or_skip_is_shown_as_nothing() {
    let metrics = Metrics::new(&Zones::default());
    let held = || report(Vec::new(), vec![skip("a.example.com", Reason::Braked)], &[BrakeKind::Surge]);
    let of = |series: &str| value(&metrics, series);
    for (report, shown) in [(held(), 1.0), (report(Vec::new(), Vec::new(), &[]), 0.0), (held(), 1.0)] {
        metrics.hear(&round(None, Some(report)));
        assert_eq!(of("brake_active{brake=\"surge\"}"), Some(shown));
        assert_eq!(of("brake_active{brake=\"converging\"}"), Some(0.0));
        assert_eq!(of("skipped{reason=\"braked\"}"), Some(shown));
    }
    let runs =
        ["held", "in-sync", "retry-later"].map(|result| of(&format!("runs_total{{result=\"{result}\"}}")));
    assert_eq!(runs, [2.0, 1.0, 0.0].map(Some));
}

#[test]
fn stages_that_were_entered_are_counted_by_how_they_ended() {
    let metrics = Metrics::new(&Zones::default());
    let count = |stage: &str, result: &str| {
        value(&metrics, &format!("stages_total{{stage=\"{stage}\",result=\"{result}\"}}"))
    };
    let counts =
        || ["collect", "evaluate", "repair"].map(|stage| [count(stage, "ok"), count(stage, "failed")]);
    metrics.hear(&round(None, None));
    assert_eq!(
        counts(),
        [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]].map(|two| two.map(Some)),
        "neither swept nor run"
    );
    let trouble = || Trouble::new("no answer");
    let failed = FailedStage { stage: Stage::Collect, trouble: trouble() };
    let faults = vec![failed, FailedStage::evaluate(trouble()), FailedStage::repair(trouble())];
    metrics.hear(&Round { faults, ..round(None, None) });
    let swept = Some(SweepReport::default());
    let durations = vec![(Stage::Collect, Duration::from_secs(2)), (Stage::Collect, Duration::from_secs(3))];
    metrics.hear(&Round { swept, durations, ..round(None, Some(report(Vec::new(), Vec::new(), &[]))) });
    assert_eq!(counts(), [[1.0, 1.0], [2.0, 1.0], [1.0, 1.0]].map(|two| two.map(Some)));
    assert_eq!(
        value(&metrics, "runs_total{result=\"retry-later\"}"),
        Some(1.0),
        "the run that could not be made"
    );
    assert_eq!(value(&metrics, "stage_duration_seconds_sum{stage=\"collect\"}"), Some(5.0));
    assert_eq!(value(&metrics, "stage_duration_seconds_count{stage=\"repair\"}"), Some(0.0));
}

#[test]
fn a_change_counts_by_its_outcome_and_a_plan_not_at_all() {
    let metrics = Metrics::new(&Zones::default());
    let proved =
        ReportedChange { time_to_truth_ms: Some(84_211), ..change("a.example.com", Outcome::Confirmed) };
    let planned =
        ReportedChange { time_to_truth_ms: Some(1000), ..change("b.example.com", Outcome::Planned) };
    let late = change("c.example.com", Outcome::Deferred);
    metrics.hear(&round(None, Some(report(vec![proved, planned, late], Vec::new(), &[]))));
    let of = |outcome: &str| value(&metrics, &format!("changes_total{{outcome=\"{outcome}\"}}"));
    assert_eq!(["confirmed", "deferred", "failed"].map(of), [1.0, 1.0, 0.0].map(Some));
    assert_eq!(of("planned"), None);
    let truth = ["count", "sum"].map(|end| value(&metrics, &format!("time_to_truth_seconds_{end}")));
    assert_eq!(truth, [1.0, 84.211].map(Some));
    let last = BTreeMap::from([(Stage::Repair, at(0) + SignedDuration::from_millis(500))]);
    metrics.succeeded(&last);
    let shown = value(&metrics, "last_success_timestamp_seconds{stage=\"repair\"}");
    assert_eq!(shown, Some(1_700_000_000.5));
    metrics.noticed(Outlet::Ping, true, 3);
    metrics.noticed(Outlet::Ping, false, 1);
    let pings = ["delivered", "failed"]
        .map(|result| value(&metrics, &format!("notices_total{{channel=\"ping\",result=\"{result}\"}}")));
    assert_eq!(pings, [3.0, 1.0].map(Some));
}

/// Two zones of one name are two series.
#[test]
fn the_zones_of_one_name_have_labels_of_their_own() {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
    let ids = [id.to_owned(), id.replace("dnsZones", "privateDnsZones")];
    let zones = Zones::new(ids.iter().map(|id| pure::domain::ZoneId::parse(id).unwrap())).unwrap();
    let labels: Vec<String> = Metrics::new(&zones).zones.into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, ["example.com", "private:example.com"]);
}
