//! `make-series`: keys, one array per aggregate, and the axis (rule 12).

use crate::aggregates::AggregateKind;
use crate::ast::{Expr, Named, SeriesClause};
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
            let bound = bound?;
            let mut of_one = Vec::new();
            for (name, value) in bound {
                let default = self.series_default(default.as_ref(), &value, &none)?;
                of_one.push((value, default));
                columns.push(Column::new(name, Type::Dynamic));
            }
            let aggregates = frame.map(|frame| frame.aggregations).unwrap_or_default();
            values.push(SeriesValue { aggregates, values: of_one });
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

    /// What an empty bin holds: what the query says, or nothing of the value's type.
    fn series_default(&mut self, expr: Option<&Expr>, value: &Node, row: &Row<'_>) -> Outcome<Node> {
        let ty = value.ty;
        let Some(expr) = expr else { return Ok(Node::constant(zero(ty), ty, value.span)) };
        let node = self.expression(expr, row)?;
        if !node.is_constant() {
            return Err(Fault::new(expr.span, "the default must be a constant"));
        }
        Ok(if node.ty.is_number() && ty.is_number() { convert(node, ty) } else { node })
    }

    /// The names of the series that an expression makes, and their values over the outputs of its aggregates.
    fn series_aggregate(
        &mut self,
        named: &Named,
        row: &Row<'_>,
        names: &mut Names,
    ) -> Outcome<Vec<(String, Node)>> {
        let Some(yielded) = self.top_aggregate(named, row)? else {
            let node = self.expression(&named.expr, row)?;
            return Ok(vec![(self.column_name(names, named, row.columns)?, node)]);
        };
        let bound = self.aggregates.iter().flat_map(|frame| &frame.aggregations);
        let are_percentiles = bound.into_iter().all(|one| matches!(one.kind, AggregateKind::Percentiles(_)));
        if yielded.columns.len() > 1 && !are_percentiles {
            return Err(Fault::new(named.expr.span, "an aggregate of a series has one value"));
        }
        let made = self.yielded_names(names, named, &yielded)?;
        let types = yielded.columns.iter().map(|(_, ty)| *ty);
        let column = |(place, ty)| Node::column(place, ty, named.expr.span);
        Ok(made.into_iter().zip((yielded.first..).zip(types).map(column)).collect())
    }

    fn bound(&mut self, expr: Option<&Expr>, ty: Type, row: &Row<'_>) -> Outcome<Option<Node>> {
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
