//! Behaviour of the real binary against the local Azure, and the rules of the house.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "all of this crate is test code, which may panic"
)]

mod azure;
mod collect;
mod local;
mod plan;
mod proxy;
mod queries;
mod readme;
mod settings;
mod stage;
mod tidy;
