//! The queries of the sources over a small network, and the rows that a reader finds by looking at it.

mod network;

use std::collections::BTreeSet;

use kql::{Database, run};
use serde_json::Value as Json;

use crate::conformance::same_rows;
use crate::{described, options};

/// One query: its file, why it answers what it answers, and the answer.
const EXPECTED: &str = include_str!("fixtures/sources/expected.json");
const EXPECTED_OF_RECIPES: &str = include_str!("fixtures/sources/recipes.json");
const RECIPES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/recipes");
const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/seeds");

fn database() -> Database {
    let mut database = described();
    for (table, rows) in network::tables() {
        let known: BTreeSet<String> =
            database.table(table).unwrap().columns().iter().map(|column| column.name.clone()).collect();
        for row in &rows {
            assert!(row.keys().all(|column| known.contains(column)), "{table}: {row:?}");
        }
        assert_eq!(database.append(table, &rows), Ok(rows.len()));
    }
    database
}

/// A row as it is answered: a member `{"length": n, "at": {"i": x}}` stands for n zeros but for those named, and
/// `{"days_of": year}` for the days of a year that is no leap year.
fn unfold(row: &Json) -> Json {
    let value = |value: &Json| match (value["length"].as_u64(), value["days_of"].as_u64()) {
        (Some(length), _) => {
            (0..length).map(|i| value["at"].get(i.to_string()).cloned().unwrap_or_else(|| 0.into())).collect()
        }
        (_, Some(year)) => days(year).into_iter().map(Json::from).collect(),
        _ => value.clone(),
    };
    row.as_array().unwrap().iter().map(value).collect()
}

fn days(year: u64) -> Vec<String> {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = |(month, length): (usize, u64)| {
        (1..=length).map(move |day| format!("{year}-{:02}-{day:02}T00:00:00.0000000Z", month + 1))
    };
    lengths.into_iter().enumerate().flat_map(month).collect()
}

/// Runs each query of a folder and compares it with what is expected of it; every query has its expectation.
fn check(folder: &str, expected: &str) {
    let database = database();
    let expected: Vec<Json> = serde_json::from_str(expected).unwrap();
    let mut open: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut faults = Vec::new();
    for case in &expected {
        let file = case["query"].as_str().unwrap();
        assert!(open.remove(file), "{file} is not there, or twice");
        assert!(case["because"].as_str().is_some_and(|why| !why.is_empty()), "{file}: because?");
        let wanted: Vec<Json> = case["rows"].as_array().unwrap().iter().map(unfold).collect();
        assert!(!wanted.is_empty(), "{file}: a query that finds nothing shows nothing");
        let query = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
        let answer = run(&query, &database, &options()).unwrap();
        let names: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
        if Json::from(names) != case["columns"] || !same_rows(&answer, &wanted, case["ordered"] == true) {
            faults.push(format!("{file}: {}\n{:#?}", answer.columns_json(), answer.rows_json()));
        }
    }
    assert!(open.is_empty(), "without expected rows: {open:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_query_of_the_sources_finds_what_is_there() {
    check(SEEDS, EXPECTED);
}

/// The recipes of the query pack; where an original is wrong, what it finds here is another thing.
#[test]
fn every_recipe_finds_what_is_there() {
    check(RECIPES, EXPECTED_OF_RECIPES);
}
