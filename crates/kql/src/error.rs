//! Why a query was refused, and where.

use std::fmt;

/// A query that was refused or stopped: a sentence, and the place in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong, naming the thing (function, column, operator …).
    pub message: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// Whether the text could not be parsed; else it was understood and refused, or stopped at a limit. The query
    /// API names the two differently (contract azure-monitor, section 4.4).
    pub syntax: bool,
}

impl Error {
    /// The same error as one of the parser.
    pub(crate) fn of_syntax(self) -> Error {
        Error { syntax: true, ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Error {}

/// A stretch of the query's text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    pub(crate) fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end.max(self.end) }
    }
}

/// An error before its place has been turned into line and column.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) span: Span,
    /// Whether a table or a function is meant that is not there: a fuzzy union goes on without it.
    pub(crate) is_missing: bool,
}

impl Fault {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Fault {
        Fault { message: message.into(), span, is_missing: false }
    }

    /// The same fault of a table or a function that is not there.
    pub(crate) fn missing(self) -> Fault {
        Fault { is_missing: true, ..self }
    }

    pub(crate) fn locate(self, text: &str) -> Error {
        let mut start = self.span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        Error { message: self.message, line, column, syntax: false }
    }
}

/// The result of a step inside the engine.
pub(crate) type Outcome<T> = Result<T, Fault>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        let error = Fault::new(Span::new(8, 9), "x").locate("aé\nbé€c");
        assert_eq!((error.line, error.column), (2, 3));
    }
}
