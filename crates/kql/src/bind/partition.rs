//! `mv-apply` and `partition`: plans that start from the rows of one group.

use std::collections::HashSet;

use crate::ast::{ApplyClause, Operator, PartitionBody, PartitionClause, Pipeline};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Apply, ApplyOutput, Node, Partition, Plan, PlanSource, Step, StepKind, UnionMember};
use crate::types::{Column, Type};
use crate::value::Value;

use super::Binder;
use super::scope::{Binding, Scope};

/// The values that the old strategy of `partition` takes (reference, `partition` operator).
const LEGACY_VALUES: usize = 64;

impl Binder<'_> {
    pub(super) fn mv_apply(
        &mut self,
        plan: Plan,
        clause: &ApplyClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let mut expanded = self.mv_expand(plan, &clause.expand, span, scope)?;
        let Some(Step { kind: StepKind::Expand(expand), .. }) = expanded.steps.pop() else {
            return Err(Fault::new(span, "'mv-apply' has nothing to expand"));
        };
        let elements = std::mem::take(&mut expanded.columns);
        let inner = self.group_plan(elements, &clause.operators, scope)?;
        let is_expanded = |place: usize| expand.columns.iter().any(|(_, target, _)| *target == place);
        let (mut columns, mut outputs) = (Vec::new(), Vec::new());
        let mut used = HashSet::new();
        for (place, column) in before.iter().enumerate() {
            if is_expanded(place) {
                continue;
            }
            // What the subquery says of a column of the row holds.
            match inner.columns.iter().position(|made| made.name == column.name) {
                Some(index) => {
                    used.insert(index);
                    columns.push(inner.columns[index].clone());
                    outputs.push(ApplyOutput::Inner(index));
                }
                None => {
                    columns.push(column.clone());
                    outputs.push(ApplyOutput::Outer(place));
                }
            }
        }
        for (index, column) in inner.columns.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
            columns.push(column.clone());
            outputs.push(ApplyOutput::Inner(index));
        }
        let apply = Apply { expand: *expand, inner, outputs };
        Ok(expanded.then(StepKind::Apply(Box::new(apply)), columns, span))
    }

    /// A plan whose rows are those of a group.
    fn group_plan(&mut self, columns: Vec<Column>, operators: &[Operator], scope: &Scope) -> Outcome<Plan> {
        let plan = Plan::new(PlanSource::Piped, columns, true);
        let aggregates = self.aggregates.take();
        let outer = std::mem::take(&mut self.inner);
        self.inner.is_piped = true;
        let bound = self.piped(plan, operators, scope);
        self.inner = outer;
        self.aggregates = aggregates;
        Ok(Plan { render: None, ..bound? })
    }

    pub(super) fn partition(
        &mut self,
        plan: Plan,
        clause: &PartitionClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let Some(key) = plan.columns.iter().position(|column| column.name == clause.by.text) else {
            return Err(super::project::unknown_column(&clause.by.text, clause.by.span, &plan.columns));
        };
        if plan.columns[key].ty == Type::Dynamic {
            let message = "a partition cannot be made by a dynamic; convert it with tostring(…) or the like";
            return Err(Fault::new(clause.by.span, message));
        }
        let limit = clause.is_legacy.then_some(LEGACY_VALUES);
        match &clause.body {
            PartitionBody::Piped(operators) => {
                let inner = self.group_plan(plan.columns.clone(), operators, scope)?;
                let columns = inner.columns.clone();
                let partition = Partition { key, inner, limit };
                let plan = Plan { serialized: false, ..plan };
                Ok(plan.then(StepKind::Partition(Box::new(partition)), columns, span))
            }
            PartitionBody::Own(_) if limit.is_none() => {
                let message = "a subquery with a source of its own needs hint.strategy=legacy";
                Err(Fault::new(span, message))
            }
            PartitionBody::Own(body) => self.one_query_each(plan, key, body, span, scope),
        }
    }

    /// One query for each value of the key, which it sees under the key's name.
    fn one_query_each(
        &mut self,
        plan: Plan,
        key: usize,
        body: &Pipeline,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let column = plan.columns[key].clone();
        let values = self.distinct_values(plan, key, span)?;
        let mut plans = Vec::new();
        for value in values {
            let node = Node::constant(value, column.ty, span);
            let inner = scope.with(&column.name, Binding::Scalar(node));
            plans.push(self.table(body, &inner)?);
        }
        let columns = match plans.first() {
            Some(first) => first.columns.clone(),
            None => {
                let node = Node::constant(Value::Null, column.ty, span);
                self.table(body, &scope.with(&column.name, Binding::Scalar(node)))?.columns
            }
        };
        let places: Vec<Option<usize>> = (0..columns.len()).map(Some).collect();
        let member = |plan| UnionMember {
            plan: Plan { render: None, ..plan },
            columns: places.clone(),
            source_name: None,
        };
        Ok(Plan::new(PlanSource::Union(plans.into_iter().map(member).collect()), columns, false))
    }

    /// The values of a column, each once, read before the rest of the query is bound.
    fn distinct_values(&mut self, plan: Plan, place: usize, span: Span) -> Outcome<Vec<Value>> {
        if self.inner.is_piped {
            return Err(Fault::new(
                span,
                "a subquery with a source of its own cannot stand in another subquery",
            ));
        }
        let shared = self.share_table(plan);
        let (mut seen, mut values) = (HashSet::new(), Vec::new());
        self.rows.each(&shared, place, &mut |value| {
            if seen.insert(value.to_text()) {
                if values.len() >= LEGACY_VALUES {
                    return Err(Partition::too_many(LEGACY_VALUES, span));
                }
                values.push(value);
            }
            Ok(())
        })?;
        Ok(values)
    }
}
