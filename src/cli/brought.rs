//! When a row that the log was not told comes to it, and how by hand.

use jiff::{SignedDuration, Timestamp};

use super::clock::Clock;
use super::phrase::Phrase;

/// Rows need so long to arrive: no run sends the row of a younger mark.
pub(super) const ARRIVAL: SignedDuration = SignedDuration::from_mins(10);

/// From when on the row of a write is brought, and how by hand: no earlier, for until then it counts as on its way.
pub(super) fn brought(written: Timestamp, apply: &str, clock: &Clock) -> Phrase {
    let from = written.checked_add(ARRIVAL).ok().filter(|from| *from > clock.now);
    let (on, by_hand) = match from {
        Some(from) => (format!(", from {} on", clock.timed(from)), format!(", from {} on", clock.time(from))),
        None => (String::new(), String::new()),
    };
    Phrase::from(format!("{on}; by hand{by_hand}:  ")).run("collect").and(", then ").run(apply)
}
