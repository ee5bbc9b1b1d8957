//! Tests on any column: `* has 'x'`, `* == 1`, and the bare terms of `search`.

use crate::ast::{BinaryOp, Expr, TextOp, TextTest};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Node, NodeKind};
use crate::types::{Column, Type};
use crate::value::Value;

use super::source::convert;
use super::union::TABLE_COLUMN;
use super::{Binder, Row};

impl Binder<'_> {
    /// `* has 'x'`: the test on any column, as text. A negated one asks that no column has it.
    pub(super) fn any_column(
        &mut self,
        op: TextOp,
        right: &Expr,
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Node> {
        let right = self.wanted(right, span, row)?;
        let positive = TextOp { negated: false, ..op };
        let mut tests = Vec::new();
        for (index, column) in searched(row) {
            self.count(1 + right.size(), span)?;
            let left = convert(Node::column(index, column.ty, span), Type::String);
            tests.push(self.text_test(positive, left, right.clone(), span)?);
        }
        let any = Node::new(NodeKind::Or(tests), Type::Bool, span);
        Ok(if op.negated { Node::new(NodeKind::Not(Box::new(any)), Type::Bool, span) } else { any })
    }

    /// `* == 1`: whether any column that can be compared with the value is equal to it.
    pub(super) fn any_equal(&mut self, right: &Expr, span: Span, row: &Row<'_>) -> Outcome<Node> {
        let right = self.wanted(right, span, row)?;
        if right.ty == Type::String {
            let equals = TextOp { test: TextTest::Equals, case: true, negated: false };
            let mut tests = Vec::new();
            for (index, column) in searched(row) {
                self.count(1 + right.size(), span)?;
                let left = convert(Node::column(index, column.ty, span), Type::String);
                tests.push(self.text_test(equals, left, right.clone(), span)?);
            }
            return Ok(Node::new(NodeKind::Or(tests), Type::Bool, span));
        }
        let mut tests = Vec::new();
        for (index, column) in searched(row).filter(|(_, column)| compares(column.ty, right.ty)) {
            self.count(1 + right.size(), span)?;
            let left = Node::column(index, column.ty, span);
            tests.push(self.equality(BinaryOp::Equal, left, right.clone(), span)?);
        }
        Ok(Node::new(NodeKind::Or(tests), Type::Bool, span))
    }

    /// A bare value as a term of `search`: in texts it is a term, and elsewhere it is equal. Reals are not looked at.
    pub(super) fn any_value(&mut self, right: &Expr, span: Span, row: &Row<'_>) -> Outcome<Node> {
        let right = self.wanted(right, span, row)?;
        let term = Node::constant(
            Value::text(&right.folded().map_or_else(String::new, |value| value.to_text())),
            Type::String,
            span,
        );
        let has = TextOp { test: TextTest::Has, case: false, negated: false };
        let mut tests = Vec::new();
        for (index, column) in searched(row).filter(|(_, column)| column.ty != Type::Real) {
            self.count(1 + right.size(), span)?;
            let left = Node::column(index, column.ty, span);
            if matches!(column.ty, Type::String | Type::Dynamic) {
                tests.push(self.text_test(has, convert(left, Type::String), term.clone(), span)?);
            } else if compares(column.ty, right.ty) {
                tests.push(self.equality(BinaryOp::Equal, left, right.clone(), span)?);
            }
        }
        Ok(Node::new(NodeKind::Or(tests), Type::Bool, span))
    }

    fn wanted(&mut self, right: &Expr, span: Span, row: &Row<'_>) -> Outcome<Node> {
        if row.columns.is_empty() || self.aggregates.is_some() {
            return Err(Fault::new(span, "'*' has no meaning here"));
        }
        self.expression(right, row)
    }
}

fn searched<'a>(row: &Row<'a>) -> impl Iterator<Item = (usize, &'a Column)> + use<'a> {
    row.columns.iter().enumerate().filter(|(_, column)| column.name != TABLE_COLUMN)
}

/// Whether a column of the one type can be equal to a value of the other.
fn compares(column: Type, value: Type) -> bool {
    column == value
        || (column.is_number() && value.is_number())
        || matches!(column, Type::String | Type::Dynamic)
}
