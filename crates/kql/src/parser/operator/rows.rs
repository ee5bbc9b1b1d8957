//! Operators over the rows of one table: `summarize`, `distinct`, `mv-expand`, `parse`, `make-series`.

use crate::ast::{
    ExpandClause, Expr, ExprKind, Named, OperatorKind, ParseClause, ParseMode, ParseStep, RegexFlags,
    SeriesClause,
};
use crate::error::{Fault, Outcome};
use crate::parser::Parser;
use crate::parser::keyword::Place;
use crate::token::TokenKind;
use crate::types::Type;
use crate::value::Value;

/// The rows that `mvexpand` makes of one.
const OLD_LIMIT: i64 = 128;

impl Parser<'_> {
    pub(super) fn summarize(&mut self) -> Outcome<OperatorKind> {
        while self.is_word("hint") && self.mark_ahead(1, ".") {
            self.hint()?;
        }
        let aggregates = if self.is_word("by") { Vec::new() } else { self.named_list()? };
        let by = if self.eat_word("by") { self.named_list()? } else { Vec::new() };
        Ok(OperatorKind::Summarize { aggregates, by })
    }

    /// One `hint.name = value`, which never changes an answer.
    fn hint(&mut self) -> Outcome<()> {
        self.advance();
        self.expect_mark(".")?;
        self.name("a hint")?;
        self.expect_mark("=")?;
        if matches!(self.token().kind, TokenKind::Name(_) | TokenKind::QuotedName(_) | TokenKind::Long(_)) {
            self.advance();
            return Ok(());
        }
        self.unexpected("the hint's value")
    }

    pub(super) fn distinct(&mut self) -> Outcome<OperatorKind> {
        while self.is_word("hint") && self.mark_ahead(1, ".") {
            self.hint()?;
        }
        if self.eat_mark("*") {
            return Ok(OperatorKind::Distinct(None));
        }
        Ok(OperatorKind::Distinct(Some(self.named_list()?)))
    }

    /// `mv-expand`, or its old form `mvexpand`, which makes at most 128 rows of one unless told otherwise.
    pub(super) fn mv_expand(&mut self, is_old: bool) -> Outcome<ExpandClause> {
        let limit = Expr::new(ExprKind::Literal(Type::Long, Value::Long(OLD_LIMIT)), self.token().span);
        let limit = is_old.then_some(limit);
        let mut clause =
            ExpandClause { index_column: None, bags_as_arrays: false, columns: Vec::new(), limit };
        while ["kind", "bagexpansion", "with_itemindex"].iter().any(|word| self.is_word(word))
            && self.mark_ahead(1, "=")
            && matches!(self.ahead(2).kind, TokenKind::Name(_) | TokenKind::QuotedName(_))
        {
            let word = self.name("a setting")?;
            self.advance();
            if word.text == "with_itemindex" {
                self.refuse_keyword(Place::Alone)?;
            }
            let value = self.name("a value")?;
            match (word.text.as_str(), value.text.as_str()) {
                ("with_itemindex", _) => clause.index_column = Some(value),
                (_, "bag") => clause.bags_as_arrays = false,
                (_, "array") => clause.bags_as_arrays = true,
                _ => {
                    let message = format!("'{}' takes bag or array, not '{}'", word.text, value.text);
                    return Err(Fault::new(value.span, message));
                }
            }
        }
        loop {
            let column = self.named()?;
            let ty = if self.eat_word("to") { Some(self.type_of()?) } else { None };
            clause.columns.push((column, ty));
            if !self.eat_mark(",") {
                break;
            }
        }
        if self.eat_word("limit") {
            clause.limit = Some(self.expression()?);
        }
        Ok(clause)
    }

    fn type_of(&mut self) -> Outcome<Type> {
        self.expect_word("typeof")?;
        self.expect_mark("(")?;
        let ty = self.type_name()?;
        self.expect_mark(")")?;
        Ok(ty)
    }

    pub(super) fn parse_clause(&mut self, drop_others: bool) -> Outcome<ParseClause> {
        let operator = if drop_others { "parse-where" } else { "parse" };
        let mut mode = ParseMode::Simple;
        let mut flags = None;
        for setting in self.settings()? {
            match (setting.name.text.as_str(), setting.value.text.as_str()) {
                ("kind", "simple") => mode = ParseMode::Simple,
                ("kind", "relaxed") => mode = ParseMode::Relaxed,
                ("kind", "regex") => mode = ParseMode::Regex(RegexFlags::default()),
                ("kind", _) => return Self::bad_setting(&setting, "simple, regex or relaxed"),
                ("flags", _) => flags = Some(setting),
                _ => return Self::unknown_setting(&setting, operator),
            }
        }
        if let Some(flags) = flags {
            let ParseMode::Regex(known) = &mut mode else {
                return Self::bad_setting(&flags, "letters with kind=regex only");
            };
            for letter in flags.value.text.chars() {
                match letter {
                    'i' => known.ignore_case = true,
                    'm' => known.multi_line = true,
                    's' => known.dot_all = true,
                    'U' => known.ungreedy = true,
                    _ => return Self::bad_setting(&flags, "the letters i, m, s and U"),
                }
            }
        }
        let source = self.expression()?;
        self.expect_word("with")?;
        let mut steps = Vec::new();
        loop {
            let token = self.token().clone();
            match token.kind {
                TokenKind::Mark("*") => {
                    self.advance();
                    steps.push(ParseStep::Skip);
                }
                TokenKind::Text(text) => {
                    self.advance();
                    steps.push(ParseStep::Text(text, token.span));
                }
                TokenKind::Name(_) | TokenKind::QuotedName(_) => {
                    let name = self.name_in(Place::Declared, "a column's name")?;
                    let ty = if self.eat_mark(":") { self.type_name()? } else { Type::String };
                    steps.push(ParseStep::Column(name, ty));
                }
                _ if steps.is_empty() => return self.unexpected("a string, '*' or a column"),
                _ => break,
            }
        }
        Ok(ParseClause { mode, drop_others, source, steps })
    }

    pub(super) fn make_series(&mut self) -> Outcome<SeriesClause> {
        let mut nonempty = false;
        // Only `kind` and hints are settings: any other `name = …` begins an aggregate.
        loop {
            if self.is_word("kind") && self.mark_ahead(1, "=") && !self.mark_ahead(3, "(") {
                self.advance();
                self.advance();
                let value = self.name("nonempty")?;
                if value.text != "nonempty" {
                    return Err(Fault::new(
                        value.span,
                        format!("'kind' takes nonempty, not '{}'", value.text),
                    ));
                }
                nonempty = true;
            } else if self.is_word("hint") && self.mark_ahead(1, ".") {
                self.hint()?;
            } else {
                break;
            }
        }
        let mut aggregates = Vec::new();
        loop {
            let aggregate = self.named()?;
            let default = if self.is_word("default") && self.mark_ahead(1, "=") {
                self.advance();
                self.advance();
                Some(self.nested(Self::unary)?)
            } else {
                None
            };
            aggregates.push((aggregate, default));
            if !self.eat_mark(",") {
                break;
            }
        }
        self.expect_word("on")?;
        let mut names = Vec::new();
        if self.mark_ahead(1, "=") {
            names.push(self.name_in(Place::Declared, "a name")?);
            self.advance();
        }
        let on = Named { names, made: None, expr: self.nested(Self::additive)? };
        let (mut from, mut to) = (None, None);
        let step;
        let inclusive = self.eat_word("in");
        if inclusive {
            self.expect_word("range")?;
            self.expect_mark("(")?;
            from = Some(self.expression()?);
            self.expect_mark(",")?;
            to = Some(self.expression()?);
            self.expect_mark(",")?;
            step = self.expression()?;
            self.expect_mark(")")?;
        } else {
            if self.eat_word("from") {
                from = Some(self.expression()?);
            }
            if self.eat_word("to") {
                to = Some(self.expression()?);
            }
            self.expect_word("step")?;
            step = self.expression()?;
        }
        let by = if self.eat_word("by") { self.named_list()? } else { Vec::new() };
        Ok(SeriesClause { nonempty, inclusive, aggregates, on, from, to, step, by })
    }
}
