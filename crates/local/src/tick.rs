//! The timer's clock: it ticks every few seconds here, and what races with it waits for a good moment.

use std::time::Duration;

use standin::clock::wall;

/// The timer's schedule here, in milliseconds.
const TICK: u64 = 5000;
/// So long after a tick it has been seen to.
const JUST_AFTER: u64 = 300;

/// Until just after a tick, so that the alert comes before the next one.
pub(crate) fn until_just_after() -> Duration {
    until(JUST_AFTER)
}

/// Until the middle between two ticks, so that an alert and the timer do not race; at most `every`.
pub(crate) fn until_the_middle(every: Duration) -> Duration {
    until(TICK / 2).min(every)
}

/// Until so many milliseconds after a tick.
fn until(after: u64) -> Duration {
    let now = u64::try_from(wall().as_millisecond()).unwrap_or_default();
    Duration::from_millis((TICK + after - now % TICK) % TICK)
}
