//! Operators that work on groups of rows, on rows in turn, or on what the rows say: `top-nested`, `mv-apply`,
//! `partition`, `scan`, `parse-kv`, `evaluate`, `find` and their kin.

mod groups;
mod keys;
mod many_tables;
mod plugins;
mod scan;

use kql::{Database, Error, run};
use serde_json::Value as Json;

use crate::options;

/// Names of the columns and the rows of an answer.
fn answer(query: &str) -> Result<(Vec<String>, Json), Error> {
    let answer = run(query, &Database::schema(), &options())?;
    let names = answer.columns.iter().map(|column| column.name.clone()).collect();
    Ok((names, Json::Array(answer.rows_json())))
}

/// Holds queries over one table to rows; `null` is a refusal.
fn check(table: &str, cases: &[(&str, &str, Json)]) {
    for (tail, names, wanted) in cases {
        match answer(&format!("{table} | {tail}")) {
            Ok((found, rows)) => {
                assert_eq!(&rows, wanted, "{tail}");
                assert_eq!(found.join(" "), *names, "{tail}");
            }
            Err(error) => assert!(wanted.is_null(), "{tail}: {error}"),
        }
    }
}

/// The sentence of a refusal.
fn refusal(query: &str) -> String {
    match answer(query) {
        Ok((_, rows)) => panic!("{query}: {rows}"),
        Err(error) => error.message,
    }
}
