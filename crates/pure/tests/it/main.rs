//! The plan: its table row by row, the order of its rules, its brakes, its laws and its sentences.

#![expect(clippy::unwrap_used, reason = "all of this crate is test code, which may panic")]

/// Compares with the stored text; all of them lie in one folder.
macro_rules! snapshot {
    ($text:expr) => {
        insta::with_settings!({ snapshot_path => "snapshots" }, { insta::assert_snapshot!($text) })
    };
}

mod adoption;
mod again;
mod agreed;
mod any_world;
mod approval;
mod asked;
mod awaited;
mod beats;
mod brakes;
mod by_tag;
mod cached;
mod contest;
mod denied;
mod documented;
mod explain;
mod grants;
mod hand_over;
mod hidden;
mod hold;
mod home;
mod laws;
mod lead;
mod lost_right;
mod moves;
mod named;
mod names;
mod narrow;
mod needs;
mod one_failure;
mod one_side;
mod order;
mod orphans;
mod ownership;
mod particulars;
mod places;
mod private_laws;
mod private_side;
mod private_world;
mod progress;
mod reach;
mod reckoning;
mod refused;
mod report;
mod review;
mod right;
mod rollback;
mod schema;
mod sentences;
mod several;
mod shared;
mod silenced;
mod skips;
mod spoken;
mod standing;
mod steady;
mod story;
mod surge;
mod table;
mod trace;
mod ttl;
mod two_sides;
mod unavailable;
mod unlogged;
mod unread;
mod virtual_machines;
mod vocabulary;
mod wish;
mod words;
mod world;
