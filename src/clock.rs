//! What time it is: the only place that reads the time of day by which data is dated and judged.
//!
//! It is the wall's clock. Below `heartbeat-dns local --heartbeats`, and only in builds with the feature `local`, it is that of
//! the recording, which the variable of [`dial`] tells; the local Azure goes by the same.
//!
//! | by this clock | by the wall |
//! |---|---|
//! | ages of heartbeats, sweeps, marks, brakes, holds, and what opens when | deadlines, time-outs, the pace of writes |
//! | the times of rows, marks, sweeps and notices; time to truth | `Retry-After`, waits between tries |
//! | what is due: a sweep, the next round of `watch` | tokens, certificates |
//! | what people read: tables, reports, log lines | the patience of the proof; how long something took |
//!
//! The right column is measured with `Instant`; dates of `Retry-After` and of tokens are the other side's, and read where
//! they are compared. `clippy.toml` keeps all other files from reading the time of day.

use jiff::{SignedDuration, Timestamp};

#[cfg(feature = "local")]
pub mod dial;
#[cfg(feature = "local")]
pub mod recorded;

/// What is done, or told, once a day is done again after this: a day, but for one round, so that rounds at the same minute of each
/// day do it.
pub(crate) const DAY: SignedDuration = SignedDuration::from_mins(24 * 60 - 5);

/// What time it is.
#[must_use]
pub fn now() -> Timestamp {
    #[cfg(feature = "local")]
    if let Some(course) = dial::course() {
        return course.at(wall());
    }
    wall()
}

/// So long it takes by the wall until this clock has gone on by `span`.
#[must_use]
pub fn by_the_wall(span: std::time::Duration) -> std::time::Duration {
    #[cfg(feature = "local")]
    if let Some(course) = dial::course() {
        return course.by_the_wall(span, wall());
    }
    span
}

/// What time it is by the wall, for the times of tokens.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place of the product that reads it")]
pub fn wall() -> Timestamp {
    Timestamp::now()
}
