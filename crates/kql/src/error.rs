//! Why a query was refused, and where.

use std::borrow::Cow;
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
    /// What kind of error it is.
    pub cause: Cause,
}

/// What kind of error it is; the service has a code and a sentence for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The text could not be parsed.
    Syntax {
        /// The word that stands at the place, as the query has it; empty at the end of the query.
        found: String,
    },
    /// A name was not found.
    Unknown {
        /// What was looked for.
        what: Unknown,
        /// The name, as the query has it.
        name: String,
        /// The operator that wanted it; empty where none did.
        operator: String,
    },
    /// The query was understood and refused, or stopped at a limit.
    Refused,
}

/// What a name that was not found should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Where rows begin: a table, or a function or variable that gives one.
    Table,
    /// A column, or another value.
    Value,
    /// A function of values.
    Function,
}

impl Error {
    /// The same error as one of the parser, which met this word.
    pub(crate) fn of_syntax(self, found: String) -> Error {
        Error { cause: Cause::Syntax { found }, ..self }
    }

    /// Whether the text could not be parsed.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        matches!(self.cause, Cause::Syntax { .. })
    }

    /// The service's code (contract azure-monitor, section 4.4).
    #[must_use]
    pub fn api_code(&self) -> &'static str {
        match &self.cause {
            Cause::Syntax { .. } => "SYN0002",
            Cause::Unknown { what: Unknown::Function, .. } => "SEM0260",
            Cause::Unknown { .. } | Cause::Refused => "SEM0100",
        }
    }

    /// The sentence as the service words it, where that is known; else the engine's own.
    #[must_use]
    pub fn api_message(&self) -> Cow<'_, str> {
        let Cause::Unknown { what, name, operator } = &self.cause else {
            return Cow::Borrowed(&self.message);
        };
        let looked_for = match what {
            Unknown::Function => return Cow::Owned(format!("Unknown function: '{name}'.")),
            Unknown::Table => "table or column or scalar expression",
            Unknown::Value if matches!(operator.as_str(), "where" | "filter") => {
                "column or scalar expression"
            }
            Unknown::Value => "scalar expression",
        };
        Cow::Owned(format!("'{operator}' operator: Failed to resolve {looked_for} named '{name}'"))
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
    /// The name that was not found, if it is that.
    unknown: Option<Box<Missing>>,
}

/// A name that was not found, and the place of the operator that wanted it.
#[derive(Clone, Debug)]
struct Missing {
    what: Unknown,
    name: String,
    operator: Option<Span>,
}

impl Fault {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Fault {
        Fault { message: message.into(), span, unknown: None }
    }

    /// The same fault as that of a name that was not found.
    pub(crate) fn of_unknown(self, what: Unknown, name: &str) -> Fault {
        let missing = Missing { what, name: name.to_owned(), operator: None };
        Fault { unknown: Some(Box::new(missing)), ..self }
    }

    /// The same fault inside that operator; the innermost one counts.
    pub(crate) fn in_operator(mut self, operator: Span) -> Fault {
        if let Some(missing) = &mut self.unknown {
            missing.operator.get_or_insert(operator);
        }
        self
    }

    /// Whether a table or a function is meant that is not there: a fuzzy union goes on without it.
    pub(crate) fn is_missing(&self) -> bool {
        let what = self.unknown.as_ref().map(|missing| missing.what);
        matches!(what, Some(Unknown::Table | Unknown::Function))
    }

    pub(crate) fn locate(self, text: &str) -> Error {
        let mut start = self.span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        let cause = self.unknown.map_or(Cause::Refused, |missing| Cause::Unknown {
            what: missing.what,
            name: missing.name,
            operator: missing
                .operator
                .and_then(|span| text.get(span.start..span.end))
                .unwrap_or("")
                .to_owned(),
        });
        Error { message: self.message, line, column, cause }
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
