//! Values of the type `dynamic`: JSON, plus datetimes and timespans.

mod read;

use std::fmt::{self, Write};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::time::{datetime_text, timespan_text};

/// How deep a dynamic value may nest; deeper JSON is read as null.
pub(crate) const MAX_DEPTH: usize = 64;

/// How many values one dynamic value may hold at all depths together, each counted as often as it is written out;
/// 16 bytes of text count as one. Parts are shared, so a value that holds itself twice, often enough, would take
/// little memory and yet never be written to its end.
pub(crate) const MAX_PARTS: usize = 1 << 23;

/// How deep a value that a query makes may nest.
pub(crate) const MAX_MADE_DEPTH: usize = 128;

/// A dynamic value. Cloning is cheap: text, arrays and bags are shared.
#[derive(Clone, Debug, Default)]
pub enum Dynamic {
    /// No value.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Long(i64),
    /// Any other number.
    Real(f64),
    /// Text.
    String(Arc<str>),
    /// An instant, in ticks of 100 ns since 0001-01-01.
    DateTime(i64),
    /// A span, in ticks of 100 ns.
    Timespan(i64),
    /// A list.
    Array(Arc<[Dynamic]>),
    /// A property bag, in the order in which it was written.
    Bag(Arc<[(Arc<str>, Dynamic)]>),
}

impl Dynamic {
    /// Reads JSON; numbers that are no 64-bit integers become reals, what nests too deep becomes null.
    #[must_use]
    pub fn from_json(json: &Json) -> Dynamic {
        Dynamic::from_json_at(json, 0)
    }

    fn from_json_at(json: &Json, depth: usize) -> Dynamic {
        if depth > MAX_DEPTH {
            return Dynamic::Null;
        }
        match json {
            Json::Null => Dynamic::Null,
            Json::Bool(value) => Dynamic::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Dynamic::Long(whole),
                None => Dynamic::Real(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Dynamic::String(Arc::from(text.as_str())),
            Json::Array(items) => {
                Dynamic::Array(items.iter().map(|item| Dynamic::from_json_at(item, depth + 1)).collect())
            }
            Json::Object(members) => Dynamic::Bag(
                members
                    .iter()
                    .map(|(name, value)| (Arc::from(name.as_str()), Dynamic::from_json_at(value, depth + 1)))
                    .collect(),
            ),
        }
    }

    /// The value of a text: parsed when it is JSON, else the text itself (as `parse_json` does).
    #[must_use]
    pub fn parse(text: &str) -> Dynamic {
        if text.trim().is_empty() {
            return Dynamic::String(Arc::from(text));
        }
        read::json(text).unwrap_or_else(|| Dynamic::String(Arc::from(text)))
    }

    /// About how many bytes [`Dynamic::parse`] takes for a text.
    pub(crate) fn bytes_while_read(text: &str) -> usize {
        read::bytes_of(text)
    }

    /// The value as JSON; datetimes and timespans become text, reals without a JSON form become text too.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Dynamic::Null => Json::Null,
            Dynamic::Bool(value) => Json::Bool(*value),
            Dynamic::Long(value) => Json::from(*value),
            Dynamic::Real(value) => real_json(*value),
            Dynamic::String(text) => Json::from(&**text),
            Dynamic::DateTime(ticks) => Json::from(datetime_text(*ticks)),
            Dynamic::Timespan(ticks) => Json::from(timespan_text(*ticks)),
            Dynamic::Array(items) => Json::Array(items.iter().map(Dynamic::to_json).collect()),
            Dynamic::Bag(members) => Json::Object(
                members.iter().map(|(name, value)| (name.to_string(), value.to_json())).collect(),
            ),
        }
    }

    /// The value as `tostring` shows it: text as it is, null as nothing, the rest as compact JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Nothing fails in writing to a string.
        let _ = self.write_to(&mut text);
        text
    }

    /// The same, written piece by piece.
    pub(crate) fn write_to(&self, out: &mut impl Write) -> fmt::Result {
        match self {
            Dynamic::Null => Ok(()),
            Dynamic::String(text) => out.write_str(text),
            Dynamic::DateTime(ticks) => out.write_str(&datetime_text(*ticks)),
            Dynamic::Timespan(ticks) => out.write_str(&timespan_text(*ticks)),
            other => other.write_json(out),
        }
    }

    /// Compact JSON text.
    pub(crate) fn to_json_text(&self) -> String {
        let mut text = String::new();
        let _ = self.write_json(&mut text);
        text
    }

    fn write_json(&self, out: &mut impl Write) -> fmt::Result {
        match self {
            Dynamic::Null => out.write_str("null"),
            Dynamic::Bool(value) => out.write_str(if *value { "true" } else { "false" }),
            Dynamic::Long(value) => write!(out, "{value}"),
            Dynamic::Array(items) => {
                out.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.write_char(',')?;
                    }
                    item.write_json(out)?;
                }
                out.write_char(']')
            }
            Dynamic::Bag(members) => {
                out.write_char('{')?;
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.write_char(',')?;
                    }
                    write_quoted(name, out)?;
                    out.write_char(':')?;
                    value.write_json(out)?;
                }
                out.write_char('}')
            }
            Dynamic::String(text) => write_quoted(text, out),
            scalar => write!(out, "{}", scalar.to_json()),
        }
    }

    /// The member of a bag.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Dynamic> {
        match self {
            Dynamic::Bag(members) => {
                members.iter().rev().find(|(key, _)| &**key == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The element of an array; negative indexes count from the end.
    #[must_use]
    pub fn element(&self, index: i64) -> Option<&Dynamic> {
        let Dynamic::Array(items) = self else { return None };
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let index = if index < 0 { index.checked_add(length)? } else { index };
        items.get(usize::try_from(index).ok()?)
    }

    /// How many parts the value has, when it keeps to [`MAX_PARTS`] and [`MAX_MADE_DEPTH`]; stops counting once it
    /// does not.
    pub(crate) fn parts(&self) -> Option<usize> {
        let mut left = MAX_PARTS;
        self.count_parts(&mut left, 0).then_some(MAX_PARTS - left)
    }

    fn count_parts(&self, left: &mut usize, depth: usize) -> bool {
        let mut take = |count: usize| match left.checked_sub(count) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        };
        match self {
            Dynamic::String(text) => take(1 + text.len() / 16),
            Dynamic::Array(items) => {
                take(1)
                    && depth < MAX_MADE_DEPTH
                    && items.iter().all(|item| item.count_parts(left, depth + 1))
            }
            Dynamic::Bag(members) => {
                take(1)
                    && depth < MAX_MADE_DEPTH
                    && members.iter().all(|(_, value)| value.count_parts(left, depth + 1))
            }
            _ => take(1),
        }
    }

    /// About how many bytes its JSON has.
    pub(crate) fn answer_bytes(&self) -> usize {
        match self {
            // An answer has the JSON as a text: its quotes are escaped, and what is escaped in it is so once more.
            Dynamic::String(text) => text.len() + 4 + 2 * escapes(text),
            Dynamic::Array(items) => items.iter().map(|item| 1 + item.answer_bytes()).sum(),
            Dynamic::Bag(members) => {
                members.iter().map(|(name, value)| name.len() + 6 + value.answer_bytes()).sum()
            }
            _ => 8,
        }
    }

    /// About how many bytes of the value nobody else holds.
    pub(crate) fn own_bytes(&self) -> usize {
        match self {
            Dynamic::String(text) if Arc::strong_count(text) == 1 => 40 + text.len(),
            Dynamic::Array(items) if Arc::strong_count(items) == 1 => {
                items.iter().fold(32, |bytes, item| bytes + size_of::<Dynamic>() + item.own_bytes())
            }
            Dynamic::Bag(members) if Arc::strong_count(members) == 1 => {
                let name_bytes =
                    |name: &Arc<str>| if Arc::strong_count(name) == 1 { 40 + name.len() } else { 0 };
                members
                    .iter()
                    .fold(32, |bytes, (name, value)| bytes + 40 + name_bytes(name) + value.own_bytes())
            }
            _ => 0,
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Dynamic::Null)
    }
}

/// A real as JSON: `NaN` and the infinities have no number form and are written as text.
pub(crate) fn real_json(value: f64) -> Json {
    match serde_json::Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => Json::from("NaN"),
        None if value > 0.0 => Json::from("Infinity"),
        None => Json::from("-Infinity"),
    }
}

/// A text in quotes. Most have nothing to escape, and need no copy.
fn write_quoted(text: &str, out: &mut impl Write) -> fmt::Result {
    if escapes(text) > 0 {
        return write!(out, "{}", Json::from(text));
    }
    out.write_char('"')?;
    out.write_str(text)?;
    out.write_char('"')
}

/// How many bytes a text grows by when it is written as JSON.
pub(crate) fn escapes(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' => 1,
            b if b < b' ' => 5,
            _ => 0,
        })
        .sum()
}
