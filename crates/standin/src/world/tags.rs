//! Tags of a resource, and the metadata of a record set.

use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Texts by name, in the order in which they were written. A fleet has millions of them, so they are kept small.
#[derive(Debug, Clone, Default)]
pub struct Tags(Box<[(Arc<str>, Arc<str>)]>);

impl Tags {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a name, which is compared with its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Names and values, to be shared with others.
    pub(crate) fn shared(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.0
    }
}

/// Equal are those that hold the same, in whatever order.
impl PartialEq for Tags {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl Eq for Tags {}

/// Of a name that comes twice the last value counts, at the first place.
impl FromIterator<(Arc<str>, Arc<str>)> for Tags {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Arc<str>)>>(pairs: I) -> Self {
        let mut tags: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        for (name, value) in pairs {
            match tags.iter_mut().find(|(known, _)| *known == name) {
                Some((_, present)) => *present = value,
                None => tags.push((name, value)),
            }
        }
        Self(tags.into_boxed_slice())
    }
}

impl<'t> FromIterator<(&'t str, &'t str)> for Tags {
    fn from_iter<I: IntoIterator<Item = (&'t str, &'t str)>>(pairs: I) -> Self {
        pairs.into_iter().map(|(name, value)| (Arc::from(name), Arc::from(value))).collect()
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_the_order_stays() {
        let tags: Tags = [("b", "1"), ("a", "2"), ("b", "3")].into_iter().collect();
        assert_eq!(serde_json::to_string(&tags).ok().as_deref(), Some(r#"{"b":"3","a":"2"}"#));
        assert_eq!((tags.len(), tags.get("b"), tags.get("B")), (2, Some("3"), None));
        assert_eq!(tags, [("a", "2"), ("b", "3")].into_iter().collect());
        assert_ne!(tags, [("a", "2"), ("b", "1")].into_iter().collect());
        assert_ne!(tags, [("a", "2")].into_iter().collect());
    }
}
