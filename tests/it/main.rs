//! Behaviour of the real binary against the local Azure, and the rules of the house.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "all of this crate is test code, which may panic"
)]

mod azure;
mod cli;
mod collect;
mod days;
mod exit_codes;
mod functions_host;
mod handler;
mod infra;
mod interrupt;
mod local;
mod offline;
mod output;
mod protocol;
mod proxy;
mod queries;
mod races;
mod readme;
mod remediate;
mod run;
mod schema;
mod screens;
mod settings;
mod stage;
mod terminal;
mod throttling;
mod tidy;
mod unreachable;
mod watch;
mod webhook;
