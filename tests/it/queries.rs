//! The queries, run by the local engine over small worlds at a fixed now.
//!
//! Every expected row was reasoned by hand from the world above it.

mod arrivals;
mod beats;
mod claimants;
mod claims;
mod classic;
mod decode;
mod evidence;
mod facts;
mod heard;
mod held;
mod history;
mod installations;
mod listers;
mod named;
mod past;
mod places;
mod poisoned;
mod private;
mod probe;
mod property;
mod record_sets;
mod refused;
pub(crate) mod rows;
mod rules;
mod shared_names;
mod strangers;
mod sweeps;
mod world;
