//! Why a query was refused, and where.

use std::borrow::Cow;
use std::fmt;

use crate::types::Column;

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
    /// The query was stopped because it would have taken too much memory.
    OutOfMemory {
        /// So many bytes it may take at most, or one value of it, or all queries together.
        budget: usize,
        /// The operator that was at work; empty where none was.
        operator: String,
        /// The columns that the answer would have had; none where they were not known yet.
        columns: Vec<Column>,
    },
    /// The query was understood and refused, or stopped at another limit.
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

    /// The same error of a query whose answer would have had those columns.
    pub(crate) fn of_columns(mut self, answered: &[Column]) -> Error {
        if let Cause::OutOfMemory { columns, .. } = &mut self.cause {
            columns.extend_from_slice(answered);
        }
        self
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
            // The service's number 0x80DA0001, with its sign.
            Cause::OutOfMemory { .. } => "-2133196799",
            Cause::Unknown { what: Unknown::Function, .. } => "SEM0260",
            Cause::Unknown { .. } | Cause::Refused => "SEM0100",
        }
    }

    /// The sentence as the service words it, where that is known; else the engine's own.
    #[must_use]
    pub fn api_message(&self) -> Cow<'_, str> {
        let (what, name, operator) = match &self.cause {
            Cause::Unknown { what, name, operator } => (what, name, operator),
            Cause::OutOfMemory { budget, operator, .. } => {
                return Cow::Owned(format!(
                    "'{operator}' operator has exceeded the memory budget ({budget}) during evaluation. Results may be \
                     incorrect or incomplete (E_RUNAWAY_QUERY; see https://aka.ms/kustoquerylimits)."
                ));
            }
            Cause::Syntax { .. } | Cause::Refused => return Cow::Borrowed(&self.message),
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
    /// The bytes that were too few, if it is that.
    budget: Option<usize>,
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
        Fault { message: message.into(), span, unknown: None, budget: None }
    }

    /// The same fault; bytes that were too few make it one of memory.
    pub(crate) fn of_memory(self, budget: Option<usize>) -> Fault {
        Fault { budget, ..self }
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

    /// The same fault where rows begin that go to that operator. It is the one that wanted a value; a table no operator
    /// wanted, as the service words it.
    pub(crate) fn in_first_operator(self, reader: Span) -> Fault {
        let is_table = self.unknown.as_ref().is_some_and(|missing| missing.what == Unknown::Table);
        self.in_operator(if is_table { Span::default() } else { reader })
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
        let at = |span: Span| text.get(span.start..span.end).unwrap_or("").to_owned();
        let cause = match (self.unknown, self.budget) {
            (Some(missing), _) => Cause::Unknown {
                what: missing.what,
                name: missing.name,
                operator: missing.operator.map(at).unwrap_or_default(),
            },
            (None, Some(budget)) => {
                let operator =
                    at(self.span).chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
                Cause::OutOfMemory { budget, operator, columns: Vec::new() }
            }
            (None, None) => Cause::Refused,
        };
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
