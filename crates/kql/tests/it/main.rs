//! The engine from outside: the worked cases, the analyser's names, hostile queries, the program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod aggregates;
mod conformance;
mod data;
mod decimals;
mod figures;
mod keywords;
mod lists;
mod names;
mod nasty;
mod operators;
mod program;
mod properties;
mod published;
mod refusals;
mod regexes;
mod robustness;
mod scalars;
mod searches;
mod semantics;
mod sources;
mod values;
mod windows;

use kql::{Column, Database, DateTime, Options, Type};
use serde_json::Value as Json;

fn options() -> Options {
    Options::new(DateTime::parse("2026-11-20T12:00:00Z").unwrap())
}

fn cases() -> Vec<Json> {
    serde_json::from_str(include_str!("fixtures/conformance.json")).unwrap()
}

/// The described tables: the built-in ones, those of the dynamic DNS, and `T` with a column of every type.
fn described() -> Database {
    let json: Json = serde_json::from_str(include_str!("fixtures/analyser-schema.json")).unwrap();
    let mut database = Database::new();
    for (name, columns) in json["tables"].as_object().unwrap() {
        let column =
            |(name, ty): (&String, &Json)| Column::new(name, Type::parse(ty.as_str().unwrap()).unwrap());
        database.add_table(name, columns.as_object().unwrap().iter().map(column).collect());
    }
    database
}
