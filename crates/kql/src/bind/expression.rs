//! Scalar expressions.

use crate::ast::{BinaryOp, Expr, ExprKind, Pipeline};
use crate::error::{Fault, Outcome, Span, Unknown};
use crate::near::with_hint;
use crate::plan::{Node, NodeKind, SharedTable};
use crate::types::Type;
use crate::value::Value;

use super::scope::Binding;
use super::source::convert;
use super::{Binder, Bound, Row, type_fault};

use std::sync::Arc;

impl Binder<'_> {
    pub(super) fn expression(&mut self, expr: &Expr, row: &Row<'_>) -> Outcome<Node> {
        self.count(1, expr.span)?;
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal(ty, value) => Ok(Node::constant(value.clone(), *ty, span)),
            ExprKind::Name(name) => self.name(name, span, row),
            ExprKind::Parenthesised(inner) => self.expression(inner, row),
            ExprKind::Call(name, arguments) => self.call(name, arguments, span, row),
            ExprKind::Member(value, name) => {
                if let ExprKind::Name(left) = &value.kind
                    && (left == "$left" || left == "$right")
                {
                    return Err(Fault::new(
                        span,
                        format!("'{left}' has a meaning in the 'on' of a join only"),
                    ));
                }
                if let ExprKind::Name(step) = &value.kind
                    && let Some(node) = self.step_column(step, name, row, span)?
                {
                    return Ok(node);
                }
                let value = self.expression(value, row)?;
                if value.ty != Type::Dynamic {
                    let message = format!("'{}' is no member of a value of type {}", name.text, value.ty);
                    return Err(Fault::new(name.span, message));
                }
                Ok(Node::new(NodeKind::Member(Box::new(value), name.text.clone()), Type::Dynamic, span))
            }
            ExprKind::Index(value, index) => {
                let value = self.expression(value, row)?;
                let index = self.expression(index, row)?;
                if value.ty != Type::Dynamic {
                    return type_fault(value.span, "a dynamic", value.ty);
                }
                if !index.ty.is_integer() && !matches!(index.ty, Type::String | Type::Dynamic) {
                    return type_fault(index.span, "a whole number or a string", index.ty);
                }
                if let NodeKind::Constant(Value::String(text)) = &index.kind {
                    let name = text.to_string();
                    return Ok(Node::new(NodeKind::Member(Box::new(value), name), Type::Dynamic, span));
                }
                Ok(Node::new(NodeKind::Index(Box::new(value), Box::new(index)), Type::Dynamic, span))
            }
            ExprKind::Negate(inner) => {
                let inner = self.expression(inner, row)?;
                let ty = match inner.ty {
                    Type::Int | Type::Long => Type::Long,
                    ty @ (Type::Real | Type::Decimal | Type::Timespan | Type::Dynamic) => ty,
                    ty => return type_fault(inner.span, "a number or a timespan after '-'", ty),
                };
                Ok(Node::new(NodeKind::Negate(Box::new(inner)), ty, span))
            }
            ExprKind::Plus(inner) => {
                let inner = self.expression(inner, row)?;
                match inner.ty {
                    Type::Int | Type::Long | Type::Real | Type::Decimal | Type::Timespan | Type::Dynamic => {
                        Ok(inner)
                    }
                    ty => type_fault(inner.span, "a number or a timespan after '+'", ty),
                }
            }
            ExprKind::Chain(op, terms) => {
                let terms =
                    terms.iter().map(|term| self.condition(term, row)).collect::<Outcome<Vec<_>>>()?;
                let kind = match op {
                    crate::ast::ChainOp::And => NodeKind::And(terms),
                    crate::ast::ChainOp::Or => NodeKind::Or(terms),
                };
                Ok(Node::new(kind, Type::Bool, span))
            }
            ExprKind::Binary(BinaryOp::Text(op), left, right) if matches!(left.kind, ExprKind::Star) => {
                self.any_column(*op, right, span, row)
            }
            ExprKind::Binary(BinaryOp::Equal, left, right) if matches!(left.kind, ExprKind::Star) => {
                self.any_equal(right, span, row)
            }
            ExprKind::Binary(BinaryOp::Member, left, right) if matches!(left.kind, ExprKind::Star) => {
                self.any_value(right, span, row)
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, span, row),
            ExprKind::In { ignore_case, negated, value, list } => {
                let value = self.expression(value, row)?;
                let (list, table) = self.list(list, row)?;
                let value = self.member_test(value, &list, table.as_deref(), *ignore_case)?;
                let (ignore_case, negated) = (*ignore_case, *negated);
                let is_mixed = |item: &Node| (item.ty == Type::String) != (value.ty == Type::String);
                if value.ty != Type::Dynamic
                    && list.iter().any(|item| item.ty != Type::Dynamic && is_mixed(item))
                {
                    return self.one_by_one(&value, list, negated, span);
                }
                let kind = NodeKind::In { value: Box::new(value), list, table, ignore_case, negated };
                Ok(Node::new(kind, Type::Bool, span))
            }
            ExprKind::HasMany { all, value, list } => {
                let value = self.expression(value, row)?;
                if !matches!(value.ty, Type::String | Type::Dynamic) {
                    return type_fault(value.span, "a string", value.ty);
                }
                let value = convert(value, Type::String);
                let (list, table) = self.list(list, row)?;
                let term = |item: Node| match item.ty {
                    Type::String | Type::Dynamic => item,
                    _ => convert(item, Type::String),
                };
                let list = list.into_iter().map(term).collect();
                let kind = NodeKind::HasMany { all: *all, value: Box::new(value), list, table };
                Ok(Node::new(kind, Type::Bool, span))
            }
            ExprKind::Between { negated, value, low, high } => {
                let value = self.expression(value, row)?;
                let low = self.expression(low, row)?;
                let high = self.expression(high, row)?;
                self.between(*negated, value, low, high, span)
            }
            ExprKind::TypeOf(_) => Err(Fault::new(span, "'typeof' has no meaning here")),
            ExprKind::Star => Err(Fault::new(span, "'*' has no meaning here")),
            ExprKind::Query(_) => {
                Err(Fault::new(span, "a table cannot stand here; 'toscalar(…)' takes its first value"))
            }
        }
    }

    /// `in` over values of another type, of which one side is text: each is compared as `==` would.
    fn one_by_one(&mut self, value: &Node, list: Vec<Node>, negated: bool, span: Span) -> Outcome<Node> {
        let mut tests = Vec::new();
        for item in list {
            self.count(value.size(), span)?;
            tests.push(self.equality(BinaryOp::Equal, value.clone(), item, span)?);
        }
        let any = Node::new(NodeKind::Or(tests), Type::Bool, span);
        Ok(if negated { Node::new(NodeKind::Not(Box::new(any)), Type::Bool, span) } else { any })
    }

    fn name(&mut self, name: &str, span: Span, row: &Row<'_>) -> Outcome<Node> {
        if let Some(index) = row.columns.iter().position(|column| column.name == name) {
            if self.aggregates.is_some() {
                let message = format!("the column '{name}' must stand inside an aggregate or behind 'by'");
                return Err(Fault::new(span, message));
            }
            return Ok(Node::column(index, row.columns[index].ty, span));
        }
        match row.scope.find(name) {
            Some(Binding::Scalar(node)) => {
                if !row.columns.is_empty() && node.reads_row() {
                    let message = format!("'{name}' differs from row to row and cannot be used in a table");
                    return Err(Fault::new(span, message));
                }
                let node = node.clone();
                self.count(node.size(), span)?;
                Ok(Node { span, ..node })
            }
            Some(Binding::Table(_)) => Err(Fault::new(
                span,
                format!("'{name}' is a table; 'toscalar({name})' takes its first value"),
            )),
            Some(Binding::Function(function)) => {
                let function = Arc::clone(function);
                match self.call_lambda(&function, &[], span, row)? {
                    Bound::Scalar(node) => Ok(node),
                    Bound::Table(_) => {
                        Err(Fault::new(span, format!("'{name}' answers a table, not a value")))
                    }
                }
            }
            None => {
                if let Some(node) =
                    self.standard_column(name, span, row).filter(|_| self.aggregates.is_none())
                {
                    return Ok(node);
                }
                let message = format!(
                    "the name '{name}' does not refer to any known column, table, variable or function"
                );
                let columns = row.columns.iter().map(|column| &*column.name);
                let message = with_hint(message, name, columns.chain(row.scope.names()));
                Err(Fault::new(span, message).of_unknown(Unknown::Value, name))
            }
        }
    }

    /// An expression that must be true or false.
    pub(super) fn condition(&mut self, expr: &Expr, row: &Row<'_>) -> Outcome<Node> {
        let node = self.expression(expr, row)?;
        match node.ty {
            Type::Bool => Ok(node),
            Type::Dynamic => Ok(convert(node, Type::Bool)),
            ty => type_fault(node.span, "a value of type bool", ty),
        }
    }

    /// The list after `in`: scalars, or one table that is computed once.
    fn list(&mut self, list: &[Pipeline], row: &Row<'_>) -> Outcome<(Vec<Node>, Option<Arc<SharedTable>>)> {
        let mut nodes = Vec::new();
        for pipeline in list {
            match self.scalar_or_table(pipeline, row)? {
                Bound::Scalar(node) => nodes.push(node),
                Bound::Table(plan) if list.len() == 1 && !plan.columns.is_empty() => {
                    return Ok((Vec::new(), Some(self.share_table(plan))));
                }
                Bound::Table(_) => {
                    return Err(Fault::new(pipeline.span, "a table must stand alone in the list"));
                }
            }
        }
        Ok((nodes, None))
    }

    /// An argument: a scalar that sees the row's columns, or a table that does not.
    pub(super) fn scalar_or_table(&mut self, pipeline: &Pipeline, row: &Row<'_>) -> Outcome<Bound> {
        if let crate::ast::Source::Expr(expr) = &pipeline.source
            && pipeline.operators.is_empty()
            && !self.is_table(expr, row)
        {
            return self.expression(expr, row).map(Bound::Scalar);
        }
        self.pipeline(pipeline, row.scope)
    }

    /// Whether an expression stands for a table and not for a column or a value.
    fn is_table(&self, expr: &Expr, row: &Row<'_>) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => {
                !row.columns.iter().any(|column| &column.name == name)
                    && match row.scope.find(name) {
                        Some(binding) => matches!(binding, Binding::Table(_)),
                        None => self.database.find(name, self.ignore_case).is_some(),
                    }
            }
            ExprKind::Parenthesised(inner) => self.is_table(inner, row),
            ExprKind::Query(_) => true,
            ExprKind::Call(name, _) => match row.scope.find(&name.text) {
                Some(Binding::Function(function)) => {
                    function.0.answers_table(&|name| self.database.find(name, self.ignore_case).is_some())
                }
                _ => matches!(name.text.as_str(), "materialize" | "table"),
            },
            _ => false,
        }
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Node> {
        let left = self.expression(left, row)?;
        let right = self.expression(right, row)?;
        match op {
            BinaryOp::Text(op) => self.text_test(op, left, right, span),
            BinaryOp::Equal | BinaryOp::NotEqual => self.equality(op, left, right, span),
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => {
                self.ordering(op, left, right, span)
            }
            _ => self.arithmetic(op, left, right, span),
        }
    }
}
