//! The tables of the README, made from the tables that binding reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bind::{AGGREGATES, FORMS};
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
    let mut table = "| aggregate |\n|---|\n".to_owned();
    let mut names: Vec<_> = AGGREGATES.iter().collect();
    names.sort_by_key(|(name, ..)| *name);
    for (name, signature, _) in names {
        let _ = writeln!(table, "| {} |", call(name, signature));
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
