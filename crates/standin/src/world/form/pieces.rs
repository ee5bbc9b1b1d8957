//! A document read piece by piece: beside its text there is never more of it than one element of a list.

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The members of an object in their order, each as the text of its value.
///
/// # Errors
/// What is no object.
pub(super) fn members<'d>(text: &'d RawValue, place: &str) -> Result<Vec<(String, &'d RawValue)>, String> {
    if !text.get().starts_with('{') {
        return Err(at(place, "an object is wanted"));
    }
    let mut reader = serde_json::Deserializer::from_str(text.get());
    reader.deserialize_map(Members).map_err(|error| at(place, &error.to_string()))
}

/// Takes the elements of a list one after another, each with its place.
///
/// # Errors
/// What is no list, and the first fault of an element.
pub(super) fn each<'d, T: Deserialize<'d>>(
    text: &'d RawValue,
    place: &str,
    take: impl FnMut(String, T) -> Result<(), String>,
) -> Result<(), String> {
    if !text.get().starts_with('[') {
        return Err(at(place, "an array is wanted"));
    }
    let mut fault = None;
    let mut reader = serde_json::Deserializer::from_str(text.get());
    let read =
        reader.deserialize_seq(Elements { place, take, fault: &mut fault, of: std::marker::PhantomData });
    match (read, fault) {
        (_, Some(fault)) => Err(fault),
        (Err(error), None) => Err(at(place, &error.to_string())),
        (Ok(()), None) => Ok(()),
    }
}

/// One value. The text was seen to be JSON before; what is refused here are numbers and letters that cannot be.
///
/// # Errors
/// The place and what is wrong there.
pub(super) fn value(text: &RawValue, place: &str) -> Result<Value, String> {
    serde_json::from_str(text.get()).map_err(|error| at(place, &error.to_string()))
}

fn at(place: &str, fault: &str) -> String {
    if place.is_empty() { fault.to_owned() } else { format!("{place}: {fault}") }
}

struct Members;

impl<'d> Visitor<'d> for Members {
    type Value = Vec<(String, &'d RawValue)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

struct Elements<'f, F, T> {
    place: &'f str,
    take: F,
    /// A fault of an element, in our own words; serde would add its own.
    fault: &'f mut Option<String>,
    of: std::marker::PhantomData<T>,
}

impl<'d, F, T> Visitor<'d> for Elements<'_, F, T>
where
    T: Deserialize<'d>,
    F: FnMut(String, T) -> Result<(), String>,
{
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'d>>(mut self, mut list: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            let place = format!("{}[{index}]", self.place);
            let element = match list.next_element() {
                Ok(Some(element)) => element,
                Ok(None) => break,
                Err(error) => {
                    *self.fault = Some(at(&place, &error.to_string()));
                    return Err(error);
                }
            };
            if let Err(fault) = (self.take)(place, element) {
                *self.fault = Some(fault);
                return Err(A::Error::custom("an element is wrong"));
            }
        }
        Ok(())
    }
}
