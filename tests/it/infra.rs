//! What `infra` deploys and what the program does are one thing: settings, tables, roles, alert.
//!
//! Each test reads both sides as they stand, and names what stands on one side only.

mod alert;
mod bicep;
mod deploy;
mod documented;
mod flex;
mod health;
mod host;
mod limits;
mod roles;
mod roles_of_private_zones;
mod roles_of_virtual_machines;
mod scopes;
mod settings;
mod tables;
mod watch;
mod workbook;

use std::collections::BTreeSet;
use std::path::Path;

use kql::{Column, Database, DateTime, Options, Type, run};
use serde_json::{Map, Value};

pub(crate) fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(file: &str) -> serde_json::Value {
    serde_json::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Fails with what only one of two sets holds.
fn same(left: (&str, &BTreeSet<String>), right: (&str, &BTreeSet<String>)) {
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    let (left_only, right_only) = (only(left.1, right.1), only(right.1, left.1));
    assert!(
        left_only.is_empty() && right_only.is_empty(),
        "only in {}: {left_only:?}; only in {}: {right_only:?}",
        left.0,
        right.0
    );
}

/// The tables that `infra` makes beside the built-in ones, empty.
pub(crate) fn database() -> Database {
    let mut database = Database::schema();
    for table in ["TagData_CL", "DNSData_CL", "DNSChange_CL"] {
        let list = json(&format!("infra/tables/{table}.json"));
        let kind = |name: &Value| match name.as_str().unwrap() {
            "string" => Type::String,
            "real" => Type::Real,
            "boolean" => Type::Bool,
            "datetime" => Type::DateTime,
            other => panic!("{table}: a column of type {other}"),
        };
        let column = |column: &Value| Column::new(column["name"].as_str().unwrap(), kind(&column["type"]));
        database.add_table(table, list.as_array().unwrap().iter().map(column).collect());
    }
    database
}

/// Adds rows, an array of objects; every member has to be a column.
pub(crate) fn append(database: &mut Database, table: &str, rows: &Value) {
    let rows: Vec<Map<String, Value>> = serde_json::from_value(rows.clone()).unwrap();
    let columns: BTreeSet<String> =
        database.table(table).unwrap().columns().iter().map(|column| column.name.clone()).collect();
    for row in &rows {
        assert!(row.keys().all(|member| columns.contains(member)), "{table}: {row:?}");
    }
    database.append(table, &rows).unwrap();
}

/// Columns and rows of a query at noon of 2026-11-20.
fn ask(query: &str, database: &Database) -> (Vec<String>, Vec<Value>) {
    let options = Options::new(DateTime::parse("2026-11-20T12:00:00Z").unwrap());
    let answer = run(query, database, &options).unwrap_or_else(|error| panic!("{error}\n{query}"));
    (answer.columns.iter().map(|column| column.name.clone()).collect(), answer.rows_json())
}
