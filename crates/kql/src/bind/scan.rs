//! `scan`: its expressions see the row, the declared columns, and what the steps before kept of both.

use crate::ast::{Name, ScanClause};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Node, Plan, Scan, ScanStep, StepKind};
use crate::types::{Column, Type};
use crate::value::Value;

use super::scope::Scope;
use super::source::convert;
use super::{Binder, Row, type_fault};

impl Binder<'_> {
    pub(super) fn scan(
        &mut self,
        mut plan: Plan,
        clause: &ScanClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let row = Row { scope, columns: &before, serialized: plan.serialized };
        let partition = clause.partition.iter().map(|key| self.expression(key, &row));
        let partition = partition.collect::<Outcome<Vec<Node>>>()?;
        if !clause.order.is_empty() || !partition.is_empty() {
            let key =
                |node: &Node| crate::plan::SortKey { node: node.clone(), ascending: true, nulls_first: true };
            let mut keys: Vec<_> = partition.iter().map(key).collect();
            for order in &clause.order {
                keys.push(self.sort_key(order, &plan, scope)?);
            }
            plan = plan.filtered(StepKind::Sort(keys), span);
        }
        let mut columns = before.clone();
        let mut declared = Vec::new();
        for (name, ty, default) in &clause.declared {
            unique(&columns, name)?;
            columns.push(Column::new(&name.text, *ty));
            let first = match default {
                None => Node::constant(nothing(*ty), *ty, name.span),
                Some(expr) => {
                    let node = self.expression(expr, &Row::none(scope))?;
                    if !node.is_constant() {
                        return Err(Fault::new(
                            expr.span,
                            "the first value of a declared column must be a constant",
                        ));
                    }
                    assigned(node, *ty)?
                }
            };
            declared.push((*ty, first));
        }
        let width = columns.len();
        let visible: Vec<Column> = (0..=clause.steps.len()).flat_map(|_| columns.iter().cloned()).collect();
        let names = clause.steps.iter().enumerate();
        let names = names.map(|(index, step)| (step.name.text.clone(), width * (index + 1))).collect();
        let outer = std::mem::replace(&mut self.inner.steps, names);
        let row = Row { scope, columns: &visible, serialized: false };
        let steps = self.scan_steps(clause, &row, before.len()..width);
        self.inner.steps = outer;
        let steps = steps?;
        if let Some(name) = &clause.match_id {
            unique(&columns, name)?;
            columns.push(Column::new(&name.text, Type::Long));
        }
        let scan = Scan {
            with_match_id: clause.match_id.is_some(),
            partition,
            declared,
            steps,
            width: before.len(),
        };
        let plan = Plan { serialized: true, ..plan };
        Ok(plan.then(StepKind::Scan(Box::new(scan)), columns, span))
    }

    fn scan_steps(
        &mut self,
        clause: &ScanClause,
        row: &Row<'_>,
        declared: std::ops::Range<usize>,
    ) -> Outcome<Vec<ScanStep>> {
        let mut steps = Vec::new();
        for step in &clause.steps {
            let condition = self.condition(&step.condition, row)?;
            let mut assignments: Vec<(usize, Node)> = Vec::new();
            for (name, expr) in &step.assignments {
                let place = declared.clone().find(|place| row.columns[*place].name == name.text);
                let Some(place) = place else {
                    let message = format!("'{}' is no declared column of 'scan'", name.text);
                    return Err(Fault::new(name.span, message));
                };
                if assignments.iter().any(|(known, _)| *known == place - declared.start) {
                    return Err(Fault::new(name.span, format!("'{}' is assigned twice", name.text)));
                }
                let node = self.expression(expr, row)?;
                assignments.push((place - declared.start, assigned(node, row.columns[place].ty)?));
            }
            let nodes = std::iter::once(&condition).chain(assignments.iter().map(|(_, node)| node));
            if let Some(node) = nodes.into_iter().find(|node| !node.is_row_wise()) {
                return Err(Fault::new(node.span, "'scan' sees other rows through its steps only"));
            }
            steps.push(ScanStep { output: step.output, condition, assignments });
        }
        Ok(steps)
    }

    /// `step.column`, if the value is a step.
    pub(super) fn step_column(
        &self,
        step: &str,
        name: &Name,
        row: &Row<'_>,
        span: Span,
    ) -> Outcome<Option<Node>> {
        let Some((_, first)) = self.inner.steps.iter().find(|(known, _)| known == step) else {
            return Ok(None);
        };
        let width = row.columns.len() / (self.inner.steps.len() + 1);
        match row.columns[..width].iter().position(|column| column.name == name.text) {
            Some(place) => Ok(Some(Node::column(first + place, row.columns[place].ty, span))),
            None => Err(super::project::unknown_column(&name.text, name.span, &row.columns[..width])),
        }
    }
}

fn unique(columns: &[Column], name: &Name) -> Outcome<()> {
    if columns.iter().any(|column| column.name == name.text) {
        let message = format!("a column with the name '{}' is already declared", name.text);
        return Err(Fault::new(name.span, message));
    }
    Ok(())
}

/// The node as a value of a declared column.
fn assigned(node: Node, ty: Type) -> Outcome<Node> {
    let fits = node.ty == ty
        || ty == Type::Dynamic
        || node.ty == Type::Dynamic
        || (node.ty.is_number() && ty.is_number())
        || matches!(node.folded(), Some(Value::Null));
    if fits {
        Ok(convert(node, ty))
    } else {
        type_fault(node.span, &format!("a value of type {ty}"), node.ty)
    }
}

fn nothing(ty: Type) -> Value {
    if ty == Type::String { Value::text("") } else { Value::Null }
}
