//! What has been told and still stands: it is not told again until it is over.

use std::collections::{BTreeMap, BTreeSet};

use super::notice::Event;
use crate::round::{Round, Stage};
use crate::run::Ended;
use pure::domain::{ZoneId, join_addresses};
use pure::plan::BrakeKind;
use pure::plan::report::{Outcome, Report, Trigger};

/// How a run or a round went, as far as people care.
#[derive(Debug)]
pub struct Heard<'a> {
    /// The run's id.
    pub run: &'a str,
    /// What started it.
    pub trigger: Trigger,
    /// What it says about itself; none when it could not be made.
    pub report: Option<&'a Report>,
    /// The stages that were entered, each with why it failed.
    pub stages: Vec<(Stage, Option<String>)>,
    /// Whether the data was so old or so partial that nothing can be said.
    pub blind: bool,
}

impl<'a> Heard<'a> {
    /// A round of the clock.
    #[must_use]
    pub fn of_round(round: &'a Round) -> Self {
        let fault = |stage: Stage| {
            let words: Vec<_> = round
                .faults
                .iter()
                .filter(|fault| fault.stage == stage)
                .map(|fault| fault.because.as_str())
                .collect();
            (!words.is_empty()).then(|| words.join("; "))
        };
        let entered = |stage: &Stage| round.durations.iter().any(|(entered, _)| entered == stage);
        let report = round.ended.as_ref().map(|ended| &ended.report);
        Self {
            run: &round.run,
            trigger: Trigger::Timer,
            report,
            stages: Stage::ALL.into_iter().filter(entered).map(|stage| (stage, fault(stage))).collect(),
            blind: is_blind(report) || round.facts.as_ref().is_some_and(|facts| facts.partial),
        }
    }

    /// A run that an alert or a person started.
    #[must_use]
    pub fn of_run(ended: &'a Ended) -> Self {
        let report = &ended.report;
        let trouble = (!ended.log_troubles.is_empty()).then(|| ended.log_troubles.join("; "));
        Self {
            run: &report.run,
            trigger: report.trigger,
            report: Some(report),
            stages: vec![(Stage::Evaluate, None), (Stage::Repair, trouble)],
            blind: is_blind(Some(report)),
        }
    }

    /// A run that could not be made.
    #[must_use]
    pub fn of_trouble(run: &'a str, trigger: Trigger, because: String) -> Self {
        Self { run, trigger, report: None, stages: vec![(Stage::Evaluate, Some(because))], blind: false }
    }

    /// Nothing failed, and the data can be believed; brakes that hold what is suspicious are at work, not in trouble.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let changes = self.report.map(|report| report.changes.as_slice()).unwrap_or_default();
        self.stages.iter().all(|(_, fault)| fault.is_none())
            && !self.blind
            && self.is_whole()
            && !changes.iter().any(|change| is_failure(change.outcome))
    }

    /// Whether it looked at everything: a person's run may be about a few names.
    fn is_whole(&self) -> bool {
        matches!(self.trigger, Trigger::Alert | Trigger::Timer)
    }
}

fn is_blind(report: Option<&Report>) -> bool {
    report.is_some_and(|report| report.brakes.iter().any(|brake| brake.brake == BrakeKind::Blind))
}

fn is_failure(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Failed | Outcome::Conflict | Outcome::Unconfirmed)
}

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Standing {
    brakes: BTreeSet<(BrakeKind, Option<ZoneId>)>,
    stages: BTreeSet<Stage>,
    changes: BTreeSet<String>,
}

impl Standing {
    /// What is news, and remembers it.
    pub(super) fn news(&mut self, heard: &Heard<'_>) -> Vec<Event> {
        let mut events = Vec::new();
        for (stage, fault) in &heard.stages {
            match fault {
                Some(because) if self.stages.insert(*stage) => {
                    events.push(Event::Failed { what: stage.as_str().to_owned(), because: because.clone() });
                }
                None if self.stages.remove(stage) => {
                    events.push(Event::Over { what: format!("{} failed", stage.as_str()) });
                }
                _ => {}
            }
        }
        let Some(report) = heard.report else { return events };
        events.extend(moved(report));
        if heard.is_whole() {
            self.failures(report, &mut events);
            self.brakes(report, &mut events);
        }
        events
    }

    fn failures(&mut self, report: &Report, events: &mut Vec<Event>) {
        let failed = report.changes.iter().filter(|change| is_failure(change.outcome));
        let failed: BTreeMap<String, String> = failed
            .map(|reported| {
                let what = format!("the change of {}", reported.change.id);
                let outcome = reported.outcome.as_str();
                let because = reported.detail.clone().unwrap_or_else(|| outcome.to_owned());
                (what, because)
            })
            .collect();
        for what in self.changes.extract_if(.., |what| !failed.contains_key(what)) {
            events.push(Event::Over { what: format!("{what} failed") });
        }
        for (what, because) in failed {
            if self.changes.insert(what.clone()) {
                events.push(Event::Failed { what, because });
            }
        }
    }

    fn brakes(&mut self, report: &Report, events: &mut Vec<Event>) {
        let now: BTreeSet<_> = report.brakes.iter().map(|brake| (brake.brake, brake.zone.clone())).collect();
        for (brake, zone) in self.brakes.difference(&now) {
            let place = zone.as_ref().map(|zone| format!(" in {}", zone.zone_name())).unwrap_or_default();
            events.push(Event::Over { what: format!("brake {}{place}", brake.as_str()) });
        }
        let mut told = BTreeSet::new();
        for brake in &report.brakes {
            let key = (brake.brake, brake.zone.clone());
            if self.brakes.contains(&key) || !told.insert(key) {
                continue;
            }
            events.push(Event::Held {
                brake: brake.brake.as_str().to_owned(),
                zone: brake.zone.as_ref().map(|zone| zone.zone_name().to_string()).unwrap_or_default(),
                names: brake.names.len(),
                because: brake.because.clone(),
            });
        }
        self.brakes = now;
    }
}

fn moved(report: &Report) -> impl Iterator<Item = Event> {
    let confirmed = report.changes.iter().filter(|change| change.outcome == Outcome::Confirmed);
    confirmed.map(|reported| {
        let change = &reported.change;
        Event::Moved {
            name: change.id.name.to_string(),
            record_type: change.id.record_type.to_string(),
            from: join_addresses(&change.from()),
            to: join_addresses(change.to()),
            machine: change.after.machine.name().to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pure::plan::report::{Mode, Via};
    use pure::plan::{Brake, Opens, Plan};

    fn report(brakes: &[BrakeKind]) -> Report {
        let brake = |brake: &BrakeKind| Brake {
            brake: *brake,
            zone: None,
            limit: 3,
            seen: Some(4),
            names: ["a.example.com".to_owned()].into(),
            opens: Opens::Approve,
            because: "too many".to_owned(),
            about: pure::plan::About::Volume,
        };
        let plan = Plan { brakes: brakes.iter().map(brake).collect(), ..Plan::default() };
        Report::of(plan, "run", Trigger::Timer, Mode::Apply, Via::RecordSet)
    }

    fn lines(
        standing: &mut Standing,
        trigger: Trigger,
        report: Option<&Report>,
        fault: Option<&str>,
    ) -> Vec<String> {
        let stages = vec![(Stage::Evaluate, fault.map(str::to_owned))];
        let heard = Heard { run: "run", trigger, report, stages, blind: is_blind(report) };
        standing.news(&heard).iter().map(Event::line).collect()
    }

    #[test]
    fn what_stands_is_told_once_and_once_when_it_is_over() {
        let mut standing = Standing::default();
        let (surge, none) = (report(&[BrakeKind::Surge, BrakeKind::Surge]), report(&[]));
        let timer = Trigger::Timer;
        assert_eq!(lines(&mut standing, timer, Some(&surge), None), ["brake surge holds 1 name: too many"]);
        assert!(lines(&mut standing, timer, Some(&surge), None).is_empty());
        assert_eq!(lines(&mut standing, timer, None, Some("no answer")), ["evaluate failed: no answer"]);
        assert!(lines(&mut standing, timer, None, Some("still none")).is_empty());
        assert!(lines(&mut standing, Trigger::Manual, Some(&none), None) == ["over: evaluate failed"]);
        assert_eq!(lines(&mut standing, timer, Some(&none), None), ["over: brake surge"], "not over before");
        assert!(lines(&mut standing, timer, Some(&none), None).is_empty());
        assert_eq!(lines(&mut standing, timer, Some(&surge), None).len(), 1, "it holds anew");
    }

    #[test]
    fn held_is_good_and_blind_is_not() {
        let good = |brakes: &[BrakeKind], trigger| {
            let report = report(brakes);
            let blind = is_blind(Some(&report));
            Heard { run: "run", trigger, report: Some(&report), stages: Vec::new(), blind }.is_good()
        };
        assert!(good(&[], Trigger::Timer) && good(&[BrakeKind::Converging], Trigger::Alert));
        assert!(!good(&[BrakeKind::Blind], Trigger::Timer));
        assert!(!good(&[], Trigger::Manual), "a person's run says nothing about the clock");
    }
}
