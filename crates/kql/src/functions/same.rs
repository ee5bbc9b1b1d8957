//! When two values inside arrays are the same.

use crate::clock::{Clock, Stopped};
use crate::dynamic::Dynamic;

/// What makes a value the same as another: whole numbers are the same as reals of that size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Long(i64),
    Text(String),
    /// What is neither, as it is written.
    Other(String),
}

impl Key {
    pub(super) fn of(value: &Dynamic, clock: &Clock) -> Result<Key, Stopped> {
        let key = match value {
            Dynamic::Long(value) => Key::Long(*value),
            Dynamic::Real(value) if value.fract() == 0.0 => match crate::convert::truncated(*value) {
                Some(whole) => Key::Long(whole),
                None => Key::Other(value.to_string()),
            },
            Dynamic::String(text) => Key::Text(text.to_string()),
            other => Key::Other(other.to_json_text()),
        };
        clock.work(8 + key.size())?;
        Ok(key)
    }

    /// The bytes that it takes beside itself.
    pub(super) fn size(&self) -> usize {
        match self {
            Key::Long(_) => 0,
            Key::Text(text) | Key::Other(text) => text.len(),
        }
    }
}
