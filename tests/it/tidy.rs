//! The rules of the house that no compiler checks, read off the source tree.

mod arrows;
mod circles;
mod commands;
mod habits;
mod imports;
mod module;
mod paths;
mod source;
mod words;

use std::path::Path;

use source::{Fault, Source, repository};

/// Fails with one line for each fault: file, line, what to do.
fn hold(rule: impl Fn(&Source) -> Vec<Fault>) {
    report(repository().iter().flat_map(rule).collect());
}

fn report(mut faults: Vec<Fault>) {
    faults.sort();
    faults.dedup();
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "faults: {}\n{}\n", lines.len(), lines.join("\n"));
}

#[test]
fn the_walk_finds_the_tree() {
    let paths: Vec<_> = repository().into_iter().map(|source| source.path).collect();
    for file in ["src/lib.rs", "src/main.rs", "crates/standin/src/lib.rs", "tests/it/tidy.rs", "Cargo.toml"] {
        assert!(paths.iter().any(|path| path == file), "{file} was not found");
    }
}

#[test]
fn modules_import_along_the_arrows() {
    hold(arrows::arrows);
}

#[test]
fn no_file_stands_in_a_circle() {
    if let Some(words) = circles::fault(&repository()) {
        panic!("{words}");
    }
}

#[test]
fn the_core_is_pure() {
    hold(arrows::purity);
}

#[test]
fn files_begin_with_their_idea() {
    hold(habits::head);
}

#[test]
fn files_hold_one_idea() {
    hold(habits::size);
}

#[test]
fn names_say_something() {
    hold(habits::names);
}

#[test]
fn config_alone_reads_the_environment() {
    hold(habits::environment);
}

#[test]
fn errors_live_in_their_three_homes() {
    hold(habits::error_homes);
}

#[test]
fn the_standin_shares_no_type_with_the_product() {
    hold(habits::independence);
}

#[test]
fn the_engine_knows_nothing_of_our_tables() {
    hold(habits::tables_of_ours);
}

#[test]
fn there_are_no_loose_ends() {
    hold(habits::loose_ends);
}

#[test]
fn no_file_knows_this_machine() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A checkout at the top of the file system would make every path a fault.
    let Some(above) = root.parent().filter(|above| above.components().count() > 1) else { return };
    let top = format!("{}/", above.display());
    hold(|source| habits::machine_paths(source, &top));
}

#[test]
fn commands_are_said_as_commands() {
    hold(commands::spoken);
}

#[test]
fn queries_are_embedded_once() {
    report(habits::queries(&repository()));
}

#[test]
fn one_word_means_one_thing() {
    report(words::twice(&repository()));
}
