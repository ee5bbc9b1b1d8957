//! The lines of a report, one by one.

use jiff::{SignedDuration, Timestamp};
use pure::domain::{HostName, RecordType};
use pure::plan::report::{Intent, Outcome, Proof, Report, Summary, Trigger, Via};
use pure::plan::why::{Contested, Held, NotOwned, Revert, Why};
use pure::plan::{About, Answer, Brake, BrakeKind, Reason, Skip, Whence};
use pure::story::{self, Line};

use super::world::{World, address, id, key, machine, minutes, name, zone};

const HOST: &str = "nas.example.com";

/// A move with a witness, a creation, and an adoption of a set that is right.
fn report() -> Report {
    let mut world = World::new()
        .claims("nas", HOST, "203.0.113.7")
        .claims("cam", HOST, "203.0.113.7")
        .keeps("nas", HOST, &["198.51.100.10"])
        .claims("new", "new.example.com", "203.0.113.8")
        .claims("old", "old.example.com", "203.0.113.9")
        .stands("old.example.com", &["203.0.113.9"]);
    world.case.asked.adopted.insert(name("old.example.com"));
    Report::of(world.plan(), "run-1", Trigger::Cli, Intent::Apply, Via::RecordSet)
}

fn lines(report: &Report) -> Vec<String> {
    story::of(report).iter().map(ToString::to_string).collect()
}

fn line(brake: &Brake) -> String {
    Line::Brake(brake).to_string()
}

#[test]
fn a_change_in_one_line() {
    let mut report = report();
    let words = lines(&report);
    assert_eq!(
        words,
        [
            "nas.example.com A: would move from 198.51.100.10 to 203.0.113.7 (nas and 1 more), planned",
            "new.example.com A: would create with 203.0.113.8 (new), planned",
            "old.example.com A: would stay at 203.0.113.9 (old, adopted), planned",
        ]
    );
    report.changes[0].outcome = Outcome::Failed;
    report.changes[0].detail = Some("409\nScopeLocked".to_owned());
    assert!(lines(&report)[0].ends_with("failed: 409 ScopeLocked"));
    report.changes[0].detail = Some("no\u{202e}\u{200b}\u{1b}[2K".to_owned());
    assert!(lines(&report)[0].ends_with(r"failed: no\u{202e}\u{200b}\u{1b}[2K"));
    report.changes[1].outcome = Outcome::Confirmed;
    report.changes[1].proved_by = Some(Proof::Arm);
    assert!(lines(&report)[1].ends_with("confirmed, by Azure's word"));
    report.changes[1].proved_by = Some(Proof::Dns);
    assert!(lines(&report)[1].ends_with("confirmed, proved by DNS"));
}

#[test]
fn the_first_failure_speaks_for_the_others() {
    let mut report = report();
    assert_eq!(story::first_failure(&report), None);
    report.changes[1].outcome = Outcome::Failed;
    report.changes[1].detail = Some("403 AuthorizationFailed.".to_owned());
    let first = "the change of new.example.com A failed";
    let detail = ": 403 AuthorizationFailed.";
    assert_eq!(story::first_failure(&report).unwrap().to_string(), format!("{first}{detail}"));
    report.changes[2].outcome = Outcome::Deferred;
    assert_eq!(story::first_failure(&report).unwrap().to_string(), format!("{first}{detail}"));
    report.changes[2].outcome = Outcome::Unconfirmed;
    assert_eq!(
        story::first_failure(&report).unwrap().to_string(),
        format!("{first}, and 1 more change went wrong{detail}")
    );
    report.changes[0].outcome = Outcome::Conflict;
    let words = "the change of nas.example.com A met a conflict, and 2 more changes went wrong";
    assert_eq!(story::first_failure(&report).unwrap().to_string(), words);
    report.changes[0].outcome = Outcome::Unconfirmed;
    assert!(story::first_failure(&report).unwrap().to_string().contains("could not be confirmed"));
}

#[test]
fn what_a_brakes_line_says_of_a_name_is_not_said_twice() {
    let mut world =
        World::new().claims("nas", HOST, "203.0.113.7").claims("bad", "bad.example.com", "10.0.0.4");
    world.case.partial = true;
    let mut report = Report::of(world.plan(), "run-1", Trigger::Cli, Intent::Plan, Via::RecordSet);
    let told =
        |report: &Report| report.skips.iter().map(|skip| report.told_by(skip).is_some()).collect::<Vec<_>>();
    assert_eq!(told(&report), [false, true]);
    report.brakes[0].names.insert("bad.example.com".to_owned());
    assert_eq!(told(&report), [false, true]);
    report.brakes.clear();
    assert_eq!(told(&report), [false, false]);
}

#[test]
fn a_brakes_line_tells_of_what_that_brake_holds_and_of_nothing_else() {
    let proxy = || {
        let mut world = (1..=4).fold(World::new(), |world, index| {
            let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
            world.claims(&who, &host, "203.0.113.99").keeps(&who, &host, &[&format!("198.51.100.{index}")])
        });
        world.terms().types.insert(RecordType::Aaaa);
        world
    };
    let report =
        |world: &World| Report::of(world.plan(), "run-1", Trigger::Cli, Intent::Plan, Via::RecordSet);
    let told = |report: &Report| {
        let told = report.skips.iter().filter(|skip| report.told_by(skip).is_some());
        told.map(|skip| (skip.name.clone(), skip.record_type)).collect::<Vec<_>>()
    };
    let four = (1..=4).map(|index| (format!("m{index}.example.com"), RecordType::A)).collect::<Vec<_>>();
    // Its other address could not be judged, and the brake knows nothing of that.
    let mut six = proxy().claims("m1", "m1.example.com", "2001:db8::1");
    let failed = Answer::Unavailable("504 GatewayTimeout".to_owned());
    six.case.known.learn_set(id("m1.example.com", RecordType::Aaaa), failed);
    let unread = report(&six);
    assert_eq!((unread.skips.len(), told(&unread)), (5, four));
    assert!(lines(&unread).iter().any(|line| line.contains("m1.example.com AAAA") && line.contains("504")));
    // Another brake's word, of another zone too.
    let mut other = report(&six);
    other.brakes[0].about = About::Volume;
    assert_eq!(told(&other), []);
    let mut other = report(&six);
    other.brakes[0].zone = Some(zone("example.org"));
    assert_eq!(told(&other), []);
    // Blind by two causes: each line tells of its own.
    let mut old = proxy();
    old.case.history.zones.entry(zone("example.com")).or_default().marker = None;
    old.policy.max_sources = 9;
    old.case.known.learn_set(key("m1.example.com"), Answer::Unavailable("504 GatewayTimeout".to_owned()));
    let mut blind = report(&old);
    blind.brakes[0].names.insert("m1.example.com".to_owned());
    assert_eq!(told(&blind).len(), 3);
    // Surge and a lead that was not proved are told apart from it, and told.
    let mut surge = proxy();
    surge.policy.max_sources = 9;
    surge.case.rows.iter_mut().for_each(|row| row.first_beat = Some(surge.now - minutes(5)));
    surge.case.history.zones.entry(zone("example.com")).or_default().distinct_present = 20;
    surge.policy.max_move_percent = 19;
    for about in [About::Volume, About::Proof] {
        let mut report = report(&surge);
        if about == About::Proof {
            let changes = proxy_changes();
            let (brake, skips) = pure::plan::brake::unproved(
                &zone("example.com"),
                &changes[0].id,
                &changes[1..],
                &surge.policy,
            );
            (report.brakes, report.skips) = (vec![brake], skips);
        }
        assert_eq!(report.brakes[0].about, about);
        assert_eq!(told(&report).len(), report.skips.len());
        assert!(report.skips.len() > 2);
    }
}

fn proxy_changes() -> Vec<pure::plan::Change> {
    let world = (1..=4).fold(World::new(), |world, index| {
        let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
        world.claims(&who, &host, &format!("203.0.113.{index}"))
    });
    world.plan().changes
}

#[test]
fn a_brake_in_one_line() {
    let mut world = (1..=4).fold(World::new(), |world, index| {
        let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
        world.claims(&who, &host, "203.0.113.99").keeps(&who, &host, &[&format!("198.51.100.{index}")])
    });
    let words = line(&world.plan().brakes[0]);
    assert!(
        words.starts_with("brake converging in example.com: names of 4 different addresses move to"),
        "{words}"
    );
    assert!(
        words.ends_with(" Holds m1.example.com, m2.example.com, m3.example.com and m4.example.com."),
        "{words}"
    );
    world.case.rows.clear();
    world.case.partial = true;
    let brake = &world.plan().brakes[0];
    assert_eq!((brake.brake, brake.zone.clone()), (BrakeKind::Blind, None));
    assert_eq!(line(brake), format!("brake blind: {}", brake.because));
}

#[test]
fn numbers_read_well() {
    let one = Summary {
        changes: 1,
        skips: [(Reason::Blind, 1)].into(),
        in_sync: Some(7),
        silent: Some(1),
        unknown: Some(2),
        ..Summary::default()
    };
    assert_eq!(one.to_string(), "1 change, 1 skip, 7 in sync, 2 not swept yet, 1 silent machine");
    let ends = Summary { orphans: Some(2), silent_names: Some(1), ..Summary::default() };
    assert_eq!(ends.to_string(), "0 changes, 0 skips, 1 silent name, 2 claimed by nobody");
    let many = Summary {
        changes: 0,
        skips: [(Reason::Blind, 1), (Reason::Alias, 2)].into(),
        silent: Some(2),
        unknown: Some(0),
        ..Summary::default()
    };
    assert_eq!(many.to_string(), "0 changes, 3 skips, 2 silent machines");
}

#[test]
fn the_rarer_sentences() {
    let host = || HOST.to_owned();
    let record_type = key(HOST).record_type;
    let nas = machine("nas").to_string();
    let fault = HostName::parse("*.a..b").unwrap_err();
    let (span, wanted) = (SignedDuration::from_secs(3), SignedDuration::from_secs(45));
    let rare = [
        Why::WildcardInvalid { name: "\"*.a..b\"".to_owned(), machine: None, fault },
        Why::StaleHeartbeat { machine: nas.clone(), age: None, limit: wanted },
        Why::TooShort {
            machine: nas.clone(),
            address: address("203.0.113.7"),
            span,
            wanted,
            by: Whence::Setting("POLICY_MIN_SPAN"),
        },
        Why::NotOwned { name: host(), owned: NotOwned::RefusedBefore { was_ours: None } },
        Why::NotOwned {
            name: host(),
            owned: NotOwned::OtherMachine {
                machine: nas.clone(),
                unreadable: false,
                heard: None,
                dormant: wanted,
                twin: None,
            },
        },
        Why::NotOwned {
            name: host(),
            owned: NotOwned::OtherMachine {
                machine: nas.clone(),
                unreadable: false,
                heard: None,
                dormant: wanted,
                twin: Some(machine("cam").to_string()),
            },
        },
        Why::Contested(Box::new(Contested {
            name: host(),
            record_type,
            by: Revert::Stripping,
            present: vec!["198.51.100.10".to_owned()],
            undone: 1,
            next: Timestamp::UNIX_EPOCH,
        })),
        Why::Contested(Box::new(Contested {
            name: host(),
            record_type,
            by: Revert::Keeping,
            present: vec!["198.51.100.10".to_owned()],
            undone: 2,
            next: Timestamp::UNIX_EPOCH,
        })),
        Why::Contested(Box::new(Contested {
            name: host(),
            record_type,
            by: Revert::Deleting,
            present: Vec::new(),
            undone: 2,
            next: Timestamp::UNIX_EPOCH,
        })),
        Why::Braked { held: Held::Unproved { name: host() } },
        Why::NothingToAdopt { name: host(), record_type, creates: true },
        Why::NothingToAdopt { name: host(), record_type, creates: false },
        Why::ManyClaimants { name: host(), machines: vec![nas.clone(), machine("cam").to_string()] },
        Why::OursAlready { name: host(), machine: nas.clone() },
        Why::SilentHeir { name: host(), machine: nas, heirs: vec![machine("cam").to_string()] },
    ];
    let line = |why: &Why| {
        let skip = Skip::without_row(name(HOST), record_type, "", why);
        assert_eq!((skip.reason, &*skip.because), (why.reason(), why.to_string().as_str()));
        format!("{}: {}\n", skip.reason, skip.because)
    };
    snapshot!(rare.iter().map(line).collect::<String>());
}

#[test]
fn a_skip_remembers_the_row() {
    let skip = World::new().claims("nas", HOST, "10.0.0.4").stands(HOST, &["198.51.100.1"]).only_skip();
    let seen = skip.seen.unwrap();
    assert_eq!(
        (seen.zone, seen.present, seen.reported),
        (zone("example.com").to_string(), "198.51.100.1".to_owned(), "10.0.0.4".to_owned())
    );
    // Without a place of ours it is the collector's word.
    let skip = World::new()
        .claims("nas", "nas.example.net", "10.0.0.4")
        .but(|row| row.zone_id = "z".to_owned())
        .only_skip();
    assert_eq!(skip.seen.unwrap().zone, "z");
}
