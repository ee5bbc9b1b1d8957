//! Any text is a query that is answered, or refused with its place; nothing panics and nothing runs for ever.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use kql::{Column, Database, DateTime, Options, Type, run};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

/// A few rows in each table that the queries know.
static DATABASE: LazyLock<Database> = LazyLock::new(|| {
    let mut database = Database::schema();
    for (name, columns) in OURS {
        let columns = columns.split(' ').map(|column| Column::new(column, column_type(column)));
        database.add_table(name, columns.collect());
    }
    let names: Vec<String> = database.tables().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let rows: Vec<Map<String, Value>> = (0..3).map(row).collect();
        let _ = database.append(&name, &rows);
    }
    database
});

/// The tables of the product that the queries of the corpus name, with the columns that they use most.
const OURS: [(&str, &str); 2] = [
    ("TagData_CL", "TimeGenerated id_s DNSHostName_s ZoneId_s Skip_s Types_s"),
    ("DNSData_CL", "TimeGenerated DNSHostName_s DNSIP_s RecordType_s ZoneId_s TTL_d"),
];

fn column_type(name: &str) -> Type {
    match name {
        "TimeGenerated" => Type::DateTime,
        _ if name.ends_with("_d") => Type::Real,
        _ => Type::String,
    }
}

fn row(i: u32) -> Map<String, Value> {
    let text = ["", "a", "198.51.100.1"][i as usize % 3];
    let row = json!({
        "TimeGenerated": format!("2026-05-04T09:5{i}:00Z"), "Computer": text, "ComputerIP": text,
        "_ResourceId": text, "id_s": text, "DNSHostName_s": text, "DNSIP_s": text, "TTL_d": i,
        "ComputerPrivateIPs": ["192.168.0.1", i], "BytesSrcToDest": i, "BytesDestToSrc": null,
    });
    row.as_object().cloned().unwrap_or_default()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(now) = DateTime::parse("2026-05-04T10:00:00Z") else { return };
    let options = Options {
        deadline: Some(Duration::from_millis(500)),
        max_bytes: 50_000_000,
        max_rows: 1_000,
        ..Options::new(now)
    };
    match run(text, &DATABASE, &options) {
        Ok(answer) => {
            for row in answer.rows_json() {
                assert_eq!(row.as_array().map(Vec::len), answer.columns_json().as_array().map(Vec::len));
            }
        }
        Err(error) => {
            // A panic ends the process by itself, wherever it happens.
            assert!(error.line > 0 && error.column > 0, "no place: {}", error.message);
        }
    }
});
