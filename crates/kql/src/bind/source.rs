//! Pipelines and where they begin.

use std::sync::Arc;

use crate::ast::{Argument, Expr, ExprKind, Named, Operator, OperatorKind, Pipeline, Source};
use crate::error::{Fault, Outcome, Span, Unknown};
use crate::near::with_hint;
use crate::plan::{Node, NodeKind, Plan, PlanSource, SharedTable};
use crate::types::{Column, Type};
use crate::value::Value;

pub(super) use super::fit::convert;
use super::naming::{Names, is_plain, name_of, one_column};
use super::scope::{Binding, Scope};
use super::spread::{Rest, spread};
use super::standard::origin;
use super::{Binder, Bound, Row, type_fault};

impl Binder<'_> {
    /// A pipeline, or a scalar expression that stands in its place; it sees no columns.
    pub(super) fn pipeline(&mut self, pipeline: &Pipeline, scope: &Scope) -> Outcome<Bound> {
        let (aggregates, origin) = (self.aggregates.take(), self.origin.take());
        let inner = std::mem::take(&mut self.inner);
        let bound = self.pipeline_inner(pipeline, scope);
        (self.aggregates, self.origin) = (aggregates, origin);
        self.inner = inner;
        bound
    }

    fn pipeline_inner(&mut self, pipeline: &Pipeline, scope: &Scope) -> Outcome<Bound> {
        let source = match &pipeline.source {
            Source::Operator(operator) => Bound::Table(self.source_operator(operator, scope)?),
            Source::Expr(expr) => {
                let reader = pipeline.operators.first().map(|operator| operator.span);
                let bound = self.source_expression(expr, scope);
                bound.map_err(|fault| reader.into_iter().fold(fault, Fault::in_first_operator))?
            }
        };
        let plan = match source {
            Bound::Table(plan) => plan,
            Bound::Scalar(node) if pipeline.operators.is_empty() => return Ok(Bound::Scalar(node)),
            Bound::Scalar(node) => return type_fault(node.span, "a table", node.ty),
        };
        self.piped(plan, &pipeline.operators, scope).map(Bound::Table)
    }

    /// What rows become that go through those operators.
    pub(super) fn piped(&mut self, mut plan: Plan, operators: &[Operator], scope: &Scope) -> Outcome<Plan> {
        let mut scope = scope.clone();
        for operator in operators {
            if let (OperatorKind::As(_) | OperatorKind::Invoke(_), true) =
                (&operator.kind, self.inner.is_piped)
            {
                let message = "rows of one group have no name: this operator cannot stand in the subquery";
                return Err(Fault::new(operator.span, message));
            }
            if let OperatorKind::As(name) = &operator.kind {
                let shared = self.share_labelled(plan, Some(name.text.clone()));
                plan = read_shared(&shared);
                scope = scope.with(&name.text, Binding::Table(shared));
            } else {
                self.origin = origin(&plan);
                plan = self
                    .operator(plan, operator, &scope)
                    .map_err(|fault| fault.in_operator(operator.span))?;
            }
        }
        Ok(plan)
    }

    /// A pipeline that must be a table.
    pub(super) fn table(&mut self, pipeline: &Pipeline, scope: &Scope) -> Outcome<Plan> {
        match self.pipeline(pipeline, scope)? {
            Bound::Table(plan) => Ok(plan),
            Bound::Scalar(node) => type_fault(pipeline.span, "a table", node.ty),
        }
    }

    fn source_expression(&mut self, expr: &Expr, scope: &Scope) -> Outcome<Bound> {
        match &expr.kind {
            ExprKind::Name(name) => match scope.find(name) {
                Some(Binding::Table(shared)) => Ok(Bound::Table(read_shared(shared))),
                Some(Binding::Scalar(node)) => Ok(Bound::Scalar(node.clone())),
                Some(Binding::Function(function)) => {
                    let function = Arc::clone(function);
                    self.call_lambda(&function, &[], expr.span, &Row::none(scope))
                }
                None => self.stored_table(name, expr.span).map(Bound::Table),
            },
            ExprKind::Parenthesised(inner) => self.source_expression(inner, scope),
            ExprKind::Query(query) => self.pipeline(query, scope),
            ExprKind::Call(name, arguments) => match scope.find(&name.text) {
                Some(Binding::Function(function)) => {
                    let function = Arc::clone(function);
                    self.call_lambda(&function, arguments, expr.span, &Row::none(scope))
                }
                _ => match name.text.as_str() {
                    "materialize" => {
                        let plan = self.one_table(arguments, expr.span, scope)?;
                        let shared = self.share_table(plan);
                        Ok(Bound::Table(read_shared(&shared)))
                    }
                    "table" => self.table_function(arguments, expr.span, scope).map(Bound::Table),
                    "cluster"
                    | "database"
                    | "workspace"
                    | "app"
                    | "resource"
                    | "arg"
                    | "adx"
                    | "external_table"
                    | "materialized_view"
                    | "stored_query_result"
                    | "entity_group"
                    | "graph" => {
                        let message = format!(
                            "the function '{}' is not supported: put the rows into a table of this database and name it",
                            name.text
                        );
                        Err(Fault::new(name.span, message))
                    }
                    _ => self.expression(expr, &Row::none(scope)).map(Bound::Scalar),
                },
            },
            ExprKind::Member(value, _) if matches!(value.kind, ExprKind::Call(..)) => {
                // `database("x").T` and its kin are refused by the call's name.
                self.source_expression(value, scope)?;
                self.expression(expr, &Row::none(scope)).map(Bound::Scalar)
            }
            _ => self.expression(expr, &Row::none(scope)).map(Bound::Scalar),
        }
    }

    /// The only argument, which must be a table.
    pub(super) fn one_table(&mut self, arguments: &[Argument], span: Span, scope: &Scope) -> Outcome<Plan> {
        match arguments {
            [argument] => self.table(&argument.value, scope),
            _ => Err(Fault::new(span, "the function expects 1 argument, a table")),
        }
    }

    fn table_function(&mut self, arguments: &[Argument], span: Span, scope: &Scope) -> Outcome<Plan> {
        if let [argument] = arguments
            && let Bound::Scalar(Node { kind: NodeKind::Constant(Value::String(name)), span, .. }) =
                self.pipeline(&argument.value, scope)?
        {
            return self.stored_table(&name, span);
        }
        Err(Fault::new(span, "the function 'table' expects the name of a table as a literal string"))
    }

    pub(super) fn stored_table(&mut self, name: &str, span: Span) -> Outcome<Plan> {
        let Some((name, table)) = self.database.find(name, self.ignore_case) else {
            let message = format!("'{name}' is not a known table, variable or function");
            let message = with_hint(message, name, self.database.tables().map(|(known, _)| known));
            return Err(Fault::new(span, message).of_unknown(Unknown::Table, name));
        };
        Ok(Plan::new(PlanSource::Table(name.to_owned()), table.columns().to_vec(), false))
    }

    fn source_operator(&mut self, operator: &Operator, scope: &Scope) -> Outcome<Plan> {
        match &operator.kind {
            OperatorKind::Print(list) => self.print(list, scope),
            OperatorKind::Range { name, from, to, step } => self.range(&name.text, [from, to, step], scope),
            OperatorKind::Datatable { columns, values } => self.datatable(columns, values, scope),
            OperatorKind::Union(clause) => self.union(None, clause, operator.span, scope),
            OperatorKind::Search(clause) => self.search(None, clause, operator.span, scope),
            OperatorKind::Find(clause) => self.find(None, clause, operator.span, scope),
            _ => Err(Fault::new(operator.span, "this operator needs a table in front of it")),
        }
    }

    fn print(&mut self, list: &[Named], scope: &Scope) -> Outcome<Plan> {
        let mut names = Names::default();
        let (mut columns, mut nodes) = (Vec::new(), Vec::new());
        for (index, named) in spread(list, &[], Rest::LeftOut)?.iter().enumerate() {
            let node = self.expression(&named.expr, &Row::none(scope))?;
            let name = match named.names.as_slice() {
                [] => match &named.made {
                    Some(name) => names.make(name),
                    None => names.make(&format!("print_{index}")),
                },
                [name] => names.give(&name.text, name.span)?,
                [_, second, ..] => return Err(Fault::new(second.span, "one value cannot have two names")),
            };
            columns.push(Column::new(name, node.ty));
            nodes.push(node);
        }
        Ok(Plan::new(PlanSource::Row(nodes), columns, false))
    }

    fn range(&mut self, name: &str, [from, to, step]: [&Expr; 3], scope: &Scope) -> Outcome<Plan> {
        let row = Row::none(scope);
        let from = self.expression(from, &row)?;
        let to = self.expression(to, &row)?;
        let step = self.expression(step, &row)?;
        if matches!(step.kind, NodeKind::Constant(Value::Long(0))) {
            return Err(Fault::new(step.span, "the step must not be 0"));
        }
        let ty = match (from.ty, to.ty, step.ty) {
            (Type::DateTime, Type::DateTime, Type::Timespan) => Type::DateTime,
            (Type::Timespan, Type::Timespan, Type::Timespan) => Type::Timespan,
            (Type::Int, Type::Int, Type::Int) => Type::Int,
            (a, b, c) if a.is_number() && b.is_number() && c.is_number() => a.wider(b).wider(c),
            (a, b, c) => {
                let message = format!("the operator 'range' is not defined for the types {a}, {b} and {c}");
                return Err(Fault::new(from.span.to(step.span), message));
            }
        };
        let wide = matches!(ty, Type::Real | Type::Decimal);
        let number = |node: Node| if wide { convert(node, ty) } else { node };
        let source = PlanSource::Range(Box::new([number(from), number(to), number(step)]));
        Ok(Plan::new(source, vec![Column::new(name, ty)], true))
    }

    fn datatable(
        &mut self,
        columns: &[(crate::ast::Name, Type)],
        values: &[Expr],
        scope: &Scope,
    ) -> Outcome<Plan> {
        let mut names = Names::default();
        let mut described = Vec::new();
        for (name, ty) in columns {
            described.push(Column::new(names.give(&name.text, name.span)?, *ty));
        }
        let mut cells = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let ty = described[index % described.len()].ty;
            cells.push(self.cell(value, ty, scope)?);
        }
        Ok(Plan::new(PlanSource::Literal(cells.into()), described, false))
    }

    /// A cell of a literal table: a literal that fits the column.
    fn cell(&mut self, expr: &Expr, ty: Type, scope: &Scope) -> Outcome<Value> {
        let value = match &expr.kind {
            ExprKind::Literal(_, value) => value.clone(),
            _ => match self.expression(expr, &Row::none(scope))?.kind {
                NodeKind::Constant(value) => value,
                _ => return Err(Fault::new(expr.span, "a cell of a datatable must be a literal")),
            },
        };
        literal_as(&value, ty).ok_or_else(|| {
            let message = format!("'{}' is not a value of type {ty}", value.to_text());
            Fault::new(expr.span, message)
        })
    }

    /// The name that a column takes, given or made.
    pub(super) fn column_name(
        &mut self,
        names: &mut Names,
        named: &Named,
        columns: &[Column],
    ) -> Outcome<String> {
        one_column(named)?;
        match named.names.as_slice() {
            [] => match named.made.clone().or_else(|| name_of(&named.expr, columns)) {
                Some(name) if is_plain(&named.expr) => names.give(&name, named.expr.span),
                Some(name) => Ok(names.make(&name)),
                None => Ok(names.next_unnamed(&mut self.unnamed)),
            },
            [name] => names.give(&name.text, name.span),
            [_, second, ..] => Err(Fault::new(second.span, "this expression has one value, not several")),
        }
    }
}

/// A plan that reads what was computed once.
pub(super) fn read_shared(shared: &Arc<SharedTable>) -> Plan {
    let source = PlanSource::Shared(Arc::clone(shared));
    Plan::new(source, shared.plan.columns.clone(), shared.plan.serialized)
}

/// A literal as a cell of a column: whole numbers fit reals, text is read as the column's type.
fn literal_as(value: &Value, ty: Type) -> Option<Value> {
    #[expect(clippy::cast_precision_loss, reason = "a real column holds what fits a double")]
    Some(match (value, ty) {
        (Value::Null, Type::String) => Value::text(""),
        (Value::Null, _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Long(_), Type::Long)
        | (Value::Real(_), Type::Real)
        | (Value::Decimal(_), Type::Decimal)
        | (Value::String(_), Type::String)
        | (Value::DateTime(_), Type::DateTime)
        | (Value::Timespan(_), Type::Timespan)
        | (Value::Guid(_), Type::Guid)
        | (Value::Dynamic(_), Type::Dynamic) => value.clone(),
        (Value::Long(number), Type::Int) if i32::try_from(*number).is_ok() => value.clone(),
        (Value::Long(number), Type::Real) => Value::Real(*number as f64),
        (Value::Long(_) | Value::Real(_), Type::Decimal) => crate::convert::convert(value, ty),
        (Value::Long(number), Type::Bool) => Value::Bool(*number != 0),
        (Value::Bool(flag), Type::Long | Type::Int) => Value::Long(i64::from(*flag)),
        (Value::String(text), Type::Dynamic) => Value::dynamic(crate::dynamic::Dynamic::String(text.clone())),
        (Value::String(_), ty) if ty != Type::Dynamic => {
            let read = crate::convert::convert(value, ty);
            if read.is_null() {
                return None;
            }
            read
        }
        (other, Type::Dynamic) => Value::dynamic(crate::value::to_dynamic(other)),
        (other, Type::String) => Value::text(&other.to_text()),
        (Value::Real(_), Type::Long | Type::Int) => return None,
        _ => return None,
    })
}
