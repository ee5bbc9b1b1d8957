//! The command that says which right is missing, wherever one may be.

use super::phrase::Phrase;

/// The command that finds what is missing.
pub(super) fn doctor() -> Phrase {
    Phrase::from("what is missing, and the az line for it:  ").run("doctor")
}
