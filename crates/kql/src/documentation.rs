//! The tables of the README, made from the tables that binding reads; its example, which is that of the library's page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::aggregates::{self, Yields};
use crate::bind::FORMS;
use crate::functions;
use crate::functions::Signature;

const README: &str = include_str!("../README.md");

/// The text between two marks of the README.
fn section(name: &str) -> &'static str {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let after = README.split_once(begin.as_str()).map_or("", |(_, after)| after);
    after.split_once(end.as_str()).map_or("", |(inside, _)| inside)
}

/// A call with the kinds of its arguments.
fn call(name: &str, signature: &str) -> String {
    format!("`{name}({})`", signature.split_whitespace().collect::<Vec<_>>().join(", "))
}

fn function_table() -> String {
    let mut rows = BTreeMap::new();
    for function in functions::all().filter(|function| !function.name.starts_with("__")) {
        let returns = match function.returns {
            functions::Returns::Is(ty) | functions::Returns::TypeOf(ty) => ty.name(),
            functions::Returns::First => "as its first argument",
            functions::Returns::Common => "as its arguments",
            functions::Returns::Bin => "as its numbers",
        };
        // Every signature of the table can be read.
        assert!(Signature::parse(function.signature).counts().0 < 10);
        rows.insert(function.name, format!("| {} | {returns} |", call(function.name, function.signature)));
    }
    for (name, signature) in FORMS {
        rows.insert(name, format!("| {} | |", call(name, signature)));
    }
    let mut table = "| function | answers |\n|---|---|\n".to_owned();
    for row in rows.values() {
        let _ = writeln!(table, "{row}");
    }
    table
}

fn aggregate_table() -> String {
    let mut rows = BTreeMap::new();
    for (called, name) in aggregates::all() {
        let answers = match called.aggregate.yields {
            Yields::Is(ty) => ty.name(),
            Yields::First => "as its first argument",
            Yields::Wide => "as its first argument; a long for an int",
            Yields::Mean => "as its first argument; a real for a number",
            Yields::Row => "its arguments",
            Yields::Percentiles => "as its first argument, or an array",
        };
        rows.insert(name.clone(), format!("| {} | {answers} |", call(&name, &called.signature())));
    }
    let mut table = "| aggregate | answers |\n|---|---|\n".to_owned();
    for row in rows.values() {
        let _ = writeln!(table, "{row}");
    }
    table
}

#[test]
fn the_readme_lists_every_function() {
    let table = function_table();
    assert!(section("functions") == table, "the section `functions` of README.md must read:\n{table}");
}

#[test]
fn the_readme_lists_every_aggregate() {
    let table = aggregate_table();
    assert!(section("aggregates") == table, "the section `aggregates` of README.md must read:\n{table}");
}

#[test]
fn the_example_of_the_readme_is_run() {
    let (_, after) = README.split_once("```rust\n").unwrap();
    let (example, _) = after.split_once("```").unwrap();
    // The page of the library is what `cargo test --doc` runs.
    let page = include_str!("lib.rs").lines().filter_map(|line| line.strip_prefix("//!"));
    let page: String = page.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
    assert!(page.contains(example), "lib.rs does not run this:\n{example}");
}
