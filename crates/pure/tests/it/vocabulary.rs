//! The words of reports and tables, as the specification writes them: queries, alerts and workbooks rest on them.

use pure::plan::report::{Outcome, RunResult, Trigger, Via};
use pure::plan::{Action, BrakeKind};
use serde::Serialize;

/// Each value has this word in tables, and the same one in the report.
fn words<T: Serialize + Copy>(all: &[(T, &str)], as_str: impl Fn(T) -> &'static str) {
    for (value, word) in all {
        assert_eq!(as_str(*value), *word);
        assert_eq!(serde_json::to_value(value).unwrap(), *word);
    }
}

#[test]
fn every_word_is_that_of_the_specification() {
    let triggers = [
        (Trigger::Alert, "alert"),
        (Trigger::Timer, "timer"),
        (Trigger::Manual, "manual"),
        (Trigger::Cli, "cli"),
    ];
    words(&triggers, Trigger::as_str);
    let results = [
        (RunResult::InSync, "in-sync"),
        (RunResult::Planned, "planned"),
        (RunResult::Changed, "changed"),
        (RunResult::Held, "held"),
        (RunResult::Partial, "partial"),
        (RunResult::Failed, "failed"),
        (RunResult::Continues, "continues"),
        (RunResult::RetryLater, "retry-later"),
    ];
    words(&results, RunResult::as_str);
    let outcomes = [
        (Outcome::Planned, "planned"),
        (Outcome::Confirmed, "confirmed"),
        (Outcome::Unconfirmed, "unconfirmed"),
        (Outcome::Failed, "failed"),
        (Outcome::Conflict, "conflict"),
        (Outcome::Deferred, "deferred"),
    ];
    words(&outcomes, Outcome::as_str);
    words(&[(Via::RecordSet, "record-set"), (Via::Deployment, "deployment")], Via::as_str);
    words(&[(Action::Create, "create"), (Action::Update, "update")], Action::as_str);
    let brakes =
        [(BrakeKind::Converging, "converging"), (BrakeKind::Surge, "surge"), (BrakeKind::Blind, "blind")];
    words(&brakes, BrakeKind::as_str);
}
