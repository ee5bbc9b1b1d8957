//! The parts of a query that hold no expression: names, signs, and how an operator reads.

use crate::error::Span;
use crate::types::Type;

/// A name with its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChainOp {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Text(TextOp),
    /// `column: 'term'`, in `search` only.
    Member,
}

/// An operator on text: what it looks for, whether case matters, whether it is negated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextOp {
    pub(crate) test: TextTest,
    pub(crate) case: bool,
    pub(crate) negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextTest {
    Equals,
    Contains,
    Has,
    HasPrefix,
    HasSuffix,
    StartsWith,
    EndsWith,
    Regex,
}

/// A column name that may hold `*`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) is_pattern: bool,
    pub(crate) span: Span,
}

/// `name = value` between an operator's keyword and its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) name: Name,
    pub(crate) value: Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParseMode {
    Simple,
    Relaxed,
    Regex(RegexFlags),
}

/// The flags of `kind=regex`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RegexFlags {
    pub(crate) ignore_case: bool,
    pub(crate) multi_line: bool,
    pub(crate) dot_all: bool,
    pub(crate) ungreedy: bool,
}

/// How `parse-kv` tells keys from values.
#[derive(Clone, Debug)]
pub(crate) enum KeyValueFormat {
    /// Between delimiters; without them whatever is no letter and no digit separates.
    Delimited {
        delimiters: Option<(String, String)>,
        /// Opening and closing quotes.
        quotes: Vec<(char, char)>,
        escapes: Vec<char>,
        greedy: bool,
    },
    /// A pattern whose two groups are key and value.
    Regex(String, Span),
}

/// Which rows that match a step are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScanOutput {
    All,
    /// The last of a row of matches.
    Last,
    None,
}

#[derive(Clone, Debug)]
pub(crate) struct PluginSchema {
    /// `*`: the columns of the input come first.
    pub(crate) with_input: bool,
    pub(crate) columns: Vec<(Name, Type)>,
}
