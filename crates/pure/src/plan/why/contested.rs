//! What is known of a record set at which somebody else undoes our writes.

use jiff::Timestamp;

use crate::domain::RecordType;

/// Somebody else undoes what is written, and takes our mark off.
#[derive(Clone, Debug, PartialEq)]
pub struct Contested {
    /// The name.
    pub name: String,
    /// The type of its record set.
    pub record_type: RecordType,
    /// The addresses that stand there now.
    pub present: Vec<String>,
    /// How many writes of the last day were undone.
    pub undone: usize,
    /// When it is tried next.
    pub next: Timestamp,
}
