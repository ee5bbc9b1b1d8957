//! Reading JSON text into a dynamic value, without a tree of JSON on the way.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Dynamic, MAX_DEPTH};

/// From so many members on, names are looked up.
const MANY: usize = 16;

/// The value of JSON text; none when it is no JSON.
pub(super) fn json(text: &str) -> Option<Dynamic> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = AtDepth(0).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// About how many bytes the value of a text takes while it is read, by its commas and brackets.
pub(super) fn bytes_of(text: &str) -> usize {
    let parts = text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    // A part is a place in its list and, mostly, something of its own behind it.
    text.len().saturating_add(parts.saturating_mul(size_of::<Dynamic>() + 32))
}

/// A value at that depth; what nests too deep is nothing.
#[derive(Clone, Copy)]
struct AtDepth(usize);

impl AtDepth {
    fn made(self, value: impl FnOnce() -> Dynamic) -> Dynamic {
        if self.0 > MAX_DEPTH { Dynamic::Null } else { value() }
    }
}

impl<'de> DeserializeSeed<'de> for AtDepth {
    type Value = Dynamic;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Dynamic, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AtDepth {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Dynamic, E> {
        Ok(self.made(|| Dynamic::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Dynamic, E> {
        Ok(self.made(|| Dynamic::Long(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Dynamic, E> {
        #[expect(clippy::cast_precision_loss, reason = "what is no long is a real")]
        let value = i64::try_from(value).map_or(Dynamic::Real(value as f64), Dynamic::Long);
        Ok(self.made(|| value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Dynamic, E> {
        Ok(self.made(|| Dynamic::Real(value)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Dynamic, E> {
        Ok(self.made(|| Dynamic::String(Arc::from(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Dynamic, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(AtDepth(self.0 + 1))? {
            array.push(item);
        }
        Ok(self.made(|| Dynamic::Array(array.into())))
    }

    /// Of several members of one name the last one's value counts, at the place of the first.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Dynamic, A::Error> {
        let mut bag: Vec<(Arc<str>, Dynamic)> = Vec::new();
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(AtDepth(self.0 + 1))?;
            if bag.len() == MANY && places.is_empty() {
                places.extend(bag.iter().enumerate().map(|(place, (name, _))| (Arc::clone(name), place)));
            }
            let known = match bag.len() {
                ..MANY => bag.iter().position(|(known, _)| **known == *name),
                _ => places.get(&*name).copied(),
            };
            match known {
                Some(place) => bag[place].1 = value,
                None => {
                    let name: Arc<str> = Arc::from(name);
                    if bag.len() >= MANY {
                        places.insert(Arc::clone(&name), bag.len());
                    }
                    bag.push((name, value));
                }
            }
        }
        Ok(self.made(|| Dynamic::Bag(bag.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read so, and read as a tree of JSON: both are the same.
    #[test]
    fn it_reads_as_the_tree_does() {
        let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let many: Vec<String> = (0..40).map(|number| format!("\"m{}\":{number}", number % 30)).collect();
        let texts = [
            r#"{"a":1,"b":{"c":[null,true,"\u00e9\n"],"a":2},"a":{"last":1}}"#.to_owned(),
            "[1,-1,9223372036854775807,9223372036854775808,18446744073709551615,1.5,1e3,-0.0,1e400]"
                .to_owned(),
            format!("{{{}}}", many.join(",")),
            deep(64),
            deep(65),
            deep(66),
            deep(127),
            deep(128),
            "[1] 2".to_owned(),
            " {} ".to_owned(),
            "[1,]".to_owned(),
            "plain".to_owned(),
        ];
        for text in texts {
            let tree = serde_json::from_str::<serde_json::Value>(&text).ok();
            let wanted = tree.map(|tree| format!("{:?}", Dynamic::from_json(&tree)));
            assert_eq!(json(&text).map(|value| format!("{value:?}")), wanted, "{text}");
        }
    }

    #[test]
    fn what_a_text_takes_is_told_by_its_parts() {
        assert_eq!(bytes_of("plain"), 5);
        assert_eq!(bytes_of("[1,2]"), 5 + 2 * (size_of::<Dynamic>() + 32));
    }
}
