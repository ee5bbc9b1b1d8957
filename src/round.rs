//! One round of whatever keeps time, the Functions host's timer or our own clock: ask, sweep what is due, run.

mod strangers;
mod warned;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::collect::{self, SweepProgress, SweepReport};
use crate::config::Mode;
use crate::run::{AuditKey, Ended, Facts, Installation, Observed, Request, Trouble, observe};
use jiff::Timestamp;
use pure::domain::NameSet;
use pure::plan::AuditedReason;
use pure::plan::History;
use pure::plan::report::{Report, RunResult, Trigger, Warning};
use pure::story;

/// The parts of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The sweep.
    Collect,
    /// The questions to the logs.
    Evaluate,
    /// The run: plan, write, prove, tell the log.
    Repair,
}

impl Stage {
    /// Every stage, in its order.
    pub const ALL: [Self; 3] = [Self::Collect, Self::Evaluate, Self::Repair];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Evaluate => "evaluate",
            Self::Repair => "repair",
        }
    }
}

/// Whether a round sweeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Not in this one.
    Not,
    /// When the newest sweep is older than `SNAPSHOT_EVERY`.
    WhenDue,
    /// Whatever its age: a person asked.
    Now,
}

/// What is asked of a round.
#[derive(Clone, Debug)]
pub struct Orders {
    /// Whether to sweep.
    pub sweep: Sweep,
    /// When all of it must have ended; none where its stages' own deadlines are enough.
    pub last: Option<Instant>,
    /// Audit rows of earlier rounds of which nobody knows whether the log took them.
    pub doubtful: Vec<AuditKey>,
    /// When cancelled, what only reads is broken off, and no run begins.
    pub stop: CancellationToken,
}

/// A stage that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedStage {
    /// Which one.
    pub stage: Stage,
    /// Why.
    pub trouble: Trouble,
}

impl FailedStage {
    /// The questions to the logs were not answered.
    #[must_use]
    pub fn evaluate(trouble: Trouble) -> Self {
        Self { stage: Stage::Evaluate, trouble }
    }

    /// The run could not be made.
    #[must_use]
    pub fn repair(trouble: Trouble) -> Self {
        Self { stage: Stage::Repair, trouble }
    }
}

/// How a round went.
#[derive(Debug)]
pub struct Round {
    /// The id that its sweep and its run share.
    pub run: String,
    /// What the newest evaluation says; none when it failed.
    pub facts: Option<Facts>,
    /// The sweep, if one was due.
    pub swept: Option<SweepReport>,
    /// The run; none when it was not to be made, or could not.
    pub ended: Option<Ended>,
    /// The report of the run of somebody else that did this round's work.
    pub joined: Option<Arc<Report>>,
    /// Rows of [`Orders::doubtful`] that the log holds.
    pub settled: Vec<AuditKey>,
    /// What is wrong with the installation itself, and was not told within the day.
    pub warnings: Vec<Warning>,
    /// The warnings that the log remembers, and when they were told; none where it does not say all that it knows.
    pub warned: Option<BTreeMap<AuditedReason, Timestamp>>,
    /// What failed, in the order in which it did.
    pub faults: Vec<FailedStage>,
    /// How long each stage took, as often as it was entered.
    pub durations: Vec<(Stage, Duration)>,
}

/// How the run of a round was made.
#[derive(Debug)]
pub enum Made {
    /// As a run of its own.
    Own(Box<Ended>),
    /// By a run of somebody else, which waited, did this one's work as well, and has told about it.
    Joined(Arc<Report>),
}

impl Round {
    /// What the run says, whoever made it.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.ended.as_ref().map(|ended| &ended.report).or(self.joined.as_deref())
    }

    /// Whether a stage failed.
    #[must_use]
    pub fn failed(&self, stage: Stage) -> bool {
        let run_failed = stage == Stage::Repair && self.run_failed().is_some();
        run_failed || self.faults.iter().any(|fault| fault.stage == stage)
    }

    /// All that failed, a run whose changes all failed included.
    #[must_use]
    pub fn complaints(&self) -> Vec<FailedStage> {
        let run = self
            .run_failed()
            .map(|because| FailedStage { stage: Stage::Repair, trouble: Trouble::new(because) });
        self.faults.iter().cloned().chain(run).collect()
    }

    /// A run of which nothing is confirmed, with its first change that went wrong. A name that somebody whom the round joined
    /// has mistyped fails that call, and nothing of the round.
    fn run_failed(&self) -> Option<String> {
        let report = self.report().filter(|report| report.result == RunResult::Failed)?;
        Some(format!("run {} failed: {}", report.run, story::first_failure(report)?))
    }

    /// What was done, in words.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let swept = self.swept.as_ref().map(swept_words);
        let ran = self
            .report()
            .map(|report| format!("run {}: {}, {}", report.run, report.result.as_str(), report.summary));
        swept.into_iter().chain(ran).collect()
    }

    fn fault(&mut self, stage: Stage, trouble: Trouble) {
        self.faults.push(FailedStage { stage, trouble });
    }

    fn took(&mut self, stage: Stage, since: Instant) {
        self.durations.push((stage, since.elapsed()));
    }

    /// Asks the logs, for a run that begins now.
    async fn ask(
        &mut self,
        installation: &Installation,
        request: &Request,
        last: Option<Instant>,
    ) -> Option<Observed> {
        let begin = Instant::now();
        let deadline = by(begin + installation.settings.run.deadline, last);
        let observed = observe(installation, request, deadline).await;
        self.took(Stage::Evaluate, begin);
        match observed {
            Ok(observed) => {
                let facts = observed.facts(&installation.settings.policy);
                self.warned = (!facts.partial).then(|| warned::remembered(observed.history()));
                self.facts = Some(facts);
                Some(observed)
            }
            Err(trouble) => {
                self.facts = None;
                self.warned = None;
                self.fault(Stage::Evaluate, trouble);
                None
            }
        }
    }

    /// Sweeps the parts whose newest markers are old, or all of them without a history.
    async fn sweep(&mut self, installation: &Installation, history: Option<&History>, last: Option<Instant>) {
        let begin = Instant::now();
        let settings = &installation.settings;
        let deadline = by(begin + settings.collect.deadline, last);
        match installation.clients.until(deadline) {
            Ok(azure) => {
                let swept =
                    collect::run(&azure, settings, history, &self.run, &SweepProgress::default()).await;
                let (rows, duration_ms) = (swept.rows(), swept.duration_ms);
                tracing::info!(run = self.run, rows, duration_ms, "{}", swept_words(&swept));
                for (because, logged) in swept.failures().into_iter().zip(swept.failures_logged()) {
                    self.fault(Stage::Collect, Trouble::told(because, logged));
                }
                for part in &swept.parts {
                    if let Some(marker) = part.marker {
                        installation.own_sweeps.learn(&part.part, marker);
                    }
                }
                self.swept = Some(swept);
            }
            Err(error) => self.fault(Stage::Collect, error.into()),
        }
        self.took(Stage::Collect, begin);
    }
}

/// One round, and beside it a look at our own rights and one at what private zones hide, where they are due, for which no run waits. `make` makes its run, of which it is given what was asked and what was observed; whoever makes runs for others
/// as well says there when its turn has come. A sweep, which may take minutes, keeps no run away.
pub async fn round<F>(
    installation: &Installation,
    orders: &Orders,
    make: impl FnOnce(Request, Observed) -> F,
) -> Round
where
    F: Future<Output = Result<Made, FailedStage>>,
{
    let looking = installation.self_check.look(&installation.clients, &installation.settings);
    let looking = orders.stop.run_until_cancelled(looking);
    let viewing = installation.daily_look.look(&installation.clients, &installation.settings.policy);
    let viewing = orders.stop.run_until_cancelled(viewing);
    let (mut round, looked, viewed) =
        tokio::join!(Box::pin(stages(installation, orders, make)), Box::pin(looking), Box::pin(viewing));
    // What a sweep has found of others is told once a day, too.
    let strange = std::mem::take(&mut round.warnings);
    let found =
        warned::Found { looked: looked.flatten(), hidden: viewed.flatten().unwrap_or_default(), strange };
    let run = round.run.clone();
    round.warnings = warned::news(installation, found, round.warned.as_ref(), &run).await;
    if let Some(ended) = &mut round.ended {
        ended.report.warnings.clone_from(&round.warnings);
    }
    round
}

async fn stages<F>(
    installation: &Installation,
    orders: &Orders,
    make: impl FnOnce(Request, Observed) -> F,
) -> Round
where
    F: Future<Output = Result<Made, FailedStage>>,
{
    let settings = &installation.settings;
    let last = orders.last;
    let request = Request::of_names(Trigger::Timer, NameSet::default(), settings.run.mode == Mode::Apply);
    let mut round = Round {
        run: request.run.clone(),
        facts: None,
        swept: None,
        ended: None,
        joined: None,
        settled: Vec::new(),
        warnings: Vec::new(),
        warned: None,
        faults: Vec::new(),
        durations: Vec::new(),
    };
    let stop = &orders.stop;
    let mut seen = stop.run_until_cancelled(round.ask(installation, &request, last)).await.flatten();
    if let Some(seen) = &seen {
        round.settled = orders.doubtful.iter().filter(|key| key.is_told(seen.history())).cloned().collect();
    }
    let believed = seen.as_ref().map(|seen| installation.own_sweeps.believed(seen.history(), clock::now()));
    let is_due = match orders.sweep {
        Sweep::Not => false,
        // What is due only the log can tell, and what this process has swept itself.
        Sweep::WhenDue => {
            believed.as_ref().is_some_and(|history| collect::is_due(settings, history, clock::now()))
        }
        Sweep::Now => true,
    };
    if is_due {
        // A part of a history neither tells what is due, nor what must be found again.
        let is_part = round.facts.as_ref().is_none_or(|facts| facts.partial);
        let history = believed.as_ref().filter(|_| orders.sweep == Sweep::WhenDue && !is_part);
        if stop.run_until_cancelled(Box::pin(round.sweep(installation, history, last))).await.is_none() {
            return round;
        }
        let run = round.run.clone();
        let strange = stop.run_until_cancelled(strangers::found(installation, &run));
        let asked = stop.run_until_cancelled(round.ask(installation, &request, last));
        let (asked, strange) = tokio::join!(asked, strange);
        seen = asked.flatten();
        round.warnings = strange.unwrap_or_default();
    }
    let Some(seen) = seen else { return round };
    if settings.run.on_timer && !stop.is_cancelled() {
        let begin = Instant::now();
        match make(request, seen).await {
            Ok(Made::Own(ended)) => {
                for trouble in ended.silence.iter().chain(&ended.log_troubles) {
                    round.fault(Stage::Repair, trouble.clone());
                }
                round.ended = Some(*ended);
            }
            Ok(Made::Joined(report)) => {
                if report.result == RunResult::RetryLater {
                    let because =
                        format!("run {} had no answer from Azure; its report says of what", report.run);
                    round.fault(Stage::Repair, Trouble::new(because));
                }
                round.joined = Some(report);
            }
            Err(failed) => round.faults.push(failed),
        }
        round.took(Stage::Repair, begin);
    }
    round
}

/// A stage's own deadline, or that of the whole round where it comes first.
fn by(deadline: Instant, last: Option<Instant>) -> Instant {
    last.map_or(deadline, |last| last.min(deadline))
}

fn swept_words(swept: &SweepReport) -> String {
    let complete = swept.parts.iter().filter(|part| part.marker.is_some()).count();
    format!("swept {complete} of {} parts, {} rows", swept.parts.len(), swept.rows())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_has_its_own_time_unless_the_whole_round_ends_before() {
        let now = Instant::now();
        let [soon, late] = [10, 3600].map(|seconds| now + Duration::from_secs(seconds));
        assert_eq!((by(late, None), by(late, Some(soon)), by(soon, Some(late))), (late, soon, soon));
    }
}
