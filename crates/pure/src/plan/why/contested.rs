//! What is known of a record set at which somebody else undoes our writes.

use jiff::Timestamp;

use crate::domain::RecordType;

/// Somebody else undoes what is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Contested {
    /// The name.
    pub name: String,
    /// The type of its record set.
    pub record_type: RecordType,
    /// How it is undone.
    pub by: Revert,
    /// The addresses that stand there now.
    pub present: Vec<String>,
    /// How many writes of the last day were undone.
    pub undone: usize,
    /// When it is tried next.
    pub next: Timestamp,
}

/// How somebody else undoes what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revert {
    /// The record set is deleted.
    Deleting,
    /// Other addresses are put there, and our mark is taken off.
    Stripping,
    /// Other addresses are put there, and our mark stays.
    Keeping,
}
