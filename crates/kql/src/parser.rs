//! From words to the tree of a query. Nothing is skipped: what is not understood is named and refused.

mod expression;
mod keyword;
mod literal;
mod operator;
mod shape;
mod statement;

use crate::ast::Name;
use crate::error::{Fault, Outcome, Span};
use crate::token::{Token, TokenKind};

pub(crate) use operator::needs_rows;
pub(crate) use statement::parse;

/// How deep expressions and brackets may nest.
const MAX_DEPTH: usize = 200;

/// What ends a list of statements.
#[derive(Clone, Copy, PartialEq)]
enum TokenMark {
    End,
    Brace,
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Whether the predicate of `search` is read, where ':' is an operator.
    searching: bool,
}

impl Parser<'_> {
    fn token(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.at + count).min(last)]
    }

    fn span(&self) -> Span {
        self.token().span
    }

    /// The place of the word before this one.
    fn last_span(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].span
    }

    fn advance(&mut self) -> Token {
        let token = self.token().clone();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    fn is_mark(&self, mark: &str) -> bool {
        matches!(self.token().kind, TokenKind::Mark(found) if found == mark)
    }

    fn mark_ahead(&self, count: usize, mark: &str) -> bool {
        matches!(self.ahead(count).kind, TokenKind::Mark(found) if found == mark)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(&self.token().kind, TokenKind::Name(name) if name == word)
    }

    fn word_ahead(&self, count: usize, word: &str) -> bool {
        matches!(&self.ahead(count).kind, TokenKind::Name(name) if name == word)
    }

    fn eat_mark(&mut self, mark: &str) -> bool {
        let hit = self.is_mark(mark);
        if hit {
            self.advance();
        }
        hit
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let hit = self.is_word(word);
        if hit {
            self.advance();
        }
        hit
    }

    fn expect_mark(&mut self, mark: &str) -> Outcome<Span> {
        if self.is_mark(mark) {
            return Ok(self.advance().span);
        }
        self.unexpected(&format!("'{mark}'"))
    }

    fn expect_word(&mut self, word: &str) -> Outcome<Span> {
        if self.is_word(word) {
            return Ok(self.advance().span);
        }
        self.unexpected(&format!("'{word}'"))
    }

    /// Refuses the word that stands here.
    fn unexpected<T>(&self, wanted: &str) -> Outcome<T> {
        let token = self.token();
        let names = |token: &Token| matches!(token.kind, TokenKind::Name(_));
        if self.is_mark("{") && names(self.ahead(1)) && self.mark_ahead(2, "}")
            || self.is_mark("{") && names(self.ahead(1)) && self.mark_ahead(2, ":")
        {
            let message = format!("{} is a parameter of a workbook; write its value here", self.braced());
            return Err(Fault::new(token.span, message));
        }
        if self.is_mark(".") && self.at == 0 && names(self.ahead(1)) {
            let message = format!("the control command '.{}' is not supported", self.raw(1));
            return Err(Fault::new(token.span, message));
        }
        Err(Fault::new(token.span, format!("expected {wanted}, found {}", token.kind.shown())))
    }

    /// The text of a word further on.
    fn raw(&self, count: usize) -> &str {
        let span = self.ahead(count).span;
        &self.text[span.start..span.end]
    }

    /// The text from this brace to the next closing one.
    fn braced(&self) -> &str {
        let rest = &self.text[self.span().start..];
        &rest[..rest.find('}').map_or(rest.len(), |end| end + 1)]
    }

    /// A word or a quoted name, whether a keyword or not.
    fn name(&mut self, what: &str) -> Outcome<Name> {
        let token = self.token().clone();
        match token.kind {
            TokenKind::Name(text) | TokenKind::QuotedName(text) if !text.starts_with('!') => {
                self.advance();
                Ok(Name { text, span: token.span })
            }
            _ => self.unexpected(what),
        }
    }

    /// Counts a level of nesting while `inner` reads it.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::new(self.span(), too_deep()));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }
}

fn too_deep() -> String {
    format!("expressions nest deeper than {MAX_DEPTH} levels here; a pair of brackets counts as two")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_named_with_its_place() {
        for (text, start, words) in [
            ("T | wher x", 4, "'wher'"),
            ("T | where (a", 12, "')'"),
            ("T | make-graph a --> b", 4, "'make-graph'"),
            ("T | where a ~ b", 12, "~"),
            ("let x 5; T", 6, "'='"),
            ("T | sort l", 9, "'by'"),
            ("", 0, "empty"),
            ("T |", 3, "end of the query"),
            ("T | top 5 by l, s", 14, "','"),
        ] {
            let fault = parse(text).unwrap_err();
            assert_eq!(fault.span.start, start, "{text}: {}", fault.message);
            assert!(fault.message.contains(words), "{text}: {}", fault.message);
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_long_chains_are_not() {
        let is_read = |text: String| crate::stack::on_own_stack(|| parse(&text).is_ok()).unwrap();
        assert!(!is_read(format!("print {}1{}", "(".repeat(5_000), ")".repeat(5_000))));
        assert!(!is_read(format!("print {}1", "-".repeat(5_000))));
        assert!(is_read(format!("T | where x {}", "or x ".repeat(20_000))));
    }
}
