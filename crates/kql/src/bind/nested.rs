//! `top-nested` and `top-hitters`: the values that weigh most.

use crate::aggregates::AggregateKind;
use crate::ast::{HittersClause, Named, NestedLevel};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Aggregation, Level, Node, NodeKind, Output, Plan, SortKey, StepKind, Window};
use crate::types::{Column, Type};

use super::naming::{Names, name_of};
use super::scope::Scope;
use super::source::convert;
use super::{AggregateFrame, Binder, Row, type_fault};

impl Binder<'_> {
    pub(super) fn top_nested(
        &mut self,
        plan: Plan,
        clauses: &[NestedLevel],
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let row = Row { scope, columns: &before, serialized: false };
        let mut names = Names::default();
        let (mut columns, mut levels) = (Vec::new(), Vec::new());
        for clause in clauses {
            let count = match &clause.count {
                Some(count) => Some(self.row_count(count, scope)?),
                None => None,
            };
            let key = self.expression(&clause.of.expr, &row)?;
            let key_name = match (clause.of.names.as_slice(), name_of(&clause.of.expr, &before)) {
                ([name], _) => names.give(&name.text, name.span)?,
                ([_, second, ..], _) => return Err(Fault::new(second.span, "this expression has one value")),
                // Two levels may be of one column.
                ([], Some(name)) => names.make(&name),
                ([], None) => names.next_unnamed(&mut self.unnamed),
            };
            let others = match &clause.others {
                None => None,
                Some(expr) => {
                    let node = self.expression(expr, &Row::none(scope))?;
                    if !node.is_constant() {
                        return Err(Fault::new(expr.span, "what the others are called must be a constant"));
                    }
                    Some(convert(node, key.ty))
                }
            };
            let (aggregates, value) = self.aggregate_value(&clause.by, &row)?;
            if value.ty == Type::Dynamic {
                return type_fault(clause.by.expr.span, "a value that has an order", value.ty);
            }
            let value_name = match clause.by.names.as_slice() {
                [] => names.make(&format!("aggregated_{key_name}")),
                [name] => names.give(&name.text, name.span)?,
                [_, second, ..] => return Err(Fault::new(second.span, "this expression has one value")),
            };
            columns.push(Column::new(key_name, key.ty));
            columns.push(Column::new(value_name, value.ty));
            levels.push(Level { count, key, others, aggregates, value, ascending: clause.ascending });
        }
        let plan = Plan { serialized: false, ..plan };
        Ok(plan.then(StepKind::TopNested(levels), columns, span))
    }

    /// Aggregates, and the value that an expression makes of what they yield.
    pub(super) fn aggregate_value(
        &mut self,
        named: &Named,
        row: &Row<'_>,
    ) -> Outcome<(Vec<Aggregation>, Node)> {
        let frame = AggregateFrame { first_column: 0, aggregations: Vec::new(), outputs: 0 };
        let outer = self.aggregates.replace(frame);
        let bound = self.one_value(named, row);
        let frame = std::mem::replace(&mut self.aggregates, outer);
        let aggregates = frame.map(|frame| frame.aggregations).unwrap_or_default();
        Ok((aggregates, bound?))
    }

    fn one_value(&mut self, named: &Named, row: &Row<'_>) -> Outcome<Node> {
        match self.top_aggregate(named, row)? {
            None => self.expression(&named.expr, row),
            Some(yielded) => match yielded.columns.as_slice() {
                [(_, ty)] => Ok(Node::column(yielded.first, *ty, named.expr.span)),
                _ => Err(Fault::new(named.expr.span, "an aggregate of one value is needed here")),
            },
        }
    }

    /// Exact, where the service's sketch may err; of values that weigh the same the later one is taken, as there.
    pub(super) fn top_hitters(
        &mut self,
        plan: Plan,
        clause: &HittersClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let row = Row { scope, columns: &before, serialized: false };
        let count = self.row_count(&clause.count, scope)?;
        let Some(place) = before.iter().position(|column| column.name == clause.of.text) else {
            return Err(super::project::unknown_column(&clause.of.text, clause.of.span, &before));
        };
        let key = Node::column(place, before[place].ty, clause.of.span);
        let (aggregation, weight_type, weight_name) = match &clause.by {
            None => {
                let aggregation = Aggregation {
                    kind: AggregateKind::Count,
                    arguments: Vec::new(),
                    predicate: None,
                    outputs: vec![Type::Long],
                };
                (aggregation, Type::Long, format!("approximate_count_{}", clause.of.text))
            }
            Some(named) => {
                let node = self.expression(&named.expr, &row)?;
                if !node.ty.is_number() {
                    return type_fault(node.span, "a number", node.ty);
                }
                let ty = if node.ty == Type::Int { Type::Long } else { node.ty };
                let own = name_of(&named.expr, &before).unwrap_or_default();
                let name = match named.names.as_slice() {
                    [] => format!("approximate_sum_{own}"),
                    [name] => name.text.clone(),
                    [_, second, ..] => {
                        return Err(Fault::new(second.span, "this expression has one value"));
                    }
                };
                let aggregation = Aggregation {
                    kind: AggregateKind::Sum,
                    arguments: vec![node],
                    predicate: None,
                    outputs: vec![ty],
                };
                (aggregation, ty, name)
            }
        };
        let columns = vec![Column::new(&clause.of.text, key.ty), Column::new(weight_name, weight_type)];
        let number = Node::new(NodeKind::Window(Window::RowNumber, Vec::new()), Type::Long, span);
        let numbered = vec![Output::Keep(0), Output::Keep(1), Output::Node(number)];
        let descending = |place, ty| {
            let node = Node::column(place, ty, span);
            SortKey { node, ascending: false, nulls_first: false }
        };
        let order = vec![descending(1, weight_type), descending(2, Type::Long)];
        let plan = plan
            .then(StepKind::Summarize { keys: vec![key], aggregates: vec![aggregation] }, Vec::new(), span)
            .then(StepKind::Compute(numbered), Vec::new(), span)
            .then(StepKind::Sort(order), Vec::new(), span)
            .then(StepKind::Take(count), Vec::new(), span)
            .then(StepKind::Compute(vec![Output::Keep(0), Output::Keep(1)]), columns, span);
        Ok(Plan { serialized: true, ..plan })
    }
}
