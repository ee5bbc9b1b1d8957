//! How long a machine has been quiet that was not heard within the hour.

use jiff::SignedDuration;

/// What is known of the last heartbeat of a machine that was not heard within the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// No more than that: nobody asked further back.
    AnHour,
    /// It was heard so long ago.
    For(SignedDuration),
    /// It was not heard for so long, and further back nobody asked.
    Longer(SignedDuration),
}
