//! The words of reports and tables, as the specification writes them: queries, alerts and workbooks rest on them.

use pure::domain::RecordType;
use pure::plan::report::{Intent, Outcome, Report, RunResult, Trigger, Via};
use pure::plan::{About, Action, BrakeKind, Skip};
use pure::story::{self, Line, Topic};
use serde::Serialize;

use super::world::{World, name, zone};

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
    words(&[(Via::RecordSet, "record-set")], Via::as_str);
    words(&[(Action::Create, "create"), (Action::Update, "update")], Action::as_str);
    let brakes =
        [(BrakeKind::Converging, "converging"), (BrakeKind::Surge, "surge"), (BrakeKind::Blind, "blind")];
    words(&brakes, BrakeKind::as_str);
}

#[test]
fn what_one_machine_reports_is_judged_by_twelve_rules() {
    use pure::plan::Reason::{
        self, AddressAmbiguous, AddressDenied, AddressEmpty, AddressInvalid, AddressNotOurs,
        AddressNotPublic, AddressOutside, AddressPrivateLink, AddressShared, CountryChanged, StaleHeartbeat,
        TypeNotWanted,
    };
    let of_a_report: Vec<Reason> = Reason::ALL.into_iter().filter(|reason| reason.is_of_a_report()).collect();
    let rules = [
        AddressEmpty,
        AddressInvalid,
        AddressPrivateLink,
        AddressNotPublic,
        AddressDenied,
        AddressOutside,
        AddressAmbiguous,
        AddressShared,
        AddressNotOurs,
        CountryChanged,
        TypeNotWanted,
        StaleHeartbeat,
    ];
    assert_eq!(of_a_report, rules);
}

/// By these four the log is told of a skip once; what no row speaks of is not told at all.
#[test]
fn a_skip_is_told_by_zone_name_type_and_code() {
    let host = "nas.example.com";
    let skip = World::new().claims("nas", host, "203.0.113.7").stands(host, &["203.0.113.7"]).only_skip();
    let key = skip.audited().unwrap();
    assert_eq!((key.zone.as_str(), key.name.as_str()), (zone("example.com").lower(), host));
    assert_eq!((key.record_type.as_str(), key.reason.as_str()), ("A", "already-right"));
    assert_eq!(Skip { seen: None, ..skip }.audited(), None);
}

/// A set that is adopted as it stands has no way to tell.
#[test]
fn what_stays_where_it_is_is_told_as_staying() {
    let mut world = World::new()
        .claims("old", "old.example.com", "203.0.113.9")
        .stands("old.example.com", &["203.0.113.9"]);
    world.case.asked.adopted.insert(name("old.example.com"));
    let mut report = Report::of(world.plan(), "run-1", Trigger::Cli, Intent::Apply, Via::RecordSet);
    let mut told = |outcome: Outcome| {
        report.changes[0].outcome = outcome;
        report.changes[0].detail = Some("why".to_owned());
        let lines = story::of(&report);
        let Line::Change(facts) = &lines[0] else { panic!("{lines:?}") };
        (facts.to_string(), facts.without_detail().to_string())
    };
    for (outcome, deed) in [
        (Outcome::Planned, "would stay at"),
        (Outcome::Confirmed, "stays at"),
        (Outcome::Failed, "stays at"),
        (Outcome::Deferred, "stays at"),
    ] {
        let (line, bare) = told(outcome);
        let proof = if outcome == Outcome::Confirmed { ", not proved yet" } else { "" };
        let outcome = outcome.as_str();
        let expected = format!("old.example.com A: {deed} 203.0.113.9 (old, adopted), {outcome}{proof}");
        assert_eq!((line, bare), (format!("{expected}: why"), expected));
    }
}

/// People read these behind "over:" and before "failed".
#[test]
fn what_stands_has_a_few_words() {
    let brake = |brake: BrakeKind, apex: Option<&str>, about: About| {
        Topic::Brake { brake, zone: apex.map(zone), about }.to_string()
    };
    let address = About::Address("203.0.113.99".parse().unwrap());
    assert_eq!(
        brake(BrakeKind::Converging, Some("example.com"), address),
        "brake converging in example.com for 203.0.113.99"
    );
    assert_eq!(brake(BrakeKind::Surge, Some("example.com"), About::Volume), "brake surge in example.com");
    assert_eq!(
        brake(BrakeKind::Surge, Some("example.com"), About::Proof),
        "brake surge in example.com, not proved"
    );
    assert_eq!(brake(BrakeKind::Blind, None, About::Cause("silence")), "brake blind, silence");
    let change = Topic::Change {
        zone: zone("example.com"),
        name: "nas.example.com".to_owned(),
        record_type: RecordType::Aaaa,
    };
    assert_eq!(change.to_string(), "the change of nas.example.com AAAA");
    assert_eq!(Topic::Stage { stage: "collect" }.to_string(), "collect");
}

#[test]
fn the_word_of_a_brake_is_read_back_from_the_log() {
    for kind in BrakeKind::ALL {
        assert_eq!(kind.as_str().parse::<BrakeKind>().unwrap(), kind);
    }
    for other in ["", "Surge", "brake"] {
        assert!(other.parse::<BrakeKind>().is_err(), "{other}");
    }
}
