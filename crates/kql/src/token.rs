//! The words of the language.

use crate::error::Span;

/// A word with its place.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A name or keyword; operator keywords keep their hyphens (`project-away`), negations their mark (`!in`).
    Name(String),
    /// A name in brackets and quotes: never a keyword.
    QuotedName(String),
    /// Text, without quotes and escapes.
    Text(String),
    /// A whole number.
    Long(i64),
    /// A number with a point or an exponent.
    Real(f64),
    /// A span such as `15m`, in ticks.
    Timespan(i64),
    /// `datetime(…)`, `long(…)`, `dynamic(…)` …: the type's name, and the raw text between the brackets.
    Typed(String, Span),
    /// Punctuation.
    Mark(&'static str),
    /// The end of the text.
    End,
}

impl TokenKind {
    /// The word as a message shows it.
    pub(crate) fn shown(&self) -> String {
        match self {
            TokenKind::Name(name) => format!("'{name}'"),
            TokenKind::QuotedName(name) => format!("'['{name}']'"),
            TokenKind::Text(_) => "a string".to_owned(),
            TokenKind::Long(_) | TokenKind::Real(_) => "a number".to_owned(),
            TokenKind::Timespan(_) => "a timespan".to_owned(),
            TokenKind::Typed(name, _) => format!("'{name}(…)'"),
            TokenKind::Mark(mark) => format!("'{mark}'"),
            TokenKind::End => "the end of the query".to_owned(),
        }
    }
}
