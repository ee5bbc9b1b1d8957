//! `search`: terms that stand for tests on any column (reference, `search` operator).

use crate::ast::{
    Argument, BinaryOp, Expr, ExprKind, OperatorKind, Pipeline, SearchClause, Source, TextOp, TextTest,
};
use crate::error::Outcome;
use crate::parser::Parser;
use crate::types::Type;
use crate::value::Value;

impl Parser<'_> {
    pub(super) fn search(&mut self) -> Outcome<OperatorKind> {
        let mut case = false;
        for setting in self.settings()? {
            match (setting.name.text.as_str(), setting.value.text.as_str()) {
                ("kind", "case_sensitive") => case = true,
                ("kind", "case_insensitive" | "default") => case = false,
                ("kind", _) => return Self::bad_setting(&setting, "case_sensitive or case_insensitive"),
                _ => return Self::unknown_setting(&setting, "search"),
            }
        }
        let tables = self.looked_into()?;
        let predicate = self.predicate(case)?;
        Ok(OperatorKind::Search(SearchClause { tables, predicate }))
    }

    /// The tables behind `in`; none: all.
    pub(super) fn looked_into(&mut self) -> Outcome<Vec<Pipeline>> {
        let mut tables = Vec::new();
        if self.is_word("in") && self.mark_ahead(1, "(") {
            self.advance();
            self.advance();
            loop {
                tables.push(self.union_member()?);
                if !self.eat_mark(",") {
                    break;
                }
            }
            self.expect_mark(")")?;
        }
        Ok(tables)
    }

    /// A test in which a bare term stands for one on any column.
    pub(super) fn predicate(&mut self, case: bool) -> Outcome<Expr> {
        let outer = std::mem::replace(&mut self.searching, true);
        let predicate = self.expression();
        self.searching = outer;
        let predicate = predicate?;
        // A number is a term beside others, and no test of its own.
        if matches!(predicate.kind, ExprKind::Literal(ty, _) if ty != Type::String) {
            return Ok(predicate);
        }
        Ok(test(predicate, case))
    }
}

/// The predicate with each bare term written out as the test that it stands for.
fn test(expr: Expr, case: bool) -> Expr {
    let span = expr.span;
    let kind = match expr.kind {
        ExprKind::Literal(Type::String, Value::String(text)) => term(&text, None, case, span),
        ExprKind::Literal(ty, value) if ty != Type::Bool => {
            let any = Box::new(Expr::new(ExprKind::Star, span));
            let value = Box::new(Expr::new(ExprKind::Literal(ty, value), span));
            ExprKind::Binary(BinaryOp::Member, any, value)
        }
        ExprKind::Star => ExprKind::Literal(Type::Bool, Value::Bool(true)),
        ExprKind::Chain(op, terms) => {
            ExprKind::Chain(op, terms.into_iter().map(|term| test(term, case)).collect())
        }
        ExprKind::Parenthesised(inner) => ExprKind::Parenthesised(Box::new(test(*inner, case))),
        ExprKind::Binary(BinaryOp::Member, column, wanted) => match wanted.kind {
            ExprKind::Literal(Type::String, Value::String(text)) => term(&text, Some(*column), case, span),
            _ => binary(TextTest::Has, case, *column, *wanted),
        },
        ExprKind::Binary(BinaryOp::Text(op), left, right) if case => {
            ExprKind::Binary(BinaryOp::Text(TextOp { case, ..op }), left, right)
        }
        ExprKind::Call(name, mut arguments) if name.text == "not" => {
            for Argument { value, .. } in &mut arguments {
                if let (Source::Expr(inner), true) = (&mut value.source, value.operators.is_empty()) {
                    *inner = test(inner.clone(), case);
                }
            }
            ExprKind::Call(name, arguments)
        }
        other => other,
    };
    Expr::new(kind, span)
}

fn binary(test: TextTest, case: bool, left: Expr, right: Expr) -> ExprKind {
    let op = BinaryOp::Text(TextOp { test, case, negated: false });
    ExprKind::Binary(op, Box::new(left), Box::new(right))
}

/// A term on one column or on any; stars say where it may go on.
fn term(text: &str, column: Option<Expr>, case: bool, span: crate::error::Span) -> ExprKind {
    let inner = text.trim_matches('*');
    let (kind, wanted) = match (inner.contains('*'), text.starts_with('*'), text.ends_with('*')) {
        (true, ..) => {
            let parts: Vec<String> = inner.split('*').map(crate::pattern::quoted).collect();
            let flags = if case { "" } else { "(?i)" };
            (TextTest::Regex, format!(r"{flags}\b{}\b", parts.join(".*")))
        }
        (false, true, true) => (TextTest::Contains, inner.to_owned()),
        (false, true, false) => (TextTest::HasSuffix, inner.to_owned()),
        (false, false, true) => (TextTest::HasPrefix, inner.to_owned()),
        (false, false, false) => (TextTest::Has, inner.to_owned()),
    };
    let case = case || kind == TextTest::Regex;
    let left = column.unwrap_or(Expr::new(ExprKind::Star, span));
    binary(kind, case, left, Expr::new(ExprKind::Literal(Type::String, Value::text(&wanted)), span))
}
