//! A text that is read from front to back.

use crate::error::{Fault, Outcome, Span};
use crate::token::Token;

/// A place in the text, and the words before it.
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Moves to the next word; false at the end.
    pub(super) fn skip_blank(&mut self) -> bool {
        loop {
            let trimmed = self.rest().trim_start_matches(is_blank);
            self.at = self.text.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return !trimmed.is_empty();
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    pub(super) fn fault<T>(&self, start: usize, message: impl Into<String>) -> Outcome<T> {
        Err(Fault::new(Span::new(start, self.at.max(start + 1)), message))
    }

    pub(super) fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let length =
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

/// White space, and the marks without width that pages leave in copied text.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}
