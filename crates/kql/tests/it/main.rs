//! The engine from outside: the worked cases, the analyser's names, hostile queries, the program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod conformance;
mod names;
mod program;
mod published;
mod robustness;
mod semantics;
mod sources;
mod values;

use kql::{DateTime, Options};
use serde_json::Value as Json;

fn options() -> Options {
    Options::new(DateTime::parse("2026-11-20T12:00:00Z").unwrap())
}

fn cases() -> Vec<Json> {
    serde_json::from_str(include_str!("fixtures/conformance.json")).unwrap()
}
