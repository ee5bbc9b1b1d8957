//! What every set is judged by of which a person orders something.

use jiff::Timestamp;

use super::case::Case;
use super::policy::Policy;
use super::vanished::Vanished;

/// What every set is judged by.
pub(super) struct Ground<'a> {
    pub(super) case: &'a Case,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    pub(super) vanished: &'a Vanished,
}
