//! Lists that are too long to be made before they are written.

use serde::ser::{Serialize, Serializer};

/// A list whose elements are made while it is written.
pub(super) struct OneByOne<F>(pub(super) F);

impl<F, I> Serialize for OneByOne<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
