//! The workbook's tiles over a small house, each with the rows that a reader finds by looking at it.

use jiff::Timestamp;
use kql::Database;
use serde_json::{Value, json};

use super::{bicep, read};
use crate::queries::rows::{change, record, tag, tag_marker, with, zone_marker};

const MODULE: &str = "infra/modules/workbook.bicep";

fn id(machine: &str) -> String {
    format!("/subscriptions/s/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/{machine}")
}

pub(super) fn zone() -> String {
    "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com".to_owned()
}

/// That time of the day.
fn at(time: &str) -> Timestamp {
    format!("2026-11-20T{time}Z").parse().unwrap()
}

fn tagged(time: &str, machine: &str, host: &str) -> Value {
    with(tag(at(time), &id(machine), host, &zone()), json!({ "location_s": "westeurope" }))
}

fn marked(time: &str, host: &str, address: &str, machine: &str) -> Value {
    let mark = json!({ "Owner_s": id(machine).to_lowercase(), "MarkTime_t": "2026-11-01T00:00:00Z" });
    with(record(at(time), host, address, &zone()), mark)
}

/// The house at noon. The newest sweep began at 11:30; nas moved at 11:57; desk was last heard at 11:40 and lost not
/// at all; gone was swept an hour before and is tagged no more, its record set is still there.
pub(super) fn house() -> Database {
    let mut database = super::database();
    let tags = json!([
        tag_marker(at("11:00:00")),
        tagged("11:00:01", "gone", "gone.example.com"),
        tag_marker(at("11:30:00")),
        tagged("11:30:01", "nas", "nas.example.com"),
        tagged("11:30:01", "nas", "files.example.com"),
        tagged("11:30:01", "desk", "desk.example.com"),
        tagged("11:30:01", "lost", "lost.example.com"),
    ]);
    super::append(&mut database, "TagData_CL", &tags);
    let records = json!([
        zone_marker(at("11:30:00"), &zone()),
        marked("11:30:01", "nas.example.com", "198.51.100.10", "nas"),
        marked("11:30:01", "files.example.com", "203.0.113.7", "nas"),
        marked("11:30:01", "desk.example.com", "198.51.100.10", "desk"),
        marked("11:30:01", "gone.example.com", "198.51.100.60", "gone"),
        record(at("11:30:01"), "www.example.com", "192.0.2.80", &zone()),
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
    let row = |time: &str, host: &str, other: Value| with(change(at(time), time, host, &zone()), other);
    let truth =
        |ms: u64| json!({ "OldIPs_s": "198.51.100.10", "NewIPs_s": "203.0.113.7", "TimeToTruthMs_d": ms });
    let skip = |reason: &str| json!({ "Action_s": "skip", "Outcome_s": "", "Reason_s": reason, "Via_s": "" });
    let brake = json!({ "Action_s": "brake", "Outcome_s": "stands", "Reason_s": "converging", "NewIPs_s": "203.0.113.9",
                        "RecordType_s": "", "Via_s": "" });
    let changes = json!([
        row("08:10:00", "nas.example.com", truth(60_000)),
        row("08:10:00", "nas.example.com", truth(60_000)),
        row("08:20:00", "desk.example.com", truth(90_000)),
        row("08:30:00", "lost.example.com", json!({ "Outcome_s": "failed", "Reason_s": "ScopeLocked" })),
        row("08:40:00", "www.example.com", json!({ "Action_s": "adopt" })),
        row("08:50:00", "", brake.clone()),
        row("11:40:00", "", with(brake, json!({ "NewIPs_s": "203.0.113.8" }))),
        row("10:05:00", "nas.example.com", truth(400_000)),
        row("09:00:00", "www.example.com", skip("not-owned")),
        row("10:00:00", "mail.example.com", skip("not-owned")),
        row("09:30:00", "desk.example.com", skip("stale-heartbeat")),
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
            "Name Type Side Reported InDNS Since Machine",
            json!([[
                "nas.example.com",
                "A",
                "public",
                "203.0.113.7",
                "198.51.100.10",
                "2026-11-20T11:57:00.0000000Z",
                id("nas").to_lowercase()
            ]]),
        ),
        (
            "changes",
            "Three at eight o'clock, one of which failed, and one at ten. A row that came twice is one change, and neither an \
             adoption nor a brake is any.",
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
            "Reason Names LastName Side LastTime",
            json!([
                ["not-owned", 2, "mail.example.com", "public", "2026-11-20T10:00:00.0000000Z"],
                ["stale-heartbeat", 1, "desk.example.com", "public", "2026-11-20T09:30:00.0000000Z"],
            ]),
        ),
        (
            "orphans",
            "gone's machine claims nothing since 11:30. www is not ours, and the machines of the others claim their names.",
            "Name Type Side Addresses Machine MarkedAt",
            json!([[
                "gone.example.com",
                "A",
                "public",
                "198.51.100.60",
                id("gone").to_lowercase(),
                "2026-11-01T00:00:00.0000000Z"
            ]]),
        ),
    ]
}

/// A name may stand in a public and in a private zone: its rows are told apart.
#[test]
fn each_side_of_a_name_is_called_so() {
    let private = zone().replace("dnsZones", "privateDnsZones");
    let mut database = super::database();
    super::append(&mut database, "TagData_CL", &json!([tag_marker(at("11:30:00"))]));
    let sets = [zone(), private.clone()].map(|id| {
        let in_zone = json!({ "ZoneId_s": id });
        let mark = marked("11:30:01", "nas.example.com", "198.51.100.10", "nas");
        [with(zone_marker(at("11:30:00"), &id), in_zone.clone()), with(mark, in_zone)]
    });
    super::append(&mut database, "DNSData_CL", &sets.concat().into());
    let skip =
        json!({ "Action_s": "skip", "Outcome_s": "", "Reason_s": "address-outside", "ZoneId_s": private });
    let row = with(change(at("08:10:00"), "08:10:00", "nas.example.com", &zone()), skip);
    super::append(&mut database, "DNSChange_CL", &json!([row]));
    for (name, column, sides) in [("orphans", 2, vec!["private", "public"]), ("skips", 3, vec!["private"])] {
        let query = &tiles().into_iter().find(|(tile, _)| tile == name).unwrap().1;
        let found = super::ask(query, &database).1;
        let found: Vec<_> = found.iter().map(|row| row[column].as_str().unwrap()).collect();
        assert_eq!(found, sides, "{name}");
    }
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
fn the_sweep_of_another_installation_hides_nothing() {
    let text = read(MODULE);
    let line = "let Installation = \"\";";
    assert!(
        text.contains(&format!(
            "replace(tile.query, '{line}', 'let Installation = @\"${{installation}}\";')"
        ))
    );
    let signed = |rows: Value, installation: &str| {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| with(row.clone(), json!({ "Installation_s": installation }))).collect::<Value>()
    };
    let mut database = super::database();
    // One manages the zone; two swept later, knows the machine nas alone, and no zone for its name.
    let one = json!([tag_marker(at("11:30:00")), tagged("11:30:01", "nas", "nas.example.com")]);
    let two = json!([
        tag_marker(at("11:40:00")),
        with(tagged("11:40:01", "desk", "nas.example.com"), json!({ "ZoneId_s": "" }))
    ]);
    for (rows, installation) in [(one, "one"), (two, "two")] {
        super::append(&mut database, "TagData_CL", &signed(rows, installation));
    }
    let sets = json!([
        zone_marker(at("11:30:00"), &zone()),
        marked("11:30:01", "nas.example.com", "203.0.113.7", "nas")
    ]);
    super::append(&mut database, "DNSData_CL", &signed(sets, "one"));
    for (name, query) in tiles().into_iter().filter(|(name, _)| ["fleet", "orphans"].contains(&name.as_str()))
    {
        assert_eq!(query.lines().filter(|found| *found == line).count(), 1, "{name}");
        let asked = query.replace(line, "let Installation = \"one\";");
        let rows = super::ask(&asked, &database).1;
        let machines: Vec<_> = rows.iter().map(|row| row[1].as_str().unwrap()).collect();
        assert_eq!(machines, if name == "fleet" { vec!["nas"] } else { vec![] }, "{name}");
    }
}

#[test]
fn one_name_in_two_spellings_is_no_orphan() {
    let query = &tiles().into_iter().find(|(name, _)| name == "orphans").unwrap().1;
    let world = |claimed: &str, owner: &str| {
        let mut database = super::database();
        let claim = with(tagged("11:30:01", "NAS", "nas.example.com"), json!({ "ZoneId_s": claimed }));
        super::append(&mut database, "TagData_CL", &json!([tag_marker(at("11:30:00")), claim]));
        let shouted = json!({ "ZoneId_s": zone().to_uppercase() });
        let mark = with(
            marked("11:30:01", "NAS.example.com", "198.51.100.10", "x"),
            json!({ "Owner_s": id(owner) }),
        );
        let sets = json!([with(zone_marker(at("11:30:00"), &zone()), shouted), mark]);
        super::append(&mut database, "DNSData_CL", &sets);
        super::ask(query, &database).1.len()
    };
    assert_eq!(world(&zone(), "Nas"), 0);
    // The same record set with the mark of another machine is one: nobody claims it for that machine.
    assert_eq!(world(&zone(), "desk"), 1);
    assert_eq!(world(&zone().replace("rg-dns", "rg-inside"), "Nas"), 1, "it claims the name in another zone");
}
