//! How a run or a round went, as far as anybody is told.

use std::collections::BTreeSet;

use crate::round::{Round, Stage};
use crate::run::Ended;
use pure::domain::RecordType;
use pure::plan::report::{Report, Trigger};
use pure::plan::{BrakeKind, Reason, Skip};
use pure::story::{self, Line, News, Topic};

/// How a run or a round went.
#[derive(Debug)]
pub(super) struct Heard<'a> {
    /// The run's id.
    pub(super) run: &'a str,
    /// What started it.
    pub(super) trigger: Trigger,
    /// What the run says; nothing when it could not be made.
    pub(super) story: Vec<Line<'a>>,
    /// The stages that were entered, each with why it failed.
    pub(super) stages: Vec<(Stage, Option<String>)>,
    /// Names that brakes hold, or that rest on what could not be read.
    held: BTreeSet<(&'a str, RecordType)>,
    /// Whether there is a story.
    has_run: bool,
    /// Whether it saw only a part of what the logs hold.
    partial: bool,
    /// Whether the data was so old or so partial that nothing can be said.
    blind: bool,
}

impl<'a> Heard<'a> {
    /// A round of the clock.
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
        let entered = |stage: &Stage| round.durations.iter().any(|(entered, _)| entered == stage);
        let report = round.report();
        let stages = Stage::ALL.into_iter().filter(entered).map(|stage| (stage, fault(stage))).collect();
        let run = report.map_or(&round.run, |report| &report.run);
        let mut heard = Self::new(run, Trigger::Timer, report, stages);
        heard.blind |= round.facts.as_ref().is_some_and(|facts| facts.partial);
        heard
    }

    /// A run that an alert or a person started.
    pub(super) fn of_run(ended: &'a Ended) -> Self {
        let report = &ended.report;
        let troubles = ended.silence.iter().chain(&ended.log_troubles);
        let words: Vec<_> = troubles.map(|trouble| trouble.because.as_str()).collect();
        let trouble = (!words.is_empty()).then(|| words.join("; "));
        let stages = vec![(Stage::Evaluate, None), (Stage::Repair, trouble)];
        Self::new(&report.run, report.trigger, Some(report), stages)
    }

    /// A run that could not be made.
    pub(super) fn of_trouble(run: &'a str, trigger: Trigger, because: String) -> Self {
        Self::new(run, trigger, None, vec![(Stage::Evaluate, Some(because))])
    }

    fn new(
        run: &'a str,
        trigger: Trigger,
        report: Option<&'a Report>,
        stages: Vec<(Stage, Option<String>)>,
    ) -> Self {
        let is_held = |skip: &&Skip| matches!(skip.reason, Reason::Braked | Reason::Blind);
        let held = report.into_iter().flat_map(|report| report.skips.iter().filter(is_held));
        let blind = |report: &Report| report.brakes.iter().any(|brake| brake.brake == BrakeKind::Blind);
        Self {
            run,
            trigger,
            story: report.map(story::of).unwrap_or_default(),
            stages,
            held: held.map(|skip| (skip.name.as_str(), skip.record_type)).collect(),
            has_run: report.is_some(),
            partial: report.is_some_and(Report::is_partial),
            blind: report.is_some_and(blind),
        }
    }

    /// Nothing failed, and the data can be believed; brakes that hold what is suspicious are at work, not in trouble.
    pub(super) fn is_good(&self) -> bool {
        let went_wrong = |line: &Line<'_>| matches!(line, Line::Change(facts) if facts.went_wrong());
        self.stages.iter().all(|(_, fault)| fault.is_none())
            && !self.blind
            && self.is_whole()
            && !self.story.iter().any(went_wrong)
    }

    /// Whether it looked at everything: a person's run may be about a few names.
    fn is_whole(&self) -> bool {
        matches!(self.trigger, Trigger::Alert | Trigger::Timer)
    }

    /// What stands now, as far as the memory keeps it: of a person's run only that Azure answers.
    pub(super) fn standing(&self) -> Vec<Topic> {
        let failed = self.stages.iter().filter(|(_, fault)| fault.is_some());
        let failed = failed.map(|(stage, _)| Topic::Stage { stage: stage.as_str() });
        let story = self.story.iter().filter(|_| self.is_whole()).filter_map(Line::topic);
        failed.chain(story).collect()
    }

    /// Whether silence about a topic means that it is over.
    pub(super) fn looked(&self, topic: &Topic) -> bool {
        let looked = self.has_run && self.is_whole() && !self.partial;
        match topic {
            Topic::Brake { .. } => looked,
            Topic::Change { name, record_type, .. } => looked && !self.holds(name, *record_type),
            Topic::Stage { stage } => self.stages.iter().any(|(entered, _)| entered.as_str() == *stage),
            Topic::Configuration => true,
        }
    }

    /// Whether a brake, or what could not be read, kept the run from trying a change.
    fn holds(&self, name: &str, record_type: RecordType) -> bool {
        self.held.contains(&(name, record_type))
    }

    /// What the log tells: news, and of a person's run everything, since a person asked.
    pub(super) fn of_log(&self, news: &News) -> News {
        if self.is_whole() { news.clone() } else { News::all(self.story.iter().filter_map(Line::topic)) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::notices;
    use super::*;
    use crate::notify::Event;
    use pure::plan::report::{Intent, Via};
    use pure::plan::{About, Brake, Opens, Plan};
    use pure::story::Memory;

    const SURGE: (BrakeKind, About) = (BrakeKind::Surge, About::Volume);

    fn proxy(address: &str) -> (BrakeKind, About) {
        (BrakeKind::Converging, About::Address(address.parse().unwrap()))
    }

    fn report(brakes: &[(BrakeKind, About)], names: &[&str]) -> Report {
        let brake = |(brake, about): &(BrakeKind, About)| Brake {
            brake: *brake,
            zone: None,
            limit: 3,
            seen: Some(4),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            opens: Opens::Approve,
            because: "too many".to_owned(),
            about: *about,
        };
        let plan = Plan { brakes: brakes.iter().map(brake).collect(), ..Plan::default() };
        Report::of(plan, "run", Trigger::Timer, Intent::Apply, Via::RecordSet)
    }

    fn lines(
        memory: &mut Memory,
        trigger: Trigger,
        report: Option<&Report>,
        fault: Option<&str>,
    ) -> Vec<String> {
        let heard = Heard::new("run", trigger, report, vec![(Stage::Evaluate, fault.map(str::to_owned))]);
        let news = memory.take_in(heard.standing(), |topic| heard.looked(topic));
        notices::events(&heard, &news).iter().map(Event::line).collect()
    }

    #[test]
    fn what_stands_is_told_once_and_once_when_it_is_over() {
        let mut memory = Memory::default();
        let (surge, none) = (report(&[SURGE, SURGE], &["a.example.com"]), report(&[], &[]));
        let timer = Trigger::Timer;
        assert_eq!(lines(&mut memory, timer, Some(&surge), None), ["brake surge holds 1 name: too many"]);
        assert!(lines(&mut memory, timer, Some(&surge), None).is_empty());
        assert_eq!(lines(&mut memory, timer, None, Some("no answer")), ["evaluate failed: no answer"]);
        assert!(lines(&mut memory, timer, None, Some("still none")).is_empty());
        assert_eq!(lines(&mut memory, Trigger::Manual, Some(&none), None), ["over: evaluate failed"]);
        assert_eq!(lines(&mut memory, timer, Some(&none), None), ["over: brake surge"], "not over before");
        assert!(lines(&mut memory, timer, Some(&none), None).is_empty());
        assert_eq!(lines(&mut memory, timer, Some(&surge), None).len(), 1, "it holds anew");
    }

    #[test]
    fn a_second_proxy_is_told_and_more_names_behind_the_first_are_not() {
        let mut memory = Memory::default();
        let timer = Trigger::Timer;
        let one = report(&[proxy("203.0.113.1")], &["a"]);
        let more = report(&[proxy("203.0.113.1")], &["a", "b"]);
        let two = report(&[proxy("203.0.113.1"), proxy("203.0.113.2")], &["a", "b"]);
        assert_eq!(lines(&mut memory, timer, Some(&one), None).len(), 1);
        assert!(lines(&mut memory, timer, Some(&more), None).is_empty());
        assert_eq!(lines(&mut memory, timer, Some(&two), None).len(), 1);
        assert_eq!(lines(&mut memory, timer, Some(&more), None), ["over: brake converging for 203.0.113.2"]);
        let blind = |cause: &'static str| (BrakeKind::Blind, About::Cause(cause));
        assert_eq!(lines(&mut memory, timer, Some(&report(&[blind("silence")], &[])), None).len(), 2);
        let both = report(&[blind("silence"), blind("tag-sweep")], &[]);
        assert_eq!(lines(&mut memory, timer, Some(&both), None).len(), 1, "a second blindness");
    }

    #[test]
    fn a_partial_answer_says_of_nothing_that_it_is_over() {
        let mut memory = Memory::default();
        let timer = Trigger::Timer;
        assert_eq!(lines(&mut memory, timer, Some(&report(&[SURGE], &["a"])), None).len(), 1);
        let partial = report(&[(BrakeKind::Blind, About::Cause("partial"))], &[]);
        let told = lines(&mut memory, timer, Some(&partial), None);
        assert_eq!(told, ["brake blind: too many"], "the surge may stand");
        assert!(lines(&mut memory, timer, Some(&partial), None).is_empty());
        let over = lines(&mut memory, timer, Some(&report(&[], &[])), None);
        assert_eq!(over.len(), 2, "{over:?}");
    }

    #[test]
    fn a_person_hears_everything_and_the_memory_nothing_of_it() {
        let mut memory = Memory::default();
        let surge = report(&[SURGE], &["a"]);
        let heard = Heard::new("run", Trigger::Manual, Some(&surge), Vec::new());
        for _ in 0..2 {
            let news = memory.take_in(heard.standing(), |topic| heard.looked(topic));
            assert_eq!(heard.of_log(&news).begun.len(), 1);
        }
        assert_eq!(lines(&mut memory, Trigger::Timer, Some(&surge), None).len(), 1);
    }

    #[test]
    fn held_is_good_and_blind_is_not() {
        let good = |brakes: &[(BrakeKind, About)], trigger| {
            let report = report(brakes, &[]);
            Heard::new("run", trigger, Some(&report), Vec::new()).is_good()
        };
        assert!(good(&[], Trigger::Timer) && good(&[proxy("203.0.113.1")], Trigger::Alert));
        assert!(!good(&[(BrakeKind::Blind, About::Cause("partial"))], Trigger::Timer));
        assert!(!good(&[], Trigger::Manual), "a person's run says nothing about the clock");
    }
}
