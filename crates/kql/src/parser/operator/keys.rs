//! `parse-kv`: which keys, and what stands between them and their values.

use crate::ast::{KeyValueClause, KeyValueFormat, Name, OperatorKind};
use crate::error::{Fault, Outcome, Span};
use crate::parser::Parser;
use crate::parser::keyword::Place;
use crate::token::TokenKind;
use crate::types::Type;

impl Parser<'_> {
    pub(super) fn parse_kv(&mut self) -> Outcome<OperatorKind> {
        let source = self.expression()?;
        self.expect_word("as")?;
        self.expect_mark("(")?;
        let columns = self.typed_columns()?;
        self.expect_mark(")")?;
        let format = if self.eat_word("with") { self.key_value_format()? } else { plain() };
        Ok(OperatorKind::ParseKv(KeyValueClause { source, columns, format }))
    }

    /// `name: type, name: type …`.
    pub(super) fn typed_columns(&mut self) -> Outcome<Vec<(Name, Type)>> {
        let mut columns = Vec::new();
        loop {
            let name = self.name_in(Place::Declared, "a column's name")?;
            self.expect_mark(":")?;
            columns.push((name, self.type_name()?));
            if !self.eat_mark(",") {
                return Ok(columns);
            }
        }
    }

    fn key_value_format(&mut self) -> Outcome<KeyValueFormat> {
        let start = self.expect_mark("(")?;
        let (mut pair, mut key_value, mut regex) = (None, None, None);
        let (mut quotes, mut escapes, mut greedy) = (Vec::new(), Vec::new(), false);
        while !self.is_mark(")") {
            let name = self.name("a setting")?;
            self.expect_mark("=")?;
            match name.text.as_str() {
                "pair_delimiter" => pair = Some(self.delimiter()?),
                "kv_delimiter" => key_value = Some(self.delimiter()?),
                "regex" => regex = Some(self.literal_text()?),
                "quote" => {
                    let (text, span) = self.literal_text()?;
                    let mut letters = text.chars();
                    quotes.push(match (letters.next(), letters.next(), letters.next()) {
                        (Some(both), None, _) => (both, both),
                        (Some(open), Some(close), None) => (open, close),
                        _ => {
                            return Err(Fault::new(
                                span,
                                "a quote is one letter, or an opening and a closing one",
                            ));
                        }
                    });
                }
                "escape" => {
                    let (text, span) = self.literal_text()?;
                    let mut letters = text.chars();
                    match (letters.next(), letters.next()) {
                        (Some(letter), None) => escapes.push(letter),
                        _ => return Err(Fault::new(span, "an escape is one letter")),
                    }
                }
                "greedy" => {
                    greedy = self.is_word("true");
                    if !self.eat_word("true") {
                        self.expect_word("false")?;
                    }
                }
                other => {
                    let message = format!("'{other}' is not a parameter of 'parse-kv'");
                    return Err(Fault::new(name.span, message));
                }
            }
            if !self.eat_mark(",") {
                break;
            }
        }
        let span = start.to(self.expect_mark(")")?);
        if let Some((pattern, place)) = regex {
            if pair.is_some() || key_value.is_some() || !quotes.is_empty() || !escapes.is_empty() || greedy {
                return Err(Fault::new(span, "'regex' stands alone"));
            }
            return Ok(KeyValueFormat::Regex(pattern, place));
        }
        let delimiters = match (pair, key_value) {
            (Some(pair), Some(key_value)) => Some((pair, key_value)),
            (None, None) if !greedy => None,
            _ => return Err(Fault::new(span, "both 'pair_delimiter' and 'kv_delimiter' are needed")),
        };
        if quotes.is_empty() && !escapes.is_empty() {
            return Err(Fault::new(span, "'escape' has a meaning between quotes only; 'quote' is missing"));
        }
        Ok(KeyValueFormat::Delimited { delimiters, quotes, escapes, greedy })
    }

    fn delimiter(&mut self) -> Outcome<String> {
        let (text, span) = self.literal_text()?;
        if text.is_empty() { Err(Fault::new(span, "a delimiter cannot be empty")) } else { Ok(text) }
    }

    fn literal_text(&mut self) -> Outcome<(String, Span)> {
        let token = self.token().clone();
        match token.kind {
            TokenKind::Text(text) => {
                self.advance();
                Ok((text, token.span))
            }
            _ => self.unexpected("a literal string"),
        }
    }
}

fn plain() -> KeyValueFormat {
    KeyValueFormat::Delimited { delimiters: None, quotes: Vec::new(), escapes: Vec::new(), greedy: false }
}
