//! The plan: its table row by row, the order of its rules, its brakes, its laws and its sentences.

#![expect(clippy::unwrap_used, reason = "all of this crate is test code, which may panic")]

/// Compares with the stored text; all of them lie in one folder.
macro_rules! snapshot {
    ($text:expr) => {
        insta::with_settings!({ snapshot_path => "snapshots" }, { insta::assert_snapshot!($text) })
    };
}

mod any_world;
mod brakes;
mod laws;
mod names;
mod order;
mod ownership;
mod report;
mod sentences;
mod story;
mod table;
mod wish;
mod world;
