//! Literals with a type in front: `datetime(…)`, `long(…)`, `dynamic(…)`.

use std::str::FromStr;
use std::sync::Arc;

use super::Parser;
use crate::ast::{Expr, ExprKind};
use crate::decimal::Decimal;
use crate::dynamic::{Dynamic, MAX_DEPTH};
use crate::error::{Fault, Outcome, Span};
use crate::lexer::lex;
use crate::time_text::{parse_datetime, parse_timespan};
use crate::token::{Token, TokenKind};
use crate::types::Type;
use crate::value::{Value, parse_guid};

impl Parser<'_> {
    pub(super) fn typed_literal(&self, name: &str, inner: Span, span: Span) -> Outcome<Expr> {
        let Some(ty) = Type::parse(name) else {
            return Err(Fault::new(span, format!("the type '{name}' is not supported")));
        };
        let raw = &self.text[inner.start..inner.end];
        if ty == Type::Dynamic {
            return Ok(Expr::dynamic(dynamic_literal(raw, inner)?, span));
        }
        let value = scalar_literal(ty, raw)
            .ok_or_else(|| Fault::new(span, format!("'{}' is not a value of type {ty}", raw.trim())))?;
        Ok(Expr::new(ExprKind::Literal(ty, value), span))
    }
}

fn scalar_literal(ty: Type, raw: &str) -> Option<Value> {
    let text = raw.trim();
    let plain =
        ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text);
    if text == "null" {
        return Some(Value::Null);
    }
    Some(match ty {
        Type::Bool => Value::Bool(match text {
            "true" | "1" => true,
            "false" | "0" => false,
            number => number.parse::<i64>().ok()? != 0,
        }),
        Type::Int => Value::Long(i64::from(integer(text, u32::from_str_radix, u32::cast_signed)?)),
        Type::Long => Value::Long(integer(text, u64::from_str_radix, u64::cast_signed)?),
        Type::Real => Value::Real(match text {
            "nan" | "NaN" => f64::NAN,
            "+inf" | "inf" => f64::INFINITY,
            "-inf" => f64::NEG_INFINITY,
            number => number.parse().ok()?,
        }),
        Type::Decimal => Value::Decimal(Decimal::parse(plain)?),
        Type::DateTime => Value::DateTime(parse_datetime(plain)?),
        Type::Timespan => Value::Timespan(parse_timespan(plain)?),
        Type::Guid => Value::Guid(parse_guid(plain)?),
        Type::String | Type::Dynamic => return None,
    })
}

/// Decimal digits that fit the type, or hexadecimal digits that are its bits.
fn integer<S: FromStr, U, E>(
    text: &str,
    read: fn(&str, u32) -> Result<U, E>,
    signed: fn(U) -> S,
) -> Option<S> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => read(hex, 16).ok().map(signed),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

fn dynamic_literal(raw: &str, at: Span) -> Outcome<Dynamic> {
    let tokens = lex_inside(raw, at)?;
    let mut reader = DynamicReader { raw, at, tokens, index: 0 };
    let value = reader.value(0)?;
    if reader.peek().kind != TokenKind::End {
        return reader.fault("')'");
    }
    Ok(value)
}

/// The words inside, with places in the whole text.
fn lex_inside(raw: &str, at: Span) -> Outcome<Vec<Token>> {
    lex(raw).map_err(|fault| {
        let span = Span::new(fault.span.start + at.start, fault.span.end + at.start);
        Fault::new(span, fault.message)
    })
}

struct DynamicReader<'a> {
    raw: &'a str,
    at: Span,
    tokens: Vec<Token>,
    index: usize,
}

impl DynamicReader<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.index.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.index += 1;
        token
    }

    fn eat(&mut self, mark: &str) -> bool {
        let hit = matches!(self.peek().kind, TokenKind::Mark(found) if found == mark);
        self.index += usize::from(hit);
        hit
    }

    fn fault<T>(&self, wanted: &str) -> Outcome<T> {
        let token = self.peek();
        let span = Span::new(token.span.start + self.at.start, token.span.end + self.at.start);
        Err(Fault::new(
            span,
            format!("expected {wanted} in the dynamic literal, found {}", token.kind.shown()),
        ))
    }

    fn value(&mut self, depth: usize) -> Outcome<Dynamic> {
        if depth > MAX_DEPTH {
            return self.fault("less nesting");
        }
        let negative = self.eat("-");
        match self.peek().kind.clone() {
            TokenKind::Long(i64::MIN) if !negative => self.fault("a number of 64 bits"),
            TokenKind::Long(value) => {
                self.next();
                Ok(Dynamic::Long(if negative { value.wrapping_neg() } else { value }))
            }
            TokenKind::Real(value) => {
                self.next();
                Ok(Dynamic::Real(if negative { -value } else { value }))
            }
            TokenKind::Timespan(ticks) => {
                self.next();
                // A span that is written in a dynamic literal is its ticks there.
                Ok(Dynamic::Long(if negative { ticks.wrapping_neg() } else { ticks }))
            }
            _ if negative => self.fault("a number"),
            TokenKind::Text(mut text) => {
                self.next();
                while let TokenKind::Text(more) = &self.peek().kind {
                    text.push_str(more);
                    self.next();
                }
                Ok(Dynamic::String(text.into()))
            }
            TokenKind::Typed(name, inner) => {
                let raw = &self.raw[inner.start..inner.end];
                let value = match Type::parse(&name) {
                    Some(Type::Dynamic) => Some(dynamic_literal(
                        raw,
                        Span::new(self.at.start + inner.start, self.at.start + inner.end),
                    )?),
                    Some(ty) => scalar_literal(ty, raw).map(|value| crate::value::to_dynamic(&value)),
                    None => None,
                };
                match value {
                    Some(value) => {
                        self.next();
                        Ok(value)
                    }
                    None => self.fault("a value"),
                }
            }
            TokenKind::Name(word) => {
                let value = match word.as_str() {
                    "null" => Dynamic::Null,
                    "true" => Dynamic::Bool(true),
                    "false" => Dynamic::Bool(false),
                    _ => return self.fault("a value"),
                };
                self.next();
                Ok(value)
            }
            // The lexer takes `["a"]` for a quoted name; in here it is a list of one.
            TokenKind::QuotedName(text) => {
                self.next();
                Ok(Dynamic::Array(Arc::new([Dynamic::String(text.into())])))
            }
            TokenKind::Mark("[") => self.array(depth),
            TokenKind::Mark("{") => self.bag(depth),
            _ => self.fault("a value"),
        }
    }

    fn array(&mut self, depth: usize) -> Outcome<Dynamic> {
        self.next();
        let mut items = Vec::new();
        while !self.eat("]") {
            if !items.is_empty() && !self.eat(",") {
                return self.fault("',' or ']'");
            }
            items.push(self.value(depth + 1)?);
        }
        Ok(Dynamic::Array(items.into()))
    }

    fn bag(&mut self, depth: usize) -> Outcome<Dynamic> {
        self.next();
        let mut members: Vec<(Arc<str>, Dynamic)> = Vec::new();
        while !self.eat("}") {
            if !members.is_empty() && !self.eat(",") {
                return self.fault("',' or '}'");
            }
            let TokenKind::Text(name) = self.peek().kind.clone() else {
                return self.fault("a member's name in quotes");
            };
            self.next();
            if !self.eat(":") {
                return self.fault("':'");
            }
            let value = self.value(depth + 1)?;
            members.push((name.into(), value));
        }
        Ok(Dynamic::Bag(members.into()))
    }
}
