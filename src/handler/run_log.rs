//! What a run leaves in the log: one line for each run, and below it, where people read, what it did and why it did not.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tracing::Level;

use crate::run::{Ended, Told};
use crate::telemetry::IN_WORDS;
use pure::domain::ZoneId;
use pure::plan::report::{Outcome, Report, RunResult, Trigger};
use pure::plan::{Brake, BrakeKind, Skip};

/// The longest report that goes into a log line, in bytes; the platform cuts lines at 32 KiB.
const LOGGED: usize = 24 * 1024;
/// Lines of one kind below a run's own.
const LINES: usize = 100;

/// What a process has logged of what stands.
#[derive(Debug, Default)]
pub struct RunLog {
    /// The brakes of the newest run that looked at everything, with what they hold.
    brakes: Mutex<BTreeSet<Held>>,
}

type Held = (BrakeKind, Option<ZoneId>, BTreeSet<String>);

impl RunLog {
    /// Logs how a run ended: after a 202 nobody else hears it. The report stands in the line itself when there is
    /// something in it beyond the numbers, for machines; for people each change and whatever is news is a line.
    pub fn write(&self, ended: &Ended) {
        write(ended);
        in_words(&ended.report, &ended.told, &self.news(&ended.report));
    }

    /// The brakes that are new or hold other names than before; a person's run may be about a few names.
    fn news<'a>(&self, report: &'a Report) -> Vec<&'a Brake> {
        if !matches!(report.trigger, Trigger::Alert | Trigger::Timer) {
            return report.brakes.iter().collect();
        }
        let held = |brake: &Brake| (brake.brake, brake.zone.clone(), brake.names.clone());
        let now = report.brakes.iter().map(held).collect();
        let before = {
            let mut told = self.brakes.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *told, now)
        };
        report.brakes.iter().filter(|brake| !before.contains(&held(brake))).collect()
    }
}

fn write(ended: &Ended) {
    let (report, told) = (&ended.report, &ended.told);
    let (run, trigger, result) = (&report.run, report.trigger.as_str(), report.result.as_str());
    let (duration_ms, document) = (report.duration_ms, document(report, told));
    let (report_text, words) = (document.as_deref(), line(report));
    // The level of an event is a constant.
    macro_rules! told {
        ($level:expr) => {
            tracing::event!($level, run, trigger, result, duration_ms, report = report_text, "{words}")
        };
    }
    match level(report) {
        Level::ERROR => told!(Level::ERROR),
        Level::WARN => told!(Level::WARN),
        _ => told!(Level::INFO),
    }
}

/// The run in one line.
pub(super) fn line(report: &Report) -> String {
    let (run, trigger, result) = (&report.run, report.trigger.as_str(), report.result.as_str());
    let mut brakes: Vec<_> = report.brakes.iter().map(|brake| brake.brake.as_str()).collect();
    brakes.dedup();
    let braked = match (report.result, brakes.is_empty()) {
        (_, true) => String::new(),
        (RunResult::Held, false) => format!(" by {}", brakes.join(", ")),
        (_, false) => format!(", part of it held by {}", brakes.join(", ")),
    };
    let mut line = format!("run {run} ({trigger}): {result}{braked}, {}", report.summary);
    let missed = report.first_failure();
    let unclaimed = report.unclaimed.iter().map(|unclaimed| unclaimed.because.clone());
    for words in missed.into_iter().chain(unclaimed.take(LINES)) {
        line.push_str("; ");
        line.push_str(words.trim_end_matches('.'));
    }
    super::one_line(&line)
}

fn level(report: &Report) -> Level {
    match report.result {
        // A name that is nobody's is a mistake of who asked.
        RunResult::Failed if report.first_failure().is_some() => Level::ERROR,
        RunResult::Failed | RunResult::Held | RunResult::Partial => Level::WARN,
        _ if report.brakes.is_empty() => Level::INFO,
        _ => Level::WARN,
    }
}

/// The report as JSON, none when the line says it all. One that is too long goes without its skips.
fn document(report: &Report, told: &Told) -> Option<String> {
    let is_quiet = report.changes.is_empty() && report.brakes.is_empty() && told.skips.is_empty();
    if is_quiet {
        return None;
    }
    let text = |report: &Report| serde_json::to_string(report).ok().filter(|text| text.len() <= LOGGED);
    text(report).or_else(|| text(&Report { skips: Vec::new(), ..report.clone() }))
}

fn in_words(report: &Report, told: &Told, brakes: &[&Brake]) {
    let mut is_first = true;
    for change in report.changes.iter().take(LINES) {
        match change.outcome {
            Outcome::Planned | Outcome::Confirmed | Outcome::Deferred => {
                tracing::info!(target: IN_WORDS, "{}", super::one_line(&change.words()));
            }
            Outcome::Unconfirmed | Outcome::Failed | Outcome::Conflict => {
                // The reason of the first stands in the run's own line.
                let is_told = std::mem::replace(&mut is_first, false);
                let words = if is_told { change.without_detail().words() } else { change.words() };
                tracing::warn!(target: IN_WORDS, "{}", super::one_line(&words));
            }
        }
    }
    more(report.changes.len(), "changes");
    for brake in brakes {
        tracing::warn!(target: IN_WORDS, "{}", super::one_line(&brake.words()));
    }
    let is_news = |skip: &&Skip| !report.is_told_by_a_brake(skip) && told.is_new(skip);
    let new: Vec<_> = report.skips.iter().filter(is_news).collect();
    for skip in new.iter().take(LINES) {
        let (name, record_type, reason) = (skip.name.escape_debug(), skip.record_type, skip.reason);
        let because = super::one_line(&skip.because);
        tracing::info!(target: IN_WORDS, "{name} {record_type} is left as it is, {reason}: {because}");
    }
    more(new.len(), "new skips");
}

fn more(count: usize, what: &str) {
    if let Some(rest) = count.checked_sub(LINES).filter(|rest| *rest > 0) {
        tracing::info!(target: IN_WORDS, "and {rest} more {what}");
    }
}
