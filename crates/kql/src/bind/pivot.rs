//! `evaluate pivot`: the values of a column become columns.

use crate::aggregates::AggregateKind;
use crate::ast::{Argument, Named, PluginClause, PluginSchema};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Aggregation, Node, NodeKind, Output, Pivot, Plan, StepKind};
use crate::types::{Column, Type};

use super::aggregate::expression_of;
use super::naming::Names;
use super::plugin::{MAX_COLUMNS, PlanShared, column_of, too_many_columns};
use super::scope::Scope;
use super::source::convert;
use super::{Binder, Row, type_fault};

impl Binder<'_> {
    pub(super) fn pivot(
        &mut self,
        plan: Plan,
        clause: &PluginClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let Some((first, rest)) = clause.arguments.split_first() else {
            return Err(Fault::new(clause.name.span, "the plugin 'pivot' expects a column"));
        };
        let place = column_of(first, &before)?;
        if before[place].ty == Type::Dynamic {
            return type_fault(first.value.span, "a column that is no dynamic", before[place].ty);
        }
        let (call, rest) = rest.split_first().map_or((None, rest), |(call, rest)| (Some(call), rest));
        let (aggregation, used) = self.pivot_aggregate(call, &before, scope)?;
        let mut keys = Vec::new();
        for argument in rest {
            keys.push(column_of(argument, &before)?);
        }
        if rest.is_empty() {
            keys = (0..before.len()).filter(|key| *key != place && !used.contains(key)).collect();
        }
        let PlanShared { plan, shared } = match &clause.schema {
            None => self.known(plan, clause)?,
            Some(schema) => return pivoted_as(plan, place, &keys, aggregation, schema, span),
        };
        let mut names: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        self.rows.each(&shared, place, &mut |value| {
            let text = value.to_text();
            if seen.insert(text.clone()) {
                if names.len() >= MAX_COLUMNS {
                    return Err(too_many_columns(span));
                }
                names.push(text);
            }
            Ok(())
        })?;
        Ok(pivoted(plan, place, &keys, aggregation, names, span))
    }

    /// The aggregate of `pivot`, by default `count()`, and the columns that it reads.
    fn pivot_aggregate(
        &mut self,
        call: Option<&Argument>,
        columns: &[Column],
        scope: &Scope,
    ) -> Outcome<(Aggregation, Vec<usize>)> {
        let Some(call) = call else {
            let (kind, outputs) = (AggregateKind::Count, vec![Type::Long]);
            return Ok((Aggregation { kind, arguments: Vec::new(), predicate: None, outputs }, Vec::new()));
        };
        let named = Named { names: Vec::new(), made: None, expr: expression_of(call)?.clone() };
        let row = Row { scope, columns, serialized: false };
        let (mut aggregates, value) = self.aggregate_value(&named, &row)?;
        match (aggregates.pop(), &value.kind) {
            (Some(aggregation), NodeKind::Column(0)) if aggregates.is_empty() => {
                let used = aggregation.arguments.iter().filter_map(|node| match node.kind {
                    NodeKind::Column(place) => Some(place),
                    _ => None,
                });
                let used = used.collect();
                Ok((aggregation, used))
            }
            _ => {
                let message = "'pivot' expects one aggregate behind the column, such as count() or sum(x)";
                Err(Fault::new(call.value.span, message))
            }
        }
    }
}

/// The keys, and one column for each name.
fn pivoted(
    plan: Plan,
    place: usize,
    keys: &[usize],
    aggregation: Aggregation,
    values: Vec<String>,
    span: Span,
) -> Plan {
    let node = |place: &usize| Node::column(*place, plan.columns[*place].ty, span);
    let mut columns: Vec<Column> = keys.iter().map(|key| plan.columns[*key].clone()).collect();
    let mut names = Names::of(columns.iter().map(|column| column.name.as_str()));
    let ty = aggregation.outputs.first().copied().unwrap_or(Type::Dynamic);
    for value in &values {
        let shown = if value.is_empty() { names.make("Column1") } else { names.make(value) };
        columns.push(Column::new(shown, ty));
    }
    let pivot = Pivot {
        keys: keys.iter().map(node).collect(),
        pivot: convert(node(&place), Type::String),
        names: values,
        aggregation,
    };
    plan.then(StepKind::Pivot(Box::new(pivot)), columns, span)
}

/// The columns that the query names: keys by their names, the others are values of the pivoted column.
fn pivoted_as(
    plan: Plan,
    place: usize,
    keys: &[usize],
    aggregation: Aggregation,
    schema: &PluginSchema,
    span: Span,
) -> Outcome<Plan> {
    let is_key = |name: &str| keys.iter().position(|key| plan.columns[*key].name == name);
    let values: Vec<String> = schema
        .columns
        .iter()
        .filter(|(name, _)| is_key(&name.text).is_none())
        .map(|(name, _)| name.text.clone())
        .collect();
    let mut names = Names::default();
    let (mut columns, mut outputs) = (Vec::new(), Vec::new());
    let cell = aggregation.outputs.first().copied().unwrap_or(Type::Dynamic);
    for (name, ty) in &schema.columns {
        columns.push(Column::new(names.give(&name.text, name.span)?, *ty));
        let (index, own) = match is_key(&name.text) {
            Some(index) => (index, plan.columns[keys[index]].ty),
            None => (keys.len() + values.iter().position(|value| *value == name.text).unwrap_or(0), cell),
        };
        outputs.push(Output::Node(convert(Node::column(index, own, name.span), *ty)));
    }
    let plan = pivoted(plan, place, keys, aggregation, values, span);
    Ok(plan.then(StepKind::Compute(outputs), columns, span))
}
