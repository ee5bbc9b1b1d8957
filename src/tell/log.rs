//! What a run leaves in the log: one line for each run, and below it, where people read, what it did and why it did not.

use tracing::Level;

use crate::run::Ended;
use crate::telemetry::IN_WORDS;
use pure::plan::Skip;
use pure::plan::report::{Intent, Report, RunResult};
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
    if report.changes.is_empty() && report.brakes.is_empty() && !tells_skips {
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
