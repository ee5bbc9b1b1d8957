//! What was shown of a change, whoever was asked.

use jiff::Timestamp;

use pure::plan::report::Dissent;

/// What the name servers have shown of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run) enum Testimony {
    /// All of them answer it, since then.
    ByAll(Timestamp),
    /// None denies it, and these could not be asked, or say what no cache of theirs can hold yet; nobody where none was to be.
    Undenied(Vec<Dissent>),
    /// These say otherwise, or gave no answer though they answer for the zone.
    NotByAll(Vec<Dissent>),
}
