//! `make-series`: keys, one array per aggregate, and the axis (rule 12).

use crate::ast::SeriesClause;
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Node, Plan, Series, SeriesValue, StepKind};
use crate::types::{Column, Type};
use crate::value::Value;

use super::naming::Names;
use super::scope::Scope;
use super::source::convert;
use super::{AggregateFrame, Binder, Row, type_fault};

impl Binder<'_> {
    pub(super) fn make_series(
        &mut self,
        plan: Plan,
        clause: &SeriesClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let row = Row { scope, columns: &before, serialized: false };
        let mut names = Names::default();
        let (keys, mut columns) = self.keys(&clause.by, &row, &mut names)?;
        let axis = self.expression(&clause.on.expr, &row)?;
        // Bins of decimals are counted in reals.
        let axis = if axis.ty == Type::Decimal { convert(axis, Type::Real) } else { axis };
        let step_type = match axis.ty {
            Type::DateTime | Type::Timespan => Type::Timespan,
            ty if ty.is_number() => ty,
            ty => return type_fault(axis.span, "a number, datetime or timespan", ty),
        };
        let none = Row::none(scope);
        let from = self.bound(clause.from.as_ref(), axis.ty, &none)?;
        let to = self.bound(clause.to.as_ref(), axis.ty, &none)?;
        let Some(step) = self.bound(Some(&clause.step), step_type, &none)? else {
            return Err(Fault::new(span, "'make-series' needs a step"));
        };
        let mut values = Vec::new();
        for (named, default) in &clause.aggregates {
            let frame = AggregateFrame { first_column: 0, aggregations: Vec::new(), outputs: 0 };
            let outer = self.aggregates.replace(frame);
            let bound = self.series_aggregate(named, &row, &mut names);
            let frame = std::mem::replace(&mut self.aggregates, outer);
            let (name, value) = bound?;
            let ty = value.ty;
            let default = match default {
                None => Node::constant(zero(ty), ty, named.expr.span),
                Some(expr) => {
                    let node = self.expression(expr, &none)?;
                    if !node.is_constant() {
                        return Err(Fault::new(expr.span, "the default must be a constant"));
                    }
                    if node.ty.is_number() && ty.is_number() { convert(node, ty) } else { node }
                }
            };
            let aggregates = frame.map(|frame| frame.aggregations).unwrap_or_default();
            values.push(SeriesValue { aggregates, value, default });
            columns.push(Column::new(name, Type::Dynamic));
        }
        let axis_name = self.column_name(&mut names, &clause.on, &before)?;
        columns.push(Column::new(axis_name, Type::Dynamic));
        let series = Series {
            nonempty: clause.nonempty,
            inclusive: clause.inclusive,
            keys,
            axis,
            from,
            to,
            step,
            values,
        };
        let plan = Plan { serialized: false, ..plan };
        Ok(plan.then(StepKind::Series(Box::new(series)), columns, span))
    }

    /// The name of a series, and its value over the outputs of its aggregates.
    fn series_aggregate(
        &mut self,
        named: &crate::ast::Named,
        row: &Row<'_>,
        names: &mut Names,
    ) -> Outcome<(String, Node)> {
        if let Some(yielded) = self.top_aggregate(named, row)? {
            let made = self.yielded_names(names, named, &yielded)?;
            return match (made.as_slice(), yielded.columns.as_slice()) {
                ([name], [(_, ty)]) => Ok((name.clone(), Node::column(yielded.first, *ty, named.expr.span))),
                _ => Err(Fault::new(named.expr.span, "an aggregate of a series has one value")),
            };
        }
        let node = self.expression(&named.expr, row)?;
        Ok((self.column_name(names, named, row.columns)?, node))
    }

    fn bound(&mut self, expr: Option<&crate::ast::Expr>, ty: Type, row: &Row<'_>) -> Outcome<Option<Node>> {
        let Some(expr) = expr else { return Ok(None) };
        let node = self.expression(expr, row)?;
        if node.ty == ty || (node.ty.is_number() && ty.is_number()) {
            return Ok(Some(if ty == Type::Real { convert(node, ty) } else { node }));
        }
        type_fault(node.span, &format!("a value of type {ty}"), node.ty)
    }
}

/// What an empty bin holds when the query does not say.
fn zero(ty: Type) -> Value {
    match ty {
        Type::Int | Type::Long => Value::Long(0),
        Type::Real => Value::Real(0.0),
        Type::Decimal => Value::Decimal(crate::decimal::Decimal::ZERO),
        Type::Timespan => Value::Timespan(0),
        Type::String => Value::text(""),
        _ => Value::Null,
    }
}
