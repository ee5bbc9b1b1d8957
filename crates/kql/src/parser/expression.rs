//! Expressions, by precedence: `or`, `and`, comparisons, `+ -`, `* / %`, signs, members.

use super::Parser;
use super::keyword::Place;
use crate::ast::{Argument, BinaryOp, ChainOp, Expr, ExprKind, Name, Pipeline, Source, TextOp, TextTest};
use crate::error::{Fault, Outcome};
use crate::token::TokenKind;
use crate::types::Type;
use crate::value::Value;

/// Terms of one chain of arithmetic or comparisons, which nests once a term.
const MAX_CHAIN: usize = 200;

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Outcome<Expr> {
        self.nested(|parser| parser.chain(ChainOp::Or))
    }

    fn chain(&mut self, op: ChainOp) -> Outcome<Expr> {
        let term = |parser: &mut Self| match op {
            ChainOp::Or => parser.chain(ChainOp::And),
            ChainOp::And => parser.comparison(),
        };
        let word = if op == ChainOp::Or { "or" } else { "and" };
        let first = term(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let start = first.span;
        let mut terms = vec![first];
        while self.eat_word(word) {
            terms.push(term(self)?);
        }
        let span = start.to(self.last_span());
        Ok(Expr::new(ExprKind::Chain(op, terms), span))
    }

    fn comparison(&mut self) -> Outcome<Expr> {
        let mut left = self.additive()?;
        for _ in 0..MAX_CHAIN {
            match self.comparison_tail(left)? {
                Tail::Done(expr) => return Ok(expr),
                Tail::More(expr) => left = expr,
            }
        }
        Err(Fault::new(self.span(), format!("more than {MAX_CHAIN} comparisons in a row")))
    }

    fn comparison_tail(&mut self, left: Expr) -> Outcome<Tail> {
        let start = left.span;
        let op = match &self.token().kind {
            TokenKind::Mark(":") if self.searching => Some(BinaryOp::Member),
            TokenKind::Mark(mark) => mark_operator(mark),
            TokenKind::Name(name) => match name.as_str() {
                "in" | "in~" | "!in" | "!in~" => {
                    let (ignore_case, negated) = (name.ends_with('~'), name.starts_with('!'));
                    self.advance();
                    let list = self.list()?;
                    let span = start.to(self.last_span());
                    let kind = ExprKind::In { ignore_case, negated, value: Box::new(left), list };
                    return Ok(Tail::More(Expr::new(kind, span)));
                }
                "has_any" | "has_all" => {
                    let all = name == "has_all";
                    self.advance();
                    let list = self.list()?;
                    let span = start.to(self.last_span());
                    let kind = ExprKind::HasMany { all, value: Box::new(left), list };
                    return Ok(Tail::More(Expr::new(kind, span)));
                }
                "between" | "!between" => {
                    let negated = name.starts_with('!');
                    self.advance();
                    self.expect_mark("(")?;
                    let low = Box::new(self.nested(Self::additive)?);
                    self.expect_mark("..")?;
                    let high = Box::new(self.nested(Self::additive)?);
                    let span = start.to(self.expect_mark(")")?);
                    let kind = ExprKind::Between { negated, value: Box::new(left), low, high };
                    return Ok(Tail::More(Expr::new(kind, span)));
                }
                "matches" if self.word_ahead(1, "regex") => {
                    self.advance();
                    Some(BinaryOp::Text(TextOp { test: TextTest::Regex, case: true, negated: false }))
                }
                name => text_operator(name).map(BinaryOp::Text),
            },
            _ => None,
        };
        let Some(op) = op else { return Ok(Tail::Done(left)) };
        self.advance();
        let right = self.additive()?;
        let span = start.to(right.span);
        Ok(Tail::More(Expr::new(ExprKind::Binary(op, Box::new(left), Box::new(right)), span)))
    }

    /// The bracketed list after `in` and its kin: values, or one table.
    fn list(&mut self) -> Outcome<Vec<Pipeline>> {
        self.expect_mark("(")?;
        let mut list = Vec::new();
        while !self.is_mark(")") {
            list.push(self.pipeline()?);
            if !self.eat_mark(",") {
                break;
            }
        }
        self.expect_mark(")")?;
        Ok(list)
    }

    pub(super) fn additive(&mut self) -> Outcome<Expr> {
        self.arithmetic(&[("+", BinaryOp::Add), ("-", BinaryOp::Subtract)], Self::multiplicative)
    }

    fn multiplicative(&mut self) -> Outcome<Expr> {
        let ops = [("*", BinaryOp::Multiply), ("/", BinaryOp::Divide), ("%", BinaryOp::Modulo)];
        self.arithmetic(&ops, Self::unary)
    }

    fn arithmetic(
        &mut self,
        ops: &[(&str, BinaryOp)],
        term: fn(&mut Self) -> Outcome<Expr>,
    ) -> Outcome<Expr> {
        let mut left = term(self)?;
        let mut count = 0;
        while let Some((_, op)) = ops.iter().find(|(mark, _)| self.is_mark(mark)) {
            count += 1;
            if count > MAX_CHAIN {
                let message = format!("more than {MAX_CHAIN} terms in a row; use brackets");
                return Err(Fault::new(self.span(), message));
            }
            self.advance();
            let right = term(self)?;
            let span = left.span.to(right.span);
            left = Expr::new(ExprKind::Binary(*op, Box::new(left), Box::new(right)), span);
        }
        Ok(left)
    }

    pub(super) fn unary(&mut self) -> Outcome<Expr> {
        let start = self.span();
        if self.eat_mark("-") {
            let inner = self.nested(Self::unary)?;
            let span = start.to(inner.span);
            let kind = match &inner.kind {
                ExprKind::Literal(ty, Value::Long(value)) => {
                    ExprKind::Literal(*ty, Value::Long(value.wrapping_neg()))
                }
                ExprKind::Literal(ty, Value::Real(value)) => ExprKind::Literal(*ty, Value::Real(-value)),
                ExprKind::Literal(ty, Value::Decimal(value)) => {
                    ExprKind::Literal(*ty, Value::Decimal(value.negated()))
                }
                ExprKind::Literal(ty, Value::Timespan(value)) => {
                    ExprKind::Literal(*ty, Value::Timespan(value.wrapping_neg()))
                }
                _ => ExprKind::Negate(Box::new(inner)),
            };
            return Ok(Expr::new(kind, span));
        }
        if self.eat_mark("+") {
            let inner = self.nested(Self::unary)?;
            let span = start.to(inner.span);
            return Ok(Expr::new(ExprKind::Plus(Box::new(inner)), span));
        }
        self.postfix()
    }

    pub(super) fn postfix(&mut self) -> Outcome<Expr> {
        let mut value = self.primary()?;
        for _ in 0..MAX_CHAIN {
            let start = value.span;
            if self.is_mark(".") {
                self.advance();
                if self.is_mark("[") {
                    continue;
                }
                let name = self.name_in(Place::Read, "a member's name")?;
                if let (true, ExprKind::Call(called, _)) = (self.is_mark("("), &value.kind)
                    && called.text == "cluster"
                {
                    return Err(Fault::new(called.span, "the function 'cluster' is not supported"));
                }
                if self.is_mark("(") {
                    let message = format!("'{}' cannot be called on a value", name.text);
                    return Err(Fault::new(name.span, message));
                }
                let span = start.to(name.span);
                value = Expr::new(ExprKind::Member(Box::new(value), name), span);
            } else if self.is_mark("[") {
                self.advance();
                let index = self.expression()?;
                let span = start.to(self.expect_mark("]")?);
                value = Expr::new(ExprKind::Index(Box::new(value), Box::new(index)), span);
            } else if let TokenKind::QuotedName(name) = &self.token().kind {
                // A quoted name behind a value is the member of that name.
                let index = ExprKind::Literal(Type::String, Value::text(name));
                let index = Expr::new(index, self.advance().span);
                let span = start.to(index.span);
                value = Expr::new(ExprKind::Index(Box::new(value), Box::new(index)), span);
            } else {
                return Ok(value);
            }
        }
        Err(Fault::new(self.span(), format!("more than {MAX_CHAIN} members in a row")))
    }

    fn primary(&mut self) -> Outcome<Expr> {
        let token = self.token().clone();
        let span = token.span;
        let literal = |ty, value| Ok(Expr::new(ExprKind::Literal(ty, value), span));
        match token.kind {
            TokenKind::Long(i64::MIN) => {
                Err(Fault::new(span, format!("the number {} does not fit 64 bits", self.raw(0))))
            }
            TokenKind::Long(value) => {
                self.advance();
                literal(Type::Long, Value::Long(value))
            }
            TokenKind::Real(value) => {
                self.advance();
                literal(Type::Real, Value::Real(value))
            }
            TokenKind::Timespan(ticks) => {
                self.advance();
                literal(Type::Timespan, Value::Timespan(ticks))
            }
            TokenKind::Text(mut text) => {
                self.advance();
                while let TokenKind::Text(more) = &self.token().kind {
                    text.push_str(more);
                    self.advance();
                }
                literal(Type::String, Value::text(&text))
            }
            TokenKind::Typed(name, inner) => {
                self.advance();
                self.typed_literal(&name, inner, span)
            }
            TokenKind::QuotedName(name) => {
                self.advance();
                Ok(Expr::new(ExprKind::Name(name), span))
            }
            TokenKind::Name(name) => self.name_or_call(name),
            TokenKind::Mark("*") => {
                self.advance();
                Ok(Expr::new(ExprKind::Star, span))
            }
            TokenKind::Mark("(") => {
                self.advance();
                let inner = self.pipeline()?;
                let span = span.to(self.expect_mark(")")?);
                let kind = match inner {
                    Pipeline { source: Source::Expr(expr), operators, .. } if operators.is_empty() => {
                        ExprKind::Parenthesised(Box::new(expr))
                    }
                    query => ExprKind::Query(Box::new(query)),
                };
                Ok(Expr::new(kind, span))
            }
            _ => self.unexpected("an expression"),
        }
    }

    fn name_or_call(&mut self, name: String) -> Outcome<Expr> {
        if name.starts_with('!') || matches!(name.as_str(), "and" | "or" | "by" | "in" | "in~") {
            return self.unexpected("an expression");
        }
        if !self.mark_ahead(1, "(") {
            self.refuse_keyword(Place::Read)?;
        }
        let span = self.advance().span;
        if !self.is_mark("(") {
            let kind = match name.as_str() {
                "true" | "True" | "TRUE" => ExprKind::Literal(Type::Bool, Value::Bool(true)),
                "false" | "False" | "FALSE" => ExprKind::Literal(Type::Bool, Value::Bool(false)),
                _ => ExprKind::Name(name),
            };
            return Ok(Expr::new(kind, span));
        }
        self.advance();
        if name == "typeof" {
            let ty = self.type_name()?;
            let span = span.to(self.expect_mark(")")?);
            return Ok(Expr::new(ExprKind::TypeOf(ty), span));
        }
        let mut arguments = Vec::new();
        while !self.is_mark(")") {
            arguments.push(self.argument()?);
            if !self.eat_mark(",") {
                break;
            }
        }
        let end = self.expect_mark(")")?;
        Ok(Expr::new(ExprKind::Call(Name { text: name, span }, arguments), span.to(end)))
    }

    fn argument(&mut self) -> Outcome<Argument> {
        let named = matches!(self.token().kind, TokenKind::Name(_) | TokenKind::QuotedName(_));
        let name = if named && self.mark_ahead(1, "=") {
            let name = self.name_in(Place::Declared, "an argument")?;
            self.advance();
            Some(name)
        } else {
            None
        };
        Ok(Argument { name, value: self.pipeline()? })
    }
}

/// Whether a comparison goes on.
enum Tail {
    Done(Expr),
    More(Expr),
}

fn mark_operator(mark: &str) -> Option<BinaryOp> {
    let text = |negated| BinaryOp::Text(TextOp { test: TextTest::Equals, case: false, negated });
    Some(match mark {
        "==" => BinaryOp::Equal,
        "!=" | "<>" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        "=~" => text(false),
        "!~" => text(true),
        _ => return None,
    })
}

fn text_operator(name: &str) -> Option<TextOp> {
    let (negated, name) = name.strip_prefix('!').map_or((false, name), |rest| (true, rest));
    let (case, name) = name.strip_suffix("_cs").map_or((false, name), |rest| (true, rest));
    let test = match name {
        "contains" => TextTest::Contains,
        "has" => TextTest::Has,
        "hasprefix" => TextTest::HasPrefix,
        "hassuffix" => TextTest::HasSuffix,
        "startswith" => TextTest::StartsWith,
        "endswith" => TextTest::EndsWith,
        "notcontains" => return Some(TextOp { test: TextTest::Contains, case, negated: true }),
        _ => return None,
    };
    Some(TextOp { test, case, negated })
}
