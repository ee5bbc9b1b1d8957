//! How much is logged, and in which form. Read by itself, so that faults of the rest can be logged.

use tracing::Level;

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
        let find = |name: &str| variables.get(name);
        let in_host = find("FUNCTIONS_CUSTOMHANDLER_PORT").is_some();
        Self {
            level: find("LOG_LEVEL").and_then(|text| word(LEVELS, text)).unwrap_or(Level::INFO),
            json: find("LOG_FORMAT").and_then(|text| word(FORMATS, text)).unwrap_or(in_host),
        }
    }
}

/// Remembers what [`Logging::read`] could not understand.
pub(super) fn check(reader: &mut Reader<'_>) {
    reader.word("LOG_LEVEL", Level::INFO, LEVELS);
    reader.word("LOG_FORMAT", false, FORMATS);
}

const LEVELS: &[(&str, Level)] = &[
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

const FORMATS: &[(&str, bool)] = &[("json", true), ("text", false)];

fn word<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}
