//! The right that one call wants beside those that every call to its service has.

use super::Error;

impl Error {
    /// The same with that right, in words that say how it is given.
    pub(crate) fn with_right(mut self, right: &'static str) -> Self {
        self.said.right = Some(right);
        self
    }
}
