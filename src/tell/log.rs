//! What a run leaves in the log: one line for each run, and below it, where people read, what it did and why it did not.

use tracing::Level;

use crate::run::Ended;
use crate::telemetry::IN_WORDS;
use pure::plan::Skip;
use pure::plan::report::{Intent, Report, RunResult, Warning};
use pure::shown::one_line;
use pure::story::{self, Line, News};

/// The longest report that goes into a log line, in bytes; the platform cuts lines at 32 KiB.
const LOGGED: usize = 24 * 1024;
/// Lines of one kind below a run's own.
const LINES: usize = 100;
/// Names in a run's own line.
const NAMES: usize = 10;

/// Logs how a run ended: after a 202 nobody else hears it. The report stands in the line itself when there is something in
/// it beyond the numbers, for machines; for people each change and whatever is news is a line.
pub(super) fn write(ended: &Ended, news: &News) {
    let (report, told) = (&ended.report, &ended.told);
    let (run, trigger, result) = (&report.run, report.trigger.as_str(), report.result.as_str());
    // The log knows what a run that writes has told it; of one that only plans the memory of the process does.
    let is_new = |skip: &Skip| match report.mode {
        Intent::Apply => told.is_new(skip),
        Intent::Plan => skip.audited().is_some_and(|key| news.skips.contains(&key)),
    };
    let tells_skips = report.skips.iter().any(is_new);
    let (duration_ms, document) = (report.duration_ms, document(report, tells_skips));
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
    in_words(report, news, is_new);
}

/// Logs what is wrong with the installation itself, a line each.
pub(super) fn warn(run: &str, warnings: &[Warning]) {
    for Warning { warning, subject, because, .. } in warnings {
        tracing::warn!(run, warning = warning.as_str(), subject, "{}", one_line(because));
    }
}

/// The run in one line.
#[must_use]
pub fn line(report: &Report) -> String {
    let (run, trigger, result) = (&report.run, report.trigger.as_str(), report.result.as_str());
    let mut brakes: Vec<_> = report.brakes.iter().map(|brake| brake.brake.as_str()).collect();
    brakes.dedup();
    let braked = match (report.result, brakes.is_empty()) {
        (_, true) => String::new(),
        (RunResult::Held, false) => format!(" by {}", brakes.join(", ")),
        (_, false) => format!(", part of it held by {}", brakes.join(", ")),
    };
    let mut line = format!("run {run} ({trigger}): {result}{braked}, {}", report.summary);
    if !report.unclaimed.is_empty() {
        let names: Vec<_> = report.unclaimed.iter().map(|unclaimed| unclaimed.name.as_str()).collect();
        let more = names.len().saturating_sub(NAMES);
        line.push_str(&format!("; claimed by nobody: {}", names[..names.len() - more].join(", ")));
        if more > 0 {
            line.push_str(&format!(" and {more} more"));
        }
    }
    if let Some(failure) = story::first_failure(report) {
        line.push_str(&format!("; {failure}"));
    }
    one_line(&line)
}

fn level(report: &Report) -> Level {
    match report.result {
        // A name that is nobody's is a mistake of who asked.
        RunResult::Failed if story::first_failure(report).is_some() => Level::ERROR,
        RunResult::RetryLater => Level::ERROR,
        RunResult::Failed | RunResult::Held | RunResult::Partial => Level::WARN,
        _ if report.brakes.is_empty() => Level::INFO,
        _ => Level::WARN,
    }
}

/// The report as JSON, none when the line says it all. One that is too long goes without its skips.
fn document(report: &Report, tells_skips: bool) -> Option<String> {
    let is_quiet = report.changes.is_empty() && report.brakes.is_empty() && report.warnings.is_empty();
    if is_quiet && !tells_skips {
        return None;
    }
    let text = |report: &Report| serde_json::to_string(report).ok().filter(|text| text.len() <= LOGGED);
    text(report).or_else(|| text(&Report { skips: Vec::new(), ..report.clone() }))
}

fn in_words(report: &Report, news: &News, is_new: impl Fn(&Skip) -> bool) {
    let story = story::of(report);
    let is_news = |line: &&Line<'_>| line.topic().is_none_or(|topic| news.begun.contains(&topic));
    for unclaimed in story.iter().filter(|line| matches!(line, Line::Unclaimed(_))).take(LINES) {
        tracing::warn!(target: IN_WORDS, "{}", one_line(&unclaimed.to_string()));
    }
    let mut is_first = true;
    let changes: Vec<_> =
        story.iter().filter(|line| matches!(line, Line::Change(_))).filter(is_news).collect();
    for line in changes.iter().take(LINES) {
        match line {
            // The reason of the first that went wrong stands in the run's own line.
            Line::Change(facts) if facts.went_wrong() && std::mem::replace(&mut is_first, false) => {
                tracing::warn!(target: IN_WORDS, "{}", one_line(&facts.without_detail().to_string()));
            }
            Line::Change(facts) if facts.went_wrong() => {
                tracing::warn!(target: IN_WORDS, "{}", one_line(&facts.to_string()));
            }
            line => tracing::info!(target: IN_WORDS, "{}", one_line(&line.to_string())),
        }
    }
    more(changes.len(), "changes");
    for brake in story.iter().filter(|line| matches!(line, Line::Brake(_))).filter(is_news) {
        tracing::warn!(target: IN_WORDS, "{}", one_line(&brake.to_string()));
    }
    let tells = |line: &&Line<'_>| matches!(line, Line::Skip(skip) if is_new(skip));
    let skips: Vec<_> = story.iter().filter(tells).collect();
    for skip in skips.iter().take(LINES) {
        tracing::info!(target: IN_WORDS, "{}", one_line(&skip.to_string()));
    }
    more(skips.len(), "new skips");
}

fn more(count: usize, what: &str) {
    if let Some(rest) = count.checked_sub(LINES).filter(|rest| *rest > 0) {
        tracing::info!(target: IN_WORDS, "and {rest} more {what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pure::domain::RecordType;
    use pure::plan::report::{Trigger, Via};
    use pure::plan::{Blindness, Brake, Plan, Why};

    fn report(result: RunResult, brakes: usize, skips: usize) -> Report {
        let brakes = (0..brakes).map(|_| Brake::blind(&Blindness::NoTagSweep, None, [].into())).collect();
        let why = Why::Blind { cause: Blindness::NoTagSweep };
        let skip = |index: usize| Skip::without_row(format!("n{index}"), RecordType::A, "/m", &why);
        let plan = Plan { brakes, skips: (0..skips).map(skip).collect(), ..Plan::default() };
        let report = Report::of(plan, "run", Trigger::Timer, Intent::Apply, Via::RecordSet);
        Report { result, ..report }
    }

    #[test]
    fn a_line_is_as_loud_as_what_it_tells() {
        let of = |result, brakes| level(&report(result, brakes, 0));
        assert_eq!(of(RunResult::RetryLater, 0), Level::ERROR);
        for result in [RunResult::Held, RunResult::Partial, RunResult::Failed] {
            assert_eq!(of(result, 0), Level::WARN, "{result:?}");
        }
        for result in [RunResult::InSync, RunResult::Changed, RunResult::Planned] {
            assert_eq!((of(result, 0), of(result, 1)), (Level::INFO, Level::WARN), "{result:?}");
        }
    }

    #[test]
    fn a_line_says_whether_a_brake_holds_all_or_a_part() {
        assert!(line(&report(RunResult::Held, 2, 0)).contains("held by blind, "));
        let part = line(&report(RunResult::Changed, 1, 0));
        assert!(part.contains("changed, part of it held by blind, "), "{part}");
        assert!(!line(&report(RunResult::Changed, 0, 0)).contains("held"));
    }

    #[test]
    fn a_report_that_is_too_long_goes_without_its_skips() {
        let whole = |skips| document(&report(RunResult::Held, 1, skips), true).unwrap();
        assert!(whole(1).contains("\"n0\""));
        let long = whole(1000);
        assert!(long.len() <= LOGGED && long.contains("\"brakes\":[{") && !long.contains("\"n0\""), "{long}");
        assert_eq!(document(&report(RunResult::InSync, 0, 1), false), None, "the line says it all");
    }
}
