//! Values of an answer read in place: texts stay where they are, and what is of another kind is no error.
//!
//! Lists of many thousands are read through these; a tree of every value would cost more than all that is done with
//! them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value where a text or a number is expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Loose<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number that is not negative.
    Number(u64),
    /// Null, or no member at all.
    #[default]
    Nothing,
    /// Anything else.
    Other,
}

impl<'a> Loose<'a> {
    /// The text; empty for anything else.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text that leads on; none where there is nothing or an empty text. Words, when it is something else: a list that
    /// goes on is not taken for one that ends.
    pub(super) fn way_on(&self) -> Result<Option<&str>, &'static str> {
        match self {
            Self::Text(text) => Ok(Some(&**text).filter(|text| !text.is_empty())),
            Self::Nothing => Ok(None),
            Self::Number(_) | Self::Other => Err("what leads to the next page is no text"),
        }
    }

    /// The number, if it is one.
    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Loose<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Loose::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Loose::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Loose::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Loose::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Loose::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Self::Value, A::Error> {
        while pairs.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Other)
    }
}

/// An object, where one is expected; anything else is no error.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Shaped<T> {
    /// It is one.
    There(T),
    /// Null, or no member at all.
    #[default]
    Nothing,
    /// Anything else.
    Other,
}

impl<T> Shaped<T> {
    /// The object; none where there is nothing. These words, when it is something else.
    pub(super) fn known(&self, words: &'static str) -> Result<Option<&T>, &'static str> {
        match self {
            Self::There(object) => Ok(Some(object)),
            Self::Nothing => Ok(None),
            Self::Other => Err(words),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shaped<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AShape(PhantomData))
    }
}

struct AShape<T>(PhantomData<fn() -> T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AShape<T> {
    type Value = Shaped<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Shaped::There)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Shaped::Nothing)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Shaped::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Shaped::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Shaped::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Shaped::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Shaped::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Shaped::Other)
    }
}

/// A list, where one is expected; empty for null, none for anything else.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct List<T>(pub(super) Option<Vec<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Some(Vec::new()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AList(PhantomData))
    }
}

struct AList<T>(PhantomData<fn() -> T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AList<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(member) = members.next_element()? {
            list.push(member);
        }
        Ok(List(Some(list)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(List(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(List(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(List(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(List(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(List(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Self::Value, A::Error> {
        while pairs.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List(None))
    }
}

/// The members of an object whose values are texts, in their order; empty for null.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pairs<'a>(pub(super) Vec<(Loose<'a>, Loose<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Pairs::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        // Room for those that are there: an answer may hold very many objects without a member.
        let Some(first) = members.next_entry()? else { return Ok(Pairs::default()) };
        let mut pairs = Vec::with_capacity(8);
        pairs.push(first);
        while let Some(pair) = members.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// A list whose members are handed on one by one, as they are read; their number is what it comes to.
pub(super) struct Each<T, F> {
    take: F,
    member: PhantomData<fn(T)>,
}

impl<T, F: FnMut(T)> Each<T, F> {
    pub(super) fn new(take: F) -> Self {
        Self { take, member: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for Each<T, F> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Each<T, F> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut members: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while let Some(member) = members.next_element()? {
            (self.take)(member);
            count += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_where_they_are_and_nothing_is_an_error() {
        let read = |json: &'static str| serde_json::from_str::<Loose<'_>>(json).unwrap();
        assert!(matches!(read(r#""plain""#), Loose::Text(Cow::Borrowed("plain"))));
        assert_eq!(read(r#""a\/b""#).text(), "a/b");
        assert_eq!(read("60").number(), Some(60));
        assert_eq!(read("null"), Loose::Nothing);
        for other in ["true", "-1", "1.5", "[1,[2]]", r#"{"a":{"b":1}}"#] {
            assert_eq!(read(other), Loose::Other, "{other}");
            assert!(read(other).way_on().is_err(), "{other}");
        }
        assert_eq!((read("null").way_on(), read(r#""""#).way_on()), (Ok(None), Ok(None)));
        assert_eq!((read(r#""x""#).way_on(), read("1").way_on().is_err()), (Ok(Some("x")), true));
        let pairs = serde_json::from_str::<Pairs<'_>>(r#"{"a":"x","b":1,"a":null}"#).unwrap();
        assert_eq!(pairs.0.len(), 3);
        assert_eq!(serde_json::from_str::<Pairs<'_>>("null").unwrap(), Pairs::default());
    }

    #[test]
    fn what_is_no_object_and_what_is_no_list_is_told_from_nothing() {
        let object = |json: &'static str| serde_json::from_str::<Shaped<Pairs<'_>>>(json).unwrap();
        let list = |json: &'static str| serde_json::from_str::<List<Loose<'_>>>(json).unwrap();
        assert!(matches!(object(r#"{"a":1}"#), Shaped::There(pairs) if pairs.0.len() == 1));
        assert_eq!((object("null"), list("null").0), (Shaped::Nothing, Some(Vec::new())));
        assert_eq!(list(r#"["a",[2],null]"#).0.map(|list| list.len()), Some(3));
        for other in [r#""x""#, "true", "1", "-1", "1.5"] {
            assert_eq!((object(other), list(other).0), (Shaped::Other, None), "{other}");
        }
        assert_eq!((object(r#"[{"a":1}]"#), list(r#"{"a":[1]}"#).0), (Shaped::Other, None));
    }
}
