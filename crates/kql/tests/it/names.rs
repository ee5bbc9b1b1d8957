//! Names and types of result columns, as the language's analyser gives them (`tests/analyser/snapshot.js`).

use std::collections::BTreeMap;

use kql::{Database, run};
use serde_json::Value as Json;

use crate::{cases, described, options};

/// Every query of the snapshot by its name there.
fn queries() -> BTreeMap<String, String> {
    let mut queries = BTreeMap::new();
    for case in cases() {
        queries.insert(case["name"].as_str().unwrap().to_owned(), case["kql"].as_str().unwrap().to_owned());
    }
    for folder in
        ["tests/it/fixtures/seeds", "../../infra/kql", "../../infra/workbook", "../../infra/recipes"]
    {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".kql") {
                queries.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let lists = [
        include_str!("fixtures/names-queries.txt"),
        include_str!("fixtures/names-shapes.txt"),
        include_str!("fixtures/names-operators.txt"),
    ];
    for line in lists.into_iter().flat_map(str::lines) {
        queries.insert(line.to_owned(), line.to_owned());
    }
    queries
}

#[test]
fn the_described_tables_are_the_built_in_ones() {
    let (described, built_in) = (described(), Database::schema());
    for (name, table) in built_in.tables() {
        let known = described.table(name).map(|table| table.columns().to_vec());
        assert_eq!(known.as_deref(), Some(table.columns()), "{name}");
    }
}

#[test]
fn names_and_types_are_the_analysers() {
    let snapshot: Vec<Json> = serde_json::from_str(include_str!("fixtures/names.json")).unwrap();
    let (database, queries) = (described(), queries());
    let mut failures = Vec::new();
    assert!(snapshot.len() >= queries.len(), "run tests/analyser/snapshot.js: a query is not in its answers");
    for one in snapshot {
        let name = one["name"].as_str().unwrap();
        let answer = run(&queries[name], &database, &options());
        match (answer, one["columns"].is_null()) {
            (Ok(answer), false) if answer.columns_json() == one["columns"] => {}
            (Ok(answer), false) => failures.push(format!("{name}: {}", answer.columns_json())),
            (Err(_), true) => {}
            (Ok(_), true) => failures.push(format!("{name}: must be refused")),
            (Err(error), false) => failures.push(format!("{name}: {error}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
