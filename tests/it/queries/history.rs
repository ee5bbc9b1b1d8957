//! What the last day teaches, from the tables to the value that the plan reads.

use std::net::IpAddr;

use pure::domain::{HostName, RecordId, RecordType, ZoneId};
use pure::plan::{AuditedBrake, AuditedReason, BrakeKind, BrakeState, Footing, History};
use serde_json::json;

use super::world::{World, ZONE, before, id, lower_id};

fn history(world: &World) -> History {
    let table = world.run(heartbeat_dns::queries::HISTORY);
    heartbeat_dns::queries::history(&table.columns, &table.rows)
}

fn zone() -> ZoneId {
    ZoneId::parse(ZONE).unwrap()
}

fn key(name: &str) -> RecordId {
    RecordId { zone: zone(), name: HostName::parse(name).unwrap(), record_type: RecordType::A }
}

fn time(minutes: f64) -> jiff::Timestamp {
    before(minutes).parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn an_empty_workspace_teaches_nothing() {
    let history = history(&World::empty());
    assert!(history.changes.is_empty() && history.zones.is_empty() && history.owed.is_empty());
    assert_eq!((history.tags_marker, history.newest_heartbeat), (None, None));
    assert_eq!((history.heard_before, history.lost), (0, 0));
}

#[test]
fn changes_are_those_whose_write_landed_each_once() {
    let moves = |from: &str, to: &str, cause: &str| json!({"OldIPs_s": from, "NewIPs_s": to, "ResourceId_s": id("nas"), "Cause_s": cause});
    let world = World::empty()
        .change(300.0, "nas.example.com", "run-1", moves("198.51.100.1", "198.51.100.2", "adopted-seen"))
        .change(200.0, "nas.example.com", "run-2", moves("198.51.100.2", "198.51.100.1,198.51.100.3", ""))
        .change(100.0, "nas.example.com", "run-3", json!({"Outcome_s": "failed", "NewIPs_s": "198.51.100.4"}))
        .change(90.0, "nas.example.com", "run-4", json!({"Outcome_s": "conflict"}))
        .change(80.0, "nas.example.com", "run-5", json!({"Outcome_s": "", "Reason_s": "flapping"}))
        .change(
            70.0,
            "pi.example.com",
            "run-1",
            json!({"Outcome_s": "unconfirmed", "NewIPs_s": "198.51.100.5"}),
        )
        // The row of run-1 came a second time, from a run that thought it was owed.
        .change(
            60.0,
            "nas.example.com",
            "run-1",
            json!({"Reason_s": "recovered", "NewIPs_s": "198.51.100.2"}),
        )
        .doubled();
    let history = history(&world);
    let told: Vec<_> = history.changes[&key("nas.example.com")]
        .iter()
        .map(|change| (change.run.as_str(), change.time, change.from.len(), change.to.len(), change.footing))
        .collect();
    let (unmarked, unknown) = (Footing::Unmarked, Footing::Unknown);
    assert_eq!(told, [("run-1", time(300.0), 1, 1, unmarked), ("run-2", time(200.0), 1, 2, unknown)]);
    assert_eq!(history.changes[&key("pi.example.com")].len(), 1);
    assert_eq!(history.changes.len(), 2);
}

#[test]
fn departures_are_told_per_zone_and_new_address() {
    let moves = |from: &str, to: &str| json!({"OldIPs_s": from, "NewIPs_s": to});
    let world = World::empty()
        .change(50.0, "a.example.com", "r", moves("198.51.100.1", "203.0.113.7"))
        .change(40.0, "b.example.com", "r", moves("198.51.100.1", "203.0.113.7"))
        .change(30.0, "c.example.com", "r", moves("198.51.100.2,198.51.100.3", "203.0.113.7"))
        // It kept one address, so it left one.
        .change(20.0, "d.example.com", "r", moves("203.0.113.9,198.51.100.4", "203.0.113.7,203.0.113.9"))
        // It took nothing from anybody.
        .change(10.0, "e.example.com", "r", moves("", "203.0.113.8"));
    let departures = history(&world).departures;
    let left =
        |name: &str, old: &[&str]| (HostName::parse(name).unwrap(), old.iter().map(|old| ip(old)).collect());
    let names = [
        left("a.example.com", &["198.51.100.1"]),
        left("b.example.com", &["198.51.100.1"]),
        left("c.example.com", &["198.51.100.2", "198.51.100.3"]),
        left("d.example.com", &["198.51.100.4"]),
    ];
    assert_eq!(departures, [((zone(), ip("203.0.113.7")), names.into())].into());
}

#[test]
fn reasons_are_told_with_their_newest_time() {
    let reason = |code: &str| json!({"Outcome_s": "", "Action_s": "skip", "Reason_s": code});
    let world = World::empty()
        .change(500.0, "nas.example.com", "r1", reason("flapping"))
        .change(200.0, "nas.example.com", "r2", reason("flapping"))
        .change(300.0, "nas.example.com", "r3", reason("not-owned"));
    let key = |code: &str| AuditedReason {
        zone: ZONE.to_lowercase(),
        name: "nas.example.com".to_owned(),
        record_type: "A".to_owned(),
        reason: code.to_owned(),
    };
    let expected = [(key("flapping"), time(200.0)), (key("not-owned"), time(300.0))];
    assert_eq!(history(&world).audited, expected.into());
}

#[test]
fn a_contest_is_remembered_for_two_days_and_nothing_else_is() {
    let skip = |code: &str| json!({"Outcome_s": "", "Action_s": "skip", "Reason_s": code});
    let day = 24.0 * 60.0;
    let world = World::empty()
        .change(2.0 * day + 1.0, "old.example.com", "r0", skip("contested"))
        .change(2.0 * day - 1.0, "nas.example.com", "r1", skip("contested"))
        .change(day + 1.0, "nas.example.com", "r2", skip("contested"))
        .change(day + 1.0, "nas.example.com", "r3", skip("not-owned"))
        .change(day + 1.0, "nas.example.com", "r4", json!({"NewIPs_s": "198.51.100.1"}))
        .change(60.0, "pi.example.com", "r5", skip("contested"));
    let history = history(&world);
    let expected = [(key("nas.example.com"), time(day + 1.0)), (key("pi.example.com"), time(60.0))];
    assert_eq!(history.contested, expected.into());
    assert!(history.changes.is_empty(), "{:?}", history.changes);
    let audited: Vec<_> =
        history.audited.keys().map(|key| (key.name.as_str(), key.reason.as_str())).collect();
    assert_eq!(audited, [("pi.example.com", "contested")]);
}

#[test]
fn of_a_change_that_nobody_knows_of_it_is_told() {
    let change = |outcome: &str| json!({"Outcome_s": outcome, "NewIPs_s": "198.51.100.5"});
    let world = World::empty().change(80.0, "nas.example.com", "run-1", change("confirmed")).change(
        70.0,
        "nas.example.com",
        "run-2",
        change("unconfirmed"),
    );
    let history = history(&world);
    assert_eq!(history.changes[&key("nas.example.com")].len(), 2);
    assert_eq!(history.unconfirmed, [(key("nas.example.com"), "run-2".to_owned())].into());
}

#[test]
fn of_a_change_whose_rows_contradict_each_other_it_is_told() {
    let to = |address: &str| json!({"NewIPs_s": address, "Outcome_s": "confirmed"});
    let world = World::empty()
        .change(80.0, "nas.example.com", "run-1", to("198.51.100.5"))
        .change(79.0, "nas.example.com", "run-1", to("198.51.100.5"))
        .change(70.0, "nas.example.com", "run-2", to("198.51.100.5"))
        // Before the row of the run itself, or after it.
        .change(75.0, "nas.example.com", "run-2", to("198.51.100.6"))
        .change(70.0, "pi.example.com", "run-2", to("198.51.100.7"));
    let history = history(&world);
    assert_eq!(history.disputed, [(key("nas.example.com"), "run-2".to_owned())].into());
    assert!(history.unconfirmed.is_empty(), "{:?}", history.unconfirmed);
}

#[test]
fn brakes_are_told_as_their_newest_row_says() {
    let brake = |brake: &str, zone: &str, address: &str, outcome: &str| {
        json!({
            "Action_s": "brake", "Reason_s": brake, "ZoneId_s": zone, "NewIPs_s": address, "Outcome_s": outcome,
        })
    };
    let world = World::empty()
        .change(500.0, "", "r1", brake("converging", ZONE, "203.0.113.7", "stands"))
        .change(400.0, "", "r2", brake("surge", ZONE, "", "opened"))
        .change(300.0, "", "r2", brake("surge", ZONE, "", "stands"))
        .change(200.0, "", "r3", brake("blind", "", "", "stands"))
        .change(100.0, "", "r4", brake("blind", "", "", "opened"))
        // Nobody knows what these were about.
        .change(100.0, "", "r4", brake("handbrake", ZONE, "", "stands"))
        .change(100.0, "", "r4", brake("surge", "/nowhere", "", "stands"))
        .change(100.0, "", "r4", brake("converging", ZONE, "here", "stands"));
    let key = |brake: BrakeKind, zone: Option<ZoneId>, address: Option<IpAddr>| AuditedBrake {
        zone,
        brake,
        address,
    };
    let state = |ago: f64, stands: bool| BrakeState { time: time(ago), stands };
    let expected = [
        (key(BrakeKind::Converging, Some(zone()), Some(ip("203.0.113.7"))), state(500.0, true)),
        (key(BrakeKind::Surge, Some(zone()), None), state(300.0, true)),
        (key(BrakeKind::Blind, None, None), state(100.0, false)),
    ];
    assert_eq!(history(&world).brakes, expected.into());
}

#[test]
fn a_zone_is_told_as_its_newest_sweep_found_it() {
    let world = World::empty()
        .tag_marker(200.0)
        .zone_marker(200.0, ZONE)
        // Gone since the sweep before.
        .tag_with("old", "old.example.com", json!({"TimeGenerated": before(199.0)}))
        .record_with("old.example.com", &["198.51.100.66"], json!({"TimeGenerated": before(199.0)}))
        .tag_marker(20.0)
        .zone_marker(20.0, ZONE)
        .tag("nas", "nas.example.com")
        .tag("nas", "files.example.com")
        .tag("pi", "nas.example.com")
        .tag("tv", "tv.example.com")
        .tag_with("lost", "lost.example.org", json!({"ZoneId_s": "", "Skip_s": "no-zone"}))
        .record("nas.example.com", &["198.51.100.1", "198.51.100.2"])
        .record("files.example.com", &["198.51.100.1"])
        .record("files.example.com", &["2001:db8::1"])
        .record("tv.example.com", &[])
        .record("www.example.com", &["198.51.100.99"])
        .beats("nas", 1..=5, "198.51.100.1")
        .beats("pi", [61], "198.51.100.2")
        .doubled();
    let history = history(&world);
    assert_eq!(history.tags_marker, Some(time(20.0)));
    assert_eq!(history.zones.len(), 1);
    let zone = &history.zones[&zone()];
    assert_eq!(zone.marker, Some(time(20.0)));
    assert_eq!((zone.a_sets, zone.aaaa_sets), (4, 1), "nas, files, tv, www; files");
    assert_eq!(zone.claimed_names, 3, "nas, files, tv");
    assert_eq!(zone.silent, 2, "pi was heard 61 minutes before, tv never");
    assert_eq!(zone.distinct_present, 3, "nobody claims www");
}

#[test]
fn a_zone_without_a_sweep_has_no_marker() {
    let world = World::empty().tag_marker(20.0).tag("nas", "nas.example.com");
    let zone = &history(&world).zones[&zone()];
    assert_eq!((zone.marker, zone.claimed_names, zone.silent, zone.a_sets), (None, 1, 1, 0));
}

#[test]
fn machines_are_counted_by_when_they_were_heard() {
    let world = World::empty()
        .beats("always", [1, 14, 30, 60, 74], "203.0.113.1")
        .beats("new", [15], "203.0.113.2")
        .beats("lost", [16, 40], "203.0.113.3")
        .beats("long-lost", [76], "203.0.113.4")
        // A second beat of a SCOM agent, and one of a machine without an id: nobody is heard by them.
        .beat_with("scom", 1.0, "203.0.113.5", json!({"SCAgentChannel": "SCManagementServer"}))
        .beat_with("classic", 0.5, "203.0.113.6", json!({"_ResourceId": ""}));
    let history = history(&world);
    assert_eq!((history.heard_before, history.lost), (2, 1));
    assert_eq!(history.newest_heartbeat, Some(time(0.5)));
}

#[test]
fn a_young_mark_without_an_audit_row_is_owed() {
    let mark = |run: &str, minutes: f64| json!({"Owner_s": lower_id("nas"), "MarkRun_s": run, "MarkTime_t": before(minutes)});
    let world = World::swept()
        .record_with("owed.example.com", &["203.0.113.7", "203.0.113.8"], mark("killed", 25.0))
        .record_with("paid.example.com", &["203.0.113.7"], mark("killed", 25.0))
        .record_with("old.example.com", &["203.0.113.7"], mark("older", 1441.0))
        .record("plain.example.com", &["203.0.113.7"])
        // The set was written again, and audited, after the sweep that saw the first mark.
        .record_with("later.example.com", &["203.0.113.7"], mark("killed", 25.0))
        .record_with("later.example.com", &["203.0.113.8"], {
            json!({"MarkRun_s": "next", "MarkTime_t": before(5.0), "TimeGenerated": before(5.0)})
        })
        .change(25.0, "paid.example.com", "killed", json!({}))
        .change(25.0, "owed.example.com", "killed", json!({"RecordType_s": "AAAA"}))
        .change(25.0, "owed.example.com", "another", json!({}))
        .change(5.0, "later.example.com", "next", json!({"Reason_s": "recovered"}))
        .doubled();
    let owed = history(&world).owed;
    assert_eq!(owed.len(), 1, "{owed:?}");
    assert_eq!(owed[0].id, key("owed.example.com"));
    assert_eq!((owed[0].run.as_str(), owed[0].machine.as_str()), ("killed", lower_id("nas").as_str()));
    assert_eq!((owed[0].time, owed[0].addresses.len()), (time(25.0), 2));
    assert_eq!(owed[0].before, None, "no sweep of the day was before it");
}

#[test]
fn what_an_owed_write_replaced_is_what_the_log_knew_before() {
    let mark = json!({"Owner_s": lower_id("nas"), "MarkRun_s": "killed", "MarkTime_t": before(25.0)});
    let then = |minutes: f64| json!({"TimeGenerated": before(minutes)});
    let world = World::empty()
        .zone_marker(100.0, ZONE)
        .record_with("moved.example.com", &["198.51.100.66"], then(99.0))
        .zone_marker(50.0, ZONE)
        // Read in the very moment in which that sweep began.
        .record_with("moved.example.com", &["198.51.100.2", "198.51.100.1"], then(50.0))
        .record_with("late.example.com", &["198.51.100.3"], then(49.0))
        .record_with("late.example.com", &["198.51.100.4"], then(30.0))
        // Gone with the sweep before.
        .record_with("new.example.com", &["198.51.100.5"], then(99.0))
        .zone_marker(20.0, ZONE)
        .record_with("moved.example.com", &["203.0.113.7"], mark.clone())
        .record_with("late.example.com", &["203.0.113.7"], mark.clone())
        .record_with("new.example.com", &["203.0.113.7"], mark)
        .doubled();
    let owed = history(&world).owed;
    let before: Vec<_> =
        owed.iter().map(|owed| (owed.id.name.as_str(), owed.before.clone().unwrap())).collect();
    let expected = [
        ("late.example.com", (time(30.0), [ip("198.51.100.4")].into())),
        ("moved.example.com", (time(50.0), [ip("198.51.100.1"), ip("198.51.100.2")].into())),
        ("new.example.com", (time(50.0), [].into())),
    ];
    assert_eq!(before, expected);
}

#[test]
fn names_that_are_not_in_sync_whatever_they_hold_are_told() {
    let hidden = json!({"Refused_s": "code=delegated"});
    let world = World::swept()
        .tag("fresh", "fresh.example.com")
        .tag("old", "old.example.com")
        // One of two machines was heard lately, and one just so.
        .tag("second", "fresh.example.com")
        .tag("just", "just.example.com")
        .tag("both", "both.example.com")
        .tag("below", "below.sub.example.com")
        .tag("mute", "mute.sub.example.com")
        .tag_with("not", "not.example.com", json!({"Skip_s": "name-not-allowed"}))
        .record("old.example.com", &["203.0.113.1"])
        .record_with("below.sub.example.com", &["203.0.113.1"], hidden.clone())
        .record_with("mute.sub.example.com", &["203.0.113.1"], hidden.clone())
        .record_with("nobody.sub.example.com", &["203.0.113.1"], hidden)
        .beats("fresh", [1, 2], "203.0.113.1")
        .beats("old", [50, 51], "203.0.113.1")
        .beats("second", [50, 51], "203.0.113.1")
        .beats("just", [15, 16], "203.0.113.1")
        .beats("below", [1, 2], "203.0.113.1")
        .beats("not", [50], "203.0.113.1")
        .doubled();
    let history = history(&world);
    let unfit: Vec<_> = history.unfit.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(unfit, ["below.sub.example.com", "old.example.com"]);
    assert!(history.refused.is_empty(), "nobody was refused");
    let zone = &history.zones[&zone()];
    assert_eq!((zone.claimed_names, zone.silent_names, zone.silent), (6, 2, 2), "{zone:?}");
}

#[test]
fn a_silent_machine_counts_once_whatever_its_zones() {
    let other = ZONE.replace("example.com", "example.org");
    let world = World::swept()
        .tag("mute", "mute.example.com")
        .tag_with("mute", "mute.example.org", json!({"ZoneId_s": other}))
        .tag("deaf", "deaf.example.com");
    let zones = history(&world).zones;
    assert_eq!(zones.values().map(|zone| zone.silent).sum::<u64>(), 2, "{zones:?}");
    assert_eq!(zones.values().map(|zone| zone.silent_names).sum::<u64>(), 3);
}

/// The heartbeats of a little more than the hour are asked for; to count as heard, a name needs one of the hour.
#[test]
fn a_name_is_silent_when_none_of_its_machines_was_heard_within_the_hour() {
    let zone = |minutes: u32| {
        let world = World::swept().tag("pi", "pi.example.com").tag("tv", "tv.example.com");
        let world = world.beats("pi", [minutes], "203.0.113.1").beats("tv", [1], "203.0.113.2");
        history(&world).zones[&zone()].clone()
    };
    for (minutes, silent) in [(1, 0), (59, 0), (61, 1), (74, 1), (90, 1)] {
        let zone = zone(minutes);
        assert_eq!((zone.silent_names, zone.silent), (silent, silent), "{minutes} minutes: {zone:?}");
    }
}
