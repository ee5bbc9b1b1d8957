//! Statements: `let`, functions, and pipelines.

use super::keyword::Place;
use super::{Parser, TokenMark};
use crate::ast::{Lambda, LetValue, Parameter, ParameterType, Pipeline, Script, Source, Statement};
use crate::error::{Fault, Outcome, Span};
use crate::lexer::lex;
use crate::token::TokenKind;
use crate::types::Type;

/// A query has at most this many statements.
const MAX_STATEMENTS: usize = 1_000;

/// Reads a whole query.
pub(crate) fn parse(text: &str) -> Outcome<Script> {
    let mut parser = Parser { text, tokens: lex(text)?, at: 0, depth: 0, searching: false };
    let script = parser.script(TokenMark::End)?;
    if script.statements.is_empty() {
        return Err(Fault::new(Span::default(), "the query is empty"));
    }
    Ok(script)
}

impl Parser<'_> {
    pub(super) fn script(&mut self, until: TokenMark) -> Outcome<Script> {
        let mut statements = Vec::new();
        loop {
            while self.eat_mark(";") {}
            let done = match until {
                TokenMark::End => self.token().kind == TokenKind::End,
                TokenMark::Brace => self.is_mark("}"),
            };
            if done {
                return Ok(Script { statements });
            }
            if statements.len() >= MAX_STATEMENTS {
                let message = format!("the query has more than {MAX_STATEMENTS} statements");
                return Err(Fault::new(self.span(), message));
            }
            // A property is the whole request's, so no function has one.
            let is_set = until == TokenMark::End && self.is_word("set") && self.names_ahead_by_one();
            statements.push(if is_set { self.set_statement()? } else { self.statement()? });
            let at_end = match until {
                TokenMark::End => self.token().kind == TokenKind::End,
                TokenMark::Brace => self.is_mark("}"),
            };
            if !at_end && !self.is_mark(";") {
                return self.unexpected("'|', ';' or the end of the query");
            }
        }
    }

    fn statement(&mut self) -> Outcome<Statement> {
        if self.is_word("let") && !self.mark_ahead(1, "|") {
            return self.let_statement();
        }
        if self.is_word("declare") && self.word_ahead(1, "query_parameters") {
            return self.query_parameters();
        }
        for word in ["set", "declare", "alias", "restrict", "pattern"] {
            if self.is_word(word) && self.names_ahead_by_one() {
                return Err(Fault::new(self.span(), format!("the statement '{word}' is not supported")));
            }
        }
        Ok(Statement::Query(self.pipeline()?))
    }

    /// Whether the next word but one is a name.
    fn names_ahead_by_one(&self) -> bool {
        matches!(self.ahead(1).kind, TokenKind::Name(_) | TokenKind::QuotedName(_))
    }

    /// `set name` or `set name = value`.
    fn set_statement(&mut self) -> Outcome<Statement> {
        self.advance();
        if matches!(self.token().kind, TokenKind::QuotedName(_)) {
            return self.unexpected("the bare name of a property");
        }
        let name = self.name_in(Place::Alone, "the name of a property")?;
        let has_value = self.eat_mark("=");
        if has_value && self.is_mark("-") {
            return self.unexpected("a constant without a sign");
        }
        let value = if has_value { Some(self.expression()?) } else { None };
        Ok(Statement::Set(name, value))
    }

    fn let_statement(&mut self) -> Outcome<Statement> {
        self.advance();
        let name = self.name_in(Place::Alone, "a name after 'let'")?;
        self.expect_mark("=")?;
        let is_view = self.is_word("view") && self.mark_ahead(1, "(");
        if is_view {
            self.advance();
        }
        if is_view || self.opens_lambda() {
            let lambda = self.nested(|parser| parser.lambda(is_view))?;
            return Ok(Statement::Let(name, LetValue::Function(lambda)));
        }
        Ok(Statement::Let(name, LetValue::Expression(self.pipeline()?)))
    }

    /// `declare query_parameters(name: type = value, …)`: nobody gives values here, so each must have its own.
    fn query_parameters(&mut self) -> Outcome<Statement> {
        self.advance();
        self.advance();
        self.expect_mark("(")?;
        let mut parameters = Vec::new();
        while !self.is_mark(")") {
            let parameter = self.parameter()?;
            if parameter.default.is_none() {
                let message = format!("the query parameter '{}' has no value", parameter.name.text);
                return Err(Fault::new(parameter.name.span, message));
            }
            parameters.push(parameter);
            if !self.eat_mark(",") {
                break;
            }
        }
        self.expect_mark(")")?;
        Ok(Statement::Declare(parameters))
    }

    /// Whether a bracketed list followed by `{` begins here.
    fn opens_lambda(&self) -> bool {
        if !self.is_mark("(") {
            return false;
        }
        let mut depth = 0_usize;
        for count in 0.. {
            match self.ahead(count).kind {
                TokenKind::Mark("(") => depth += 1,
                TokenKind::Mark(")") if depth == 1 => return self.mark_ahead(count + 1, "{"),
                TokenKind::Mark(")") => depth -= 1,
                TokenKind::End => return false,
                _ => {}
            }
        }
        false
    }

    fn lambda(&mut self, is_view: bool) -> Outcome<Lambda> {
        let start = self.expect_mark("(")?;
        let mut parameters = Vec::new();
        while !self.is_mark(")") {
            parameters.push(self.parameter()?);
            if !self.eat_mark(",") {
                break;
            }
        }
        self.expect_mark(")")?;
        self.expect_mark("{")?;
        let body = self.script(TokenMark::Brace)?;
        let end = self.expect_mark("}")?;
        Ok(Lambda { parameters, body, is_view, span: start.to(end) })
    }

    fn parameter(&mut self) -> Outcome<Parameter> {
        let name = self.name_in(Place::Declared, "a parameter's name")?;
        self.expect_mark(":")?;
        if self.eat_mark("(") {
            let mut columns = Vec::new();
            if self.eat_mark("*") {
                self.expect_mark(")")?;
                return Ok(Parameter { name, ty: ParameterType::Table(None), default: None });
            }
            while !self.is_mark(")") {
                let column = self.name_in(Place::Declared, "a column's name")?;
                self.expect_mark(":")?;
                columns.push((column, self.type_name()?));
                if !self.eat_mark(",") {
                    break;
                }
            }
            self.expect_mark(")")?;
            return Ok(Parameter { name, ty: ParameterType::Table(Some(columns)), default: None });
        }
        let ty = ParameterType::Scalar(self.type_name()?);
        let default = if self.eat_mark("=") { Some(self.expression()?) } else { None };
        Ok(Parameter { name, ty, default })
    }

    /// The name of a type.
    pub(super) fn type_name(&mut self) -> Outcome<Type> {
        let name = self.name("a type")?;
        let message = || format!("'{}' is not a type", name.text);
        Type::parse(&name.text).ok_or_else(|| Fault::new(name.span, message()))
    }

    /// A source and its operators.
    pub(super) fn pipeline(&mut self) -> Outcome<Pipeline> {
        self.nested(|parser| {
            let start = parser.span();
            let source = match parser.source_operator()? {
                Some(operator) => Source::Operator(Box::new(operator)),
                None => Source::Expr(parser.expression()?),
            };
            let mut operators = Vec::new();
            while parser.eat_mark("|") {
                operators.push(parser.operator()?);
            }
            let span = start.to(parser.last_span());
            Ok(Pipeline { source, operators, span })
        })
    }
}
