//! Every column of the rows that say what was done and what was not.

use super::*;
use pure::domain::{NameSet, ResourceId};
use pure::plan::{After, Beats, Cause};
use pure::progress::{Fate, Mishap};
use serde_json::{Value, json};

const MACHINE: &str = "/subscriptions/S/resourceGroups/G/providers/Microsoft.HybridCompute/machines/NAS";

fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

/// A move that was tried, and what became of it twelve seconds ago.
fn done(outcome: Outcome, code: &str) -> Done {
    let beats = Beats {
        witnesses: Vec::new(),
        counted: BTreeSet::new(),
        country: "CH".to_owned(),
        first_beat: ago(300),
        heartbeat_time: ago(60),
        count: 5,
    };
    let machine = ResourceId::parse(MACHINE).unwrap();
    let change = Change {
        id: id(),
        before: Some(RecordSet { addresses: addresses(&["198.51.100.10"]), ..marked(3600, &[]) }),
        after: After { addresses: addresses(&["203.0.113.7", "203.0.113.8"]), ttl: 60, machine },
        cause: Cause::Moved { beats, adopts: None, lifted: BTreeSet::new() },
    };
    let mishap = (!code.is_empty()).then(|| Mishap { code: code.to_owned(), words: "Why.".to_owned() });
    Done { change, fate: Fate { outcome, mishap, written: None, is_durable: false }, at: ago(12) }
}

fn called() -> Request {
    Request { alert_id: "alert-1".to_owned(), run: "run-7".to_owned(), ..request() }
}

fn cells(rows: &[AuditRow]) -> Vec<Value> {
    rows.iter().map(|row| serde_json::to_value(&row.row).unwrap()).collect()
}

#[test]
fn the_row_of_a_change_says_all_that_became_of_it() {
    let (request, case) = (called(), Case::default());
    let audit = audit_of(&request, &case);
    let id = id();
    let rows = audit.changes(
        &[done(Outcome::Confirmed, ""), done(Outcome::Failed, "ScopeLocked")],
        &BTreeMap::from([(&id, (Some(Proof::Dns), Some(84_211)))]),
    );
    let row = |outcome: &str, reason: &str| {
        json!({
            "TimeGenerated": ago(12), "run_s": "run-7", "Trigger_s": "timer", "AlertId_s": "alert-1",
            "DNSHostName_s": "nas.example.com", "RecordType_s": "A", "ZoneId_s": id.zone.to_string(),
            "Action_s": "update", "Outcome_s": outcome, "Reason_s": reason, "OldIPs_s": "198.51.100.10",
            "NewIPs_s": "203.0.113.7,203.0.113.8", "ResourceId_s": MACHINE, "HeartbeatTime_t": ago(60),
            "Beats_d": 5.0, "Via_s": "record-set", "TimeToTruthMs_d": 84_211.0, "Cause_s": "moved", "By_s": "",
            "Proof_s": "dns", "Policy_s": "", "Installation_s": OWNER,
        })
    };
    assert_eq!(cells(&rows), [row("confirmed", ""), row("failed", "ScopeLocked")]);
}

#[test]
fn the_row_of_a_skip_says_whom_it_holds_where() {
    let (request, case) = (called(), Case::default());
    let rows = audit_of(&request, &case).skips(&[not_owned()]);
    let row = json!({
        "TimeGenerated": now(), "run_s": "run-7", "Trigger_s": "timer", "AlertId_s": "alert-1",
        "DNSHostName_s": "nas.example.com", "RecordType_s": "A", "ZoneId_s": id().zone.to_string(),
        "Action_s": "skip", "Outcome_s": "", "Reason_s": "not-owned", "OldIPs_s": "198.51.100.10",
        "NewIPs_s": "203.0.113.7", "ResourceId_s": "/machine", "HeartbeatTime_t": now(), "Beats_d": 2.0,
        "Via_s": "", "TimeToTruthMs_d": null, "Cause_s": "", "By_s": "", "Proof_s": "", "Policy_s": "", "Installation_s": OWNER,
    });
    assert_eq!(cells(&rows), [row]);
}

#[test]
fn each_row_says_who_ran_the_command_and_a_change_its_cause_and_its_proof() {
    let (request, case) = (called(), Case::default());
    let audit = Audit { by: "id name", policy: "0a1b", ..audit_of(&request, &case) };
    let policy = |rows: &[AuditRow]| rows[0].row.policy.clone();
    let told = |row: &AuditRow| (row.row.by.clone(), row.row.cause.clone(), row.row.proof.clone());
    let words = |by: &str, cause: &str, proof: &str| (by.to_owned(), cause.to_owned(), proof.to_owned());
    let id = id();
    let (mut created, mut adopted, mut seen) =
        (done(Outcome::Confirmed, ""), done(Outcome::Confirmed, ""), done(Outcome::Confirmed, ""));
    created.change.before = None;
    adopted.change.cause = Cause::Adopted { beats: None };
    let Cause::Moved { adopts, .. } = &mut seen.change.cause else { panic!("a move") };
    *adopts = Some(pure::plan::AdoptedBy::Seen);
    let proved = BTreeMap::from([(&id, (Some(Proof::Arm), None))]);
    let rows = audit.changes(&[created, adopted, seen], &proved);
    let expected = ["created", "adopted", "adopted-seen"].map(|cause| words("id name", cause, "arm"));
    assert_eq!(rows.iter().map(told).collect::<Vec<_>>(), expected);
    let unproved = audit.changes(&[done(Outcome::Unconfirmed, "")], &BTreeMap::new());
    assert_eq!(told(&unproved[0]), words("id name", "moved", "none"));
    assert_eq!(
        (policy(&unproved), policy(&audit.skips(&[not_owned()]))),
        ("0a1b".to_owned(), "0a1b".to_owned())
    );
    assert_eq!(told(&audit.skips(&[not_owned()])[0]), words("id name", "", ""));
    // Whoever finds the row of a killed run did not run it.
    let recovered = audit.recovered_of(&marked(3600, &["198.51.100.10"]), ARRIVAL).unwrap();
    assert_eq!(told(&recovered), words("", "", "none"));
}

/// Section 4: a deferred or failed one again only when its reason is new for that name or an hour old.
#[test]
fn what_was_not_made_is_told_each_hour_and_every_other_end_each_time() {
    let request = request();
    let rows = |outcome: Outcome, told: &str, seconds: i64| {
        let mut case = Case::default();
        case.history.audited.insert(key(&id(), told), ago(seconds));
        audit_of(&request, &case).changes(&[done(outcome, "Odd")], &BTreeMap::new()).len()
    };
    for outcome in [Outcome::Failed, Outcome::Deferred] {
        assert_eq!((rows(outcome, "Odd", 3599), rows(outcome, "Odd", 3600)), (0, 1), "{outcome:?}");
        assert_eq!(rows(outcome, "Other", 1), 1, "its reason is new: {outcome:?}");
    }
    for outcome in [Outcome::Confirmed, Outcome::Unconfirmed, Outcome::Conflict] {
        assert_eq!(rows(outcome, "Odd", 1), 1, "{outcome:?}");
    }
    assert_eq!(rows(Outcome::Planned, "Other", 1), 0);
}

/// What a row tells of is over with the next write that lands: the same reason is a new one then, and once.
#[test]
fn after_a_write_that_landed_what_was_not_made_is_told_again() {
    let request = request();
    for (landed, told) in [(600, 0), (120, 0), (119, 1), (5, 1)] {
        for outcome in [Outcome::Failed, Outcome::Deferred] {
            let mut case = Case::default();
            case.history.audited.insert(key(&id(), "Odd"), ago(120));
            let past = PastChange {
                from: BTreeSet::new(),
                to: addresses(&["203.0.113.7"]),
                time: ago(landed),
                run: "run-5".to_owned(),
                footing: Footing::Unknown,
            };
            case.history.changes.insert(id(), vec![past]);
            let audit = audit_of(&request, &case);
            let rows = audit.changes(&[done(outcome, "Odd")], &BTreeMap::new()).len();
            assert_eq!(rows, told, "{outcome:?} after a write {landed} s ago");
            // Why a name is left alone is news once a day, whatever was written since.
            case.history.audited.insert(key(&id(), "not-owned"), ago(120));
            assert!(audit_of(&request, &case).skips(&[not_owned()]).is_empty());
        }
    }
}

#[test]
fn out_of_a_partial_answer_no_reason_is_new_and_no_row_is_missing() {
    let request = request();
    let mut case = Case { partial: true, ..Case::default() };
    case.history.owed.push(OwedAudit {
        id: id(),
        run: "killed".to_owned(),
        time: ago(3600),
        machine: String::new(),
        addresses: addresses(&["203.0.113.7"]),
        before: None,
    });
    let seen = LiveSet { id: id(), sent_at: now(), set: Some(marked(3600, &[])) };
    for (partial, rows) in [(true, (0, 0)), (false, (1, 2))] {
        case.partial = partial;
        let audit = audit_of(&request, &case);
        let recovered = audit.recovered([&seen], &BTreeSet::new());
        assert_eq!((audit.skips(&[not_owned()]).len(), recovered.len()), rows, "{partial}");
    }
}

#[test]
fn a_live_mark_knows_better_than_the_log_what_it_replaced() {
    let request = request();
    let mut case = Case::default();
    case.history.owed.push(OwedAudit {
        id: id(),
        run: "run-0".to_owned(),
        time: ago(3600),
        machine: "/machine".to_owned(),
        addresses: addresses(&["203.0.113.7"]),
        before: Some((ago(7200), addresses(&["192.0.2.1"]))),
    });
    let seen = LiveSet { id: id(), sent_at: now(), set: Some(marked(3600, &["198.51.100.10"])) };
    let rows = audit_of(&request, &case).recovered([&seen], &BTreeSet::new());
    let old: Vec<_> = rows.iter().map(|row| row.row.old_ips.as_str()).collect();
    assert_eq!(old, ["198.51.100.10"], "one row by its key");
}

#[test]
fn a_run_for_some_names_opens_no_brake() {
    let key = AuditedBrake { zone: Some(id().zone), brake: BrakeKind::Surge, address: None };
    let mut case = Case::default();
    case.history.brakes.insert(key, BrakeState { time: now(), stands: true });
    let named = Request::of_names(Trigger::Timer, NameSet::from([id().name]), true);
    assert!(audit_of(&named, &case).brakes(&[], &[]).is_empty());
    assert_eq!(audit_of(&request(), &case).brakes(&[], &[]).len(), 1);
}

#[test]
fn one_blindness_opens_beside_another() {
    let of_the_zone = AuditedBrake { zone: Some(id().zone), brake: BrakeKind::Blind, address: None };
    let mut case = Case::default();
    case.history.brakes.insert(of_the_zone, BrakeState { time: now(), stands: true });
    let request = request();
    let rows = audit_of(&request, &case).brakes(&[blind("heartbeats")], &[]);
    let said: Vec<_> = rows.iter().map(|row| (row.row.zone_id.as_str(), row.row.outcome.as_str())).collect();
    let zone = id().zone.lower().to_owned();
    assert_eq!(said, [("", "stands"), (zone.as_str(), "opened")]);
}
