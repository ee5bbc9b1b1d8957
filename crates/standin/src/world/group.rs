//! Resource groups.

use super::Tags;

/// A resource group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name, as given.
    pub name: String,
    /// Its region.
    pub location: String,
    /// Its tags; none is not sent.
    pub tags: Option<Tags>,
}

impl Group {
    /// The region of a group of which nothing is said.
    pub const LOCATION: &str = "westeurope";

    /// A group of which only the name is known.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), location: Self::LOCATION.to_owned(), tags: None }
    }
}
