//! Who asks for a name, and what a placeholder could not be filled with for it.

use crate::domain::ResourceId;

use super::placeholder::{Placeholder, Traits};
use super::scope::Ancestors;

/// Who asks for a name.
#[derive(Clone, Copy, Debug)]
pub struct Claimant<'a> {
    /// The machine; none where its id is no id, or nobody in particular asks.
    pub machine: Option<&'a ResourceId>,
    /// Its place and its tags; none when they are not known.
    pub facts: Option<&'a Traits>,
    /// The management groups above the subscriptions.
    pub ancestors: &'a Ancestors,
}

/// Why a placeholder was filled with nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfilled {
    /// The placeholder.
    pub placeholder: Placeholder,
    /// What the machine has there; empty when it has nothing.
    pub value: String,
    /// The line of the grant.
    pub line: Option<usize>,
}
