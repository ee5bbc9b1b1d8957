//! Functions that the query defines: their bodies are bound anew at each call.

use std::sync::Arc;

use crate::ast::{Argument, Expr, ExprKind, Lambda, Parameter, ParameterType, Pipeline, Source, Statement};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Node, NodeKind, Plan, PlanSource};
use crate::types::{Column, Type};

use super::scope::{Binding, Scope};
use super::source::convert;
use super::{Binder, Bound, Row, Volatile, type_fault};

/// How deep calls of functions in functions may go.
const MAX_CALLS: usize = 32;

impl Binder<'_> {
    pub(super) fn call_lambda(
        &mut self,
        function: &Arc<(Lambda, Scope)>,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Bound> {
        let (lambda, closure) = &**function;
        if self.calls >= MAX_CALLS {
            return Err(Fault::new(
                span,
                format!("functions call each other deeper than {MAX_CALLS} levels"),
            ));
        }
        let mut scope = closure.opened();
        for (name, binding) in self.parameters(lambda, arguments, span, row)? {
            scope = scope.with(&name, binding);
        }
        self.calls += 1;
        // Columns without a name are numbered anew in each function.
        let unnamed = std::mem::take(&mut self.unnamed);
        let result = self.body(lambda, scope);
        self.unnamed = unnamed;
        self.calls -= 1;
        match result? {
            Bound::Scalar(node) if !node.is_constant() && !node.reads_row() => {
                Ok(Bound::Scalar(self.once(function, node)))
            }
            other => Ok(other),
        }
    }

    /// A random value that a function answers: one for all rows, and one for all calls of a function without parameters.
    fn once(&mut self, function: &Arc<(Lambda, Scope)>, node: Node) -> Node {
        let (ty, span) = (node.ty, node.span);
        let known = self.volatile.iter().find(|known| Arc::ptr_eq(&known.function, function));
        if let Some(known) = known {
            return Node::new(NodeKind::FirstCell(Arc::clone(&known.value)), ty, span);
        }
        let columns = vec![Column::new("value", ty)];
        let shared = self.share_table(Plan::new(PlanSource::Row(vec![node]), columns, false));
        if function.0.parameters.is_empty() {
            self.volatile.push(Volatile { function: Arc::clone(function), value: Arc::clone(&shared) });
        }
        Node::new(NodeKind::FirstCell(shared), ty, span)
    }

    fn parameters(
        &mut self,
        lambda: &Lambda,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Vec<(String, Binding)>> {
        let mut given: Vec<Option<&Argument>> = vec![None; lambda.parameters.len()];
        for (index, argument) in arguments.iter().enumerate() {
            let place = match &argument.name {
                Some(name) => lambda.parameters.iter().position(|parameter| parameter.name.text == name.text),
                None => Some(index),
            };
            match place.and_then(|place| given.get_mut(place)) {
                Some(slot) if slot.is_none() => *slot = Some(argument),
                _ => {
                    return Err(Fault::new(
                        argument.value.span,
                        "the function has no parameter for this argument",
                    ));
                }
            }
        }
        let mut bindings = Vec::new();
        for (parameter, argument) in lambda.parameters.iter().zip(given) {
            let name = &parameter.name.text;
            let binding = match (&parameter.ty, argument, &parameter.default) {
                (ParameterType::Scalar(ty), Some(argument), _) => {
                    let node = self.argument(argument, row)?;
                    Binding::Scalar(self.scalar_parameter(node, *ty)?)
                }
                (ParameterType::Scalar(ty), None, Some(default)) => {
                    let node = self.expression(default, &Row::none(row.scope))?;
                    Binding::Scalar(self.scalar_parameter(node, *ty)?)
                }
                (ParameterType::Table(columns), Some(argument), _) => {
                    let plan = self.table(&argument.value, row.scope)?;
                    for (column, ty) in columns.iter().flatten() {
                        let found = plan.columns.iter().find(|known| known.name == column.text);
                        if found.is_none_or(|found| found.ty != *ty) {
                            let message = format!(
                                "the table for '{name}' needs a column '{}' of type {ty}",
                                column.text
                            );
                            return Err(Fault::new(argument.value.span, message));
                        }
                    }
                    Binding::Table(self.share_table(plan))
                }
                (_, None, _) => {
                    return Err(Fault::new(
                        span,
                        format!("the argument for the parameter '{name}' is missing"),
                    ));
                }
            };
            bindings.push((name.clone(), binding));
        }
        Ok(bindings)
    }

    /// The names that `declare query_parameters` gives to its defaults.
    pub(super) fn declared(&mut self, parameters: &[Parameter], mut scope: Scope) -> Outcome<Scope> {
        for parameter in parameters {
            let (ParameterType::Scalar(ty), Some(default)) = (&parameter.ty, &parameter.default) else {
                let message = format!("the query parameter '{}' must be a value", parameter.name.text);
                return Err(Fault::new(parameter.name.span, message));
            };
            let node = self.expression(default, &Row::none(&scope))?;
            let node = self.scalar_parameter(node, *ty)?;
            scope = scope.with(&parameter.name.text, Binding::Scalar(node));
        }
        Ok(scope)
    }

    fn scalar_parameter(&mut self, node: Node, ty: Type) -> Outcome<Node> {
        let fits = node.ty == ty
            || ty == Type::Dynamic
            || node.ty == Type::Dynamic
            || ty == Type::String
            || (node.ty.is_number() && ty.is_number());
        if !fits {
            return type_fault(node.span, &format!("a value of type {ty}"), node.ty);
        }
        let node = convert(node, ty);
        Ok(self.share_scalar(node))
    }

    fn body(&mut self, lambda: &Lambda, mut scope: Scope) -> Outcome<Bound> {
        let mut result = None;
        for statement in &lambda.body.statements {
            match statement {
                Statement::Let(name, value) => {
                    let binding = self.let_value(value, &scope)?;
                    scope = scope.with(&name.text, binding);
                }
                Statement::Declare(parameters) => scope = self.declared(parameters, scope)?,
                // The parser takes properties of the request at the query's own level only.
                Statement::Set(name, _) => {
                    return Err(Fault::new(name.span, "'set' cannot stand in a function"));
                }
                Statement::Query(pipeline) => result = Some(self.pipeline(pipeline, &scope)?),
            }
        }
        result.ok_or_else(|| Fault::new(lambda.span, "the function has no expression that it answers"))
    }
}

impl Lambda {
    /// Whether the function's last expression reads as a table; `is_stored` knows the database's tables.
    pub(super) fn answers_table(&self, is_stored: &dyn Fn(&str) -> bool) -> bool {
        let Some(Statement::Query(pipeline)) = self.body.statements.last() else { return false };
        self.is_table(pipeline, is_stored)
    }

    fn is_table(&self, pipeline: &Pipeline, is_stored: &dyn Fn(&str) -> bool) -> bool {
        if !pipeline.operators.is_empty() {
            return true;
        }
        match &pipeline.source {
            Source::Operator(_) => true,
            Source::Expr(Expr { kind: ExprKind::Name(name), .. }) => {
                let parameter = self.parameters.iter().find(|parameter| &parameter.name.text == name);
                match parameter {
                    Some(parameter) => matches!(parameter.ty, ParameterType::Table(_)),
                    None => is_stored(name),
                }
            }
            Source::Expr(Expr { kind: ExprKind::Call(name, _), .. }) => {
                matches!(name.text.as_str(), "materialize" | "table")
            }
            Source::Expr(Expr { kind: ExprKind::Query(_), .. }) => true,
            Source::Expr(_) => false,
        }
    }
}
