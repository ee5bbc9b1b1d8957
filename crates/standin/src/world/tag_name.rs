//! Names of tags that somebody defined before any resource has them.

use std::collections::BTreeSet;

/// A defined name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagName {
    /// In the spelling in which it was defined.
    pub name: String,
    /// The values that were defined for it.
    pub values: BTreeSet<String>,
}
