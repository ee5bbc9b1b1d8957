//! How much is logged, and in which form. Read by itself, so that faults of the rest can be logged.

use tracing::Level;

use super::declared::{LOG_FORMAT, LOG_LEVEL};
use super::reader::Reader;
use super::variables::Variables;

/// How much is logged, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logging {
    /// `LOG_LEVEL`: the least important lines that are written.
    pub level: Level,
    /// `LOG_FORMAT`: one JSON object a line, or text for people.
    pub json: bool,
}

impl Logging {
    /// Reads the two variables. What cannot be understood becomes the default here, and a fault in
    /// [`Settings::read`](super::Settings::read).
    #[must_use]
    pub fn read(variables: &Variables) -> Self {
        let mut reader = Reader::new(variables);
        Self {
            level: reader.word(LOG_LEVEL, LEVELS).unwrap_or(Level::INFO),
            json: reader.word(LOG_FORMAT, FORMATS).unwrap_or(reader.is_in_host()),
        }
    }
}

/// Remembers what [`Logging::read`] could not understand.
pub(super) fn check(reader: &mut Reader<'_>) {
    reader.word(LOG_LEVEL, LEVELS);
    reader.word(LOG_FORMAT, FORMATS);
}

const LEVELS: &[(&str, Level)] = &[
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

const FORMATS: &[(&str, bool)] = &[("json", true), ("text", false)];
