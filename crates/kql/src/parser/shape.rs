//! The parts that operators share: named expressions, column patterns, sort keys, settings.

use super::Parser;
use super::keyword::Place;
use crate::ast::{Named, OrderKey, Pattern, Setting};
use crate::error::{Fault, Outcome};
use crate::token::TokenKind;

impl Parser<'_> {
    /// Expressions with optional names, separated by commas; at least one.
    pub(super) fn named_list(&mut self) -> Outcome<Vec<Named>> {
        let mut list = vec![self.named()?];
        while self.eat_mark(",") {
            list.push(self.named()?);
        }
        Ok(list)
    }

    pub(super) fn named(&mut self) -> Outcome<Named> {
        let mut names = Vec::new();
        let is_name = matches!(self.token().kind, TokenKind::Name(_) | TokenKind::QuotedName(_));
        if is_name && self.mark_ahead(1, "=") {
            names.push(self.name_in(Place::Declared, "a name")?);
            self.advance();
        } else if self.is_mark("(") && self.names_ahead() {
            self.advance();
            while !self.is_mark(")") {
                names.push(self.name_in(Place::Declared, "a name")?);
                if !self.eat_mark(",") {
                    break;
                }
            }
            self.expect_mark(")")?;
            self.expect_mark("=")?;
        }
        Ok(Named { names, made: None, expr: self.expression()? })
    }

    /// Whether `(name, name …) =` stands here.
    fn names_ahead(&self) -> bool {
        let mut count = 1;
        loop {
            if !matches!(self.ahead(count).kind, TokenKind::Name(_) | TokenKind::QuotedName(_)) {
                return false;
            }
            if self.mark_ahead(count + 1, ")") {
                return self.mark_ahead(count + 2, "=");
            }
            if !self.mark_ahead(count + 1, ",") {
                return false;
            }
            count += 2;
        }
    }

    /// A column name or a pattern such as `Src*`.
    pub(super) fn pattern(&mut self) -> Outcome<Pattern> {
        let start = self.span();
        let mut text = String::new();
        let mut end = start.start;
        let mut is_pattern = false;
        self.refuse_keyword(Place::Alone)?;
        loop {
            let token = self.token().clone();
            if !text.is_empty() && token.span.start != end {
                break;
            }
            match token.kind {
                TokenKind::Name(part) | TokenKind::QuotedName(part) => text.push_str(&part),
                TokenKind::Mark("*") => {
                    is_pattern = true;
                    text.push('*');
                }
                TokenKind::Long(digits) if !text.is_empty() => text.push_str(&digits.to_string()),
                _ => break,
            }
            end = token.span.end;
            self.advance();
        }
        if text.is_empty() {
            return self.unexpected("a column's name");
        }
        Ok(Pattern { text, is_pattern, span: start.to(self.last_span()) })
    }

    pub(super) fn patterns(&mut self) -> Outcome<Vec<Pattern>> {
        let mut list = vec![self.pattern()?];
        while self.eat_mark(",") {
            list.push(self.pattern()?);
        }
        Ok(list)
    }

    pub(super) fn order_key(&mut self) -> Outcome<OrderKey> {
        let expr = self.expression()?;
        let ascending = if self.eat_word("asc") || self.eat_word("granny-asc") {
            true
        } else {
            self.eat_word("desc");
            false
        };
        let mut nulls_first = ascending;
        if self.eat_word("nulls") {
            nulls_first = if self.eat_word("first") {
                true
            } else {
                self.expect_word("last")?;
                false
            };
        }
        Ok(OrderKey { expr, ascending, nulls_first })
    }

    /// `name = value` pairs after an operator's keyword, as long as they stand there.
    pub(super) fn settings(&mut self) -> Outcome<Vec<Setting>> {
        let mut settings = Vec::new();
        loop {
            if !matches!(self.token().kind, TokenKind::Name(_)) {
                return Ok(settings);
            }
            let mut equals = 1;
            while self.mark_ahead(equals, ".") {
                equals += 2;
            }
            if !self.mark_ahead(equals, "=") {
                return Ok(settings);
            }
            let mut name = self.name("a setting")?;
            while self.eat_mark(".") {
                let part = self.name("a setting")?;
                name.text = format!("{}.{}", name.text, part.text);
                name.span = name.span.to(part.span);
            }
            self.expect_mark("=")?;
            if matches!(name.text.as_str(), "withsource" | "with_match_id" | "with_source") {
                self.refuse_keyword(Place::Alone)?;
            }
            let token = self.advance();
            let text = match token.kind {
                TokenKind::Name(text) | TokenKind::QuotedName(text) | TokenKind::Text(text) => text,
                TokenKind::Long(number) => number.to_string(),
                other => {
                    let message = format!("expected the value of '{}', found {}", name.text, other.shown());
                    return Err(Fault::new(token.span, message));
                }
            };
            settings.push(Setting { name, value: crate::ast::Name { text, span: token.span } });
        }
    }

    /// Refuses a setting that an operator does not have.
    pub(super) fn unknown_setting<T>(setting: &Setting, operator: &str) -> Outcome<T> {
        let message = format!("'{}' is not a parameter of '{operator}'", setting.name.text);
        Err(Fault::new(setting.name.span, message))
    }

    /// Refuses a value that a setting does not have.
    pub(super) fn bad_setting<T>(setting: &Setting, wanted: &str) -> Outcome<T> {
        let message = format!("'{}' takes {wanted}, not '{}'", setting.name.text, setting.value.text);
        Err(Fault::new(setting.value.span, message))
    }
}
