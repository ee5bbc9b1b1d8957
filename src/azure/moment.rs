//! The clock of rows.

use crate::clock;
use jiff::Timestamp;

/// This moment in whole microseconds: what the logs keep without rounding it, so that the rows of a sweep can never
/// seem older than its start.
#[must_use]
pub fn moment() -> Timestamp {
    let now = clock::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}
