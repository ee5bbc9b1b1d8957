//! The alert on the system itself: one row a fault, over small worlds.

mod brakes;
mod strangers;
mod turns;
mod writes;

use serde_json::{Value, json};

use super::{bicep, read};
use crate::queries::rows::{change, record, tag, tag_marker, with, zone_marker};

const ZONE: &str = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";
const NAS: &str = "/subscriptions/s/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/nas";

/// A world at noon in which all is well, and what is changed in it.
struct World {
    tags: Vec<Value>,
    records: Vec<Value>,
    heartbeats: Vec<Value>,
    changes: Vec<Value>,
}

/// That time of the day.
fn at(time: &str) -> jiff::Timestamp {
    format!("2026-11-20T{time}Z").parse().unwrap()
}

fn beat(time: &str, address: &str) -> Value {
    json!({ "TimeGenerated": at(time), "ComputerIP": address, "SCAgentChannel": "Direct", "_ResourceId": NAS.to_lowercase() })
}

fn skip(time: &str, name: &str, reason: &str) -> Value {
    let skip = json!({ "Action_s": "skip", "Outcome_s": "", "Reason_s": reason, "Via_s": "" });
    with(change(at(time), "r", name, ZONE), skip)
}

fn well() -> World {
    World {
        tags: vec![tag_marker(at("11:30:00")), tag(at("11:30:01"), NAS, "nas.example.com", ZONE)],
        records: vec![
            zone_marker(at("11:30:00"), ZONE),
            record(at("11:30:01"), "nas.example.com", "203.0.113.7", ZONE),
        ],
        heartbeats: vec![beat("11:58:00", "203.0.113.7"), beat("11:59:00", "203.0.113.7")],
        changes: vec![
            change(at("11:50:00"), "r", "nas.example.com", ZONE),
            skip("11:50:00", "tv.example.com", "alias"),
        ],
    }
}

/// A row of the answer.
#[derive(Debug, PartialEq)]
struct Fault {
    fault: String,
    subject: String,
    since: String,
    because: String,
}

fn query() -> String {
    read("infra/kql/health.kql")
}

fn faults(world: &World) -> Vec<Fault> {
    asked(world, &query())
}

fn asked(world: &World, query: &str) -> Vec<Fault> {
    let mut database = super::database();
    for (table, rows) in [
        ("TagData_CL", &world.tags),
        ("DNSData_CL", &world.records),
        ("Heartbeat", &world.heartbeats),
        ("DNSChange_CL", &world.changes),
    ] {
        // Rows arrive at least once.
        super::append(&mut database, table, &json!(rows));
        super::append(&mut database, table, &json!(rows));
    }
    let (columns, rows) = super::ask(query, &database);
    assert_eq!(columns, ["Fault", "Subject", "Since", "Because"]);
    let text = |row: &Value, i: usize| row[i].as_str().unwrap_or_default().to_owned();
    let time = |text: String| text.trim_start_matches("2026-11-20T").trim_end_matches(".0000000Z").to_owned();
    rows.iter()
        .map(|row| Fault {
            fault: text(row, 0),
            subject: text(row, 1),
            since: time(text(row, 2)),
            because: text(row, 3),
        })
        .collect()
}

fn one(world: &World) -> Fault {
    let mut found = faults(world);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Fault, subject and since of each row.
fn told(world: &World) -> Vec<[String; 3]> {
    faults(world).into_iter().map(|fault| [fault.fault, fault.subject, fault.since]).collect()
}

#[test]
fn nothing_is_said_when_all_is_well() {
    assert_eq!(faults(&well()), []);
}

#[test]
fn tags_that_were_not_swept_are_named() {
    let mut world = well();
    world.tags[0] = tag_marker(at("09:59:00"));
    let fault = one(&world);
    assert_eq!((fault.fault.as_str(), fault.subject.as_str()), ("no-sweep", "the tags"));
    assert!(fault.because.contains("function-collector"), "{fault:?}");
}

#[test]
fn a_zone_without_a_marker_is_named() {
    let mut world = well();
    world.records.remove(0);
    assert_eq!(one(&world).subject, "zone example.com");
}

#[test]
fn a_zone_that_names_are_claimed_in_is_missed_although_it_has_no_row() {
    let mut world = well();
    let unswept = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.org";
    world.tags.push(tag(at("11:30:01"), NAS, "nas.example.org", unswept));
    // Names in no zone are claims too.
    world.tags.push(tag(at("11:30:01"), NAS, "nas.example.net", ""));
    assert_eq!(told(&world), [["no-sweep", "zone example.org", ""].map(str::to_owned)]);
    world.records.push(zone_marker(at("11:30:00"), &unswept.to_uppercase()));
    assert_eq!(told(&world), Vec::<[String; 3]>::new());
    // A claim of a sweep before tells nothing of the zones that are managed now.
    world.records.pop();
    world.tags.retain(|row| row["ZoneId_s"] != unswept);
    world.tags.push(tag(at("11:00:01"), NAS, "nas.example.org", unswept));
    assert_eq!(told(&world), Vec::<[String; 3]>::new());
}

#[test]
fn empty_tables_are_no_health() {
    let world = World { tags: vec![], records: vec![], heartbeats: vec![], changes: vec![] };
    let expected = [["no-sweep", "the tags", ""], ["blind", "all machines", ""]];
    assert_eq!(told(&world), expected.map(|fault| fault.map(str::to_owned)));
}

#[test]
fn silence_of_all_machines_is_blindness() {
    let mut world = well();
    world.heartbeats = vec![beat("11:44:00", "203.0.113.7")];
    assert_eq!(one(&world).fault, "blind");
}

#[test]
fn the_sweeps_of_another_installation_are_not_ours() {
    let mut world = well();
    for row in world.tags.iter_mut().chain(&mut world.records) {
        row["Installation_s"] = json!("two");
    }
    let installed =
        |id: &str| query().replace("let Installation = \"\";", &format!("let Installation = \"{id}\";"));
    assert_eq!(query().matches("let Installation = \"\";").count(), 1);
    assert_eq!(asked(&world, &installed("two")), []);
    let subjects: Vec<_> = asked(&world, &installed("one")).into_iter().map(|fault| fault.subject).collect();
    assert_eq!(subjects, ["the tags"]);
}

#[test]
fn a_sweep_may_become_as_old_as_the_query_looks_back() {
    let module = read("infra/modules/health-alert.bicep");
    let (main, query) = (read("infra/main.bicep"), query());
    let line = "let TooOld = 2h;";
    assert_eq!(query.matches(line).count(), 1);
    assert!(module.contains(&format!("'{line}', 'let TooOld = ${{tooOld}};')")), "{module}");
    assert_eq!(bicep::default(&main, "queryTimespan"), "PT2H", "the query has the default");
    let mut world = well();
    world.tags[0] = tag_marker(at("08:00:00"));
    assert!(one(&world).because.starts_with("no complete sweep for 2 hours"), "{:?}", one(&world));
    // With SNAPSHOT_EVERY=2h and QUERY_TIMESPAN=PT5H four hours are one sweep that failed.
    assert_eq!(asked(&world, &query.replace(line, "let TooOld = 5h;")), []);
}

#[test]
fn each_kind_of_fault_is_an_alert_of_its_own() {
    let rule = read("infra/modules/health-alert.bicep");
    let words: String = rule.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("dimensions: [ { name: 'Fault' operator: 'Include' values: ['*'] } ]"),
        "the rule is split by Fault, all values of it"
    );
    assert!(words.contains("autoMitigate: true"), "each alert ends by itself");
}

#[test]
fn every_kind_of_fault_is_explained() {
    let (query, page) = (query(), read("docs/operate.md"));
    let kinds =
        ["no-sweep", "blind", "brake", "failed-change", "deferred-change", "two-addresses", "stranger"];
    for kind in kinds {
        assert!(
            query.contains(&format!("\"{kind}\"")) && page.contains(&format!("\n| `{kind}` |")),
            "{kind}"
        );
    }
    // One is made by a choice between two, two by two parts, and the last line names the column.
    assert_eq!(query.matches("Fault = ").count(), kinds.len() + 3);
}

#[test]
fn no_tables_are_put_together_and_no_value_grows_too_large() {
    let query = query();
    let code: Vec<&str> = query.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    assert!(code.iter().all(|line| !line.contains("union")), "alert rules take no union of tables");
    let lists: Vec<_> = code.iter().filter(|line| line.contains("make_list(bag_pack(")).collect();
    assert_eq!(lists.len(), 9);
    assert!(lists.iter().all(|line| line.contains("\"Because\", Because), 300))")), "{lists:#?}");
    let mut world = well();
    let failed = |name: &str| with(change(at("11:50:00"), "r", name, ZONE), json!({ "Outcome_s": "failed" }));
    world.changes = (0..400).map(|i| failed(&format!("n{i}.example.com"))).collect();
    assert_eq!(faults(&world).len(), 300, "one is enough for the alert");
}
