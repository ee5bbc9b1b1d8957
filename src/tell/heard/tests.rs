//! What is told once, what again, what is over and what is good.

use std::sync::Arc;
use std::time::Duration;

use super::super::notices;
use super::*;
use crate::notify::Event;
use crate::run::{Told, Trouble};
use pure::domain::{HostName, RecordId, RecordType, ResourceId, ZoneId};
use pure::plan::report::{Intent, Outcome, ReportedChange, Via};
use pure::plan::skip::Seen;
use pure::plan::{About, After, Brake, BrakeKind, Cause, Change, Opens, Plan, Reason, Skip};
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
        digest: None,
        besides: Vec::new(),
        because: "too many".to_owned().into(),
        about: *about,
    };
    let plan = Plan { brakes: brakes.iter().map(brake).collect(), ..Plan::default() };
    Report::of(plan, "run", Trigger::Timer, Intent::Apply, Via::RecordSet)
}

fn lines(memory: &mut Memory, trigger: Trigger, report: Option<&Report>, fault: Option<&str>) -> Vec<String> {
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
    let silent = lines(&mut memory, timer, Some(&report(&[blind("silence")], &[])), None);
    assert_eq!(silent, ["brake blind: too many"], "whether the proxy is gone cannot be seen");
    let both = report(&[blind("silence"), blind("tag-sweep")], &[]);
    assert_eq!(lines(&mut memory, timer, Some(&both), None).len(), 1, "a second blindness");
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

const ZONE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
const MACHINE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m";

fn change(name: &str, outcome: Outcome) -> ReportedChange {
    let id = RecordId {
        zone: ZoneId::parse(ZONE).unwrap(),
        name: HostName::parse(name).unwrap(),
        record_type: RecordType::A,
    };
    let addresses = ["203.0.113.7".parse().unwrap()].into_iter().collect();
    let after = After { addresses, ttl: 60, machine: ResourceId::parse(MACHINE).unwrap() };
    let change = Change { id, before: None, after, cause: Cause::Adopted { beats: None } };
    ReportedChange { outcome, ..ReportedChange::planned(change, Via::RecordSet) }
}

fn skip(name: &str, reason: Reason) -> Skip {
    let seen = Seen {
        zone: ZONE.to_uppercase(),
        present: String::new(),
        reported: String::new(),
        heartbeat_time: None,
        beats: 3,
        actionable: true,
    };
    Skip {
        name: name.to_owned(),
        record_type: RecordType::A,
        zone: ZoneId::parse(ZONE).ok(),
        machine: MACHINE.to_owned(),
        others: Vec::new(),
        reason,
        because: "so it is".to_owned().into(),
        is_durable: false,
        about: None,
        is_held_change: false,
        shared_cause: None,
        seen: Some(seen),
    }
}

fn of_changes(changes: &[ReportedChange], skips: &[Skip], brakes: &[(BrakeKind, About)]) -> Report {
    let mut report = report(brakes, &[]);
    report.changes = changes.to_vec();
    report.skips = skips.to_vec();
    report.conclude();
    report
}

/// Above in the file: what a brake says. Here: skips without any brake, reads that failed, changes that failed.
#[test]
fn a_run_that_could_not_see_or_do_something_is_not_good() {
    let good = |report: &Report| Heard::new("run", Trigger::Timer, Some(report), Vec::new()).is_good();
    assert!(good(&of_changes(&[change("a.example.com", Outcome::Confirmed)], &[], &[])));
    assert!(good(&of_changes(&[], &[skip("a.example.com", Reason::NotOwned)], &[])));
    assert!(!good(&of_changes(&[], &[skip("a.example.com", Reason::Blind)], &[])), "no brake says it");
    for outcome in [Outcome::Failed, Outcome::Conflict, Outcome::Unconfirmed] {
        assert!(!good(&of_changes(&[change("a.example.com", outcome)], &[], &[])), "{outcome:?}");
    }
}

#[test]
fn a_change_that_was_not_tried_again_is_not_over() {
    let name = "a.example.com";
    let failed = of_changes(&[change(name, Outcome::Failed)], &[], &[]);
    let timer = Trigger::Timer;
    let over = ["over: the change of a.example.com A failed"];
    let other = || skip("b.example.com", Reason::Blind);
    let blind = (BrakeKind::Blind, About::Cause("tag-sweep"));
    for (untried, why) in [
        (of_changes(&[change(name, Outcome::Deferred)], &[], &[]), "it was put off"),
        (of_changes(&[change(name, Outcome::Planned)], &[], &[]), "it was only planned"),
        (of_changes(&[], &[skip(name, Reason::Braked)], &[SURGE]), "a brake holds it"),
        (of_changes(&[], &[skip(name, Reason::Blind)], &[]), "it could not be seen"),
        (of_changes(&[], &[], &[blind]), "rows that are missing say nothing"),
    ] {
        let mut memory = Memory::default();
        assert_eq!(lines(&mut memory, timer, Some(&failed), None).len(), 1);
        let told = lines(&mut memory, timer, Some(&untried), None);
        assert!(!told.iter().any(|line| over.contains(&line.as_str())), "{why}: {told:?}");
        let told = lines(&mut memory, timer, Some(&failed), None);
        assert!(
            !told.iter().any(|line| line.contains("the change of")),
            "{why}, it stood all the time: {told:?}"
        );
    }
    for (mended, why) in [
        (of_changes(&[change(name, Outcome::Confirmed)], &[], &[]), "it was written"),
        (of_changes(&[], &[skip(name, Reason::AlreadyRight)], &[]), "somebody else wrote it"),
        (of_changes(&[], &[], &[]), "no row is about it"),
        (of_changes(&[], &[other()], &[]), "another name is blind"),
    ] {
        let mut memory = Memory::default();
        lines(&mut memory, timer, Some(&failed), None);
        let told = lines(&mut memory, timer, Some(&mended), None);
        assert!(told.iter().any(|line| over.contains(&line.as_str())), "{why}: {told:?}");
    }
}

#[test]
fn a_brake_that_could_not_be_judged_is_not_over() {
    let timer = Trigger::Timer;
    let mut proxy = report(&[proxy("203.0.113.1")], &["a"]);
    proxy.brakes[0].zone = Some(ZoneId::parse(ZONE).unwrap());
    let over = "over: brake converging in example.com for 203.0.113.1";
    let partial = (BrakeKind::Blind, About::Cause("partial"));
    for unseen in
        [of_changes(&[], &[skip("b.example.com", Reason::Blind)], &[]), of_changes(&[], &[], &[partial])]
    {
        let mut memory = Memory::default();
        assert_eq!(lines(&mut memory, timer, Some(&proxy), None).len(), 1);
        let told = lines(&mut memory, timer, Some(&unseen), None);
        assert!(!told.contains(&over.to_owned()), "{told:?}");
        let told = lines(&mut memory, timer, Some(&report(&[], &[])), None);
        assert!(told.contains(&over.to_owned()), "{told:?}");
    }
    let mut memory = Memory::default();
    let silence = (BrakeKind::Blind, About::Cause("silence"));
    lines(&mut memory, timer, Some(&report(&[silence], &[])), None);
    let half = lines(&mut memory, timer, Some(&report(&[partial], &[])), None);
    assert_eq!(half, ["brake blind: too many"], "who is silent cannot be seen in a part of the rows");
    assert_eq!(lines(&mut memory, timer, Some(&report(&[], &[])), None).len(), 2, "both are over");
    let mut elsewhere = skip("b.example.net", Reason::Blind);
    elsewhere.seen.as_mut().unwrap().zone = ZONE.replace("example.com", "example.net");
    let mut memory = Memory::default();
    lines(&mut memory, timer, Some(&proxy), None);
    assert_eq!(lines(&mut memory, timer, Some(&of_changes(&[], &[elsewhere], &[])), None), [over]);
}

/// A run that has ended, with what the log refused of it.
fn ended(trigger: Trigger, mode: Intent, refused: &[&str]) -> Ended {
    let report = Report { trigger, mode, ..report(&[], &[]) };
    let log_troubles = refused.iter().map(|because| Trouble::new(*because)).collect();
    Ended { report, silence: None, log_troubles, read_troubles: Vec::new(), told: Told::default() }
}

fn of_ended(memory: &mut Memory, ended: &Ended) -> Vec<String> {
    let heard = Heard::of_run(ended);
    let news = memory.take_in(heard.standing(), |topic| heard.looked(topic));
    notices::events(&heard, &news).iter().map(Event::line).collect()
}

fn of_failed(memory: &mut Memory, trigger: Trigger, writes: bool, failed: &FailedStage) -> Vec<String> {
    let heard = Heard::of_trouble("run", trigger, writes, failed);
    let news = memory.take_in(heard.standing(), |topic| heard.looked(topic));
    notices::events(&heard, &news).iter().map(Event::line).collect()
}

#[test]
fn a_plan_says_nothing_of_the_log() {
    let mut memory = Memory::default();
    let refused = ended(Trigger::Alert, Intent::Apply, &["403"]);
    assert_eq!(of_ended(&mut memory, &refused), ["repair failed: 403"]);
    let (plan, apply) = (Intent::Plan, Intent::Apply);
    assert!(of_ended(&mut memory, &ended(Trigger::Manual, plan, &[])).is_empty());
    assert!(of_ended(&mut memory, &ended(Trigger::Manual, apply, &[])).is_empty(), "it wrote nothing");
    assert_eq!(of_ended(&mut memory, &ended(Trigger::Alert, apply, &[])), ["over: repair failed"]);
    assert_eq!(of_ended(&mut memory, &ended(Trigger::Manual, apply, &["403"])), ["repair failed: 403"]);
    let silent = Ended { silence: Some(Trouble::new("no answer")), ..ended(Trigger::Alert, apply, &[]) };
    assert_eq!(of_ended(&mut Memory::default(), &silent), ["repair failed: no answer"]);
    assert!(!Heard::of_run(&silent).is_good());
}

#[test]
fn one_cause_has_one_name_whoever_meets_it() {
    let mut memory = Memory::default();
    let failed = FailedStage::repair(Trouble::new("no answer"));
    assert_eq!(of_failed(&mut memory, Trigger::Alert, true, &failed), ["repair failed: no answer"]);
    let tick = Round {
        run: "run".to_owned(),
        facts: None,
        swept: None,
        ended: None,
        joined: None,
        settled: Vec::new(),
        warnings: Vec::new(),
        warned: None,
        faults: vec![failed.clone()],
        durations: vec![(Stage::Evaluate, Duration::ZERO), (Stage::Repair, Duration::ZERO)],
    };
    let heard = Heard::of_round(&tick);
    let news = memory.take_in(heard.standing(), |topic| heard.looked(topic));
    assert_eq!(news, News { has_failing_stage: true, ..News::default() });
    assert!(of_failed(&mut Memory::default(), Trigger::Manual, false, &failed).is_empty(), "a person's plan");
    let asked = FailedStage::evaluate(Trouble::new("no answer"));
    let told = of_failed(&mut memory, Trigger::Manual, false, &asked);
    assert_eq!(told, ["evaluate failed: no answer"]);
}

/// The run of somebody else did the work of a tick: that one tells of it, and says whether it was good.
#[test]
fn a_run_that_was_joined_is_told_by_its_owner() {
    let report = of_changes(&[change("a.example.com", Outcome::Confirmed)], &[], &[]);
    let round = Round {
        run: "tick".to_owned(),
        facts: None,
        swept: None,
        ended: None,
        joined: Some(Arc::new(report)),
        settled: Vec::new(),
        warnings: Vec::new(),
        warned: None,
        faults: Vec::new(),
        durations: vec![(Stage::Evaluate, Duration::ZERO), (Stage::Repair, Duration::ZERO)],
    };
    let heard = Heard::of_round(&round);
    assert_eq!(notices::events(&heard, &News::default()), []);
    assert!(!heard.is_good(), "its owner has called already");
    assert!(heard.looked(&Topic::Stage { stage: "evaluate" }));
    assert!(!heard.looked(&Topic::Stage { stage: "repair" }), "the log may have refused the owner's rows");
}

#[test]
fn reads_that_failed_and_old_data_are_not_good() {
    let mut ended = ended(Trigger::Alert, Intent::Apply, &[]);
    assert!(Heard::of_run(&ended).is_good());
    ended.read_troubles = vec![Trouble::new("403")];
    assert!(!Heard::of_run(&ended).is_good());
}

#[test]
fn a_plan_tells_a_skip_once_while_it_stands() {
    let mut memory = Memory::default();
    let mut plan = of_changes(&[], &[skip("a.example.com", Reason::Blind)], &[]);
    plan.mode = Intent::Plan;
    let mut fresh = |report: &Report| {
        let heard = Heard::new("run", report.trigger, Some(report), Vec::new());
        heard.skips_of_plan().map(|skips| memory.take_in_skips(skips, heard.is_whole()).len())
    };
    assert_eq!((fresh(&plan), fresh(&plan)), (Some(1), Some(0)));
    let none = Report { skips: Vec::new(), ..plan.clone() };
    assert_eq!(fresh(&Report { trigger: Trigger::Manual, ..none.clone() }), Some(0));
    assert_eq!(fresh(&plan), Some(0), "a run for a few names says nothing of this one");
    assert_eq!((fresh(&none), fresh(&plan)), (Some(0), Some(1)), "it is back");
    assert_eq!(fresh(&Report { mode: Intent::Apply, ..plan.clone() }), None, "the audit knows");
}
