//! The workbook's tiles over a small house, each with the rows that a reader finds by looking at it.

use kql::Database;
use serde_json::{Value, json};

use super::{bicep, read};

const MODULE: &str = "infra/modules/workbook.bicep";

fn id(machine: &str) -> String {
    format!("/subscriptions/s/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/{machine}")
}

fn zone() -> String {
    "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com".to_owned()
}

/// The house at noon. The newest sweep began at 11:30; nas moved at 11:57; desk was last heard at 11:40 and lost not
/// at all; gone was swept an hour before and is tagged no more, its record set is still there.
fn house() -> Database {
    let mut database = super::database();
    let tag = |time: &str, machine: &str, host: &str| {
        json!({ "TimeGenerated": time, "id_s": id(machine), "name_s": machine, "location_s": "westeurope",
                "DNSHostName_s": host, "ZoneId_s": zone(), "Types_s": "A" })
    };
    let tags = json!([
        { "TimeGenerated": "2026-11-20T11:00:00Z" },
        tag("2026-11-20T11:00:01Z", "gone", "gone.example.com"),
        { "TimeGenerated": "2026-11-20T11:30:00Z" },
        tag("2026-11-20T11:30:01Z", "nas", "nas.example.com"),
        tag("2026-11-20T11:30:01Z", "nas", "files.example.com"),
        tag("2026-11-20T11:30:01Z", "desk", "desk.example.com"),
        tag("2026-11-20T11:30:01Z", "lost", "lost.example.com"),
    ]);
    super::append(&mut database, "TagData_CL", &tags);
    let record = |time: &str, host: &str, address: &str, owner: &str| {
        json!({ "TimeGenerated": time, "DNSHostName_s": host, "DNSIP_s": address, "RecordType_s": "A", "TTL_d": 60,
                "ZoneId_s": zone(), "Owner_s": owner, "MarkTime_t": "2026-11-01T00:00:00Z",
                "RecordSetId_s": format!("{}/A/{host}", zone()), "Etag_s": "e", "IsAlias_b": false })
    };
    let ours = |machine: &str| id(machine).to_lowercase();
    let records = json!([
        { "TimeGenerated": "2026-11-20T11:30:00Z", "RecordType_s": "SOA", "DNSHostName_s": "example.com", "ZoneId_s": zone() },
        record("2026-11-20T11:30:01Z", "nas.example.com", "198.51.100.10", &ours("nas")),
        record("2026-11-20T11:30:01Z", "files.example.com", "203.0.113.7", &ours("nas")),
        record("2026-11-20T11:30:01Z", "desk.example.com", "198.51.100.10", &ours("desk")),
        record("2026-11-20T11:30:01Z", "gone.example.com", "198.51.100.60", &ours("gone")),
        record("2026-11-20T11:30:01Z", "www.example.com", "192.0.2.80", ""),
    ]);
    super::append(&mut database, "DNSData_CL", &records);
    let beat = |minute: u32, machine: &str, address: &str| {
        json!({ "TimeGenerated": format!("2026-11-20T11:{minute}:00Z"), "Computer": machine, "ComputerIP": address,
                "RemoteIPCountry": "CH", "_ResourceId": id(machine).to_lowercase() })
    };
    let mut beats: Vec<Value> = (50..57).map(|minute| beat(minute, "nas", "198.51.100.10")).collect();
    beats.extend((57..60).map(|minute| beat(minute, "nas", "203.0.113.7")));
    beats.push(beat(40, "desk", "198.51.100.10"));
    super::append(&mut database, "Heartbeat", &beats.into());
    let change = |time: &str, host: &str, outcome: &str, truth: Value| {
        json!({ "TimeGenerated": time, "DNSHostName_s": host, "RecordType_s": "A", "Action_s": "update",
                "Outcome_s": outcome, "TimeToTruthMs_d": truth, "ZoneId_s": zone() })
    };
    let skip = |time: &str, host: &str, reason: &str| {
        json!({ "TimeGenerated": time, "DNSHostName_s": host, "RecordType_s": "A", "Action_s": "skip", "Reason_s": reason,
                "ZoneId_s": zone() })
    };
    let changes = json!([
        change("2026-11-20T08:10:00Z", "nas.example.com", "confirmed", json!(60_000)),
        change("2026-11-20T08:20:00Z", "desk.example.com", "confirmed", json!(90_000)),
        change("2026-11-20T08:30:00Z", "lost.example.com", "failed", Value::Null),
        change("2026-11-20T10:05:00Z", "nas.example.com", "confirmed", json!(400_000)),
        skip("2026-11-20T09:00:00Z", "www.example.com", "not-owned"),
        skip("2026-11-20T10:00:00Z", "mail.example.com", "not-owned"),
        skip("2026-11-20T09:30:00Z", "desk.example.com", "stale-heartbeat"),
    ]);
    super::append(&mut database, "DNSChange_CL", &changes);
    database
}

/// A tile: its name in the workbook, why it shows what it shows, its columns and rows.
type Tile = (&'static str, &'static str, &'static str, Value);

fn expected() -> [Tile; 6] {
    [
        (
            "fleet",
            "lost was not heard within the hour; desk was, but not within 15 minutes. gone is not of the newest sweep. \
             nas has two names, sorted.",
            "State Machine Names Address Country LastHeard Region",
            json!([
                ["silent", "lost", "lost.example.com", "", "", null, "westeurope"],
                [
                    "late",
                    "desk",
                    "desk.example.com",
                    "198.51.100.10",
                    "CH",
                    "2026-11-20T11:40:00.0000000Z",
                    "westeurope"
                ],
                [
                    "heard",
                    "nas",
                    "files.example.com, nas.example.com",
                    "203.0.113.7",
                    "CH",
                    "2026-11-20T11:59:00.0000000Z",
                    "westeurope"
                ],
            ]),
        ),
        (
            "drift",
            "nas.example.com still says where nas was until 11:56; files.example.com says where it is. desk is right, and too \
             old to act on; lost reports nothing.",
            "Name Type Reported InDNS Since Machine",
            json!([[
                "nas.example.com",
                "A",
                "203.0.113.7",
                "198.51.100.10",
                "2026-11-20T11:57:00.0000000Z",
                id("nas").to_lowercase()
            ]]),
        ),
        (
            "changes",
            "Three at eight o'clock, one of which failed, and one at ten.",
            "Outcome_s TimeGenerated Changes",
            json!([
                ["confirmed", "2026-11-20T08:00:00.0000000Z", 2],
                ["failed", "2026-11-20T08:00:00.0000000Z", 1],
                ["confirmed", "2026-11-20T10:00:00.0000000Z", 1],
            ]),
        ),
        (
            "time-to-truth",
            "Of three changes that came true after 60, 90 and 400 seconds, two were within five minutes: 66.7 %.",
            "Changes PercentWithinFiveMinutes Target Met MedianSeconds SlowestSeconds",
            json!([[3, 66.7, 99.0, false, 90.0, 400.0]]),
        ),
        (
            "skips",
            "Two names belong to somebody else, mail the last of them; one machine had fallen silent.",
            "Reason Names LastName LastTime",
            json!([
                ["not-owned", 2, "mail.example.com", "2026-11-20T10:00:00.0000000Z"],
                ["stale-heartbeat", 1, "desk.example.com", "2026-11-20T09:30:00.0000000Z"],
            ]),
        ),
        (
            "orphans",
            "gone's machine claims nothing since 11:30. www is not ours, and the machines of the others claim their names.",
            "Name Type Addresses Machine MarkedAt",
            json!([[
                "gone.example.com",
                "A",
                "198.51.100.60",
                id("gone").to_lowercase(),
                "2026-11-01T00:00:00.0000000Z"
            ]]),
        ),
    ]
}

/// Name and query of each tile, as Bicep puts them into the workbook.
fn tiles() -> Vec<(String, String)> {
    let module = read(MODULE);
    let list = module.split("var tiles = [").nth(1).unwrap().split("\n]").next().unwrap();
    let object = |text: &str| {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(&format!("{name}: ")));
            line.unwrap_or_else(|| panic!("{MODULE}: a tile without {name}")).to_owned()
        };
        let query = value("query");
        let file = bicep::references(&query)[0].replace("../", "infra/");
        let rest =
            query.strip_prefix('\'').and_then(|text| text.split_once("'))}")).map_or("", |(_, rest)| rest);
        let more = rest.trim_end_matches('\'').replace("\\n", "\n");
        (value("name").trim_matches('\'').to_owned(), format!("{}{more}", read(&file).trim()))
    };
    list.split("\n  {\n").skip(1).map(object).collect()
}

#[test]
fn every_tile_shows_what_is_there() {
    let database = house();
    let tiles = tiles();
    let names: Vec<&str> = tiles.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, expected().map(|(name, ..)| name), "{MODULE}");
    for ((name, query), (_, why, columns, rows)) in tiles.iter().zip(expected()) {
        let (found_columns, found) = super::ask(query, &database);
        assert_eq!(found_columns.join(" "), columns, "{name}");
        assert_eq!(Value::from(found), rows, "{name}: {why}");
        assert_ne!(rows, json!([]), "{name} is empty");
    }
}

#[test]
fn braces_would_be_taken_for_the_workbooks_parameters() {
    for (name, query) in tiles() {
        assert!(!query.contains(['{', '}']), "{name}");
    }
}

#[test]
fn every_query_of_the_folders_is_in_a_module() {
    for (folder, module) in [("workbook", MODULE), ("recipes", "infra/modules/query-pack.bicep")] {
        let text = read(module);
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("infra").join(folder);
        for entry in std::fs::read_dir(path).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            assert!(
                text.contains(&format!("loadTextContent('../{folder}/{file}')")),
                "{file} is not in {module}"
            );
        }
    }
}

#[test]
fn one_name_in_two_spellings_is_no_orphan() {
    let mut database = super::database();
    let row = |table: &str| match table {
        "TagData_CL" => {
            json!({ "TimeGenerated": "2026-11-20T11:30:01Z", "id_s": id("NAS"), "DNSHostName_s": "nas.example.com" })
        }
        _ => {
            json!({ "TimeGenerated": "2026-11-20T11:30:01Z", "DNSHostName_s": "NAS.example.com", "DNSIP_s": "198.51.100.10",
                     "RecordType_s": "A", "ZoneId_s": zone(), "Owner_s": id("Nas") })
        }
    };
    let swept = json!({ "TimeGenerated": "2026-11-20T11:30:00Z", "RecordType_s": "SOA", "ZoneId_s": zone().to_uppercase() });
    super::append(
        &mut database,
        "TagData_CL",
        &json!([{ "TimeGenerated": "2026-11-20T11:30:00Z" }, row("TagData_CL")]),
    );
    super::append(&mut database, "DNSData_CL", &json!([swept, row("DNSData_CL")]));
    let query = &tiles().into_iter().find(|(name, _)| name == "orphans").unwrap().1;
    assert_eq!(super::ask(query, &database).1, Vec::<Value>::new());
    // The same record set with the mark of another machine is one: it is there, and nobody claims it for that machine.
    let mut stranger = row("DNSData_CL");
    stranger["Owner_s"] = json!(id("desk"));
    super::append(&mut database, "DNSData_CL", &json!([stranger]));
    assert_eq!(super::ask(query, &database).1.len(), 1);
}
