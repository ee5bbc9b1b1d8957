//! A query over rows of one's own: `cargo run -p kql --example answer`.
//!
//! The columns of a table are said once; rows are JSON objects. What cannot be read as the type of its column is null, as in
//! the service.

use std::time::Duration;

use kql::{Column, Database, DateTime, Options, Type, Value, run};
use serde_json::{Map, Value as Json};

const ROWS: &str = r#"[
    {"TimeGenerated": "2026-05-04T09:58:00Z", "Room": "cellar", "Celsius": 11.5},
    {"TimeGenerated": "2026-05-04T09:59:00Z", "Room": "attic", "Celsius": 24},
    {"TimeGenerated": "2026-05-04T09:59:30Z", "Room": "cellar", "Celsius": 12.5},
    {"TimeGenerated": "2026-05-04T08:00:00Z", "Room": "attic", "Celsius": 19}
]"#;

const QUERY: &str = "Readings
| where TimeGenerated > ago(1h)
| summarize Mean = avg(Celsius), Count = count() by Room
| sort by Mean desc";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    answered()?.iter().for_each(|line| println!("{line}"));
    Ok(())
}

/// The names of the columns, and a line for each row.
fn answered() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut database = Database::new();
    let columns = [("TimeGenerated", Type::DateTime), ("Room", Type::String), ("Celsius", Type::Real)];
    database.add_table("Readings", columns.map(|(name, ty)| Column::new(name, ty)).to_vec());
    let rows: Vec<Map<String, Json>> = serde_json::from_str(ROWS)?;
    database.append("Readings", &rows)?;

    // The engine has no clock. Whoever asks about today gives `DateTime::from_system_time(SystemTime::now())`.
    let now = DateTime::parse("2026-05-04T10:00:00Z").ok_or("no date")?;
    let options = Options { deadline: Some(Duration::from_secs(5)), ..Options::new(now) };
    let answer = run(QUERY, &database, &options)?;

    let names: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
    let mut lines = vec![names.join("\t")];
    for row in &answer.rows {
        let cells: Vec<String> = row.iter().map(Value::to_text).collect();
        lines.push(cells.join("\t"));
    }
    Ok(lines)
}

#[test]
fn it_answers() {
    assert_eq!(answered().unwrap(), ["Room\tMean\tCount", "attic\t24.0\t1", "cellar\t12.0\t2"]);
}
