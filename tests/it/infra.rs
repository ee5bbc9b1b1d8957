//! What `infra` deploys and what the program does are one thing: settings, tables, roles, alert.
//!
//! Each test reads both sides as they stand, and names what stands on one side only.

mod alert;
mod bicep;
mod host;
mod roles;
mod settings;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(file: &str) -> serde_json::Value {
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
