//! Tests: how long rounds and sweeps wait for each other, after which answers, and which rows stay in doubt.

use std::slice;

use jiff::Timestamp;

use super::*;
use crate::collect::SweepReport;
use crate::config::Settings;
use crate::run::{Ended, Facts, NameCounts, Told, Trouble};
use pure::plan::Plan;
use pure::plan::report::{Intent, Report, RunResult, Trigger, Via};

/// A round in which nothing was done and nothing failed.
fn quiet() -> Round {
    Round {
        run: String::new(),
        facts: None,
        swept: None,
        ended: None,
        joined: None,
        settled: Vec::new(),
        warnings: Vec::new(),
        warned: None,
        faults: Vec::new(),
        durations: Vec::new(),
    }
}

fn failed(stage: Stage) -> Round {
    Round { faults: vec![FailedStage { stage, trouble: Trouble::new("no") }], ..quiet() }
}

/// A run of which no change landed.
fn in_vain() -> Ended {
    let mut report = Report::of(Plan::default(), "run", Trigger::Timer, Intent::Apply, Via::RecordSet);
    report.result = RunResult::Failed;
    let told = Told::default();
    Ended { report, silence: None, log_troubles: Vec::new(), read_troubles: Vec::new(), told }
}

#[test]
fn the_pause_grows_while_azure_cannot_be_asked_and_for_nothing_else() {
    assert!(is_unanswered(&failed(Stage::Evaluate)));
    for other in [quiet(), failed(Stage::Collect), failed(Stage::Repair)] {
        assert!(!is_unanswered(&other), "{other:?}");
    }
    let refused = Round { ended: Some(in_vain()), ..quiet() };
    assert!(!is_unanswered(&refused), "a lock is no outage");
}

#[test]
fn after_a_sweep_the_next_waits_for_its_marker_and_after_a_failed_one_longer_and_longer() {
    let mut sweeps = Sweeps::new(Duration::from_secs(60));
    let begin = Instant::now();
    assert!(sweeps.may_begin(begin));
    let mut pause = |round: &Round, snapshot_every: u64| {
        sweeps.hear(round, begin, Duration::from_secs(snapshot_every));
        let moment = sweeps.not_before.unwrap();
        assert!(sweeps.may_begin(moment) && !sweeps.may_begin(moment - Duration::from_nanos(1)));
        (moment - begin).as_secs()
    };
    let swept = Round { swept: Some(SweepReport::default()), ..quiet() };
    let refused = Round { swept: Some(SweepReport::default()), ..failed(Stage::Collect) };
    assert_eq!((pause(&swept, 1800), pause(&swept, 60)), (300, 30));
    assert_eq!((pause(&refused, 1800), pause(&refused, 1800)), (120, 240));
    assert_eq!(pause(&quiet(), 1800), 240, "a round that did not sweep says nothing of sweeps");
    assert_eq!((pause(&swept, 1800), pause(&refused, 1800)), (300, 120), "it begins anew");
}

#[test]
fn rounds_may_come_as_seldom_as_a_sweep_is_believed_and_no_more_seldom() {
    let variables = [
        ("DNS_ZONES", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com"),
        ("LOGS_WORKSPACE_IDS", "00000000-0000-0000-0000-000000000002"),
        ("LOGS_INGESTION_ENDPOINT", "https://rule.westeurope-1.ingest.monitor.azure.com"),
        ("LOGS_DCR_RULE_ID", "dcr-00000000000000000000000000000001"),
        ("POLICY_NAMES", "*"),
        ("SNAPSHOT_EVERY", "5m"),
    ];
    let settings = Settings::read(&variables.into_iter().collect()).unwrap();
    let may = |seconds| often_enough(Duration::from_secs(seconds), &settings.collect).is_ok();
    assert_eq!([60, 900, 901].map(may), [true, true, false]);
}

#[test]
fn only_a_run_that_saw_all_of_the_log_settles_what_was_in_doubt() {
    let [before, new] = ["not-owned", "flapping"].map(AuditKey::of);
    let seen = |partial: bool| {
        let at = Timestamp::UNIX_EPOCH;
        let names = NameCounts::default();
        Facts { at, newest_heartbeat: None, oldest_marker: None, names, partial, is_blind: partial }
    };
    let after = |partial: bool, doubtful: &[AuditKey]| {
        let mut ended = in_vain();
        ended.told.doubtful.extend_from_slice(doubtful);
        doubts(Round { facts: Some(seen(partial)), ended: Some(ended), ..quiet() }, vec![before.clone()])
    };
    assert_eq!(doubts(quiet(), vec![before.clone()]), slice::from_ref(&before), "nothing was asked");
    assert_eq!(
        after(false, slice::from_ref(&new)),
        slice::from_ref(&new),
        "a row that is missing was told anew"
    );
    assert_eq!(after(true, &[]), slice::from_ref(&before), "a part says nothing of the rest");
    assert_eq!(after(true, slice::from_ref(&before)), slice::from_ref(&before), "once, not twice");
}
