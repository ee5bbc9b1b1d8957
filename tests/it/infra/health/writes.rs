//! Writes that fail, and those that never come to their turn.

use serde_json::{Value, json};

use super::{World, ZONE, asked, at, change, faults, one, query, told, well, with};

fn row(time: &str, outcome: &str, reason: &str) -> Value {
    with(
        change(at(time), "r", "nas.example.com", ZONE),
        json!({ "Outcome_s": outcome, "Reason_s": reason, "Action_s": "update" }),
    )
}

fn world<const N: usize>(rows: [(&str, &str, &str); N]) -> World {
    World { changes: rows.map(|(time, outcome, reason)| row(time, outcome, reason)).into(), ..well() }
}

fn nothing() -> Vec<[String; 3]> {
    Vec::new()
}

#[test]
fn a_failed_change_says_by_what_and_what_to_do() {
    let fault = one(&world([("10:40:00", "failed", "ScopeLocked"), ("11:45:00", "failed", "ScopeLocked")]));
    assert_eq!((fault.fault.as_str(), fault.subject.as_str()), ("failed-change", "A nas.example.com"));
    assert_eq!(fault.since, "10:40:00");
    assert!(
        fault.because.starts_with("failed, by ScopeLocked: `heartbeat-dns apply nas.example.com`"),
        "{fault:?}"
    );
    let own = one(&world([("11:45:00", "unconfirmed", "")]));
    assert!(own.because.starts_with("unconfirmed: `heartbeat-dns"), "{own:?}");
}

#[test]
fn the_newest_reason_is_told() {
    let fault = one(&world([("11:00:00", "failed", "ScopeLocked"), ("11:45:00", "failed", "timeout")]));
    assert!(fault.because.starts_with("failed, by timeout: "), "{fault:?}");
}

#[test]
fn a_refusal_is_told_until_the_next_sweep_could_meet_it_again() {
    // Written down again only when a sweep lets it be met, and not within the hour.
    assert_eq!(one(&world([("09:31:00", "failed", "ScopeLocked")])).since, "09:31:00");
    assert_eq!(told(&world([("09:29:00", "failed", "ScopeLocked")])), nothing());
    let slow = query().replace("let TooOld = 2h;", "let TooOld = 5h;");
    assert_eq!(asked(&world([("07:01:00", "failed", "ScopeLocked")]), &slow).len(), 1);
    // The failure of the morning is over.
    let morning = [("02:00:00", "failed", "ScopeLocked"), ("11:30:00", "failed", "ScopeLocked")];
    assert_eq!(one(&world(morning)).since, "11:30:00");
}

#[test]
fn a_conflict_is_told_for_an_hour() {
    assert_eq!(one(&world([("11:01:00", "conflict", "PreconditionFailed")])).fault, "failed-change");
    assert_eq!(told(&world([("10:59:00", "conflict", "PreconditionFailed")])), nothing());
    assert_eq!(told(&world([("10:59:00", "unconfirmed", "timeout")])), nothing());
}

#[test]
fn what_landed_ends_what_failed() {
    for outcome in ["failed", "conflict", "deferred", "unconfirmed"] {
        let healed = [("10:20:00", outcome, "x"), ("11:30:00", outcome, "x"), ("11:45:00", "confirmed", "")];
        assert_eq!(told(&world(healed)), nothing(), "{outcome}");
    }
    let at_once = [("11:45:00", "failed", "x"), ("11:45:00", "confirmed", "")];
    assert_eq!(told(&world(at_once)), nothing());
    let again = [("11:00:00", "failed", "x"), ("11:30:00", "confirmed", ""), ("11:45:00", "failed", "x")];
    assert_eq!(one(&world(again)).since, "11:45:00");
    let doubtful = one(&world([("11:30:00", "failed", "x"), ("11:45:00", "unconfirmed", "timeout")]));
    assert!(doubtful.because.starts_with("unconfirmed, by timeout"), "{doubtful:?}");
}

#[test]
fn the_write_of_one_name_type_or_zone_heals_no_other() {
    let mut world = world([("11:30:00", "failed", "x")]);
    for other in [
        json!({ "DNSHostName_s": "pi.example.com" }),
        json!({ "RecordType_s": "AAAA" }),
        json!({ "ZoneId_s": ZONE.replace("rg-dns", "rg-inside") }),
    ] {
        world.changes.push(with(row("11:45:00", "confirmed", ""), other));
    }
    assert_eq!(one(&world).since, "11:30:00");
    world.changes.push(with(row("11:46:00", "confirmed", ""), json!({ "DNSHostName_s": "NAS.example.com" })));
    assert_eq!(told(&world), nothing());
}

#[test]
fn each_name_type_and_zone_fails_since_its_own_time() {
    let mut world = world([("11:10:00", "failed", "x")]);
    let inside = ZONE.replace("rg-dns", "rg-inside");
    for (time, other) in [
        ("11:05:00", json!({ "RecordType_s": "AAAA" })),
        ("11:00:00", json!({ "DNSHostName_s": "pi.example.com" })),
        ("11:20:00", json!({ "ZoneId_s": inside })),
        ("11:30:00", json!({ "Outcome_s": "conflict" })),
    ] {
        world.changes.push(with(row(time, "failed", "x"), other));
    }
    let mut since: Vec<_> = told(&world).into_iter().map(|[_, subject, since]| [subject, since]).collect();
    since.sort();
    let expected = [
        ["A nas.example.com", "11:10:00"],
        ["A nas.example.com", "11:20:00"],
        ["A nas.example.com", "11:30:00"],
        ["A pi.example.com", "11:00:00"],
        ["AAAA nas.example.com", "11:05:00"],
    ];
    assert_eq!(since, expected.map(|fault| fault.map(str::to_owned)));
}

#[test]
fn a_name_that_waits_for_an_hour_is_told() {
    assert_eq!(told(&world([("11:45:00", "deferred", "TooManyRequests")])), nothing());
    let twice = [("11:10:00", "deferred", "TooManyRequests"), ("11:45:00", "deferred", "deadline")];
    assert_eq!(told(&world(twice)), nothing(), "not yet an hour");
    let just = [("10:45:00", "deferred", "TooManyRequests"), ("11:45:00", "deferred", "TooManyRequests")];
    assert_eq!(one(&world(just)).fault, "deferred-change", "an hour to the second");
    let long = [("10:40:00", "deferred", "TooManyRequests"), ("11:45:00", "deferred", "TooManyRequests")];
    let fault = one(&world(long));
    assert_eq!((fault.fault.as_str(), fault.since.as_str()), ("deferred-change", "10:40:00"));
    assert!(fault.because.starts_with("deferred for more than an hour, by TooManyRequests"), "{fault:?}");
    let apart = [("02:00:00", "deferred", "TooManyRequests"), ("11:45:00", "deferred", "TooManyRequests")];
    assert_eq!(told(&world(apart)), nothing(), "two nights are not one");
    let over = [("07:00:00", "deferred", "TooManyRequests"), ("08:05:00", "deferred", "TooManyRequests")];
    assert_eq!(told(&world(over)), nothing(), "nobody defers it any more");
    let done = [("10:40:00", "deferred", "x"), ("10:50:00", "confirmed", ""), ("11:45:00", "deferred", "x")];
    assert_eq!(told(&world(done)), nothing(), "it came to its turn in between");
    assert_eq!(faults(&world([])), []);
}

/// One name in two zones: each side fails by itself, and a write that landed on one makes nothing good on the other.
#[test]
fn a_failed_change_is_of_one_side_of_its_name() {
    let private = ZONE.replace("dnsZones", "privateDnsZones");
    let failed = row("11:40:00", "failed", "ScopeLocked");
    let inside = with(failed.clone(), json!({ "ZoneId_s": private }));
    let landed = row("11:45:00", "confirmed", "");
    let subjects = |changes: Vec<Value>| {
        let found = told(&World { changes, ..well() });
        let mut subjects: Vec<String> = found.into_iter().map(|[_, subject, _]| subject).collect();
        subjects.sort();
        subjects
    };
    let both = ["A nas.example.com", "private A nas.example.com"];
    assert_eq!(subjects(vec![failed.clone(), inside.clone()]), both);
    assert_eq!(subjects(vec![failed, inside, landed]), both[1..]);
}
