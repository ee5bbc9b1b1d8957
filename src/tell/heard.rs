//! How a run or a round went, as far as anybody is told.

use std::collections::BTreeSet;

use super::judged::Judged;
use crate::round::{FailedStage, Round, Stage};
use crate::run::{Ended, Trouble};
use pure::plan::report::{Intent, Report, Trigger, Warning};
use pure::plan::{AuditedReason, Skip};
use pure::story::{self, Line, News, Topic};

/// How a run or a round went.
#[derive(Debug)]
pub(super) struct Heard<'a> {
    /// The run's id.
    pub(super) run: &'a str,
    /// What started it.
    pub(super) trigger: Trigger,
    /// What the run says; nothing when it could not be made, or is told by somebody else.
    pub(super) story: Vec<Line<'a>>,
    /// The stages that were entered, each with why it failed.
    pub(super) stages: Vec<(Stage, Option<String>)>,
    /// What could not be read, each with why: names rest on it.
    pub(super) unread: Vec<(Topic, &'a str)>,
    /// What is wrong with the installation itself, and news.
    pub(super) warnings: &'a [Warning],
    /// The run that the story is of.
    report: Option<&'a Report>,
    /// What that run could judge.
    judged: Judged<'a>,
    /// Whether something could not be read, or is too old or too partial to say anything.
    is_blind: bool,
    /// Whether the run is told by somebody else.
    is_joined: bool,
}

impl<'a> Heard<'a> {
    /// A round of the clock. The story of a run that it joined is told by whoever made that.
    pub(super) fn of_round(round: &'a Round) -> Self {
        let fault = |stage: Stage| {
            let words: Vec<_> = round
                .faults
                .iter()
                .filter(|fault| fault.stage == stage)
                .map(|fault| fault.trouble.because.as_str())
                .collect();
            (!words.is_empty()).then(|| words.join("; "))
        };
        let is_entered = |stage: Stage| round.durations.iter().any(|(entered, _)| *entered == stage);
        let stages = Stage::ALL.into_iter().map(|stage| (stage, fault(stage))).filter(|(stage, fault)| {
            // A run that was not made, or was made by somebody else, says nothing of what our own would have met.
            let is_ours = *stage != Stage::Repair || round.ended.is_some();
            fault.is_some() || is_entered(*stage) && is_ours
        });
        let own = round.ended.as_ref();
        let run = own.map_or(&round.run, |ended| &ended.report.run);
        let mut heard = Self::new(run, Trigger::Timer, own.map(|ended| &ended.report), stages.collect());
        if let Some(ended) = own {
            heard.cannot_read(&ended.read_troubles);
        }
        heard.is_blind |= round.facts.as_ref().is_some_and(|facts| facts.is_blind);
        heard.is_joined = round.joined.is_some();
        heard.warnings = &round.warnings;
        heard
    }

    /// A run that an alert or a person started.
    pub(super) fn of_run(ended: &'a Ended) -> Self {
        let report = &ended.report;
        let troubles = ended.silence.iter().chain(&ended.log_troubles);
        let words: Vec<_> = troubles.map(|trouble| trouble.because.as_str()).collect();
        let trouble = (!words.is_empty()).then(|| words.join("; "));
        let mut stages = vec![(Stage::Evaluate, None)];
        // A person's run about a name that is right writes nothing: that it met no trouble says nothing of the log.
        if trouble.is_some() || is_whole(report.trigger) || ended.told.changes > 0 {
            stages.push((Stage::Repair, trouble));
        }
        let mut heard = Self::new(&report.run, report.trigger, Some(report), stages);
        heard.cannot_read(&ended.read_troubles);
        heard
    }

    fn cannot_read(&mut self, troubles: &'a [Trouble]) {
        self.is_blind |= !troubles.is_empty();
        let topics = troubles.iter().filter_map(|trouble| Some((trouble.topic()?, trouble.because.as_str())));
        self.unread.extend(topics);
    }

    /// A run that could not be made. What a person's plan cannot read is told to that person.
    pub(super) fn of_trouble(run: &'a str, trigger: Trigger, writes: bool, failed: &FailedStage) -> Self {
        let because = || Some(failed.trouble.because.clone());
        let mut stages = Vec::new();
        match failed.stage {
            Stage::Collect | Stage::Evaluate => stages.push((failed.stage, because())),
            Stage::Repair => {
                stages.push((Stage::Evaluate, None));
                if writes || is_whole(trigger) {
                    stages.push((Stage::Repair, because()));
                }
            }
        }
        Self::new(run, trigger, None, stages)
    }

    fn new(
        run: &'a str,
        trigger: Trigger,
        report: Option<&'a Report>,
        stages: Vec<(Stage, Option<String>)>,
    ) -> Self {
        let judged = report.map(Judged::of).unwrap_or_default();
        let is_blind = judged.is_blind();
        let story = report.map(story::of).unwrap_or_default();
        Self {
            run,
            trigger,
            story,
            stages,
            unread: Vec::new(),
            warnings: &[],
            report,
            judged,
            is_blind,
            is_joined: false,
        }
    }

    /// Nothing failed, and the data can be believed; brakes that hold what is suspicious are at work, not in trouble. Of a
    /// run that was joined its owner says so.
    pub(super) fn is_good(&self) -> bool {
        let went_wrong = |line: &Line<'_>| matches!(line, Line::Change(facts) if facts.went_wrong());
        self.stages.iter().all(|(_, fault)| fault.is_none())
            && !self.is_blind
            && !self.is_joined
            && self.is_whole()
            && !self.story.iter().any(went_wrong)
    }

    /// Whether it looked at everything: a person's run may be about a few names.
    pub(super) fn is_whole(&self) -> bool {
        is_whole(self.trigger)
    }

    /// What stands now, as far as the memory keeps it: of a person's run only that Azure answers.
    pub(super) fn standing(&self) -> Vec<Topic> {
        let failed = self.stages.iter().filter(|(_, fault)| fault.is_some());
        let failed = failed.map(|(stage, _)| Topic::Stage { stage: stage.as_str() });
        let story = self.story.iter().filter(|_| self.is_whole()).filter_map(Line::topic);
        let unread = self.unread.iter().filter(|_| self.is_whole()).map(|(topic, _)| topic.clone());
        failed.chain(story).chain(unread).collect()
    }

    /// Whether silence about a topic means that it is over.
    pub(super) fn looked(&self, topic: &Topic) -> bool {
        match topic {
            Topic::Brake { .. } | Topic::Change { .. } | Topic::Reading { .. } => {
                self.report.is_some() && self.is_whole() && self.judged.could(topic)
            }
            Topic::Stage { stage } => self.stages.iter().any(|(entered, _)| entered.as_str() == *stage),
        }
    }

    /// The skips of a run that writes nothing, as far as a run that writes would tell the log of them; none of any other
    /// run, whose audit knows which are new.
    pub(super) fn skips_of_plan(&self) -> Option<BTreeSet<AuditedReason>> {
        let report = self.report.filter(|report| report.mode == Intent::Plan)?;
        let counts = |skip: &&Skip| skip.seen.as_ref().is_some_and(|seen| seen.actionable);
        Some(report.skips.iter().filter(counts).filter_map(Skip::audited).collect())
    }

    /// What the log tells: news, and of a person's run everything, since a person asked.
    pub(super) fn of_log(&self, news: &News) -> News {
        if self.is_whole() {
            return news.clone();
        }
        let all = News::all(self.story.iter().filter_map(Line::topic));
        News { skips: news.skips.clone(), ..all }
    }
}

/// Whether such runs look at everything.
fn is_whole(trigger: Trigger) -> bool {
    matches!(trigger, Trigger::Alert | Trigger::Timer)
}

#[cfg(test)]
mod tests;
