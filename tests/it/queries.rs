//! The three queries, run by the local engine over small worlds at a fixed now.
//!
//! Every expected row was reasoned by hand from the world above it.

mod beats;
mod classic;
mod decode;
mod evidence;
mod history;
mod property;
mod record_sets;
mod rules;
mod shared_names;
mod sweeps;
mod world;
