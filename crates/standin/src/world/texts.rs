//! Texts that many resources have, such as a region or the name of a tag: each is held once.

use std::collections::HashSet;
use std::sync::Arc;

/// The texts that were met.
#[derive(Debug, Default)]
pub(crate) struct Texts(HashSet<Arc<str>>);

impl Texts {
    /// A text: the one that was met before, if it was.
    pub(crate) fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let mut texts = Texts::default();
        let (one, other) = (texts.shared("westeurope"), texts.shared("westeurope"));
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(&*texts.shared("Westeurope"), "Westeurope");
    }
}
