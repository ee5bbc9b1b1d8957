//! The pure core of heartbeat-dns: values that cannot be wrong once they exist, and the decision over them.
//!
//! | module | its one idea |
//! |---|---|
//! | [`cached`] | what an answer that may come out of a cache proves of a record set |
//! | [`deployment`] | what a template deployment is called, and what became of a change that was deployed |
//! | [`domain`] | values of the problem: names, addresses, zones, record sets, rows |
//! | [`plan`] | the decision: a pure function from what was seen to changes, skips and brakes |
//! | [`progress`] | what a run does next with one change, after which answer |
//! | [`hidden`] | what a private zone hides of the public one of its name |
//! | [`lead`] | who goes first in a zone in a surge, and what its proof means for the rest |
//! | [`rights`] | what an identity may do, held against what its roles are to give |
//! | [`shown`] | other people's text, so that it cannot break out of its line |
//! | [`story`] | what a run says, as data, and the memory of what was told |
//! | [`wish`] | what is wanted of a run: names to write, names to plan |
//!
//! No I/O, no clock, no environment, no randomness, no log: what changes from call to call is an argument. Cargo keeps
//! the crates out that could do otherwise, and `clippy.toml` of this crate what the standard library has of it.

pub mod cached;
pub mod deployment;
pub mod domain;
pub mod hidden;
pub mod lead;
pub mod plan;
pub mod progress;
pub mod rights;
pub mod shown;
pub mod story;
pub mod wish;
