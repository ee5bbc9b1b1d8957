//! The collector: what the tags claim and what the zones hold, read from Azure and sent to the logs.
//!
//! It keeps no state. Each part of a sweep, the tags or one zone, ends with a marker row when it was complete; rows
//! older than the newest marker of their part do not count, so what was removed needs no tombstone, and a part that
//! failed changes nothing.

mod outbox;
mod progress;
mod records;
mod sweep;
mod tags;

pub use progress::SweepProgress;
pub use sweep::{Part, SweepReport, due, is_due, run};
