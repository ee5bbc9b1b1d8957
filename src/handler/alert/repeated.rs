//! The key that a JSON object has more than once: a map that is read from it keeps the last value and says nothing.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// The first key that an object repeats at its top, also of an object within a text within a text, as bodies come.
pub(super) fn first(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    while let Ok(inner) = serde_json::from_str::<String>(&text) {
        text = inner;
    }
    serde_json::from_str::<Repeated>(&text).ok()?.0
}

struct Repeated(Option<String>);

impl<'de> Deserialize<'de> for Repeated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Repeated;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Repeated, A::Error> {
        let (mut seen, mut repeated) = (BTreeSet::new(), None);
        while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
            if seen.contains(&key) {
                repeated.get_or_insert(key);
            } else {
                seen.insert(key);
            }
        }
        Ok(Repeated(repeated))
    }
}
