//! What the log is told of sets, refusals and tags, and of what it is told nothing.

use super::*;
use jiff::SignedDuration;
use pure::domain::{Mark, RecordType, Zones};
use pure::plan::report::Outcome;
use pure::plan::{After, Cause, Change, Grant, OwedAudit, Reason, Refusal, Terms, skip};
use pure::progress::{Fate, Mishap};

const OWNER: &str = "dcr-ours";
const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

fn now() -> Timestamp {
    "2026-03-01T02:00:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn machine(name: &str) -> ResourceId {
    let base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines";
    ResourceId::parse(&format!("{base}/{name}")).unwrap()
}

fn zone() -> ZoneId {
    let text = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
    ZoneId::parse(text).unwrap()
}

fn id() -> RecordId {
    let name = HostName::parse("nas.example.com").unwrap();
    RecordId { zone: zone(), name, record_type: RecordType::A }
}

/// The set as it stands, marked for `nas`.
fn set(address: &str) -> RecordSet {
    let RecordId { zone, name, record_type } = id();
    let mark = Mark {
        version: Mark::VERSION,
        owner: OWNER.to_owned(),
        machine: machine("nas").lower().to_owned(),
        run: "run-0".to_owned(),
        time: Some(ago(3600)),
        previous: BTreeSet::new(),
        hold: None,
        undoes: String::new(),
    };
    let mut metadata = BTreeMap::new();
    mark.write_into(&mut metadata);
    let addresses = parse_address(address).into_iter().collect();
    let (other, etag) = (serde_json::Map::new(), "e".to_owned());
    RecordSet {
        id: "set".to_owned(),
        zone,
        name,
        record_type,
        etag,
        ttl: 60,
        addresses,
        alias: None,
        auto_registered: false,
        metadata,
        other,
    }
}

/// The row of the same set as the log has it.
fn row() -> MismatchRow {
    MismatchRow {
        computer_ip: NEW.to_owned(),
        dns_ip: OLD.to_owned(),
        zone_id: zone().to_string(),
        record_set_id: "set".to_owned(),
        etag: "e".to_owned(),
        owner: machine("nas").lower().to_owned(),
        ..MismatchRow::unheard(machine("nas").as_str(), "nas.example.com", RecordType::A)
    }
}

fn case(rows: Vec<MismatchRow>) -> Case {
    Case { rows, ..Case::default() }
}

fn seen(set: Option<RecordSet>) -> LiveSet {
    LiveSet { id: id(), sent_at: ago(30), set }
}

/// A change that was tried ten seconds ago.
fn done(outcome: Outcome, code: &str, written: Option<RecordSet>, is_durable: bool) -> Done {
    let addresses = parse_address(NEW).into_iter().collect();
    let after = After { addresses, ttl: 60, machine: machine("nas") };
    let change = Change { id: id(), before: Some(set(OLD)), after, cause: Cause::Adopted { beats: None } };
    let mishap = (!code.is_empty()).then(|| Mishap { code: code.to_owned(), words: String::new() });
    Done { change, fate: Fate { outcome, mishap, written, is_durable }, at: ago(10) }
}

/// A skip of the row.
fn skipped(name: &str, is_durable: bool, actionable: bool) -> Skip {
    let seen = skip::Seen {
        zone: zone().to_string(),
        present: OLD.to_owned(),
        reported: NEW.to_owned(),
        heartbeat_time: None,
        beats: 2,
        actionable,
    };
    Skip {
        name: "nas.example.com".to_owned(),
        record_type: RecordType::A,
        zone: Some(zone()),
        machine: machine(name).to_string(),
        others: Vec::new(),
        reason: Reason::NotOwned,
        because: String::new().into(),
        is_durable,
        about: None,
        is_held_change: false,
        shared_cause: None,
        seen: Some(seen),
    }
}

/// What is told: when, which address, and which refusal.
fn told(case: &Case, done: &[Done], seen: &[LiveSet], skips: &[Skip]) -> Vec<(i64, String, String)> {
    let sets = Sets { case, owner: OWNER, run: "run", now: now() };
    let skips: Vec<_> = skips.iter().collect();
    let rows = sets.rows(done, seen.iter(), &skips).into_iter();
    rows.map(|row| (now().duration_since(row.time_generated).as_secs(), row.dns_ip, row.refused)).collect()
}

fn one(seconds: i64, address: &str, refused: &str) -> Vec<(i64, String, String)> {
    vec![(seconds, address.to_owned(), refused.to_owned())]
}

#[test]
fn what_a_live_read_showed_is_told_where_the_log_has_anything_else() {
    let live = [seen(Some(set(OLD)))];
    assert!(told(&case(vec![row()]), &[], &live, &[]).is_empty(), "the log has it so");
    let news = one(30, OLD, "");
    for other in [
        MismatchRow { dns_ip: NEW.to_owned(), ..row() },
        MismatchRow { etag: "f".to_owned(), ..row() },
        MismatchRow { owner: machine("pi").lower().to_owned(), ..row() },
        MismatchRow { is_alias: true, ..row() },
        MismatchRow { record_set_id: String::new(), ..row() },
        MismatchRow { host_name: "pi.example.com".to_owned(), ..row() },
    ] {
        assert_eq!(told(&case(vec![other.clone()]), &[], &live, &[]), news, "{other:?}");
    }
}

#[test]
fn a_set_that_is_gone_is_told_once_and_not_while_the_row_of_its_mark_is_owed() {
    let gone = [seen(None)];
    let mut known = case(vec![row()]);
    assert_eq!(told(&known, &[], &gone, &[]), one(30, "", "code=absent"));
    known.history.owed.push(OwedAudit {
        id: id(),
        run: "run-0".to_owned(),
        time: ago(3600),
        machine: String::new(),
        addresses: BTreeSet::new(),
        before: None,
    });
    assert!(told(&known, &[], &gone, &[]).is_empty(), "the mark in the log is the only witness");
    let bare =
        MismatchRow { dns_ip: String::new(), record_set_id: String::new(), etag: String::new(), ..row() };
    assert!(told(&case(vec![bare]), &[], &gone, &[]).is_empty(), "the log knows of none");
}

#[test]
fn what_was_written_is_told_as_of_the_end_of_the_write() {
    let written = [done(Outcome::Confirmed, "", Some(set(NEW)), false)];
    assert_eq!(told(&case(vec![row()]), &written, &[seen(Some(set(OLD)))], &[]), one(10, NEW, ""));
    let failed = [done(Outcome::Failed, "Odd", None, false)];
    assert!(told(&case(vec![row()]), &failed, &[seen(Some(set(OLD)))], &[]).is_empty());
}

#[test]
fn a_refusal_for_good_is_told_until_the_log_knows_it() {
    let live = [seen(Some(set(OLD)))];
    let words = |code: &str, to: &[&str]| {
        Refused::new(code, to.iter().map(|name| (machine(name), parse_address(NEW).unwrap()))).to_string()
    };
    let refused = [done(Outcome::Failed, "ScopeLocked", None, true)];
    let news = one(0, OLD, &words("ScopeLocked", &["nas"]));
    let mut known = case(vec![row()]);
    assert_eq!(told(&known, &refused, &live, &[]), news);
    known.partial = true;
    assert!(told(&known, &refused, &live, &[]).is_empty(), "a part of an answer does not say what is known");
    known.partial = false;
    for (etag, cell, expected) in [
        ("e", words("ScopeLocked", &["nas"]), Vec::new()),
        ("f", words("ScopeLocked", &["nas"]), news.clone()),
        ("e", words("ScopeLocked", &["pi"]), news.clone()),
        ("e", words("not-owned", &["nas"]), news.clone()),
    ] {
        let refusal = Refusal { refused: Refused::parse(&cell).unwrap(), etag: etag.to_owned() };
        known.history.refused = [(id(), refusal)].into();
        assert_eq!(told(&known, &refused, &live, &[]), expected, "{etag} {cell}");
    }
    // Of rows, those that the alert counts are news; others at the same place are said with them.
    let known = case(vec![row()]);
    let both = [skipped("nas", true, true), skipped("pi", true, false)];
    assert_eq!(told(&known, &[], &live, &both), one(0, OLD, &words("not-owned", &["nas", "pi"])));
    assert!(told(&known, &[], &live, &both[1..]).is_empty());
    assert!(told(&known, &[], &live, &[skipped("nas", false, true)]).is_empty(), "patience ends it");
}

#[test]
fn a_tag_is_told_as_it_is_when_the_log_has_a_name_that_it_lacks() {
    let zones = Zones::new([zone()]).unwrap();
    let grant = Grant::everywhere(["*.example.com".parse().unwrap()], Terms::default());
    let policy = Policy::new(zones, [grant], OWNER);
    let other = MismatchRow { host_name: "files.example.com".to_owned(), ..row() };
    let told = |rows: &[MismatchRow], name: &str, live: Live| {
        let tags = [(machine(name), live, ago(30))];
        let rows =
            tag_rows(&tags, &Case { rows: rows.to_vec(), ..Case::default() }, &policy, "run").into_iter();
        rows.map(|row| {
            let zone = row.zone_id.rsplit('/').next().unwrap_or_default().to_owned();
            (now().duration_since(row.time_generated).as_secs(), row.host_name, zone, row.skip)
        })
        .collect::<Vec<_>>()
    };
    let tagged = |names: &str| Live::Tagged(vec![names.to_owned()]);
    let both = [row(), other];
    let line = |name: &str, zone: &str, skip: &str| (30, name.to_owned(), zone.to_owned(), skip.to_owned());
    assert!(told(&both, "nas", tagged("NAS.example.com., files.example.com, new.example.com")).is_empty());
    // One of two is missing, and what is there is told whole.
    assert_eq!(
        told(&both, "nas", tagged("nas.example.com wpad.example.com")),
        [
            line("nas.example.com", "example.com", ""),
            line("wpad.example.com", "example.com", "name-reserved")
        ]
    );
    assert_eq!(told(&both, "nas", tagged("")), [line("", "", "")], "it claims nothing any more");
    assert_eq!(told(&both, "nas", Live::Gone), [line("", "", "")]);
    assert!(told(&both, "nas", Live::Unreadable).is_empty(), "nobody knows what it says");
    assert!(told(&both, "pi", tagged("")).is_empty(), "the log has nothing of it");
}
