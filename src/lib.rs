//! heartbeat-dns keeps the DNS names of machines pointing where their heartbeats come from.
//!
//! The map, from the inside out; a module imports only from those above it:
//!
//! | module | its one idea |
//! |---|---|
//! | [`clock`] | what time it is: the wall's, or that of a recording |
//! | [`telemetry`] | log lines: which form, which stream |
//! | [`queries`] | the queries, the literals that may enter them, their rows as values |
//! | [`config`] | the only reader of the environment: built values, or all faults |
//! | [`azure`] | the wire: one client for each service, over one pipeline |
//! | `name_servers` | name servers asked directly: one question, and whom the parent of a zone names |
//! | [`views`] | what private zones hide from the networks that see them |
//! | `vanished` | whether Resource Graph lacks machines that must be there |
//! | [`collect`] | the collector: tags and record sets, read and sent to the logs |
//! | [`doctor`] | whether an installation can do its work, and what mends it |
//! | [`run`] | a run: observe, plan, write, prove, tell the log |
//! | [`round`] | one round of the clock: ask, sweep what is due, run |
//! | `metrics` | what a scraper is told: of the command line, where `watch` is |
//! | [`notify`] | the way to people and to a watchdog |
//! | [`tell`] | who is told how runs went: the log, people, the watchdog |
//! | [`app`] | from variables to what works with them |
//! | [`listen`] | a listener that nobody can use up |
//! | [`handler`] | the protocol of the Functions host |
//! | [`serve`] | serving the Functions host |
//! | [`deployed`] | the program in the zip: it serves, and nothing else |
//! | `cli` | the command line, a feature |
//!
//! Below all of it stands the crate `pure`: values and the decision. It and `queries` know no wire, no clock and no
//! environment.

pub mod app;
pub mod azure;
mod bounded;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod deployed;
pub mod doctor;
mod door;
pub mod handler;
pub mod listen;
#[cfg(feature = "cli")]
pub mod metrics;
mod name_servers;
pub mod notify;
pub mod queries;
mod rights;
pub mod round;
pub mod run;
pub mod serve;
pub mod telemetry;
pub mod tell;
mod terminated;
mod vanished;
pub mod views;
