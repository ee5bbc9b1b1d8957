//! What a run says: its lines, what they are about, and what of it is news.

use std::collections::BTreeSet;

use pure::domain::RecordType;
use pure::plan::report::{Intent, Outcome, Report, Trigger, Unclaimed, Via};
use pure::plan::{About, AuditedReason, BrakeKind, Reason};
use pure::story::{self, Line, Memory, News, Topic};

use super::table::example;
use super::world::{World, address, minutes, zone};

fn report(world: &World, mode: Intent) -> Report {
    Report::of(world.plan(), "run", Trigger::Timer, mode, Via::RecordSet)
}

fn lines(report: &Report) -> Vec<String> {
    story::of(report).iter().map(ToString::to_string).collect()
}

/// Twelve houses that move to one address, which `converging` holds.
fn proxied(address: &str) -> World {
    (1..=12).fold(World::new(), |world, house| {
        let (who, host) = (format!("m{house:02}"), format!("m{house:02}.example.com"));
        world.claims(&who, &host, address).keeps(&who, &host, &[&format!("198.51.100.{house}")])
    })
}

fn topics(report: &Report) -> Vec<Topic> {
    story::of(report).iter().filter_map(Line::topic).collect()
}

#[test]
fn a_plan_says_what_it_would_do_and_a_write_what_was_done() {
    let world = World::new()
        .claims("new", "new.example.com", "203.0.113.7")
        .claims("nas", "nas.example.com", "203.0.113.8")
        .keeps("nas", "nas.example.com", &["198.51.100.10"]);
    let planned = report(&world, Intent::Plan);
    assert_eq!(
        lines(&planned),
        [
            "nas.example.com A: would move from 198.51.100.10 to 203.0.113.8 (nas), planned",
            "new.example.com A: would create with 203.0.113.7 (new), planned",
        ]
    );
    let with = |outcome: Outcome, detail: Option<&str>| {
        let mut done = planned.clone();
        for change in &mut done.changes {
            change.outcome = outcome;
            change.detail = detail.map(str::to_owned);
        }
        lines(&done)
    };
    assert_eq!(
        with(Outcome::Confirmed, None),
        [
            "nas.example.com A: from 198.51.100.10 to 203.0.113.8 (nas), confirmed, not proved yet",
            "new.example.com A: created with 203.0.113.7 (new), confirmed, not proved yet",
        ]
    );
    assert_eq!(
        with(Outcome::Failed, Some("no\nright"))[1],
        "new.example.com A: to be created with 203.0.113.7 (new), failed: no right"
    );
    for outcome in
        [Outcome::Planned, Outcome::Deferred, Outcome::Failed, Outcome::Conflict, Outcome::Unconfirmed]
    {
        assert!(
            !with(outcome, None)
                .concat()
                .contains("created with 203.0.113.7 (new), confirmed, not proved yet"),
            "{outcome:?}"
        );
    }
}

#[test]
fn what_a_brake_says_is_said_once_and_names_its_zone() {
    let report = report(&proxied("203.0.113.99"), Intent::Apply);
    let said = lines(&report);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with(
        "brake converging in example.com: names of 12 different addresses move to 203.0.113.99"
    ));
    assert!(said[0].ends_with(" Holds m01.example.com, m02.example.com, m03.example.com, m04.example.com, m05.example.com, m06.example.com, m07.example.com, m08.example.com and 4 more."), "{}", said[0]);
    // A row that something else holds is told, whatever the brake holds.
    let mut other = report.clone();
    (other.skips[0].reason, other.skips[0].about) = (Reason::TooFewBeats, None);
    assert_eq!(story::of(&other).len(), 2);
    let mut stranger = report;
    stranger.skips[0].name = "other.example.com".to_owned();
    assert_eq!(story::of(&stranger).len(), 2, "no brake names it");
}

#[test]
fn a_second_proxy_and_a_second_blindness_are_other_topics() {
    let first = topics(&report(&proxied("203.0.113.99"), Intent::Apply));
    let second = topics(&report(&proxied("203.0.113.98"), Intent::Apply));
    let about = |address_of: &str| Topic::Brake {
        brake: BrakeKind::Converging,
        zone: Some(zone("example.com")),
        about: About::Address(address(address_of)),
    };
    assert_eq!((first[0].clone(), second[0].clone()), (about("203.0.113.99"), about("203.0.113.98")));
    let blind = example(Reason::Blind);
    let mut silent = blind.clone();
    silent.case.history.newest_heartbeat = Some(silent.now - minutes(60));
    let (one, two) = (topics(&report(&blind, Intent::Apply)), topics(&report(&silent, Intent::Apply)));
    assert_eq!((one.len(), two.len()), (1, 2));
    assert!(two.contains(&one[0]), "the age of the sweep is no part of it");
}

#[test]
fn what_stands_is_news_once_and_once_when_it_is_over() {
    let topic = |name: &str| Topic::Change {
        zone: zone("example.com"),
        name: name.to_owned(),
        record_type: RecordType::A,
    };
    let (a, b) = (topic("a.example.com"), topic("b.example.com"));
    let mut memory = Memory::default();
    let news = |begun: &[&Topic], over: &[&Topic]| News {
        begun: begun.iter().map(|topic| (*topic).clone()).collect(),
        over: over.iter().map(|topic| (*topic).clone()).collect(),
        ..News::default()
    };
    assert_eq!(memory.take_in([a.clone()], |_| true), news(&[&a], &[]));
    assert_eq!(memory.take_in([a.clone(), b.clone()], |_| true), news(&[&b], &[]));
    assert_eq!(memory.take_in([], |topic| *topic == b), news(&[], &[&b]), "nobody looked at the other");
    assert_eq!(memory.take_in([a.clone()], |_| true), news(&[], &[]));
    assert_eq!(memory.take_in([], |_| true), news(&[], &[&a]));
    assert_eq!(memory.take_in([a.clone()], |_| false), news(&[&a], &[]), "it stands anew");
}

#[test]
fn a_skip_of_a_plan_is_news_until_it_is_gone() {
    let skips = |names: &[&str]| -> BTreeSet<AuditedReason> {
        let key = |name: &&str| AuditedReason {
            zone: String::new(),
            name: (*name).to_owned(),
            record_type: "A".to_owned(),
            reason: "blind".to_owned(),
        };
        names.iter().map(key).collect()
    };
    let mut memory = Memory::default();
    assert_eq!(memory.take_in_skips(skips(&["a"]), true), skips(&["a"]));
    assert_eq!(memory.take_in_skips(skips(&["a", "b"]), true), skips(&["b"]));
    assert_eq!(memory.take_in_skips(skips(&["c"]), false), skips(&["c"]), "a plan for one name");
    assert_eq!(memory.take_in_skips(skips(&["b", "c"]), true), skips(&[]));
    assert_eq!(memory.take_in_skips(skips(&["a", "b", "c"]), true), skips(&["a"]), "it is back");
}

#[test]
fn only_what_goes_wrong_stands() {
    let world = World::new().claims("nas", "nas.example.com", "203.0.113.8").claims("h", "h.example.net", "");
    let mut report = report(&world, Intent::Apply);
    report.unclaimed.push(Unclaimed {
        name: "n.example.com".to_owned(),
        because: "No machine.".to_owned(),
        meant: None,
    });
    let change = Topic::Change {
        zone: zone("example.com"),
        name: "nas.example.com".to_owned(),
        record_type: RecordType::A,
    };
    for (outcome, stands) in [
        (Outcome::Planned, false),
        (Outcome::Confirmed, false),
        (Outcome::Deferred, false),
        (Outcome::Failed, true),
        (Outcome::Conflict, true),
        (Outcome::Unconfirmed, true),
    ] {
        report.changes[0].outcome = outcome;
        // Neither a name that nobody claims nor a skip stands: each is said for its run alone.
        assert_eq!(story::of(&report).len(), 3);
        assert_eq!(topics(&report), if stands { vec![change.clone()] } else { Vec::new() }, "{outcome:?}");
    }
}

#[test]
fn of_what_a_person_asked_for_everything_is_news() {
    let standing = topics(&report(&proxied("203.0.113.99"), Intent::Apply));
    let news = News::all(standing.clone());
    assert_eq!((news.begun, news.over.len()), (standing.into_iter().collect(), 0));
}
