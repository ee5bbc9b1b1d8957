//! The alert on the system itself: one row a fault, over small worlds.

use serde_json::{Value, json};

use super::read;

const ZONE: &str = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";

/// A world at noon in which all is well, and what is changed in it.
struct World {
    tags: Value,
    zone: Value,
    heartbeat: Value,
    changes: Value,
}

fn well() -> World {
    World {
        tags: json!([{ "TimeGenerated": "2026-11-20T11:30:00Z", "id_s": "" },
                     { "TimeGenerated": "2026-11-20T11:30:01Z", "id_s": "/m/nas" }]),
        zone: json!([{ "TimeGenerated": "2026-11-20T11:30:00Z", "RecordType_s": "SOA", "ZoneId_s": ZONE },
                     { "TimeGenerated": "2026-11-20T11:30:01Z", "RecordType_s": "A", "ZoneId_s": ZONE }]),
        heartbeat: json!([{ "TimeGenerated": "2026-11-20T11:59:00Z" }]),
        changes: json!([{ "TimeGenerated": "2026-11-20T11:50:00Z", "Action_s": "update", "Outcome_s": "confirmed" },
                        { "TimeGenerated": "2026-11-20T11:50:00Z", "Action_s": "skip", "Reason_s": "alias" }]),
    }
}

/// Fault, subject and reason of each row.
fn faults(world: &World) -> Vec<(String, String, String)> {
    asked(world, &read("infra/kql/health.kql"))
}

fn asked(world: &World, query: &str) -> Vec<(String, String, String)> {
    let mut database = super::database();
    for (table, rows) in [
        ("TagData_CL", &world.tags),
        ("DNSData_CL", &world.zone),
        ("Heartbeat", &world.heartbeat),
        ("DNSChange_CL", &world.changes),
    ] {
        super::append(&mut database, table, rows);
    }
    let (_, rows) = super::ask(query, &database);
    let text = |row: &Value, i: usize| row[i].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(row, 0), text(row, 1), text(row, 3))).collect()
}

fn one(world: &World) -> (String, String, String) {
    let mut found = faults(world);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn nothing_is_said_when_all_is_well() {
    assert_eq!(faults(&well()), []);
}

#[test]
fn tags_that_were_not_swept_are_named() {
    let mut world = well();
    world.tags[0]["TimeGenerated"] = json!("2026-11-20T09:59:00Z");
    let (fault, subject, because) = one(&world);
    assert_eq!((fault.as_str(), subject.as_str()), ("no-sweep", "the tags"));
    assert!(because.contains("function-collector"), "{because}");
}

#[test]
fn a_zone_without_a_marker_is_named() {
    let mut world = well();
    world.zone = json!([{ "TimeGenerated": "2026-11-20T11:30:01Z", "RecordType_s": "A", "ZoneId_s": ZONE }]);
    assert_eq!(one(&world).1, "zone example.com");
}

#[test]
fn empty_tables_are_no_health() {
    let nothing = json!([]);
    let world =
        World { tags: nothing.clone(), zone: nothing.clone(), heartbeat: nothing.clone(), changes: nothing };
    let found: Vec<_> = faults(&world).into_iter().map(|(fault, subject, _)| (fault, subject)).collect();
    let expected = [("no-sweep", "the tags"), ("blind", "all machines")];
    assert_eq!(found, expected.map(|(fault, subject)| (fault.to_owned(), subject.to_owned())));
}

#[test]
fn silence_of_all_machines_is_blindness() {
    let mut world = well();
    world.heartbeat[0]["TimeGenerated"] = json!("2026-11-20T11:44:00Z");
    assert_eq!(one(&world).0, "blind");
}

#[test]
fn a_brake_says_how_many_names_it_holds() {
    let mut world = well();
    let held = |name: &str, time: &str| json!({ "TimeGenerated": time, "Action_s": "skip", "Reason_s": "braked", "ZoneId_s": ZONE, "DNSHostName_s": name });
    world.changes = json!([
        held("a.example.com", "2026-11-20T11:10:00Z"),
        held("b.example.com", "2026-11-20T11:20:00Z"),
        held("old.example.com", "2026-11-20T10:50:00Z")
    ]);
    let (fault, subject, because) = one(&world);
    assert_eq!((fault.as_str(), subject.as_str()), ("brake", "2 names of zone example.com"));
    assert!(because.contains("a.example.com"), "{because}");
}

#[test]
fn a_failed_change_says_what_to_do() {
    let mut world = well();
    let failed = |time: &str, outcome: &str| {
        json!({ "TimeGenerated": time, "Action_s": "update", "Outcome_s": outcome, "RecordType_s": "A",
                "DNSHostName_s": "nas.example.com" })
    };
    world.changes = json!([
        failed("2026-11-20T11:10:00Z", "failed"),
        failed("2026-11-20T11:20:00Z", "failed"),
        failed("2026-11-20T11:30:00Z", "deferred")
    ]);
    let (fault, subject, because) = one(&world);
    assert_eq!((fault.as_str(), subject.as_str()), ("failed-change", "A nas.example.com"));
    assert!(because.starts_with("failed 2 times"), "{because}");
}

#[test]
fn a_sweep_may_become_as_old_as_the_query_looks_back() {
    let module = read("infra/modules/health-alert.bicep");
    let (main, query) = (read("infra/main.bicep"), read("infra/kql/health.kql"));
    let line = "let TooOld = 2h;";
    assert_eq!(query.matches(line).count(), 1);
    assert!(module.contains(&format!("'{line}', 'let TooOld = ${{tooOld}};')")), "{module}");
    assert_eq!(super::bicep::default(&main, "queryTimespan"), "PT2H", "the query has the default");
    let mut world = well();
    world.tags[0]["TimeGenerated"] = json!("2026-11-20T08:00:00Z");
    assert!(one(&world).2.starts_with("no complete sweep for 2 hours"), "{:?}", one(&world));
    // With SNAPSHOT_EVERY=2h and QUERY_TIMESPAN=PT5H four hours are one sweep that failed.
    assert_eq!(asked(&world, &query.replace(line, "let TooOld = 5h;")), []);
}
