//! What is told again and when, and what a mark is owed: the edges of each span, to the second.

mod rows;

use super::*;
use crate::run::told::Told;
use pure::domain::{HostName, Mark, NameSet, RecordType, ZoneId, parse_address};
use pure::plan::report::Trigger;
use pure::plan::{BrakeKind, BrakeState, Footing, Opens, OwedAudit, PastChange, Reason, skip};

const OWNER: &str = "dcr-ours";

fn now() -> Timestamp {
    "2026-03-01T02:00:00Z".parse().unwrap()
}

fn id() -> RecordId {
    let zone = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
    let name = HostName::parse("nas.example.com").unwrap();
    RecordId { zone: ZoneId::parse(zone).unwrap(), name, record_type: RecordType::A }
}

fn addresses(texts: &[&str]) -> BTreeSet<std::net::IpAddr> {
    texts.iter().filter_map(|text| parse_address(text)).collect()
}

fn request() -> Request {
    Request::of_names(Trigger::Timer, NameSet::default(), true)
}

fn audit_of<'a>(request: &'a Request, case: &'a Case) -> Audit<'a> {
    let brakes_told = Box::leak(Box::default());
    let zones = Box::leak(Box::new(Zones::new([id().zone]).unwrap()));
    Audit {
        request,
        case,
        owner: OWNER,
        zones,
        via: Via::RecordSet,
        by: "",
        policy: "",
        has_weighed_ends: true,
        brakes_told,
        now: now(),
    }
}

/// A set that a run has marked so many seconds ago.
fn marked(ago: i64, previous: &[&str]) -> RecordSet {
    let RecordId { zone, name, record_type } = id();
    let mark = Mark {
        version: Mark::VERSION,
        owner: OWNER.to_owned(),
        machine: "/machine".to_owned(),
        run: "run-0".to_owned(),
        time: Some(now() - SignedDuration::from_secs(ago)),
        previous: addresses(previous),
        hold: None,
        undoes: String::new(),
    };
    let mut metadata = BTreeMap::new();
    mark.write_into(&mut metadata);
    RecordSet {
        id: "set".to_owned(),
        zone,
        name,
        record_type,
        etag: "e".to_owned(),
        ttl: 60,
        addresses: addresses(&["203.0.113.7"]),
        alias: None,
        auto_registered: false,
        metadata,
        other: serde_json::Map::new(),
    }
}

/// Section 7: a mark is owed a row when it is younger than 24 h; when younger than 10 minutes only if its set is
/// about to be overwritten; one dated in the future counts as now.
#[test]
fn the_age_of_a_mark_decides_to_the_second() {
    let (request, case) = (request(), Case::default());
    let audit = audit_of(&request, &case);
    for (ago, before, besides) in [
        (-3600, true, false),
        (0, true, false),
        (10 * 60 - 1, true, false),
        (10 * 60, true, true),
        (24 * 3600 - 1, true, true),
        (24 * 3600, false, false),
    ] {
        let set = marked(ago, &["198.51.100.10"]);
        assert_eq!(audit.recovered_of(&set, SignedDuration::ZERO).is_some(), before, "{ago}");
        let seen = LiveSet { id: id(), sent_at: now(), set: Some(set) };
        assert_eq!(audit.recovered([&seen], &BTreeSet::new()).len(), usize::from(besides), "{ago}");
        let mut swept = Case::default();
        swept.history.owed.push(OwedAudit {
            id: id(),
            run: "run-0".to_owned(),
            time: now() - SignedDuration::from_secs(ago),
            machine: "/machine".to_owned(),
            addresses: addresses(&["203.0.113.7"]),
            before: None,
        });
        let swept = Audit { case: &swept, ..audit_of(&request, &case) };
        assert_eq!(swept.recovered([], &BTreeSet::new()).len(), usize::from(besides), "{ago}");
        let overwritten = id();
        assert!(
            swept.recovered([], &BTreeSet::from([&overwritten])).is_empty(),
            "its row went out before: {ago}"
        );
    }
}

#[test]
fn a_row_of_a_landed_write_pays_what_its_mark_owes() {
    let (mut request, mut case) = (request(), Case::default());
    let past = |run: &str| PastChange {
        from: addresses(&["198.51.100.10"]),
        to: addresses(&["203.0.113.7"]),
        time: now(),
        run: run.to_owned(),
        footing: Footing::Unknown,
    };
    let set = marked(3600, &["198.51.100.10"]);
    case.history.changes.insert(id(), vec![past("run-9")]);
    assert!(audit_of(&request, &case).recovered_of(&set, ARRIVAL).is_some(), "another run's row");
    case.history.changes.insert(id(), vec![past("run-9"), past("run-0")]);
    assert!(audit_of(&request, &case).recovered_of(&set, ARRIVAL).is_none());
    request.run = "run-0".to_owned();
    assert!(audit_of(&request, &Case::default()).recovered_of(&set, ARRIVAL).is_none(), "this run's own");
    let other = Audit { owner: "dcr-theirs", ..audit_of(&request, &case) };
    assert!(other.recovered_of(&set, ARRIVAL).is_none(), "another installation's");
}

#[test]
fn a_recovered_row_says_what_was_done_and_when() {
    let (request, case) = (request(), Case::default());
    for (previous, action) in
        [(&[][..], "create"), (&["203.0.113.7"], "adopt"), (&["198.51.100.10"], "update")]
    {
        let row = audit_of(&request, &case).recovered_of(&marked(3600, previous), ARRIVAL).unwrap().row;
        assert_eq!((row.action.as_str(), row.outcome.as_str()), (action, "confirmed"));
        assert_eq!((row.reason.as_str(), row.run.as_str()), ("recovered", "run-0"));
        assert_eq!((row.old_ips, row.new_ips), (previous.join(","), "203.0.113.7".to_owned()));
        assert_eq!(row.time_generated, now() - SignedDuration::from_hours(1));
    }
    let future = audit_of(&request, &case).recovered_of(&marked(-60, &[]), SignedDuration::ZERO).unwrap();
    assert_eq!(future.row.time_generated, now());
}

/// A skip of a row that the alert counts.
fn not_owned() -> Skip {
    let seen = skip::Seen {
        zone: id().zone.to_string(),
        present: "198.51.100.10".to_owned(),
        reported: "203.0.113.7".to_owned(),
        heartbeat_time: Some(now()),
        beats: 2,
        actionable: true,
    };
    Skip {
        name: "nas.example.com".to_owned(),
        record_type: RecordType::A,
        zone: Some(id().zone),
        machine: "/machine".to_owned(),
        others: Vec::new(),
        reason: Reason::NotOwned,
        because: "Why.".to_owned().into(),
        is_durable: false,
        about: None,
        is_held_change: false,
        shared_cause: None,
        seen: Some(seen),
    }
}

/// Section 4: a skip again when its reason is new for that name or a day old.
#[test]
fn a_reason_is_told_when_it_is_new_and_again_after_a_day() {
    let request = request();
    for (ago, told) in [(None, 1), (Some(0), 0), (Some(24 * 3600 - 1), 0), (Some(24 * 3600), 1)] {
        let mut case = Case::default();
        if let Some(ago) = ago {
            let time = now() - SignedDuration::from_secs(ago);
            case.history.audited.insert(key(&id(), "not-owned"), time);
            // What was told of another reason is no word about this one.
            case.history.audited.insert(key(&id(), "alias"), now());
        }
        let audit = audit_of(&request, &case);
        assert_eq!(audit.skips(&[not_owned(), not_owned()]).len(), told, "{ago:?}");
        let mut quiet = not_owned();
        quiet.seen.as_mut().unwrap().actionable = false;
        let rowless = Skip { seen: None, ..not_owned() };
        assert!(audit.skips(&[quiet, rowless]).is_empty(), "the alert does not count them");
    }
}

/// Section 4: a brake that stands again after an hour, and once when it opens.
#[test]
fn a_brake_is_told_each_hour_and_once_when_it_opens() {
    let request = request();
    let brake = Brake {
        brake: BrakeKind::Surge,
        zone: Some(id().zone),
        limit: 30,
        seen: Some(40),
        names: BTreeSet::new(),
        opens: Opens::NextRun,
        digest: None,
        besides: Vec::new(),
        because: "Why.".to_owned().into(),
        about: About::Volume,
    };
    let rows = |state: Option<(i64, bool)>, brakes: &[Brake]| {
        let mut case = Case::default();
        if let Some((ago, stands)) = state {
            let time = now() - SignedDuration::from_secs(ago);
            case.history.brakes.insert(audited(&brake), BrakeState { time, stands });
        }
        audit_of(&request, &case)
            .brakes(brakes, &[])
            .into_iter()
            .map(|row| row.row.outcome)
            .collect::<Vec<_>>()
    };
    let stands = std::slice::from_ref(&brake);
    assert_eq!(rows(None, stands), ["stands"]);
    assert!(rows(Some((0, true)), stands).is_empty());
    assert!(rows(Some((3599, true)), stands).is_empty());
    assert_eq!(rows(Some((3600, true)), stands), ["stands"]);
    assert_eq!(rows(Some((60, false)), stands), ["stands"], "it had opened");
    assert_eq!(rows(Some((60, true)), &[]), ["opened"]);
    assert_eq!(rows(Some((7200, true)), &[]), ["opened"], "however long it stood");
    assert!(rows(Some((60, false)), &[]).is_empty(), "that was told");
    assert!(rows(None, &[]).is_empty());
}

/// What the row says that a run owes of which only the log has the mark: its action and the addresses before.
fn told_by_the_log(before: Option<(i64, &[&str])>, changed: Option<(i64, &str)>) -> (String, String) {
    let ago = |minutes| now() - SignedDuration::from_mins(minutes);
    let mut case = Case::default();
    case.history.owed.push(OwedAudit {
        id: id(),
        run: "killed".to_owned(),
        time: ago(25),
        machine: String::new(),
        addresses: addresses(&["203.0.113.7"]),
        before: before.map(|(minutes, held)| (ago(minutes), addresses(held))),
    });
    if let Some((minutes, to)) = changed {
        let (from, to, time) = (BTreeSet::new(), addresses(&[to]), ago(minutes));
        case.history.changes.insert(
            id(),
            vec![PastChange { from, to, time, run: "before".to_owned(), footing: Footing::Unknown }],
        );
    }
    let request = request();
    let rows = audit_of(&request, &case).recovered([], &BTreeSet::new());
    assert_eq!((rows.len(), rows[0].row.new_ips.as_str()), (1, "203.0.113.7"));
    (rows[0].row.action.clone(), rows[0].row.old_ips.clone())
}

#[test]
fn what_an_owed_write_replaced_is_the_newest_that_the_log_knew() {
    let said = |action: &str, old: &str| (action.to_owned(), old.to_owned());
    assert_eq!(told_by_the_log(Some((49, &["198.51.100.1"])), None), said("update", "198.51.100.1"));
    assert_eq!(told_by_the_log(Some((49, &[])), None), said("create", ""));
    assert_eq!(told_by_the_log(Some((49, &["203.0.113.7"])), None), said("adopt", "203.0.113.7"));
    let one: (i64, &[&str]) = (49, &["198.51.100.1"]);
    assert_eq!(told_by_the_log(Some(one), Some((30, "198.51.100.2"))), said("update", "198.51.100.2"));
    assert_eq!(told_by_the_log(Some(one), Some((60, "198.51.100.2"))), said("update", "198.51.100.1"));
    // What came after the mark says nothing of what was before; without anything it is not known.
    assert_eq!(told_by_the_log(Some(one), Some((20, "198.51.100.2"))), said("update", "198.51.100.1"));
    assert_eq!(told_by_the_log(None, Some((20, "198.51.100.2"))), said("update", ""));
}

fn blind(cause: &'static str) -> Brake {
    Brake {
        brake: BrakeKind::Blind,
        zone: None,
        limit: 0,
        seen: None,
        names: BTreeSet::new(),
        opens: Opens::FreshData,
        digest: None,
        besides: Vec::new(),
        because: String::new().into(),
        about: About::Cause(cause),
    }
}

#[test]
fn a_partial_answer_opens_no_brake_and_tells_its_own_once_an_hour() {
    let standing = AuditedBrake { zone: None, brake: BrakeKind::Surge, address: None };
    let mut case = Case { partial: true, ..Case::default() };
    case.history.brakes.insert(standing, BrakeState { time: now(), stands: true });
    let request = request();
    let audit = audit_of(&request, &case);
    let partial = [blind("partial")];
    let rows = audit.brakes(&partial, &[]);
    let said = |rows: &[AuditRow]| rows.iter().map(|row| row.row.outcome.clone()).collect::<Vec<_>>();
    assert_eq!(said(&rows), ["stands"]);
    let mut told = Told::default();
    told.accepted(&rows);
    for (ago, expected) in [(3599, 0), (3600, 1)] {
        audit.brakes_told.learn(&case, &told.of_brakes, now() - SignedDuration::from_secs(ago));
        assert_eq!(audit.brakes(&partial, &[]).len(), expected, "{ago}");
    }
    // A command knows nothing of an hour ago.
    let command = Request::of_names(Trigger::Cli, NameSet::default(), true);
    assert!(audit_of(&command, &case).brakes(&partial, &[]).is_empty());
    // A whole answer says again what stands, and that it opened.
    let whole = Case { partial: false, ..case.clone() };
    assert_eq!(said(&audit_of(&request, &whole).brakes(&[], &[])), ["opened"]);
    audit.brakes_told.learn(&whole, &told.of_brakes, now());
    assert!(audit.brakes(&partial, &[]).is_empty());
    audit.brakes_told.learn(&whole, &[], now());
    assert_eq!(audit.brakes(&partial, &[]).len(), 1, "it opened meanwhile");
}

#[test]
fn a_brake_opens_only_where_all_was_seen_and_only_in_our_zones() {
    let stands = |zone: Option<ZoneId>| AuditedBrake { zone, brake: BrakeKind::Surge, address: None };
    let other = ZoneId::parse(&id().zone.as_str().replace("example.com", "example.org")).unwrap();
    let mut case = Case::default();
    for zone in [Some(id().zone), Some(other.clone()), None] {
        case.history.brakes.insert(stands(zone), BrakeState { time: now(), stands: true });
    }
    let request = request();
    let opened = |skips: &[Skip]| {
        let rows = audit_of(&request, &case).brakes(&[], skips);
        rows.into_iter().map(|row| row.row.zone_id).collect::<Vec<_>>()
    };
    let ours = id().zone.lower().to_owned();
    assert_eq!(opened(&[]), [String::new(), ours], "that of another installation's zone is not ours to open");
    let unseen = Skip { reason: Reason::Blind, ..not_owned() };
    assert_eq!(opened(&[unseen]), Vec::<String>::new());
    // Nor where rows may be missing: then nothing that is not `blind` has a row to speak of it.
    let audit = audit_of(&request, &case);
    let zones = |brake: Brake| {
        let rows = audit.brakes(&[brake], &[]).into_iter().filter(|row| row.row.outcome == "opened");
        rows.map(|row| row.row.zone_id).collect::<Vec<_>>()
    };
    assert_eq!(zones(blind("tags")), [String::new()]);
    assert_eq!(zones(Brake { zone: Some(id().zone), ..blind("sweep") }), [String::new()]);
    let ours = id().zone.lower().to_owned();
    assert_eq!(zones(Brake { zone: Some(other), ..blind("sweep") }), [String::new(), ours]);
}
