//! The worked cases of the rules, and the queries of the sources.

use kql::{Answer, Database, run};

use serde_json::Value as Json;

use crate::{cases, described, options};

/// Equal values; whole numbers and reals of one size are equal.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

pub(crate) fn same_rows(answer: &Answer, wanted: &[Json], ordered: bool) -> bool {
    let rows = answer.rows_json();
    if rows.len() != wanted.len() {
        return false;
    }
    if ordered {
        return rows.iter().zip(wanted).all(|(a, b)| same(a, b));
    }
    let mut left: Vec<&Json> = wanted.iter().collect();
    rows.iter().all(|row| match left.iter().position(|wanted| same(row, wanted)) {
        Some(index) => {
            left.swap_remove(index);
            true
        }
        None => false,
    })
}

#[test]
fn every_case_has_its_names_types_and_rows() {
    let database = Database::schema();
    let mut failures = Vec::new();
    for case in cases() {
        let (name, query) = (&case["name"], case["kql"].as_str().unwrap());
        match (run(query, &database, &options()), case["error"].is_null()) {
            (Ok(answer), true) => {
                if answer.columns_json() != case["columns"] {
                    failures.push(format!("{name}: columns {}", answer.columns_json()));
                } else if !same_rows(&answer, case["rows"].as_array().unwrap(), case["ordered"] == true) {
                    failures.push(format!("{name}: rows {:?}", answer.rows_json()));
                }
            }
            (Err(error), false) => {
                if error.line == 0 || error.column == 0 {
                    failures.push(format!("{name}: no place"));
                }
            }
            (Ok(_), false) => failures.push(format!("{name}: answered, though it must be refused")),
            (Err(error), true) => failures.push(format!("{name}: refused: {error}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_seed_runs_on_the_described_tables() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/seeds");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let query = std::fs::read_to_string(&path).unwrap();
        let answer = run(&query, &described(), &options());
        assert!(answer.is_ok(), "{}: {:?}", path.display(), answer.err());
        count += 1;
    }
    assert_eq!(count, 19);
}
